"""Drawings as data: which boxes stand where, and which arrows run between them. Templates draw; words come from the
vocabulary."""

from __future__ import annotations

import textwrap
from calendar import isleap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from planvev.names import NS, PREFIXES

WIDTH, HEIGHT = 180, 48  # of a box, in the drawing's own units
TREE_WIDTH, TREE_GAP, TREE_RISE, LINE = 232, 20, 60, 19  # of boxes in a tree, the room between them, a line of words
LETTERS, LINES = 24, 3  # of the words in such a box
BEFORE, AHEAD = 8, 12  # years of a time line, to either side of today
NAMED = 10  # of its years bear their number


@dataclass(frozen=True)
class Box:
    """A class, with its middle."""

    iri: str
    x: int
    y: int

    width = WIDTH
    height = HEIGHT

    @property
    def left(self) -> int:
        return self.x - WIDTH // 2

    @property
    def top(self) -> int:
        return self.y - HEIGHT // 2


@dataclass(frozen=True)
class Arrow:
    """A property that runs from one box to another, with the ends of its line and the place of its name."""

    iri: str
    start: Box
    end: Box

    @property
    def line(self) -> tuple[int, int, int, int]:
        """From edge to edge: x1, y1, x2, y2."""
        a, b = self.start, self.end
        if a.y == b.y:
            side = 1 if b.x > a.x else -1
            return a.x + side * WIDTH // 2, a.y, b.x - side * (WIDTH // 2 + 6), b.y
        side = 1 if b.y > a.y else -1
        return a.x, a.y + side * HEIGHT // 2, b.x, b.y - side * (HEIGHT // 2 + 6)

    @property
    def middle(self) -> tuple[int, int]:
        x1, y1, x2, y2 = self.line
        return (x1 + x2) // 2, (y1 + y2) // 2 - 4


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def core() -> Drawing:
    """The core of the vocabulary: what a plan rests on above it, its parts below it."""
    eli = PREFIXES["eli"]
    box = {
        name: Box((eli if name.startswith("Legal") else NS) + name, x, y)
        for name, x, y in (
            ("LegalResourceSubdivision", 120, 60),
            ("Guidance", 400, 60),
            ("KnowledgeBase", 680, 60),
            ("Plan", 400, 200),
            ("Goal", 120, 340),
            ("FocusArea", 400, 340),
            ("TargetGroup", 680, 340),
            ("Situation", 120, 480),
            ("Strategy", 400, 480),
            ("DesiredState", 680, 480),
            ("Measure", 400, 600),
        )
    }
    arrows = (
        Arrow(NS + "legalBasis", box["Plan"], box["LegalResourceSubdivision"]),
        Arrow(NS + "guidedBy", box["Plan"], box["Guidance"]),
        Arrow(NS + "informedBy", box["Plan"], box["KnowledgeBase"]),
        Arrow(PREFIXES["dct"] + "isPartOf", box["Goal"], box["Plan"]),
        Arrow(PREFIXES["dct"] + "isPartOf", box["FocusArea"], box["Plan"]),
        Arrow(NS + "targets", box["Plan"], box["TargetGroup"]),
        Arrow(NS + "currentState", box["FocusArea"], box["Situation"]),
        Arrow(NS + "inFocusArea", box["Strategy"], box["FocusArea"]),
        Arrow(NS + "desiredState", box["FocusArea"], box["DesiredState"]),
        Arrow(NS + "implementsStrategy", box["Measure"], box["Strategy"]),
    )
    return Drawing(800, 640, tuple(box.values()), arrows)


@dataclass(frozen=True)
class Year:
    """A year of a time line: where it begins, and whether there is room for its number."""

    number: int
    x: float
    named: bool


@dataclass(frozen=True)
class Bar:
    """A period on a time line; an end that is not stated, or lies outside, is open and fades."""

    x: float
    width: float
    begins: bool
    ends: bool


@dataclass(frozen=True)
class Axis:
    """A stretch of whole years, drawn from 0 to 100, and where today is in it."""

    first: int
    last: int
    today: float
    years: tuple[Year, ...]

    def bar(self, start: date | None, end: date | None) -> Bar | None:
        """Where a period is drawn; None where nothing is known of it or nothing of it can be seen."""
        if start is None and end is None:
            return None
        left = max(self.place(start), 0.0) if start else 0.0
        right = min(self.place(end, after=True), 100.0) if end else 100.0
        if left >= 100 or right <= 0 or right <= left:
            return None
        begins = start is not None and self.place(start) >= 0
        ends = end is not None and self.place(end, after=True) <= 100
        return Bar(round(left, 2), round(max(right - left, 0.6), 2), begins, ends)

    def place(self, day: date, after: bool = False) -> float:
        """Where a day begins, or with `after` where it ends."""
        length = 366 if isleap(day.year) else 365
        part = (day.timetuple().tm_yday - (0 if after else 1)) / length
        return round((day.year + part - self.first) / (self.last + 1 - self.first) * 100, 2)


