"""Whole dumps hold what is published, cost what has changed, and are fetched like any file."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse
from starlette.testclient import TestClient

from planvev.engines.snapshot import GraphEntry, Shelf, Snapshot
from planvev.registries import dumps
from planvev.settings import Settings
from planvev.web.app import create_app
from tests.library.copies import NATURE, Copy, copied


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The tiny library, published and dumped. Read only."""
    copy = copied(tmp_path_factory.mktemp("dumped"))
    copy.publish()
    dumps.make(copy.state, 5)
    return copy


@pytest.fixture(scope="module")
def web(dumped: Copy) -> TestClient:
    return TestClient(create_app(Settings.load(dumped.environment())), base_url="http://127.0.0.1")


def unpacked(copy: Copy, form: str) -> bytes:
    return gzip.decompress((copy.state / "dumps" / "latest" / f"all.{form}.gz").read_bytes())


def named(copy: Copy) -> set[Quad]:
    return {quad for quad in Shelf(copy.state).current().store if quad.graph_name != DefaultGraph()}


@pytest.mark.parametrize(("suffix", "form"), [("nq", RdfFormat.N_QUADS), ("trig", RdfFormat.TRIG)])
def test_a_dump_holds_every_graph_and_says_its_size_and_digest(dumped, suffix, form):
    assert set(parse(unpacked(dumped, suffix), form)) == named(dumped)
    edition = dumps.listed(dumped.state)
    assert edition is not None
    (dump,) = [row for row in edition["dumps"] if row["name"] == f"all.{suffix}.gz"]
    data = (dumped.state / "dumps" / "latest" / dump["name"]).read_bytes()
    assert (dump["bytes"], dump["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert dump["triples"] == len(named(dumped))
    assert edition["snapshot"] == Shelf(dumped.state).current().id


def test_the_same_graphs_give_the_same_bytes_however_they_were_made(copy):
    copy.publish()
    first = dumps.make(copy.state, 5)
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken helt.")
    copy.publish()
    extended = dumps.make(copy.state, 5)
    assert extended.dumps != first.dumps
    anew = Copy(copy.root, copy.root.parent / "anew")
    anew.publish()
    assert dumps.make(anew.state, 5).dumps == extended.dumps


def test_members_of_graphs_that_did_not_change_are_copied(copy, monkeypatch):
    copy.publish()
    dumps.make(copy.state, 5)
    made = []
    whole = dumps._made

    def counted(snapshot: Snapshot, entry: GraphEntry) -> tuple[bytes, ...]:
        made.append(entry.place)
        return whole(snapshot, entry)

    monkeypatch.setattr(dumps, "_made", counted)
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken helt.")
    copy.publish()
    dumps.make(copy.state, 5)
    assert made == [NATURE]
    assert set(parse(unpacked(copy, "nq"), RdfFormat.N_QUADS)) == named(copy)


def test_a_dump_that_fails_leaves_the_publish_and_the_last_dumps(copy):
    copy.publish()
    before = dumps.make(copy.state, 5)
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken helt.")
    harm = (
        "import planvev.registries.dumps as d, planvev.cli as c, resource, sys\n"
        "make = d.make\n"
        "def short(*given):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "    return make(*given)\n"
        "d.make = short\n"
        "sys.exit(c.main(['publish']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", harm], env=copy.environment(), capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "The dumps could not be written: " in result.stderr
    assert "Published snapshot" in result.stderr
    latest = dumps.listed(copy.state)
    assert latest is not None
    assert (latest["name"], latest["snapshot"] == Shelf(copy.state).current().id) == (before.name, False)
    assert not list((copy.state / "dumps").glob(".*"))
    assert copy.run("publish").returncode == 0, "the next one writes what was missed"
    assert (dumps.listed(copy.state) or {})["snapshot"] == Shelf(copy.state).current().id


def test_only_as_many_editions_stay_as_snapshots(copy):
    for number in range(4):
        copy.edit(NATURE, "Vi åpner bekken" + "!" * number + ".", "Vi åpner bekken" + "!" * (number + 1) + ".")
        copy.publish()
        assert dumps.make(copy.state, 2).name == dumps.editions(copy.state)[0].name
    assert len(dumps.editions(copy.state)) == 2


# --- over HTTP ---


def test_the_dumps_are_listed_and_fetched_as_files(web, dumped):
    listed = web.get("/snapshot/current").json()["dumps"]
    assert listed == web.get("/dump/").json()["latest"]
    for dump in listed["dumps"]:
        answer = web.get(dump["href"])
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in answer.headers
        assert hashlib.sha256(answer.content).hexdigest() == dump["sha256"]
        assert answer.headers["etag"] == f'"{dump["sha256"]}"'
        again = web.get(dump["href"], headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        dated = web.get(f"/dump/{listed['name']}/{dump['name']}")
        assert dated.content == answer.content
        assert "immutable" in dated.headers["cache-control"]


def test_a_dump_is_fetched_in_parts_and_put_together(web):
    (dump, *_) = web.get("/dump/").json()["latest"]["dumps"]
    half = dump["bytes"] // 2
    head = web.get(dump["href"], headers={"Range": f"bytes=0-{half - 1}"})
    tail = web.get(dump["href"], headers={"Range": f"bytes={half}-", "If-Range": head.headers["etag"]})
    assert [head.status_code, tail.status_code] == [206, 206]
    assert hashlib.sha256(head.content + tail.content).hexdigest() == dump["sha256"]
    other = web.get(dump["href"], headers={"Range": "bytes=0-9", "If-Range": '"another edition"'})
    assert (other.status_code, len(other.content)) == (200, dump["bytes"])
    beyond = web.get(dump["href"], headers={"Range": f"bytes={dump['bytes']}-"})
    assert beyond.status_code == 416


def test_the_same_dump_is_fetched_unpacked_by_its_address(web):
    for dump in web.get("/dump/").json()["latest"]["dumps"]:
        content = gzip.decompress(web.get(dump["href"]).content)
        answer = web.get(dump["unpacked_href"], headers={"Accept-Encoding": "gzip"})
        assert answer.content == content
        assert (dump["unpacked"], answer.headers["content-length"]) == (len(content), str(len(content)))
        assert answer.headers["content-type"].partition(";")[0] == dump["media_type"]
        assert "content-encoding" not in answer.headers
        assert answer.headers["etag"] != f'"{dump["sha256"]}"'
        again = web.get(dump["unpacked_href"], headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = web.head(dump["unpacked_href"])
        assert (head.headers["content-length"], head.content) == (str(len(content)), b"")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=50-99999999999", 206, slice(50, None)),
        ("bytes=0-1,5-6", 200, slice(None)),
        ("bytes=9-3", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        ("bytes=99999999-", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
    ],
)
def test_a_part_of_an_unpacked_dump_is_what_stands_there(web, asked, status, part):
    whole = web.get("/dump/latest/all.nq")
    answer = web.get("/dump/latest/all.nq", headers={"Range": asked, "If-Range": whole.headers["etag"]})
    assert (answer.status_code, answer.content) == (status, whole.content[part])
    if status == 206:
        begin, end, _ = part.indices(len(whole.content))
        assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(whole.content)}"
    changed = web.get("/dump/latest/all.nq", headers={"Range": asked, "If-Range": '"another edition"'})
    assert (changed.status_code, changed.content) == (200, whole.content)


@pytest.mark.parametrize(
    "path",
    [
        "/dump/latest/nothing.gz",
        "/dump/latest/edition.json",
        "/dump/2020-01-01-0/all.nq.gz",
        "/dump/..%2f..%2fcurrent/manifest.json",
        "/dump/%2e%2e/lock",
        "/dump/lock/all.nq.gz",
    ],
)
def test_what_is_no_dump_is_not_found(web, path):
    answer = web.get(path)
    assert answer.status_code == 404


def test_before_there_is_a_dump_the_list_is_empty(copy):
    copy.publish()
    with TestClient(create_app(Settings.load(copy.environment())), base_url="http://127.0.0.1") as web:
        assert web.get("/dump/").json() == {"latest": None, "editions": []}
        assert web.get("/snapshot/current").json()["dumps"] is None
