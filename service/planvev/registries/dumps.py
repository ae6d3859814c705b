"""Whole dumps, made after a publish: everything as N-Quads, TriG and Turtle, and the same of each publisher.

A dump is one gzip member after another (RFC 1952, section 2.2), one for each graph, in the order of their names; any
gzip reader sees one file. The statements of a graph are its canonical N-Triples, so that the same graph gives the same
bytes, and a member is copied from the edition before instead of being made when its graph has not changed. Where each
member stands is in the edition's index, from which the dump of one publisher is cut; one that holds the same members
as the edition before is the same file on disk. Turtle knows no graphs and holds the statements without their names.

Unpacked, a dump is read from the same file; how long it then is stands in its members (RFC 1952, ISIZE).

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
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import NamedNode, RdfFormat

from planvev.engines.snapshot import GraphEntry, Shelf, Snapshot
from planvev.library import DATA
from planvev.media import NQUADS, TRIG, TURTLE, Media
from planvev.registries import holdings
from planvev.registries.holdings import Holdings
from planvev.versions.annals import zipped

DUMPS = "dumps"
LATEST = "latest"
EDITION = "edition.json"
INDEX = "index.json"
HOLDINGS = "holdings-2.json"  # another name when it tells more, so that what is unchanged is read again
NAME = "all"  # of the dump that holds every graph; those of a publisher stand beside it under their own names
SCRATCH = ".making-"
FORMS = (NQUADS, TRIG, TURTLE)
GZIP = "application/gzip"  # what the bytes of a dump are; `media_type` is what they are when unpacked (RFC 6713)
PACKED = ".gz"
WINDOW = 64  # graphs being made ready at once


@dataclass(frozen=True)
class Dump:
    """One file of an edition: gzip, and `media_type` inside.

    `publisher` is whose graphs it holds, as addresses name them, empty for all; `issued` and `modified` are the days
    (UTC) of the first edition that had it and of the one in which its content changed last. `unpacked` is its size in
    bytes without gzip.
    """

    name: str
    media_type: str
    bytes: int
    sha256: str
    graphs: int
    triples: int
    publisher: str = ""
    issued: str = ""
    modified: str = ""
    unpacked: int = 0

    @property
    def plain(self) -> str:
        """What it is called when it is asked for unpacked."""
        return self.name.removesuffix(PACKED)


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


def held(state: Path, name: str = LATEST) -> tuple[Edition, Holdings] | None:
    """An edition with what its graphs tell; None where there is none, or it is from before editions kept that."""
    found = find(state, name)
    if found is None:
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return found[1], Holdings.read(json.loads((found[0] / HOLDINGS).read_text("utf-8")))
    return None


def listed(state: Path, name: str = LATEST) -> dict[str, Any] | None:
    """An edition as JSON shows it, each dump with its address below this host; None where there is none."""
    found = find(state, name)
    if found is None:
        return None
    dumps = [
        {"href": f"/dump/{name}/{dump.name}", "unpacked_href": f"/dump/{name}/{dump.plain}", **asdict(dump)}
        for dump in found[1].dumps
    ]
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
        done = find(state, name) if held(state, name) else None
        if done and not all(dump.unpacked for dump in done[1].dumps):
            done = None  # of an older version: made anew
        edition = done[1] if done else _written(home, name, snapshot, find(state, LATEST))
        _point(home, name)
        for old in [path for path in editions(state) if path.name != name][max(keep - 1, 0) :]:
            shutil.rmtree(old, ignore_errors=True)
        return edition


def _written(home: Path, name: str, snapshot: Snapshot, before: tuple[Path, Edition] | None) -> Edition:
    scratch = home / f"{SCRATCH}{os.getpid()}"
    scratch.mkdir()
    try:
        old = _Old(before)
        graphs = sorted(snapshot.manifest.graphs, key=lambda entry: entry.graph)
        with contextlib.ExitStack() as opened:
            files = [_Writing(opened.enter_context((scratch / _file(form)).open("wb")), form) for form in FORMS]
            for entry, members in _members(snapshot, graphs, old):
                for file, member in zip(files, members, strict=True):
                    file.add(entry, member)
            dumps = [old.dated(file.finish(graphs), name) for file in files]
        dumps += _cuts(scratch, files, graphs, old, name)
        edition = Edition(name, snapshot.id, snapshot.manifest.created, tuple(dumps))
        told = Holdings.of(snapshot, old.holdings)
        (scratch / HOLDINGS).write_text(json.dumps(told.plain(), ensure_ascii=False), "utf-8")
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


def _cuts(
    scratch: Path, files: Sequence[_Writing], graphs: Sequence[GraphEntry], old: _Old, edition: str
) -> Iterator[Dump]:
    """The dumps of each publisher, cut from the whole ones; what is as it was is the same file."""
    slices: dict[str, list[GraphEntry]] = defaultdict(list)
    for entry in graphs:
        if entry.role == DATA and (slug := holdings.publisher_of(entry.place)):
            slices[slug].append(entry)
    for whole in files:
        with (scratch / _file(whole.media)).open("rb") as source:
            for slug, entries in sorted(slices.items()):
                members = [os.pread(source.fileno(), size, begin) for begin, size in map(whole.place, entries)]
                name = _file(whole.media, slug)
                triples = sum(entry.triples for entry in entries)
                digest = hashlib.sha256(b"".join(members)).hexdigest()
                size, plain = sum(map(len, members)), sum(map(_length, members))
                dump = Dump(name, whole.media.type, size, digest, len(entries), triples, slug, unpacked=plain)
                if not old.linked(dump, scratch / name):
                    (scratch / name).write_bytes(b"".join(members))
                yield old.dated(dump, edition)


class _Old:
    """The members of an edition before, by the graph and its digest; without one, none."""

    def __init__(self, before: tuple[Path, Edition] | None) -> None:
        self.folder = before[0] if before else None
        self.dumps = {dump.name: dump for dump in before[1].dumps} if before else {}
        self.index: Mapping[str, Mapping[str, Member]] = {}
        self.holdings: Holdings | None = None
        if self.folder:
            with contextlib.suppress(OSError, ValueError):
                self.index = json.loads((self.folder / INDEX).read_text("utf-8"))
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                self.holdings = Holdings.read(json.loads((self.folder / HOLDINGS).read_text("utf-8")))

    def dated(self, dump: Dump, edition: str) -> Dump:
        """A dump with the days of its first edition and of its last change; `edition` begins with today's."""
        had, today = self.dumps.get(dump.name), edition[: len("2026-01-31")]
        changed = had is None or had.sha256 != dump.sha256
        return replace(
            dump,
            issued=(had.issued if had else "") or today,
            modified=today if had is None or changed else had.modified or today,
        )

    def linked(self, dump: Dump, path: Path) -> bool:
        """Whether the edition before had the very same dump, and it now stands at `path` too."""
        had = self.dumps.get(dump.name)
        if self.folder is None or had is None or had.sha256 != dump.sha256:
            return False
        with contextlib.suppress(OSError):
            os.link(self.folder / dump.name, path)
            return True
        return False

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
        self.size = self.unpacked = 0
        self.hash = hashlib.sha256()
        self.places: dict[str, Member] = {}

    def add(self, entry: GraphEntry, member: bytes) -> None:
        self.places[_key(entry)] = (self.size, len(member))
        self.file.write(member)
        self.hash.update(member)
        self.size += len(member)
        self.unpacked += _length(member)

    def place(self, entry: GraphEntry) -> Member:
        return self.places[_key(entry)]

    def finish(self, graphs: Sequence[GraphEntry]) -> Dump:
        self.file.flush()
        triples = sum(entry.triples for entry in graphs)
        name, digest = _file(self.media), self.hash.hexdigest()
        return Dump(name, self.media.type, self.size, digest, len(graphs), triples, unpacked=self.unpacked)


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
    return zipped(quads), zipped(name + b" {\n" + lines + b"}\n"), zipped(lines)


def _length(member: bytes) -> int:
    """How many bytes a gzip member holds, by its last four; a graph of 4 GiB is more than a member may have here."""
    return int.from_bytes(member[-4:], "little")


def _key(entry: GraphEntry) -> str:
    return f"{entry.graph} {entry.digest}"


def _file(media: Media, name: str = NAME) -> str:
    return f"{name}.{media.suffix}{PACKED}"


def _point(home: Path, name: str) -> None:
    with contextlib.suppress(OSError):
        if str((home / LATEST).readlink()) == name:
            return
    pointer = home / f"{LATEST}.next"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(name)
    pointer.replace(home / LATEST)
