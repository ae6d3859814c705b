"""The W3C's SHACL tests as plain data: of every entry the graphs, and the report it expects.

Read with pyoxigraph only, so that both engines are given the same triples. A file is read once: where it is data,
shapes and expected report at a time, its blank nodes are the same in all three.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

Term = ox.NamedNode | ox.BlankNode | ox.Literal

# What both engines and the suite say of a result: focus node, property (one IRI or nothing), value, shape (or "_").
Said = tuple[str, str, str, str]


@dataclass(frozen=True)
class Case:
    """One test: validate `data` against `shapes`; `expected` is None where the shapes are to be refused."""

    name: str
    data: list[ox.Triple]
    shapes: list[ox.Triple]
    expected: Counter[Said] | None


def cases(suite: Path) -> list[Case]:
    """Every test below a folder, by its name (`core/property/minCount-001`); also the one that no manifest includes."""
    files = sorted(suite.rglob("*.ttl"))
    return [case for file in files for case in _entries(file, suite)]


def said(term: object) -> str:
    """A term as it is compared: a literal by its words, because neither engine's report is asked for more."""
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else f'"{getattr(term, "value", term)}"'


def _entries(manifest: Path, suite: Path) -> Iterator[Case]:
    about = _read(manifest)
    for entries in _objects(about, ox.NamedNode(manifest.as_uri()), MF + "entries"):
        for entry in _list(about, entries):
            yield _case(about, entry, manifest, suite)


def _case(about: list[ox.Triple], entry: ox.NamedNode, manifest: Path, suite: Path) -> Case:
    (action,) = _objects(about, entry, MF + "action")
    (result,) = _objects(about, entry, MF + "result")
    data, shapes = (_path(_one(about, action, SHT + name)) for name in ("dataGraph", "shapesGraph"))
    expected = None if result == ox.NamedNode(SHT + "Failure") else Counter(_results(about, result))
    name = f"{manifest.parent.relative_to(suite).as_posix()}/{entry.value.rpartition('/')[2]}"
    return Case(name, _read(data), _read(shapes), expected)


def _results(about: list[ox.Triple], report: Term) -> Iterator[Said]:
    for result in _objects(about, report, SH + "result"):
        path, value, shape = (_one(about, result, SH + p) for p in ("resultPath", "value", "sourceShape"))
        yield (
            said(_one(about, result, SH + "focusNode")),
            said(path) if isinstance(path, ox.NamedNode) else "",
            said(value),
            said(shape) if isinstance(shape, ox.NamedNode) else "_",
        )


@cache
def _read(path: Path) -> list[ox.Triple]:
    parsed = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri(), rename_blank_nodes=True)
    return [quad.triple for quad in parsed]


def _path(iri: Term) -> Path:
    return Path(iri.value.removeprefix("file://"))


def _objects(about: list[ox.Triple], subject: Term, predicate: str) -> list:
    return [t.object for t in about if t.subject == subject and t.predicate.value == predicate]


def _one(about: list[ox.Triple], subject: Term, predicate: str):
    return next(iter(_objects(about, subject, predicate)), None)


def _list(about: list[ox.Triple], node: Term) -> Iterator:
    while node.value != RDF + "nil":
        yield _one(about, node, RDF + "first")
        node = _one(about, node, RDF + "rest")
