"""The SPARQL 1.1 Protocol, query operation (section 2.1), as any client may carry it out."""

from __future__ import annotations

import csv
import gzip
import io
import json
import xml.etree.ElementTree as ET
from urllib.parse import urlencode

import pytest
from pyoxigraph import (
    BaseDirection,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from planvev.names import COMMON, NS
from planvev.registries.description import NAMES
from planvev.web.operation import OFFERS
from tests.web.pages import Page
from tests.web.rdfread import TYPES, canonical, quads, same

KOA = f"{COMMON}/graph/plan/moss/koa-2022-2026"
LAW = f"{COMMON}/graph/law/2021-06-18-97"
ROWS = "SELECT ?s ?text WHERE { ?s a plan:Strategy ; plan:text ?text } ORDER BY ?s"
TRIPLES = "CONSTRUCT { ?s plan:text ?t } WHERE { ?s a plan:Strategy ; plan:text ?t }"
SRX = "{http://www.w3.org/2005/sparql-results#}"

MEDIA = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}


def ask(server, query: str, accept: str = MEDIA["json"], **parameters: str):
    return server.client.get("/sparql", params={"query": query, **parameters}, headers={"Accept": accept})


def bindings(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return [{name: term["value"] for name, term in row.items()} for row in answer.json()["results"]["bindings"]]


# How a query arrives


def test_get_form_post_and_direct_post_give_the_same_answer(server):
    accept = {"Accept": MEDIA["json"]}
    got = server.client.get("/sparql", params={"query": ROWS}, headers=accept)
    form = server.client.post("/sparql", data={"query": ROWS}, headers=accept)
    direct = server.client.post(
        "/sparql", content=ROWS.encode(), headers={**accept, "Content-Type": "application/sparql-query"}
    )
    charset = server.client.post(
        "/sparql", content=ROWS.encode(), headers={**accept, "Content-Type": "application/sparql-query; charset=UTF-8"}
    )
    assert got.status_code == 200
    assert got.content == form.content == direct.content == charset.content
    assert len(got.json()["results"]["bindings"]) == 19


def test_a_head_request_runs_the_query_and_sends_no_rows(server):
    answer = server.client.head("/sparql", params={"query": ROWS}, headers={"Accept": MEDIA["csv"]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith(MEDIA["csv"])


def test_a_query_without_prefix_declarations_knows_our_prefixes(server):
    assert bindings(ask(server, "SELECT * { ?s a plan:Plan } LIMIT 1"))


def test_a_prefix_that_the_query_declares_wins_over_ours(server):
    query = "PREFIX plan: <https://example.org/> SELECT * { ?s a plan:Plan }"
    assert bindings(ask(server, query)) == []


@pytest.mark.parametrize("word", ["Oppvekst – «blåbær» 日本 \U0001f600 é", 'tab\\tline\\nquote\\"', "æøåÆØÅ"])
def test_every_character_arrives_and_returns(server, word):
    query = f'SELECT ("{word}"@nb AS ?w) {{}}'
    plain = word.replace("\\t", "\t").replace("\\n", "\n").replace('\\"', '"')
    assert bindings(ask(server, query)) == [{"w": plain}]
    posted = server.client.post(
        "/sparql", content=query.encode(), headers={"Content-Type": "application/sparql-query", "Accept": MEDIA["json"]}
    )
    assert bindings(posted) == [{"w": plain}]
    assert (
        next(csv.DictReader(io.StringIO(ask(server, query, MEDIA["csv"]).content.decode(), newline="")))["w"] == plain
    )
    literal = ET.fromstring(ask(server, query, MEDIA["xml"]).content).find(f".//{SRX}literal")
    assert literal is not None
    assert literal.text == plain


# In which format the answer comes


@pytest.mark.parametrize("suffix", MEDIA)
@pytest.mark.parametrize("way", ["accept", "format", "type"])
def test_rows_come_in_the_four_formats_and_say_the_same(server, suffix, way):
    if way == "accept":
        answer = ask(server, ROWS, MEDIA[suffix])
    else:
        answer = ask(server, ROWS, "text/html", format=suffix if way == "format" else MEDIA[suffix])
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == MEDIA[suffix]
    expected = bindings(ask(server, ROWS))
    if suffix == "csv":
        assert list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""))) == expected
        return
    kind = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML, "tsv": QueryResultsFormat.TSV}[suffix]
    solutions = parse_query_results(answer.content, kind)
    assert isinstance(solutions, QuerySolutions)
    assert [{"s": row["s"].value, "text": row["text"].value} for row in solutions] == expected


