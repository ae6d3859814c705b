"""Joins over columns: sums as the engine adds, and what cannot be said as rows is not said."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store, parse

from planvev.answering import joining, ordering
from planvev.answering.columns import Columns, NoRows
from planvev.answering.joining import Call, Task
from planvev.formats.rdf import Quad
from planvev.publishing import columns_built

XSD = "http://www.w3.org/2001/XMLSchema#"


def written(*values: str) -> bytes:
    """Three things that each have all of these values."""
    things = [f"<x:t{n}> <x:in> <x:all> ." for n in range(3)]
    things += [f"<x:t{n}> <x:has> {value} ." for n in range(3) for value in values]
    return ("\n".join(things) + "\n").encode()


def quads(*values: str) -> list[Quad]:
    return list(parse(written(*values), RdfFormat.N_TRIPLES))


def columns_of(folder: Path, lines: bytes) -> Columns:
    gathered = columns_built.Gathered()
    gathered.add(lines)
    gathered.write(folder)
    return Columns(folder)


def summed(columns: Columns, distinct: bool = False) -> bytes:
    patterns = [["?t", "x:in", "?all"], ["?t", "x:has", "?v"]]
    (row,), _ = joining.rows(columns, Task(patterns, ["all", Call("SUM", distinct, "v")], ["all"], once=False))
    return row


@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        ["1", "-5", "9223372036854775806"[:12]],
        ["2.50", "2.5", "1", "-7.125"],
        ["0.000000000000000001", "-3"],
        ["12345678901.000000000000000009", "0.1"],
        ["-0.5", "0.5"],
    ],
)
def test_a_sum_is_the_one_that_the_engine_makes(values: list[str], distinct: bool, tmp_path: Path):
    kinds = ["decimal" if "." in value else "integer" for value in values]
    lines = written(*(f'"{value}"^^<{XSD}{kind}>' for value, kind in zip(values, kinds, strict=True)))
    store = Store()
    store.load(lines, RdfFormat.N_TRIPLES)
    each = "DISTINCT " if distinct else ""
    asked = f"SELECT (SUM({each}?v) AS ?sum) {{ ?t <x:in> ?all ; <x:has> ?v }}"
    ours = summed(columns_of(tmp_path / "columns", lines), distinct).decode()[1:-1].partition(" ")[2]
    answers = store.query(asked), store.query(f"SELECT ?sum {{ VALUES ?sum {{ {ours} }} }}")
    theirs, said = (next(found)["sum"] for found in answers if isinstance(found, QuerySolutions))
    assert said == theirs


@pytest.mark.parametrize(
    "value",
    ['"9223372036854775807"^^<X#integer>', '"1.5E0"^^<X#double>', '"a"', "<x:b>"],
    ids=["too large", "floating", "text", "thing"],
)
def test_a_sum_that_the_engine_may_make_otherwise_is_not_made(value: str, tmp_path: Path):
    with pytest.raises(NoRows):
        summed(columns_of(tmp_path / "columns", written(value.replace("X#", XSD))))


def test_a_table_that_would_be_too_large_is_not_made(tmp_path: Path, monkeypatch):
    columns = columns_of(tmp_path / "columns", written(*(f'"{n}"' for n in range(20))))
    everything = Task([["?a", "x:in", "?x"], ["?b", "x:in", "?x"], ["?b", "x:has", "?v"]], ["a", "v"], None, once=False)
    assert len(joining.rows(columns, everything)[0]) == 180
    for ceiling in ("MOST", "ROWS"):
        with monkeypatch.context() as lowered:
            lowered.setattr(joining, ceiling, 100)
            with pytest.raises(NoRows):
                joining.rows(columns, everything)


def test_terms_that_came_later_stand_in_a_file_of_their_own_until_they_are_many(tmp_path: Path):
    first = columns_of(tmp_path / "1", written(*(f'"{n}"' for n in range(40))))
    come = quads('"new"')
    more = [t for n in range(10) for t in quads(f'"b{n}"')]
    columns_built.updated(tmp_path / "2", tmp_path / "1", [], come)
    second = Columns(tmp_path / "2")
    assert (tmp_path / "2" / "terms-0").samefile(tmp_path / "1" / "terms-0")
    assert second.number(b'"new"') == first.terms
    assert first.number(b'"new"') is None
    columns_built.updated(tmp_path / "3", tmp_path / "2", come, more)
    third = Columns(tmp_path / "3")
    assert len(third.parts) == 1
    assert third.number(b'"b9"') is not None
    assert third.properties["x:has"].triples == 3 * 50


def test_rows_are_ordered_as_the_engine_orders_them_or_not_at_all():
    random = Random(5)
    words = sorted({"".join(random.choices("aAbBzæøåÅ-é 1😀", k=random.randint(0, 4))) for _ in range(120)})
    random.shuffle(words)
    columns = {
        "texts": [f'"{word}"@nb' for word in words],
        "plain": [f'"{word}"' for word in words],
        "things": [f"<https://example.org/{word.replace(' ', '')}>" for word in words],
        "numbers": [str(random.randint(-20, 20)) for _ in words],
    }
    store = Store()
    for first, second, largest in [("texts", "things", False), ("numbers", "plain", True), ("things", "texts", True)]:
        values = " ".join(f"({a} {b})" for a, b in zip(columns[first], columns[second], strict=True))
        by = "DESC(?a) ?b" if largest else "?a ?b"
        asked = store.query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {values} }} }} ORDER BY {by}")
        given = [[value.encode() for value in columns[name]] for name in (first, second)]
        places = ordering.places(given, [(0, largest), (1, False)])
        assert places is not None
        ours = " ".join(f"({columns[first][n]} {columns[second][n]})" for n in places)
        assert isinstance(asked, QuerySolutions)
        kept = store.query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {ours} }} }}")
        assert isinstance(kept, QuerySolutions)
        assert [tuple(row) for row in kept] == [tuple(row) for row in asked]
    for mixed in ([b'"a"', b'"a"@nb'], [b"<x:a>", b'"a"'], [b"1", b'"1"'], [b'"a"^^<x:t>', b'"b"^^<x:t>'], [b'"\\n"']):
        assert ordering.places([mixed], [(0, False)]) is None
