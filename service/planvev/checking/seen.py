"""Which files have changed, without reading them all: what was seen of each file when it was last read.

As git's index does it: a file whose size, times and inode are those that were seen has the digest that was seen. A
file that was touched so shortly before it was read that a later change could bear the same times is read again; so is
every file whose times lie in the future, whatever has happened to the clock. What is remembered stands in the state
folder, may be lost at any time, and is then made anew by reading.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from planvev.engines.snapshot import Snapshot
from planvev.errors import Unreadable
from planvev.formats.rdf import Canonical, Triple, canonical
from planvev.library import Library, Source, Stamp, Text, read
from planvev.queries.derivation import DERIVED

SEEN = "seen.json"
_COARSE = 2_000_000_000  # ns: the coarsest clock of a file system that is still in use (FAT)


@dataclass(frozen=True)
class Look:
    """A source and the digest of its bytes; `text` is there when it had to be read."""

    source: Source
    sha256: str
    text: Text | None = None


class Seen:
    """What is remembered of the files of one library."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._was = self._load()
        self._now: dict[str, tuple[Stamp, int, str]] = {}

    def look(self, source: Source) -> Look:
        """The digest of a file, from memory when that is certain.

        Raises:
            Unreadable: the file cannot be read.
        """
        key = str(source.path)
        known = self._was.get(key)
        if known and _settled(known) and known[0] == _stamp(source):
            self._now[key] = known
            return Look(source, known[2])
        return self.note(read_now(source))

    def note(self, look: Look) -> Look:
        """Remember a file that has been read."""
        text = look.text
        if text and text.stamp:
            # The moment before the reading: whatever happens to the file later bears a later time, or none is trusted.
            self._now[str(text.source.path)] = (text.stamp, time.time_ns(), text.sha256)
        return look

    def keep(self) -> None:
        """Write down what was seen in this run, when that is news."""
        if self._now == self._was:
            return
        rows = {key: [*vars(stamp).values(), when, sha256] for key, (stamp, when, sha256) in self._now.items()}
        scratch = self.path.with_suffix(".next")
        scratch.write_text(json.dumps(rows), "utf-8")
        scratch.replace(self.path)

    def _load(self) -> dict[str, tuple[Stamp, int, str]]:
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            rows = json.loads(self.path.read_text("utf-8"))
            return {key: (Stamp(*row[:4]), int(row[4]), str(row[5])) for key, row in rows.items()}
        return {}


def read_now(source: Source) -> Look:
    """A file as it is read now.

    Raises:
        Unreadable: the file cannot be read.
    """
    text = read(source)
    return Look(source, text.sha256, text)


@dataclass
class Files:
    """The files as they are now, and how they differ from the snapshot before; without one, everything is new.

    `had` are the snapshot's graphs that files stand for, `gone` those whose file is gone and `changed` the files that
    are new or differ, all by place.
    """

    library: Library
    before: Snapshot | None
    looks: dict[str, Look]
    seen: Seen

    def __post_init__(self) -> None:
        entries = self.before.manifest.graphs if self.before else ()
        self.had = {entry.place: entry for entry in entries if entry.role != DERIVED}
        self.gone = {place: entry for place, entry in self.had.items() if place not in self.looks}
        self.changed = {place for place, look in self.looks.items() if not self._same(look)}
        self._forms: dict[str, Canonical] = {}
        self._old: dict[str, Set[Triple]] = {}
        self._new: dict[str, Set[Triple]] = {}

    def text(self, place: str) -> Text:
        """A file as text. When it is first read here, and is not what it was taken for, it counts as changed."""
        found = self.looks[place]
        if found.text is None:
            found = self.looks[place] = self.seen.note(read_now(found.source))
            if not self._same(found):
                self.changed.add(place)
        assert found.text is not None
        return found.text

    def form(self, place: str) -> Canonical:
        """The canonical form of a file as it is now."""
        text = self.text(place)
        if place not in self._forms:
            self._forms[place] = canonical(text.triples, text.source.graph)
        return self._forms[place]

    def new(self, place: str) -> Set[Triple]:
        """The statements of a file as they shall be published; none when it is gone."""
        if place not in self._new:
            self._new[place] = frozenset(self.form(place).triples()) if place in self.looks else frozenset()
        return self._new[place]

    def old(self, place: str) -> Set[Triple]:
        """The statements of a file as published before; none when it is new."""
        if place not in self._old:
            entry = self.had.get(place)
            self._old[place] = frozenset(self.before.graph(entry.graph) if self.before and entry else ())
        return self._old[place]

    def moved(self) -> list[str]:
        """The places whose statements are not those of the snapshot before, those of files that are gone among them."""
        differ = [place for place in self.changed if self._says(place) != self.form(place).digest]
        return sorted([*differ, *self.gone])

    def _says(self, place: str) -> str:
        entry = self.had.get(place)
        return entry.digest if entry else ""

    def role(self, place: str) -> str:
        """The role of a file, also of one that is gone."""
        return self.looks[place].source.role if place in self.looks else self.had[place].role

    def places(self, *roles: str) -> list[str]:
        """The places of the files with one of these roles, in the library's order."""
        return [place for place, look in self.looks.items() if look.source.role in roles]

    def _same(self, look: Look) -> bool:
        entry = self.had.get(look.source.place)
        return entry is not None and (entry.sha256, entry.file) == (look.sha256, look.source.file)


def look(library: Library, memory: Path, before: Snapshot | None) -> Files:
    """Look at every file; read those that have changed since `before`, or all without one.

    Raises:
        Misplaced: a file stands where no graph can stand.
        Unreadable: a file cannot be read.
    """
    seen = Seen(memory)
    sources = library.sources()
    looks = {source.place: seen.look(source) if before else seen.note(read_now(source)) for source in sources}
    files = Files(library, before, looks, seen)
    for place in tuple(files.changed):
        files.text(place)
    seen.keep()
    return files


def _settled(known: tuple[Stamp, int, str]) -> bool:
    stamp, when, _ = known
    return max(stamp.modified, stamp.changed) + _COARSE < when


def _stamp(source: Source) -> Stamp:
    try:
        return Stamp.of(source.path.stat())
    except OSError as error:
        raise Unreadable(
            f"{source.file} cannot be read: {error.strerror or error}.", "Give the file to this user, or remove it."
        ) from None
