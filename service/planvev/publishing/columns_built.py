"""Writing the columns of a snapshot, at publish: all of them, or those of the snapshot before with what has changed.

All of them are gathered from the canonical lines that the store is made of, because reading as much back from the store
takes four times as long; terms are spelled as the engine gives them back, and what is finished is held to numbers that
the engine counted. What stays as it was is the same file under a second name; the pairs, twelve bytes a statement,
are written anew. `columns` says how the files are laid out.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from planvev.answering.columns import CONTENT, Columns, Numbers, Place, hashed
from planvev.errors import StateUnusable
from planvev.queries.derivation import COUNTS, LINK_END, LINK_START, OTHERS
from planvev.queries.statistics import XSD, Statistics, Use, column

TAIL = 8  # once the terms that came later are an eighth of the first, all are written as one again

Pair = tuple[int, int]
# The types of what derived links say in numbers and days.
TYPES = dict.fromkeys((*COUNTS.values(), OTHERS), (XSD + "integer",)) | dict.fromkeys(
    (LINK_START, LINK_END), (XSD + "date",)
)


class Gathered:
    """The statements of a snapshot while it is made, of its default graph and of derived ones: each term a number."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._pairs: dict[bytes, tuple[array[int], array[int]]] = {}

    def add(self, lines: bytes) -> None:
        """Take in the statements of one graph, as N-Triples; those that were there before count once."""
        numbers = self._numbers
        for line in lines.splitlines():
            subject, name, value = line[:-2].split(b" ", 2)
            found = self._pairs.get(name)
            if found is None:
                found = self._pairs[name] = array("i"), array("i")
            found[0].append(numbers.setdefault(subject, len(numbers)))
            found[1].append(numbers.setdefault(value, len(numbers)))

    def link(self, quad: Quad, _: int = 1) -> None:
        """Take in one statement of a named graph."""
        name = f"<{column(quad.predicate.value, graph_of(quad))}>".encode()
        subjects, objects = self._pairs.setdefault(name, (array("i"), array("i")))
        for numbers, term in ((subjects, quad.subject), (objects, quad.object)):
            numbers.append(self._numbers.setdefault(str(term).encode(), len(self._numbers)))

    def write(self, folder: Path) -> None:
        """Write the columns; `folder` is `columns/` of the new snapshot, and is made."""
        folder.mkdir()
        terms = list(self._numbers)
        moved = self._settled(terms)
        columns = {}
        for name, pairs in self._pairs.items():
            subjects, objects = (moved[np.frombuffer(numbers, np.int32)] for numbers in pairs)
            columns[name[1:-1].decode()] = _ordered(np.unique(_codes(subjects, objects)))
        _terms(folder, 0, terms, 0)
        _content(folder, columns, [0], _lengths(terms))

    def _settled(self, terms: list[bytes]) -> Numbers:
        """Spell terms as the engine does, which keeps numbers by their value; where each number has moved."""
        moved = np.arange(len(terms), dtype=np.int32)
        typed = [n for n, term in enumerate(terms) if term.startswith(b'"') and term.endswith(b">")]
        lines = b"".join(b"<x:%d> <x:x> %s .\n" % (n, terms[n]) for n in typed)
        store = Store()
        store.extend(Quad(t.subject, t.predicate, t.object) for t in parse(lines, RdfFormat.N_TRIPLES))
        for quad in store:
            number, term = int(quad.subject.value[2:]), str(quad.object).encode()
            if term != terms[number]:
                if term in self._numbers:
                    moved[number] = self._numbers[term]
                else:
                    self._numbers[term], terms[number] = number, term
        return moved


def graph_of(quad: Quad) -> str:
    """The named graph of a statement; empty for the default graph."""
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""


def updated(folder: Path, before: Path, gone: Iterable[Quad], come: Iterable[Quad]) -> None:
    """Write the columns of a snapshot that differs from an older one by some statements.

    Args:
        folder: `columns/` of the new snapshot; made.
        before: those of the older one.
        gone, come: the statements of the default graph and of derived ones that it has no more, and that it has now.
    """
    folder.mkdir()
    had = Columns(before)
    new: dict[bytes, int] = {}

    def number(term: bytes) -> int:
        found = had.number(term)
        return new.setdefault(term, had.terms + len(new)) if found is None else found

    leaving, entering = _numbered(gone, number), _numbered(come, number)
    columns = {name: np.array(had.of(name)) for name in had.properties}
    for name in leaving.keys() | entering.keys():
        pairs = columns.get(name, np.zeros((3, 0), np.int32))
        columns[name] = _changed(pairs, leaving.get(name, []), entering.get(name, []))
    left = {name: pairs for name, pairs in columns.items() if pairs.size}
    lengths = np.concatenate([*(part.lengths for part in had.parts), _lengths(new)])
    _content(folder, left, _grown(folder, had, list(new)), lengths)