@pytest.mark.parametrize("suffix", MEDIA)
@pytest.mark.parametrize(("query", "truth"), [("ASK { ?s a plan:Plan }", True), ("ASK { ?s a plan:Nothing }", False)])
def test_yes_and_no_come_in_every_format(server, suffix, query, truth):
    answer = ask(server, query, MEDIA[suffix])
    assert answer.headers["content-type"].partition(";")[0] == MEDIA[suffix]
    if suffix in ("json", "xml"):
        found = parse_query_results(
            answer.content, QueryResultsFormat.from_extension({"json": "srj", "xml": "srx"}[suffix])
        )
        assert isinstance(found, QueryBoolean)
        assert bool(found) is truth
    else:
        assert answer.text.strip() == str(truth).lower()


@pytest.mark.parametrize("suffix", TYPES)
@pytest.mark.parametrize("query", [TRIPLES, f"DESCRIBE <{COMMON}/id/plan/moss/koa-2022-2026>"])
def test_triples_come_in_every_rdf_format_and_are_the_same_graph(server, suffix, query):
    answer = ask(server, query, TYPES[suffix])
    named = ask(server, query, "text/html", format=suffix)
    expected = [q.triple for q in quads(ask(server, query, TYPES["nt"]), "nt")]
    assert expected
    assert same([q.triple for q in quads(answer, suffix)], expected)
    assert canonical([q.triple for q in quads(named, suffix)]) == canonical(expected)


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        (ROWS, "", MEDIA["json"]),
        (ROWS, "*/*", MEDIA["json"]),
        (ROWS, "text/*", MEDIA["csv"]),
        (ROWS, "application/json", "application/json"),
        (ROWS, "application/xml", "application/xml"),
        (ROWS, "text/turtle, application/sparql-results+xml;q=0.1", MEDIA["xml"]),
        (ROWS, "text/csv;q=0.5, text/tab-separated-values;q=0.6", MEDIA["tsv"]),
        (ROWS, "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        (TRIPLES, "", "text/turtle"),
        (TRIPLES, "*/*", "text/turtle"),
        (TRIPLES, "application/rdf+xml;q=0.9, application/ld+json", "application/ld+json"),
        (TRIPLES, "application/sparql-results+json, */*;q=0.1", "text/turtle"),
        ("ASK {}", "", MEDIA["json"]),
        ("ASK {}", "application/sparql-results+xml", MEDIA["xml"]),
    ],
)
def test_the_format_is_the_one_that_the_client_likes_best(server, query, accept, media):
    answer = server.client.get("/sparql", params={"query": query}, headers={"Accept": accept} if accept else {})
    assert answer.headers["content-type"].partition(";")[0] == media


@pytest.mark.parametrize(
    ("query", "accept"), [(ROWS, "text/turtle"), (ROWS, "image/png"), (TRIPLES, "text/csv"), ("ASK {}", "text/turtle")]
)
def test_a_format_that_such_an_answer_has_not_is_406_and_names_those_it_has(server, query, accept):
    answer = ask(server, query, accept)
    assert answer.status_code == 406
    assert "text/html" in answer.json()["advice"]


def test_a_format_parameter_that_is_nothing_is_400_and_names_those_there_are(server):
    answer = ask(server, ROWS, format="docx")
    assert answer.status_code == 400
    assert "csv" in answer.json()["advice"]


# Over which graphs


