"""The front page and the lists: figures that lead to what they count, plans by status, and ways out of an error."""

from __future__ import annotations

import re

import pytest

from planvev.names import NS
from planvev.web.rolls import LISTS
from tests.web.pages import Page

HTML = "text/html"


def count_on(text: str) -> int:
    """What a list says it holds."""
    found = re.search(r'class="what">\s*(\d+) i alt', text)
    assert found, text[:2000]
    return int(found[1])


def test_every_figure_on_the_front_page_is_what_its_list_holds(server):
    front = server.get("/", accept=HTML).text
    figures = dict(re.findall(r'href="/all/([a-z-]+)"[^>]*>\s*<strong>(\d+)</strong>', front))
    figures |= dict(re.findall(r'href="/all/([a-z-]+)">[^<]*<span class="count">(\d+)</span>', front))
    assert {"plans", "aims", "law"} < set(figures)
    assert set(figures) < set(LISTS)
    for name, figure in figures.items():
        assert count_on(server.get(f"/all/{name}", accept=HTML).text) == int(figure), name


def test_the_plans_in_force_stand_on_the_front_page_and_those_that_end_first_come_first(server):
    front = server.get("/", accept=HTML).text
    listed = re.findall(r'class="span">\d{4}–(\d{4})</span>', front)
    assert len(listed) > 5
    assert listed == sorted(listed)
    assert front.count('class="ds-tag status in-force"') >= len(listed)
    assert 'class="ds-tag status expired"' not in front


def test_the_list_of_plans_by_status_holds_them_all_and_only_once(server):
    plans = set(server.snapshot.members(NS + "Plan"))
    found = []
    for status in ("in-force", "coming", "expired", "unknown"):
        page = Page(server.url, server.get(f"/all/plans?status={status}", accept=HTML).text)
        found += [link for link in page.internal if "/doc/plan/" in link or "/id/plan/" in link]
    assert len(found) == len(set(found))
    assert len(found) >= len(plans)


def test_a_status_that_there_is_none_of_is_refused(server):
    assert server.get("/all/plans?status=dead", accept=HTML).status_code == 400


def test_who_loses_the_way_is_shown_what_is_nearest_and_a_search(server):
    answer = server.get("/id/plan/moss/koa-2022-2062", accept=HTML)
    assert answer.status_code == 404
    assert "/doc/plan/moss/koa-2022-2026" in answer.text or "/id/plan/moss/koa-2022-2026" in answer.text
    assert 'role="search"' in answer.text
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize("path", ["/about", "/accessibility"])
def test_what_this_is_and_for_whom_it_works_is_said_in_three_languages(server, path):
    texts = {language: server.get(f"{path}?lang={language}", accept=HTML).text for language in ("nb", "nn", "en")}
    titles = {Page(server.url, text).headings[0][1] for text in texts.values()}
    assert len(titles) == {"/about": 2, "/accessibility": 3}[path]  # a Norwegian title may be the same in both
    assert server.get("/tilgjengelighet").headers["location"] == "/accessibility"
