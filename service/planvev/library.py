"""The files, which are the truth: which there are, what graph each one is, and what a file leans on in others.

A library is a folder with `data/ttl`. Its ontology and shapes are its own where it has them, otherwise the ones that
came with planvev. Nothing here judges what the files say.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from planvev.errors import BadSetting, Misplaced, Unreadable
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, NamedNode, Term, Triple
from planvev.names import COMMON, PREFIXES, SHARED_KINDS, Base, place_of, places_above

DATA, ONTOLOGY, SHAPES, RELEASE = "data", "ontology", "shapes", "release"

SETS = ("core", "links", "advice")  # of shapes; what each does is said in `checks`

TRIES, PAUSE = 20, 0.05  # how often, and after how many seconds, a file that changes under the reader is read again

# The relations along which a shape may look from one plan into the next, and so what a file's context follows.
FOLLOWED = {
    PREFIXES[prefix] + local
    for prefix, local in (
        ("plan", "anchoredIn"),
        ("plan", "derivedFrom"),
        ("plan", "followsUp"),
        ("plan", "subGoalOf"),
        ("plan", "inFocusArea"),
        ("dct", "isPartOf"),
        ("eli", "is_part_of"),
        ("skos", "broader"),
        ("org", "subOrganizationOf"),
    )
}


@dataclass(frozen=True)
class Source:
    """A file and the graph it stands for.

    `place` is the path below `data/ttl` without its ending (for ontology and shapes: below the library), `file` is how
    messages name it, `role` is DATA, ONTOLOGY, SHAPES or RELEASE (a frozen ontology). `lent` files came with planvev
    and were checked there.
    """

    place: str
    path: Path
    file: str
    graph: str
    role: str
    lent: bool = False


@dataclass(frozen=True)
class Stamp:
    """What the file system says of a file without reading it. Two stamps that differ are two states of the file."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


class Voice(Protocol):
    """Whatever knows what one file says of a thing: the text itself, or the published state of it."""

    @property
    def source(self) -> Source: ...

    def about(self, thing: NamedNode | BlankNode) -> list[Triple]: ...


@dataclass(frozen=True)
class Text:
    """What a source held when it was read, once."""

    source: Source
    data: bytes
    stamp: Stamp | None = None

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def triples(self) -> list[Triple]:
        """Raises SyntaxFault."""
        return rdf.read_turtle(self.data, self.source.file)

    def forget(self) -> None:
        """Let go of what was parsed; it is parsed again when it is asked for."""
        for name in ("triples", "_by_subject"):
            self.__dict__.pop(name, None)

    @cached_property
    def _by_subject(self) -> Mapping[Term, list[Triple]]:
        found: dict[Term, list[Triple]] = {}
        for triple in self.triples:
            found.setdefault(triple.subject, []).append(triple)
        return found

    def about(self, thing: NamedNode | BlankNode) -> list[Triple]:
        """What the file says of a thing, and of the blank nodes below it, such as a plan's period."""
        found: list[Triple] = []
        waiting: list[Term] = [thing]
        for node in waiting:  # grows while it is walked
            triples = self._by_subject.get(node, [])
            found += triples
            waiting += [t.object for t in triples if isinstance(t.object, BlankNode) and t.object not in waiting]
        return found


