"""The history: versions and editions, whatever is edited, published, broken off and rolled back."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planvev.engines.snapshot import MANIFEST, SNAPSHOTS, GraphEntry, Manifest, Shelf
from planvev.errors import HistoryDamaged
from planvev.formats import rdf
from planvev.formats.rdf import Canonical
from planvev.publishing import state
from planvev.versions import annals, pieces
from planvev.versions.history import History
from planvev.versions.recording import Recorder

GRAPH = "https://w3id.org/planvev/graph/"
ID = "https://w3id.org/planvev/id/"


def content(place: str, words: list[str]) -> Canonical:
    """A graph that says some words of a plan, of a part and of a nameless period."""
    lines = [f'<{ID}{place}> <https://schema.org/name> "{word}" .' for word in words]
    lines += [f'<{ID}{place}/part/{n}> <https://schema.org/text> "{word}" .' for n, word in enumerate(words)]
    lines += [f"<{ID}{place}> <https://schema.org/period> _:p .", f'_:p <https://schema.org/text> "{"".join(words)}" .']
    return rdf.canonical(rdf.read_turtle("\n".join(lines).encode(), "test"), GRAPH + place)


class Publisher:
    """Publishes made-up graphs as `publish` does, as far as the history sees it, and can be killed on the way."""

    def __init__(self, home: Path) -> None:
        self.state = home
        (home / SNAPSHOTS).mkdir(parents=True)
        self.files = {"law/proevelov": content("law/proevelov", ["fjell"])}
        self.made: dict[str, dict[str, Canonical]] = {}  # what stands in each snapshot
        self.seen: list[str] = []  # every snapshot readers have seen, each time they came to see it

    def publish(self, killed: str = "") -> None:
        recorder = Recorder(self.state)
        for place, canonical in self.files.items():
            recorder.keep(place, GRAPH + place, canonical)
        if killed == "before the edition":
            return
        entries = tuple(
            GraphEntry(GRAPH + place, place, "data", f"{place}.ttl", "", c.digest, c.count)
            for place, c in sorted(self.files.items())
        )
        name = hashlib.sha256(repr([(e.graph, e.digest) for e in entries]).encode()).hexdigest()[:16]
        self.made[name] = dict(self.files)
        folder = self.state / SNAPSHOTS / f"{name}-{len(list((self.state / SNAPSHOTS).iterdir())) + 1}"
        self._point(recorder, folder, Manifest(name, "2026-01-01T00:00:00+00:00", "", "", "", 0, 0, entries), killed)

    def rollback(self, which: int, killed: str = "") -> None:
        folders = Shelf(self.state).folders()
        if folders:
            folder = folders[which % len(folders)]
            self._point(Recorder(self.state), folder, Manifest.read(folder / MANIFEST), killed)

    def _point(self, recorder: Recorder, folder: Path, manifest: Manifest, killed: str) -> None:
        folder.mkdir(exist_ok=True)
        manifest.write(folder / MANIFEST)
        recorder.record(folder, manifest, new=True)
        if killed == "half a line":
            log = self.state / annals.HISTORY / annals.LOG
            log.write_bytes(log.read_bytes() + b'{"edition":99,"snap')
        if killed in ("before the pointer", "half a line"):
            return
        state.point(self.state, folder)
        if not self.seen or self.seen[-1] != manifest.id:
            self.seen.append(manifest.id)
        if killed != "after the pointer":
            recorder.served()


def told(history: History) -> list[tuple[str, dict[str, str]]]:
    """Each edition's snapshot, and the version of each graph that it leaves."""
    found: list[tuple[str, dict[str, str]]] = []
    head: dict[str, str] = {}
    for edition in history.editions():
        head |= {change.place: change.digest for change in edition.changes}
        found.append((edition.snapshot, {place: digest for place, digest in head.items() if digest}))
    return found


words = st.lists(st.sampled_from(["bekk", "skog", "fjell"]), min_size=1, max_size=3, unique=True)
places = st.sampled_from(["plan/moss/koa", "plan/moss/loll", "org/moss"])
kills = st.sampled_from(["", "", "before the edition", "before the pointer", "half a line", "after the pointer"])
steps = st.one_of(
    st.tuples(st.just("edit"), places, st.one_of(st.none(), words)),
    st.tuples(st.just("publish"), kills),
    st.tuples(st.just("rollback"), st.integers(0, 5), kills),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=12))
def test_every_published_version_can_be_read_back_whatever_happens(series):
    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher(Path(folder) / "state")
        history = History(publisher.state)
        for what, *arguments in series:
            if what == "edit":
                place, said = arguments
                publisher.files.pop(place, None)
                if said:
                    publisher.files[place] = content(place, said)
            else:
                getattr(publisher, what)(*arguments)
            assert [snapshot for snapshot, _ in told(history)] == publisher.seen
        for snapshot, head in told(History(publisher.state)):
            stood = publisher.made[snapshot]
            assert head == {place: canonical.digest for place, canonical in stood.items()}
            for place, digest in head.items():
                assert history.lines(place, digest) == stood[place].lines
        times = [edition.when for edition in history.editions()]
        assert times == sorted(set(times)), "no two editions at one time"


