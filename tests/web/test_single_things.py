"""Pages about single things, with the real library: what stands where, that it is told once, and that it leads on."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from itertools import pairwise

import pytest

from planvev.checking.remarks import REMARKS, read
from planvev.insight.health import DATED
from planvev.names import COMMON, NS
from tests.web.pages import Page

HTML = "text/html"
PLAN = "/doc/plan/moss/koa-2022-2026"
PAGES = [
    f"{PLAN}.html",
    f"{PLAN}/area/2.html",
    f"{PLAN}/strategy/2-2.html",
    "/doc/plan/moss/samfunnsdel-2020-2030.html",
    "/doc/law/2021-06-18-97/p15-1.html",
    "/doc/law/2021-06-18-97.html",
    "/doc/treaty/barnekonvensjonen.html",
    "/doc/guidance/helsedirektoratet/is-2826.html",
    "/doc/concept/moss/barn-og-unge.html",
    f"{PLAN}/group/barn.html",
    "/doc/org/moss.html",
    "/doc/org/moss/koa.html",
    "/doc/code/plan-type/temaplan.html",
]


def html(server, path: str) -> str:
    answer = server.get(f"{path}?lang=nb", accept=HTML)
    assert answer.status_code == 200, path
    return str(answer.text)


def section(text: str, title: str) -> str:
    """The section under a heading, to the next one of its level."""
    parts = re.split(r"<h2[^>]*>", text)
    (found,) = [part for part in parts if part.startswith(title)]
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_and_names_no_place_twice(server, path):
    page = Page(server.url, html(server, path))
    assert page.faults == []
    assert len(page.ids) == len(set(page.ids))
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_a_plan_shows_every_part_once_where_its_contents_lead(server):
    text = html(server, f"{PLAN}.html")
    ids = Page(server.url, text).ids
    strategies = [iri for iri in server.snapshot.members(NS + "Strategy") if "/koa-2022-2026/" in iri]
    assert len(strategies) > 10
    for iri in strategies:
        assert iri.removeprefix(f"{COMMON}/id/").replace("/", ".") in ids, iri
    contents = re.search(r'<nav class="contents".*?</nav>', text, re.DOTALL)
    assert contents
    led_to = re.findall(r'href="#([^"]+)"', contents[0])
    assert len(led_to) > 5
    assert set(led_to) <= set(ids)


def test_a_plan_stands_in_a_drawing_whose_boxes_are_also_a_list(server):
    place = section(html(server, f"{PLAN}.html"), "Plass blant planene")
    drawn = re.findall(r'<a href="([^"]+)"', place.partition("</svg>")[0])
    listed = re.findall(r'<dd><a href="([^"]+)"', place)
    assert sorted(drawn) == sorted(listed)
    assert any("samfunnsdel-2020-2030" in link for link in listed)
    below = section(html(server, "/doc/plan/moss/samfunnsdel-2020-2030.html"), "Plass blant planene")
    assert f"{PLAN}.html" in below


def test_a_plan_says_where_its_sources_do_not_agree_and_how_it_is_read(server):
    found = section(html(server, f"{PLAN}.html"), "Der kildene ikke stemmer overens")
    assert "de neste fire årene" in found
    assert "Her lest som:" in found


def test_a_strategy_stands_in_its_own_words_with_its_group_and_its_plan(server):
    text = html(server, f"{PLAN}/strategy/2-2.html")
    assert "<mark>Styrke og samordne tiltak i barnas første 1000 dager.</mark>" in text
    assert f"{PLAN}/group/barn.html" in text
    assert text.count('<figure class="quote"') == 1


def test_a_focus_area_holds_what_stands_in_it(server):
    found = section(html(server, f"{PLAN}/area/2.html"), "Hva det inneholder")
    assert found.index("Her er vi") < found.index("Slik vil vi ha det") < found.index("barnas første 1000 dager")


def test_a_provision_sets_those_who_claim_to_fulfil_it_apart(server):
    text = html(server, "/doc/law/2021-06-18-97/p15-1.html")
    assert "/doc/code/plan-type/plan-for-forebyggende-arbeid.html" in section(
        text, "Det som sier at det har hjemmel her"
    )
    claims = section(text, "Hvem som hevder å oppfylle kravet")
    assert "langt på vei" in claims
    assert "langt på vei" not in text.replace(claims, "")
    assert "/doc/org/moss.html" in section(text, "Kommuner uten")
    assert "lovdata.no" in text


def test_a_definition_draws_ages_and_says_each_rule_in_words(server):
    found = section(html(server, "/doc/concept/moss/barn-og-unge.html"), "Hvem som er ment, etter alder")
    assert re.findall(r"til og med \d+ år", found) == [f"til og med {age} år" for age in (17, 23, 24)]
    assert found.count("unntak:") == 2


def test_an_organisation_shows_every_plan_of_its_own_once_by_status(server):
    found = section(html(server, "/doc/org/moss.html"), "Planene")
    shown = re.findall(r'class="row-words"><a href="(/doc/plan/[^"?]+)|<li><a href="(/doc/plan/[^"?]+)', found)
    plans = [one or other for one, other in shown]
    ours = [
        iri
        for iri in server.snapshot.members(NS + "Plan")
        if any(
            "/org/moss" in str(value)
            for name in ("publisher", "creator")
            for value in server.snapshot.values(iri, f"http://purl.org/dc/terms/{name}")
        )
    ]
    assert sorted(plans) == sorted(f"{iri.replace(f'{COMMON}/id', '/doc')}.html" for iri in ours)


def test_a_plan_is_also_a_table_of_its_parts(server):
    answer = server.get(f"{PLAN}.csv?lang=nb")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    ids = Page(server.url, html(server, f"{PLAN}.html")).ids
    assert len({row["iri"] for row in rows}) == len(rows)
    assert {row["iri"].removeprefix(f"{COMMON}/id/").replace("/", ".") for row in rows} <= set(ids)
    (row,) = [row for row in rows if row["iri"].endswith("/strategy/2-2")]
    assert row["label"] == "Styrke og samordne tiltak i barnas første 1000 dager."
    assert (row["focus area"], row["target groups"]) == ("Trygg start og god oppvekst", "barn")
    book = zipfile.ZipFile(io.BytesIO(server.get(f"{PLAN}.xlsx").content))
    assert row["label"] in "".join(book.read(name).decode() for name in book.namelist() if "/sheet" in name)
    assert server.get("/doc/org/moss.csv").status_code == 404


def test_every_piece_of_advice_is_told_to_its_owner_once_with_file_and_line(server):
    text = html(server, "/health/raade")
    places = re.findall(r"<code>(data/ttl/[a-z0-9/-]+\.ttl)(:\d+)?</code>", text)
    kept = read(server.snapshot.folder / REMARKS, "raade")
    expected = [one for some in kept.values() for one in some if one.shape not in DATED]
    assert len(places) == len(expected) > 3
    assert all(line for _, line in places)
    assert "/health/raade" in html(server, "/health")
    assert server.get("/health/nobody", accept=HTML).status_code == 404


def test_a_plan_says_what_is_missing_in_it(server):
    found = section(html(server, "/doc/plan/moss/kvalitetsplan-barnehage.html"), "Hva som utløper eller mangler her")
    assert "Planen har ingen periode" in found
    assert "/health/moss" in found


def test_search_engines_read_what_the_page_says_and_one_address_for_each_language(server):
    text = html(server, f"{PLAN}.html")
    assert f'<link rel="canonical" href="{PLAN}.html?lang=nb">' in text
    assert '<meta property="og:locale" content="nb_NO">' in text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    said = json.loads(block)
    assert said["@id"] == f"{COMMON}/id/plan/moss/koa-2022-2026"
    assert said["publisher"][0]["name"] == "Moss kommune"
    assert said["temporalCoverage"] == "2022-01-01/2026-12-31"
    assert "<" not in block
    part = json.loads(re.findall(r"ld\+json\">(.*?)<", html(server, f"{PLAN}/strategy/2-2.html"))[0])
    assert part["isPartOf"]["@id"] == said["@id"]
    law = json.loads(re.findall(r"ld\+json\">(.*?)<", html(server, "/doc/law/2021-06-18-97.html"))[0])
    assert (law["@type"], law["legislationIdentifier"]) == ("Legislation", "LOV-2021-06-18-97")
