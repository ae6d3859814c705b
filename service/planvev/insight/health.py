"""How well an owner's data is: what the shapes advise, how heavily it weighs and where it stands, and what ends soon.

The advice is the one kept with the snapshot (`remarks`); nothing is judged here. What depends on the day is left out
of it and told of today instead. Where a remark stands in its file is looked up in the library, when that is at hand and
the file is the one that was published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planvev.checking.findings import Remark
from planvev.checking.remarks import owner_of
from planvev.engines.snapshot import GraphEntry
from planvev.formats import lines
from planvev.formats.lines import Lines
from planvev.insight.lookup import Lookup
from planvev.insight.rules import Rule
from planvev.insight.things import Node
from planvev.library import DATA
from planvev.names import SHAPES

DATED = ("ps:Plan-expired", "ps:Plan-expires-soon")  # of the day of the publish
GRADES = (("A", 90), ("B", 75), ("C", 50), ("D", 25), ("E", 0))  # from so many percent of files without a warning
WARNING = "Warning"
FIRST = 5  # rules named first


@dataclass(frozen=True)
class Said:
    """One remark: the rule, the thing, its file, and the line where it stands, where that is known."""

    rule: Rule
    node: Node
    path: str | None
    file: str
    line: int | None


@dataclass(frozen=True)
class Report:
    """What an owner can mend: how many files there are and how many without a warning, a grade from that, remarks by
    weight, rules by how much they would mend, and remarks from `first` on with their places."""

    owner: str
    files: int
    clean: int
    grade: str
    warnings: int
    hints: int
    rules: tuple[tuple[Rule, int], ...]
    said: tuple[Said, ...]
    first: int

    @property
    def count(self) -> int:
        return self.warnings + self.hints


@dataclass(frozen=True)
class Line:
    """An owner in the list of all: how many files, and how many pieces of advice in them."""

    owner: str
    files: int
    advice: int


def overview(entries: Iterable[GraphEntry]) -> tuple[Line, ...]:
    """All owners of data, by name."""
    found: dict[str, list[int]] = {}
    for entry in entries:
        if entry.role == DATA:
            numbers = found.setdefault(owner_of(entry.place), [0, 0])
            numbers[0] += 1
            numbers[1] += entry.advice
    return tuple(Line(owner, *numbers) for owner, numbers in sorted(found.items()))


def report(
    lookup: Lookup,
    owner: str,
    remarks: Mapping[str, Sequence[Remark]],
    rules: Mapping[str, Rule],
    located: Callable[[GraphEntry], Lines | None],
    first: int,
    step: int,
) -> Report:
    """What an owner can mend.

    Args:
        lookup: look-ups for one reader.
        owner: as `remarks.owner_of` says.
        remarks: the remarks on its files, by place.
        rules: every rule, by the part of its IRI that people quote.
        located: finds where statements stand in a file.
        first: the number of the first remark to show.
        step: how many to show.
    """
    entries = {e.place: e for e in lookup.snapshot.manifest.graphs if e.role == DATA and owner_of(e.place) == owner}
    every = [
        (entries[place], one, rule)
        for place, some in remarks.items()
        for one in some
        if place in entries and (rule := rules.get(one.shape.partition(":")[2])) and one.shape not in DATED
    ]
    every.sort(key=lambda row: (row[2].severity != WARNING, row[0].file, row[2].key, row[1].focus))
    flawed = {entry.place for entry, _, rule in every if rule.severity == WARNING}
    shown = every[first : first + step]
    lookup.snapshot.ready(one.focus for _, one, _ in shown)
    warnings = sum(1 for _, _, rule in every if rule.severity == WARNING)
    return Report(
        owner,
        len(entries),
        len(entries) - len(flawed),
        grade(len(entries) - len(flawed), len(entries)),
        warnings,
        len(every) - warnings,
        missing((one for _, one, _ in every), rules)[:FIRST],
        tuple(_said(lookup, entry, one, rule, located(entry)) for entry, one, rule in shown),
        first,
    )


def grade(clean: int, files: int) -> str:
    """A letter for how many of the files are without a warning."""
    percent = 100 * clean / files if files else 100
    return next(letter for letter, least in GRADES if percent >= least)


def locate(library: Path, entry: GraphEntry) -> Lines | None:
    """Where the statements of a published file stand; None where the library has no such file, or another edition."""
    try:
        data = (library / entry.file).read_bytes()
    except OSError:
        return None
    return lines.locate(data.decode()) if hashlib.sha256(data).hexdigest() == entry.sha256 else None


def by_key(every: Iterable[Rule]) -> dict[str, Rule]:
    """Rules by the part of their IRI that people quote."""
    return {rule.key: rule for rule in every if rule.iri.startswith(SHAPES)}


def missing(remarks: Iterable[Remark], rules: Mapping[str, Rule]) -> tuple[tuple[Rule, int], ...]:
    """What some remarks are about, each rule once with how often, warnings first; not what depends on the day."""
    counted: dict[str, int] = {}
    for one in remarks:
        key = one.shape.partition(":")[2]
        if key in rules and one.shape not in DATED:
            counted[key] = counted.get(key, 0) + 1
    order = sorted(counted.items(), key=lambda pair: (rules[pair[0]].severity != WARNING, -pair[1], pair[0]))
    return tuple((rules[key], n) for key, n in order)


def _said(lookup: Lookup, entry: GraphEntry, one: Remark, rule: Rule, places: Lines | None) -> Said:
    line = places.of(one.focus, one.path, one.value if one.named else None).number if places else None
    return Said(rule, lookup.node(one.focus), one.path, entry.file, line)
