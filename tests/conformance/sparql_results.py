"""Whether two answers say the same: solutions as a multiset, or in order, whatever their blank nodes are called.

A number or a boolean is compared by its datatype and its value: `1`, `1.0` and `01.00` are one xsd:decimal (XSD 1.1,
part 2, section 3.3.3), and the engine keeps them by value.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyoxigraph as ox

from tests.conformance.sparql_manifest import Suite

XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = {"integer", "decimal", "double", "float"}
RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

Row = dict[str, object]
Rows = tuple[frozenset[str], list[Row]]  # the variables of the head, and the solutions

KINDS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}
_SUFFIXES = {".srj": "json", ".srx": "xml", ".tsv": "tsv"}


def read(data: bytes, suffix: str) -> Rows | bool:
    """An answer to SELECT or ASK in the format of a suffix."""
    found = ox.parse_query_results(data, KINDS[suffix])
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    names = [variable.value for variable in found.variables]
    rows = [{name: _valued(row[name]) for name in names if row[name] is not None} for row in found]
    return frozenset(names), rows


def expected(suite: Suite, file: str) -> Rows | bool | list[ox.Triple]:
    """What a result file of the suite says; a graph, unless its triples describe solutions (`rs:ResultSet`)."""
    suffix = _SUFFIXES.get(Path(file).suffix)
    if suffix:
        return read(suite.path(file).read_bytes(), suffix)
    triples = suite.triples(file)
    return _described(triples) if any(t.object == ox.NamedNode(RS + "ResultSet") for t in triples) else triples


def _described(triples: list[ox.Triple]) -> Rows:
    def objects(subject: object, name: str) -> Iterator:
        return (t.object for t in triples if t.subject == subject and t.predicate.value == RS + name)

    (top,) = (t.subject for t in triples if t.object == ox.NamedNode(RS + "ResultSet"))
    rows: list[Row] = [
        {next(objects(b, "variable")).value: _valued(next(objects(b, "value"))) for b in objects(solution, "binding")}
        for solution in objects(top, "solution")
    ]
    return frozenset(v.value for v in objects(top, "resultVariable")), rows


def same_rows(ours: Sequence[Row], theirs: Sequence[Row], ordered: bool) -> bool:
    """Whether solutions are the same multiset, or the same sequence, under one renaming of blank nodes."""
    if len(ours) != len(theirs):
        return False
    if ordered:
        renamed: dict[object, object] = {}
        return all(_meets(mine, other, renamed) for mine, other in zip(ours, theirs, strict=True))
    plain = [Counter(_key(row) for row in rows if not _blank(row)) for rows in (ours, theirs)]
    if plain[0] != plain[1]:
        return False
    return _matched([row for row in ours if _blank(row)], [row for row in theirs if _blank(row)], {})


def _valued(term: object) -> object:
    """A term as it is compared: a number or a boolean by datatype and value."""
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "boolean":
        return term.datatype.value, term.value in ("true", "1")
    if isinstance(term, ox.Literal) and term.datatype.value.removeprefix(XSD) in NUMBERS:
        with contextlib.suppress(InvalidOperation):
            return term.datatype.value, Decimal(term.value.replace("INF", "Infinity"))
    return term


def _key(row: Row) -> frozenset[tuple[str, object]]:
    return frozenset(row.items())


def _blank(row: Row) -> bool:
    return any(isinstance(term, ox.BlankNode) for term in row.values())


def _matched(ours: list[Row], theirs: list[Row], renamed: dict[object, object]) -> bool:
    """Whether every row finds its own; what did not work out is taken back and tried otherwise."""
    if not ours:
        return True
    for n, other in enumerate(theirs):
        tried = dict(renamed)
        if _meets(ours[0], other, tried) and _matched(ours[1:], theirs[:n] + theirs[n + 1 :], tried):
            return True
    return False


def _meets(mine: Row, other: Row, renamed: dict[object, object]) -> bool:
    if mine.keys() != other.keys():
        return False
    return all(_same_term(term, other[name], renamed) for name, term in mine.items())


def _same_term(mine: object, other: object, renamed: dict[object, object]) -> bool:
    if isinstance(mine, ox.BlankNode) and isinstance(other, ox.BlankNode):
        if mine not in renamed and other in renamed.values():
            return False
        return renamed.setdefault(mine, other) == other
    return mine == other
