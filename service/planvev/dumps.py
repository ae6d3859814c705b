"""Whole dumps: everything that is published as one file of N-Quads and one of TriG, made after a publish.

A dump is one gzip member after another (RFC 1952, section 2.2), one for each graph, in the order of their names; any
gzip reader sees one file. The statements of a graph are its canonical N-Triples, so that the same graph gives the same
bytes, and a member is copied from the edition before instead of being made when its graph has not changed. Where each
member stands is in the edition's index, from which dumps of fewer graphs can be cut.

An edition is a folder that never changes. It is written in scratch, and `latest` points at it last: whoever reads gets
an edition that was finished. Nothing here can harm what is published.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import NamedNode, RdfFormat

from planvev.media import NQUADS, TRIG, Media
from planvev.snapshot import GraphEntry, Shelf, Snapshot

DUMPS = "dumps"
LATEST = "latest"
EDITION = "edition.json"
INDEX = "index.json"
NAME = "all"  # of the dump that holds every graph; those of a publisher stand beside it under other names
SCRATCH = ".making-"
FORMS = (NQUADS, TRIG)
WINDOW = 64  # graphs being made ready at once


@dataclass(frozen=True)
class Dump:
    """One file of an edition."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    graphs: int
    triples: int


@dataclass(frozen=True)
class Edition:
    """What was published at one time, as files. `name` is its day and its snapshot; `created` UTC, ISO 8601."""

    name: str
    snapshot: str
    created: str
    dumps: tuple[Dump, ...]

    @classmethod
    def read(cls, folder: Path) -> Edition:
        raw: dict[str, Any] = json.loads((folder / EDITION).read_text("utf-8"))
        return cls(raw["name"], raw["snapshot"], raw["created"], tuple(Dump(**dump) for dump in raw["dumps"]))


Member = tuple[int, int]  # where it begins in the file, and how many bytes it has


def editions(state: Path) -> list[Path]:
    """Every finished edition, newest first."""
    home = state / DUMPS
    found = [path.parent for path in home.glob(f"*/{EDITION}") if path.parent.name != LATEST]
    return sorted(
        (path for path in found if not path.name.startswith(".")),
        key=lambda path: (path / EDITION).stat().st_mtime_ns,
        reverse=True,
    )


def find(state: Path, name: str) -> tuple[Path, Edition] | None:
    """An edition by its name, or the one that `latest` points at."""
    if name != LATEST and name not in {path.name for path in editions(state)}:
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        folder = (state / DUMPS / name).resolve(strict=True)
        return folder, Edition.read(folder)
    return None


def listed(state: Path, name: str = LATEST) -> dict[str, Any] | None:
    """An edition as JSON shows it, each dump with its address below this host; None where there is none."""
    found = find(state, name)
    if found is None:
        return None
    dumps = [{"href": f"/dump/{name}/{dump.name}", **asdict(dump)} for dump in found[1].dumps]
    return {**asdict(found[1]), "dumps": dumps}


def make(state: Path, keep: int) -> Edition:
    """Write the dumps of the current snapshot, unless they are there; what is not needed any more goes.

    Raises:
        NoSnapshot: nothing is published.
        OSError: the disk takes no more. The last finished edition stays.
    """
    home = state / DUMPS
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # waits: whoever comes later dumps what is current then
        for left in home.glob(f"{SCRATCH}*"):
            shutil.rmtree(left)
        snapshot = Shelf(state).current()
        name = f"{snapshot.manifest.created[:10]}-{snapshot.id}"
        done = find(state, name)
        edition = done[1] if done else _written(home, name, snapshot, find(state, LATEST))
        _point(home, name)
        for old in [path for path in editions(state) if path.name != name][max(keep - 1, 0) :]:
            shutil.rmtree(old, ignore_errors=True)
        return edition


