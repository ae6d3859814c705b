"""What the SPARQL endpoint says of itself: SPARQL 1.1 Service Description, with the size of each graph by VoID."""

from __future__ import annotations

from planvev.engine import Edition
from planvev.names import PREFIXES
from planvev.rdf import BlankNode, Literal, NamedNode, Triple


def description(snapshot: Edition, address: str) -> list[Triple]:
    """SPARQL 1.1 Service Description of this endpoint and its dataset."""
    sd, rdf_type = "http://www.w3.org/ns/sparql-service-description#", NamedNode(PREFIXES["rdf"] + "type")
    formats = "http://www.w3.org/ns/formats/"
    endpoint, dataset, default = NamedNode(address), BlankNode("dataset"), BlankNode("default")
    integer = NamedNode(PREFIXES["xsd"] + "integer")
    void_triples = NamedNode("http://rdfs.org/ns/void#triples")

    def say(subject: NamedNode | BlankNode, predicate: str, value: NamedNode | BlankNode | Literal) -> Triple:
        return Triple(subject, NamedNode(sd + predicate), value)

    triples = [
        Triple(endpoint, rdf_type, NamedNode(sd + "Service")),
        say(endpoint, "endpoint", endpoint),
        say(endpoint, "supportedLanguage", NamedNode(sd + "SPARQL11Query")),
        say(endpoint, "defaultDataset", dataset),
        Triple(dataset, rdf_type, NamedNode(sd + "Dataset")),
        say(dataset, "defaultGraph", default),
        Triple(default, rdf_type, NamedNode(sd + "Graph")),
        Triple(default, void_triples, Literal(str(snapshot.manifest.triples), datatype=integer)),
    ]
    names = (
        "SPARQL_Results_JSON",
        "SPARQL_Results_XML",
        "SPARQL_Results_CSV",
        "SPARQL_Results_TSV",
        "Turtle",
        "N-Triples",
        "RDF_XML",
        "JSON-LD",
    )
    triples += [say(endpoint, "resultFormat", NamedNode(formats + name)) for name in names]
    for number, entry in enumerate(snapshot.manifest.graphs):
        graph, body = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            say(dataset, "namedGraph", graph),
            Triple(graph, rdf_type, NamedNode(sd + "NamedGraph")),
            say(graph, "name", NamedNode(entry.graph)),
            say(graph, "graph", body),
            Triple(body, void_triples, Literal(str(entry.triples), datatype=integer)),
        ]
    return triples
