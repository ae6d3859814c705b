"""The journeys of people who know a word: over HTTP, with the real library.

OpenSearch 1.1; RFC 9110 for negotiation and validators.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest

from planvev.names import COMMON, NS, PREFIXES
from tests.web.pages import Page

ID = f"{COMMON}/id/"
LAW = ID + "law/2021-06-18-97"
GUIDANCE = ID + "guidance/helsedirektoratet/is-2826"
LEVEKAAR = ID + "plan/moss/loll-2020-2032"


def found(server, q: str, **parameters: str):
    answer = server.client.get("/search", params={"q": q, "format": "json", **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()


def iris(answer) -> list[str]:
    return [hit["iri"] for hit in answer["hits"]]


def marked(said) -> set[str]:
    return {said["text"][start:end] for start, end in said["marks"]} if said else set()


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("barnevern", LAW),
        ("barnevernsloven", LAW),
        ("barnevernslova", LAW),
        ("§ 15-1", LAW + "/p15-1"),
        ("§15-1", LAW + "/p15-1"),
        ("barnevernsloven § 15-1", LAW + "/p15-1"),
        ("barnevernslova § 15-1", LAW + "/p15-1"),
        ("LOV-2021-06-18-97", LAW),
        ("2021-06-18-97", LAW),
        (LAW, LAW),
        ("IS-2826", GUIDANCE),
        ("is-2826", GUIDANCE),
        ("978-82-8081-601-6", GUIDANCE),
        ("9788280816016", GUIDANCE),
        ("920817521", ID + "org/moss"),
        ("920 817 521", ID + "org/moss"),
        ("Moss", ID + "org/moss"),
        ("løten", ID + "org/loeten"),
        ("loten", ID + "org/loeten"),
        ("loeten", ID + "org/loeten"),
        ("rade", ID + "org/raade"),
    ],
)
def test_what_people_call_a_thing_finds_it_first(server, words, first):
    assert iris(found(server, words))[0] == first


@pytest.mark.parametrize(
    ("words", "among"),
    [
        ("raade", ID + "org/raade"),
        ("Child Welfare Act", LAW + "/p15-1"),
        ("child welfare acts", LAW + "/p15-1"),
        ("skule", ID + "plan/moss/strategiplan-skole"),
        ("skulehelsetenesta", ID + "org/moss/skolehelsetjenesten"),
        ("skolehelsetjeneste", ID + "org/moss/skolehelsetjenesten"),
        ("ungdommer", ID + "plan/moss/koa-2022-2026/strategy/3-4"),
        ("baerekraft", ID + "plan/moss/koa-2022-2026/strategy/3-5"),
        ("bærekraft", ID + "plan/moss/koa-2022-2026/strategy/3-5"),
        ("berekraft", ID + "plan/moss/koa-2022-2026/strategy/3-5"),
        ("oekonomi", ID + "plan/moss/oekonomiplan"),
        ("okonomi", ID + "plan/moss/oekonomiplan"),
        ("levekar", LEVEKAAR),
        ("levekår", LEVEKAAR),
        ("vold i nære", ID + "plan/moss/vold-i-naere-relasjoner-2022-2025"),
        ("vald i nære", ID + "plan/moss/vold-i-naere-relasjoner-2022-2025"),
    ],
)
def test_a_word_is_found_in_every_form_and_spelling(server, words, among):
    assert among in iris(found(server, words))


def test_a_slip_of_the_source_is_found_as_it_stands_and_shown(server):
    answer = found(server, "Leveår")
    hit = next(hit for hit in answer["hits"] if hit["iri"] == LEVEKAAR)
    assert marked(hit["passage"]) == {"Leveår"}
    assert "Levekår" in hit["label"]["text"]


@pytest.mark.parametrize(
    ("slip", "meant"), [("barnevernslovn", "barnevernsloven"), ("helsesatsjon", "helsestasjon"), ("Leveor", "leveår")]
)
def test_a_slip_of_the_reader_finds_what_is_near_and_asks_whether_it_was_meant(server, slip, meant):
    answer = found(server, slip)
    assert (answer["match"], answer["meant"]) == ("near", meant)
    assert answer["total"]
    assert found(server, answer["meant"])["match"] == "all"
    page = server.get(f"/search?q={quote(slip)}&lang=nb", accept="text/html").text
    assert f">{meant}</a>?" in page


def test_words_in_quotation_marks_stand_together(server):
    for marks in ('"{}"', "«{}»", "“{}”"):
        phrase = found(server, marks.format("barn og unge"))
        assert 0 < phrase["total"] < found(server, "barn unge")["total"]
        for hit in phrase["hits"]:
            words = {word.lower() for word in marked(hit["label"]) | marked(hit["passage"])}
            assert "barn og unge" in words, hit


def test_when_nothing_has_all_words_something_has_some(server):
    answer = found(server, "barnevern xqzwvk")
    assert answer["match"] == "some"
    assert LAW in iris(answer)


def test_nothing_is_found_where_nothing_is(server):
    answer = found(server, "xqzwvkp")
    assert (answer["match"], answer["total"], answer["hits"]) == ("none", 0, [])
    page = Page(server.url, server.get("/search?q=xqzwvkp&lang=en", accept="text/html").text)
    assert (2, "No hits") in page.headings
    assert server.url + "/all/plans?lang=en" in page.links


def test_a_hit_says_what_it_is_whose_it_is_and_whether_it_is_in_force(server):
    answer = found(server, "bærekraftige løsninger")
    hit = next(hit for hit in answer["hits"] if hit["iri"].endswith("/strategy/3-5"))
    assert hit["kind"] == NS + "Strategy"
    assert hit["organisations"] == [ID + "org/moss"]
    assert hit["within"] == ID + "plan/moss/koa-2022-2026"
    assert (hit["start"], hit["end"]) == ("2022-01-01", "2026-12-31")
    assert hit["status"] in ("in-force", "expired")
    assert server.get(hit["page"], accept="text/html").status_code == 200


@pytest.mark.parametrize("name", ["kind", "org", "status"])
def test_a_filter_leaves_as_many_as_it_said(server, name):
    every = found(server, "barn")
    assert len(every["counts"][name]) > 1
    for choice in every["counts"][name]:
        left = found(server, "barn", **{name: choice["value"]})
        assert left["total"] == choice["count"], choice
        assert left["counts"][name] == every["counts"][name]


def test_filters_take_short_names_and_work_together(server):
    answer = found(server, "barn", kind="plan:Strategy", org="moss", status="in-force")
    assert answer["total"]
    assert {(hit["kind"], hit["status"]) for hit in answer["hits"]} == {(NS + "Strategy", "in-force")}
    assert all(hit["organisations"] == [ID + "org/moss"] for hit in answer["hits"])


def test_pages_of_hits_follow_each_other_without_gap_or_repeat(server):
    answer = found(server, "barn")
    seen = iris(answer)
    while answer["next"]:
        answer = server.get(answer["next"]).json()
        seen += iris(answer)
    assert len(seen) == len(set(seen)) == answer["total"] > 2 * answer["size"]


@pytest.mark.parametrize("query", ["?q=barn&status=dead", "?q=barn&from=x", "?q=barn&from=10001", "?q=barn&format=pdf"])
def test_what_cannot_be_understood_is_said(server, query):
    answer = server.get("/search" + query, accept="application/json")
    assert answer.status_code == 400
    assert answer.json()["advice"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🙂",
        "og i",
        "*",
        "a\0b",
        "name:barn",
        "barn AND (unge OR",
        "barn^9 ~ +x -y [a TO b]",
        '"',
        '""',
        "«»",
        "§",
        "§§ 15-1",
        "'; DROP",
        "<script>alert(1)</script>",
        "barn\\",
        "e\u0301t\u00adt",
        "ﷺ ｂａｒｎ",
        "a" * 10_000,
        "barn " * 2000,
        "\u202ebarn",
        "/barn/",
        "(((((",
        "{{7*7}}",
    ],
)
def test_whatever_is_written_is_words_and_gets_an_answer(server, text):
    for accept in ("text/html", "application/json"):
        answer = server.client.get("/search", params={"q": text}, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text[:500]
        if accept == "text/html":
            assert Page(server.url, answer.text).faults == []
            assert "<script>" not in answer.text


def test_signs_of_query_languages_mean_nothing(server):
    plain = iris(found(server, "barn"))
    for text in ("barn*", "+barn", "(barn)", "barn~", "^barn", "barn:"):
        assert iris(found(server, text)) == plain, text


def test_a_search_that_is_too_long_is_cut_and_says_so(server):
    answer = found(server, "barn " * 2000)
    assert answer["cut"]
    assert len(answer["query"]) <= 200
    page = server.client.get("/search", params={"q": "barn " * 2000, "lang": "en"}, headers={"Accept": "text/html"})
    assert "The search was too long" in page.text
    assert not found(server, "barn")["cut"]


def test_a_page_marks_the_words_and_keeps_language_filters_and_search(server):
    path = "/search?q=ungdom&lang=nn&status=in-force"
    text = server.get(path, accept="text/html").text
    page = Page(server.url + path, text)
    assert "<mark>ungdom</mark>" in text
    assert page.language == "nn"
    assert "nb" in page.marked  # the plan speaks bokmål, and says so
    narrower = [link for link in page.links if "/search?" in link and "kind=" in link]
    assert narrower
    assert all("lang=nn" in link and "status=in-force" in link and "q=ungdom" in link for link in narrower)


def test_every_link_of_a_result_page_leads_somewhere(server):
    page = Page(server.url, server.get("/search?q=barnevern", accept="text/html").text)
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(
            lambda link: server.client.get(link, headers={"Accept": "text/html"}).status_code, page.internal
        )
        assert [pair for pair in zip(page.internal, statuses, strict=True) if pair[1] != 200] == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_answer_that_is_known_is_not_sent_again(server, accept):
    first = server.get("/search?q=barn", accept=accept)
    again = server.get("/search?q=barn", accept=accept, if_none_match=first.headers["etag"])
    assert (again.status_code, again.text) == (304, "")
    assert "Accept" in first.headers["vary"]
    other = "application/json" if accept == "text/html" else "text/html"
    assert server.get("/search?q=barn", accept=other, if_none_match=first.headers["etag"]).status_code == 200


def test_a_browser_gets_a_page_and_a_program_what_it_asks_for(server):
    for accept, kind in (
        ("text/html,*/*;q=0.8", "text/html"),
        ("application/json", "application/json"),
        (None, "text/html"),
    ):
        headers = {} if accept is None else {"accept": accept}
        assert server.get("/search?q=barn", **headers).headers["content-type"].startswith(kind)
    assert server.get("/search?q=barn", accept="image/png").status_code == 406


def test_suggestions_complete_what_is_being_written(server):
    answer = server.get("/search/suggest?q=barneve")
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    text, names, kinds, addresses = answer.json()
    assert text == "barneve"
    assert "barnevernsloven" in names
    assert len(names) == len(kinds) == len(addresses) <= 8
    for address in addresses:
        assert server.client.get(address, headers={"Accept": "text/html"}).status_code == 200
    assert server.get("/search/suggest?q=b").json()[1] == []
    assert server.get("/search/suggest").json() == ["", [], [], []]


@pytest.mark.parametrize("text", ["bær", "baer", "ung", "mos", "moss kom"])
def test_suggestions_begin_with_two_letters_and_know_norwegian_ones(server, text):
    assert json.loads(server.client.get("/search/suggest", params={"q": text}).text)[1]


def test_every_page_names_the_description_of_the_search(server):
    page = Page(server.url + "/", server.get("/", accept="text/html").text)
    assert server.url + "/opensearch.xml" in page.links
    answer = server.get("/opensearch.xml")
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    a9 = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = ET.fromstring(answer.text)
    assert root.tag == a9 + "OpenSearchDescription"
    ways = {way.get("type"): way.get("template", "") for way in root.iter(a9 + "Url")}
    assert set(ways) == {"text/html", "application/json", "application/x-suggestions+json"}
    for kind, template in ways.items():
        address = template.replace("{searchTerms}", "barn").replace("{startIndex?}", "")
        assert server.client.get(address).headers["content-type"].startswith(kind)


def test_what_is_found_by_its_thing_is_no_hit_of_its_own(server):
    kinds = {choice["value"] for choice in found(server, "barn")["counts"]["kind"]}
    assert not kinds & {NS + "Quotation", PREFIXES["adms"] + "Identifier"}
