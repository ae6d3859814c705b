"""Making the store of a snapshot: from nothing, or from the one before by replacing what has changed.

Both ways give the same quads: every file a named graph in its canonical form, and in the default graph the statements
of data and ontology, each once. The second way begins with the old store under hard links (`Store.backup`), writes
only the difference, and never touches the old directory. Nothing here judges data or moves a pointer.
"""

from __future__ import annotations

import gc
import io
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from queue import Queue
from typing import IO, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, parse

from planvev.engines.snapshot import Snapshot
from planvev.errors import StateUnusable
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, Canonical
from planvev.library import DATA, ONTOLOGY, Text

ASSERTED = (DATA, ONTOLOGY)  # the roles whose statements stand in the default graph
WORTH_A_PROCESS = 30  # graphs: below, starting processes takes longer than the work
WINDOW = 64  # graphs being made ready at once

Tell = Callable[[int, int], None]

_DEFAULT = DefaultGraph()


@dataclass(frozen=True)
class Form:
    """One graph as it shall stand in the store."""

    graph: str
    asserted: bool
    canonical: Canonical


def forms(texts: Sequence[Text], tell: Tell | None = None) -> Iterator[Form]:
    """The canonical form of each text, in turn; over all cores when there are many."""
    for done, (text, canonical) in enumerate(zip(texts, _each(texts), strict=True), 1):
        yield Form(text.source.graph, text.source.role in ASSERTED, canonical)
        if tell:
            tell(done, len(texts))


def _each(texts: Sequence[Text]) -> Iterator[Canonical]:
    asked = [(text.data, text.source.file, text.source.graph) for text in texts]
    cores = os.cpu_count() or 1
    if len(asked) < WORTH_A_PROCESS or cores < 2:
        yield from map(_canonical, asked)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        # A window, so that forms do not pile up faster than they are stored.
        running = deque(pool.submit(_canonical, one) for one in asked[:WINDOW])
        for following in [*asked[WINDOW:], *[None] * len(running)]:
            done = running.popleft()
            if following:
                running.append(pool.submit(_canonical, following))
            yield done.result()


def _canonical(asked: tuple[bytes, str, str]) -> Canonical:
    data, file, graph = asked
    return rdf.canonical(rdf.read_turtle(data, file), graph)


