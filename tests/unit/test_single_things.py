"""What pages about single things are made of, from the tiny library: a plan's place and parts, who rests on what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from planvev.engines.snapshot import Shelf
from planvev.insight.ages import ages
from planvev.insight.dossier import dossier
from planvev.insight.figures import scale, tree
from planvev.insight.lineage import lineage
from planvev.insight.lookup import Lookup
from planvev.insight.outline import below, every, outline
from planvev.insight.peers import peers
from planvev.insight.portfolio import portfolio
from planvev.insight.reliance import reliance
from planvev.names import NS
from planvev.periods import Period
from tests.library.copies import CULTURE, ID, NATURE, copied

PLAN, OTHER = ID + NATURE, ID + CULTURE
CITY, BAY = ID + "org/proevestad", ID + "org/eksempelvik"
TODAY = date(2026, 7, 2)


@dataclass(frozen=True)
class Facts:
    owners: tuple[str, ...]
    period: Period | None


PLANS = {
    PLAN: Facts((CITY,), Period(date(2024, 1, 1), date(2027, 12, 31), "")),
    OTHER: Facts((BAY,), Period(date(2020, 5, 1), date(2022, 4, 30), "")),
}


@pytest.fixture
def look(snapshot):
    return Lookup(snapshot, ("nb", "nn", "en"))


UNGE = """@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/planvev/id/concept/proevestad/unge> a skos:Concept ; skos:prefLabel "unge"@nb ;
    plan:ageRule [ schema:suggestedMaxAge 23 ; plan:condition "med lue"@nb ] , [ schema:suggestedMaxAge 17 ] .
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """The tiny library with a group defined by age, a strategy for it below another one, and a law that two rest on."""
    copy = copied(tmp_path_factory.mktemp("changed"))
    copy.add("concept/proevestad/unge", UNGE)
    words = """    plan:text "Vi teller øyenstikkere."@nb ;\n"""
    below = f"    plan:implementsStrategy <{NATURE}/strategy/1-1> ;\n    plan:targets <concept/proevestad/unge> ;\n"
    copy.edit(NATURE, words, words + below)
    copy.edit(CULTURE, "    plan:order 1 ;", "    plan:order 1 ;\n    plan:legalBasis <law/proevelov/p1> ;")
    copy.publish()
    return Lookup(Shelf(copy.state).current(), ("nb",))


def test_a_plan_stands_below_what_it_is_derived_from_and_above_what_is_derived_from_it(look):
    up = lineage(look, OTHER, outline(look, OTHER))
    assert [[(kin.node.iri, kin.by) for kin in step] for step in up.above] == [[(PLAN, (NS + "derivedFrom",))]]
    assert up.below == ()
    down = lineage(look, PLAN, outline(look, PLAN))
    assert down.above == ()
    assert [kin.node.iri for kin in down.below] == [OTHER]


def test_a_part_is_met_once_in_the_innermost_part_it_stands_in(changed):
    found = [part.node.iri.removeprefix(PLAN + "/") for part in every(outline(changed, PLAN))]
    assert sorted(found) == ["area/1", "goal/1", "strategy/1-1", "strategy/1-2"]
    (inner,) = below(changed, f"{PLAN}/strategy/1-1")
    assert [node.iri for node in inner.targets] == [ID + "concept/proevestad/unge"]
    assert inner.anchor == "plan.proevestad.naturplan-2024-2027.strategy.1-2"


def test_a_dossier_says_what_the_plan_rests_on_who_answers_for_it_and_when_it_ends(look):
    found = dossier(look, PLAN, look.thing(PLAN).quotes, TODAY)
    assert [one.node.label.value for one in found.basis["law"]] == ["prøveloven § 1"]
    assert [node.iri for node in found.doers] == [CITY + "/natur"]
    assert found.ending is not None
    assert (found.ending.left, found.ending.soon) == (547, False)
    assert found.bar is not None
    assert len(found.sources) == 1
    over = dossier(look, OTHER, (), TODAY)
    assert over.ending is not None
    assert over.ending.left < 0


def test_who_rests_on_a_law_is_found_by_organisation_with_the_plans_and_their_counts(look):
    for iri, rule in ((ID + "law/proevelov", "law"), (ID + "law/proevelov/p1", "provision")):
        found = reliance(look, iri, rule, PLANS, TODAY)
        (body,) = found.bodies
        assert (body.node.iri, found.count) == (CITY, 1)
        (row,) = body.plans
        assert (row.plan.iri, row.years, row.status) == (PLAN, "2024–2027", "in-force")
        assert row.counts == {NS + "linkedPlans": 1}
        assert [one.node.iri for one in found.sayings] == [PLAN]


def test_a_long_list_of_organisations_is_shown_from_where_the_reader_asks(look):
    found = reliance(look, ID + "law/proevelov", "law", PLANS, TODAY, first=1)
    assert (found.bodies, found.count) == ((), 1)


def test_an_organisation_has_its_plans_by_what_they_mean_today(look):
    found = portfolio(look, CITY, PLANS, TODAY)
    assert [(state, [row.plan.iri for row in rows]) for state, rows in found.plans] == [("in-force", [PLAN])]
    assert [state for state, _ in portfolio(look, CITY, PLANS, date(2027, 1, 2)).plans] == ["ending"]
    assert [state for state, _ in portfolio(look, BAY, PLANS, TODAY).plans] == ["expired"]
    assert [unit.iri for unit in found.units] == [CITY + "/natur"]
    assert [(task.node.iri, task.by.iri) for task in found.tasks] == [(PLAN, CITY + "/natur")]
    assert [(node.iri, n) for node, n in found.acts] == [(ID + "law/proevelov", 1)]


def test_others_who_rest_on_the_same_law_are_named_and_the_owner_is_not(changed):
    (found,) = peers(changed, f"{OTHER}/strategy/1")
    assert (found.shared.iri, [body.iri for body, _ in found.bodies]) == (ID + "law/proevelov/p1", [CITY])


def test_ages_are_drawn_with_the_rule_for_all_before_its_exceptions(changed):
    found = ages(changed, ID + "concept/proevestad/unge")
    assert found is not None
    assert [(rule.last, rule.condition is None) for rule in found.rules] == [(17, True), (23, False)]
    assert found.rules[0].span.width == pytest.approx(18 / 26 * 100, abs=0.1)
    assert found.rules[0].span.ends
    assert not found.rules[0].span.begins


def test_a_scale_reaches_as_far_as_the_ages_do():
    assert scale([17]).last == 25
    assert scale([67]).last == 68
    assert list(scale([67]).named) == [0, 10, 20, 30, 40, 50, 60]


def test_boxes_of_a_tree_do_not_overlap_and_its_lines_join_those_that_are_drawn():
    long = "Ord " * 40
    drawn = tree([[("a", "A", "fra"), ("b", long, "")], [("c", "C", "")]], [("a", "c"), ("b", "c"), ("z", "c")])
    a, b, c = drawn.leaves
    assert a.left + a.width < b.left
    assert a.top + a.height < c.top
    assert b.left + b.width <= drawn.width
    assert len(b.lines) == 3
    assert b.lines[-1].endswith("…")
    assert [join[2:] for join in drawn.joins] == [(c.middle, c.top)] * 2
