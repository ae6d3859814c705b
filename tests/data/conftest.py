"""The committed data as tests read it: files, statements, quotations, and the source texts with their lines joined.

Reads Turtle with pyoxigraph and nothing of the service, so that a test fails because of the data and not of the code.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import missing

TOP = Path(__file__).parents[2]
TTL = TOP / "data" / "ttl"
ID = "https://w3id.org/planvev/id/"

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "plan": "https://w3id.org/planvev/ns#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

# The source documents and the texts that stand for them here.
SEEDS = {
    f"{ID}document/moss/koa-strategi": "000_5c96d066d4f8a452.txt",
    f"{ID}document/moss/oppvekstportal-forankring": "004_5b033b7385747e16.txt",
}
RUNNING_HEADERS = ("STRATEGISK PLAN FOR KOMMUNALOMRÅDE KULTUR, OPPVEKST OG AKTIVITET",)


def full(name: str) -> str:
    """`dct:title` written out; what has no known prefix comes back as it is."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local if prefix in PREFIXES else name


def short(iri: str) -> str:
    """An IRI as people say it: `dct:title`, `plan/moss/koa-2022-2026`."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri.removeprefix(ID)


def files() -> list[Path]:
    """Every data file, in a stable order."""
    return sorted(TTL.rglob("*.ttl"))


def place(path: Path) -> str:
    """The words a file's path and its graph's name share."""
    return path.relative_to(TTL).with_suffix("").as_posix()


@cache
def triples(path: Path) -> tuple[ox.Triple, ...]:
    """The statements of one Turtle file."""
    return tuple(quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE))


def value(term: Term) -> str:
    """An IRI's text, a literal's words, a blank node's name (the parser never gives one twice) after `_:`."""
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else str(getattr(term, "value", term))


@dataclass(frozen=True)
class Graph:
    """All statements of the data, found by subject."""

    about: dict[str, list[tuple[str, Term]]]

    def each(self, subject: str, predicate: str) -> list[Term]:
        return [o for p, o in self.about.get(subject, []) if p == full(predicate)]

    def values(self, subject: str, predicate: str) -> list[str]:
        return [value(o) for o in self.each(subject, predicate)]

    def one(self, subject: str, predicate: str) -> str:
        found = self.values(subject, predicate)
        assert len(found) == 1, f"{short(subject)} has {len(found)} of {predicate}"
        return found[0]

    def of(self, kind: str) -> list[str]:
        wanted = full(kind)
        return sorted(
            s for s, said in self.about.items() if any(p == full("rdf:type") and value(o) == wanted for p, o in said)
        )

    def subjects(self) -> Iterator[str]:
        return (subject for subject in self.about if not subject.startswith("_:"))


@pytest.fixture(scope="session")
def graph() -> Graph:
    """The whole of data/ttl."""
    about: dict[str, list[tuple[str, Term]]] = defaultdict(list)
    for path in files():
        for s, p, o in triples(path):
            about[value(s)].append((p.value, o))
    return Graph(dict(about))


def joined(text: str) -> str:
    """A source text as quotations see it: no running headers, no list marks, lines joined, white space collapsed."""
    lines = [line for line in text.splitlines() if line.strip() not in RUNNING_HEADERS]
    return " ".join(re.sub(r"^\s*[•-]\s+", "", line).strip() for line in lines).strip()


@cache
def seed(document: str) -> bytes:
    """The bytes of a source document's text."""
    path = TOP.parent / "shared" / "seeds" / SEEDS[document]
    if not path.is_file():
        missing(f"the source text ../shared/seeds/{path.name} is not here, so no quotation of it was compared")
    return path.read_bytes()


@cache
def words(document: str) -> str:
    """The text of a source document, as quotations see it."""
    return re.sub(r"\s+", " ", joined(seed(document).decode("utf-8")))


@dataclass(frozen=True)
class Quotation:
    """One quotation: where it is from, its words, the words around it."""

    iri: str
    document: str
    exact: str
    prefix: str
    suffix: str
    evidence_for: frozenset[str]


@pytest.fixture(scope="session")
def quotations(graph: Graph) -> dict[str, Quotation]:
    """Every quotation in the data, by IRI."""

    def read(iri: str) -> Quotation:
        # Beside the words stands their place, by another selector.
        (selector,) = (s for s in graph.values(iri, "oa:hasSelector") if graph.values(s, "oa:exact"))
        around = {part: "".join(graph.values(selector, f"oa:{part}")) for part in ("prefix", "suffix")}
        return Quotation(
            iri=iri,
            document=graph.one(iri, "oa:hasSource"),
            exact=graph.one(selector, "oa:exact"),
            evidence_for=frozenset(graph.values(iri, "plan:evidenceFor")),
            **around,
        )

    return {iri: read(iri) for iri in graph.of("plan:Quotation")}