def fresh(path: Path, graphs: Iterable[Form]) -> int:
    """A new store with these graphs; the number of statements in its default graph."""
    store = Store(str(path))
    pipe = _Pipe()
    with ThreadPoolExecutor(1) as beside:
        # Two at once: reading bytes leaves the interpreter free, but gives blank nodes names of its own; so statements
        # without any are read as bytes, and the others are handed over one by one. Half the time on two cores.
        loading = beside.submit(_load, store, pipe)
        try:
            store.bulk_extend(_blank(graphs, pipe))
        finally:
            pipe.end()
        loading.result()
    store.flush()
    counted = _numbers(store, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")[""]
    del store  # the store closes with its last reference; only then may the folder move
    gc.collect()
    return counted


def compact(path: Path) -> None:
    """Put the files that loading has left one over another into one of each kind: reading looks into all of them."""
    store = Store(str(path))
    store.optimize()
    del store
    gc.collect()


def _load(store: Store, pipe: _Pipe) -> None:
    try:
        store.bulk_load(cast(IO[bytes], pipe), RdfFormat.N_QUADS, lenient=True)
    finally:
        pipe.drain()


def _blank(graphs: Iterable[Form], pipe: _Pipe) -> Iterator[Quad]:
    """Statements with a blank node, each in its graphs; the others go into the pipe."""
    for form in graphs:
        lines = form.canonical.lines.splitlines(keepends=True)
        named = f" <{form.graph}> .\n".encode()
        for blank in (False, True):
            chosen = b"".join(line for line in lines if (b"_:" in line) is blank)
            # A line feed never stands inside a statement, so that a full stop before one is always its end.
            quads = chosen.replace(b" .\n", named) + (chosen if form.asserted else b"")
            if blank:
                yield from parse(quads, RdfFormat.N_QUADS)
            else:
                pipe.put(quads)


class _Pipe(io.RawIOBase):
    """Bytes from the thread that has them to the one that reads them, a few graphs at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Queue[bytes] = Queue(16)
        self._open = b""
        self._ended = False

    def put(self, data: bytes) -> None:
        if data:
            self._waiting.put(data)

    def end(self) -> None:
        self._waiting.put(b"")

    def drain(self) -> None:
        """Take the rest, so that nobody waits for a reader who has given up."""
        while not self._ended:
            self._ended = not self._waiting.get()

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        if not self._open and not self._ended:
            self._open = self._waiting.get()
            self._ended = not self._open
        size = len(self._open) if size is None or size < 0 else size
        given, self._open = self._open[:size], self._open[size:]
        return given


@dataclass(frozen=True)
class Change:
    """One graph that differs from the snapshot before: what stood there and what shall, nothing where there is none."""

    graph: str
    asserted: bool
    old: Set[Triple]
    new: Set[Triple]


def extended(path: Path, before: Snapshot, changes: Sequence[Change]) -> int:
    """A store like the one before but for some graphs; the number of statements in its default graph."""
    before.store.backup(str(path))
    if not changes:
        return before.manifest.triples
    store = Store(str(path))
    for change in changes:
        name = NamedNode(change.graph)
        for t in change.old - change.new:
            store.remove(Quad(t.subject, t.predicate, t.object, name))
        if not change.new:
            store.remove_graph(name)
        store.extend(Quad(t.subject, t.predicate, t.object, name) for t in change.new - change.old)
    gone = {t for change in changes if change.asserted for t in change.old - change.new}
    come = {t for change in changes if change.asserted for t in change.new - change.old}
    asserted = {entry.graph for entry in before.manifest.graphs if entry.role in ASSERTED}
    asserted |= {change.graph for change in changes if change.asserted}
    counted = before.manifest.triples
    for t in gone:
        if t not in come and not _held(store, t, asserted):
            store.remove(Quad(t.subject, t.predicate, t.object, _DEFAULT))
            counted -= 1
    entering = [Quad(t.subject, t.predicate, t.object, _DEFAULT) for t in come]
    entering = [quad for quad in entering if quad not in store]
    store.extend(entering)
    store.flush()
    del store
    gc.collect()
    return counted + len(entering)


def _held(store: Store, t: Triple, asserted: Set[str]) -> bool:
    """Whether a graph of data or ontology says this."""
    if isinstance(t.subject, BlankNode):
        return False  # a blank node belongs to one graph
    graphs = (quad.graph_name for quad in store.quads_for_pattern(t.subject, t.predicate, t.object, None))
    return any(isinstance(graph, NamedNode) and graph.value in asserted for graph in graphs)


def whole(snapshot: Snapshot) -> None:
    """Count every graph of a finished snapshot as a reader finds it, and look for its statements in the default graph.

    Raises:
        StateUnusable: a graph does not hold what the manifest says, or the default graph not what the graphs say.
    """
    found = _numbers(snapshot.store, "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    for entry in snapshot.manifest.graphs:
        if found.pop(entry.graph, 0) != entry.triples:
            raise _unlike(entry.file)
    if found:
        raise _unlike(min(found))
    # 10 µs a statement. MINUS takes half of it, and as much memory as the graph is large.
    missing = "GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o }"
    lost = _numbers(snapshot.store, f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ {missing} }} GROUP BY ?g")
    for entry in snapshot.manifest.graphs:
        if entry.role in ASSERTED and entry.graph in lost:
            raise _unlike(entry.file)


def replaced(snapshot: Snapshot, changes: Sequence[Change]) -> None:
    """Compare what has been replaced in a finished snapshot with what should stand there, statement by statement.

    The rest is the same files on disk as before, and costs nothing to look at again.

    Raises:
        StateUnusable: a changed graph, or the default graph, does not hold what it should.
    """
    store = snapshot.store
    asserted = {entry.graph for entry in snapshot.manifest.graphs if entry.role in ASSERTED}
    for change in changes:
        held = set(snapshot.graph(change.graph))
        if held != change.new and held != _by_value(change.new):
            raise _unlike(change.graph)
        for t in change.old | change.new if change.asserted else ():
            stands = Quad(t.subject, t.predicate, t.object, _DEFAULT) in store
            if stands != (t in change.new or _held(store, t, asserted)):
                raise _unlike(change.graph)
    missing = {entry.graph for entry in snapshot.manifest.graphs if entry.triples}
    missing -= {name.value for name in store.named_graphs()}
    if missing:
        raise _unlike(min(missing))


def _by_value(triples: Set[Triple]) -> set[Triple]:
    """The statements as the engine gives them back: it keeps numbers by their value, 2.50 as 2.5."""
    store = Store()
    store.extend(Quad(t.subject, t.predicate, t.object, _DEFAULT) for t in triples)
    return {quad.triple for quad in store}


def _unlike(what: str) -> StateUnusable:
    return StateUnusable(
        f"The new snapshot does not hold what {what} says. Nothing was changed.",
        "Run `planvev publish --rebuild`; if it repeats, check the disk.",
    )


def _numbers(store: Store, query: str) -> dict[str, int]:
    """What a query that counts as ?n finds for each ?g, or for "" when it names none."""
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)
    grouped = len(rows.variables) > 1
    return {row["g"].value if grouped else "": int(row["n"].value) for row in rows}
