"""Publishing, write side: from files to a snapshot being served.

    lock → look → (unchanged? done) → gate → build in a scratch folder → verify → rename → history → pointer → prune

Only the last-but-one step changes what readers see, and it is one `rename(2)`. A crash before it leaves scratch that
the next run sweeps; a crash after it leaves at most a snapshot too many. Readers never meet a folder that is being
written.

What has not changed since the current snapshot is neither read nor judged nor written again, so that the cost follows
the change. The verdict is the one a whole check would give, because the current snapshot passed one: only files that
changed, and those that rest on a changed thing, can be judged differently. A change to ontology or shapes, another
version of a program, or `rebuild` has everything judged.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import planvev
from planvev.checking import gate, remarks
from planvev.checking.remarks import REMARKS
from planvev.checking.seen import SEEN, Files, Look, Seen, look
from planvev.checking.validation import AUTO, chosen
from planvev.engines.snapshot import FORMAT, MANIFEST, STORE, GraphEntry, Manifest, Shelf, Snapshot
from planvev.errors import NoSnapshot, Problem
from planvev.finding import search_index
from planvev.finding.search_index import SEARCH
from planvev.formats.rdf import Canonical, Quad
from planvev.library import DATA, Library, Text
from planvev.names import Base
from planvev.publishing import build, derived_check, tally
from planvev.publishing import state as folder_of
from planvev.publishing.build import ASSERTED, Change, Form
from planvev.publishing.derive import Deriving
from planvev.queries import derivation
from planvev.queries.derivation import DERIVED, Rule
from planvev.queries.statistics import COLUMNS, STATISTICS
from planvev.versions.recording import Recorder

INCREMENTS = 100  # after so many, a publish builds from nothing: each leaves a few small files in the store

Progress = Callable[[str], None]
Bar = Callable[[int, int], None]


@dataclass(frozen=True)
class Published:
    """How a publish ended: the snapshot being served now, whether it is new to readers, and how many files
    were judged."""

    snapshot: Manifest
    folder: Path
    new: bool
    judged: int = 0


@dataclass(frozen=True)
class Manner:
    """How to publish.

    `keep` snapshots stay, at least 1; `rebuild` builds anew even when no file has changed; `tidy` does so too after
    INCREMENTS extensions; `engine` is one of `validation.ENGINES`; `tell` is called with a short sentence before each
    long step, `bar` with how many files of how many are done; `seconds` is what checking one portion may take, for
    which processes are started, and None checks here without a deadline.
    """

    keep: int
    rebuild: bool = False
    tidy: bool = True
    engine: str = AUTO
    tell: Progress = lambda _: None
    bar: Bar | None = None
    seconds: float | None = None


def publish(library: Library, state: Path, manner: Manner) -> Published:
    """Make what the files say the published state.

    Args:
        library: the files.
        state: the state folder; made when it does not exist.
        manner: how.

    Raises:
        Misplaced, SyntaxFault, Unreadable: a file stands wrong, does not parse or cannot be read.
        GateClosed: the shapes refuse. Nothing was changed.
        StateUnusable: the state folder cannot be written. Nothing was changed.
        PublishRunning: somebody else is publishing.
    """
    with folder_of.writable(state), folder_of.locked(state):
        folder_of.sweep(state)
        history = Recorder(state)
        done = _prepared(library, state, manner, history)
        history.record(done.folder, done.snapshot, done.new)
        if done.new:
            folder_of.point(state, done.folder)
            folder_of.prune(Shelf(state), manner.keep)
        history.served()
        return done


def _prepared(library: Library, state: Path, manner: Manner, history: Recorder) -> Published:
    """A snapshot of what the files say, ready to be pointed at. Lets go of the one before when it returns."""
    shelf = Shelf(state)
    made = _Made(library.base.iri, manner.engine, derivation.read(library.ontology))
    before = made.alike(shelf)
    files = look(library, state / SEEN, None if manner.rebuild else before)
    if before and not manner.rebuild:
        if not files.changed and not files.gone:
            return Published(before.manifest, before.folder, False)
        if again := _made_before(shelf, files.looks.values(), made):
            return Published(again.manifest, again.folder, True)
    return _built(files, state, manner, made, history)


def rollback(state: Path, snapshot_id: str | None = None) -> Manifest:
    """Point at a snapshot that is still kept: the one with this id, or the newest one older than the current.

    Raises:
        NoSnapshot: there is none.
        PublishRunning: somebody is publishing.
    """
    with folder_of.writable(state), folder_of.locked(state):
        shelf, history = Shelf(state), Recorder(state)
        current, folders = shelf.target(), shelf.folders()
        older = folders[folders.index(current) + 1 :] if current in folders else folders
        folder = shelf.find(snapshot_id) if snapshot_id else next(iter(older), None)
        if folder is None:
            kept = ", ".join(path.name.rpartition("-")[0] for path in folders) or "none"
            wanted = f"There is no snapshot {snapshot_id}" if snapshot_id else "There is no older snapshot"
            raise NoSnapshot(f"{wanted} in {state}. Kept are: {kept}. Nothing was changed.", "See `planvev status`.")
        try:
            found = Snapshot(folder)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise NoSnapshot(
                f"The snapshot {folder.name} cannot be read: {error}. Nothing was changed.", "Choose another one."
            ) from None
        history.record(folder, found.manifest, new=folder != current)
        folder_of.point(state, folder)
        history.served()
        return found.manifest


def changed_files(library: Library, state: Path, manifest: Manifest) -> list[str]:
    """The files that have changed, come or gone since a snapshot was made, by name."""
    seen = Seen(state / SEEN)
    was = {entry.file: entry.sha256 for entry in manifest.graphs if entry.role != DERIVED}
    now = {source.file: seen.look(source).sha256 for source in library.sources()}
    return sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


@dataclass(frozen=True)
class _Made:
    """What a snapshot must agree in, beside the files, to be what a publish would make now."""

    base: str
    engine: str
    rules: tuple[Rule, ...] = ()

    def deriving(self, told: Callable[[Quad, int], None]) -> Deriving:
        return Deriving(self.rules, Base(self.base), told=told)

    @cached_property
    def marks(self) -> tuple[str, str, str, str]:
        judge = chosen(self.engine)
        version = importlib.metadata.version
        engines = ", ".join(f"{name} {version(name)}" for name in ("pyoxigraph", "tantivy"))
        engines += f", rules {derivation.digest(self.rules)}"
        return self.base, planvev.__version__, engines, f"{judge} {version(judge)}"

    def fits(self, had: Manifest) -> bool:
        return had.format == FORMAT and (had.base, had.planvev, had.engine, had.judge) == self.marks

    def manifest(
        self, entries: Sequence[GraphEntry], triples: int, advice: Mapping[str, int], increments: int
    ) -> Manifest:
        base, planvev_, engine, judge = self.marks
        advised_now = ((entry, advice.get(entry.place, 0)) for entry in entries)
        graphs = tuple(entry if entry.advice == now else replace(entry, advice=now) for entry, now in advised_now)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        advised = sum(entry.advice for entry in graphs)
        return Manifest(_id(graphs, base), created, base, planvev_, engine, triples, advised, graphs, judge, increments)

    def alike(self, shelf: Shelf) -> Snapshot | None:
        try:
            current = shelf.current()
        except Problem:
            return None
        return current if self.fits(current.manifest) else None


def _made_before(shelf: Shelf, looks: Iterable[Look], made: _Made) -> Snapshot | None:
    """A snapshot still kept that was made from the very same files, as after a rollback or an edit taken back."""
    now = {(look.source.place, look.sha256, look.source.file) for look in looks}
    for folder in shelf.folders():
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RuntimeError):
            had = Manifest.read(folder / MANIFEST)
            if made.fits(had) and now == {(e.place, e.sha256, e.file) for e in had.graphs if e.role != DERIVED}:
                return Snapshot(folder)
    return None


def _built(files: Files, state: Path, manner: Manner, made: _Made, history: Recorder) -> Published:
    judged = gate.judge(files, manner.engine, manner.seconds, manner.tell, manner.bar)
    manner.tell("Building the snapshot")
    scratch = folder_of.scratch(state)
    if _worth_extending(files, manner):
        manifest = _extended(files, scratch, made, gate.advice(files, judged), history)
    else:
        manifest = _fresh(files, scratch, made, gate.advice(files, judged), manner.bar, history)
    had = files.before.folder / REMARKS if files.before and not manner.rebuild else None
    remarks.keep(scratch / REMARKS, files.places(DATA), judged.remarks, had)
    folder = folder_of.shelve(state, scratch, manifest.id)
    return Published(manifest, folder, True, len(judged.advised))


def _worth_extending(files: Files, manner: Manner) -> bool:
    """Whether replacing what has changed costs less than building from nothing, where a triple costs a third."""
    if files.before is None or manner.rebuild or not (files.before.folder / SEARCH).is_dir():
        return False
    if files.before.statistics is None or not (files.before.folder / COLUMNS).is_dir():
        return False
    had = files.before.manifest
    if manner.tidy and had.increments >= INCREMENTS:
        manner.tell(f"The store was extended {had.increments} times; building it from nothing")
        return False
    touched = files.moved()
    size = {entry.place: entry.triples for entry in had.graphs}
    typical = sum(size.values()) // max(len(size), 1)
    return 3 * sum(size.get(place, typical) for place in touched) < sum(size.values())


def _extended(files: Files, scratch: Path, made: _Made, advice: Mapping[str, int], history: Recorder) -> Manifest:
    from planvev.publishing import columns_built  # here, because numpy takes longer to load than a check of one file

    before = files.before
    assert before is not None and before.statistics is not None
    changes = []
    for place in files.moved():
        graph = (files.had.get(place) or files.looks[place].source).graph
        changes.append(Change(graph, files.role(place) in ASSERTED, files.old(place), files.new(place)))
    triples = build.extended(scratch / STORE, before, changes)
    links: dict[int, list[Quad]] = {1: [], -1: []}
    derived = made.deriving(lambda quad, sign: links[sign].append(quad))
    plans = derived.follow(scratch / STORE, before, changes)
    texts = [files.text(place) for place in files.moved() if place in files.looks]
    lost = [entry.graph for entry in files.gone.values()]
    search_index.build(scratch / SEARCH, texts, Base(made.base), lost, before.folder / SEARCH)
    fresh = {place: _entry(files.text(place), files.form(place)) for place in files.changed}
    for place, entry in fresh.items():
        history.keep(place, entry.graph, files.form(place))
    entries = [*(fresh.get(place) or files.had[place] for place in files.looks), *derived.entries()]
    manifest = made.manifest(entries, triples, advice, before.manifest.increments + bool(changes))
    made_now = _opened(scratch, manifest)
    build.replaced(made_now, changes)
    sizes = {entry.graph: entry.triples for entry in entries}
    moved = tally.moved(before.store, made_now.store, changes)
    numbers = tally.updated(before.statistics, moved, sizes)
    gone, come = (itertools.chain(tally.quads(some), links[sign]) for some, sign in ((moved.gone, -1), (moved.come, 1)))
    columns_built.updated(scratch / COLUMNS, before.folder / COLUMNS, gone, come)
    columns_built.compared(scratch / COLUMNS, numbers).write(scratch / STATISTICS)
    derived_check.verify(made_now, made.rules, Base(made.base), plans)
    return manifest


def _fresh(
    files: Files, scratch: Path, made: _Made, advice: Mapping[str, int], bar: Bar | None, history: Recorder
) -> Manifest:
    from planvev.publishing import columns_built  # here, because numpy takes longer to load than a check of one file

    texts = [files.text(place) for place in files.looks]
    entries: list[GraphEntry] = []
    columns = columns_built.Gathered()
    types: set[tuple[str, str]] = set()

    def passing() -> Iterator[Form]:
        for text, form in zip(texts, build.forms(texts, bar), strict=True):
            entries.append(_entry(text, form.canonical))
            history.keep(text.source.place, form.graph, form.canonical)
            if form.asserted:
                types.update(tally.typed(form.canonical.lines))
                columns.add(form.canonical.lines)
            yield form

    triples = build.fresh(scratch / STORE, passing())
    derived = made.deriving(columns.link)
    derived.whole(scratch / STORE)
    build.compact(scratch / STORE)
    entries += derived.entries()
    search_index.build(scratch / SEARCH, texts, Base(made.base))
    manifest = made.manifest(entries, triples, advice, 0)
    made_now = _opened(scratch, manifest)
    build.whole(made_now)
    sizes = {entry.graph: entry.triples for entry in entries}
    numbers = tally.gathered(made_now.store, sizes, types)
    columns.write(scratch / COLUMNS)
    columns_built.compared(scratch / COLUMNS, numbers).write(scratch / STATISTICS)
    derived_check.verify(made_now, made.rules, Base(made.base))
    return manifest


def _entry(text: Text, canonical: Canonical) -> GraphEntry:
    source = text.source
    return GraphEntry(
        source.graph, source.place, source.role, source.file, text.sha256, canonical.digest, canonical.count
    )


def _opened(scratch: Path, manifest: Manifest) -> Snapshot:
    """The finished snapshot as a reader will find it."""
    manifest.write(scratch / MANIFEST)
    return Snapshot(scratch)


def _id(entries: Iterable[GraphEntry], base: str) -> str:
    lines = sorted(f"{entry.graph} {entry.digest}\n" for entry in entries)
    return hashlib.sha256((base + "\n" + "".join(lines)).encode()).hexdigest()[:16]
