"""The change feed: every change of what is said about a thing, as one member of an event stream, in its order.

Linked Data Event Streams (LDES 1.0, https://w3id.org/ldes/specification) over TREE (https://w3id.org/tree/specification):
a root links to volumes, a volume to pages, each with the times between which its members stand; a page that is full
never changes, and a volume whose pages are full neither. A member is an IRI that is also a named graph: the default
graph says what kind of change it is, of which thing, when and in which graph, and its own graph holds what is said of
the thing from then on. Members are as:Create, as:Update and as:Delete (`ldes:versionDeleteObject`).

The stream is of the graphs of data, and all of it is kept. Nothing is written for it: the log of editions says how many
members each change has, and their content is read from the versions it names. So the cut of a graph into pieces
(`pieces`) is part of what was promised, and a page made differently from its count is refused.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from planvev.errors import HistoryDamaged
from planvev.formats import rdf
from planvev.library import DATA
from planvev.names import PREFIXES
from planvev.versions import annals, pieces
from planvev.versions.annals import Change, Edition
from planvev.versions.history import History

LDES, TREE, AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
NAMESPACES = {**PREFIXES, "ldes": LDES, "tree": TREE, "as": AS}
CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
PAGE = 250  # members; it is part of the addresses, so a service that has run keeps it
VOLUME = 100  # pages
POLL = 3600  # seconds that a follower may well wait: plans are published now and then

_TYPE, _DATETIME = PREFIXES["rdf"] + "type", PREFIXES["xsd"] + "dateTime"
_TIME, _OF, _IN = PREFIXES["prov"] + "generatedAtTime", PREFIXES["dct"] + "isVersionOf", PREFIXES["dct"] + "source"
_REPLACED = PREFIXES["dct"] + "isReplacedBy"


@dataclass(frozen=True)
class Member:
    """One change of one thing. `number` counts from 0; `piece` is what is said of it from then on, empty when gone."""

    number: int
    kind: str
    thing: str
    graph: str
    time: str
    piece: bytes
    replaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """The members of one change: from `start` on, `count` of them."""

    start: int
    count: int
    edition: Edition
    change: Change


class Feed:
    """The stream of one history. Safe to share between threads."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._lock = threading.Lock()
        self._editions: Sequence[Edition] = ()
        self._stretches: tuple[Stretch, ...] = ()
        self._starts: list[int] = []

    def stretches(self) -> Sequence[Stretch]:
        """Every change of data with its place in the stream; none that has no member."""
        editions = self.history.editions()
        with self._lock:
            if editions is not self._editions:
                changes = [(e, c, len(c.gone) + c.things) for e in editions for c in e.changes if c.role == DATA]
                changes = [one for one in changes if one[2]]
                starts = accumulate((count for *_, count in changes), initial=0)
                self._stretches = tuple(
                    Stretch(start, count, edition, change)
                    for start, (edition, change, count) in zip(starts, changes, strict=False)
                )
                self._starts = [stretch.start for stretch in self._stretches]
                self._editions = editions
            return self._stretches

    @property
    def count(self) -> int:
        """How many members there are."""
        stretches = self.stretches()
        return stretches[-1].start + stretches[-1].count if stretches else 0

    def time(self, number: int) -> str:
        """When a member came, UTC."""
        return self.stretches()[self._at(number)].edition.time

    def members(self, start: int, end: int) -> Iterator[Member]:
        """The members with these numbers, as far as there are so many.

        Raises:
            HistoryDamaged: a version cannot be read, or does not have the members it was counted with.
        """
        stretches = self.stretches()
        end = min(end, self.count)
        for stretch in stretches[self._at(start) :] if start < end else ():
            if stretch.start >= end:
                return
            every = _members(self.history.state, stretch.change, stretch.count)
            for n in range(max(start, stretch.start), min(end, stretch.start + stretch.count)):
                kind, thing, piece, replaced = every[n - stretch.start]
                yield Member(n, kind, thing, stretch.change.graph, stretch.edition.time, piece, replaced)

    def _at(self, number: int) -> int:
        return bisect_right(self._starts, number) - 1


@lru_cache(64)
def _members(state: Path, change: Change, count: int) -> Sequence[tuple[str, str, bytes, tuple[str, ...]]]:
    """The members of one change: what is gone first, then what came, each by name."""
    old, new = annals.both(state, change)
    come = pieces.difference(old, new).come
    found = [(DELETE, thing, b"", _replaced(thing, old[thing])) for thing in change.gone]
    found += [(UPDATE if thing in old else CREATE, thing, new[thing], ()) for thing in come]
    if len(found) != count:
        raise HistoryDamaged(
            f"A change of {change.graph} was counted with {count} members and has {len(found)}.",
            "Put the history back from a backup.",
        )
    return found


def _replaced(thing: str, piece: bytes) -> tuple[str, ...]:
    """What a thing that is gone said last of what replaces it."""
    begin = f"<{thing}> <{_REPLACED}> <".encode()
    lines = (line for line in piece.splitlines() if line.startswith(begin))
    return tuple(line[len(begin) :].removesuffix(b"> .").decode() for line in lines)