def _numbered(quads: Iterable[Quad], number: Callable[[bytes], int]) -> dict[str, list[Pair]]:
    """The pairs of each property of some statements, spelled as the engine gives them back."""
    store = Store()
    store.extend(quads)
    found: dict[str, list[Pair]] = {}
    for quad in store:
        pair = number(str(quad.subject).encode()), number(str(quad.object).encode())
        found.setdefault(column(quad.predicate.value, graph_of(quad)), []).append(pair)
    return found


def _changed(pairs: Numbers, gone: Sequence[Pair], come: Sequence[Pair]) -> Numbers:
    """The pairs of a property without some and with others, in order."""
    leaving, entering = (_codes(*np.array(some, np.int32).reshape(-1, 2).T) for some in (gone, come))
    return _ordered(np.union1d(np.setdiff1d(_codes(pairs[0], pairs[1]), leaving, assume_unique=True), entering))


def _codes(subjects: Numbers, objects: Numbers) -> npt.NDArray[np.int64]:
    return subjects.astype(np.int64) << 32 | objects


def _ordered(codes: npt.NDArray[np.int64]) -> Numbers:
    objects = codes & 0xFFFFFFFF
    return np.array([codes >> 32, objects, np.argsort(objects, kind="stable")], np.int32)


def _runs(ordered: Numbers) -> tuple[int, int]:
    """How many different numbers there are, and how often the commonest is there."""
    begins = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    runs = np.diff(begins, prepend=0, append=len(ordered))
    return len(runs), int(runs.max())


def _lengths(terms: Iterable[bytes]) -> npt.NDArray[np.int64]:
    return np.array([len(term) for term in terms], np.int64)


def _grown(folder: Path, had: Columns, new: Sequence[bytes]) -> list[int]:
    """Write the terms, those from before and new ones; the numbers that the parts begin with."""
    base = had.parts[0]
    later = [term for part in had.parts[1:] for term in part.every()] + list(new)
    if len(later) * TAIL > len(base.ends):
        _terms(folder, 0, [*base.every(), *later], 0)
        return [0]
    for name in ("terms-0", "ends-0", "hashes-0"):
        os.link(had.folder / name, folder / name)
    if not later:
        return [0]
    _terms(folder, 1, later, len(base.ends))
    return [0, len(base.ends)]


def _terms(folder: Path, part: int, terms: Sequence[bytes], begin: int) -> None:
    (folder / f"terms-{part}").write_bytes(b"".join(terms))
    np.cumsum(_lengths(terms), dtype="<i8").tofile(folder / f"ends-{part}")
    hashes = np.array([hashed(term) for term in terms], "<u8")
    order = np.argsort(hashes, kind="stable")
    (folder / f"hashes-{part}").write_bytes(hashes[order].tobytes() + (order + begin).astype("<i4").tobytes())


def _content(
    folder: Path, columns: Mapping[str, Numbers], parts: Sequence[int], lengths: npt.NDArray[np.int64]
) -> None:
    properties: dict[str, Sequence[int]] = {}
    begin = 0
    with (folder / "pairs").open("wb") as out:
        for name in sorted(columns):
            subjects, objects, order = columns[name]
            out.write(columns[name].astype("<i4").tobytes())
            (different, most_objects), (others, most_subjects) = _runs(subjects), _runs(objects[order])
            longest = max(int(lengths[subjects].max()), int(lengths[objects].max()))
            place = Place(begin, len(subjects), different, others, most_objects, most_subjects, longest)
            properties[name] = list(vars(place).values())
            begin += place.triples
    (folder / CONTENT).write_text(json.dumps({"parts": parts, "properties": properties}), "utf-8")


def compared(folder: Path, numbers: Statistics) -> Statistics:
    """Hold finished columns to the numbers of the snapshot, which the engine counted.

    Returns:
        Those numbers, and by the columns the most and the longest of each property, and the ones of derived graphs.

    Raises:
        StateUnusable: they differ.
    """
    places = Columns(folder).properties
    ours = {name: (one.triples, one.subjects, one.objects) for name, one in places.items() if " " not in name}
    theirs = {name: (use.triples, use.subjects, use.objects) for name, use in numbers.properties.items()}
    wrong = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    derived: dict[str, dict[str, Use]] = {}
    for name, one in places.items():
        graph, _, predicate = name.rpartition(" ")
        if graph:
            types = TYPES.get(predicate, ())
            derived.setdefault(graph, {})[predicate] = _use(one, types)
    sizes = {graph: sum(use.triples for use in uses.values()) for graph, uses in derived.items()}
    wrong += sorted(graph for graph, size in sizes.items() if numbers.graphs.get(graph) != size)
    if wrong:
        raise StateUnusable(
            f"The columns of the new snapshot hold {wrong[0]} otherwise than the store. Nothing was changed.",
            "Run `planvev publish --rebuild`; if it repeats, check the disk.",
        )
    properties = {name: _use(places[name], use.types) for name, use in numbers.properties.items()}
    return replace(numbers, properties=properties, derived=derived)


def _use(one: Place, types: tuple[str, ...]) -> Use:
    return Use(one.triples, one.subjects, one.objects, types, one.most_objects, one.most_subjects, one.longest)
