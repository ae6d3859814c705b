"""The national command works from generating to tables, goes on where it was, and compares what engines answer."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from benchmarks import analytics, answers, national, standings
from benchmarks.cells import Cells, OutOfTime
from benchmarks.dataset import Ready
from benchmarks.generate import Country
from benchmarks.race import AGAIN, ALONE, OURS, Race, questions
from tests.web import serving

SIZE = 30_000
ANALYSTS = ("02-target-groups", "11-how-many-measures", "15-words")


@pytest.fixture(scope="module")
def race(tmp_path_factory):
    """A small country measured once, briefly, without peers."""
    ready = Ready(SIZE, tmp_path_factory.mktemp("national"))
    cells = Cells(ready.folder / "cells", time.monotonic() + 600, lambda _: None)
    run = Race(ready, cells, rounds=1, seconds=0.05, only=["none of them"])
    national.with_time([("small", run)], prepare=False, analysts=ANALYSTS)
    return run


@pytest.mark.timeout(400)
def test_every_question_is_answered_and_has_rows(race):
    (start,) = race.cells.every(f"start-1-{OURS}")
    assert list(start["questions"]) == [question.name for question in questions()]
    assert all(answer["count"] > 0 for answer in start["questions"].values())


def test_there_are_ten_questions_of_different_kinds():
    texts = [question.text for question in questions()]
    assert len(texts) == 10
    for kind in ("CONSTRUCT", "GRAPH ?", "COUNT(", "ORDER BY", "eli:is_part_of+", "CONTAINS(", "OPTIONAL"):
        assert any(kind in text for text in texts), kind


def test_every_question_is_measured_new_again_and_in_the_engine_alone(race):
    cells = race.cells.every("warm-1-")
    assert len(cells) == 10
    for cell in cells:
        for name in (OURS, AGAIN, ALONE):
            assert cell[name]["count"] > 0, cell


def test_analysts_questions_are_asked_in_each_of_our_ways_and_compared(race):
    assert len(analytics.questions()) == 20
    for name in ANALYSTS:
        first, warm = race.cells.get(f"analyst-0-{name}"), race.cells.get(f"analyst-1-{name}")
        assert first[OURS]["digest"] == first[analytics.WRITTEN]["digest"]
        assert first[OURS]["count"] > 0
        assert (analytics.OWN in warm) is (name != "11-how-many-measures")
        assert all(warm[way]["count"] > 0 for way in warm), warm
    text = "\n".join(analytics.table(race))
    assert "planvev ÷ planvev, as written" in text
    assert "3 of 3 questions are answered alike" in text


def test_the_tables_have_what_was_measured(race):
    text = standings.tables([("small", race)], {"when": "now"})
    for words in ("### small: ", "planvev: check, publish, verify", "limit: pyoxigraph", "publish, one plan changed",
                  "plan html, planvev", "fixed 8 KB answer", "32 clients", "10 of 10 questions",
                  "Not run: Trifid", "Not run: shmarql"):  # fmt: skip
        assert words in text
    for question in questions():
        assert question.words in text


def test_the_numbers_are_json(race):
    kept = json.loads(json.dumps(standings.numbers([("small", race)], {})))
    assert {"cell", "wall", "cpu"} <= kept["small"][[c["cell"] for c in kept["small"]].index("publish-full")].keys()


def test_one_plan_changed_is_changed_back(race):
    assert race.cells.get("publish-one-1")["wall"] > 0
    for made in Country().files(SIZE):
        assert (race.ready.library / "data" / "ttl" / f"{made.place}.ttl").read_text("utf-8") == made.turtle


def test_a_finished_cell_is_not_measured_again(tmp_path):
    cells = Cells(tmp_path, time.monotonic() + 60, lambda _: None)
    assert cells.once("one", lambda: {"n": 1}) == {"n": 1}
    assert Cells(tmp_path, 0, lambda _: None).once("one", lambda: {"n": 2}) == {"n": 1}


def test_nothing_is_begun_when_the_time_is_up(tmp_path):
    with pytest.raises(OutOfTime, match="one"):
        Cells(tmp_path, time.monotonic() - 1, lambda _: None).once("one", lambda: {"n": 1})
    assert not list(tmp_path.iterdir())


def test_measuring_again_keeps_what_is_prepared(tmp_path):
    for name in ("generate", "publish-full", "export", "load-Oxigraph", "limit-read", "warm-1-x", "publish-one-1"):
        (tmp_path / f"{name}.json").write_text("{}", "utf-8")
    national.forget(tmp_path)
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {"generate", "publish-full", "export", "load-Oxigraph", "limit-read"}


def table(*rows):
    return json.dumps({"head": {"vars": []}, "results": {"bindings": rows}}).encode()


def test_spellings_that_mean_the_same_are_the_same_answer():
    new = {"n": {"type": "literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}}
    old = {"n": new["n"] | {"type": "typed-literal"}}
    assert answers.read(table(new), False) == answers.read(table(old), False)
    small = {"t": {"type": "literal", "value": "a", "xml:lang": "nb"}}
    assert answers.read(table(small, new), False) == answers.read(
        table(new, {"t": small["t"] | {"xml:lang": "NB"}}), False
    )


def test_another_value_another_count_and_another_triple_are_another_answer():
    one, two = ({"t": {"type": "literal", "value": value}} for value in ("a", "b"))
    found = [answers.read(table(*rows), False) for rows in ([one], [two], [one, one])]
    found += [answers.read(text, True) for text in (b"<a:a> <a:b> _:x .", b"<a:a> <a:b> <a:c> .")]
    assert len(set(found)) == len(found)
    assert answers.read(b"<a:a> <a:b> _:y .", True) == found[-2]


def test_help_says_how_to_go_on():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.national", "--help"], cwd=serving.TOP, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "--budget" in done.stdout
