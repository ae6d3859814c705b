"""What leads to a thing, and derived links as pages read them: by look-up, so that the cost follows what is shown.

A derived link (`derivation`) is a node with from, to and counts in a graph of its own. One thing's links are found by
one pattern in that graph; whoever asks says how many are wanted at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from planvev.queries.derivation import LINK_FROM, LINK_TO


@dataclass(frozen=True)
class Incoming:
    """Statements that point at a thing: at most a ceiling of them, and how many there are in all.

    `more` is true when counting stopped at `counted` because there are too many to count on a page.
    """

    quads: tuple[Quad, ...]
    counted: int
    more: bool


@dataclass(frozen=True)
class Lead:
    """The other end of a derived link, and how many elements of each kind lead there (IRI of the counting property)."""

    other: str
    counts: Mapping[str, int]


def read(store: Store, graph: str, iri: str, towards: bool, ceiling: int) -> list[Lead]:
    """The links of one thing in a store of this process, as `engine.Edition.leads` says."""
    near, far = (LINK_TO, LINK_FROM) if towards else (LINK_FROM, LINK_TO)
    where = NamedNode(graph)
    found = []
    for link in islice(store.quads_for_pattern(None, NamedNode(near), NamedNode(iri), where), ceiling):
        assert isinstance(link.subject, NamedNode | BlankNode)
        said = {q.predicate.value: q.object for q in store.quads_for_pattern(link.subject, None, None, where)}
        found.append(_linked(said, near, far))
    return sorted(found, key=lambda one: one.other)


def question(graph: str, node: NamedNode, towards: bool, ceiling: int) -> str:
    """The query for the same; one row for each count."""
    near = LINK_TO if towards else LINK_FROM
    links = f"SELECT ?l WHERE {{ GRAPH <{graph}> {{ ?l <{near}> {node} }} }} LIMIT {ceiling}"
    return f"SELECT ?l ?p ?o WHERE {{ {{ {links} }} GRAPH <{graph}> {{ ?l ?p ?o }} FILTER(?p != <{near}>) }}"


def gathered(rows: Iterable[Mapping[str, Any]], towards: bool) -> list[Lead]:
    """The answer to `question`."""
    near, far = (LINK_TO, LINK_FROM) if towards else (LINK_FROM, LINK_TO)
    said: dict[str, dict[str, Any]] = {}
    for row in rows:
        said.setdefault(str(row["l"]), {})[row["p"].value] = row["o"]
    return sorted((_linked(one, near, far) for one in said.values() if far in one), key=lambda one: one.other)


def _linked(said: Mapping[str, Any], near: str, far: str) -> Lead:
    counts = {kind: int(value.value) for kind, value in said.items() if kind not in (near, far)}
    return Lead(said[far].value, counts)
