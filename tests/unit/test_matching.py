"""Text search inside a query: what is asked of the index, and what is put in its place."""

from __future__ import annotations

import pytest

from planvev.answering import matching
from planvev.errors import QueryRefused
from planvev.queries import sparql


def replaced(text: str, hits: list[tuple[str, float]], total: int = 0) -> tuple[str, list[tuple[str, int]]]:
    asked = []

    def find(words: str, most: int) -> tuple[int, list[tuple[str, float]]]:
        asked.append((words, most))
        return total or len(hits), hits

    query = sparql.read(text, 1 << 20)
    return matching.answered(query, matching.matches(query), find)[0], asked


def test_the_pattern_alone_is_replaced():
    text, asked = replaced(
        'SELECT ?x { # search:matches\n ?x a ?y . (?x ?s) search:matches ("a \\"b\\" \\u00e5" 7) . FILTER(?s > 1) }',
        [("https://x.y/z", 2.5), ("a:b'c", 1.0)],
    )
    rows = "{ SELECT ?x ?s { VALUES (?x ?s) { (<https://x.y/z> 2.5000) (<a:b'c> 1.0000) } } }"
    assert text == f"SELECT ?x {{ # search:matches\n ?x a ?y . {rows} FILTER(?s > 1) }}"
    assert asked == [('a "b" å', 7)]


def test_an_iri_cannot_end_the_row_that_it_stands_in():
    text, _ = replaced('SELECT ?x { ?x search:matches "a" }', [("a:b> <c", 1.0)])
    assert "{ <a:b\\u003E\\u0020\\u003Cc> }" in text


def test_another_property_of_that_name_is_none_of_ours():
    query = sparql.read('PREFIX search: <a:> SELECT ?x { ?x search:matches "a" }', 1 << 20)
    assert not matching.matches(query)


def test_more_than_are_taken_without_a_number_are_refused_with_their_number():
    with pytest.raises(QueryRefused, match="12,345 things answer"):
        replaced('SELECT ?x { ?x search:matches "a" }', [("a:b", 1.0)], total=12_345)
    assert "a:b" in replaced('SELECT ?x { ?x search:matches ("a" 1) }', [("a:b", 1.0)], total=12_345)[0]
