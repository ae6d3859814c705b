"""Gaps: only what the data says counts as law, as a duty, and as what came after a plan."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from planvev.engines.snapshot import Snapshot
from planvev.insight.gaps import Facts, Standing, held, read, unfollowed
from planvev.names import COMMON

ID = f"{COMMON}/id/"
DATA = """
@base <https://w3id.org/planvev/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<code/plan-type/demanded> skos:inScheme <code/plan-type> ; plan:legalBasis <law/x/p1> .
<code/plan-type/named> skos:inScheme <code/plan-type> ; plan:legalBasis <law/x/p2> .
<code/plan-type/free> skos:inScheme <code/plan-type> .
<law/x/p1/l1> eli:is_part_of <law/x/p1> .
<law/x/p1/l1/duty> a plan:Duty ; plan:legalBasis <law/x/p1/l1> .
<law/x/p2/right> a plan:Right ; plan:legalBasis <law/x/p2> .
<plan/old> dct:type <code/plan-type/demanded> .
<plan/new> dct:type <code/plan-type/demanded> .
<plan/replaced> dct:type <code/plan-type/free> .
<plan/after> dct:type <code/plan-type/free> ; dct:replaces <plan/replaced> .
<plan/left> dct:type <code/plan-type/named> .
<plan/untyped> dct:title "x" .
"""
NAMES = ("old", "new", "replaced", "after", "left", "untyped")


@pytest.fixture(scope="module")
def facts() -> Facts:
    made = Snapshot.__new__(Snapshot)  # look-ups ask its store and nothing else
    made.store = Store()
    made.store.load(DATA.encode(), RdfFormat.TURTLE)
    return read(made, {f"{ID}plan/{name}" for name in NAMES})


def standing(name: str, owner: str, status: str) -> Standing:
    return Standing(f"{ID}plan/{name}", (owner,), status)


def test_a_kind_rests_on_law_where_the_codes_say_so_and_is_demanded_where_a_duty_says_so(facts):
    types = {each.iri.rpartition("/")[2]: each for each in facts.types}
    assert set(types) == {"demanded", "named"}
    assert types["demanded"].duties == (f"{ID}law/x/p1/l1/duty",)
    assert types["named"].duties == ()


def test_an_expired_plan_is_followed_by_what_replaces_it_or_by_its_owners_next_of_the_kind(facts):
    plans = [
        standing("old", "a", "expired"),
        standing("new", "a", "coming"),
        standing("replaced", "a", "expired"),
        standing("left", "a", "expired"),
        standing("untyped", "a", "expired"),
    ]
    found = unfollowed(facts, plans, held(facts, plans))
    assert [each.plan.rpartition("/")[2] for each in found] == ["left", "untyped"]
    plans[1] = standing("new", "b", "in-force")  # another's plan follows nothing
    found = unfollowed(facts, plans, held(facts, plans))
    assert [each.plan.rpartition("/")[2] for each in found] == ["old", "left", "untyped"]


def test_an_organisation_has_a_kind_by_its_plans_and_their_status(facts):
    plans = [standing("old", "a", "expired"), standing("new", "a", "in-force"), standing("left", "b", "in-force")]
    kind = f"{ID}code/plan-type/"
    assert held(facts, plans) == {
        ("a", f"{kind}demanded"): {"expired": [f"{ID}plan/old"], "in-force": [f"{ID}plan/new"]},
        ("b", f"{kind}named"): {"in-force": [f"{ID}plan/left"]},
    }
