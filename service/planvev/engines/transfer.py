"""Filling a store on the network with a snapshot: what differs and nothing else, graph by graph.

A small difference goes as one SPARQL update, which an engine with transactions carries out at once: readers see the old
edition or the new. A large one goes in steps: the record says that filling has begun, readers wait, each graph is
replaced, counted and entered, and the edition comes last. Broken off anywhere, the next run finds what is entered and
goes on with the rest. Graphs keep their public names, so whoever asks the store itself finds what is documented.

Where an engine keeps a default graph of its own, it is kept as a snapshot keeps it: the statements of data and
ontology, each once. Most engines show the union of all graphs instead; the first look at the store tells.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from planvev.engines import answers, ledger
from planvev.engines.ledger import RECORD, Ledger
from planvev.engines.remote import Line
from planvev.engines.snapshot import GraphEntry, Snapshot
from planvev.errors import EngineAnswer, PublishRunning, QuerySyntax
from planvev.formats.rdf import BlankNode, Triple
from planvev.library import DATA, ONTOLOGY

CHUNK = 1000  # triples in one operation; Virtuoso's compiler refuses 5,000 short ones, and long ones sooner
COUNTED = 200  # graphs in one question
SECONDS = 600.0  # one update: a large graph on a loaded machine

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Target:
    """A store: where it answers queries (`line`), takes updates, and, if it does, whole graphs; `at_once` is the
    largest update that is sent in one request, in bytes."""

    line: Line
    update: str
    store: str = ""
    at_once: int = 4 * 1024 * 1024


@dataclass(frozen=True)
class Transferred:
    """How a transfer ended: the graphs written and removed, and whether readers saw it happen in one request."""

    written: tuple[str, ...]
    removed: tuple[str, ...]
    at_once: bool


def transfer(snapshot: Snapshot, target: Target, progress: Progress | None = None) -> Transferred:
    """Make the store hold what the snapshot holds.

    Raises:
        PublishRunning: somebody else has begun to fill the store meanwhile.
        EngineAnswer: a graph does not arrive whole; readers keep waiting until a later run succeeds.
        Problem: the store cannot be reached or refuses. Run again, it goes on where it was broken off.
    """
    found = ledger.read(target.line)
    changed = [entry for entry in snapshot.manifest.graphs if found.graphs.get(entry.graph) != entry]
    removed = [entry for graph, entry in found.graphs.items() if graph not in snapshot.graphs]
    if found.edition and not changed and not removed:
        return Transferred((), (), True)
    edition = f"{snapshot.id}-{uuid.uuid4().hex[:8]}"
    work = _Transfer(snapshot, target, found, edition)
    names = tuple(entry.graph for entry in changed), tuple(entry.graph for entry in removed)
    at_once = bool(found.edition) and work.at_once(changed, removed)
    if not at_once:
        work.in_steps(changed, removed, progress or (lambda _done, _of: None))
    return Transferred(*names, at_once)


class _Transfer:
    def __init__(self, snapshot: Snapshot, target: Target, found: Ledger, edition: str) -> None:
        self.snapshot = snapshot
        self.target = target
        self.found = found
        self.edition = edition
        self._waiting: tuple[str, ...] = ()
        every = {**found.graphs, **snapshot.graphs}.values()
        apart = [RECORD, *(entry.graph for entry in every if entry.role not in (DATA, ONTOLOGY))]
        self.apart = ", ".join(f"<{graph}>" for graph in apart)

    def at_once(self, changed: Sequence[GraphEntry], removed: Sequence[GraphEntry]) -> bool:
        """Send everything as one request; whether it is small enough to be sent so."""
        own_default = self._own_default()
        text = ledger.begin(self.edition)
        for step in self._whole(changed, removed, own_default):
            text += f" ;\n{step}"
            if len(text) > self.target.at_once:
                return False
        try:
            self._update(f"{text} ;\n{ledger.end(self.edition, self.snapshot.manifest)}")
        except QuerySyntax:  # Virtuoso's compiler ran out of memory
            return False
        try:
            self._count(changed)
        except EngineAnswer:
            self._update(ledger.begin(self.edition))  # readers wait rather than read what is not so
            raise
        return True

    def _whole(self, changed: Sequence[GraphEntry], removed: Sequence[GraphEntry], own_default: bool) -> Iterator[str]:
        for entry in removed:
            yield from self._remove(entry, own_default)
        for entry in changed:
            if self._same(entry):
                yield from (ledger.forget(entry.graph), ledger.enter(entry))
                continue
            yield from self._remove(entry, own_default)
            yield from _inserts(entry.graph, self.snapshot.graph(entry.graph))
            yield from self._into_default(entry, own_default)
            yield ledger.enter(entry)

    def in_steps(self, changed: Sequence[GraphEntry], removed: Sequence[GraphEntry], progress: Progress) -> None:
        """Readers wait; each graph is replaced, counted and entered; readers read again."""
        self._update(ledger.begin(self.edition))
        own_default = self._own_default()
        for entry in removed:
            self._update(*self._remove(entry, own_default))
        done = 0
        for batch in _batches(changed):
            progress(done, len(changed))
            self._replace(batch, own_default)
            done += len(batch)
        progress(len(changed), len(changed))
        self._update()
        if ledger.read_edition(self.target.line).under_way != self.edition:
            raise PublishRunning("Somebody else has begun to fill the store.", "Wait until it is done, and run again.")
        self._update(ledger.end(self.edition, self.snapshot.manifest))

    def _replace(self, batch: Sequence[GraphEntry], own_default: bool) -> None:
        """Several small graphs or one large: each request is a transaction, and a transaction costs."""
        for entry in (entry for entry in batch if not self._same(entry)):
            triples = self.snapshot.graph(entry.graph)
            self._waiting += tuple(self._remove(entry, own_default))
            if self.target.store:
                self._update()
                self.target.line.put(entry.graph, _lines(triples).encode(), self.target.store, SECONDS)
                continue
            for number, insert in enumerate(_inserts(entry.graph, triples)):
                if number:
                    self._update()
                self._waiting += (insert,)
        self._update()
        self._count([entry for entry in batch if not self._same(entry)])
        # Entered with the next request, to spare one: a run broken off before it writes these graphs again.
        for entry in batch:
            default = () if self._same(entry) else self._into_default(entry, own_default)
            self._waiting += (ledger.forget(entry.graph), *default, ledger.enter(entry))

    def _same(self, entry: GraphEntry) -> bool:
        """Whether the graph stands there already and only its file is laid out differently."""
        had = self.found.graphs.get(entry.graph)
        return had is not None and (had.digest, had.role) == (entry.digest, entry.role)

    def _own_default(self) -> bool:
        """Whether the engine's default graph is a graph of its own, not the union of the named ones."""
        something = f"{{ <{RECORD}> ?p ?o }}"
        return not answers.ask(self.target.line, f"SELECT ?p WHERE {something} LIMIT 1")

    def _remove(self, entry: GraphEntry, own_default: bool) -> Iterator[str]:
        graph = entry.graph
        yield ledger.forget(graph)
        if own_default and entry.role in (DATA, ONTOLOGY):
            # A statement leaves the default graph when no other graph holds it.
            yield (
                f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} "
                f"FILTER NOT EXISTS {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN (<{graph}>, {self.apart})) }} }}"
            )
        yield f"CLEAR SILENT GRAPH <{graph}>"

    def _into_default(self, entry: GraphEntry, own_default: bool) -> Iterator[str]:
        if own_default and entry.role in (DATA, ONTOLOGY):
            yield f"INSERT {{ ?s ?p ?o }} WHERE {{ GRAPH <{entry.graph}> {{ ?s ?p ?o }} }}"

    def _count(self, entries: Sequence[GraphEntry]) -> None:
        for start in range(0, len(entries), COUNTED):
            some = entries[start : start + COUNTED]
            values = " ".join(f"<{entry.graph}>" for entry in some)
            query = (
                f"SELECT ?g (COUNT(*) AS ?n) WHERE {{ VALUES ?g {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
            )
            rows = answers.ask(self.target.line, query)
            found = {row["g"].value: int(row["n"].value) for row in rows if row["g"]}
            for entry in some:
                if found.get(entry.graph, 0) != entry.triples:
                    raise EngineAnswer(
                        f"The store holds {found.get(entry.graph, 0)} triples of {entry.graph}, not {entry.triples}.",
                        "Readers wait until it is whole: run the command again; if it repeats, the engine changes "
                        "what it is given (docs/scaling.md).",
                    )

    def _update(self, *steps: str) -> None:
        steps, self._waiting = (*self._waiting, *steps), ()
        if steps:
            self.target.line.update(" ;\n".join(steps), self.target.update, SECONDS)


