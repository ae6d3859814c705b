"""What was published before, for whoever reads: the editions readers have seen, and the versions of each graph.

What stands on the disk, and what an edition is, is said in `annals`; nothing here writes.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from planvev.engines.snapshot import Shelf
from planvev.versions import annals, pieces
from planvev.versions.annals import HISTORY, LOG, Edition, Log, Version


class History:
    """The history in one state folder, read side. Safe to share between threads; reads only what has been added."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._lock = threading.Lock()
        self._log = Log(state / HISTORY / LOG)
        self._shelf = Shelf(state)
        self._versions: dict[str, list[Version]] = {}
        self._withdrawn: dict[str, tuple[int, str]] = {}
        self._times: dict[int, datetime] = {}
        self._counted = 0

    def editions(self) -> Sequence[Edition]:
        """Every edition that readers have seen, oldest first."""
        with self._lock:
            seen = self._seen()
            if len(seen) < self._counted:  # an older log was put back
                self._versions, self._withdrawn, self._counted = {}, {}, 0
            for edition in seen[self._counted :]:
                self._count(edition)
            self._counted = len(seen)
            return seen

    def time(self, number: int) -> datetime:
        """When an edition was published.

        Raises:
            KeyError: there is none with this number.
        """
        self.editions()
        return self._times[number]

    def versions(self, graph: str) -> Sequence[Version]:
        """Every version of a graph, oldest first; none when it was never published."""
        self.editions()
        return tuple(self._versions.get(graph, ()))

    def graphs(self) -> dict[str, Version]:
        """The newest version of every graph there has been, by its IRI."""
        self.editions()
        return {graph: versions[-1] for graph, versions in self._versions.items()}

    def withdrawn(self, thing: str) -> tuple[int, str] | None:
        """The edition in which a thing went last, and the graph that spoke of it; None when it never did."""
        self.editions()
        return self._withdrawn.get(thing)

    def versions_of(self, thing: str, graph: str) -> Sequence[Version]:
        """The versions of a graph that say something else of one thing than the version before, oldest first.

        One with an empty digest is where it ceased to speak of the thing.
        """
        found: list[Version] = []
        before = b""
        for version in self.versions(graph):
            place, digest = version.place, version.digest
            now = _prints(self.state, place, digest, graph).get(thing, b"") if digest else b""
            if now != before:
                found.append(version if now else replace(version, digest="", triples=0))
            before = now
        return found

    def lines(self, place: str, digest: str) -> bytes:
        """A version as canonical N-Triples.

        Raises:
            HistoryDamaged: it is not there, or not what its name says.
        """
        return annals.read(self.state, place, digest)

    def size(self) -> tuple[int, int]:
        """How many versions there are on the disk, and how many bytes all of it takes."""
        home = self.state / HISTORY
        sizes = {path: path.stat().st_size for path in home.rglob("*") if path.is_file()}
        return sum(path.name.endswith(".nq.gz") for path in sizes), sum(sizes.values())

    def _seen(self) -> Sequence[Edition]:
        editions = self._log.read()
        pending = self._log.pending
        if pending and not annals.pointed(self._shelf, pending):
            return editions[:-1]
        return editions

    def _count(self, edition: Edition) -> None:
        self._times[edition.number] = edition.when
        for change in edition.changes:
            version = Version(edition.number, edition.when, change.graph, change.place, change.digest, change.triples)
            self._versions.setdefault(change.graph, []).append(version)
            for thing in change.gone:
                self._withdrawn[thing] = (edition.number, change.graph)


@lru_cache(256)
def _prints(state: Path, place: str, digest: str, graph: str) -> Mapping[str, bytes]:
    """A print of what a version says of each thing it speaks of, equal when it says the same."""
    found: dict[str, bytes] = {}
    for piece in pieces.cut(annals.read(state, place, digest), graph).values():
        says = pieces.digest(piece) if b"_:" in piece else hashlib.sha256(piece).hexdigest()
        mark = bytes.fromhex(says)[:16]
        found |= {name.decode(): mark for name in set(_SUBJECT.findall(piece))}
    return found


_SUBJECT = re.compile(rb"^<([^>]*)> ", re.MULTILINE)
