"""Following an IRI: 303 to the document that suits the client, and every way of asking for one.

Cool URIs for the Semantic Web, section 4.2; RFC 9110, section 12.
"""

from __future__ import annotations

from urllib.parse import quote

import pytest

from planvev.names import COMMON
from tests.web.rdfread import TYPES

KOA = "/id/plan/moss/koa-2022-2026"
DOC = KOA.replace("/id/", "/doc/", 1)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

ACCEPTED = [
    ("text/html", "html"),
    ("text/turtle", "ttl"),
    ("application/ld+json", "jsonld"),
    ("application/rdf+xml", "rdf"),
    ("application/n-triples", "nt"),
    ("", "html"),
    ("*/*", "html"),
    ("*", "html"),
    (BROWSER, "html"),
    ("TEXT/TURTLE", "ttl"),
    ("text/turtle; charset=utf-8", "ttl"),
    ("text/turtle;q=0.4, application/ld+json;q=0.6", "jsonld"),
    ("text/turtle ; q=0.4 , application/ld+json ; q=0.3", "ttl"),
    ("text/html;q=0.1, application/rdf+xml", "rdf"),
    ("application/*", "jsonld"),
    ("application/*;q=0.2, text/turtle;q=0.1", "jsonld"),
    ("text/*", "html"),
    ("text/*, text/html;q=0", "ttl"),
    ("*/*, text/html;q=0", "ttl"),
    ("*/*;q=0.5, application/n-triples", "nt"),
    ("image/png, text/turtle;q=0.001", "ttl"),
    ("text/turtle, , application/ld+json;q=0.5,", "ttl"),
    ("text/turtle;q=bad, application/ld+json;q=0.1", "jsonld"),
    ("application/json", "jsonld"),
    ("application/xml", "rdf"),
    ("text/xml", "rdf"),
    ("text/n3", "ttl"),
    ("text/plain", "nt"),
]


@pytest.mark.parametrize(("accept", "suffix"), ACCEPTED)
def test_a_thing_answers_303_to_the_document_that_the_client_likes_best(server, accept, suffix):
    answer = server.get(KOA, **({"accept": accept} if accept else {}))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DOC}.{suffix}")


def test_the_redirect_lists_the_other_formats_and_varies_by_accept(server):
    answer = server.get(KOA)
    for suffix, media in {"html": "text/html", **TYPES}.items():
        if suffix not in ("trig", "nq"):
            assert f'<{DOC}.{suffix}>; rel="alternate"; type="{media}"' in answer.headers["link"]
    assert "accept" in [name.strip().lower() for name in answer.headers["vary"].split(",")]
    assert answer.content == b""


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "*/*;q=0", "application/pdf, image/*"])
@pytest.mark.parametrize("path", [KOA, DOC, f"/resource?iri={quote(COMMON + KOA, safe='')}", "/ns", "/sparql"])
def test_who_accepts_nothing_that_we_have_is_told_what_we_have(server, path, accept):
    answer = server.get(path, accept=accept)
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 406
    for media in ("text/html", "text/turtle", "application/ld+json", "application/rdf+xml", "application/n-triples"):
        assert media in problem["advice"]


@pytest.mark.parametrize("suffix", ["html", "ttl", "jsonld", "rdf", "nt"])
def test_a_document_answers_in_the_format_of_its_ending_whatever_the_client_accepts(server, suffix):
    answer = server.get(f"{DOC}.{suffix}", accept="image/png")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == {"html": "text/html", **TYPES}[suffix]


def test_a_document_without_ending_leads_to_one_with_an_ending(server):
    answer = server.get(DOC, accept="application/ld+json")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DOC}.jsonld")


def test_text_formats_say_that_they_are_utf_8(server):
    for suffix in ("html", "ttl", "nt"):
        assert server.get(f"{DOC}.{suffix}").headers["content-type"].endswith("; charset=utf-8")


