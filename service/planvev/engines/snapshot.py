"""The published state, read side: a snapshot and the shelf it stands on.

A snapshot is a directory that never changes: `store/` (a read-only Oxigraph store), `search/` (the index that `search`
reads), `columns/` (for joins), `remarks/` (advice about each file), `statistics.json` (its size in numbers) and
`manifest.json` (what it was made from). The shelf is the folder of snapshots and one pointer, `current`. Serving means
following the pointer; whoever holds a `Snapshot` keeps reading it after the pointer moved. The engine opens files as it
needs them, so a directory in use must stay: a `Snapshot` holds a shared lock on its manifest, and what is locked is not
pruned.

In a store, every file is a named graph, and the default graph is the union of data and ontology, de-duplicated, so
that an ordinary query needs no GRAPH. Shapes and frozen releases are named graphs only. Nothing here writes.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from pyoxigraph import QuerySolutions, Store

from planvev.engines import dated, leads, statements
from planvev.engines.dated import Dated
from planvev.engines.leads import Incoming, Lead
from planvev.engines.statements import DEFAULT
from planvev.errors import NoSnapshot
from planvev.formats.rdf import BlankNode, NamedNode, Quad, Term, Triple
from planvev.names import NS, WITHDRAWN
from planvev.queries.derivation import DERIVED
from planvev.queries.statistics import COLUMNS, STATISTICS, Statistics

CURRENT = "current"
SNAPSHOTS = "snapshots"
MANIFEST = "manifest.json"
STORE = "store"
FORMAT = 7  # of the directory; a snapshot of another format is rebuilt


@dataclass(frozen=True)
class GraphEntry:
    """One graph of a snapshot: its IRI, the file it came from, and two digests.

    `sha256` is of the file's bytes (has the file changed?), `digest` of the canonical graph (has its meaning changed?);
    `advice` is how many findings that do not refuse were made in it.
    """

    graph: str
    place: str
    role: str
    file: str
    sha256: str
    digest: str
    triples: int
    advice: int = 0


@dataclass(frozen=True)
class Manifest:
    """What a snapshot was made from. `created` is UTC, ISO 8601.

    `planvev`, `engine` and `judge` are the programs that made, keep and judged it; `increments` is how many times its
    store was extended since it was last built from nothing.
    """

    id: str
    created: str
    base: str
    planvev: str
    engine: str
    triples: int
    advice: int
    graphs: tuple[GraphEntry, ...]
    judge: str = ""
    increments: int = 0
    format: int = FORMAT

    @classmethod
    def read(cls, path: Path) -> Manifest:
        raw: dict[str, Any] = json.loads(path.read_text("utf-8"))
        raw["graphs"] = tuple(GraphEntry(**entry) for entry in raw["graphs"])
        return cls(**raw)

    def write(self, path: Path) -> None:
        # Without indentation, which Python writes eight times as slowly: a nation has thousands of graphs.
        path.write_text(json.dumps(self.plain(), ensure_ascii=False), "utf-8")

    def plain(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {**vars(self), "graphs": [vars(entry) for entry in self.graphs]}


class Snapshot:
    """One published state, opened for reading. Fulfils `engine.Edition`, which says what each method answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handle = os.open(folder / MANIFEST, os.O_RDONLY)
        weakref.finalize(self, os.close, handle)  # which gives the lock back
        fcntl.flock(handle, fcntl.LOCK_SH)
        self.manifest = Manifest.read(folder / MANIFEST)
        self.store = Store.read_only(str(folder / STORE))
        self.graphs = {entry.graph: entry for entry in self.manifest.graphs}
        numbers = folder / STATISTICS
        self.statistics = Statistics.read(numbers) if numbers.exists() else None  # none while it is being made

    @property
    def id(self) -> str:
        return self.manifest.id

    @cached_property
    def has_columns(self) -> bool:
        return (self.folder / COLUMNS).is_dir()

    @cached_property
    def _said(self) -> Callable[[NamedNode | BlankNode], tuple[Triple, ...]]:
        """Of the store alone: a snapshot that held itself would stay when its last reader has gone."""
        return lru_cache(statements.KEPT)(partial(statements.said, self.store))

    def holds(self, iri: str) -> bool:
        node = _node(iri)
        return node is not None and (
            next(self.store.quads_for_pattern(node, None, None, None), None) is not None
            or next(self.store.quads_for_pattern(None, None, node, None), None) is not None
            or next(self.store.quads_for_pattern(None, node, None, None), None) is not None
        )

    def speaks_of(self, iri: str) -> bool:
        node = _node(iri)
        return node is not None and next(self.store.quads_for_pattern(node, None, None, None), None) is not None

    def about(self, iri: str) -> list[Triple]:
        """What is said about this IRI."""
        node = _node(iri)
        return [] if node is None else self.said(node)

    def said(self, node: NamedNode | BlankNode) -> list[Triple]:
        """The statements whose subject is this node."""
        return list(self._said(node))

    def graphs_about(self, iri: str) -> list[str]:
        """The graphs in which something is said about this IRI."""
        node = _node(iri)
        if node is None:
            return []
        # A query, because it reads names of graphs only; the statements again would cost four times as much.
        rows = self.store.query(f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {node} ?p ?o }} }}")
        assert isinstance(rows, QuerySolutions)
        return sorted(row["g"].value for row in rows if not self._derived(row["g"].value))

    def _derived(self, graph: str) -> bool:
        """Whether a graph holds derived links, which say nothing about a thing that the other graphs do not."""
        entry = self.graphs.get(graph)
        return entry is not None and entry.role == DERIVED

    def below(self, node: BlankNode) -> list[Triple]:
        """What hangs below a blank node, to the end of the blank nodes."""
        return statements.below(node, self.said)

    def holder(self, node: Term) -> str | None:
        """The IRI of the named thing that a node hangs on; a named node hangs on itself."""
        for _ in range(8):
            if isinstance(node, NamedNode):
                return node.value
            above = next(self.store.quads_for_pattern(None, None, node, None), None)
            if above is None:
                return None
            node = above.subject
        return None

    def pointing(self, iri: str, predicate: str, ceiling: int) -> list[str]:
        """The IRIs of things that point at this one by one property, at most `ceiling` of them."""
        node = _node(iri)
        if node is None:
            return []
        found = self.store.quads_for_pattern(None, NamedNode(predicate), node, DEFAULT)
        return [quad.subject.value for quad in islice(found, ceiling) if isinstance(quad.subject, NamedNode)]

    def incoming(self, iri: str, ceiling: int = 500, count_to: int = 10_000) -> Incoming:
        """What points at this IRI. Reading never grows with the graph: it stops at `count_to`."""
        node = _node(iri)
        quads: list[Quad] = []
        counted = 0
        if node is not None:
            # Shapes speak of our terms, and a term's page should show it.
            for quad in (
                statements.named(self.store, node) if iri.startswith(NS) else statements.found(self.store, None, node)
            ):
                counted += 1
                if counted > count_to:
                    return Incoming(tuple(quads), count_to, True)
                if len(quads) < ceiling:
                    quads.append(quad)
        return Incoming(tuple(quads), counted, False)

    def describe(self, iri: str, incoming: int = 500) -> list[Triple]:
        """The document about a thing: its statements, the blank nodes below them, and what points at it."""
        triples = self.about(iri)
        for triple in tuple(triples):
            if isinstance(triple.object, BlankNode):
                triples += self.below(triple.object)
        triples += [quad.triple for quad in self.incoming(iri, incoming).quads]
        return list(dict.fromkeys(triples))

    def graph(self, iri: str) -> list[Triple]:
        """All triples of one named graph."""
        return [quad.triple for quad in self.store.quads_for_pattern(None, None, None, NamedNode(iri))]

    def values(self, iri: str, predicate: str) -> list[Term]:
        """The objects of one property of a thing."""
        node = _node(iri)
        if node is None:
            return []
        pattern = self.store.quads_for_pattern(node, NamedNode(predicate), None, DEFAULT)
        return [quad.object for quad in pattern]

    @cached_property
    def _withdrawn(self) -> frozenset[str]:
        found = self.store.quads_for_pattern(None, NamedNode(WITHDRAWN), None, DEFAULT)
        return frozenset(quad.subject.value for quad in found if isinstance(quad.subject, NamedNode))

    def members(self, class_iri: str) -> Iterator[str]:
        """The IRIs of all things of a class, as stated; subclasses are not followed."""
        for quad in self.store.quads_for_pattern(None, NamedNode(dated.TYPE), NamedNode(class_iri), DEFAULT):
            if isinstance(quad.subject, NamedNode) and quad.subject.value not in self._withdrawn:
                yield quad.subject.value

    def counts(self, lists: Mapping[str, Iterable[str]]) -> dict[str, int]:
        return {name: dated.count(self.store, classes) for name, classes in lists.items()}

    def dated(self, classes: Iterable[str]) -> list[Dated]:
        return dated.read(self.store, classes)

    def leads(self, graph: str, iri: str, towards: bool, ceiling: int) -> list[Lead]:
        return leads.read(self.store, graph, iri, towards, ceiling) if _node(iri) else []

    def ready(
        self, iris: Iterable[str] = (), pointing: Iterable[str] = (), members: Iterable[str] = (), ceiling: int = 1000
    ) -> None:
        """Nothing: whatever is asked for is at hand."""

    def confirm(self) -> None:
        """Nothing: what is open stays as it is."""


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


