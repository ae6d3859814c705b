"""A snapshot tells what was published, and the shelf finds the one being served or says what to do."""

from __future__ import annotations

import gc
import json
import shutil

import pytest

from planvev.engines.snapshot import Manifest, Shelf
from planvev.errors import NoSnapshot
from planvev.formats.rdf import BlankNode
from planvev.names import NS, PREFIXES
from planvev.queries.derivation import DERIVED
from tests.library.copies import CULTURE, ID, NATURE

PLAN = ID + NATURE
OTHER = ID + CULTURE


def test_the_manifest_counts_every_file_of_the_library(snapshot, published):
    entries = [entry for entry in snapshot.manifest.graphs if entry.role != DERIVED]
    assert {entry.file for entry in entries} == {source.file for source in published.library.sources()}
    assert {entry.role for entry in entries} >= {"data", "ontology", "shapes"}
    assert all(entry.triples == len(snapshot.graph(entry.graph)) for entry in entries)
    assert snapshot.id == snapshot.manifest.id
    assert snapshot.folder.name.startswith(snapshot.id)


def test_what_is_said_or_pointed_at_or_says_is_held(snapshot):
    assert snapshot.holds(PLAN)
    assert snapshot.holds(PREFIXES["dct"] + "title")  # as a property
    assert snapshot.holds(ID + "org/proevestad/natur")
    assert not snapshot.holds(ID + "plan/proevestad/nothing")


@pytest.mark.parametrize("iri", ["", "no iri", "https://e.org/a b", "https://e.org/<", "æ"])
def test_what_is_no_iri_is_not_held_and_harms_nothing(snapshot, iri):
    assert not snapshot.holds(iri)
    assert not snapshot.speaks_of(iri)
    assert snapshot.about(iri) == []
    assert snapshot.describe(iri) == []
    assert snapshot.values(iri, PREFIXES["dct"] + "title") == []
    assert snapshot.incoming(iri).counted == 0
    assert snapshot.graphs_about(iri) == []


def test_a_description_holds_the_thing_what_hangs_below_it_and_what_points_at_it(snapshot):
    triples = snapshot.describe(PLAN)
    assert len(triples) == len(set(triples))
    about = {t.predicate.value for t in triples if getattr(t.subject, "value", "") == PLAN}
    assert {PREFIXES["dct"] + "title", PREFIXES["dct"] + "temporal"} <= about
    below = {t.predicate.value for t in triples if isinstance(t.subject, BlankNode)}
    assert {PREFIXES["dcat"] + "startDate", PREFIXES["dcat"] + "endDate", NS + "asWritten"} <= below
    pointing = {t.subject.value for t in triples if getattr(t.object, "value", "") == PLAN}
    assert {OTHER, f"{PLAN}/strategy/1-1", f"{PLAN}/goal/1"} <= pointing


def test_a_description_of_what_others_name_holds_only_what_points_at_it(snapshot):
    iri = "https://creativecommons.org/licenses/by/4.0/"
    triples = snapshot.describe(iri)
    assert triples
    assert {t.object.value for t in triples} == {iri}


def test_what_points_is_capped_and_counted(snapshot):
    every = snapshot.incoming(PLAN)
    assert (every.counted, every.more) == (len(every.quads), False)
    few = snapshot.incoming(PLAN, ceiling=2)
    assert (len(few.quads), few.counted, few.more) == (2, every.counted, False)
    stopped = snapshot.incoming(PLAN, count_to=3)
    assert (len(stopped.quads), stopped.counted, stopped.more) == (3, 3, True)


def test_a_thing_stands_in_the_graph_of_its_file(snapshot):
    assert snapshot.graphs_about(f"{PLAN}/strategy/1-1") == [f"https://w3id.org/planvev/graph/{NATURE}"]


