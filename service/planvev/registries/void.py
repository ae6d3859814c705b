"""What the dataset consists of, for whoever decides whether to ask it: VoID, with the numbers gathered at publish.

All numbers are exact, of the default graph: statements, different subjects and objects, how often each property and
each class is used. Linksets say how many statements lead to things of others, by whose they are and which property.
Files and endpoint are those of the catalogue.
"""

from __future__ import annotations

import re

from planvev.formats.rdf import Literal
from planvev.queries.statistics import Statistics
from planvev.registries.dumps import Edition
from planvev.registries.holdings import SPACES, Holdings
from planvev.registries.registry import Document, Owner, tagged, typed

TITLE = {
    "nb": "Offentlige planer som lenkede data",
    "nn": "Offentlege planar som lenkja data",
    "en": "Public plans as linked data",
}
FORMATS = "http://www.w3.org/ns/formats/"
VOCABULARIES = (
    "https://w3id.org/planvev/ns#",
    "http://purl.org/dc/terms/",
    "http://www.w3.org/2004/02/skos/core#",
    "http://data.europa.eu/eli/ontology#",
    "http://www.w3.org/ns/org#",
    "http://www.w3.org/ns/oa#",
)


def void(owner: Owner, edition: Edition, holdings: Holdings, numbers: Statistics) -> Document:
    """The description.

    Args:
        owner: whose service this is, and its addresses.
        edition: the files to name.
        holdings: what leads to things of others.
        numbers: of the snapshot that is served.
    """
    to, iri = Document(owner, holdings), f"{owner.base.iri}/catalogue#dataset"
    description = f"{owner.base.iri}/.well-known/void"
    to.kind(description, "void:DatasetDescription")
    to.say(description, "foaf:primaryTopic", iri)
    to.kind(iri, "void:Dataset")
    to.words(iri, "dct:title", TITLE)
    to.say(iri, "foaf:homepage", f"{owner.host}/")
    to.say(iri, "void:sparqlEndpoint", f"{owner.host}/sparql")
    to.say(iri, "void:openSearchDescription", f"{owner.host}/opensearch.xml")
    to.say(iri, "void:uriSpace", Literal(f"{owner.base.iri}/id/"))
    to.say(iri, "void:exampleResource", *(work.iri for one in holdings.publishers() for work in one.works[:1]))
    to.say(iri, "void:vocabulary", *VOCABULARIES)
    to.say(iri, "void:feature", *(f"{FORMATS}{name}" for name in ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")))
    dumps = [dump for dump in edition.dumps if not dump.publisher]
    to.say(iri, "void:dataDump", *(f"{owner.host}/dump/{edition.name}/{dump.name}" for dump in dumps))
    counts = {
        "triples": numbers.triples,
        "distinctSubjects": numbers.subjects,
        "distinctObjects": numbers.objects,
        "properties": len(numbers.properties),
        "classes": len(numbers.classes),
        "documents": len(numbers.graphs),
    }
    for name, number in counts.items():
        to.say(iri, f"void:{name}", _number(number))
    _partitions(to, iri, numbers)
    _linksets(to, iri)
    return to


def _partitions(to: Document, iri: str, numbers: Statistics) -> None:
    for place, (name, use) in enumerate(sorted(numbers.properties.items()), 1):
        part = f"{iri}-property-{place}"
        to.say(iri, "void:propertyPartition", part)
        to.say(part, "void:property", name)
        to.say(part, "void:triples", _number(use.triples))
        to.say(part, "void:distinctSubjects", _number(use.subjects))
        to.say(part, "void:distinctObjects", _number(use.objects))
    for place, (name, number) in enumerate(sorted(numbers.classes.items()), 1):
        part = f"{iri}-class-{place}"
        to.say(iri, "void:classPartition", part)
        to.say(part, "void:class", name)
        to.say(part, "void:entities", _number(number))


def _linksets(to: Document, iri: str) -> None:
    """How many statements lead to things of others, by whose they are and by which property."""
    called = {slug: (name, space) for slug, name, space in SPACES}
    for (slug, relation), number in to.holdings.leads().items():
        name, space = called[slug]
        linkset, other = f"{iri}-links-{slug}-{re.split('[/#]', relation)[-1]}", f"{iri}-{slug}"
        to.say(iri, "void:subset", linkset)
        to.kind(linkset, "void:Linkset")
        to.say(linkset, "void:subjectsTarget", iri)
        to.say(linkset, "void:objectsTarget", other)
        to.say(linkset, "void:linkPredicate", relation)
        to.say(linkset, "void:triples", _number(number))
        to.kind(other, "void:Dataset")
        to.say(other, "dct:title", tagged(name, "nb"))
        to.say(other, "void:uriSpace", Literal(space))


def _number(number: int) -> Literal:
    return typed(str(number), "integer")
