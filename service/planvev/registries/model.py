"""The ontology as an information model for the national model catalogue: ModellDCAT-AP-NO 1.3.

Each class is an object type, each property that points from it an association or an attribute. Numbers of occurrences
are not said: the shapes hold them, and they differ by publisher. The harvester follows `modelldcatno:model`, the
profile asks for `dct:hasPart`: both are said.
"""

from __future__ import annotations

from planvev.formats.rdf import Literal
from planvev.insight.vocabulary import Term, Vocabulary
from planvev.names import COMMON, PREFIXES
from planvev.registries.holdings import Holdings
from planvev.registries.registry import EU, LANGUAGES, Document, Owner, typed

CONCEPTUAL = "https://data.norge.no/vocabulary/information-model-type#conceptual-model"
TITLE = {
    "nb": "Informasjonsmodeller for offentlige planer",
    "nn": "Informasjonsmodellar for offentlege planar",
    "en": "Information models for public plans",
}
DESCRIPTION = {
    "nb": "Modellen som planer, mål, strategier, tiltak, målgrupper, lover og veiledning er beskrevet med.",
    "nn": "Modellen som planar, mål, strategiar, tiltak, målgrupper, lover og rettleiing er skildra med.",
    "en": "The model by which plans, goals, strategies, measures, target groups, law and guidance are described.",
}
NAME = {
    "nb": "Planvev: vokabular for offentlige planer",
    "nn": "Planvev: vokabular for offentlege planar",
    "en": "Planvev: a vocabulary for public plans",
}


def model(owner: Owner, holdings: Holdings, vocabulary: Vocabulary, version: str) -> Document:
    """The model catalogue with one model: our vocabulary of this version."""
    to = Document(owner, holdings)
    catalogue, one = f"{owner.base.iri}/model", f"{COMMON}/model#planvev"
    to.kind(catalogue, "dcat:Catalog")
    to.words(catalogue, "dct:title", TITLE)
    to.words(catalogue, "dct:description", DESCRIPTION)
    to.say(catalogue, "dct:identifier", typed(catalogue, "anyURI"))
    to.say(catalogue, "dct:hasPart", one)
    to.say(catalogue, "modelldcatno:model", one)
    to.kind(one, "modelldcatno:InformationModel")
    to.words(one, "dct:title", NAME)
    to.words(one, "dct:description", DESCRIPTION)
    to.say(one, "dct:identifier", typed(one, "anyURI"))
    to.say(one, "modelldcatno:informationModelIdentifier", Literal(f"{COMMON}/ns/{version}"))
    to.say(one, "dct:type", CONCEPTUAL)
    to.say(one, "dcat:theme", f"{EU}data-theme/GOVE")
    to.say(one, "dct:license", f"{EU}licence/CC_BY_4_0")  # the vocabulary's own, whatever the data's
    to.say(one, "dct:language", *(f"{EU}language/{LANGUAGES[tag]}" for tag in ("nb", "nn", "en")))
    to.say(one, "owl:versionInfo", Literal(version))
    to.say(one, "foaf:homepage", f"{owner.host}/ns")
    to.kind(f"{owner.host}/ns", "foaf:Document")
    for about in (catalogue, one):
        to.published_by_owner(about)
        to.contact(about)
    _elements(to, one, vocabulary)
    return to


def _elements(to: Document, one: str, vocabulary: Vocabulary) -> None:
    classes = {term.iri: term for term in vocabulary.ours("class")}
    for term in classes.values():
        element = _named(term.iri)
        to.say(one, "modelldcatno:containsModelElement", element)
        to.kind(element, "modelldcatno:ObjectType")
        _said(to, element, term)
    for term in vocabulary.ours("property"):
        for owner in (iri for iri in term.domain if iri in classes):
            _property(to, one, _named(owner), term, [iri for iri in term.range if iri in classes])


def _property(to: Document, one: str, element: str, term: Term, ranges: list[str]) -> None:
    iri = f"{element}.{term.iri.rpartition('#')[2]}"
    to.say(element, "modelldcatno:hasProperty", iri)
    _said(to, iri, term)
    if ranges:
        to.kind(iri, "modelldcatno:Association")
        to.say(iri, "modelldcatno:refersTo", *(_named(kind) for kind in ranges[:1]))
        return
    to.kind(iri, "modelldcatno:Attribute")
    for datatype in term.range:
        if datatype.startswith(PREFIXES["xsd"]) or datatype == PREFIXES["rdf"] + "langString":
            simple = f"{one}.{datatype.rpartition('#')[2]}"
            to.say(iri, "modelldcatno:hasSimpleType", simple)
            to.kind(simple, "modelldcatno:SimpleType")
            to.words(simple, "dct:title", {"en": datatype.rpartition("#")[2]})
            to.say(simple, "modelldcatno:typeDefinitionReference", typed(datatype, "anyURI"))
            to.say(one, "modelldcatno:containsModelElement", simple)


def _said(to: Document, iri: str, term: Term) -> None:
    to.words(iri, "dct:title", term.labels)
    to.words(iri, "dct:description", term.definitions)
    to.say(iri, "dct:identifier", typed(term.iri, "anyURI"))


def _named(iri: str) -> str:
    """Where the model speaks of a class: not the class itself, which is no element of a model."""
    return f"{COMMON}/model#planvev.{iri.rpartition('#')[2]}"
