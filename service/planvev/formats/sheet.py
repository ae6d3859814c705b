"""Rows as a workbook that Excel, LibreOffice and Numbers open: numbers as numbers, days as days, all else as text.

Office Open XML (ECMA-376) by XlsxWriter. Nothing in a text is ever read as a formula or a link, and nothing is cut:
what a sheet or a cell cannot hold is refused. Rows are written as they come: a large answer needs little memory.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, islice
from typing import IO, Any

from planvev.formats.rdf import BlankNode, Literal, NamedNode
from planvev.names import PREFIXES

ROWS = 1_048_576  # that a sheet holds, its head among them
CELL = 32_767  # characters that a cell holds
EXACT = 2**53  # the numbers up to here that a workbook keeps exactly
PEEKED = 200  # rows by which the widths of columns are chosen
NARROW, WIDE = 8, 60  # characters

_XSD = PREFIXES["xsd"]
_WHOLE = {
    _XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "negativeInteger"),
        *("nonPositiveInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
}
_WHOLE |= {_XSD + "gYear"}  # a year is counted with, too
_BROKEN = {_XSD + name for name in ("decimal", "double", "float")}

Cell = str | int | float | bool | date | None


class Unfit(Exception):
    """What a workbook cannot hold, in plain words."""


def cell(term: Any) -> Cell:
    """What stands in the cell of an RDF term; None for one that is unbound."""
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, BlankNode):
        return f"_:{term.value}"
    return _of_literal(term.value, term.datatype.value) if isinstance(term, Literal) else str(term)


def _of_literal(text: str, kind: str) -> Cell:
    if kind in _WHOLE or kind in _BROKEN:
        try:
            number = int(text) if kind in _WHOLE else float(text)
        except ValueError:
            return text
        return number if math.isfinite(number) and abs(number) <= EXACT else text
    if kind == _XSD + "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
    if kind == _XSD + "date" and len(text) == 10:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return text
        return day if day.year >= 1901 else text  # the calendar of a workbook begins in 1900, and errs that year
    return text


def write(columns: Sequence[str], rows: Iterable[Sequence[Cell]], output: IO[bytes], folder: str | None = None) -> None:
    """Write one sheet with a head, which stays in view.

    Args:
        columns: names of the columns.
        rows: their cells; what taking them raises ends the writing.
        output: where the workbook goes; it need not be seekable.
        folder: for files that are needed meanwhile, and removed.

    Raises:
        Unfit: there are more rows, or a longer text, than a workbook holds.
    """
    # Imported here: a query process that writes no workbook starts without it.
    import xlsxwriter  # type: ignore[import-untyped]

    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        settings = {"constant_memory": True, "tmpdir": scratch, "default_date_format": "yyyy-mm-dd"}
        book = xlsxwriter.Workbook(output, settings)
        sheet = book.add_worksheet()
        try:
            _fill(sheet, columns, rows, book.add_format({"bold": True}))
        except BaseException:
            sheet.row_data_fh.close()
            raise
        book.close()


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Sequence[Cell]], head: Any) -> None:
    following = iter(rows)
    seen = list(islice(following, PEEKED))
    for number, name in enumerate(columns):
        longest = max((len(str(row[number])) for row in seen if row[number] is not None), default=0)
        sheet.set_column(number, number, min(max(longest, len(name), NARROW) + 2, WIDE))
    sheet.freeze_panes(1, 0)
    for number, name in enumerate(columns):
        sheet.write_string(0, number, name, head)
    for number, row in enumerate(chain(seen, following), 1):
        if number >= ROWS:
            raise Unfit(f"The answer has more rows than the {ROWS - 1:,} that a sheet holds.")
        _write_row(sheet, number, row)


def _write_row(sheet: Any, number: int, row: Sequence[Cell]) -> None:
    for place, value in enumerate(row):
        if isinstance(value, bool):
            sheet.write_boolean(number, place, value)
        elif isinstance(value, int | float):
            sheet.write_number(number, place, value)
        elif isinstance(value, date):
            sheet.write_datetime(number, place, value)
        elif value is not None:
            if len(value) > CELL:
                raise Unfit(f"A text in row {number:,} is longer than the {CELL:,} characters that a cell holds.")
            sheet.write_string(number, place, value)
