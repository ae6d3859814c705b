"""Writing the history, as a part of publishing: versions first, then the line of the edition, then the pointer moves.

A publisher may be killed between any two of these. A version without an edition harms nobody and is written again; an
edition to which the pointer never led is settled by the next writer (`annals`).
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from planvev import machine
from planvev.engines.snapshot import GraphEntry, Manifest, Shelf, Snapshot
from planvev.errors import HistoryDamaged
from planvev.formats import rdf
from planvev.formats.rdf import Canonical
from planvev.library import DATA
from planvev.queries.derivation import DERIVED
from planvev.versions import annals, pieces
from planvev.versions.annals import DROPPED, EDITION, HISTORY, LOG, SERVED, Change, Log

MANY = 64  # new files: above, one order to write everything costs less than one for each


class Recorder:
    """The history of a state folder, write side. Only for who holds the publishers' lock."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._path = state / HISTORY / LOG
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._log = Log(self._path)
        self._settle()
        self._editions = self._log.read()
        self._head = {change.graph: change for edition in self._editions for change in edition.changes}
        self._known = {(c.place, c.digest) for edition in self._editions for c in edition.changes}
        self._new: list[Path] = []
        self._things: dict[tuple[str, str], int] = {}  # how many things versions that were kept now speak of

    def keep(self, place: str, graph: str, canonical: Canonical) -> None:
        """Write a version down unless it is there. It counts when an edition names it."""
        key = (place, canonical.digest)
        path = annals.file(self.state, *key)
        if key in self._known and path.exists():
            return
        self._known.add(key)
        self._things[key] = len(pieces.cut(canonical.lines, graph))
        path.parent.mkdir(parents=True, exist_ok=True)
        # A line feed never stands inside a statement, so that a full stop before one is always its end.
        quads = canonical.lines.replace(b" .\n", f" <{graph}> .\n".encode())
        scratch = path.with_suffix(".next")
        scratch.write_bytes(annals.zipped(quads))
        scratch.replace(path)
        self._new.append(path)

    def record(self, folder: Path, manifest: Manifest, new: bool) -> None:
        """Have the log hold what a snapshot changes, before the pointer moves to it; nothing when it changes nothing.

        Args:
            folder: where the snapshot stands; versions that were not kept are taken from its store.
            manifest: of the snapshot.
            new: whether readers will see it from now on; else they have since it was made.
        """
        if self._editions and self._editions[-1].snapshot == manifest.id:
            return
        changes = self._changes(folder, manifest)
        if not changes:
            return
        since = datetime.now(UTC) if new else datetime.fromisoformat(manifest.created)
        if self._editions:
            since = max(since, self._editions[-1].when + timedelta(milliseconds=1))
        number = self._editions[-1].number + 1 if self._editions else 1
        number = max(number, self._log.last + 1)
        time = since.astimezone(UTC).isoformat(timespec="milliseconds")
        plain = [{key: value for key, value in asdict(change).items() if value} for change in changes]
        self._sync()
        self._append({EDITION: number, "snapshot": manifest.id, "time": time, "changes": plain})

    def served(self) -> None:
        """Say that the pointer has moved to what was recorded."""
        self._log.read()
        if self._log.pending:
            self._append({SERVED: self._log.pending.number}, sync=False)

    def _settle(self) -> None:
        """Finish what a publisher left who was killed: half a line goes, an edition nobody saw is marked as dropped."""
        self._log.read()
        if self._path.exists() and self._path.stat().st_size > self._log.whole:
            os.truncate(self._path, self._log.whole)
        if pending := self._log.pending:
            self._append({SERVED if annals.pointed(Shelf(self.state), pending) else DROPPED: pending.number})

    def _changes(self, folder: Path, manifest: Manifest) -> list[Change]:
        entries = {entry.graph: entry for entry in manifest.graphs if entry.role != DERIVED}
        head = {graph: change for graph, change in self._head.items() if change.digest}
        differ = [e for graph, e in entries.items() if graph not in head or head[graph].digest != e.digest]
        digests = {entry.graph: self._held(folder, entry) for entry in differ}
        gone = [change for graph, change in head.items() if graph not in entries]
        changes = [Change(c.graph, c.place, c.role, "", c.digest) for c in gone]
        for e in differ:
            was = head[e.graph].digest if e.graph in head else ""
            changes.append(Change(e.graph, e.place, e.role, digests[e.graph], was, e.triples))
        changes = [change for change in changes if change.digest != change.was]
        return list(self._counted(sorted(changes, key=lambda change: change.graph)))

    def _held(self, folder: Path, entry: GraphEntry) -> str:
        """The digest under which a version is kept; one that was not is written as the store has it."""
        key = (entry.place, entry.digest)
        if key not in self._known:
            with contextlib.suppress(HistoryDamaged):  # a publisher who was killed may have written it
                annals.read(self.state, *key)
                self._new.append(annals.file(self.state, *key))
                self._known.add(key)
        if key in self._known:
            return entry.digest
        # The engine keeps 2.50 as 2.5, so that the digest may differ from that of the file.
        canonical = rdf.canonical(Snapshot(folder).graph(entry.graph), entry.graph)
        self.keep(entry.place, entry.graph, canonical)
        return canonical.digest

    def _counted(self, changes: Sequence[Change]) -> Iterator[Change]:
        """The changes with the things that came and went. A thing that moved from one graph to another is not gone."""
        differences = {c.graph: self._difference(c) for c in changes if c.role == DATA and c.was}
        lost = {thing for difference in differences.values() for thing in difference.gone}
        for c in changes:
            if lost and c.role == DATA:
                here = differences.get(c.graph) or self._difference(c)
                differences[c.graph] = here
                lost -= set(here.come)
        for c in changes:
            found = differences.get(c.graph)
            things = len(found.come) if found else self._things.get((c.place, c.digest), -1)
            if c.role != DATA:
                things = 0
            elif things < 0:  # a version that was published before, and went meanwhile
                things = len(self._difference(c).come)
            left = tuple(thing for thing in found.gone if thing in lost) if found else ()
            yield Change(c.graph, c.place, c.role, c.digest, c.was, c.triples, things, left)

    def _difference(self, change: Change) -> pieces.Difference:
        try:
            old, new = annals.both(self.state, change)
        except HistoryDamaged:
            # It must not keep anybody from publishing: what the version before said is what is still served.
            with contextlib.suppress(OSError):
                annals.file(self.state, change.place, change.was).unlink()
            served = rdf.canonical(Shelf(self.state).current().graph(change.graph), change.graph)
            if served.digest == change.was:
                self.keep(change.place, change.graph, served)
            old = pieces.cut(served.lines, change.graph)
            _, new = annals.both(self.state, replace(change, was=""))
        return pieces.difference(old, new)

    def _sync(self) -> None:
        if len(self._new) > MANY:
            os.sync()
        else:
            home = self._path.parent
            folders = {above for path in self._new for above in path.parents if above.is_relative_to(home)}
            for path in (*self._new, *folders):
                machine.sync(path)
        self._new.clear()

    def _append(self, line: dict[str, Any], sync: bool = True) -> None:
        with self._path.open("ab") as log:
            log.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            log.flush()
            if sync:
                os.fsync(log.fileno())
        if sync:
            machine.sync(self._path.parent)
