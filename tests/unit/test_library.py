"""Which files there are, what is wrong with those that stand wrong, and how far a file's context reaches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from planvev.errors import BadSetting, Misplaced, Unreadable
from planvev.library import DATA, ONTOLOGY, SHAPES, Library, closure, read
from planvev.names import COMMON, Base
from tests.library.copies import CULTURE, ID, NATURE, copied


def one(copy, path):
    """The one source that a path names."""
    (found,) = copy.library.named([path], copy.library.sources())
    return found


def test_every_source_knows_its_graph_and_how_to_be_named(copy):
    sources = {source.place: source for source in copy.library.sources()}
    plan = sources[NATURE]
    assert (plan.role, plan.graph, plan.file) == (DATA, f"{COMMON}/graph/{NATURE}", f"data/ttl/{NATURE}.ttl")
    assert sources["ontology/plan"].graph == f"{COMMON}/ns"
    assert sources["ontology/reused"].graph == f"{COMMON}/ns/reused"
    assert sources["shapes/core/plan"].graph == f"{COMMON}/shapes/core/plan"
    roles = list(dict.fromkeys(source.role for source in copy.library.sources()))
    assert roles[0] == ONTOLOGY
    assert roles[-2:] == [SHAPES, DATA]


def test_a_library_without_shapes_uses_those_that_came_with_planvev(tmp_path):
    own, lent = copied(tmp_path / "a").library, copied(tmp_path / "b", own_shapes=False).library
    assert [s.file for s in own.sources() if s.role == SHAPES] == [
        "shapes/advice/plan.ttl",
        "shapes/core/plan.ttl",
        "shapes/links/plan.ttl",
    ]
    assert len([s for s in lent.sources() if s.role == SHAPES]) > 20


def test_a_folder_of_shapes_without_shapes_is_none_because_nothing_would_be_refused(tmp_path):
    own, lent = (copied(tmp_path / name, own_shapes=False) for name in "ab")
    for name in ("core", "links"):
        (own.root / "shapes" / name).mkdir(parents=True)
    places = [[s.place for s in each.library.sources() if s.role == SHAPES] for each in (own, lent)]
    assert places[0] == places[1] != []


@pytest.mark.parametrize("name", ["plan.ttl", "Core/plan.ttl", "core/mine/plan.ttl"])
def test_shapes_outside_the_three_sets_are_named_because_they_would_refuse_nothing(copy, name):
    path = copy.root / "shapes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", "utf-8")
    with pytest.raises(Misplaced, match=f"shapes/{name} stands in no set"):
        copy.library.sources()


def test_a_link_that_leads_to_itself_is_refused_by_name(copy):
    (copy.library.data / "plan" / "proevestad" / "ring.ttl").symlink_to("ring.ttl")
    with pytest.raises(Misplaced, match=r"There is no file .*ring\.ttl"):
        one(copy, copy.library.data / "plan" / "proevestad" / "ring.ttl")


def test_a_folder_without_data_is_no_library(tmp_path):
    with pytest.raises(BadSetting, match="no folder data/ttl") as refused:
        Library(tmp_path, Base())
    assert "PLANVEV_LIBRARY" in refused.value.advice


@pytest.mark.parametrize("name", ["README.md", "org/README.md", "org/.gitkeep", "org/moss.ttl~", "plan/.hidden.swp"])
def test_explanations_and_what_editors_leave_may_stand_beside_the_data(copy, name):
    before = copy.library.sources()
    path = copy.library.data / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("hei")
    assert copy.library.sources() == before


@pytest.mark.parametrize(
    "name", ["notes.txt", "plan/x/y.jsonld", "elsewhere/x.ttl", "org/Moss.ttl", "plan.ttl", "org/æ.ttl"]
)
def test_a_misplaced_file_is_named_and_stops_everything(copy, name):
    path = copy.library.data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    with pytest.raises(Misplaced, match=f"data/ttl/{name}"):
        copy.library.sources()


def test_a_file_is_found_by_any_path_to_it(copy, monkeypatch):
    path = copy.file(NATURE)
    assert one(copy, path).place == NATURE
    monkeypatch.chdir(copy.root)
    assert one(copy, Path(f"data/ttl/{NATURE}.ttl")).place == NATURE
    assert one(copy, Path("shapes/core/plan.ttl")).role == SHAPES
    link = copy.root / "link.ttl"
    link.symlink_to(path)
    assert one(copy, link).place == NATURE


@pytest.mark.parametrize("name", ["nothing.ttl", "notes", "README.md"])
def test_a_path_that_is_no_file_of_the_library_is_refused_by_name(copy, name):
    (copy.root / "README.md").write_text("hei")
    (copy.root / "notes").mkdir()
    with pytest.raises(Misplaced, match=name) as refused:
        one(copy, copy.root / name)
    assert refused.value.advice


@pytest.mark.skipif(not os.access("/proc/self/mem", os.R_OK), reason="needs a file that opens and cannot be read")
def test_a_file_that_cannot_be_read_is_named(copy):
    path = copy.file("plan/proevestad/unreadable")
    path.symlink_to("/proc/self/mem")
    source = one(copy, path)
    with pytest.raises(Unreadable, match=r"plan/proevestad/unreadable\.ttl cannot be read"):
        read(source)


# --- closure ---


def facts(copy, place):
    """The subjects of what the file's context holds."""
    texts = {source.place: read(source) for source in copy.library.sources() if source.role == DATA}
    triples = closure([texts[place]], texts, copy.library.base)
    return {str(getattr(triple.subject, "value", "")).removeprefix(ID) for triple in triples}