def _batches(entries: Sequence[GraphEntry]) -> Iterator[list[GraphEntry]]:
    batch: list[GraphEntry] = []
    for entry in entries:
        if batch and sum(one.triples for one in batch) + entry.triples > CHUNK:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _lines(triples: Iterable[Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _inserts(graph: str, triples: Sequence[Triple]) -> Iterator[str]:
    for chunk in _chunks(triples, CHUNK):
        lines = f"{{ GRAPH <{graph}> {{\n{_lines(chunk)}}} }}"
        blank = any(isinstance(term, BlankNode) for triple in chunk for term in (triple.subject, triple.object))
        # Virtuoso takes no blank node in INSERT DATA; a template makes each of them once, for the one empty solution.
        yield f"INSERT {lines} WHERE {{ }}" if blank else f"INSERT DATA {lines}"


def _chunks(triples: Sequence[Triple], size: int) -> Iterator[list[Triple]]:
    """A graph in pieces of about a size, never parting what shares a blank node: its name holds within one piece."""
    chunk: list[Triple] = []
    for together in _tied(triples):
        if chunk and len(chunk) + len(together) > size:
            yield chunk
            chunk = []
        chunk += together
    if chunk:
        yield chunk


def _tied(triples: Sequence[Triple]) -> Iterable[list[Triple]]:
    """Triples gathered by the blank nodes that tie them; each without one by itself."""
    leader: dict[str, str] = {}

    def head(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = name = leader[leader[name]]
        return name

    for triple in triples:
        if isinstance(triple.subject, BlankNode) and isinstance(triple.object, BlankNode):
            leader[head(triple.subject.value)] = head(triple.object.value)
    groups: dict[str, list[Triple]] = {}
    for number, triple in enumerate(triples):
        blank = next((term for term in (triple.subject, triple.object) if isinstance(term, BlankNode)), None)
        groups.setdefault(head(blank.value) if blank else f" {number}", []).append(triple)
    return groups.values()
