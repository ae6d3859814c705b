"""Look-ups that need no process are known by their shape, and answered as the engine answers them."""

from __future__ import annotations

import pytest
from pyoxigraph import QueryResultsFormat

from planvev.names import PREFIXES
from planvev.queries import glance, sparql
from planvev.queries.sparql import BASE, Query
from tests.library.copies import ID, NATURE

THING = f"<{ID}{NATURE}>"
FORMATS = {name: getattr(QueryResultsFormat, name.upper()) for name in ("json", "xml", "csv", "tsv")}


def read(text: str) -> Query:
    return sparql.read(text, 100_000)


def answer(snapshot, query: Query, suffix: str, ceiling: int) -> bytes | None:
    asks = glance.pattern(query) if query.kind == "ASK" else None
    return glance.answer(snapshot.store, query.text, suffix, ceiling, asks)


@pytest.mark.parametrize(
    "text",
    [
        f"ASK {{ {THING} a plan:Plan }}",
        f"ask where {{ {THING} a plan:Plan . }} # a remark",
        "ASK { ?s ?p ?o }",
        f"SELECT * {{ {THING} ?p ?o }}",
        f"SELECT ?o ?p WHERE {{ {THING} ?p ?o . }}",
        f"PREFIX ex: <http://example.org/> SELECT ?p {{ ex:a ?p {THING} }}",
        f'SELECT ?p {{ {THING} ?p "a" }}',
        f"SELECT ?s ?p {{ ?s ?p {THING} }} LIMIT 10",
        f"SELECT ?o {{ {THING} dct:title ?o }} LIMIT 5",
    ],
)
def test_one_pattern_that_bounds_its_answer_is_a_lookup(text):
    assert glance.is_lookup(read(text))


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT ?s ?p {{ ?s ?p {THING} }}",  # as many rows as there are
        f"SELECT ?s ?p {{ ?s ?p {THING} }} LIMIT 1001",
        f"SELECT ?s ?p {{ ?s ?p {THING} }} LIMIT 10 OFFSET 1000000",
        f"SELECT ?s ?p {{ ?s ?p {THING} }} OFFSET 1000000",
        f"SELECT ?p {{ {THING} ?p ?p }}",  # reads on without a row
        f"ASK {{ {THING} ?p ?p }}",
        "ASK { ?s ?p $s }",
        f"SELECT ?x {{ {THING} ?p ?o }}",  # rows without bytes
        f"SELECT DISTINCT ?p {{ {THING} ?p ?o }}",
        f"SELECT REDUCED ?p {{ {THING} ?p ?o }}",
        f"SELECT (COUNT(*) AS ?n) {{ {THING} ?p ?o }}",
        f"SELECT ?p {{ {THING} ?p ?o }} ORDER BY ?p",
        f"SELECT ?p {{ {THING} ?p ?o }} GROUP BY ?p",
        f"SELECT ?p {{ {THING} ?p ?o }} VALUES ?p {{ 1 }}",
        f"SELECT ?p {{ {THING} ?p ?o . ?o ?q ?r }}",
        f"SELECT ?p {{ {THING} ?p ?o ; ?q ?r }}",
        f"SELECT ?p {{ {THING} ?p ?o , ?r }}",
        f"SELECT ?p {{ {THING} ?p ?o FILTER(?p = ?o) }}",
        f"SELECT ?o {{ {THING} plan:text+ ?o }}",
        f"SELECT ?o {{ {THING} ^plan:text ?o }}",
        f"SELECT ?o {{ {{ {THING} ?p ?o }} }}",
        f"SELECT ?o {{ GRAPH ?g {{ {THING} ?p ?o }} }}",
        f"SELECT ?o FROM <http://example.org/g> {{ {THING} ?p ?o }}",
        f"SELECT ?p {{ {THING} ?p 'a'@en }}",
        f"BASE <http://example.org/> SELECT ?p {{ <a> ?p ?o }}",  # noqa: F541
        "SELECT ?o { [] ?p ?o }",
        "SELECT ?o { _:b ?p ?o }",
        "SELECT ?o { ( ) ?p ?o }",
        "SELECT * { }",
        "ASK {}",
        f"CONSTRUCT {{ ?s ?p ?o }} {{ {THING} ?p ?o }}",
        f"DESCRIBE {THING}",
        f"SELECT ?p {{ {THING} ?p ?o }}" + " }" * 3,
        f"SELECT ?p ({THING} ?p ?o)",
    ],
)
def test_everything_else_is_a_query_like_others(text):
    assert not glance.is_lookup(read(text))


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv"])
def test_a_lookup_is_answered_as_the_engine_answers_it(snapshot, suffix):
    found = answer(snapshot, read(f"SELECT * {{ {THING} a ?class }}"), suffix, 10_000)
    assert found is not None
    assert b"https://w3id.org/planvev/ns#Plan" in found