def count(server, pattern: str = "?s ?p ?o", **parameters) -> int:
    pairs = [("query", f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")]
    pairs += [(name.replace("_", "-"), iri) for name, iris in parameters.items() for iri in iris]
    answer = server.client.get("/sparql", params=pairs, headers={"Accept": MEDIA["json"]})
    return int(bindings(answer)[0]["n"])


def size(server, graph: str) -> int:
    return int(server.snapshot.graphs[graph].triples)


def test_without_a_dataset_the_query_sees_data_and_vocabulary_as_one_graph(server):
    assert count(server) == server.snapshot.manifest.triples


def test_default_graphs_of_the_protocol_are_merged(server):
    assert count(server, default_graph_uri=[KOA]) == size(server, KOA)
    assert count(server, default_graph_uri=[KOA, LAW]) == size(server, KOA) + size(server, LAW)


def test_named_graphs_of_the_protocol_are_the_only_ones(server):
    assert count(server, "GRAPH ?g { ?s ?p ?o }", named_graph_uri=[LAW]) == size(server, LAW)
    assert count(server, "?s ?p ?o", named_graph_uri=[LAW]) == 0
    assert count(server, "GRAPH ?g { ?s ?p ?o }", default_graph_uri=[LAW]) == 0


def test_the_dataset_of_the_protocol_wins_over_from(server):
    query = f"SELECT (COUNT(*) AS ?n) FROM <{KOA}> {{ ?s ?p ?o }}"
    alone = bindings(ask(server, query))
    overruled = bindings(ask(server, query, **{"default-graph-uri": LAW}))
    assert [int(alone[0]["n"]), int(overruled[0]["n"])] == [size(server, KOA), size(server, LAW)]


def test_from_and_from_named_choose_graphs(server):
    either = "{ ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }"
    query = f"SELECT (COUNT(*) AS ?n) FROM <{KOA}> FROM NAMED <{LAW}> {{ {either} }}"
    assert int(bindings(ask(server, query))[0]["n"]) == size(server, KOA) + size(server, LAW)


def test_the_dataset_may_be_posted_too(server):
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    accept = {"Accept": MEDIA["json"]}
    form = server.client.post("/sparql", data={"query": query, "default-graph-uri": LAW}, headers=accept)
    direct = server.client.post(
        "/sparql",
        params={"default-graph-uri": LAW},
        content=query.encode(),
        headers={**accept, "Content-Type": "application/sparql-query"},
    )
    for answer in (form, direct):
        assert int(bindings(answer)[0]["n"]) == size(server, LAW)


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("ASK { ?s ?p ?o }", {"default-graph-uri": "https://example.org/none"}),
        ("ASK { ?s ?p ?o }", {"named-graph-uri": "https://example.org/none"}),
        ("ASK FROM <https://example.org/none> { ?s ?p ?o }", {}),
        ("PREFIX e: <https://example.org/> ASK FROM NAMED e:none { ?s ?p ?o }", {}),
    ],
)
def test_a_graph_that_is_not_there_is_400_and_is_named(server, query, parameters):
    answer = ask(server, query, **parameters)
    assert answer.status_code == 400
    assert "https://example.org/none" in answer.json()["detail"]


# What is not understood, and what is not done


@pytest.mark.parametrize("pairs", [[], [("query", "ASK {}"), ("query", "ASK {}")], [("quary", "ASK {}")]])
def test_a_post_without_exactly_one_query_is_400(server, pairs):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = server.client.post("/sparql", content=urlencode(pairs), headers=kind)
    assert answer.status_code == 400
    assert "must have one" in answer.json()["detail"]


def test_two_queries_in_one_get_are_400(server):
    assert server.client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status_code == 400


def test_an_empty_query_is_400(server):
    for query in ("", "   ", "# only a comment"):
        assert ask(server, query).status_code == 400


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT * {\n  ?s ?p }", 2, None),
        ("SELECT *\nWHERE { ?s ?p ?o", 2, 17),
        ("SELECT ?x { FILTER(nonsense(?x)) }", 1, None),
        ("SELECT * { ?s nope:thing ?o }", 1, 15),
        ("SELECT * { ?s ?p 'open }", 1, None),
    ],
)
def test_a_query_that_does_not_parse_is_400_with_line_and_column(server, query, line, column):
    answer = ask(server, query)
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["type"].endswith("/query-syntax")
    assert problem["line"] == line
    assert problem["column"] >= 1
    assert column in (None, problem["column"])
    assert f"ine {line}, column" in problem["detail"]


def test_an_undeclared_prefix_is_named(server):
    assert "nope" in ask(server, "SELECT * { ?s nope:thing ?o }").json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> <a:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP GRAPH <a:a>",
        "LOAD <http://127.0.0.1/x>",
        "PREFIX e: <e:> WITH e:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_is_refused_however_it_is_sent(server, text):
    before = count(server)
    posts = [
        server.client.post("/sparql", data={"update": text}),
        server.client.post("/sparql", data={"query": text}),
        server.client.post("/sparql", content=text, headers={"Content-Type": "application/sparql-query"}),
        server.client.get("/sparql", params={"query": text}),
    ]
    assert [answer.status_code for answer in posts] == [400] * 4
    assert all("read" in answer.json()["detail"] for answer in posts)
    direct = server.client.post("/sparql", content=text, headers={"Content-Type": "application/sparql-update"})
    assert direct.status_code == 415
    assert count(server) == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { service <http://127.0.0.1:9/> { ?s ?p ?o } } } }",
    ],
)
def test_a_query_that_would_have_us_call_others_is_refused(server, query):
    answer = ask(server, query)
    assert answer.status_code == 400
    assert "SERVICE" in answer.json()["detail"]