def test_an_ordinary_query_needs_no_graph_and_meets_no_shape(snapshot):
    assert len(list(snapshot.store.query(f"SELECT * {{ <{PLAN}> <{PREFIXES['dct']}title> ?t }}"))) == 2
    assert not snapshot.store.query(f"ASK {{ ?s a <{PREFIXES['sh']}PropertyShape> }}")
    assert snapshot.store.query(f"ASK {{ GRAPH ?g {{ ?s a <{PREFIXES['sh']}PropertyShape> }} }}")


def test_members_are_named_things_of_the_class_itself(snapshot):
    assert set(snapshot.members(NS + "Plan")) == {PLAN, OTHER}
    assert list(snapshot.members(NS + "PlanElement")) == []


def test_the_shelf_gives_the_same_snapshot_until_the_pointer_moves(copy):
    copy.publish()
    shelf = Shelf(copy.state)
    first = shelf.current()
    assert shelf.current() is first
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken igjen.")
    copy.publish(keep=1)
    second = shelf.current()
    assert second.id != first.id
    assert shelf.find(second.id) == second.folder


def test_a_snapshot_that_somebody_reads_is_pruned_only_when_he_has_done(copy):
    copy.publish()
    reader = Shelf(copy.state).current()
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken igjen.")
    copy.publish(keep=1)
    assert len(reader.describe(PLAN)) > 10
    assert [path.name.rpartition("-")[2] for path in Shelf(copy.state).folders()] == ["2", "1"]
    del reader
    gc.collect()
    copy.edit(NATURE, "Vi åpner bekken igjen.", "Vi åpner bekken enda en gang.")
    copy.publish(keep=1)
    assert [path.name.rpartition("-")[2] for path in Shelf(copy.state).folders()] == ["3"]
    assert not list((copy.state / "snapshots").glob(".*"))


def test_an_empty_shelf_says_how_to_fill_it(tmp_path):
    with pytest.raises(NoSnapshot, match="no published snapshot") as refused:
        Shelf(tmp_path / "state").current()
    assert "planvev publish" in refused.value.advice
    assert refused.value.status == 503
    assert Shelf(tmp_path / "state").folders() == []


def manifest_gone(folder):
    (folder / "manifest.json").unlink()


def manifest_garbled(folder):
    (folder / "manifest.json").write_bytes(b"\xff{")


def manifest_of_another_kind(folder):
    (folder / "manifest.json").write_text("[1]")


def manifest_of_the_future(folder):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": 99, "colour": "blue"}))


def store_gone(folder):
    shutil.rmtree(folder / "store")


def store_garbled(folder):
    for path in (folder / "store").iterdir():
        path.write_bytes(b"nonsense")


def folder_gone(folder):
    shutil.rmtree(folder)


HARMS = [
    manifest_gone,
    manifest_garbled,
    manifest_of_another_kind,
    manifest_of_the_future,
    store_gone,
    store_garbled,
    folder_gone,
]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_a_snapshot_that_cannot_be_read_says_how_to_mend_it_and_a_rebuild_does(published, tmp_path, harm):
    state = tmp_path / "state"
    shutil.copytree(published.state, state, symlinks=True)
    folder = state / (state / "current").readlink()
    harm(folder)
    with pytest.raises(NoSnapshot) as refused:
        Shelf(state).current()
    assert "planvev publish --rebuild" in refused.value.advice
    assert folder.name in refused.value.detail


def test_a_manifest_reads_back_as_it_was_written(snapshot):
    assert Manifest.read(snapshot.folder / "manifest.json") == snapshot.manifest


def test_a_folder_that_somebody_else_put_there_is_not_ours(published, tmp_path):
    state = tmp_path / "state"
    shutil.copytree(published.state, state, symlinks=True)
    folder = state / (state / "current").readlink()
    shutil.copytree(folder, folder.with_name(folder.name + ".bak"))
    shelf = Shelf(state)
    assert shelf.folders() == [folder]
    assert shelf.current().folder == folder
