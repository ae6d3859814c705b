"""Publishing, write side: from files to a snapshot being served.

    lock → read → (unchanged? done) → gate → build in a scratch folder → verify → rename → move the pointer → prune

Only the last-but-one step changes what readers see, and it is one `rename(2)`. A crash before it leaves scratch that
the next run sweeps; a crash after it leaves at most a snapshot too many. Readers never meet a folder that is being
written.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

import planvev
from planvev import rdf
from planvev.checks import ERROR, Finding, check
from planvev.errors import Problem, PublishRunning, Refused, StateUnusable
from planvev.library import DATA, ONTOLOGY, Library, Text, read
from planvev.snapshot import CURRENT, FORMAT, MANIFEST, SNAPSHOTS, STORE, GraphEntry, Manifest, Shelf, Snapshot
from planvev.validation import AUTO

SCRATCH = ".building-"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Published:
    """How a publish ended: the snapshot being served now, whether it is new, and what the shapes advise."""

    snapshot: Manifest
    folder: Path
    new: bool
    findings: tuple[Finding, ...]


class GateClosed(Refused):
    """The shapes or the ownership rule refuse the data; `findings` say what and where."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        errors = sum(finding.severity == ERROR for finding in findings)
        super().__init__(f"{errors} refused, {len(findings) - errors} advised. Nothing was changed.")
        self.findings = tuple(findings)


def publish(
    library: Library,
    state: Path,
    keep: int,
    rebuild: bool = False,
    tell: Progress = lambda _: None,
    engine: str = AUTO,
) -> Published:
    """Make what the files say the published state.

    Args:
        library: the files.
        state: the state folder; made when it does not exist.
        keep: how many snapshots stay, at least 1.
        rebuild: build anew even when the files have not changed.
        tell: called with one short sentence before each long step.
        engine: the SHACL engine, one of `validation.ENGINES`.

    Raises:
        Misplaced, SyntaxFault: a file stands wrong or does not parse.
        GateClosed: the shapes refuse. Nothing was changed.
        StateUnusable: the state folder cannot be written. Nothing was changed.
        PublishRunning: somebody else is publishing.
    """
    with _writable(state), _locked(state):
        _sweep(state)
        texts = [read(source) for source in library.sources()]
        if not rebuild and (current := _unchanged(Shelf(state), texts, library)):
            return Published(current.manifest, current.folder, False, ())
        findings = _gate(library, texts, tell, engine)
        tell("Building the snapshot")
        folder = _build(state, texts, library, findings)
        _point(state, folder)
        _prune(Shelf(state), keep)
        return Published(Manifest.read(folder / MANIFEST), folder, True, tuple(findings))


def _gate(library: Library, texts: Sequence[Text], tell: Progress, engine: str) -> list[Finding]:
    data = {text.source.place: text for text in texts if text.source.role == DATA}
    judged = [text for text in data.values() if not text.source.lent]
    tell(f"Checking {len(judged)} files against the shapes")
    vocabulary = [text for text in texts if text.source.role != DATA]
    findings = check(judged, data, vocabulary, library.base, engine)
    if any(finding.severity == ERROR for finding in findings):
        raise GateClosed(findings)
    return findings


def _unchanged(shelf: Shelf, texts: Sequence[Text], library: Library) -> Snapshot | None:
    try:
        current = shelf.current()
    except Problem:
        return None
    had = current.manifest
    same = {(e.place, e.sha256) for e in had.graphs} == {(t.source.place, t.sha256) for t in texts}
    made_alike = (had.format, had.base, had.planvev, had.engine) == (
        FORMAT,
        library.base.iri,
        planvev.__version__,
        _engine(),
    )
    return current if same and made_alike else None


def changed_files(library: Library, manifest: Manifest) -> list[str]:
    """The files that have changed, come or gone since a snapshot was made, by name."""
    was = {entry.file: entry.sha256 for entry in manifest.graphs}
    now = {source.file: read(source).sha256 for source in library.sources()}
    return sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


def _engine() -> str:
    return f"pyoxigraph {pyoxigraph.__version__}"


