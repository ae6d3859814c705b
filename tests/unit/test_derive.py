"""What a rule finds: each element counted once for each thing it leads to, for all plans as for one."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from planvev.names import NS
from planvev.publishing.derive import links
from planvev.queries import derivation
from tests.conftest import TOP

BASE = "https://w3id.org/planvev/id/"
PLANS = """
@base <https://w3id.org/planvev/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
<law/x> a eli:LegalResource .
<law/x/p1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x> .
<law/x/p1/l1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<law/x/p1/l2> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<plan/x/a> a plan:Plan ; dct:publisher <org/x> ; plan:legalBasis <law/x/p1> ; plan:guidedBy <guidance/x> .
<plan/x/a/m/1> a plan:Measure ; dct:isPartOf <plan/x/a> ; plan:legalBasis <law/x/p1/l1> , <law/x/p1/l2> .
<plan/x/b> a plan:Plan ; dct:publisher <org/x> ; plan:pursues <plan/x/a/m/1> ;
    dct:subject <theme/1> ; dct:audience <group/1> .
<plan/x/b/m/1> a plan:Measure ; dct:isPartOf <plan/x/b> ; plan:legalBasis <law/x/p1/l2> ; plan:contributesTo <sdg/1> .
<guidance/x> a plan:Guidance .
"""
RULES = {rule.slug: rule for rule in derivation.read(TOP / "ontology") if rule.level == "plan"}


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store()
    made.load(PLANS.encode(), RdfFormat.TURTLE)
    return made


def test_an_element_that_rests_on_two_paragraphs_counts_once_for_their_section(store):
    found = links(store, RULES["provision"])[BASE + "plan/x/a"]
    one = {NS + "linkedMeasures": 1}
    assert found == {
        BASE + "law/x/p1": {NS + "linkedPlans": 1, **one},
        BASE + "law/x/p1/l1": one,
        BASE + "law/x/p1/l2": one,
    }


@pytest.mark.parametrize("slug", RULES)
def test_a_rule_says_of_one_plan_what_it_says_of_it_among_all(store, slug):
    every = links(store, RULES[slug])
    assert every
    for plan in (BASE + "plan/x/a", BASE + "plan/x/b"):
        assert links(store, RULES[slug], plan).get(plan, {}) == every.get(plan, {})
