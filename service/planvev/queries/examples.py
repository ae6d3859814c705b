"""The questions that planvev comes with: SPARQL files with a title and a word about each, in every language.

A file `queries/NN-slug.rq` begins with lines `#+ key: value` (title_nb, title_nn, title_en, about_nb, about_nn,
about_en, need); the rest is the query as anybody may send it. A library may bring its own; else those of the
installation are shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"^#\+\s*(\w+):\s*(.*)$")


@dataclass(frozen=True)
class Example:
    """One question. `title` and `about` by language; `need` is the user's need it belongs to; `text` is the query."""

    slug: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    need: str
    text: str


def read(folder: Path) -> list[Example]:
    """The examples in a folder, in the order of their numbers; none when there is no such folder."""
    return [parse(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.rq"))]


def parse(slug: str, text: str) -> Example:
    """An example from the text of its file."""
    said: dict[str, str] = {}
    lines = text.splitlines()
    for line in lines:
        match = _LINE.match(line)
        if match:
            said[match[1]] = match[2].strip()
    body = "\n".join(line for line in lines if not _LINE.match(line)).strip() + "\n"
    title, about = (
        {key[-2:]: value for key, value in said.items() if key.startswith(f"{name}_")} for name in ("title", "about")
    )
    return Example(slug, title, about, said.get("need", ""), body)


def folder(library: Path) -> Path:
    """Where the examples of a library stand: its own, else those that came with planvev."""
    package = Path(__file__).parents[1]
    places = (library / "queries", package / "_library" / "queries", package.parent.parent / "queries")
    return next((place for place in places if place.is_dir()), places[0])