def _written(home: Path, name: str, snapshot: Snapshot, before: tuple[Path, Edition] | None) -> Edition:
    scratch = home / f"{SCRATCH}{os.getpid()}"
    scratch.mkdir()
    try:
        old = _Old(before[0] if before else None)
        graphs = sorted(snapshot.manifest.graphs, key=lambda entry: entry.graph)
        with contextlib.ExitStack() as opened:
            files = [_Writing(opened.enter_context((scratch / _file(form)).open("wb")), form) for form in FORMS]
            for entry, members in _members(snapshot, graphs, old):
                for file, member in zip(files, members, strict=True):
                    file.add(entry, member)
            dumps = tuple(file.finish(graphs) for file in files)
        edition = Edition(name, snapshot.id, snapshot.manifest.created, dumps)
        index = {file.media.suffix: file.places for file in files}
        (scratch / INDEX).write_text(json.dumps(index), "utf-8")
        (scratch / EDITION).write_text(json.dumps(asdict(edition), indent=1), "utf-8")
        for path in scratch.iterdir():
            with path.open("rb") as written:
                os.fsync(written.fileno())
        shutil.rmtree(home / name, ignore_errors=True)  # there only when it cannot be read
        scratch.rename(home / name)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return edition


class _Old:
    """The members of an edition before, by the graph and its digest; without one, none."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.index: Mapping[str, Mapping[str, Member]] = {}
        if folder:
            with contextlib.suppress(OSError, ValueError):
                self.index = json.loads((folder / INDEX).read_text("utf-8"))

    def member(self, entry: GraphEntry, media: Media) -> bytes | None:
        place = self.index.get(media.suffix, {}).get(_key(entry))
        if place is None or self.folder is None:
            return None
        begin, size = place
        with (self.folder / _file(media)).open("rb") as file:
            data = os.pread(file.fileno(), size, begin)
        return data if len(data) == size else None


class _Writing:
    """One dump on its way to the disk."""

    def __init__(self, file: BinaryIO, media: Media) -> None:
        self.file = file
        self.media = media
        self.size = 0
        self.hash = hashlib.sha256()
        self.places: dict[str, Member] = {}

    def add(self, entry: GraphEntry, member: bytes) -> None:
        self.places[_key(entry)] = (self.size, len(member))
        self.file.write(member)
        self.hash.update(member)
        self.size += len(member)

    def finish(self, graphs: Sequence[GraphEntry]) -> Dump:
        self.file.flush()
        triples = sum(entry.triples for entry in graphs)
        return Dump(_file(self.media), self.media.type, self.size, self.hash.hexdigest(), len(graphs), triples)


def _members(
    snapshot: Snapshot, graphs: Sequence[GraphEntry], old: _Old
) -> Iterator[tuple[GraphEntry, tuple[bytes, ...]]]:
    """Each graph's member in each form; new ones are made on all cores, a few ahead of the writing."""

    def made(entry: GraphEntry) -> tuple[bytes, ...]:
        kept = [old.member(entry, form) for form in FORMS]
        found = [member for member in kept if member is not None]
        return tuple(found) if len(found) == len(FORMS) else _made(snapshot, entry)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        running = deque((entry, threads.submit(made, entry)) for entry in graphs[:WINDOW])
        for following in [*graphs[WINDOW:], *[None] * len(running)]:
            entry, member = running.popleft()
            if following:
                running.append((following, threads.submit(made, following)))
            yield entry, member.result()


def _made(snapshot: Snapshot, entry: GraphEntry) -> tuple[bytes, ...]:
    name = f"<{entry.graph}>".encode()
    written = snapshot.store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(entry.graph)) or b""
    lines = b"".join(sorted(written.splitlines(keepends=True)))
    # A line feed never stands inside a statement, so that a full stop before one is always its end.
    quads = lines.replace(b" .\n", b" " + name + b" .\n")
    return _zipped(quads), _zipped(name + b" {\n" + lines + b"}\n")


def _zipped(data: bytes) -> bytes:
    """One gzip member, the same for the same data: without name and time."""
    packing = zlib.compressobj(6, wbits=31)
    return packing.compress(data) + packing.flush()


def _key(entry: GraphEntry) -> str:
    return f"{entry.graph} {entry.digest}"


def _file(media: Media) -> str:
    return f"{NAME}.{media.suffix}.gz"


def _point(home: Path, name: str) -> None:
    with contextlib.suppress(OSError):
        if str((home / LATEST).readlink()) == name:
            return
    pointer = home / f"{LATEST}.next"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(name)
    pointer.replace(home / LATEST)
