"""The pages in a real browser: for everybody, on a small screen, in the dark, by keyboard, and without scripts.

Web Content Accessibility Guidelines 2.0 to 2.2, levels A and AA, as far as axe can judge them.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser.visiting import TELLING, visit

pytestmark = [pytest.mark.needs("chromium", "node", "playwright", "axe"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def found(server):
    """One visit to all pages, in one browser."""
    paths = dict(TELLING)
    iris = [iri for iri in server.ours if "/quote/" in iri]
    paths["quotation"] = iris[0].replace("https://w3id.org/planvev/id/", "/doc/", 1) + ".html"
    return visit(server.url, paths)


@pytest.fixture(params=[*TELLING, "quotation"])
def name(request) -> str:
    return str(request.param)


def test_a_page_answers_with_the_status_it_should(found, name):
    assert found[name]["status"] == {"missing": 404, "fault": 400}.get(name, 200)


def test_a_page_has_nothing_to_complain_of(found, name):
    expected = "the server responded with a status of 4" if name in ("missing", "fault") else None
    assert [said for said in found[name]["complaints"] if not (expected and expected in said)] == []


def test_a_page_asks_nobody_but_us(found, name, server):
    assert {urlsplit(url).netloc for url in found[name]["requests"] if not url.startswith("data:")} == {
        urlsplit(server.url).netloc
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_breaks_no_rule_of_accessibility(found, name, scheme):
    assert found[name][scheme] == []


def test_a_page_fits_a_screen_of_320_pixels(found, name):
    narrow = found[name]["narrow"]
    assert narrow["wide"] == []
    assert narrow["width"] <= narrow["room"]


def test_the_first_tab_shows_the_way_past_the_menu_and_it_leads_to_the_content(found, name):
    keyboard = found[name]["keyboard"]
    assert keyboard["first"]["skip"]
    assert keyboard["first"]["onScreen"]
    assert keyboard["afterSkip"]["main"]
    assert keyboard["inMain"]


def test_the_focus_is_seen_wherever_it_goes(found, name):
    steps = [step for step in found[name]["keyboard"]["seen"] if not step["body"] and not step["main"]]
    assert len(steps) >= 8
    assert [step["is"] for step in steps if not (step["outlined"] and step["onScreen"])] == []


def test_a_page_needs_no_script(found, name):
    assert found[name]["plain"]["h1"]
    assert found[name]["plain"]["words"] > 60


def test_the_query_form_works_without_script(found):
    form = found["form"]
    assert form["rows"] > 10
    assert form["heading"]


def test_a_faulty_query_is_answered_where_it_stands_and_kept(found):
    form = found["form"]
    assert "ine 1, column" in form["alert"]
    assert form["kept"] == "SELECT ?plan { ?plan a }"