@pytest.mark.parametrize("path", [KOA, f"{DOC}.html", f"{DOC}.ttl", "/", "/ns", "/sparql?query=ASK%7B%7D", "/nowhere"])
def test_head_answers_as_get_does_without_the_body(server, path):
    head, get = server.client.head(path), server.client.get(path)
    assert head.status_code == get.status_code
    assert head.content == b""
    changing = {"date", "x-request-id", "content-length"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in get.headers.items() if k not in changing
    }


def test_links_of_a_document_say_what_it_is_about_and_where_its_other_forms_are(server):
    for suffix in ("html", "ttl", "jsonld", "rdf", "nt"):
        link = server.get(f"{DOC}.{suffix}").headers["link"]
        assert f'<{COMMON}{KOA}>; rel="about"' in link
        assert f'<{DOC}.html>; rel="canonical"' in link
        assert f'<{DOC}.jsonld>; rel="alternate"; type="application/ld+json"' in link


def test_an_address_below_a_thing_names_the_nearest_thing_above(server):
    answer = server.get(f"{KOA}/strategy/9-9", accept="application/json")
    assert answer.status_code == 404
    assert f"{COMMON}{KOA}" in answer.json()["advice"]


@pytest.mark.parametrize(
    "path", ["/id/", "/id/plan", "/doc/plan.nt", "/id/nothing/at-all", f"{DOC}.xyz", f"{DOC}.pdf", "/doc/.ttl"]
)
def test_an_unknown_address_is_not_found_and_says_so_in_plain_words(server, path):
    answer = server.get(path, accept="application/json")
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["type"] == f"{COMMON}/problem/not-found"
    assert problem["detail"]


def test_an_unknown_ending_names_the_endings_that_exist(server):
    problem = server.get(f"{DOC}.xyz", accept="application/json").json()
    for suffix in ("html", "ttl", "jsonld", "rdf", "nt"):
        assert suffix in problem["detail"] + problem["advice"]


@pytest.mark.parametrize(
    "path",
    [
        f"{KOA}/area/1".replace("-", "%2D"),
        "/id/plan/moss/%6Boa-2022-2026",
        "/%69d/plan/moss/koa-2022-2026",
    ],
)
def test_a_path_may_be_percent_encoded_more_than_it_must(server, path):
    assert server.get(path).status_code == 303


@pytest.mark.parametrize("path", ["/id/plan/våler/ønsker", "/id/plan/v%C3%A5ler/%C3%B8nsker", "/id/%FF%FE", "/id/%00"])
def test_an_address_with_letters_we_do_not_have_is_not_found_rather_than_an_error(server, path):
    for kind in ("/id/", "/doc/"):
        answer = server.get(path.replace("/id/", kind, 1), accept="application/json")
        assert answer.status_code in (303, 404), answer.text
        if answer.status_code == 404:
            assert answer.json()["status"] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", KOA, f"{DOC}.ttl", "/ns", "/graph/plan/moss/koa-2022-2026", "/all/plans"])
def test_who_writes_where_one_can_only_read_gets_405_and_the_methods_there_are(server, method, path):
    answer = server.client.request(method, path, headers={"Accept": "application/json"})
    assert answer.status_code == 405
    assert {name.strip() for name in answer.headers["allow"].split(",")} >= {"GET", "HEAD"}
    assert method not in answer.headers["allow"]
    assert answer.json()["status"] == 405


def test_the_language_in_the_address_survives_the_redirect(server):
    answer = server.get(f"{KOA}?lang=en")
    assert answer.headers["location"] == f"{DOC}.html?lang=en"


def test_a_redirect_never_leaves_this_host(server):
    for path in (KOA, "/id//evil.example/x", "/doc//evil.example", "/id/%2F%2Fevil.example"):
        location = server.get(path).headers.get("location", "/")
        assert location.startswith("/")
        assert not location.startswith("//")