def axis(periods: Iterable[tuple[date | None, date | None]], today: date) -> Axis:
    """The years that show some periods and today: at most `BEFORE` years back and `AHEAD` years on."""
    days = [day.year for period in periods for day in period if day]
    first = max(min([*days, today.year - 1]), today.year - BEFORE)
    last = min(max([*days, today.year + 1]), today.year + AHEAD)
    step = next(step for step in (1, 2, 5, 10) if (last - first) / step <= NAMED)
    empty = Axis(first, last, 0.0, ())
    years = tuple(Year(year, empty.place(date(year, 1, 1)), year % step == 0) for year in range(first, last + 1))
    return Axis(first, last, empty.place(today), years)


@dataclass(frozen=True)
class Leaf:
    """A box of a tree: what it stands for, the lines of its words, and how many things stand beyond it undrawn."""

    iri: str
    left: int
    top: int
    height: int
    lines: tuple[str, ...]
    note: str

    width = TREE_WIDTH

    @property
    def middle(self) -> int:
        return self.left + TREE_WIDTH // 2

    def line(self, number: int) -> int:
        """The base line of a line of words, from 0; the note stands above the first."""
        return self.top + 20 + LINE * (number + (1 if self.note else 0))


@dataclass(frozen=True)
class Tree:
    """Boxes in rows, what things come from above them, and the lines that join them: x1, y1, x2, y2."""

    width: int
    height: int
    leaves: tuple[Leaf, ...]
    joins: tuple[tuple[int, int, int, int], ...]


def tree(rows: Sequence[Sequence[tuple[str, str, str]]], joins: Iterable[tuple[str, str]]) -> Tree:
    """A tree drawn from above.

    Args:
        rows: from above, the boxes of each row: IRI, words, and a note above the words.
        joins: pairs of IRIs that a line joins, the upper one first. What is not drawn is left out.
    """
    width = max(len(row) for row in rows) * (TREE_WIDTH + TREE_GAP) - TREE_GAP
    leaves: dict[str, Leaf] = {}
    top = 2
    for row in rows:
        height = max(len(_folded(words)) + bool(note) for _, words, note in row) * LINE + 18
        left = (width - len(row) * (TREE_WIDTH + TREE_GAP) + TREE_GAP) // 2
        for place, (iri, words, note) in enumerate(row):
            box = 2 + left + place * (TREE_WIDTH + TREE_GAP)
            leaves[iri] = Leaf(iri, box, top, height, _folded(words), note)
        top += height + TREE_RISE
    drawn = [(leaves[above], leaves[below]) for above, below in joins if above in leaves and below in leaves]
    joined = tuple((a.middle, a.top + a.height, b.middle, b.top) for a, b in drawn if a.top < b.top)
    return Tree(width + 4, top - TREE_RISE + 2, tuple(leaves.values()), joined)


def _folded(words: str) -> tuple[str, ...]:
    return tuple(textwrap.wrap(words, LETTERS, max_lines=LINES, placeholder=" …"))


@dataclass(frozen=True)
class Span:
    """An age rule on a scale: where it begins and how far it reaches, and whether each end is stated."""

    x: float
    width: float
    begins: bool
    ends: bool


@dataclass(frozen=True)
class Scale:
    """Years of age, drawn from 0 to 100; a year of age is as wide as `step`."""

    last: int
    step: float
    named: Mapping[int, float]

    def span(self, first: int | None, last: int | None) -> Span:
        """The years from the first to the last, both counted."""
        left = min(first or 0, self.last) * self.step
        right = min((self.last if last is None else last) + 1, self.last + 1) * self.step
        return Span(round(left, 2), round(max(right - left, self.step), 2), first is not None, last is not None)


def scale(ages: Iterable[int]) -> Scale:
    """A scale from 0 that shows some ages: to 25, or as far as they reach."""
    last = max([25, *(age + 1 for age in ages)])
    step = 100 / (last + 1)
    every = 5 if last <= 30 else 10
    return Scale(last, round(step, 4), {age: round(age * step, 2) for age in range(0, last + 1, every)})