def test_the_context_of_a_plan_holds_what_it_refers_to(copy):
    assert {"org/eksempelvik", NATURE, "document/proevestad/naturplan"} <= facts(copy, CULTURE)


def test_the_context_holds_the_period_of_a_plan_that_is_referred_to(copy):
    texts = {source.place: read(source) for source in copy.library.sources() if source.role == DATA}
    triples = closure([texts[CULTURE]], texts, copy.library.base)
    ends = [str(getattr(t.object, "value", "")) for t in triples if t.predicate.value.endswith("#endDate")]
    assert ends == ["2027"]


def test_the_context_holds_nothing_of_the_plan_itself(copy):
    assert not {subject for subject in facts(copy, CULTURE) if subject.startswith(CULTURE)}


def test_the_context_stops_at_things_that_are_only_mentioned_by_mentions(copy):
    found = facts(copy, CULTURE)
    assert "law/proevelov/p1" not in found, "the neighbour's legal basis is the neighbour's affair"
    assert f"{NATURE}/strategy/1-1" not in found, "parts of the neighbour's plan are not referred to"
    assert "org/proevestad/natur" not in found


def test_the_context_follows_derivation_from_plan_to_plan_and_ends_in_a_ring(copy):
    head = "@base <https://w3id.org/planvev/id/> . @prefix plan: <https://w3id.org/planvev/ns#> .\n"
    for n in range(5):
        after = f"plan/proevestad/p{(n + 1) % 5}"
        copy.add(f"plan/proevestad/p{n}", f"{head}<plan/proevestad/p{n}> a plan:Plan ; plan:derivedFrom <{after}> .")
    assert {f"plan/proevestad/p{n}" for n in range(1, 5)} <= facts(copy, "plan/proevestad/p0")


def test_a_nested_file_is_the_home_of_what_it_is_named_for(copy):
    head = "@base <https://w3id.org/planvev/id/> . @prefix plan: <https://w3id.org/planvev/ns#> .\n"
    copy.add(f"{NATURE}/vedlegg", f"{head}<{NATURE}/vedlegg/1> a plan:Measure .")
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", f"plan:derivedFrom <{NATURE}> , <{NATURE}/vedlegg/1>")
    assert f"{NATURE}/vedlegg/1" in facts(copy, CULTURE)
