"""Drawings as data: which boxes stand where, and which arrows run between them. Templates draw; words come from the
vocabulary."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planvev.names import NS, PREFIXES

WIDTH, HEIGHT = 180, 48  # of a box, in the drawing's own units
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
