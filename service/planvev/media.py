"""Which representation a client gets: the table of media types, and the choice.

A request may rank what it wants (RFC 9110, section 12.5.1). The most specific range that covers a type decides its
weight; among equal weights the earlier entry of an offer wins, so the order of an offer is our own preference.
Nothing here knows about HTTP frameworks or about RDF; `rdf` and `query_worker` know what the suffixes stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from planvev.errors import BadRequest, NotAcceptable


@dataclass(frozen=True)
class Media:
    """One row: the type on the wire, the suffix in an address, and the name people use."""

    type: str
    suffix: str
    name: str

    @property
    def content_type(self) -> str:
        """The Content-Type header. Text types say their charset, because their default would not be UTF-8."""
        charset = self.type.startswith("text/") or self.type == "application/n-triples"
        return f"{self.type}; charset=utf-8" if charset else self.type


HTML = Media("text/html", "html", "HTML")
TURTLE = Media("text/turtle", "ttl", "Turtle")
JSONLD = Media("application/ld+json", "jsonld", "JSON-LD")
RDFXML = Media("application/rdf+xml", "rdf", "RDF/XML")
NTRIPLES = Media("application/n-triples", "nt", "N-Triples")
TRIG = Media("application/trig", "trig", "TriG")
NQUADS = Media("application/n-quads", "nq", "N-Quads")

JSON = Media("application/sparql-results+json", "json", "JSON")
XML = Media("application/sparql-results+xml", "xml", "XML")
CSV = Media("text/csv", "csv", "CSV")
TSV = Media("text/tab-separated-values", "tsv", "TSV")
XLSX = Media("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "Excel")

# Older or vaguer names for the same bytes, offered last: a client that names only these still gets an answer.
PLAIN_JSON = Media("application/json", "json", "JSON")
PLAIN_XML = Media("application/xml", "xml", "XML")
PLAIN_RDF = Media("application/xml", "rdf", "RDF/XML")
PLAIN_JSONLD = Media("application/json", "jsonld", "JSON-LD")
TEXT_XML = Media("text/xml", "rdf", "RDF/XML")
OLD_TURTLE = Media("application/x-turtle", "ttl", "Turtle")
N3 = Media("text/n3", "ttl", "Turtle")  # Turtle is N3, as far as data goes
PLAIN_TEXT = Media("text/plain", "nt", "N-Triples")

RDF = (TURTLE, JSONLD, RDFXML, NTRIPLES)
DOCUMENTS = (HTML, *RDF)
OLD_RDF = (PLAIN_JSONLD, PLAIN_RDF, TEXT_XML, OLD_TURTLE, N3, PLAIN_TEXT)
DOCUMENTS_WIDE = (*DOCUMENTS, *OLD_RDF)
GRAPHS = (HTML, *RDF, TRIG, NQUADS)
ROWS = (JSON, XML, CSV, TSV, HTML, XLSX, PLAIN_JSON, PLAIN_XML)
TRIPLES = (TURTLE, NTRIPLES, RDFXML, JSONLD, TRIG, NQUADS, HTML, *OLD_RDF)
TRUTH = (JSON, XML, CSV, TSV, HTML, PLAIN_JSON, PLAIN_XML)


# What clients call formats in `format=`, beside our suffixes and the media types. SPARQLWrapper sends the first six:
# `xml` and `json` also where the answer is RDF.
_CALLED = {
    "xml": "rdf",
    "json": "jsonld",
    "srx": "xml",
    "srj": "json",
    "turtle": "ttl",
    "n3": "ttl",
    "rdf+xml": "rdf",
    "json-ld": "jsonld",
    "rdfxml": "rdf",
    "ntriples": "nt",
    "n-triples": "nt",
    "nquads": "nq",
    "n-quads": "nq",
}


def by_suffix(suffix: str, offers: Sequence[Media]) -> Media | None:
    """The offer with this suffix, if there is one."""
    return next((offer for offer in offers if offer.suffix == suffix), None)


def called(names: Sequence[str], offers: Sequence[Media]) -> Media | None:
    """The offer that `format=` in an address names; None when it names nothing.

    Args:
        names: every value of the parameter, in order; each may list several names, separated by commas.
        offers: what we have.

    Raises:
        BadRequest: names are given, and none is of an offer.
    """
    # A plus sign that was not encoded arrives as a space.
    wanted = [name.strip().lower().replace(" ", "+") for value in names for name in value.split(",") if name.strip()]
    for name in wanted:
        found = by_suffix(name, offers) or next((offer for offer in offers if offer.type == name), None)
        if found := found or by_suffix(_CALLED.get(name, ""), offers):
            return found
    if wanted:
        have = ", ".join(dict.fromkeys(offer.suffix for offer in offers))
        raise BadRequest(f"There is no format {', '.join(wanted)} here.", f"There are {have}.")
    return None


def negotiate(accept: str | None, offers: Sequence[Media]) -> Media:
    """The offer the client likes best.

    Args:
        accept: the Accept header, or None when there was none.
        offers: what we have, in our own order of preference; never empty.

    Raises:
        NotAcceptable: the client refuses every offer.
    """
    return _best(accept or "", tuple(offers))


@lru_cache(256)  # clients have few ways of asking
def _best(accept: str, offers: tuple[Media, ...]) -> Media:
    if not accept.strip():
        return offers[0]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    weight, place = max((_weight(offer, ranges), -n) for n, offer in enumerate(offers))
    if weight <= 0:
        have = dict.fromkeys(offer.type for offer in offers)
        raise NotAcceptable(f"The request accepts {accept!r}.", f"We have {', '.join(have)}.")
    return offers[-place]


def _weight(offer: Media, ranges: Sequence[tuple[str, float]]) -> float:
    kind = offer.type.partition("/")[0]
    for wanted in (offer.type, f"{kind}/*", "*/*"):  # most specific first
        weights = [q for name, q in ranges if name == wanted]
        if weights:
            return max(weights)
    return 0.0


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    if name == "*":  # Java's URLConnection sends this for */*
        name = "*/*"
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = float(value)
                return name, min(weight, 1.0) if weight > 0 else 0.0  # "nan" is no weight either
            except ValueError:
                return name, 0.0
    return name, 1.0