def test_a_query_that_is_nested_without_end_is_refused_and_the_service_lives(server):
    for nest in ("{" * 5000 + "}" * 5000, "{ FILTER" + "(" * 9000 + "1" + ")" * 9000 + "}"):
        answer = server.client.post("/sparql", data={"query": "SELECT * " + nest})
        assert answer.status_code == 400
    assert count(server) > 0


def test_a_query_longer_than_the_ceiling_is_413(server):
    text = "SELECT * { ?s ?p ?o } # " + "x" * 300 * 1024
    answer = server.client.post("/sparql", data={"query": text})
    assert answer.status_code == 413
    assert "KiB" in answer.json()["detail"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json", "application/x-turtle", "multipart/form-data", None]
)
def test_a_body_of_another_type_is_415_and_names_those_we_read(server, kind):
    answer = server.client.post("/sparql", content=b"ASK {}", headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415
    assert "application/sparql-query" in answer.json()["advice"]


def test_a_query_that_is_not_utf_8_is_400(server):
    kind = {"Content-Type": "application/sparql-query"}
    assert server.client.post("/sparql", content="ASK { ?s ?p 'ø' }".encode("utf-16"), headers=kind).status_code == 400
    assert server.client.post("/sparql", content=b"ASK { ?s ?p '\xf8' }", headers=kind).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_another_method_is_405_and_names_those_there_are(server, method):
    answer = server.client.request(method, "/sparql", params={"query": "ASK {}"})
    assert answer.status_code == 405
    assert {name.strip() for name in answer.headers["allow"].split(",")} == {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}


@pytest.mark.parametrize("seconds", ["soon", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_no_time_is_400(server, seconds):
    answer = ask(server, "ASK {}", timeout=seconds)
    assert answer.status_code == 400
    assert "timeout" in answer.json()["detail"]


@pytest.mark.parametrize("kind", ["application/sparql-query", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", "nonsense"])
def test_a_body_in_another_character_set_is_415_and_says_which(server, kind, charset):
    answer = server.client.post("/sparql", content=b"ASK {}", headers={"Content-Type": f'{kind};charset="{charset}"'})
    assert answer.status_code == 415
    assert charset in answer.json()["detail"]
    assert "UTF-8" in answer.json()["advice"]


def test_a_packed_body_is_415(server):
    kind = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    answer = server.client.post("/sparql", content=gzip.compress(b"ASK {}"), headers=kind)
    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]


def test_parameters_that_are_not_utf_8_are_400_wherever_they_stand(server):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert server.client.get("/sparql?query=ASK%7B%3Fs%20%3Fp%20%22%F8%22%7D").status_code == 400
    assert (
        server.client.post("/sparql", content=b"query=ASK%7B%3Fs%20%3Fp%20%22%F8%22%7D", headers=form).status_code
        == 400
    )


def test_an_update_in_an_address_is_400(server):
    answer = server.client.get("/sparql", params={"update": "CLEAR ALL"})
    assert answer.status_code == 400
    assert "only reads" in answer.json()["detail"]


def test_a_query_may_be_sent_by_the_method_query(server):
    kind = {"Content-Type": "application/sparql-query", "Accept": MEDIA["json"]}
    assert server.client.request("QUERY", "/sparql", content=ROWS, headers=kind).content == ask(server, ROWS).content


def test_relative_iris_are_relative_to_the_common_base(server):
    query = "SELECT (COUNT(*) AS ?n) FROM <graph/plan/moss/koa-2022-2026> { <id/plan/moss/koa-2022-2026> ?p ?o }"
    whole = f"SELECT (COUNT(*) AS ?n) FROM <{KOA}> {{ <{COMMON}/id/plan/moss/koa-2022-2026> ?p ?o }}"
    assert bindings(ask(server, query)) == bindings(ask(server, whole))
    assert bindings(ask(server, query))[0]["n"] != "0"


TERM = '<<( <a:s> <a:p> "x"@ar--rtl )>>'


@pytest.mark.parametrize("suffix", ["json", "xml", "tsv"])
def test_triple_terms_and_directions_come_in_each_format_of_rows(server, suffix):
    query = f'VERSION "1.2" SELECT (OBJECT(?t) AS ?o) (LANGDIR(OBJECT(?t)) AS ?d) ?t {{ VALUES ?t {{ {TERM} }} }}'
    answer = ask(server, query, MEDIA[suffix])
    kind = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML, "tsv": QueryResultsFormat.TSV}[suffix]
    solutions = parse_query_results(answer.content, kind)
    assert isinstance(solutions, QuerySolutions)
    text = Literal("x", language="ar", direction=BaseDirection.RTL)
    row = next(solutions)
    assert (row["t"], row["o"], row["d"]) == (Triple(NamedNode("a:s"), NamedNode("a:p"), text), text, Literal("rtl"))


@pytest.mark.parametrize("suffix", sorted(TYPES.keys() - {"jsonld"}))
def test_triple_terms_come_in_each_rdf_format_that_has_them(server, suffix):
    answer = ask(server, f"CONSTRUCT {{ <a:s> <a:p> {TERM} }} {{}}", TYPES[suffix])
    text = Literal("x", language="ar", direction=BaseDirection.RTL)
    inner = Triple(NamedNode("a:s"), NamedNode("a:p"), text)
    assert [q.triple for q in quads(answer, suffix)] == [Triple(NamedNode("a:s"), NamedNode("a:p"), inner)]


def test_a_triple_term_as_json_ld_is_406_with_the_formats_that_have_it(server):
    answer = ask(server, f"CONSTRUCT {{ <a:s> <a:p> {TERM} }} {{}}", TYPES["jsonld"])
    assert answer.status_code == 406
    assert "Turtle" in answer.json()["advice"]


def test_head_says_what_get_says_and_sends_nothing(server):
    for query, accept in ((ROWS, MEDIA["xml"]), (TRIPLES, TYPES["ttl"])):
        for packing in ("gzip", "identity"):
            asked = {"params": {"query": query}, "headers": {"Accept": accept, "Accept-Encoding": packing}}
            got, headed = server.client.get("/sparql", **asked), server.client.head("/sparql", **asked)
            said = [{k: v for k, v in a.headers.items() if k not in ("date", "x-request-id")} for a in (got, headed)]
            assert said[0] == said[1]
            assert said[0]["content-length"]
            assert headed.content == b""


def test_options_says_what_there_is_and_lets_every_origin_ask(server):
    assert "QUERY" in server.client.options("/sparql").headers["allow"]
    for method in ("GET", "POST", "QUERY"):
        asks = {"Origin": "https://example.org", "Access-Control-Request-Method": method}
        answer = server.client.options("/sparql", headers=asks | {"Access-Control-Request-Headers": "content-type"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert method in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("status", "method", "address", "headers"),
    [
        (400, "GET", "/sparql?query=SELECT", {}),
        (406, "GET", "/sparql?query=ASK%7B%7D", {"Accept": "image/png"}),
        (404, "GET", "/no/such/thing", {}),
        (405, "PUT", "/sparql", {}),
        (415, "POST", "/sparql", {}),
        (413, "GET", "/sparql", {}),
        (
            504,
            "GET",
            "/sparql?timeout=0.3&query=SELECT(COUNT(*)AS%3Fn)%7B%3Fa+%3Fb+%3Fc.%3Fd+%3Fe+%3Ff.%3Fg+%3Fh+%3Fi%7D",
            {},
        ),
    ],
)
def test_every_origin_may_read_what_went_wrong(server, status, method, address, headers):
    if status == 413:
        headers, method = {"Content-Type": "application/sparql-query"}, "POST"
    content = b"x" * 1_000_000 if status == 413 else None
    answer = server.client.request(method, address, content=content, headers={"Origin": "https://e.org", **headers})
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["status"] == status


def test_an_address_much_longer_than_8_kb_is_read(server):
    query = "ASK {} #" + "x" * 50_000
    assert ask(server, query).json()["boolean"] is True


def test_a_row_of_patterns_without_end_is_refused_and_the_service_lives(server):
    answer = server.client.post("/sparql", data={"query": "ASK { " + "?s ?p ?o . " * 10_000 + "}"})
    assert answer.status_code == 400
    assert "VALUES" in answer.json()["advice"]
    assert count(server) > 0


def test_a_function_that_is_not_here_is_400_and_is_named(server):
    answer = ask(server, "SELECT (<https://example.org/f>(1) AS ?x) {}")
    assert answer.status_code == 400
    assert "<https://example.org/f>" in answer.json()["detail"]


# For people, and about itself


@pytest.mark.parametrize(
    "query",
    [ROWS, TRIPLES, "ASK {}", "SELECT * { ?s ?p ?o OPTIONAL { ?s plan:order ?n } } LIMIT 700", "SELECT * {} LIMIT 0"],
)
def test_a_browser_gets_the_answer_as_a_page_with_the_query_in_the_form(server, query):
    answer = ask(server, query, "text/html")
    assert answer.status_code == 200
    page = Page(server.url, answer.text)
    assert page.faults == []
    assert query.partition("{")[0].strip() in answer.text.replace("&#34;", '"')
    downloads = [link for link in page.links if "format=" in link]
    assert downloads
    for link in downloads:
        assert server.client.get(link).status_code == 200


@pytest.mark.parametrize(
    "query", ["SELECT * { ?s ?p }", "nonsense", "INSERT DATA { <a:a> <a:b> <a:c> }", "SELECT * { SERVICE <x:y> {} }"]
)
def test_a_browser_sees_its_faulty_query_again_with_what_is_wrong(server, query):
    answer = ask(server, query, "text/html")
    assert answer.status_code == 400
    assert query.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_the_endpoint_without_a_query_describes_itself(server):
    sd = "http://www.w3.org/ns/sparql-service-description#"
    for suffix in TYPES:
        read = quads(server.get("/sparql", accept=TYPES[suffix]), suffix)
        said: set[tuple[str, str]] = {(q.predicate.value, getattr(q.object, "value", "")) for q in read}
        assert (sd + "supportedLanguage", sd + "SPARQL11Query") in said
        assert {iri for predicate, iri in said if predicate == sd + "name"} == set(server.snapshot.graphs)
        endpoints = {iri for predicate, iri in said if predicate == sd + "endpoint"}
        assert endpoints == {f"{server.url}/sparql"}
        formats = {iri for predicate, iri in said if predicate == sd + "resultFormat"}
        assert formats == {"http://www.w3.org/ns/formats/" + name for name in NAMES.values()}
        assert not {iri for predicate, iri in said if predicate == sd + "feature"}


def test_the_description_names_each_format_that_answers_come_in():
    served = {offer.suffix for offer in (*OFFERS["SELECT"], *OFFERS["CONSTRUCT"]) if offer.suffix != "html"}
    assert served - {"xlsx"} == set(NAMES)  # the W3C has no name for a workbook


def test_the_description_is_not_sent_to_whoever_has_it(server):
    first = server.get("/sparql", accept="text/turtle")
    again = server.get("/sparql", accept="text/turtle", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert server.get("/sparql", accept="application/n-triples").headers["etag"] != first.headers["etag"]


def test_the_endpoint_without_a_query_is_a_form_for_a_browser_and_its_example_runs(server):
    page = server.get("/sparql", accept="text/html").text
    example = page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert bindings(ask(server, example.replace("&gt;", ">").replace("&lt;", "<")))


def test_answers_name_the_snapshot_they_come_from(server):
    assert ask(server, "ASK {}").headers["x-planvev-snapshot"] == server.snapshot.id


def test_the_order_of_an_answer_is_the_order_that_was_asked_for(server):
    texts = [
        row["text"] for row in bindings(ask(server, f"SELECT ?text {{ ?s <{NS}text> ?text }} ORDER BY DESC(?text)"))
    ]
    assert texts == sorted(texts, reverse=True)


def test_numbers_and_languages_keep_their_types(server):
    row = json.loads(ask(server, 'SELECT (1 AS ?i) (1.5 AS ?d) ("a"@nn AS ?l) (true AS ?b) {}').content)["results"][
        "bindings"
    ][0]
    assert row["i"]["datatype"].endswith("#integer")
    assert row["d"]["datatype"].endswith("#decimal")
    assert row["b"]["datatype"].endswith("#boolean")
    assert row["l"]["xml:lang"] == "nn"
