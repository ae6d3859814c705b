"""Every data file is Turtle, speaks only about its own things, and uses only names that somebody has explained."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.data.conftest import ID, TOP, Graph, files, full, place, short, triples, value

ONTOLOGY = [TOP / "ontology" / name for name in ("plan.ttl", "reused.ttl")]


def declared() -> set[str]:
    """What plan.ttl defines and reused.ttl names."""
    return {value(s) for path in ONTOLOGY for s, p, _ in triples(path) if p.value == full("rdfs:label")}


@pytest.mark.parametrize("path", files(), ids=place)
def test_a_file_is_turtle_and_says_something(path):
    assert triples(path)


@pytest.mark.parametrize("path", files(), ids=place)
def test_a_file_speaks_only_about_its_own_things(path):
    own = ID + place(path)
    subjects = {s.value for s, _, _ in triples(path) if isinstance(s, ox.NamedNode)}
    assert not {short(s) for s in subjects if s != own and not s.startswith(own + "/")}


@pytest.mark.parametrize("path", files(), ids=place)
def test_a_file_speaks_about_the_thing_it_is_named_for(path):
    assert ID + place(path) in {value(s) for s, _, _ in triples(path)}


@pytest.mark.parametrize("path", files(), ids=place)
def test_a_file_begins_by_saying_in_words_what_it_holds(path):
    assert path.read_text("utf-8").startswith("# ")


def test_every_thing_of_ours_that_is_pointed_at_exists(graph: Graph):
    wanted = {
        value(o): s
        for s, said in graph.about.items()
        for _, o in said
        if value(o).startswith(ID) and isinstance(o, ox.NamedNode)
    }
    assert not {f"{short(s)} → {short(o)}" for o, s in wanted.items() if o not in graph.about}


def test_every_thing_has_a_class(graph: Graph):
    assert not [short(s) for s in graph.subjects() if not graph.each(s, "rdf:type")]


def test_every_term_in_use_is_declared(graph: Graph):
    used = {p for said in graph.about.values() for p, _ in said}
    used |= {value(o) for said in graph.about.values() for p, o in said if p == full("rdf:type")}
    used |= {
        value(o)
        for said in graph.about.values()
        for p, o in said
        if p in {full("plan:evidenceFor"), full("plan:aspect")}
    }
    assert not sorted(short(term) for term in used - declared())


def test_every_thing_can_be_named_on_a_page(graph: Graph):
    """Quotations are named by their words; nodes that only carry a value need no name."""
    labels = [
        full(name)
        for name in (
            "skos:prefLabel",
            "dct:title",
            "foaf:name",
            "rdfs:label",
            "eli:title_short",
            "eli:title",
            "plan:text",
        )
    ]
    nameless = {"plan:Quotation", "plan:Link", "foaf:Document", "http://www.w3.org/ns/adms#Identifier"}
    kinds = {s: {short(v) for v in graph.values(s, "rdf:type")} for s in graph.subjects()}
    assert not [
        short(s) for s, kind in kinds.items() if not kind & nameless and not any(p in labels for p, _ in graph.about[s])
    ]
