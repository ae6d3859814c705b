"""The matrix of a made-up country: its numbers are those of its query, and of the elements behind them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from planvev.engines import shortcuts
from planvev.engines.dated import read
from planvev.engines.snapshot import Snapshot
from planvev.insight import bodies, matrix
from planvev.names import COMMON, NS, PREFIXES, Base
from planvev.periods import Period, Status, day
from planvev.publishing.derive import Deriving
from planvev.queries import derivation
from tests.conftest import TOP

ID = f"{COMMON}/id/"
TODAY = date(2026, 6, 1)
# First and last year of plans: two in force, one open, one expired, one coming, one that states nothing.
YEARS = [(2024, 2026), (2025, 2028), (2020, None), (2019, 2022), (2027, 2030), (None, None)]
SAID = {
    "legalBasis": ["law/x", "law/x/p1", "law/x/p1/l1", "law/x/p1/l2", "law/y/p2"],
    "buildsOn": ["guidance/1", "guidance/2"],
    "guidedBy": ["guidance/1"],
    "targets": ["group/1", "group/2"],
    "contributesTo": ["sdg/1", "sdg/2"],
}
DCT = {"audience": ["group/2", "group/3"], "subject": ["theme/1", "theme/2"]}
KINDS = ["Goal", "FocusArea", "Strategy", "Measure", "Principle"]
HEAD = """
@base <https://w3id.org/planvev/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
<law/x> a eli:LegalResource . <law/y> a eli:LegalResource .
<law/x/p1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x> .
<law/x/p1/l1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<law/x/p1/l2> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<law/y/p2> a eli:LegalResourceSubdivision ; eli:is_part_of <law/y> .
<guidance/1> a plan:Guidance . <guidance/2> a plan:Guidance .
<org/a> dct:type <code/t/one> ; plan:inCounty <org/c> . <org/b> dct:type <code/t/one> . <org/c> dct:type <code/t/two> .
"""


def country() -> Iterator[str]:
    """Statements about plans that lead to all there is, some of them owned by two."""
    random = Random(7)
    yield HEAD
    for number, (first, last) in enumerate(YEARS * 3):
        plan = f"plan/x/{number}"
        one, other = random.choices("abc", k=2)
        yield f"<{plan}> a plan:Plan ; dct:publisher <org/{one}> ; dct:creator <org/{other}> ."
        if first:
            end = f'; dcat:endDate "{last}"^^<{PREFIXES["xsd"]}gYear>' if last else ""
            yield f'<{plan}> dct:temporal [ dcat:startDate "{first}"^^<{PREFIXES["xsd"]}gYear> {end} ] .'
        for element in (plan, *(f"{plan}/{part}" for part in range(6))):
            if element != plan:
                yield f"<{element}> a plan:{random.choice(KINDS)} ; dct:isPartOf <{plan}> ."
            for prefix, said in (("plan", SAID), ("dct", DCT)):
                for name, values in said.items():
                    for value in random.sample(values, random.randint(0, len(values))):
                        yield f"<{element}> {prefix}:{name} <{value}> ."


@pytest.fixture(scope="module")
def edition() -> Snapshot:
    store = Store()
    store.load("\n".join(country()).encode(), RdfFormat.TURTLE)
    Deriving(derivation.read(TOP / "ontology"), Base()).into(store)
    made = Snapshot.__new__(Snapshot)  # look-ups ask its store and nothing else
    made.store = store
    return made


def counting(edition: Snapshot, status: str, columns: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The plans of a status on the day, with those of their owners that have columns."""
    found = {}
    for plan in read(edition.store, [NS + "Plan"]):
        first, last = day(plan.start, last=False), day(plan.end, last=True)
        now: Status = Period(first, last, "").status(TODAY)
        if status in ("", now):
            found[plan.iri] = tuple(owner for owner in plan.owners if owner in columns)
    return found


def answered(edition: Snapshot, query: str) -> dict[tuple[str, str], int]:
    rows = edition.store.query(query)
    assert isinstance(rows, QuerySolutions)
    return {(row["row"].value, row["organisation"].value): int(row["count"].value) for row in rows}


EVERYBODY = frozenset(f"{ID}org/{name}" for name in "abc")
COLUMNS = {
    (): EVERYBODY,
    (bodies.TYPE, f"{ID}code/t/one"): frozenset({f"{ID}org/a", f"{ID}org/b"}),
    (bodies.IN_COUNTY, f"{ID}org/c"): frozenset({f"{ID}org/a"}),
}


@pytest.mark.parametrize("kind", matrix.KINDS)
@pytest.mark.parametrize("counted", matrix.COUNTED)
def test_the_numbers_are_those_of_the_query_and_of_the_elements_behind_them(edition, kind, counted):
    links = shortcuts.gathered(edition.graph(derivation.graph(Base(), "plan", kind)))
    assert links
    for status in ("", "in-force", "coming", "expired", "unknown"):
        for columns, chosen in COLUMNS.items():
            plans = counting(edition, status, chosen)
            rows = matrix.rows(links, plans, counted)
            cells = {(to, body): count for to, row in rows.items() for body, count in row.cells.items()}
            assert cells == answered(edition, matrix.question(Base(), kind, counted, status, TODAY, columns))
            assert cells or status or columns
    plans = counting(edition, "in-force", EVERYBODY)
    for to, row in matrix.rows(links, plans, counted).items():
        found = matrix.behind(edition, kind, to, list(plans), counted)
        shown = len(found) if counted == "plans" else sum(len(each.elements) for each in found)
        assert shown == row.total, to


def test_a_plan_of_two_counts_for_both_and_once_in_all():
    links = [shortcuts.Shortcut("plan", "law", {NS + "linkedMeasures": 3})]
    row = matrix.rows(links, {"plan": ("a", "b")}, "measures")["law"]
    assert (row.cells, row.total) == ({"a": 3, "b": 3}, 3)
    assert matrix.rows(links, {"plan": ()}, "measures") == matrix.rows(links, {"plan": ("a",)}, "goals") == {}


def test_organisations_have_the_kinds_and_counties_that_the_data_says():
    store = Store()
    code = f"<{bodies.KINDS}/one> <{bodies.IN_SCHEME}> <{bodies.KINDS}> . "
    kind = f"<{ID}org/c> <{bodies.TYPE}> <{bodies.KINDS}/one> . "
    store.load(f"{code}{kind}<{ID}org/c> <{bodies.IN_COUNTY}> <{ID}org/d> .".encode(), RdfFormat.TURTLE)
    made = Snapshot.__new__(Snapshot)
    made.store = store
    with_kind = bodies.Body(f"{ID}org/c", (f"{bodies.KINDS}/one",), (f"{ID}org/d",))
    assert bodies.read(made, [f"{ID}org/a"]) == (bodies.Body(f"{ID}org/a"), with_kind)
