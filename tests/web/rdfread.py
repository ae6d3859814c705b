"""What an RDF answer says, read by parsers that are not ours to choose formats for: pyoxigraph and rdflib."""

from __future__ import annotations

import httpx2
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, RdfFormat, Triple, parse
from rdflib.compare import to_canonical_graph

TYPES = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
OXIGRAPH = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}
RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}


def quads(answer: httpx2.Response, suffix: str) -> list[Quad]:
    """The statements of an answer in the format it says it has."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == TYPES[suffix]
    return list(parse(answer.content, OXIGRAPH[suffix]))


def same(one: list[Triple], other: list[Triple]) -> bool:
    """Whether two lists of triples are one graph, whatever their blank nodes are called."""
    return canonical(one) == canonical(other)


def canonical(triples: list[Triple]) -> set[str]:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def by_rdflib(answer: httpx2.Response, suffix: str) -> rdflib.Graph:
    """The answer as rdflib reads it, canonical, so that two of them can be compared as sets."""
    graph = rdflib.Graph()
    graph.parse(data=answer.content, format=RDFLIB[suffix])
    return to_canonical_graph(graph)
