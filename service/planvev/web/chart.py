"""Which answers can be drawn, and how: a bar for each number, or a period for each row. Templates draw.

An answer is drawn when it says by itself what stands for what: one column of numbers and something to call each of them
by, or two columns of days or years and a name. Whatever else it is stays a table; the table always stands beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from planvev.insight import figures
from planvev.insight.figures import Axis, Bar
from planvev.names import PREFIXES

DRAWN = 40  # rows; what is longer is read in the table
FEWEST = 2  # rows worth a drawing

Cell = Mapping[str, Any]  # a binding of SPARQL 1.1 Query Results JSON
Row = Sequence[Cell | None]

_XSD = PREFIXES["xsd"]
_NUMBERS = {
    _XSD + name
    for name in (
        "integer",
        "decimal",
        "double",
        "float",
        "int",
        "long",
        "short",
        "nonNegativeInteger",
        "positiveInteger",
    )
}


@dataclass(frozen=True)
class Line:
    """One row of a drawing: what it is called by, and how long it is of 100, or which period it is."""

    names: tuple[Cell, ...]
    number: Cell | None = None
    width: float = 0.0
    bar: Bar | None = None
    words: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawing: the columns it is of, its lines, how many rows it leaves out; with an axis where it shows periods."""

    names: tuple[str, ...]
    values: tuple[str, ...]
    lines: tuple[Line, ...]
    more: int
    axis: Axis | None = None


def of(columns: Sequence[str], rows: Sequence[Row], count: int, today: date, most: int = DRAWN) -> Chart | None:
    """The drawing of an answer; None where it says nothing that can be drawn.

    Args:
        columns: names of its variables.
        rows: those that are shown.
        count: how many rows it has in all.
        today: the day that a time line is drawn around.
        most: rows that are drawn.
    """
    if len(rows) < FEWEST:
        return None
    numeric = [place for place in range(len(columns)) if _all(rows, place, _number)]
    dated = [place for place in range(len(columns)) if place not in numeric and _all(rows, place, _day)]
    if len(dated) == 2 and not numeric:
        return _periods(columns, rows, count, today, dated, most)
    if len(numeric) == 1 and not any(row[numeric[0]] is None for row in rows):
        return _bars(columns, rows, count, numeric[0], most)
    return None


def _bars(columns: Sequence[str], rows: Sequence[Row], count: int, place: int, most: int) -> Chart | None:
    called = _called(rows, [other for other in range(len(columns)) if other != place])
    numbers = [_number(row[place]) or 0.0 for row in rows]
    if not called or min(numbers) < 0 or max(numbers) <= 0:
        return None
    lines = [
        Line(tuple(cell for other in called if (cell := row[other])), row[place], round(number / max(numbers) * 100, 2))
        for row, number in zip(rows[:most], numbers, strict=False)
    ]
    return Chart(tuple(columns[other] for other in called), (columns[place],), tuple(lines), count - len(lines))


def _called(rows: Sequence[Row], candidates: Sequence[int]) -> list[int]:
    """The one or two columns by which each row can be told from the others, the first that do; none where none do."""
    whole = [place for place in candidates if not any(row[place] is None for row in rows)]
    for chosen in [[place] for place in whole[:3]] + [whole[:2]]:
        if chosen and len({tuple(_text(row[place]) for place in chosen) for row in rows}) == len(rows):
            return chosen
    return []


def _periods(
    columns: Sequence[str], rows: Sequence[Row], count: int, today: date, dated: Sequence[int], most: int
) -> Chart | None:
    others = [place for place in range(len(columns)) if place not in dated]
    called = next((place for place in others if not any(row[place] is None for row in rows)), None)
    if called is None:
        return None
    shown = [(row, _day(row[dated[0]]), _day(row[dated[1]], end=True)) for row in rows[:most]]
    if any(start and end and start > end for _, start, end in shown):
        return None
    axis = figures.axis([(start, end) for _, start, end in shown], today)
    lines = [
        Line((cell,), bar=axis.bar(start, end), words="–".join(_text(row[place]) for place in dated))
        for row, start, end in shown
        if (cell := row[called])
    ]
    names = tuple(columns[place] for place in dated)
    return Chart((columns[called],), names, tuple(lines), count - len(lines), axis)


def _all(rows: Sequence[Row], place: int, read: Callable[[Cell], object | None]) -> bool:
    """Whether a column has values, and all of them can be read."""
    values = [cell for row in rows if (cell := row[place]) is not None]
    return bool(values) and all(read(value) is not None for value in values)


def _text(cell: Cell | None) -> str:
    return str(cell["value"]) if cell else ""


def _number(cell: Cell | None) -> float | None:
    if cell is None or cell["type"] == "uri" or cell.get("datatype") not in _NUMBERS:
        return None
    try:
        number = float(cell["value"])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _day(cell: Cell | None, end: bool = False) -> date | None:
    """The day of a cell; of a year its first, or its last."""
    if cell is None or cell.get("datatype") not in (_XSD + "date", _XSD + "gYear"):
        return None
    text = str(cell["value"])
    if len(text) == 4:
        text += "-12-31" if end else "-01-01"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
