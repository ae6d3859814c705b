"""A catalogue as search engines read it: DataCatalog, Dataset and DataDownload of schema.org, made of its DCAT.

Nothing is said here that the document does not say, and what it lacks is left out. That of all publishers names
each dataset in short; that of one publisher, and the dataset of everything, have their files too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.registries.registry import IANA, full

CONTEXT = "https://schema.org"
FALLBACKS = ("nb", "nn", "en", "")  # after the reader's own language

Said = Mapping[str, Mapping[str, list[Term]]]


def described(triples: Iterable[Triple], catalogue: str, page: str, language: str) -> dict[str, Any]:
    """The catalogue as JSON-LD, for the page that people read in a language.

    Args:
        triples: the document, as `catalogue.catalogue` writes it.
        catalogue: the IRI of the catalogue in it.
        page: the address of the page.
        language: of names and descriptions; the nearest where there are none in it.
    """
    said: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            said[triple.subject.value][triple.predicate.value].append(triple.object)
    writing = _Writing(said, language)
    datasets = writing.values(catalogue, "dcat:dataset")
    whole = f"{catalogue}#dataset"
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        **writing.shared(catalogue),
        "url": page,
        "inLanguage": language,
        "dataset": [writing.dataset(iri, catalogue, iri == whole or len(datasets) == 1) for iri in datasets],
    }


class _Writing:
    def __init__(self, said: Said, language: str) -> None:
        self.said = said
        self.languages = (language, *FALLBACKS)

    def shared(self, iri: str) -> dict[str, Any]:
        """What a catalogue and a dataset say alike."""
        return _filled(
            {
                "@id": iri,
                "name": self.words(iri, "dct:title"),
                "description": self.words(iri, "dct:description"),
                "license": self.value(iri, "dct:license"),
                "datePublished": self.value(iri, "dct:issued"),
                "dateModified": self.value(iri, "dct:modified"),
                "publisher": self.organisation(self.value(iri, "dct:publisher")),
                "spatialCoverage": [{"@type": "Place", "@id": place} for place in self.values(iri, "dct:spatial")],
            }
        )

    def dataset(self, iri: str, catalogue: str, whole: bool) -> dict[str, Any]:
        files = [self.file(one) for one in self.values(iri, "dcat:distribution")]
        made = {
            "@type": "Dataset",
            **self.shared(iri),
            "url": self.value(iri, "dcat:landingPage"),
            "identifier": iri,
            "includedInDataCatalog": {"@type": "DataCatalog", "@id": catalogue},
            "isAccessibleForFree": True,
            "license": self.value(self.value(iri, "dcat:distribution"), "dct:license"),
            "keywords": self.all_words(iri, "dcat:keyword"),
            "temporalCoverage": self.period(self.value(iri, "dct:temporal")),
            "distribution": files if whole else [],
        }
        return _filled(made)

    def file(self, iri: str) -> dict[str, Any]:
        types = [self.value(iri, name).removeprefix(IANA) for name in ("dcat:compressFormat", "dcat:mediaType")]
        size, checksum = self.value(iri, "dcat:byteSize"), self.value(iri, "spdx:checksum")
        return _filled(
            {
                "@type": "DataDownload",
                "@id": iri,
                "name": self.words(iri, "dct:title"),
                "contentUrl": self.value(iri, "dcat:downloadURL"),
                "encodingFormat": [one for one in types if one],
                "contentSize": f"{size} B" if size else "",
                "sha256": self.value(checksum, "spdx:checksumValue"),
                "dateModified": self.value(iri, "dct:modified"),
            }
        )

    def organisation(self, iri: str) -> dict[str, Any]:
        if not iri:
            return {}
        number = self.value(iri, "dct:identifier")
        named = {"@type": "Organization", "@id": iri, "name": self.words(iri, "foaf:name"), "identifier": number}
        return _filled(named)

    def period(self, iri: str) -> str:
        """An interval of ISO 8601; two dots for an end that is open, as schema.org writes it."""
        start, end = self.value(iri, "dcat:startDate"), self.value(iri, "dcat:endDate")
        return f"{start or '..'}/{end or '..'}" if start or end else ""

    def values(self, iri: str, name: str) -> list[str]:
        found = self.said.get(iri, {}).get(full(name), ())
        return sorted(str(term.value) for term in found if not isinstance(term, BlankNode | Triple))

    def value(self, iri: str, name: str) -> str:
        return next(iter(self.values(iri, name)), "")

    def all_words(self, iri: str, name: str) -> list[str]:
        """The words of a property in the first of the languages that has some."""
        found = [term for term in self.said.get(iri, {}).get(full(name), ()) if isinstance(term, Literal)]
        for language in self.languages:
            if words := sorted(term.value for term in found if (term.language or "") == language):
                return words
        return []

    def words(self, iri: str, name: str) -> str:
        return next(iter(self.all_words(iri, name)), "")


def _filled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value}