@dataclass(frozen=True)
class Stream:
    """The stream as documents show it: what things are called under the base, and pages on the host that is asked."""

    feed: Feed
    base: str
    host: str  # without a slash at its end

    @property
    def iri(self) -> str:
        return f"{self.base}/feed#stream"

    def root(self) -> bytes:
        """The entry, as N-Quads: what the stream is, and its volumes."""
        count, root = self.feed.count, f"{self.host}/feed"
        paths = {"timestampPath": _TIME, "versionOfPath": _OF}
        paths |= {f"version{kind}Object": AS + kind for kind in (CREATE, UPDATE, DELETE)}
        quads = [_quad(self.iri, _TYPE, LDES + "EventStream"), _quad(self.iri, TREE + "view", root)]
        quads += [_quad(self.iri, LDES + name, path) for name, path in paths.items()]
        quads.append(_literal(self.iri, LDES + "pollingInterval", str(POLL), PREFIXES["xsd"] + "integer"))
        quads.append(_quad(root, _TYPE, TREE + "Node"))
        if count:
            policy = f"{root}#retention"
            quads.append(_quad(root, LDES + "retentionPolicy", policy))
            quads.append(_quad(policy, _TYPE, LDES + "RetentionPolicy"))
            quads.append(_literal(policy, LDES + "startingFrom", self.feed.time(0), _DATETIME))
        quads += self._relations(root, "volume", PAGE * VOLUME, 0, count)
        return "".join(quads).encode()

    def volume(self, number: int) -> bytes | None:
        """A volume, counted from 1: its pages, as N-Quads. None where there is none."""
        start, count = (number - 1) * PAGE * VOLUME, self.feed.count
        if number < 1 or start >= max(count, 1):
            return None
        node = f"{self.host}/feed/volume/{number}"
        end = min(count, start + PAGE * VOLUME)
        quads = [
            *self._node(node, full(count, number, PAGE * VOLUME)),
            *self._relations(node, "page", PAGE, start, end),
        ]
        return "".join(quads).encode()

    def page(self, number: int) -> bytes | None:
        """A page, counted from 1: its members, as N-Quads. None where there is none.

        Raises:
            HistoryDamaged: a version cannot be read.
        """
        start, count = (number - 1) * PAGE, self.feed.count
        if number < 1 or start >= max(count, 1):
            return None
        quads = [line.encode() for line in self._node(f"{self.host}/feed/page/{number}", full(count, number, PAGE))]
        return b"".join([*quads, *map(self._member, self.feed.members(start, start + PAGE))])

    def member(self, number: int) -> bytes | None:
        """One member, as N-Quads. None where there is none."""
        found = next(self.feed.members(number, number + 1), None) if number >= 0 else None
        return self._member(found) if found else None

    def _member(self, member: Member) -> bytes:
        name = f"{self.base}/feed/member/{member.number}"
        quads = [
            _quad(self.iri, TREE + "member", name),
            _quad(name, _TYPE, AS + member.kind),
            _quad(name, _OF, member.thing),
            _literal(name, _TIME, member.time, _DATETIME),
            _quad(name, _IN, member.graph),
            *(_quad(name, _REPLACED, other) for other in member.replaced),
        ]
        # Blank nodes of two members are two, whatever they are called in their graphs.
        said = rdf.marked(member.piece, f"m{member.number}").replace(b" .\n", f" <{name}> .\n".encode())
        return "".join(quads).encode() + said

    def _node(self, node: str, whole: bool) -> list[str]:
        quads = [_quad(self.iri, _TYPE, LDES + "EventStream"), _quad(self.iri, TREE + "view", node)]
        quads.append(_quad(node, _TYPE, TREE + "Node"))
        if whole:
            quads.append(_literal(node, LDES + "immutable", "true", PREFIXES["xsd"] + "boolean"))
        return quads

    def _relations(self, node: str, kind: str, size: int, start: int, end: int) -> Iterator[str]:
        """Links to nodes of `size` members each, with the times between which those stand."""
        for first in range(start, end, size):
            number, last = first // size + 1, first + size - 1
            target = f"{self.host}/feed/{kind}/{number}"
            bounds = {"GreaterThanOrEqualTo": self.feed.time(first)}
            if last < self.feed.count:  # what may grow has no last time yet
                bounds["LessThanOrEqualTo"] = self.feed.time(last)
            for name, time in bounds.items():
                relation = f"_:{kind}{number}{name[0]}"
                yield f"<{node}> <{TREE}relation> {relation} .\n"
                yield f"{relation} <{_TYPE}> <{TREE}{name}Relation> .\n"
                yield f"{relation} <{TREE}path> <{_TIME}> .\n"
                yield f'{relation} <{TREE}value> "{time}"^^<{_DATETIME}> .\n'
                yield f"{relation} <{TREE}node> <{target}> .\n"


def full(count: int, number: int, size: int) -> bool:
    """Whether the node with this number, from 1, has all the members it will ever have."""
    return count >= number * size


def _quad(subject: str, predicate: str, value: str) -> str:
    return f"<{subject}> <{predicate}> <{value}> .\n"


def _literal(subject: str, predicate: str, value: str, datatype: str) -> str:
    return f'<{subject}> <{predicate}> "{value}"^^<{datatype}> .\n'
