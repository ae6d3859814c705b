"""Whose verdict may differ when some files change, though they themselves did not.

A file is judged beside the facts it refers to in other files (`library.closure`). So a file is affected when a thing
whose description has changed is one it refers to, or one that what it refers to rests on. The published store knows
who refers to what: one look into it for each changed thing, and the cost follows the change, not the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planvev.library import DATA, FOLLOWED, Source, Text
from planvev.names import Base, places_above
from planvev.rdf import BlankNode, NamedNode, Term, Triple, canonical, subjects
from planvev.snapshot import GraphEntry, Snapshot


@dataclass(frozen=True)
class Kept:
    """What a file that has not changed says of a thing, as published."""

    source: Source
    snapshot: Snapshot

    def about(self, thing: NamedNode | BlankNode) -> list[Triple]:
        """What the file says of a thing, and of the blank nodes below it."""
        return list(_about(self.snapshot, self.source.graph, thing))


def affected(snapshot: Snapshot, changed: Mapping[str, Text | None], base: Base) -> set[str]:
    """The places of unchanged files that a change elsewhere may give another verdict.

    Args:
        snapshot: the published state before the change.
        changed: every data file that differs from it by its place: its text now, or None when it is gone.
        base: the base of this library's IRIs.
    """
    entries = {entry.graph: entry for entry in snapshot.manifest.graphs if entry.role == DATA}
    waiting = _moved(snapshot, changed, base, {entry.place: entry for entry in entries.values()})
    done: set[str] = set()
    found: set[str] = set()
    while waiting:
        thing = waiting.pop()
        done.add(thing)
        for quad in snapshot.store.quads_for_pattern(None, None, NamedNode(thing), None):
            entry = entries.get(getattr(quad.graph_name, "value", ""))
            if entry is None:
                continue
            found.add(entry.place)
            if quad.predicate.value in FOLLOWED:
                waiting |= _holders(snapshot, entry.graph, quad.subject) - done
    return found - changed.keys()


def _moved(
    snapshot: Snapshot, changed: Mapping[str, Text | None], base: Base, entries: Mapping[str, GraphEntry]
) -> set[str]:
    """The things whose description is another than before, or stands in another file than before."""
    things: set[str] = set()
    for place, text in changed.items():
        was = entries.get(place)
        before = snapshot.graph(was.graph) if was else []
        after = text.triples if text else []
        if was is None or text is None:
            things |= subjects([*before, *after]) | set(_owned_above(snapshot, place, base, entries))
            continue
        things |= _differing(before, after)
    return things


def _owned_above(snapshot: Snapshot, place: str, base: Base, entries: Mapping[str, GraphEntry]) -> Iterator[str]:
    """What a file further up says of things that are this file's own: its coming or going moves their home."""
    for above in places_above(place):
        if above != place and above in entries:
            yield from (iri for iri in subjects(snapshot.graph(entries[above].graph)) if base.owns(place, iri))


def _differing(before: Sequence[Triple], after: Sequence[Triple]) -> set[str]:
    """The subjects that two graphs describe differently, blank nodes below them counted in."""
    old, new = _descriptions(before), _descriptions(after)
    return {iri for iri in old.keys() | new.keys() if not _same(old.get(iri, []), new.get(iri, []))}


def _descriptions(graph: Iterable[Triple]) -> dict[str, list[Triple]]:
    by_subject: dict[Term, list[Triple]] = {}
    for triple in graph:
        by_subject.setdefault(triple.subject, []).append(triple)
    found = {}
    for subject in by_subject:
        if isinstance(subject, NamedNode):
            waiting: list[Term] = [subject]
            for node in waiting:  # grows while it is walked
                below = (t.object for t in by_subject.get(node, []))
                waiting += [term for term in below if isinstance(term, BlankNode) and term not in waiting]
            found[subject.value] = [triple for node in waiting for triple in by_subject.get(node, [])]
    return found


def _same(one: Sequence[Triple], other: Sequence[Triple]) -> bool:
    if len(one) != len(other):
        return False
    return set(one) == set(other) or canonical(one, "").digest == canonical(other, "").digest


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