def test_the_same_content_again_adds_nothing_and_storage_grows_with_what_changed(tmp_path):
    publisher = Publisher(tmp_path / "state")
    a, b = content("plan/moss/koa", ["bekk"]), content("plan/moss/koa", ["skog"])
    for place in ("org/moss", "plan/moss/loll"):
        publisher.files[place] = content(place, ["fjell"])
    history = History(publisher.state)
    for canonical in (a, a, b):
        publisher.files["plan/moss/koa"] = canonical
        publisher.publish()
    assert len(history.editions()) == 2
    versions, size = history.size()
    assert versions == 5
    for _ in range(10):
        for canonical in (a, b):
            publisher.files["plan/moss/koa"] = canonical
            publisher.publish()
    assert history.size()[0] == 5, "what was published before is not written again"
    assert len(history.editions()) == 22
    assert (history.size()[1] - size) / 20 < 600, "an edition costs the line that says what it changed"


def test_what_went_is_named_and_what_moved_is_not_gone(tmp_path):
    publisher = Publisher(tmp_path / "state")
    publisher.files["plan/moss/koa"] = content("plan/moss/koa", ["bekk", "skog"])
    publisher.publish()
    publisher.files["plan/moss/koa"] = content("plan/moss/koa", ["bekk"])
    publisher.publish()
    (change,) = History(publisher.state).editions()[-1].changes
    assert (change.things, change.gone) == (1, (f"{ID}plan/moss/koa/part/1",))
    part = f'<{ID}plan/moss/koa/part/0> <https://schema.org/text> "flyttet" .'.encode()
    del publisher.files["plan/moss/koa"]
    publisher.files |= {"plan/moss/loll": rdf.canonical(rdf.read_turtle(part, "test"), GRAPH + "plan/moss/loll")}
    publisher.publish()
    history = History(publisher.state)
    gone = {thing for change in history.editions()[-1].changes for thing in change.gone}
    assert gone == {f"{ID}plan/moss/koa"}
    assert history.withdrawn(f"{ID}plan/moss/koa") == (3, f"{GRAPH}plan/moss/koa")
    assert [version.digest == "" for version in history.versions(f"{GRAPH}plan/moss/koa")] == [False, False, True]


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_a_damaged_version_is_said_to_be_damaged(tmp_path, damage):
    publisher = Publisher(tmp_path / "state")
    publisher.files |= {"org/moss": content("org/moss", ["bekk"]), "org/raade": content("org/raade", ["skog"])}
    publisher.publish()
    here, other = sorted((publisher.state / "history" / "graphs" / "org").rglob("*.nq.gz"))
    digest = here.name.partition(".")[0]
    if damage == "gone":
        here.unlink()
    else:
        here.write_bytes(here.read_bytes()[:-9] if damage == "cut" else other.read_bytes())
    with pytest.raises(HistoryDamaged, match=digest):
        History(publisher.state).lines("org/moss", digest)


def test_a_line_that_is_none_is_said_and_an_older_log_can_be_put_back(tmp_path):
    publisher = Publisher(tmp_path / "state")
    log, saved = publisher.state / "history" / "log.jsonl", tmp_path / "saved"
    history = History(publisher.state)
    for word in ("bekk", "skog"):
        publisher.files["org/moss"] = content("org/moss", [word])
        publisher.publish()
        if not saved.exists():
            shutil.copy(log, saved)
    assert len(history.editions()) == 2
    shutil.copy(saved, log)
    assert len(history.editions()) == len(history.versions(f"{GRAPH}org/moss")) == 1
    log.write_text(json.dumps({"unknown": 1}) + "\n" + log.read_text())
    with pytest.raises(HistoryDamaged, match=r"log\.jsonl"):
        History(publisher.state).editions()


def test_pieces_are_the_whole_graph_and_compare_as_graphs():
    text = f"""
    @prefix : <{ID}plan/x/> .
    :a :p "1", "words _:b0 ." ; :q [ :r [ :s 2 ] ] .
    :b :p _:shared . :c :p _:shared . _:shared :q 3 .
    [] :p :a .
    """
    graph = f"{GRAPH}plan/x"
    one = rdf.canonical(rdf.read_turtle(text.encode(), "test"), graph)
    cut = pieces.cut(one.lines, graph)
    assert list(cut) == sorted([f"{ID}plan/x/a", f"{ID}plan/x/b", graph])
    assert b"".join(sorted(b"".join(cut.values()).splitlines(keepends=True))) == one.lines
    assert rdf.lines_digest(one.lines) == one.digest
    more = rdf.canonical(rdf.read_turtle((text + ":d :p [ :q 0 ], [ :q 1 ] .").encode(), "test"), graph)
    after = pieces.cut(more.lines, graph)
    assert pieces.difference(cut, after) == pieces.Difference((f"{ID}plan/x/d",), ())
    other = pieces.cut(rdf.canonical(rdf.read_turtle(text.replace("2", "4").encode(), "test"), graph).lines, graph)
    assert pieces.difference(cut, other).come == (f"{ID}plan/x/a",)
