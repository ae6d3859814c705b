"""What data.norge.no makes of a harvested document: its own parser (fdk-rdf-parser), run as a process of its own.

Reads Turtle on standard input and writes JSON. The portal's harvester gives each member a catalogue record of its own
before the parser sees it, and so does this; nothing else is added. The parser asks nobody.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import fdk_rdf_parser as portal  # type: ignore[import-untyped]
from rdflib import DCTERMS, FOAF, RDF, Graph, Literal, URIRef

DCAT, MODEL = "http://www.w3.org/ns/dcat#", "https://data.norge.no/vocabulary/modelldcatno#"
MEMBERS = {f"{DCAT}Dataset", f"{DCAT}DataService", f"{MODEL}InformationModel"}


def main() -> None:
    graph = Graph().parse(data=sys.stdin.read(), format="turtle")
    members = {str(subject) for subject, kind in graph.subject_objects(RDF.type) if str(kind) in MEMBERS}
    for number, member in enumerate(sorted(members)):
        record = URIRef(f"https://harvester.example/{number}")
        graph.add((record, RDF.type, URIRef(f"{DCAT}CatalogRecord")))
        graph.add((record, FOAF.primaryTopic, URIRef(member)))
        graph.add((record, DCTERMS.identifier, Literal(str(number))))
    text = graph.serialize(format="turtle")
    found = {
        "datasets": portal.parse_datasets(text),
        "services": portal.parse_data_services(text),
        "models": portal.parse_information_models(text),
    }
    plain = {kind: {iri: asdict(one) for iri, one in things.items()} for kind, things in found.items()}
    sys.stdout.write(json.dumps(plain, default=str))


if __name__ == "__main__":
    main()
