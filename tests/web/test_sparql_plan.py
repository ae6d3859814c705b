"""What a query is run as: counts from numbers, text search by the index, large joins by hashing; how one sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planvev.finding.search import SearchIndex
from planvev.queries.sparql import BASE
from tests.web.serving import Server

PLAN = "X-Planvev-Query-Plan"
GRAPH = BASE + "graph/plan/moss/koa-2022-2026"
JOIN = "?part dct:isPartOf ?plan ; plan:legalBasis ?basis . ?plan dct:publisher ?who"
COUNTS = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(?s) AS ?a) (COUNT(DISTINCT ?s) AS ?b) (COUNT(DISTINCT ?o) AS ?c) { ?s ?p ?o }",
    "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o . }",
    "SELECT (COUNT(?x) AS ?n) WHERE { ?x a plan:Strategy }",
    "SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE { ?x a plan:Nothing }",
    "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?o) AS ?m) WHERE { ?s plan:legalBasis ?o . }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s plan:nothing ?o }",
    "SELECT ?c (COUNT(?x) AS ?n) { ?x a ?c FILTER(STRSTARTS(STR(?c), STR(plan:))) } GROUP BY ?c ORDER BY DESC(?n) ?c",
    "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?a) (COUNT(DISTINCT ?o) AS ?b) { ?s ?p ?o } GROUP BY ?p",
    "SELECT (COUNT(*) AS ?n) ?g { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g LIMIT 7 OFFSET 2",
    "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?g) AS ?m) { GRAPH ?g { ?s ?p ?o } }",
    f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}",
    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
    "SELECT DISTINCT ?p { ?s ?p ?o }",
    "SELECT DISTINCT ?c WHERE { ?x a ?c } ORDER BY ?c",
]  # fmt: skip
UNCERTAIN = [
    "SELECT (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o FILTER(STR(?g) != '') } } GROUP BY ?g",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?g ?p ?o } }",
    f"SELECT ?p (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} FILTER(STR(?p) != '') }} GROUP BY ?p",
    f"SELECT ?p (COUNT(*) AS ?n) {{ FILTER(STR(?p) != '') GRAPH <{GRAPH}> {{ ?s ?p ?o }} }} GROUP BY ?p",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o GRAPH <https://example.org/none> { } }",
    f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} GRAPH <https://example.org/none> {{ }} }}",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?s }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(isIRI(?o)) }",
    "SELECT (COUNT(*) + 1 AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(?z) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s a plan:Plan ; ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } HAVING (COUNT(*) > 1)",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } LIMIT 0",
    "SELECT ?c (COUNT(*) AS ?n) { ?x a ?c } GROUP BY ?c ?x",
    "SELECT ?c (COUNT(*) AS ?n) { ?x a ?c } GROUP BY ?c ORDER BY DESC(COUNT(*))",
    "SELECT ?c (COUNT(*) AS ?n) { ?x a ?c } GROUP BY ?c HAVING (COUNT(*) > 2)",
    "SELECT DISTINCT ?p ?o { ?s ?p ?o }",
    "SELECT DISTINCT ?s { ?s ?p ?o }",
    "SELECT ?p { ?s ?p ?o }",
    f"SELECT (COUNT(*) AS ?n) FROM <{GRAPH}> {{ ?s ?p ?o }}",
]  # fmt: skip


def rows(server: Server, query: str, **more: str) -> tuple[list[str], list[str], str]:
    """The columns, the rows as text, sorted where the query has no order, and the plan."""
    answer = server.client.get("/sparql", params={"query": query, "format": "json", **more})
    assert answer.status_code == 200, answer.text
    said = answer.json()
    found = [json.dumps(row, sort_keys=True) for row in said["results"]["bindings"]]
    return said["head"]["vars"], found if "ORDER" in query else sorted(found), answer.headers[PLAN]


@pytest.mark.parametrize("query", COUNTS)
def test_a_number_known_since_publish_is_the_one_that_the_engine_counts(server: Server, query: str):
    columns, found, plan = rows(server, query)
    assert plan == "counted"
    assert found
    as_written = rows(server, query, optimise="off")
    assert as_written == (columns, found, "as-written")


@pytest.mark.parametrize("query", UNCERTAIN)
def test_what_is_not_such_a_number_is_left_to_the_engine(server: Server, query: str):
    answer = server.client.get("/sparql", params={"query": query, "explain": "1"})
    assert answer.headers[PLAN].startswith("as-written"), answer.text


def test_a_dataset_of_its_own_is_counted_by_the_engine(server: Server):
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    _, found, plan = rows(server, query, **{"default-graph-uri": GRAPH})
    assert plan == "as-written"
    assert found == rows(server, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}")[1]


@pytest.mark.parametrize(("more", "how"), [("", "joined"), (" FILTER(isIRI(?who))", "rewritten")])
def test_a_join_is_carried_out_otherwise_on_demand_and_answers_the_same(server: Server, more: str, how: str):
    query = f"SELECT ?who (COUNT(?basis) AS ?n) {{ {JOIN}{more} }} GROUP BY ?who"
    always, off = rows(server, query, optimise="always"), rows(server, query, optimise="off")
    assert always[2].startswith(f"{how}; written-ms=")
    assert off[2] == "as-written"
    assert always[:2] == off[:2]
    assert always[1]
    assert rows(server, query)[2].startswith("as-written"), "the library is too small to be worth it"


def test_what_cannot_be_given_as_rows_is_joined_by_the_engine(server: Server):
    query = "SELECT ?plan ?period { ?plan dct:publisher ?who ; dct:temporal ?period }"
    assert rows(server, query, optimise="always")[2].startswith("rewritten"), "periods have no name"


def test_the_two_ways_have_tags_of_their_own(server: Server):
    query = {"query": f"SELECT ?who {{ {JOIN} }}", "format": "json"}
    answers = [server.client.get("/sparql", params={**query, "optimise": mode}) for mode in ("on", "off", "always")]
    tags = {answer.headers["etag"] for answer in answers}
    assert len(tags) == 3


def test_a_complaint_is_about_the_query_as_it_was_written(server: Server):
    query = f"SELECT ?who (COUNT(?basis) AS ?n)\n{{ {JOIN} }}\nGROUP BY ?who ORDER BY"
    complaints = [
        server.client.get("/sparql", params={"query": query, "format": "json", "optimise": mode}).json()
        for mode in ("off", "always")
    ]
    assert complaints[0]["type"].endswith("/query-syntax")
    assert complaints[0]["detail"] == complaints[1]["detail"]


def test_an_unknown_way_is_refused_in_words(server: Server):
    answer = server.client.get("/sparql", params={"query": "ASK {}", "optimise": "fast", "format": "json"})
    assert answer.status_code == 400
    assert "on, off, always" in answer.text


def test_a_plan_is_explained_as_text_and_as_a_page(server: Server):
    asked = {"query": f"SELECT ?who {{ {JOIN} FILTER(isIRI(?who)) }}", "explain": "1", "optimise": "always"}
    text = server.client.get("/sparql", params=asked)
    assert text.headers["content-type"].startswith("text/plain")
    for part in (
        "# rewritten",
        "# As written:",
        asked["query"],
        "# As run:",
        "join by hashing",
        "estimated as written",
    ):
        assert part in text.text
    columns = server.client.get("/sparql", params={**asked, "query": f"SELECT ?who {{ {JOIN} }}"})
    assert "# 1. join over columns: ?part dct:isPartOf ?plan" in columns.text
    page = server.client.get("/sparql", params={**asked, "lang": "nn"}, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "Kva som blir køyrt" in page.text
    assert "join by hashing" in page.text
    assert "Spørjinga blir sett saman på ein annan måte" in page.text


# --- text search ---


def search(server: Server, query: str, **more: str) -> Any:
    return server.client.get("/sparql", params={"query": query, "format": "json", **more})


def things(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["thing"]["value"] for row in answer.json()["results"]["bindings"]]


def test_a_text_search_finds_what_the_index_finds(server: Server):
    answer = search(server, 'SELECT ?thing ?score { (?thing ?score) search:matches "barnevern" } ORDER BY DESC(?score)')
    total, hits = SearchIndex(server.snapshot.folder).matching("barnevern", 1000)
    assert answer.headers[PLAN] == "searched"
    assert total == len(hits) > 5
    assert sorted(things(answer)) == sorted(iri for iri, _ in hits)
    scores = [float(row["score"]["value"]) for row in answer.json()["results"]["bindings"]]
    assert scores == sorted(scores, reverse=True)


def test_a_text_search_joins_what_stands_around_it(server: Server):
    inside = 'SELECT ?thing { ?thing a plan:Strategy . ?thing search:matches "barn" . ?thing plan:text ?text }'
    found = set(things(search(server, inside)))
    everything = set(things(search(server, 'SELECT ?thing { ?thing search:matches "barn" }')))
    strategies = set(things(search(server, "SELECT ?thing { ?thing a plan:Strategy ; plan:text ?text }")))
    assert found == everything & strategies
    assert found


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX s: <https://w3id.org/planvev/search#> SELECT ?thing { ?thing s:matches '''barn''' }",
        'SELECT ?thing { ?thing <https://w3id.org/planvev/search#matches> "b\\u0061rn" . }',
        'SELECT ?thing { { ?thing search:matches "barn" } FILTER(BOUND(?thing)) }',
        'SELECT DISTINCT ?thing { (?thing ?s) search:matches ("barn" 1000) FILTER(?s > 0) }',
        'SELECT ?thing { ?thing search:matches "barn" } # search:matches "x"',
    ],
)
def test_a_text_search_is_read_in_all_its_forms(server: Server, query: str):
    assert set(things(search(server, query))) == set(
        things(search(server, 'SELECT ?thing { ?thing search:matches "barn" }'))
    )


def test_a_number_takes_the_best(server: Server):
    hits = SearchIndex(server.snapshot.folder).matching("barn", 3)[1]
    found = things(search(server, 'SELECT ?thing { (?thing ?s) search:matches ("barn" 3) }', optimise="off"))
    assert sorted(found) == sorted(iri for iri, _ in hits)


def test_nothing_found_is_no_row(server: Server):
    assert things(search(server, 'SELECT ?thing { ?thing search:matches "xqzxqz" }')) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{ ?thing a plan:Plan ; search:matches "barn" }', "statement of its own"),
        ('{ ?thing search:matches "barn" ; a plan:Plan }', "statement of its own"),
        ('{ ?thing search:matches "barn", "ungdom" }', "statement of its own"),
        ('{ ?thing search:matches "barn"@nb }', "statement of its own"),
        ("{ ?thing search:matches ?word }", "statement of its own"),
        ('{ <a:b> search:matches "barn" }', "statement of its own"),
        ('{ (?thing ?thing) search:matches "barn" }', "statement of its own"),
        ('{ ?thing search:matches+ "barn" }', "statement of its own"),
        ('{ ?thing search:matches ("barn" 0) }', "1 to 10,000"),
        ('{ ?thing search:matches ("barn" 10001) }', "1 to 10,000"),
        ('{ ?thing search:matches " . " }', "no word"),
        ('{ GRAPH ?g { ?thing search:matches "barn" } }', "inside GRAPH"),
        ("{" + '?thing search:matches "barn" .' * 5 + "}", "more than 4"),
    ],
)  # fmt: skip
def test_a_text_search_written_otherwise_is_refused_in_words(server: Server, query: str, said: str):
    answer = search(server, f"SELECT ?thing {query}")
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["detail"] + answer.json()["advice"]
