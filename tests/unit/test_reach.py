"""Which plans' derived links a change may alter: every plan a changed statement bears on, however it hangs together."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, Triple, parse

from planvev.formats import rdf
from planvev.publishing import reach
from planvev.publishing.build import Change
from planvev.publishing.reach import touched

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


MEASURE = (
    "<plan/eksempelvik/a/m/1> a plan:Measure ; dct:isPartOf <plan/eksempelvik/a> ; plan:legalBasis <law/x/p1/l1> ."
)


@pytest.mark.parametrize(
    "said",
    [
        "<law/x> a eli:LegalResource .",
        "<law/x/p1/l1> a eli:LegalResourceSubdivision .",
        "<law/x/p1> eli:is_part_of <law/x> .",
    ],
)
def test_what_law_there_is_bears_on_the_plans_that_rest_on_it_or_its_parts(said):
    rest = MEASURE + "<law/x/p1/l1> eli:is_part_of <law/x/p1> . "
    rest += "" if "<law/x> ." in said else "<law/x/p1> eli:is_part_of <law/x> . "
    assert moved(rest, rest + said, "law/x") == {PLAN}


def test_what_is_said_of_law_that_nobody_rests_on_bears_on_no_plan():
    assert moved(MEASURE, MEASURE + "<law/y/p1> a eli:LegalResourceSubdivision .", "law/y") == set()


def test_what_a_law_is_called_bears_on_no_plan():
    assert moved(MEASURE, MEASURE + "<law/x/p1/l1> dct:title 'X' .", "law/x") == set()


def test_which_county_a_municipality_belongs_to_bears_on_any():
    assert moved("", "<org/eksempelvik> plan:inCounty <org/eksempelfylket> .", "org/eksempelvik") is None


def test_what_very_many_rest_on_has_everything_derived_anew(monkeypatch):
    monkeypatch.setattr(reach, "MANY", 0)
    assert moved(MEASURE, MEASURE + "<law/x/p1/l1> a eli:LegalResourceSubdivision .") is None
