"""The language a reader gets, and that every text says which language it is in.

RFC 9110, section 12.5.4; WCAG 2.2, 3.1.1 and 3.1.2.
"""

from __future__ import annotations

import pytest

from planvev.formats.rdf import Literal
from planvev.names import COMMON, NS, PREFIXES
from planvev.web.texts import messages
from tests.web.pages import Page

KOA = "/doc/plan/moss/koa-2022-2026.html"
KINDS = [
    "/",
    "/all/plans",
    "/all/strategies",
    "/matrix",
    "/timeline",
    "/compare?a=org/moss&b=org/raade&status=any",
    "/gaps",
    "/about",
    "/accessibility",
    KOA,
    "/doc/plan/moss/koa-2022-2026/strategy/1-1.html",
    "/doc/law/2021-06-18-97.html",
    "/doc/org/moss.html",
    "/doc/concept/moss/barn-og-unge.html",
    "/graph/plan/moss/koa-2022-2026",
    "/ns",
    "/shapes",
    "/sparql",
    "/search?q=ungdom",
    "/search",
    "/nowhere",
]


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def page(server, path: str, **headers: str) -> Page:
    return Page(server.url + path, server.get(path, accept="text/html", **headers).text)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "nb"),
        ("nb", "nb"),
        ("nn", "nn"),
        ("en", "en"),
        ("no", "nb"),
        ("nb-NO", "nb"),
        ("nn-NO,nn;q=0.9,en;q=0.1", "nn"),
        ("en-GB,en;q=0.9", "en"),
        ("de", "nb"),
        ("de, en;q=0.3", "en"),
        ("en;q=0.2, nn;q=0.8", "nn"),
        ("en;q=0, nn;q=0.1", "nn"),
        ("*", "nb"),
        ("en;q=zero", "nb"),
        ("", "nb"),
    ],
)
def test_a_reader_gets_the_language_that_the_browser_asks_for(server, accept, language):
    headers = {} if accept is None else {"accept_language": accept}
    answer = server.get("/", **headers)
    assert Page(server.url, answer.text).language == language == answer.headers["content-language"]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("path", KINDS)
def test_the_language_in_the_address_wins_and_every_link_keeps_it(server, path, language):
    address = in_language(path, language)
    found = page(server, address, accept_language="de,en;q=0.5" if language != "en" else "nn")
    assert found.language == language
    for link in found.internal:
        if any(part in link for part in ("/doc/", "/all/", "/resource")) and link.endswith((".html", "/plans", "/law")):
            assert f"lang={language}" in link, link


@pytest.mark.parametrize("path", ["/", KOA, "/nowhere"])
def test_an_unknown_language_in_the_address_is_passed_over(server, path):
    assert page(server, f"{path}?lang=xx", accept_language="nn").language == "nn"


@pytest.mark.parametrize("path", KINDS)
def test_a_page_offers_itself_in_the_other_languages(server, path):
    links = page(server, in_language(path, "nb")).links
    for code in ("nn", "en"):
        (found,) = [link for link in links if link.endswith(f"lang={code}")]
        assert Page(found, server.client.get(found, headers={"Accept": "text/html"}).text).language == code


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("path", KINDS)
def test_no_english_of_our_own_is_left_in_a_norwegian_page(server, path, language):
    english = {str(key) for key in messages(language)}
    same = {str(key) for key, value in messages(language).items() if value == key}
    found = page(server, in_language(path, language))
    left = {
        words for spoken, words in found.spoken if spoken == language and words in english - same and len(words) > 3
    }
    assert left == set()


def norwegian_texts(server, path: str) -> dict[str, set[str]]:
    """The texts of a document that are in one language only, by that language."""
    iri = COMMON + path.replace("/doc/", "/id/", 1).removesuffix(".html")
    by_words: dict[str, set[str]] = {}
    for triple in server.snapshot.describe(iri):
        if isinstance(triple.object, Literal) and triple.object.language:
            by_words.setdefault(triple.object.value, set()).add(triple.object.language)
    return by_words


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("path", [kind for kind in KINDS if kind.startswith("/doc/")])
def test_every_text_from_the_data_stands_in_its_own_language(server, path, language):
    known = norwegian_texts(server, path)
    found = page(server, f"{path}?lang={language}")
    seen = 0
    for spoken, words in found.spoken:
        if words in known:
            seen += 1
            assert spoken in known[words], (words, spoken, known[words])
    assert seen, "no text of the data is on the page"


def test_a_plan_in_norwegian_is_marked_on_an_english_page(server):
    found = page(server, f"{KOA}?lang=en")
    assert "nb" in found.marked
    title = next(
        value.value
        for value in server.snapshot.values(COMMON + "/id/plan/moss/koa-2022-2026", PREFIXES["dct"] + "title")
    )
    assert ("nb", title) in found.spoken


def test_a_quotation_is_marked_with_the_language_of_its_words(server):
    found = server.get("/doc/plan/moss/koa-2022-2026/strategy/1-1.html?lang=en", accept="text/html").text
    assert '<blockquote lang="nb">' in found


def test_terms_of_the_vocabulary_speak_all_three_languages(server):
    label = PREFIXES["rdfs"] + "label"
    languages = {value.language for value in server.snapshot.values(NS + "Strategy", label)}
    assert languages == {"nb", "nn", "en"}
    found = page(server, "/ns?lang=en")
    assert {"nb", "nn"} <= found.marked


@pytest.mark.parametrize(
    "path", ["/nowhere/{}", "/resource?iri={}", "/sparql?query={}", "/?lang={}", "/all/{}", "/search?q={}"]
)
def test_what_a_stranger_writes_into_an_address_stays_text(server, path):
    text = server.get(
        path.format("%22%3E%3C%2Ftextarea%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"), accept="text/html"
    ).text
    assert "<script>" not in text
    assert Page(server.url, text).faults == []


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "Lest i Lovdatas"), ("nn", "Lesen i dei"), ("en", "Read in Lov")]
)
def test_what_is_said_once_in_each_language_is_shown_in_the_readers_alone(server, language, words):
    text = server.get(f"/doc/code/plan-type/kommunedelplan.html?lang={language}", accept="text/html").text
    assert [said in text for said in ("Lest i Lovdatas", "Lesen i dei", "Read in Lov")].count(True) == 1
    assert words in text
