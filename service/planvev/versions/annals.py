"""What was published before: every version of every graph, and the editions they were published in.

    history/log.jsonl                     one line for each edition, and one more when it was served
    history/graphs/<place>/<digest>.nq.gz one version of a graph, as its canonical N-Quads

A version is named by the digest of what it says (RDFC-1.0), so that the same content is one file however often it is
published, and whoever reads it can see that it is whole. An edition is what one publish changed, or one rollback; its
line has the versions that came and the things that went. Both are only ever added, and never thrown away.

The line of an edition is on the disk before the pointer moves, and a second line follows when it has. An edition
without one, to whose snapshot the pointer does not lead, was broken off: no reader ever sees it, and the next writer
says so in the log. Graphs of derived links are not kept: they follow from the others.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from planvev.engines.snapshot import Shelf
from planvev.errors import HistoryDamaged
from planvev.formats import rdf
from planvev.versions import pieces
from planvev.versions.pieces import Pieces

HISTORY = "history"
LOG = "log.jsonl"
GRAPHS = "graphs"
EDITION, SERVED, DROPPED = "edition", "served", "dropped"  # the first key of a line says what it is


@dataclass(frozen=True)
class Change:
    """One graph that an edition changed.

    `digest` is the version published, empty when the graph was withdrawn; `was` the one before, empty when it is new.
    Of graphs of data, `things` is how many things came or are described otherwise, and `gone` names those of which
    nothing is said any more, in any graph.
    """

    graph: str
    place: str
    role: str
    digest: str
    was: str = ""
    triples: int = 0
    things: int = 0
    gone: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """What one publish or rollback changed. `number` counts from 1; `time` is UTC, ISO 8601 with milliseconds."""

    number: int
    snapshot: str
    time: str
    changes: tuple[Change, ...]

    @cached_property
    def when(self) -> datetime:
        return datetime.fromisoformat(self.time)


@dataclass(frozen=True)
class Version:
    """One version of a graph, until the next edition that changed it. `digest` is empty while it was withdrawn."""

    edition: int
    when: datetime
    graph: str
    place: str
    digest: str
    triples: int


class Log:
    """The lines of a log, read as far as they have been written whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.whole = 0  # bytes of whole lines that have been read
        self.last = 0  # the highest number any edition has had, also one that was dropped
        self.pending: Edition | None = None  # the newest edition, when no line says yet what became of it
        self._editions: list[Edition] = []
        self._read: tuple[Edition, ...] = ()

    def read(self) -> tuple[Edition, ...]:
        """Every edition that was not dropped, oldest first.

        Raises:
            HistoryDamaged: a whole line is none of ours.
        """
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as log:
            if log.seek(0, os.SEEK_END) < self.whole:  # an older log was put back
                self.__init__(self.path)  # type: ignore[misc]
            log.seek(self.whole)
            added = log.read()
            whole = added[: added.rfind(b"\n") + 1]
            for line in whole.splitlines():
                self._line(line)
            self.whole += len(whole)
            if whole:
                self._read = tuple(self._editions)
        return self._read

    def _line(self, line: bytes) -> None:
        try:
            plain = json.loads(line)
            if EDITION in plain:
                each = ({"digest": "", **one, "gone": tuple(one.get("gone", ()))} for one in plain["changes"])
                changes = (Change(**one) for one in each)
                self.pending = Edition(plain[EDITION], plain["snapshot"], plain["time"], tuple(changes))
                self._editions.append(self.pending)
                self.last = self.pending.number
            else:
                number = plain[DROPPED] if DROPPED in plain else plain[SERVED]
                if DROPPED in plain and self.pending and self.pending.number == number:
                    self._editions.pop()
                self.pending = None
        except (ValueError, KeyError, TypeError) as error:
            raise HistoryDamaged(
                f"{self.path} has a line that is none of a history: {error}.", "Put the log back from a backup."
            ) from None


def read(state: Path, place: str, digest: str) -> bytes:
    """A version of a graph as canonical N-Triples, held against its digest.

    Raises:
        HistoryDamaged: it is not there, or not what its name says.
    """
    path = file(state, place, digest)
    try:
        quads = gzip.decompress(path.read_bytes())
        # The graph's name is the last word of every line.
        name = quads[: quads.find(b"\n")].removesuffix(b" .").rpartition(b" ")[2]
        lines = quads.replace(b" " + name + b" .\n", b" .\n") if quads else b""
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, str(error)) from None
    if rdf.lines_digest(lines) != digest:
        raise _damaged(path, "it does not hold what its name says")
    return lines


def zipped(data: bytes) -> bytes:
    """One gzip member, the same for the same data: without name and time."""
    packing = zlib.compressobj(6, wbits=31)
    return packing.compress(data) + packing.flush()


def both(state: Path, change: Change) -> tuple[Pieces, Pieces]:
    """The pieces of a graph before and after a change.

    Raises:
        HistoryDamaged: a version cannot be read.
    """
    old, new = (
        pieces.cut(read(state, change.place, digest), change.graph) if digest else {}
        for digest in (change.was, change.digest)
    )
    return old, new


def _damaged(path: Path, why: str) -> HistoryDamaged:
    return HistoryDamaged(
        f"The version {path.name.partition('.')[0]} of {path.parent.name} cannot be read from the history: {why}.",
        "Put the file back from a backup; what is published now is not touched by this.",
    )


def pointed(shelf: Shelf, edition: Edition) -> bool:
    name = shelf.name()
    return name is not None and name.rpartition("-")[0] == edition.snapshot


def file(state: Path, place: str, digest: str) -> Path:
    return state / HISTORY / GRAPHS / place / f"{digest}.nq.gz"
