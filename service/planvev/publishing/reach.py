"""How far a change reaches: the plans whose derived links it may alter.

Known here is what the rules in `ontology/rules` follow. A rule that follows something else has to be told of here, or
its links would stay behind what files say until everything is derived again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from planvev.names import NS, PREFIXES
from planvev.publishing.build import Change

_TYPE, _PLAN = NamedNode(PREFIXES["rdf"] + "type"), NamedNode(NS + "Plan")
_IN_PLAN, _TEMPORAL = NamedNode(PREFIXES["dct"] + "isPartOf"), NamedNode(PREFIXES["dct"] + "temporal")
_PART, _COUNTY = NamedNode(PREFIXES["eli"] + "is_part_of"), NamedNode(NS + "inCounty")
_SHARED = {
    NamedNode(iri)
    for iri in (NS + "Guidance", PREFIXES["eli"] + "LegalResource", PREFIXES["eli"] + "LegalResourceSubdivision")
}
_DEFAULT = DefaultGraph()

MANY = 2000  # things that lead to what changed: beyond, deriving everything is less work


def touched(changes: Sequence[Change], before: Store, after: Store) -> set[str] | None:
    """The plans whose links a change may alter; None where deriving all of them is less work or the only way.

    A rule follows a plan to its period, and its elements by dct:isPartOf to what they lead to, of which it asks only
    what kind it is and what it is part of. So a statement bears on the plan that its subject is or hangs on; one that
    says what law or guidance there is, on all that lead there; and one about counties on any. What is said of a node
    without a name is said of what it hangs on: its name may stay when its content moves.
    """
    stores = (before, after)
    moved = {t for change in changes if change.asserted for t in change.old ^ change.new}
    if any(t.predicate == _COUNTY for t in moved):
        return None
    shared = _closed({t.subject for t in moved if t.predicate == _PART or t.object in _SHARED}, stores, _parts)
    leading = {quad.subject for node in shared for store in stores for quad in _pointing(store, node)}
    if len(leading) > MANY:
        return None
    about = leading | {t.object for t in moved if t.predicate == _IN_PLAN} | {t.subject for t in moved}
    found = _closed(about, stores, _above)
    return {node.value for node in found if isinstance(node, NamedNode) and _is_plan(node, *stores)}


def _closed(nodes: set[Any], stores: Sequence[Store], step: Callable[[Store, Any], Iterator[Any]]) -> set[Any]:
    """These nodes and all that are reached from them step by step."""
    found: set[Any] = set()
    while nodes:
        found |= nodes
        nodes = {other for node in nodes for store in stores for other in step(store, node)} - found
    return found


def _above(store: Store, node: Any) -> Iterator[Any]:
    """What a thing is part of or is the period of, and all that a node without a name hangs on."""
    yield from (quad.object for quad in store.quads_for_pattern(node, _IN_PLAN, None, _DEFAULT))
    yield from (quad.subject for quad in _pointing(store, node, None if isinstance(node, BlankNode) else _TEMPORAL))


def _parts(store: Store, node: Any) -> Iterator[Any]:
    """The parts of a legal source."""
    return (quad.subject for quad in _pointing(store, node, _PART))


def _pointing(store: Store, node: Any, predicate: NamedNode | None = None) -> Iterator[Quad]:
    return store.quads_for_pattern(None, predicate, node, _DEFAULT)


def _is_plan(node: NamedNode, *stores: Store) -> bool:
    return any(Quad(node, _TYPE, _PLAN, _DEFAULT) in store for store in stores)
