"""Defined concepts for the national concept catalogue: SKOS-AP-NO-Begrep 2.0.

The profile wants a name in bokmål and one in nynorsk, a definition, a contact point and a publisher with its number. A
concept that lacks one of them stays out of the document, and what it lacks is named: a name in the other language is
not made up. The document holds nothing but concepts that are meant as such; codes and themes are no part of it.
"""

from __future__ import annotations

from planvev.formats.rdf import Literal
from planvev.registries.holdings import Holding, Holdings, Notion
from planvev.registries.registry import NO_CONTACT, NO_NUMBER, Document, Missing, Owner, called, typed
from planvev.settings import organisation_number

NO_NAME = {
    "nb": "Mangler navn på {0}. Eieren av begrepet legger det til som skos:prefLabel.",
    "nn": "Manglar namn på {0}. Eigaren av omgrepet legg det til som skos:prefLabel.",
    "en": "No name in {0}. The owner of the concept adds it as skos:prefLabel.",
}
WRITTEN = {"nb": "bokmål", "nn": "nynorsk"}  # what a name is wanted in; called the same in all languages
NO_DEFINITION = {
    "nb": "Mangler definisjon. Eieren av begrepet legger den til som skos:definition.",
    "nn": "Manglar definisjon. Eigaren av omgrepet legg han til som skos:definition.",
    "en": "No definition. The owner of the concept adds it as skos:definition.",
}
COLLECTION = {
    "nb": "Begreper fra {0}",
    "nn": "Omgrep frå {0}",
    "en": "Concepts of {0}",
}


def concepts(owner: Owner, holdings: Holdings) -> Document:
    """The concept catalogue, and in `missing` what keeps concepts out of it."""
    to = Document(owner, holdings)
    for holding in holdings.publishers():
        whole = []
        for notion in holding.notions:
            lacking = _lacking(owner, holding, notion)
            to.missing += lacking
            if not lacking:
                whole.append(notion)
        if whole:
            _collection(to, holding, whole)
    return to


def _lacking(owner: Owner, holding: Holding, notion: Notion) -> list[Missing]:
    """What the profile wants of a concept and nobody has said."""
    found = [
        Missing(notion.iri, "skos:prefLabel", {lang: words.format(named) for lang, words in NO_NAME.items()})
        for tag, named in WRITTEN.items()
        if tag not in notion.names
    ]
    if not notion.definitions:
        found.append(Missing(notion.iri, "skos:definition", NO_DEFINITION))
    if not (holding.body and organisation_number(holding.body.number)):
        found.append(Missing(notion.iri, "dct:publisher", NO_NUMBER))
    if not (owner.contact_name and (owner.contact_email or owner.contact_page)):
        found.append(Missing(notion.iri, "dcat:contactPoint", NO_CONTACT))
    return found


def _collection(to: Document, holding: Holding, notions: list[Notion]) -> None:
    body = holding.body
    assert body is not None  # a concept without an organisation lacks a publisher
    iri, publisher = f"{to.owner.base.iri}/concepts#{holding.slug}", to.agent(body)
    to.kind(iri, "skos:Collection")
    to.words(iri, "dct:title", {lang: words.format(called(body.names, lang)) for lang, words in COLLECTION.items()})
    to.say(iri, "dct:identifier", typed(iri, "anyURI"))
    to.say(iri, "dct:publisher", publisher)
    to.contact(iri)
    for notion in notions:
        to.say(iri, "skos:member", notion.iri)
        to.kind(notion.iri, "skos:Concept")
        to.words(notion.iri, "skos:prefLabel", notion.names)
        to.say(notion.iri, "dct:identifier", typed(notion.iri, "anyURI"))
        to.say(notion.iri, "dct:publisher", publisher)
        to.contact(notion.iri)
        for language, words in notion.definitions.items():
            note = f"{notion.iri}#definition-{language or 'und'}"
            to.say(notion.iri, "euvoc:xlDefinition", note)
            to.kind(note, "euvoc:XlNote")
            to.say(note, "rdf:value", Literal(words, language=language) if language else Literal(words))
            to.say(note, "dct:source", *notion.sources)
