"""Which plans' derived links a change may alter: every plan a changed statement bears on, however it hangs together."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

from planvev import rdf
from planvev.build import Change
from planvev.reach import touched

BASE = "https://w3id.org/planvev/"
PLAN = BASE + "id/plan/eksempelvik/a"
HEAD = f"""
@base <{BASE}id/> .
@prefix plan: <{BASE}ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
<plan/eksempelvik/a> a plan:Plan .
"""


def stored(statements: str, graph: str) -> set[Triple]:
    lines = rdf.canonical(rdf.read_turtle((HEAD + statements).encode(), "a.ttl"), graph).lines
    return {quad.triple for quad in parse(lines, RdfFormat.N_QUADS)}


def moved(was: str, now: str, place: str = "plan/eksempelvik/a") -> set[str] | None:
    """What a change of one file touches."""
    graph = f"{BASE}graph/{place}"
    old, new = stored(was, graph), stored(now, graph)
    stores = [Store(), Store()]
    for store, triples in zip(stores, (old, new), strict=True):
        store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    return touched([Change(graph, True, old, new)], *stores)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        # The only node without a name keeps its name when its content moves.
        (
            '<plan/eksempelvik/a> dct:temporal [ dcat:endDate "2027" ] .',
            '<plan/eksempelvik/a> dct:temporal [ dcat:endDate "2028" ] .',
        ),
        (
            '<plan/eksempelvik/a> dct:temporal <period/1> . <period/1> dcat:endDate "2027" .',
            '<plan/eksempelvik/a> dct:temporal <period/1> . <period/1> dcat:endDate "2028" .',
        ),
        (
            "[] a plan:Measure ; dct:isPartOf <plan/eksempelvik/a> ; plan:legalBasis <law/x/p1> .",
            "[] a plan:Measure ; dct:isPartOf <plan/eksempelvik/a> ; plan:legalBasis <law/x/p2> .",
        ),
        (
            "<plan/eksempelvik/a/m/1> a plan:Measure ; dct:isPartOf <plan/eksempelvik/a> .",
            "<plan/eksempelvik/a/m/1> a plan:Goal ; dct:isPartOf <plan/eksempelvik/a> .",
        ),
        ("<plan/eksempelvik/a/m/1> dct:isPartOf <plan/eksempelvik/a> .", ""),
    ],
    ids=["a period", "a named period", "an element without a name", "an element", "an element that goes"],
)
def test_a_change_bears_on_the_plan_it_hangs_on(was, now):
    assert moved(was, now) == {PLAN}


def test_a_plan_that_is_a_part_of_another_bears_on_both():
    above = "<plan/eksempelvik/b> a plan:Plan . <plan/eksempelvik/a> dct:isPartOf <plan/eksempelvik/b> ."
    now = "<plan/eksempelvik/a> plan:legalBasis <law/x/p1> ."
    assert moved(above, above + now) == {PLAN, BASE + "id/plan/eksempelvik/b"}


@pytest.mark.parametrize(
    "said",
    [
        "<law/x/p1> eli:is_part_of <law/x> .",
        "<guidance/x/y> a plan:Guidance .",
        "<org/eksempelvik> plan:inCounty <org/eksempelfylket> .",
    ],
)
def test_what_says_what_law_guidance_or_counties_there_are_bears_on_all(said):
    assert moved("", said) is None


def test_a_file_of_organisations_bears_on_all_and_one_that_says_the_same_as_before_on_none():
    assert moved("", "<org/eksempelvik> dct:title 'X' .", "org/eksempelvik") is None
    assert moved("", "", "org/eksempelvik") == set()
