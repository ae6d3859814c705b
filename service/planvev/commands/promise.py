"""`planvev iris`: an IRI that was published never disappears. What is promised stands in a file of the library.

`data/published-iris.txt` lists every IRI of a library's own files: things, their parts, and the terms of a vocabulary
of its own. An IRI that stands there and that no file speaks of any more is gone, unless it comes back or a tombstone
is left in its place: statements that still say what it was, why it is withdrawn, and what replaces it. Names of shapes
are not listed: reports name them, data does not. Lines are sorted and short, so that two branches that add IRIs merge.

    /id/plan/moss/koa-2022-2026        an IRI, without its base
      area/1                           one below it
    /ns#                               ends in # or /: no IRI itself, only what its lines begin with
      Strategy
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planvev.checking import terminal
from planvev.errors import Misplaced
from planvev.formats import rdf
from planvev.library import DATA, ONTOLOGY, Library, Source, read
from planvev.names import COMMON, NS, Base
from planvev.settings import Settings

FILE = Path("data") / "published-iris.txt"
HEAD = """\
# Every IRI that has been published from the files below data/ttl. None may disappear: `planvev iris` says which has,
# and `planvev iris --add` writes new ones here. An indented line goes on where the line above it without indent ends.
"""
INDENT = "  "
MOST = 20  # IRIs shown one by one

Sheet = Mapping[str, frozenset[str]]  # what follows each heading; an empty word is the heading itself


@dataclass(frozen=True)
class Promised:
    """The promise held against the files: what is gone, and what is new."""

    kept: int
    gone: tuple[str, ...]
    new: tuple[str, ...]


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "iris",
        help="see that no published IRI has disappeared",
        description=f"Compare the IRIs in the files with {FILE}, which lists those that have been published. "
        "Exit code 1: one has disappeared, or a new one is not listed yet.",
    )
    command.add_argument("--add", action="store_true", help="write the new ones to the list; nothing is taken off it")
    command.set_defaults(run=_run)


def held(library: Library) -> Promised:
    """The list of a library held against its files.

    Raises:
        Misplaced: the list has a line that is no part of one.
        SyntaxFault: a file is not Turtle.
    """
    listed, found = paths(_read(library.root)), paths(_found(library))
    return Promised(len(listed & found), tuple(sorted(listed - found)), tuple(sorted(found - listed)))


def paths(sheet: Sheet) -> set[str]:
    """The IRIs of a sheet, each from the slash after its base on."""
    return {_joined(heading, rest) for heading, below in sheet.items() for rest in below}


def written(sheet: Sheet) -> str:
    """A sheet as the file has it."""
    lines = []
    for heading in sorted(sheet):
        if "" not in sheet[heading] and not heading.endswith(("#", "/")):
            lines.append(f"{heading}/")  # nothing speaks of the thing itself, only of what is below it
        else:
            lines.append(heading)
        lines += [INDENT + rest for rest in sorted(sheet[heading]) if rest]
    return HEAD + "".join(f"{line}\n" for line in lines)


def parsed(text: str, file: str) -> Sheet:
    """A sheet from the text of the file, as `written` gives it.

    Raises:
        Misplaced: a line is no part of a list.
    """
    sheet: dict[str, set[str]] = {}
    heading = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        indented, word = line.startswith(INDENT), line.strip()
        if (indented and not heading) or (not indented and not word.startswith("/")) or " " in word:
            raise Misplaced(
                f"{file}:{number}: this is no line of a list of IRIs: {line.strip()[:60]}",
                "Take back the change by hand, then let `planvev iris --add` write what is new.",
            )
        if indented:
            sheet[heading].add(word)
        else:
            heading = word.removesuffix("/")
            sheet.setdefault(heading, set()).update(() if word.endswith(("#", "/")) else ("",))
    return {heading: frozenset(below) for heading, below in sheet.items()}


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    library = Library(settings.library, Base(settings.base))
    promised = held(library)
    terminal.tell(f"{terminal.count(promised.kept + len(promised.gone), 'IRI')} promised in {FILE}")
    for path in promised.gone:
        print(f"{_iri(path, library.base)} was published and is gone")
    if promised.gone:
        terminal.tell(
            f"{terminal.count(len(promised.gone), 'IRI')} gone: put each back, or leave a tombstone in its place "
            "(docs/publishers.md, Promises)."
        )
    if promised.new and chosen.add:
        _write(library)
        terminal.tell(f"Added {terminal.count(len(promised.new), 'IRI')}")
    elif promised.new:
        for path in promised.new[:MOST]:
            print(f"{_iri(path, library.base)} is not promised yet")
        if len(promised.new) > MOST:
            print(f"… and {len(promised.new) - MOST} more")
        terminal.tell(
            f"{terminal.count(len(promised.new), 'new IRI')}: look at the names once more, for they stay; then"
        )
        terminal.tell("    planvev iris --add")
    return 1 if promised.gone or (promised.new and not chosen.add) else 0


def _write(library: Library) -> None:
    """Write the list anew, with all that stood in it and all that is in the files."""
    sheet = {heading: set(below) for heading, below in _found(library).items()}
    for heading, below in _read(library.root).items():
        sheet.setdefault(heading, set()).update(below)
    scratch = (library.root / FILE).with_suffix(".next")
    scratch.write_text(written({name: frozenset(below) for name, below in sheet.items()}), "utf-8")
    scratch.replace(library.root / FILE)  # a promise is never half written


def _read(root: Path) -> Sheet:
    try:
        return parsed((root / FILE).read_text("utf-8"), str(FILE))
    except FileNotFoundError:
        return {}


def _found(library: Library) -> Sheet:
    """Every IRI that a library's own files speak of, below the thing its file is about."""
    sheet: dict[str, set[str]] = {}
    for source in library.sources():
        heading = _heading(source, library)
        if heading:
            below = sheet.setdefault(heading, set())
            below.update(_below(heading, _paths(rdf.subjects(read(source).triples), library.base)))
    return {heading: frozenset(below) for heading, below in sheet.items() if below}


def _heading(source: Source, library: Library) -> str:
    if source.role == DATA and not source.lent:
        return f"/id/{source.place}"
    if source.role == ONTOLOGY and source.path.is_relative_to(library.root):
        return NS.removeprefix(COMMON)
    return ""


def _paths(iris: Iterable[str], base: Base) -> Iterable[str]:
    return (path for iri in iris if (path := base.local(iri)))


def _below(heading: str, found: Iterable[str]) -> Iterable[str]:
    """What follows a heading, of those paths that it leads to."""
    between = "" if heading.endswith("#") else "/"
    for path in found:
        if path == heading:
            yield ""
        elif path.startswith(heading + between):
            yield path.removeprefix(heading + between)


def _joined(heading: str, rest: str) -> str:
    return heading + ("" if heading.endswith("#") or not rest else "/") + rest


def _iri(path: str, base: Base) -> str:
    place = path.removeprefix("/id/")
    return base.thing(place) if place != path else COMMON + path
