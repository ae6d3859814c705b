"""What the SPARQL endpoint says of itself: SPARQL 1.1 Service Description, with the numbers of its graphs by VoID.

The size of each named graph, and of the default graph how often each property and each class is used, as gathered at
publish; of an engine on the network only the sizes. Links to others are counted at `/.well-known/void`.

Of the features that the vocabulary names it has none, and claims none: it does not dereference IRIs, needs no dataset,
keeps no empty graphs, federates nothing, and its default graph is not the union of all named graphs.
"""

from __future__ import annotations

from planvev.engines.engine import Edition
from planvev.engines.snapshot import Snapshot
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple
from planvev.names import PREFIXES
from planvev.queries.statistics import Statistics

FORMATS = "http://www.w3.org/ns/formats/"
VOID = "http://rdfs.org/ns/void#"
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
    void_triples = NamedNode(VOID + "triples")

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
        Triple(default, void_triples, _number(snapshot.manifest.triples)),
    ]
    if isinstance(snapshot, Snapshot) and snapshot.statistics:
        triples += _numbers(default, snapshot.statistics)
    triples += [say(endpoint, "resultFormat", NamedNode(FORMATS + name)) for name in NAMES.values()]
    for number, entry in enumerate(snapshot.manifest.graphs):
        graph, body = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        triples += [
            say(dataset, "namedGraph", graph),
            Triple(graph, rdf_type, NamedNode(sd + "NamedGraph")),
            say(graph, "name", NamedNode(entry.graph)),
            say(graph, "graph", body),
            Triple(body, rdf_type, NamedNode(sd + "Graph")),
            Triple(body, void_triples, _number(entry.triples)),
        ]
    return triples


def _numbers(graph: BlankNode, numbers: Statistics) -> list[Triple]:
    """The default graph in numbers: different subjects and objects, and every property and class with its use."""
    counts = {
        "distinctSubjects": numbers.subjects,
        "distinctObjects": numbers.objects,
        "properties": len(numbers.properties),
        "classes": len(numbers.classes),
    }
    triples = [Triple(graph, NamedNode(VOID + name), _number(number)) for name, number in counts.items()]
    uses = [("property", "triples", name, use.triples) for name, use in sorted(numbers.properties.items())]
    uses += [("class", "entities", name, number) for name, number in sorted(numbers.classes.items())]
    for place, (kind, unit, name, number) in enumerate(uses):
        part = BlankNode(f"part{place}")
        triples += [
            Triple(graph, NamedNode(f"{VOID}{kind}Partition"), part),
            Triple(part, NamedNode(VOID + kind), NamedNode(name)),
            Triple(part, NamedNode(VOID + unit), _number(number)),
        ]
    return triples


def _number(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(PREFIXES["xsd"] + "integer"))
