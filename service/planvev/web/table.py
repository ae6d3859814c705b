"""A SPARQL answer as a table for a page: its first rows, and how many there are in all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ROWS_SHOWN = 500
LINES_SHOWN = 1000

Cell = dict[str, Any]  # one binding of SPARQL 1.1 Query Results JSON: type, value, xml:lang, datatype


@dataclass(frozen=True)
class Table:
    """An answer ready to be shown: columns and cells, `truth`, or the text of a graph; `count` is the whole number."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell | None, ...], ...] = ()
    count: int = 0
    truth: bool | None = None
    text: str = ""


def of_rows(data: bytes) -> Table:
    """The table of a SELECT or ASK, from SPARQL 1.1 Query Results JSON."""
    answer = json.loads(data)
    if "boolean" in answer:
        return Table(truth=answer["boolean"])
    columns = tuple(answer["head"]["vars"])
    found = answer["results"]["bindings"]
    return Table(columns, tuple(tuple(row.get(name) for name in columns) for row in found[:ROWS_SHOWN]), len(found))


def of_graph(data: bytes) -> Table:
    """The text of a CONSTRUCT or DESCRIBE, from Turtle."""
    lines = data.decode().splitlines()
    return Table(text="\n".join(lines[:LINES_SHOWN]), count=len(lines))
