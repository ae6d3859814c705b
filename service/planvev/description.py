"""What the SPARQL endpoint says of itself: SPARQL 1.1 Service Description, with the size of each graph by VoID.

Of the features that the vocabulary names it has none, and claims none: it does not dereference IRIs, needs no dataset,
keeps no empty graphs, federates nothing, and its default graph is not the union of all named graphs.
"""

from __future__ import annotations

from planvev.engine import Edition
from planvev.names import PREFIXES
from planvev.rdf import BlankNode, Literal, NamedNode, Triple

FORMATS = "http://www.w3.org/ns/formats/"
# The W3C's name of every format that is served, by our suffix for it (Unique URIs for File Formats).
NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
    "trig": "TriG",
    "nq": "N-Quads",
}
# Not sd:UnionDefaultGraph, which would be the union of all named graphs.
DEFAULT = (
    "The union of all data and the vocabulary, each statement once. Shapes, old releases and derived links are named "
    "graphs only."
)


def description(snapshot: Edition, address: str) -> list[Triple]:
    """SPARQL 1.1 Service Description of this endpoint and its dataset."""
    sd, rdf_type = "http://www.w3.org/ns/sparql-service-description#", NamedNode(PREFIXES["rdf"] + "type")
    endpoint, dataset, default = NamedNode(address), BlankNode("dataset"), BlankNode("default")
    integer = NamedNode(PREFIXES["xsd"] + "integer")
    void_triples = NamedNode("http://rdfs.org/ns/void#triples")

    def say(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(sd + predicate), value)

    triples = [
        Triple(endpoint, rdf_type, NamedNode(sd + "Service")),
        say(endpoint, "endpoint", endpoint),
        say(endpoint, "supportedLanguage", NamedNode(sd + "SPARQL11Query")),
        say(endpoint, "defaultEntailmentRegime", NamedNode("http://www.w3.org/ns/entailment/Simple")),
        say(endpoint, "defaultDataset", dataset),
        Triple(dataset, rdf_type, NamedNode(sd + "Dataset")),
        say(dataset, "defaultGraph", default),
        Triple(default, rdf_type, NamedNode(sd + "Graph")),
        Triple(default, NamedNode(PREFIXES["dct"] + "description"), Literal(DEFAULT, language="en")),
        Triple(default, void_triples, Literal(str(snapshot.manifest.triples), datatype=integer)),
    ]
    triples += [say(endpoint, "resultFormat", NamedNode(FORMATS + name)) for name in NAMES.values()]
    for number, entry in enumerate(snapshot.manifest.graphs):
        graph, body = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            say(dataset, "namedGraph", graph),
            Triple(graph, rdf_type, NamedNode(sd + "NamedGraph")),
            say(graph, "name", NamedNode(entry.graph)),
            say(graph, "graph", body),
            Triple(body, rdf_type, NamedNode(sd + "Graph")),
            Triple(body, void_triples, Literal(str(entry.triples), datatype=integer)),
        ]
    return triples