def _build(state: Path, texts: Sequence[Text], library: Library, findings: Sequence[Finding]) -> Path:
    entries = tuple(_entry(text) for text in texts)
    snapshot_id = _id(entries, library.base.iri)
    scratch = state / SNAPSHOTS / f"{SCRATCH}{os.getpid()}"
    scratch.mkdir(parents=True)
    triples = _fill(scratch / STORE, texts)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(
        snapshot_id, created, library.base.iri, planvev.__version__, _engine(), triples, len(findings), entries
    )
    (scratch / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False), "utf-8")
    _verify(scratch, manifest)
    _sync_tree(scratch)
    folder = scratch.with_name(f"{snapshot_id}-{_next_number(state)}")
    scratch.rename(folder)
    _sync(folder.parent)
    return folder


def _entry(text: Text) -> GraphEntry:
    source = text.source
    digest = rdf.digest(text.triples)
    return GraphEntry(source.graph, source.place, source.role, source.file, text.sha256, digest, len(set(text.triples)))


def _id(entries: Sequence[GraphEntry], base: str) -> str:
    lines = sorted(f"{entry.graph} {entry.digest}\n" for entry in entries)
    return hashlib.sha256((base + "\n" + "".join(lines)).encode()).hexdigest()[:16]


def _fill(path: Path, texts: Sequence[Text]) -> int:
    """Write all graphs into a new store; the number of triples in its default graph."""
    store = Store(str(path))
    union: dict[Triple, None] = {}
    store.bulk_extend(_quads(texts, union))  # at once: each call leaves files of its own, to be synced one by one
    store.flush()
    del store  # the store closes with its last reference; only then may the folder move
    gc.collect()
    return len(union)


def _quads(texts: Sequence[Text], union: dict[Triple, None]) -> Iterator[Quad]:
    """All statements in their graphs, then those of data and ontology, gathered in `union`, in the default graph."""
    for text in texts:
        name = NamedNode(text.source.graph)
        triples = rdf.with_stable_blanks(text.triples, text.source.graph)
        yield from (Quad(t.subject, t.predicate, t.object, name) for t in triples)
        if text.source.role in (DATA, ONTOLOGY):
            union.update(dict.fromkeys(triples))
    yield from (Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in union)


def _verify(scratch: Path, manifest: Manifest) -> None:
    """Read the finished snapshot as a reader will, and compare it with what should stand there."""
    snapshot = Snapshot(scratch)
    for entry in manifest.graphs:
        found = len(snapshot.graph(entry.graph))
        if found != entry.triples:
            raise StateUnusable(
                f"The new snapshot holds {found} triples of {entry.file}, not {entry.triples}. Nothing was changed.",
                "Run the command again; if it repeats, check the disk.",
            )


def _point(state: Path, folder: Path) -> None:
    pointer = state / f"{CURRENT}.next"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(folder.relative_to(state))
    pointer.replace(state / CURRENT)
    _sync(state)


def _prune(shelf: Shelf, keep: int) -> None:
    current = shelf.target()
    for folder in [path for path in shelf.folders() if path != current][max(keep - 1, 0) :]:
        handle = os.open(folder / MANIFEST, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Renamed first, so that a crash leaves scratch and never half a snapshot.
            shutil.rmtree(folder.rename(folder.with_name(SCRATCH + folder.name)), ignore_errors=True)
        except BlockingIOError:
            pass  # somebody reads it; a later publish removes it
        finally:
            os.close(handle)


def _sweep(state: Path) -> None:
    for scratch in (state / SNAPSHOTS).glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch)


def _next_number(state: Path) -> int:
    numbers = [int(path.name.rpartition("-")[2]) for path in Shelf(state).folders()]
    return max(numbers, default=0) + 1


@contextlib.contextmanager
def _writable(state: Path) -> Iterator[None]:
    try:
        (state / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        why = error.strerror or error
        raise StateUnusable(
            f"Cannot write in the state folder {state}: {why}. What was published before is unchanged.",
            "Make room or give the folder to this user, or set PLANVEV_STATE to another one.",
        ) from None


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    with (state / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # released by the kernel when the process ends, however
        except BlockingIOError:
            raise PublishRunning(
                f"Another publish holds {state / 'lock'}. Nothing was changed.",
                "Wait until it has ended and run the command again.",
            ) from None
        yield


def _sync_tree(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
