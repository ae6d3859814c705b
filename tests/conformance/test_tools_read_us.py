"""Tools of others, with their defaults alone, pointed at our addresses: each gets the triples that are published."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from planvev.names import COMMON, NS
from tests.conformance.capture import run
from tests.web.rdfread import canonical

PATH = "law/2021-06-18-97"
THING = f"{COMMON}/id/{PATH}"
STRATEGIES = f"SELECT ?s ?t WHERE {{ ?s a <{NS}Strategy> ; <{NS}text> ?t }}"


def published(server) -> set[str]:
    """The document about a thing as the snapshot has it, without what the document says of itself."""
    return canonical(server.snapshot.describe(THING))


def read(text: str) -> set[str]:
    triples = [quad.triple for quad in parse(text.encode(), RdfFormat.N_TRIPLES)]
    return canonical([t for t in triples if not own(t)])


def own(triple: Triple) -> bool:
    return str(triple.subject).startswith(f"<{COMMON}/doc/")


def output(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.needs("rapper")
@pytest.mark.parametrize("options", [[], ["-g"], ["-i", "turtle"], ["-i", "ntriples"]])
def test_rapper_reads_a_thing(server, tool, options):
    assert read(output(run(tool("rapper"), "-q", *options, "-o", "ntriples", f"{server.url}/id/{PATH}"))) == published(
        server
    )


@pytest.mark.needs("riot")
def test_riot_reads_a_thing_a_graph_and_the_vocabulary(server, tool):
    addresses = [f"{server.url}/id/{PATH}", f"{server.url}/graph/{PATH}", f"{server.url}/ns"]
    lines = output(run(tool("riot"), "--output=ntriples", *addresses)).splitlines(keepends=True)
    text = "".join(line for line in lines if " INFO " not in line)  # it says between them which file it reads
    about = {str(quad.triple.subject) for quad in parse(text.encode(), RdfFormat.N_TRIPLES)}
    assert {f"<{THING}>", f"<{THING}/p15-1>", f"<{NS}Strategy>", f"<{COMMON}/ns>"} <= about


@pytest.mark.needs("riot")
def test_riot_finds_no_fault_in_any_of_our_formats(server, tool):
    addresses = [f"{server.url}/doc/{PATH}.{suffix}" for suffix in ("ttl", "rdf", "jsonld", "nt")]
    addresses += [f"{server.url}/graph/plan/moss/koa-2022-2026.{suffix}" for suffix in ("trig", "nq")]
    done = run(tool("riot"), "--validate", *addresses)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "WARN" not in done.stderr, done.stderr[-2000:]
    assert "ERROR" not in done.stderr


def test_rdflib_reads_a_thing(server):
    program = (
        "import rdflib, sys; g = rdflib.Graph().parse(sys.argv[1]);"
        "sys.stdout.write(g.serialize(format='nt', encoding='utf-8').decode())"
    )
    assert read(output(run(sys.executable, "-c", program, f"{server.url}/id/{PATH}"))) == published(server)


@pytest.mark.needs("arq")
def test_arq_queries_a_document_of_ours(server, tool):
    query = f"SELECT (COUNT(*) AS ?n) {{ <{THING}> ?p ?o }}"
    text = output(run(tool("arq"), f"--data={server.url}/id/{PATH}", "--results=json", query))
    expected = len([t for t in server.snapshot.describe(THING) if str(t.subject) == f"<{THING}>"])
    assert int(json.loads(text)["results"]["bindings"][0]["n"]["value"]) == expected


@pytest.mark.needs("arq")
def test_arq_reaches_our_endpoint_by_service(server, tool):
    query = f"SELECT ?s ?t WHERE {{ SERVICE <{server.url}/sparql> {{ ?s a <{NS}Strategy> ; <{NS}text> ?t }} }}"
    rows = json.loads(output(run(tool("arq"), "--results=json", query)))["results"]["bindings"]
    assert words(rows) == ours(server)


@pytest.mark.needs("comunica")
def test_comunica_queries_a_document_of_ours(server, tool):
    query = f"SELECT ?p ?o {{ <{THING}> ?p ?o }}"
    rows = json.loads(output(run(tool("comunica"), f"{server.url}/id/{PATH}", query, "-t", "application/json")))
    assert len(rows) == len([t for t in server.snapshot.describe(THING) if str(t.subject) == f"<{THING}>"])


@pytest.mark.needs("comunica")
@pytest.mark.parametrize("source", ["sparql@{}/sparql", "{}/sparql"])
def test_comunica_queries_our_endpoint_told_or_not_told_that_it_is_one(server, tool, source):
    rows = json.loads(
        output(run(tool("comunica"), source.format(server.url), STRATEGIES, "-t", "application/sparql-results+json"))
    )["results"]["bindings"]
    assert words(rows) == ours(server)


def test_curl_gets_what_the_readme_promises(server):
    text = output(run("curl", "-sfL", "-H", "Accept: text/turtle", f"{server.url}/id/{PATH}"))
    assert {str(q.triple.subject) for q in parse(text.encode(), RdfFormat.TURTLE)} >= {f"<{THING}>"}


def words(rows: list[dict]) -> set[tuple[str, str]]:
    return {(row["s"]["value"], row["t"]["value"]) for row in rows}


def ours(server) -> set[tuple[str, str]]:
    answer = server.client.get("/sparql", params={"query": STRATEGIES, "format": "json"})
    rows = words(answer.json()["results"]["bindings"])
    assert len(rows) == 19
    return rows