class Shelf:
    """The folder of snapshots. Safe to share between threads."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self._pointer = str(state / CURRENT)
        self._pointed = ("", state, "")  # what the pointer said last, the folder it means, and its name
        self._lock = threading.Lock()
        self._open: Snapshot | None = None

    def target(self) -> Path | None:
        """The directory the pointer names, or None when nothing has been published."""
        try:
            pointed = os.readlink(self._pointer)  # noqa: PTH115  several times for each request; a Path costs more
        except OSError:
            return None
        if self._pointed[0] != pointed:
            folder = self.state / pointed
            self._pointed = (pointed, folder, folder.name)
        return self._pointed[1]

    def name(self) -> str | None:
        """The name of that directory, which no other state will have."""
        return self._pointed[2] if self.target() else None

    def current(self) -> Snapshot:
        """The snapshot being served. The same object until the pointer moves.

        Raises:
            NoSnapshot: nothing has been published, or the pointer's directory is gone or cannot be read.
        """
        if held := self.at_hand():
            return held
        target = self.target()
        with self._lock:
            while self._open is None or self._open.folder != target:
                try:
                    self._open = self._opened(target)
                except NoSnapshot:
                    before, target = target, self.target()
                    if before == target:  # else a publisher has moved the pointer and pruned in between
                        raise
            return self._open

    def at_hand(self) -> Snapshot | None:
        """The snapshot being served when it is open already; opens nothing, and so never holds up an event loop."""
        held, target = self._open, self.target()
        same = held is not None and (held.folder is target or held.folder == target)  # to compare paths costs more
        return held if same else None

    def _opened(self, target: Path | None) -> Snapshot:
        if target is None:
            raise NoSnapshot(f"There is no published snapshot in {self.state}.", "Run `planvev publish`.")
        try:
            return Snapshot(target)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:  # RuntimeError: a corrupt store
            raise NoSnapshot(
                f"The snapshot {target.name} cannot be read: {error}.",
                "Run `planvev publish --rebuild` to make it anew from the files.",
            ) from None

    def folders(self) -> list[Path]:
        """Every finished snapshot, newest first."""
        home = self.state / SNAPSHOTS
        if not home.is_dir():
            return []
        ours = [path for path in home.iterdir() if re.fullmatch(r"[0-9a-f]+-[0-9]+", path.name)]
        finished = [path for path in ours if (path / MANIFEST).is_file()]
        return sorted(finished, key=_number, reverse=True)

    def find(self, snapshot_id: str) -> Path | None:
        """The newest folder of the snapshot with this id."""
        return next((path for path in self.folders() if path.name.rpartition("-")[0] == snapshot_id), None)


def _number(folder: Path) -> int:
    """The running number at the end of a snapshot folder's name."""
    return int(folder.name.rpartition("-")[2])
