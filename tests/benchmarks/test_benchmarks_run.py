"""The benchmark command works and its tables have their rows. How fast anything is, is not asserted here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmarks import cases
from benchmarks.table import BEGIN, END
from tests.web import serving


@pytest.fixture(scope="module")
def run(request, tmp_path_factory):
    """A quick run over the state that the web tests have published; what it printed and where it wrote."""
    out = tmp_path_factory.mktemp("bench")
    (out / "README.md").write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n", "utf-8")
    state = serving.shared(request.config).state
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--state", str(state), "--out", str(out)],
        cwd=serving.TOP,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, out


@pytest.mark.parametrize("clients", [1, 8])
def test_every_case_has_its_row(run, clients):
    text, _ = run
    for case in (*cases.limits(), *cases.documents("*"), *cases.queries()):
        assert f"| {case.name} | {clients} | " in text


def test_the_circumstances_are_told(run):
    text, _ = run
    for words in ("cores", "GiB", "pyoxigraph", "load average at the start", "used by others meanwhile", "web process"):
        assert words in text


def test_the_table_replaces_the_old_one_and_leaves_the_words_around_it(run):
    text, out = run
    page = (out / "README.md").read_text("utf-8")
    assert page.startswith(f"Before.\n{BEGIN}\n")
    assert page.endswith(f"{END}\nAfter.\n")
    assert text.strip() in page
    assert "old" not in page.splitlines()


def test_the_numbers_stand_beside_it(run):
    _, out = run
    rows = json.loads((out / "results.json").read_text("utf-8"))["rows"]
    assert all(sample["count"] > 0 for row in rows for sample in row["rounds"])
    assert {row["clients"] for row in rows} == {1, 8}


def test_an_answer_of_another_status_is_not_measured(request):
    """The load client stops at the first wrong answer instead of timing errors."""
    port = serving.shared(request.config).url.rpartition(":")[2]
    job = {"port": int(port), "request": "GET /id/plan/none HTTP/1.1\r\nHost: a\r\n\r\n", "status": 200, "clients": 1}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(job | {"seconds": 1, "most": 10}) + "\n",
        cwd=serving.TOP,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "404" in json.loads(done.stdout)["wrong"]


def test_publishers_are_compared_by_what_they_answer(request, tmp_path):
    """planvev alone: its pages name their thing, its Turtle is complete, and who did not run is told with why."""
    state = serving.shared(request.config).state
    quick = ["--alone", "--rounds", "1", "--seconds", "0.02", "--state", str(state), "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.publishers", *quick],
        cwd=serving.TOP,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "publishers.json").read_text("utf-8"))["rows"]
    assert len(rows) == 3 * 2 * 3
    assert all(sample["count"] > 0 for row in rows for sample in row["rounds"])
    assert "Not run: Trifid, because this run was of planvev alone." in done.stdout
