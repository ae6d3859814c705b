"""Every RDF answer, parsed back and held against the snapshot it was made from."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode

from planvev.names import COMMON, PREFIXES
from tests.web.rdfread import by_rdflib, quads, same

PLAN = "plan/moss/koa-2022-2026"
THINGS = [
    "plan/moss/koa-2022-2026",
    "plan/moss/koa-2022-2026/area/1",
    "plan/moss/koa-2022-2026/strategy/1-1",
    "org/moss",
    "law/2021-06-18-97",
    "treaty/barnekonvensjonen",
    "guidance/helsedirektoratet/is-2826",
    "document/moss/oppvekstportal-forankring",
    "concept/moss/barn-og-unge",
]
TRIPLES = ["ttl", "jsonld", "rdf", "nt"]


def about_the_document(server, path: str, triple) -> bool:
    return str(triple.subject) == f"<{COMMON}/doc/{path}>"


@pytest.mark.parametrize("suffix", TRIPLES)
@pytest.mark.parametrize("path", THINGS)
def test_a_document_says_what_the_snapshot_says_and_what_it_is_itself(server, path, suffix):
    said = [quad.triple for quad in quads(server.get(f"/doc/{path}.{suffix}"), suffix)]
    own = [t for t in said if about_the_document(server, path, t)]
    rest = [t for t in said if not about_the_document(server, path, t)]
    assert same(rest, server.snapshot.describe(f"{COMMON}/id/{path}"))
    topics = [str(t.object) for t in own if t.predicate.value == PREFIXES["foaf"] + "primaryTopic"]
    graphs = {str(t.object) for t in own if t.predicate.value == PREFIXES["dct"] + "source"}
    assert topics == [f"<{COMMON}/id/{path}>"]
    assert graphs == {f"<{graph}>" for graph in server.snapshot.graphs_about(f"{COMMON}/id/{path}")}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib warns of itself
@pytest.mark.parametrize("path", THINGS[:3])
def test_rdflib_reads_the_same_graph_from_every_format(server, path):
    read = [set(by_rdflib(server.get(f"/doc/{path}.{suffix}"), suffix)) for suffix in TRIPLES]
    assert read[0]
    assert all(other == read[0] for other in read[1:])


def test_the_turtle_of_a_thing_begins_with_that_thing(server):
    text = server.get(f"/doc/{PLAN}.ttl").text
    lines = [line for line in text.splitlines() if line and not line.startswith("@prefix")]
    assert lines[0].startswith(f"<{COMMON}/id/{PLAN}>")


def test_the_bytes_are_alike_each_time(server):
    for suffix in TRIPLES:
        assert server.get(f"/doc/{PLAN}.{suffix}").content == server.get(f"/doc/{PLAN}.{suffix}").content


@pytest.mark.parametrize("suffix", [*TRIPLES, "trig", "nq"])
@pytest.mark.parametrize("place", ["plan/moss/koa-2022-2026", "law/2021-06-18-97", "org/moss"])
def test_a_graph_answers_in_every_format_with_all_its_triples(server, place, suffix):
    graph = f"{COMMON}/graph/{place}"
    for answer in (server.get(f"/graph/{place}.{suffix}"), server.get(f"/graph/{place}?format={suffix}")):
        read = quads(answer, suffix)
        assert same([quad.triple for quad in read], server.snapshot.graph(graph))
        if suffix in ("trig", "nq"):
            assert {quad.graph_name for quad in read} == {NamedNode(graph)}
        else:  # JSON-LD too: who reads triples must find them
            assert {quad.graph_name for quad in read} == {DefaultGraph()}


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("application/trig", "trig"),
        ("application/n-quads", "nq"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
    ],
)
def test_a_graph_is_negotiated_by_accept(server, accept, suffix):
    answer = server.get(f"/graph/{PLAN}", accept=accept)
    assert same([q.triple for q in quads(answer, suffix)], server.snapshot.graph(f"{COMMON}/graph/{PLAN}"))


def test_every_graph_of_the_snapshot_has_as_many_triples_on_the_wire_as_in_the_manifest(server):
    for entry in server.snapshot.manifest.graphs:
        path = entry.graph.removeprefix(COMMON)
        read = quads(server.get(f"{path}?format=nt"), "nt")
        assert len(set(read)) == entry.triples, entry.graph


@pytest.mark.parametrize("suffix", TRIPLES)
@pytest.mark.parametrize("path", ["/ns.{suffix}", "/ns?format={suffix}"])
def test_the_vocabulary_is_one_graph_in_every_format(server, path, suffix):
    answer = server.get(path.format(suffix=suffix))
    assert same([q.triple for q in quads(answer, suffix)], server.snapshot.graph(f"{COMMON}/ns"))


def test_the_current_version_of_the_vocabulary_answers_under_its_number(server):
    (version,) = server.snapshot.values(f"{COMMON}/ns", PREFIXES["owl"] + "versionIRI")
    path = version.value.removeprefix(COMMON)
    read = [q.triple for q in quads(server.get(path, accept="text/turtle"), "ttl")]
    assert same(read, server.snapshot.graph(f"{COMMON}/ns"))
    assert server.get(path, accept="text/html").status_code == 200


@pytest.mark.parametrize("suffix", TRIPLES)
def test_the_shapes_are_the_shapes_that_data_was_checked_with(server, suffix):
    graphs = [entry.graph for entry in server.snapshot.manifest.graphs if entry.role == "shapes"]
    assert graphs, "a library without shapes would make this pass for nothing"
    wanted = [triple for graph in graphs for triple in server.snapshot.graph(graph)]
    assert same([q.triple for q in quads(server.get(f"/shapes.{suffix}"), suffix)], wanted)


def external(server) -> list[str]:
    """One IRI of somebody else from every host, the one most worth: a subject where there is one."""
    hosts: dict[str, str] = {}
    for iri in server.iris:
        if not iri.startswith(COMMON):
            hosts.setdefault(iri.split("/")[2] if "//" in iri else iri, iri)
    return sorted(hosts.values())


def test_every_host_that_the_data_points_to_has_a_page_that_says_what_we_know(server):
    assert len(external(server)) > 5
    for iri in external(server):
        path = f"/resource?iri={quote(iri, safe='')}"
        page = server.get(path, accept="text/html")
        assert page.status_code == 200, iri
        assert iri in page.text.replace("&#39;", "'").replace("&amp;", "&")
        read = [q.triple for q in quads(server.get(path, accept="text/turtle"), "ttl")]
        assert same(read, server.snapshot.describe(iri)), iri


def test_somebody_elses_iri_with_percent_and_paragraph_sign_is_found_as_it_is_written(server):
    odd = [iri for iri in server.iris if "%" in iri or not iri.isascii()]
    assert odd, "the data has no such IRI any more; take the test away or find another"
    for iri in odd:
        assert server.get(f"/resource?iri={quote(iri, safe='')}", accept="text/turtle").status_code == 200, iri


def test_one_of_our_own_is_shown_under_resource_too(server):
    iri = f"{COMMON}/id/{PLAN}"
    answer = server.get(f"/resource?iri={quote(iri, safe='')}&format=nt")
    assert same([q.triple for q in quads(answer, "nt")], server.snapshot.describe(iri))


def test_a_term_of_the_vocabulary_has_a_page_with_its_use(server):
    answer = server.get(f"/resource?iri={quote(PREFIXES['plan'] + 'Strategy', safe='')}", accept="text/html")
    assert answer.status_code == 200


def test_the_manifest_of_the_snapshot_is_what_is_served(server):
    answer = server.get("/snapshot/current")
    assert answer.headers["content-type"] == "application/json"
    manifest = answer.json()
    assert manifest["id"] == server.snapshot.id == server.get("/healthz").json()["snapshot"]
    assert len(manifest["graphs"]) == len(server.snapshot.graphs)
    assert {dump["href"] for dump in manifest.pop("dumps")["dumps"]} >= {"/dump/latest/all.nq.gz"}
    assert server.get(f"/snapshot/{manifest['id']}").json() == manifest


def test_words_keep_their_characters_on_the_way(server):
    said = {q.object.value for q in server.snapshot.store if isinstance(q.object, Literal) and "å" in q.object.value}
    text = server.get(f"/graph/{PLAN}.nt").text
    assert any(value in text for value in said if '"' not in value and "\n" not in value)
    assert "Ã¥" not in text
