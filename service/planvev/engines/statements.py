"""The statements of a snapshot's store, by look-up.

A statement stands in the default graph and in its named graph, and reading one costs 8 µs, so that reading both would
double the cost of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from pyoxigraph import DefaultGraph, Store

from planvev.formats.rdf import BlankNode, NamedNode, Quad, Triple

# Of how many things a snapshot keeps the statements that pages have read: neighbours read much the same. About 10 MB.
KEPT = 3000
DEFAULT = DefaultGraph()


def found(store: Store, subject: NamedNode | BlankNode | None, value: NamedNode | None) -> Iterator[Quad]:
    """Statements of the default graph; where it has none, of the named ones, where shapes stand."""
    every = store.quads_for_pattern(subject, None, value, DEFAULT)
    first = next(every, None)
    return named(store, value, subject) if first is None else chain((first,), every)


def named(store: Store, value: NamedNode | None, subject: NamedNode | BlankNode | None = None) -> Iterator[Quad]:
    """Statements of the named graphs."""
    every = store.quads_for_pattern(subject, None, value, None)
    return (quad for quad in every if quad.graph_name != DEFAULT)


def said(store: Store, node: NamedNode | BlankNode) -> tuple[Triple, ...]:
    """What is said of a node."""
    return tuple([quad.triple for quad in found(store, node, None)])


def below(node: BlankNode, said: Callable[[BlankNode], Iterable[Triple]]) -> list[Triple]:
    """What hangs below a blank node, to the end of the blank nodes; `said` gives the statements of one."""
    reached: list[Triple] = []
    waiting, done = [node], {node}
    while waiting:
        for triple in said(waiting.pop()):
            reached.append(triple)
            if isinstance(triple.object, BlankNode) and triple.object not in done:
                done.add(triple.object)
                waiting.append(triple.object)
    return reached