class Library:
    """The files below one folder."""

    def __init__(self, root: Path, base: Base) -> None:
        self.root = root
        self.base = base
        self.data = root / "data" / "ttl"
        if not self.data.is_dir():
            raise BadSetting(
                f"There is no folder data/ttl in {root}.",
                "Run the command in the folder that holds data/ttl, or set PLANVEV_LIBRARY to it. "
                "`planvev new` begins one.",
            )

    def sources(self) -> list[Source]:
        """Every file of the library: ontology, shapes, then data, each in the order of their places.

        Raises:
            Misplaced: a file under `data/ttl` stands where no graph can stand.
        """
        return [*self._vocabulary(), *self._shapes(), *self._data()]

    def folders(self) -> list[Path]:
        """The folders in which its files stand: data, ontology and shapes."""
        return [self.data, self._folder("ontology"), self._folder("shapes")]

    @property
    def ontology(self) -> Path:
        """The folder of the vocabulary: the library's own, or the installation's."""
        return self._folder("ontology")

    def named(self, paths: Sequence[Path], among: Sequence[Source]) -> list[Source]:
        """The sources that paths on the command line name, each once: files, or folders for all files below them.

        Args:
            paths: as they were written.
            among: what `sources` gave.

        Raises:
            Misplaced: a path does not exist, or is no file of this library and holds none.
        """
        sources = dict(_wholes(among)) if paths else {}
        found: dict[Path, Source] = {}
        for path in paths:
            whole = _whole(path)
            if whole is None:
                raise Misplaced(
                    f"There is no file {path}.", "Check the path; `planvev check` without a path checks all files."
                )
            below = {at: one for at, one in sources.items() if at == whole or at.is_relative_to(whole)}
            if not below:
                what = "holds no file" if whole.is_dir() else "is not a file"
                raise Misplaced(
                    f"{path} {what} of the library {self.root}.",
                    "Move it below data/ttl, or set PLANVEV_LIBRARY to its library.",
                )
            found |= below
        return list(found.values())

    def _data(self) -> list[Source]:
        # A link that leads nowhere is among them: it cannot be read, and its graph must not silently be gone.
        files = sorted(p for p in self.data.rglob("*") if (p.is_file() or p.is_symlink()) and not _beside(p))
        sources = []
        for path in files:
            if path.is_dir():
                raise Misplaced(
                    f"{self._shown(path)} is a link to a folder.", "Links to files are followed; put the folder itself."
                )
            place = place_of(path.relative_to(self.data).parts)
            sources.append(Source(place, path, self._shown(path), self.base.graph(place), DATA))
        return sorted([*sources, *self._lent({source.place for source in sources})], key=lambda source: source.place)

    def _lent(self, own: set[str]) -> list[Source]:
        """What all publishers share, for a library that does not bring it: one without code lists of its own."""
        if (self.data / "code").is_dir():
            return []
        package = Path(__file__).parent
        homes = (package / "_library" / "data" / "ttl", package.parent.parent / "data" / "ttl")
        home = next((home for home in homes if home.is_dir()), None)
        sources = []
        for path in sorted(p for kind in SHARED_KINDS for p in (home / kind).rglob("*.ttl")) if home else []:
            place = place_of(path.relative_to(home or path).parts)
            if place not in own:
                sources.append(Source(place, path, f"(planvev) {place}.ttl", self.base.graph(place), DATA, lent=True))
        return sources

    def _vocabulary(self) -> list[Source]:
        sources = []
        for path in sorted(self._folder("ontology").glob("*.ttl")):
            name = "" if path.stem == "plan" else f"/{path.stem}"
            sources.append(Source(f"ontology/{path.stem}", path, self._shown(path), f"{COMMON}/ns{name}", ONTOLOGY))
        for path in sorted(self._folder("ontology").glob("releases/*/plan.ttl")):
            version = path.parent.name
            place = f"ontology/releases/{version}"
            sources.append(Source(place, path, self._shown(path), f"{COMMON}/ns/{version}", RELEASE))
        return sources

    def _shapes(self) -> list[Source]:
        folder = self._folder("shapes")
        sources = []
        for path in sorted(one for one in folder.rglob("*.ttl") if not _beside(one)):
            if path.parent.parent != folder or path.parent.name not in SETS:  # it would refuse nothing, and say nothing
                raise Misplaced(
                    f"{self._shown(path)} stands in no set of shapes.",
                    "Move it to shapes/core or shapes/links, which refuse, or to shapes/advice.",
                )
            place = f"shapes/{path.parent.name}/{path.stem}"
            sources.append(Source(place, path, self._shown(path), f"{COMMON}/{place}", SHAPES))
        return sources

    def _folder(self, name: str) -> Path:
        package = Path(__file__).parent
        for folder in (self.root / name, package / "_library" / name, package.parent.parent / name):
            if next(folder.rglob("*.ttl"), None):  # an empty one would mean that nothing is refused
                return folder
        raise BadSetting(f"There is no folder {name} in {self.root} or in the installation.", "Install planvev again.")

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def read(source: Source) -> Text:
    """What stands in a source now: one state of the file, never half of one and half of the next.

    Raises:
        Unreadable: the file cannot be read, or never stands still.
    """
    try:
        for _ in range(TRIES):
            with source.path.open("rb") as file:  # by its handle: a file put in its place meanwhile is another one
                before = Stamp.of(os.fstat(file.fileno()))
                data = file.read()
                if Stamp.of(os.fstat(file.fileno())) == before:
                    return Text(source, data, before)
            time.sleep(PAUSE)
    except OSError as error:
        raise Unreadable(
            f"{source.file} cannot be read: {error.strerror or error}.", "Give the file to this user, or remove it."
        ) from None
    raise Unreadable(f"{source.file} changes while it is read.", "Wait until it is written and run the command again.")


def closure(of: Iterable[Text], among: Mapping[str, Voice], base: Base) -> list[Triple]:
    """What the shapes must know of other files to judge `of`: the facts about each thing of ours that they refer to.

    Followed from file to file along derivation and parthood, and never further than what is referred to, so that the
    cost of checking one plan does not grow with the library.

    Args:
        of: the texts to be judged.
        among: whatever speaks for each data file of the library, by its place.
    """
    judged = {text.source.place for text in of}
    facts: list[Triple] = []
    done: set[str] = set()
    waiting = {iri for text in of for iri in _mentioned(text.triples)}
    while waiting:
        iri = waiting.pop()
        done.add(iri)
        for text in _homes(iri, among, base):
            if text.source.place not in judged:
                about = text.about(NamedNode(iri))
                facts += about
                waiting |= {o for t in about if t.predicate.value in FOLLOWED for o in _mentioned([t])} - done
    return facts


def _mentioned(triples: Iterable[Triple]) -> set[str]:
    return {t.object.value for t in triples if isinstance(t.object, NamedNode)}


def _homes(iri: str, among: Mapping[str, Voice], base: Base) -> list[Voice]:
    """The files that may speak about a thing: nearly always one, and more where a file has others below it."""
    path = base.local(iri)
    if path is None or not path.startswith("/id/"):
        return []
    return [among[place] for place in places_above(path.removeprefix("/id/")) if place in among]


def _whole(path: Path) -> Path | None:
    """The path with all links followed; None when nothing is there, as where links go in a circle."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None


def _wholes(sources: Iterable[Source]) -> Iterator[tuple[Path, Source]]:
    """Sources by their paths with all links followed; each folder is followed once."""
    folders: dict[Path, Path] = {}
    for source in sources:
        folder = source.path.parent
        if folder not in folders:
            folders[folder] = folder.resolve()
        plain = folders[folder] / source.path.name
        yield (_whole(plain) or source.path if plain.is_symlink() else plain), source


def _beside(path: Path) -> bool:
    """Files that may stand beside the data without being data: explanations, and what editors leave."""
    return path.name == "README.md" or path.name.startswith(".") or path.name.endswith("~")
