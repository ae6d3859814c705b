"""Four visitors find what they came for, by keyboard alone: a planner, a head teacher, a journalist and an analyst."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.visiting import travel

pytestmark = [pytest.mark.needs("chromium", "node", "playwright", "axe"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def found(server):
    return travel(server.url)


@pytest.mark.parametrize("name", ["planner", "teacher", "journalist", "analyst"])
def test_a_visitor_arrives_and_nothing_complains_or_asks_elsewhere(found, name, server):
    journey = found[name]
    assert "failed" not in journey, journey["failed"]
    assert len(journey["headings"]) >= 3
    faulty = 1 if name == "analyst" else 0  # who errs once, and is told so by the status
    assert [said for said in journey["complaints"] if "status of 400" not in said] == []
    assert len(journey["complaints"]) == faulty
    hosts = {urlsplit(url).netloc for url in journey["requests"] if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(server.url).netloc}


def test_the_planner_is_offered_the_plan_while_writing_and_reads_a_strategy_with_its_source(found):
    journey = found["planner"]
    assert journey["offered"] >= 1
    assert journey["chosen"] == journey["spoken"]  # what a screen reader says is what is marked
    assert "KOA" in journey["headings"][1]
    assert journey["quoted"] >= 1


def test_the_head_teacher_comes_from_a_target_group_to_what_concerns_it(found):
    assert found["teacher"]["leads"] >= 3


def test_the_journalist_sees_expired_plans_and_no_others(found):
    assert found["journalist"]["states"] == ["ds-tag status expired"]


def test_the_analyst_sees_the_fault_marked_then_the_answer_drawn_and_takes_it_away(found):
    journey = found["analyst"]
    assert "ine 1, column" in journey["fault"]["alert"]
    assert journey["fault"]["marked"] == 1
    assert journey["completed"] == "SELECT ?thing WHERE { ?thing a plan:Measure"
    assert (journey["rows"], journey["bars"], journey["file"]) == (5, 5, "planvev.xlsx")


def test_nobody_presses_tab_for_minutes(found):
    assert {name: journey["pressed"] for name, journey in found.items() if journey["pressed"] > 150} == {}
