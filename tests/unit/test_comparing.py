"""Two sides beside each other: what brings elements together is said by both, and the most exact reason is given."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Store

from planvev.engines.shortcuts import Shortcut
from planvev.engines.snapshot import Snapshot
from planvev.insight.comparing import Both, Law, both, elements, meetings
from planvev.names import COMMON, NS

ID = f"{COMMON}/id/"
DATA = """
@base <https://w3id.org/planvev/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix eli: <http://data.europa.eu/eli/ontology#> .
<law/x> a eli:LegalResource .
<law/x/p1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x> .
<law/x/p1/l1> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<law/x/p1/l2> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x/p1> .
<law/x/p2> a eli:LegalResourceSubdivision ; eli:is_part_of <law/x> .
<plan/a/goal/1> a plan:Goal ; dct:isPartOf <plan/a> ; plan:legalBasis <law/x/p1/l1> ; plan:targets <group/1> .
<plan/a/goal/2> a plan:Goal ; dct:isPartOf <plan/a> ; plan:legalBasis <law/x/p1/l2> .
<plan/a/need/1> a plan:Need ; dct:isPartOf <plan/a> ; plan:targets <group/1> .
<plan/b/measure/1> a plan:Measure ; dct:isPartOf <plan/b> ; plan:legalBasis <law/x/p1/l2> ; plan:targets <group/1> .
<plan/b/measure/2> a plan:Measure ; dct:isPartOf <plan/b> ; plan:legalBasis <law/x/p2> ; dct:subject <theme/1> .
"""


@pytest.fixture(scope="module")
def edition() -> Snapshot:
    made = Snapshot.__new__(Snapshot)  # look-ups ask its store and nothing else
    made.store = Store()
    made.store.load(DATA.encode(), RdfFormat.TURTLE)
    return made


def test_elements_meet_by_what_both_say_and_by_nothing_else(edition):
    one, other = (elements(edition, [f"{ID}plan/{name}"]) for name in "ab")
    assert [each.iri.removeprefix(ID) for each in one] == ["plan/a/goal/1", "plan/a/goal/2"]  # a need is no commitment
    found = {
        (meeting.kind, meeting.to.removeprefix(ID)): tuple(
            [each.iri.removeprefix(ID) for each in side] for side in (meeting.first, meeting.second)
        )
        for meeting in meetings(one, other, Law(edition))
    }
    assert found == {
        ("provision", "law/x/p1/l2"): (["plan/a/goal/2"], ["plan/b/measure/1"]),
        ("provision", "law/x/p1"): (["plan/a/goal/1", "plan/a/goal/2"], ["plan/b/measure/1"]),
        ("target-group", "group/1"): (["plan/a/goal/1"], ["plan/b/measure/1"]),
    }


def test_of_reasons_that_bring_the_same_together_the_most_exact_is_given(edition):
    one = [each for each in elements(edition, [f"{ID}plan/a"]) if each.iri.endswith("goal/2")]
    found = meetings(one, elements(edition, [f"{ID}plan/b"]), Law(edition))
    assert [meeting.to.removeprefix(ID) for meeting in found] == ["law/x/p1/l2"]


def test_what_plans_lead_to_is_shared_or_stands_in_one_only():
    links = [Shortcut("a", to, {NS + "linkedPlans": 1}) for to in "12"] + [Shortcut("b", to, {}) for to in "23"]
    assert both(links, {"a"}, {"b", "c"}) == Both(("2",), ("1",), ("3",))
    assert both(links, set(), {"b"}) == Both((), (), ("2", "3"))
