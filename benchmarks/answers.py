"""Answers made comparable: two engines agree when the digests of their answers are equal.

A table of results is compared as a multiset of rows, because an order that ORDER BY leaves open is each engine's own; a
graph is compared in canonical form (RDFC-1.0). Spellings that mean the same are levelled first: the old name for a
literal with a type, capitals in a language tag, a plain string with its type written out, labels of blank nodes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, parse, serialize

STRING = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True)
class Answer:
    """What an engine answered: how many rows or triples, and a digest of them."""

    count: int
    digest: str


def read(body: bytes, graph: bool) -> Answer:
    """An answer as SPARQL JSON, or as N-Triples when a graph was asked for."""
    return _graph(body) if graph else _table(body)


def _table(body: bytes) -> Answer:
    said = json.loads(body)
    rows = sorted(json.dumps(_row(row), ensure_ascii=False) for row in said["results"]["bindings"])
    return Answer(len(rows), _digest("\n".join(rows)))


def _row(row: dict[str, dict[str, str]]) -> list[list[str]]:
    return sorted([name, *_term(term)] for name, term in row.items())


def _term(term: dict[str, str]) -> list[str]:
    kind = "literal" if term["type"] == "typed-literal" else term["type"]
    if kind == "bnode":
        return [kind]
    datatype = "" if term.get("datatype") == STRING else term.get("datatype", "")
    return [kind, term["value"], term.get("xml:lang", "").lower(), datatype]


def _graph(body: bytes) -> Answer:
    triples = set(parse(body, format=RdfFormat.N_TRIPLES))
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted((serialize(dataset, format=RdfFormat.N_QUADS) or b"").decode().splitlines())
    return Answer(len(triples), _digest("\n".join(lines)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
