"""What search engines and browsers ask for without having been told: RFC 9309, Sitemaps 0.9."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest

from planvev.engines.snapshot import GraphEntry
from planvev.library import DATA, SHAPES
from planvev.names import COMMON, Base
from planvev.web.sitemap import STATEMENTS, parts
from tests.web import serving

UNSOUGHT = re.compile("/quote/|/entry/")  # quotations, and lines of a page: read on the pages of others
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(server, path: str) -> dict[str, str]:
    answer = server.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    root = ET.fromstring(answer.content)
    return {str(item.findtext(f"{SITEMAP}loc")): str(item.findtext(f"{SITEMAP}lastmod")) for item in root}


@pytest.fixture(scope="module")
def pages(server) -> dict[str, str]:
    """Every page in the map, with its day."""
    found: dict[str, str] = {}
    for part in entries(server, "/sitemap.xml"):
        found |= entries(server, urlsplit(part).path)
    return found


def test_the_map_holds_the_page_of_every_thing_of_ours_that_is_read_by_itself(server, pages):
    subjects = {
        iri
        for entry in server.snapshot.manifest.graphs
        if entry.role == DATA
        for iri in {getattr(t.subject, "value", "") for t in server.snapshot.graph(entry.graph)}
    }
    sought = {iri for iri in subjects if iri.startswith(f"{COMMON}/id/") and not UNSOUGHT.search(iri)}
    assert len(sought) > 300
    assert {iri for iri in sought if server.url + Base().address(iri) not in pages} == set()
    assert [page for page in pages if UNSOUGHT.search(page)] == []


def test_every_page_in_the_map_has_a_day_that_is_not_to_come(pages):
    days = {date.fromisoformat(day) for day in pages.values()}
    assert max(days) <= datetime.now(UTC).date()


def test_pages_in_the_map_answer(server, pages):
    assert f"{server.url}/" in pages
    asked = [urlsplit(page).path for page in sorted(pages)[::40]]
    assert [path for path in asked if server.get(path, accept="text/html").status_code != 200] == []


def test_a_part_that_is_not_there_is_404(server):
    assert server.get("/sitemap/9999.xml").status_code == 404


def graph(number: int, triples: int, role: str = DATA) -> GraphEntry:
    return GraphEntry(f"https://w3id.org/planvev/graph/plan/a/{number:05}", "", role, "", "", "", triples)


def test_no_part_is_of_more_statements_than_a_map_may_have_addresses():
    graphs = [graph(number, 300) for number in range(1000)] + [graph(5000, 100_000), graph(5001, 10, SHAPES)]
    found = parts(graphs)
    small = [part for part in found if part.pieces == 1]
    assert all(sum(entry.triples for entry in part.graphs) <= STATEMENTS for part in small)
    assert sum(len(part.graphs) for part in small) == 1000
    assert [(part.piece, part.pieces) for part in found if part.pieces > 1] == [(0, 3), (1, 3), (2, 3)]


def test_robots_are_kept_from_what_has_no_end_and_told_of_the_map(server):
    answer = server.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.site_maps() == [f"{server.url}/sitemap.xml"]
    assert robots.can_fetch("anybody", "/doc/plan/moss/koa-2022-2026.html")
    assert not robots.can_fetch("anybody", "/search?q=barn")
    assert not robots.can_fetch("anybody", "/sparql?query=ASK%7B%7D")


def test_the_map_names_the_host_that_was_asked_each_time(server):
    for host in ("planvev.example", "other.example"):
        assert f"<loc>http://{host}/" in server.get("/sitemap/0.xml", host=host).text


def test_a_browser_finds_the_icon_where_it_looks_for_it(server):
    answer = server.client.get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def test_behind_a_proxy_the_name_that_the_operator_gave_is_told(server):
    site = "https://planer.example.no"
    with serving.another(server.state, PLANVEV_SITE=site) as other:
        assert f"Sitemap: {site}/sitemap.xml" in other.get("/robots.txt").text
        assert all(address.startswith(f"{site}/") for address in entries(other, "/sitemap.xml"))
        assert f'template="{site}/search?' in other.get("/opensearch.xml").text
        page = other.get("/sparql?query=ASK%7B%7D", accept="text/html").text
        assert f"{site}/q/1" in page
        assert f"{site}/sparql" in page
        assert f"<{site}/graph/" in other.get("/timemap/graph/plan/moss/koa-2022-2026").text
