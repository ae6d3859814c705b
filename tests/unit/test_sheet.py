"""Rows as a workbook: each term in its kind, and nothing cut."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from planvev.formats import sheet
from planvev.formats.rdf import BlankNode, Literal, NamedNode
from planvev.names import PREFIXES

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(data: bytes) -> list[list[tuple[str, str]]]:
    """Each cell's kind and text, row by row."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        tree = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [[(cell.get("t", "n"), "".join(cell.itertext())) for cell in row] for row in tree.iter(f"{SPREADSHEET}row")]


def written(columns, rows, tmp_path) -> list[list[tuple[str, str]]]:
    output = io.BytesIO()
    sheet.write(columns, rows, output, str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    return read(output.getvalue())


def typed(text: str, kind: str) -> Literal:
    return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + kind))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (None, None),
        (NamedNode("https://w3id.org/planvev/id/org/moss"), "https://w3id.org/planvev/id/org/moss"),
        (BlankNode("b"), "_:b"),
        (Literal("=HYPERLINK(1)"), "=HYPERLINK(1)"),
        (Literal("Oppvekst", language="nb"), "Oppvekst"),
        (typed("42", "integer"), 42),
        (typed("2022", "gYear"), 2022),
        (typed("1.5", "decimal"), 1.5),
        (typed("INF", "double"), "INF"),
        (typed("9007199254740993", "integer"), "9007199254740993"),
        (typed("forty", "integer"), "forty"),
        (typed("true", "boolean"), True),
        (typed("2026-11-28", "date"), date(2026, 11, 28)),
        (typed("1850-01-01", "date"), "1850-01-01"),
        (typed("2026-02-30", "date"), "2026-02-30"),
        (typed("P4Y", "duration"), "P4Y"),
    ],
)
def test_a_term_is_a_number_a_day_or_a_truth_where_it_surely_is_one_and_else_its_text(term, value):
    found = sheet.cell(term)
    assert (type(found), found) == (type(value), value)


def test_a_workbook_has_the_names_of_the_columns_above_the_rows_and_no_formula(tmp_path):
    rows = [["=1+1", 2, None], ["http://x/", True, date(2026, 11, 28)]]
    head, first, second = written(["a", "b", "c"], rows, tmp_path)
    assert head == [("inlineStr", "a"), ("inlineStr", "b"), ("inlineStr", "c")]
    assert first == [("inlineStr", "=1+1"), ("n", "2")]
    assert second == [("inlineStr", "http://x/"), ("b", "1"), ("n", "46354")]


@pytest.mark.parametrize("length", [sheet.CELL, sheet.CELL + 1])
def test_a_text_that_a_cell_cannot_hold_is_refused_and_not_cut(length, tmp_path):
    if length > sheet.CELL:
        with pytest.raises(sheet.Unfit, match="row 1 "):
            written(["a"], [["x" * length]], tmp_path)
    else:
        assert written(["a"], [["x" * length]], tmp_path)[1] == [("inlineStr", "x" * length)]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "ROWS", 3)
    assert len(written(["a"], [[1], [2]], tmp_path)) == 3
    with pytest.raises(sheet.Unfit, match="more rows"):
        written(["a"], [[1], [2], [3]], tmp_path)
