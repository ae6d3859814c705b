"""What every harvest document shares: how statements are collected, who stands behind them, and what is missing.

A registry wants a contact point, a publisher with its number, an owner. None of them is made up here: what neither the
files nor the settings say is left out of the document and named in `missing`, in words for whoever can supply it.
Addresses of files follow the host that is asked; names of things follow the base and never change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from planvev.formats.rdf import Literal, NamedNode, Triple
from planvev.names import PREFIXES, Base
from planvev.registries.holdings import Body, Code, Holdings
from planvev.settings import Settings, organisation_number

NAMESPACES = {
    **PREFIXES,
    "dcatap": "http://data.europa.eu/r5r/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "euvoc": "http://publications.europa.eu/ontology/euvoc#",
    "modelldcatno": "https://data.norge.no/vocabulary/modelldcatno#",
    "skosno": "https://data.norge.no/vocabulary/skosno#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
}
EU = "http://publications.europa.eu/resource/authority/"
ADMS = "http://purl.org/adms/publishertype/"
IANA = "https://www.iana.org/assignments/media-types/"
LANGUAGES = {"nb": "NOB", "nn": "NNO", "en": "ENG", "se": "SME", "sma": "SMA", "smj": "SMJ"}

Names = Mapping[str, str]


@dataclass(frozen=True)
class Missing:
    """What a registry asks for and nobody has said: about which thing, which property, and what to do, by language."""

    about: str
    property: str
    words: Names


@dataclass(frozen=True)
class Owner:
    """Who stands behind the catalogues, as the settings say; empty where they do not."""

    base: Base
    host: str  # without a slash at its end
    number: str
    contact_name: str
    contact_email: str
    contact_page: str
    publisher_iri: str
    licence: str

    @classmethod
    def of(cls, settings: Settings, host: str) -> Owner:
        """From the settings; `host` is where the request came to, for a service that has no PLANVEV_SITE."""
        return cls(
            Base(settings.base),
            settings.site or host.rstrip("/"),
            settings.owner,
            settings.contact_name,
            settings.contact_email,
            settings.contact_page,
            settings.publisher_iri,
            settings.licence,
        )

    def publisher(self, number: str) -> str:
        """How an organisation is named by its number."""
        return self.publisher_iri.replace("{number}", number)


@dataclass
class Document:
    """One harvest document while it is being written: statements, and what is missing."""

    owner: Owner
    holdings: Holdings
    triples: dict[Triple, None] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)

    @cached_property
    def codes(self) -> Mapping[str, Code]:
        """Every code by its IRI."""
        return self.holdings.codes()

    def say(self, subject: str, predicate: str, *values: str | Literal | NamedNode | None) -> None:
        """Add statements. A plain string is an IRI, or a name with one of our prefixes; None is nothing."""
        about, relation = NamedNode(full(subject)), NamedNode(full(predicate))
        for value in values:
            if value is not None and value != "":
                term = NamedNode(full(value)) if isinstance(value, str) else value
                self.triples[Triple(about, relation, term)] = None

    def kind(self, subject: str, *classes: str) -> None:
        """Say which classes a thing is of."""
        self.say(subject, "rdf:type", *classes)

    def words(self, subject: str, predicate: str, names: Names) -> None:
        """Say words in each language they are given in."""
        self.say(subject, predicate, *(tagged(text, language) for language, text in names.items()))

    def lacks(self, about: str, predicate: str, words: Names) -> None:
        """Note what is missing, here and in the document, where whoever reads it sees it."""
        self.missing.append(Missing(about, predicate, words))
        self.words(about, "rdfs:comment", words)

    def contact(self, about: str) -> None:
        """The contact point (vCard), or that there is none."""
        owner = self.owner
        if not (owner.contact_name and (owner.contact_email or owner.contact_page)):
            self.lacks(about, "dcat:contactPoint", NO_CONTACT)
            return
        iri = f"{owner.base.iri}/catalogue#contact"
        self.say(about, "dcat:contactPoint", iri)
        self.kind(iri, "vcard:Organization", "vcard:Kind")  # nobody who reads this has vCard's classes at hand
        self.say(iri, "vcard:fn", Literal(owner.contact_name))
        self.say(iri, "vcard:hasEmail", f"mailto:{owner.contact_email}" if owner.contact_email else None)
        self.say(iri, "vcard:hasURL", owner.contact_page or None)

    def published_by_owner(self, about: str) -> None:
        """Whose catalogue it is."""
        number = self.owner.number
        if not number:
            self.lacks(about, "dct:publisher", NO_OWNER)
            return
        known = next((body for body in self.holdings.bodies().values() if body.number == number), None)
        self.say(about, "dct:publisher", self.agent(known or Body("", {"": number}, number)))

    def published_by(self, about: str, body: Body | None) -> None:
        """Whose the content is."""
        if body is None:
            self.lacks(about, "dct:publisher", NO_BODY)
            return
        self.say(about, "dct:publisher", self.agent(body))
        if not organisation_number(body.number):
            self.lacks(about, "dct:publisher", NO_NUMBER)

    def agent(self, body: Body) -> str:
        """An organisation as registries know it: by its number where we have it, else under our own name."""
        numbered = organisation_number(body.number)
        iri = self.owner.publisher(body.number) if numbered else body.iri
        self.kind(iri, "foaf:Agent", "org:Organization")
        self.words(iri, "foaf:name", body.names)
        if numbered:
            self.say(iri, "dct:identifier", Literal(body.number))
            self.say(iri, "rdfs:seeAlso", f"https://data.brreg.no/enhetsregisteret/api/enheter/{body.number}", body.iri)
        code = self.codes.get(body.kind)
        self.say(iri, "dct:type", *(match for match in (code.matches if code else ()) if match.startswith(ADMS)))
        return iri


def called(names: Names, language: str) -> str:
    """A name in a language, or in the nearest there is; empty where there is none."""
    return next((names[tag] for tag in (language, "nb", "nn", "en", "") if tag in names), "")


def tagged(text: str, language: str) -> Literal:
    """Words in a language; without one, plain."""
    return Literal(text, language=language) if language else Literal(text)


def typed(text: str, datatype: str) -> Literal:
    """A value of an XSD datatype, named without its prefix."""
    return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + datatype))


def full(name: str) -> str:
    """The IRI that a prefixed name stands for; what has none of our prefixes is an IRI already."""
    prefix, colon, local = name.partition(":")
    return NAMESPACES[prefix] + local if colon and prefix in NAMESPACES and not local.startswith("//") else name


NO_CONTACT = {
    "nb": "Mangler kontaktpunkt: den som drifter tjenesten, oppgir navn og e-post eller side (PLANVEV_CONTACT_NAME, "
    "PLANVEV_CONTACT_EMAIL, PLANVEV_CONTACT_PAGE).",
    "nn": "Manglar kontaktpunkt: den som driftar tenesta, oppgjev namn og e-post eller side (PLANVEV_CONTACT_NAME, "
    "PLANVEV_CONTACT_EMAIL, PLANVEV_CONTACT_PAGE).",
    "en": "No contact point: whoever runs the service states a name and an e-mail address or page "
    "(PLANVEV_CONTACT_NAME, PLANVEV_CONTACT_EMAIL, PLANVEV_CONTACT_PAGE).",
}
NO_OWNER = {
    "nb": "Mangler eier av katalogen: den som drifter tjenesten, oppgir organisasjonsnummeret (PLANVEV_OWNER).",
    "nn": "Manglar eigar av katalogen: den som driftar tenesta, oppgjev organisasjonsnummeret (PLANVEV_OWNER).",
    "en": "No owner of the catalogue: whoever runs the service states the organisation number (PLANVEV_OWNER).",
}
NO_BODY = {
    "nb": "Mangler utgiver: det er ingen organisasjon med dette navnet under data/ttl/org.",
    "nn": "Manglar utgjevar: det er ingen organisasjon med dette namnet under data/ttl/org.",
    "en": "No publisher: there is no organisation of this name under data/ttl/org.",
}
NO_NUMBER = {
    "nb": "Mangler organisasjonsnummer: ingen kilde har gitt det. Legg det til som dct:identifier i filen til "
    "organisasjonen.",
    "nn": "Manglar organisasjonsnummer: inga kjelde har gjeve det. Legg det til som dct:identifier i fila til "
    "organisasjonen.",
    "en": "No organisation number: no source has given it. Add it as dct:identifier in the organisation's file.",
}