NS = "https://w3id.org/planvev/ns#"
ASKED = [
    f"ASK {{ {THING} a plan:Plan }}",
    f"ASK {{ {THING} a plan:Strategy }}",
    f"PREFIX p: <{NS}> PREFIX plan: <http://example.org/> ASK WHERE {{ {THING} a p:Plan . }}",
    f"PREFIX plan: <http://example.org/> ASK {{ {THING} a plan:Plan }}",
    f"ASK {{ {THING} <{NS}legalBasis> ?o }}",
    f"ASK {{ {THING} <{NS.replace('ns', chr(92) + 'u006es')}noSuchThing> ?o }}",
    f"ASK {{ ?s ?p {THING} }} LIMIT 3",
    "ASK { ?s ?p <http://example.org/nothing> }",
    "ASK { ?s ?p ?o }",
    f'ASK {{ {THING} ?p "no such words" }}',
    f"ASK {{ {THING} ?p 5 }}",
    f"ASK {{ <{ID}elsewhere/../{NATURE}> a plan:Plan }}",
    "ASK { <relative/thing> ?p ?o }",
    "PREFIX : <http://example.org/> ASK { :a ?p ?o }",
    "ASK { ?s plan:has\\-escape ?o }",
]


OF_THE_ENGINE = ASKED[9:]  # values, IRIs to be resolved, and names that are not what they look like


def test_only_what_the_engine_must_read_is_left_to_it(snapshot):
    read_off = [text for text in ASKED if glance.pattern(read(text))]
    assert read_off == [text for text in ASKED if text not in OF_THE_ENGINE or text.startswith("PREFIX")]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("text", ASKED)
def test_what_is_read_off_the_index_is_what_the_engine_says(snapshot, text, suffix):
    query = read(text)
    assert glance.is_lookup(query)
    found = snapshot.store.query(text, base_iri=BASE, prefixes=PREFIXES)
    assert answer(snapshot, query, suffix, 1000) == found.serialize(format=FORMATS[suffix])


def test_an_ask_with_a_prefix_that_nobody_knows_is_left_to_a_process_too(snapshot):
    query = read("ASK { nothing:a ?p ?o }")
    assert glance.is_lookup(query)
    assert answer(snapshot, query, "json", 1000) is None


def test_prefixes_of_everybody_and_declared_ones_are_known(snapshot):
    declared = f"PREFIX p: <https://w3id.org/planvev/ns#> ASK {{ {THING} a p:Plan }}"
    for text in (declared, f"ASK {{ {THING} rdf:type plan:Plan }}"):
        found = answer(snapshot, read(text), "json", 1000)
        assert found is not None
        assert b"true" in found


def test_an_answer_over_the_ceiling_is_none_at_all(snapshot):
    query = read("SELECT * { ?s ?p plan:Plan } LIMIT 1000")
    whole = answer(snapshot, query, "json", 100_000)
    assert whole is not None
    assert answer(snapshot, query, "json", len(whole)) == whole
    assert answer(snapshot, query, "json", len(whole) - 1) is None


def test_what_the_engine_does_not_take_is_left_to_a_process(snapshot):
    assert answer(snapshot, read("SELECT ?p { nothing:a ?p ?o }"), "json", 1000) is None
