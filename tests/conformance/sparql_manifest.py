"""The W3C's SPARQL 1.1 tests as plain data: of every entry the query, its dataset, and what is expected.

Read with pyoxigraph only. Files are named by the addresses they are published at, so that relative IRIs in queries,
data and results resolve alike on every machine; an entry is named by its folder and its own name there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

HOME = "https://w3c.github.io/rdf-tests/sparql/sparql11/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".nt": ox.RdfFormat.N_TRIPLES,
}


@dataclass(frozen=True)
class Case:
    """One test of a query. `kind` is the class in the manifest; graphs and files are paths below the suite."""

    name: str
    kind: str
    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    result: str | None

    @property
    def base(self) -> str:
        return HOME + self.query


@dataclass(frozen=True)
class Exchange:
    """One request of a test of the protocol, and what the response may be."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[str]
    boolean: bool | None
    format: str | None


@dataclass(frozen=True)
class ProtocolCase:
    """One test of the protocol: requests in order, over the graphs it needs (name → file)."""

    name: str
    graphs: tuple[tuple[str, str], ...]
    exchanges: tuple[Exchange, ...]


class Suite:
    """The folder of the suite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cases(self, groups: tuple[str, ...]) -> list[Case]:
        """Every entry of these groups' manifests that is a test of a query."""
        return [case for group in groups for case in self._cases(group)]

    def protocol(self) -> list[ProtocolCase]:
        """Every entry of the protocol's manifest, those of updates too."""
        said = Manifest(self.folder / "protocol" / "manifest.ttl", "protocol/manifest.ttl")
        return [_protocol(said, entry) for entry in said.entries()]

    def text(self, file: str) -> str:
        return self.path(file).read_text("utf-8")

    def path(self, file: str) -> Path:
        return self.folder / file

    def triples(self, file: str) -> list[ox.Triple]:
        """The triples of a data file or of an expected graph."""
        kind = FORMATS[self.path(file).suffix]
        parsed = ox.parse(path=str(self.path(file)), format=kind, base_iri=HOME + file, rename_blank_nodes=True)
        return [quad.triple for quad in parsed]

    def _cases(self, group: str) -> Iterator[Case]:
        said = Manifest(self.folder / group / "manifest.ttl", f"{group}/manifest.ttl")
        for entry in said.entries():
            kind = said.one(entry, RDF + "type").value.removeprefix(MF)
            action = said.one(entry, MF + "action")
            query = said.maybe(action, QT + "query") or action
            result = said.maybe(entry, MF + "result")
            yield Case(
                f"{group}/{entry.value.rpartition('#')[2]}",
                kind,
                _file(query),
                tuple(map(_file, said.all(action, QT + "data"))),
                tuple(map(_file, said.all(action, QT + "graphData"))),
                _file(result) if result else None,
            )


class Manifest:
    """A manifest's triples, to be asked."""

    def __init__(self, path: Path, name: str) -> None:
        self.node = ox.NamedNode(HOME + name)
        self._said: dict[tuple[object, str], list] = {}
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=HOME + name):
            self._said.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def all(self, subject: object, predicate: str) -> list:
        return self._said.get((subject, predicate), [])

    def one(self, subject: object, predicate: str):
        (found,) = self.all(subject, predicate)
        return found

    def maybe(self, subject: object, predicate: str):
        return next(iter(self.all(subject, predicate)), None)

    def items(self, node) -> Iterator:
        while node is not None and node.value != RDF + "nil":
            yield self.one(node, RDF + "first")
            node = self.one(node, RDF + "rest")

    def entries(self) -> Iterator:
        return self.items(self.one(self.node, MF + "entries"))


def _file(iri: ox.NamedNode) -> str:
    return iri.value.removeprefix(HOME)


def _protocol(said: Manifest, entry: ox.NamedNode) -> ProtocolCase:
    given = said.all(entry, UT + "graphData")
    graphs = tuple((said.one(g, RDFS + "label").value, _file(said.one(g, UT + "graph"))) for g in given)
    requests = said.items(said.one(said.one(entry, MF + "action"), HT + "requests"))
    return ProtocolCase(entry.value.rpartition("#")[2], graphs, tuple(_exchange(said, node) for node in requests))


def _exchange(said: Manifest, request) -> Exchange:
    body, response = said.maybe(request, HT + "body"), said.one(request, HT + "resp")
    headers = said.items(said.maybe(request, HT + "headers"))
    boolean, form = said.maybe(response, MF + "expectedBoolean"), said.maybe(response, MF + "expectedFormat")
    return Exchange(
        said.one(request, HT + "methodName").value,
        said.one(request, HT + "absolutePath").value,
        tuple((said.one(h, HT + "fieldName").value, said.one(h, HT + "fieldValue").value) for h in headers),
        _encoded(said, body) if body else None,
        frozenset(status.value[-3] for status in said.all(response, MF + "expectedStatus")),
        boolean.value == "true" if boolean else None,
        form.value if form else None,
    )


def _encoded(said: Manifest, body) -> bytes:
    characters = said.one(body, CNT + "chars").value
    return bytes(characters, said.one(body, CNT + "characterEncoding").value)


@cache
def suite(folder: Path) -> Suite:
    return Suite(folder)
