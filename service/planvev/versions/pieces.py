"""A graph cut into what it says of each thing, and how two versions of it differ.

A piece is what a graph says of one named thing, with the blank nodes that hang on it. Things that share a blank node
are one piece, under the first of their names; what hangs on no named thing is a piece under the name of the graph. So
every statement stands in exactly one piece, and the pieces together are the graph.

A graph comes as the lines of its canonical form (`rdf.Canonical`). Blank nodes are numbered through the whole graph
there, so that one statement more may rename those of every piece: pieces are compared as graphs, not as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from planvev.formats import rdf

_BLANK = b"_:"
_BLANK_AT_END = re.compile(rb" (_:[A-Za-z0-9]+) \.\n$")

Pieces = Mapping[str, bytes]  # the name of a thing, and the lines that are said of it


@dataclass(frozen=True)
class Difference:
    """The things that are new or described otherwise, and those of which nothing is said any more; each sorted."""

    come: tuple[str, ...]
    gone: tuple[str, ...]


def cut(lines: bytes, graph: str) -> dict[str, bytes]:
    """The pieces of a graph by the names of their things, sorted.

    Args:
        lines: the graph in its canonical form, as N-Triples.
        graph: its IRI.
    """
    by_subject: dict[bytes, list[bytes]] = {}
    joined = _Joined()
    for line in lines.splitlines(keepends=True):
        subject = line.split(b" ", 1)[0]
        by_subject.setdefault(subject, []).append(line)
        # A label inside words is followed by a quote, never by the full stop of the statement.
        if _BLANK in line and (found := _BLANK_AT_END.search(line)):
            joined.join(subject, found[1])
    together: dict[bytes, list[bytes]] = {}
    for subject in by_subject:
        together.setdefault(joined.root(subject), []).append(subject)
    pieces: dict[str, list[bytes]] = {}
    for subjects in together.values():
        named = min((subject for subject in subjects if not subject.startswith(_BLANK)), default=None)
        name = named[1:-1].decode() if named else graph
        pieces.setdefault(name, []).extend(line for subject in subjects for line in by_subject[subject])
    return {name: b"".join(sorted(pieces[name])) for name in sorted(pieces)}


def difference(old: Pieces, new: Pieces) -> Difference:
    """What differs between the pieces of two versions of a graph; an empty mapping where there was or is none."""
    come = tuple(name for name in new if name not in old or not same(old[name], new[name]))
    return Difference(come, tuple(name for name in old if name not in new))


def same(one: bytes, other: bytes) -> bool:
    """Whether two pieces say the same, whatever their blank nodes are called."""
    if one == other:
        return True
    if one.count(b"\n") != other.count(b"\n") or (_BLANK in one) != (_BLANK in other):
        return False
    return _BLANK in one and digest(one) == digest(other)


def digest(piece: bytes) -> str:
    """The digest of a piece as a graph of its own."""
    return rdf.digest(rdf.unpacked(piece))


class _Joined:
    """Which subjects hang together; each set has one of them as its root."""

    def __init__(self) -> None:
        self._above: dict[bytes, bytes] = {}

    def root(self, node: bytes) -> bytes:
        while (above := self._above.get(node, node)) != node:
            self._above[node] = self._above.get(above, above)  # halves the way for the next
            node = above
        return node

    def join(self, one: bytes, other: bytes) -> None:
        self._above[self.root(one)] = self.root(other)
