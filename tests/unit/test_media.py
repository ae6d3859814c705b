"""The client gets what it ranks highest, and among equals what we prefer (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest

from planvev.errors import NotAcceptable
from planvev.media import (
    DOCUMENTS,
    DOCUMENTS_WIDE,
    HTML,
    JSON,
    JSONLD,
    NTRIPLES,
    PLAIN_TEXT,
    RDFXML,
    ROWS,
    TRIPLES,
    TURTLE,
    XML,
    by_suffix,
    called,
    negotiate,
)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, HTML),
        ("", HTML),
        ("  ", HTML),
        ("*/*", HTML),
        ("text/*;q=0.5, application/ld+json", JSONLD),
        ("text/html;q=0, */*", TURTLE),  # a refusal is more specific than a welcome
        ("TEXT/TURTLE", TURTLE),
        ("application/*", JSONLD),
        ("text/*", HTML),
        ("text/turtle;q=0.5, text/html;q=0.5", HTML),  # equal weights: our order
        ("text/turtle, text/html;q=0.9", TURTLE),
        ("text/html;q=0.2, text/turtle;q=0.3, */*;q=0.1", TURTLE),
        ("text/turtle; charset=utf-8", TURTLE),  # parameters that are no weight do not matter
        ("text/turtle ; q = 0.1 , application/rdf+xml", RDFXML),
        (",, text/turtle ,", TURTLE),
        ("text/turtle;q=1.5, text/html", HTML),  # no weight is above 1
        ("text/turtle;q=-1, application/n-triples;q=0.001", NTRIPLES),
        ("text/turtle;q=high, application/n-triples;q=0.001", NTRIPLES),  # a weight that is none is a refusal
        ("text/turtle;q=, application/n-triples;q=0.001", NTRIPLES),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),  # Java's URLConnection
        ("*; q=.2", HTML),
        ("application/rdf+xml, */*; q=.2", RDFXML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
        ("text/*;q=0.1, text/turtle;q=0, application/*;q=0.05", HTML),
    ],
)
def test_the_client_gets_what_it_ranks_highest(accept, chosen):
    assert negotiate(accept, DOCUMENTS) is chosen


@pytest.mark.parametrize("accept", ["image/png", "text/html;q=0", "*/*;q=0", "text/html;q=nan", "nonsense", "text"])
def test_a_client_that_wants_nothing_we_have_is_told_what_we_have(accept):
    with pytest.raises(NotAcceptable) as refused:
        negotiate(accept, DOCUMENTS)
    assert accept in refused.value.detail
    for media in DOCUMENTS:
        assert media.type in refused.value.advice


@pytest.mark.parametrize(
    ("accept", "offers", "suffix"),
    [
        ("application/json", ROWS, "json"),
        ("application/xml", ROWS, "xml"),
        ("text/plain", DOCUMENTS_WIDE, "nt"),
        ("application/x-turtle", TRIPLES, "ttl"),
        ("application/json", TRIPLES, "jsonld"),
    ],
)
def test_an_older_name_for_the_same_bytes_is_understood(accept, offers, suffix):
    assert negotiate(accept, offers).suffix == suffix


@pytest.mark.parametrize(
    ("name", "offers", "media"),
    [
        ("json", ROWS, JSON),
        ("json", TRIPLES, JSONLD),
        ("xml", ROWS, XML),
        ("xml", TRIPLES, RDFXML),
        ("srx", ROWS, XML),
        ("application/sparql-results+xml", ROWS, XML),
        ("application/sparql-results xml", ROWS, XML),  # the plus sign was not encoded
        ("application/ld json", TRIPLES, JSONLD),
        ("turtle", TRIPLES, TURTLE),
        ("docx, n-triples", TRIPLES, NTRIPLES),
    ],
)
def test_a_format_has_the_names_that_people_use(name, offers, media):
    assert called([name], offers) is media


def test_rows_come_as_json_before_anything_else():
    assert negotiate("*/*", ROWS) is JSON
    assert negotiate("application/sparql-results+xml, application/sparql-results+json;q=0.9", ROWS) is XML


def test_text_says_its_charset_and_other_types_do_not():
    assert TURTLE.content_type == "text/turtle; charset=utf-8"
    assert NTRIPLES.content_type == "application/n-triples; charset=utf-8"
    assert PLAIN_TEXT.content_type == "text/plain; charset=utf-8"
    assert JSONLD.content_type == "application/ld+json"


def test_a_suffix_finds_its_offer_or_nothing():
    assert by_suffix("rdf", DOCUMENTS) is RDFXML
    assert by_suffix("docx", DOCUMENTS) is None
