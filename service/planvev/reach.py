"""How far a change reaches: the plans whose derived links it may alter.

Known here is what the rules in `ontology/rules` follow. A rule that follows something else has to be told of here, or
its links would stay behind what files say until everything is derived again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from planvev.build import Change
from planvev.names import NS, PREFIXES

_TYPE, _PLAN = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(NS + "Plan")
_IN_PLAN, _TEMPORAL = NamedNode(PREFIXES["dct"] + "isPartOf"), NamedNode(PREFIXES["dct"] + "temporal")
# What says these bears on plans that the file does not speak of.
_BEARING = {NamedNode(PREFIXES["eli"] + "is_part_of"), NamedNode(NS + "inCounty")}
_SHARED = {
    NamedNode(iri)
    for iri in (NS + "Guidance", PREFIXES["eli"] + "LegalResource", PREFIXES["eli"] + "LegalResourceSubdivision")
}
_DEFAULT = DefaultGraph()


def touched(changes: Sequence[Change], before: Store, after: Store) -> set[str] | None:
    """The plans whose links a change may alter; None where it may alter those of any plan.

    A rule follows a plan to its period, and its elements by dct:isPartOf to what they lead to, of which it asks only
    what kind it is and what it is part of. So what a file of plans, documents, concepts or projects says bears on the
    plans it speaks of, unless it says what law, guidance or counties there are; any other file bears on all. What is
    said of a node without a name is said of what it hangs on: its name may stay when its content moves.
    """
    asserted = [(change.graph, change.old ^ change.new) for change in changes if change.asserted]
    if any(moved and not _of_plans(graph) for graph, moved in asserted):
        return None
    moved = {t for _, some in asserted for t in some}
    if any(t.predicate in _BEARING or t.object in _SHARED for t in moved):
        return None
    about = {t.object for t in moved if t.predicate == _IN_PLAN} | {t.subject for t in moved}
    found: set[Any] = set()
    while about:
        found |= about
        about = {above for node in about for store in (before, after) for above in _above(store, node)} - found
    return {node.value for node in found if isinstance(node, NamedNode) and _is_plan(node, before, after)}


def _above(store: Store, node: Any) -> Iterator[Any]:
    """The plans that a thing is part of or is the period of, and all that a node without a name hangs on."""
    yield from (quad.object for quad in store.quads_for_pattern(node, _IN_PLAN, None, _DEFAULT))
    link = None if isinstance(node, BlankNode) else _TEMPORAL
    yield from (quad.subject for quad in store.quads_for_pattern(None, link, node, _DEFAULT))


def _of_plans(graph: str) -> bool:
    return graph.partition("/graph/")[2].partition("/")[0] in ("plan", "document", "concept", "project")


def _is_plan(node: NamedNode, *stores: Store) -> bool:
    return any(Quad(node, _TYPE, _PLAN, _DEFAULT) in store for store in stores)
