"""A query joined over columns and as it was written answer the same, solution by solution, as often.

The random queries are those of the rewriter, over the same odd data; the columns are gathered as at publish. A query
that cannot be joined so is left, and most must not be.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store, serialize

from planvev.answering import columnar, joining
from planvev.answering.columns import Columns, NoRows
from planvev.answering.joining import Task
from planvev.publishing.columns_built import Gathered, compared
from planvev.queries import flat_text, sparql
from planvev.queries.flat import NotFlat
from planvev.queries.statistics import Statistics
from tests.differential import made_up
from tests.differential.test_rewritten import CEILING, answer, numbers, rows

QUERIES = 150  # over each dataset


def gathered(store: Store, folder: Path, statistics: Statistics) -> tuple[Columns, Statistics]:
    """The columns of the default graph, and of the named ones as if they were derived; the numbers with theirs."""
    columns = Gathered()
    for half in (0, 1):  # as from two files, of which one says again what the other says
        quads = list(store.quads_for_pattern(None, None, None, DefaultGraph()))[half * 20 :]
        lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
        assert lines is not None
        columns.add(lines)
    sizes = {}
    for name in store.named_graphs():
        quads = list(store.quads_for_pattern(None, None, None, name))
        sizes[name.value] = len(quads)
        for quad in quads:
            columns.link(quad)
    columns.write(folder)
    known = compared(folder, replace(statistics, graphs=sizes))
    assert known.derived.keys() == sizes.keys()
    return Columns(folder), known


def inside(text: str, graph: str, random: Random) -> str:
    """The same query of one graph, or with some of its patterns asked of one."""
    head, _, rest = text.partition("WHERE { ")
    body, _, tail = rest.partition(" }")
    patterns = body.removesuffix(" .").split(" . ")
    cut = random.choice((0, 0, random.randrange(len(patterns))))
    before, within = (" . ".join(some) for some in (patterns[:cut], patterns[cut:]))
    return f"{head}WHERE {{ {before} GRAPH x:{graph} {{ {within} }} }}{tail}"


def joined(columns: Columns, text: str, statistics: Statistics) -> str:
    """The query with its rows.

    Raises:
        NotFlat, NoRows: it is not joined so.
    """
    plan = columnar.plan(flat_text.read(sparql.read(text, CEILING)), statistics, always=True)
    assert plan.task is not None
    found, ordered = joining.rows(columns, Task.read(plan.task))
    return f"{plan.task['before']}{b' '.join(found).decode()}{plan.task['ordered' if ordered else 'after']}"


def tried(seed: int, folder: Path) -> tuple[int, int, int]:
    """Of queries over one dataset: how many were joined, how many of those found anything, how many were left."""
    random = Random(seed)
    odd = seed % 3 > 0
    store = made_up.stored(made_up.dataset(random, odd=odd, blank=seed % 3 == 2))
    columns, statistics = gathered(store, folder, numbers(store))
    done = found = left = 0
    for n in range(QUERIES):
        text = made_up.query(random, odd, filtered=False)
        if not odd and n % 2:  # derived links hold nothing odd
            text = inside(text, random.choice(made_up.GRAPHS), random)
        try:
            other = joined(columns, text, statistics)
        except (NotFlat, NoRows):
            left += 1
            continue
        if "ORDER" in text and not odd:  # a total one
            assert list(rows(store, other)) == list(rows(store, text)), text
        ours = answer(store, other)
        assert ours == answer(store, text), f"seed {seed}:\n{text}\n{other}"
        done, found = done + 1, found + bool(ours)
    return done, found, left


@pytest.mark.parametrize("seed", range(6))
def test_a_query_joined_over_columns_answers_what_the_engine_does(seed: int, tmp_path: Path):
    done, found, left = tried(seed, tmp_path / "columns")
    assert seed % 3 or done > left / 2, "many are to be joined, or nothing is tested"
    assert found > done / 4, "many are to find something, or nothing is compared"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 500))
def test_a_query_joined_over_columns_answers_what_the_engine_does_at_length(seed: int, tmp_path: Path):
    tried(seed, tmp_path / "columns")
