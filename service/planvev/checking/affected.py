"""Whose verdict may differ when some files change, though they themselves did not.

A file is judged beside the facts it refers to in other files (`library.closure`). So a file is affected when a thing
whose description has changed is one it refers to, or one that what it refers to rests on. The published store knows
who refers to what: one look into it for each changed thing, and the cost follows the change, not the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planvev.checking.seen import Files
from planvev.engines.snapshot import Snapshot
from planvev.formats.rdf import BlankNode, NamedNode, Term, Triple
from planvev.library import DATA, FOLLOWED, Source

_LADDER = 32  # blank nodes above one another, at most, between a statement and the thing it hangs on


@dataclass(frozen=True)
class Kept:
    """What a file that has not changed says of a thing, as published."""

    source: Source
    snapshot: Snapshot

    def about(self, thing: NamedNode | BlankNode) -> list[Triple]:
        """What the file says of a thing, and of the blank nodes below it."""
        return list(_about(self.snapshot, self.source.graph, thing))


def affected(files: Files) -> set[str]:
    """The places of data files that a change may give another verdict: those that differ, and those that rest on them.

    A file that was only written otherwise, with the same statements, is none of them.
    """
    snapshot = files.before
    assert snapshot is not None
    moved = [place for place in files.moved() if files.role(place) == DATA]
    waiting = {thing for place in moved for thing in _things(files, place)}
    places = {entry.graph: entry.place for entry in snapshot.manifest.graphs if entry.role == DATA}
    done: set[str] = set()
    found = set(moved)
    while waiting:
        thing = waiting.pop()
        done.add(thing)
        for quad in snapshot.store.quads_for_pattern(None, None, NamedNode(thing), None):
            graph = getattr(quad.graph_name, "value", "")
            if graph not in places:
                continue
            found.add(places[graph])
            if quad.predicate.value in FOLLOWED:
                waiting |= _holders(snapshot, graph, quad.subject) - done
    return found


def _things(files: Files, place: str) -> set[str]:
    """The things that a file says something else about than before."""
    before, after = files.old(place), files.new(place)
    things: set[str] = set()
    for graph, differing in ((before, before - after), (after, after - before)):
        below: dict[Term, Term] = {}
        if differing:
            below = {t.object: t.subject for t in graph if isinstance(t.object, BlankNode)}
        things |= {_top(t.subject, below) for t in differing}
    return things - {""}


def _top(node: Term, below: Mapping[Term, Term]) -> str:
    """The named thing that a node hangs on; one of them, where a blank node is shared inside a file."""
    for _ in range(_LADDER):
        if isinstance(node, NamedNode):
            return node.value
        if node not in below:
            break
        node = below[node]
    return ""


def _about(snapshot: Snapshot, graph: str, thing: NamedNode | BlankNode) -> Iterator[Triple]:
    name = NamedNode(graph)
    waiting: list[NamedNode | BlankNode] = [thing]
    for node in waiting:  # grows while it is walked
        for quad in snapshot.store.quads_for_pattern(node, None, None, name):
            yield quad.triple
            if isinstance(quad.object, BlankNode) and quad.object not in waiting:
                waiting.append(quad.object)


def _holders(snapshot: Snapshot, graph: str, node: Term) -> set[str]:
    """The IRIs of the named things that a node hangs on; a named node hangs on itself."""
    found: set[str] = set()
    waiting = [node]
    for below in waiting:  # grows while it is walked
        if isinstance(below, NamedNode):
            found.add(below.value)
            continue
        for quad in snapshot.store.quads_for_pattern(None, None, below, NamedNode(graph)):
            if quad.subject not in waiting:
                waiting.append(quad.subject)
    return found
