"""Whatever way is chosen for a query, counted, joined or written anew, it answers what the query does as it stands.

The random queries here have patterns inside a GRAPH and beside it, and filters before, between and behind: what is
known of the default graph alone must never be taken for what stands in another.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import Store

from planvev.answering import joining, planning
from planvev.answering.columns import Columns, NoRows
from planvev.answering.joining import Task
from planvev.queries import sparql
from planvev.queries.statistics import Statistics
from tests.differential import made_up
from tests.differential.test_joined import gathered
from tests.differential.test_rewritten import CEILING, answer, numbers

QUERIES = 120  # over each dataset

# What is counted without asking, where nothing stands beside it.
COUNTED = (
    "SELECT (COUNT(*) AS ?n) WHERE { ?v0 ?v1 ?v2 }",
    "SELECT ?v1 (COUNT(*) AS ?n) WHERE { ?v0 ?v1 ?v2 } GROUP BY ?v1",
    "SELECT DISTINCT ?v1 WHERE { ?v0 a ?v1 }",
    "SELECT ?v1 (COUNT(?v0) AS ?n) WHERE { ?v0 a ?v1 } GROUP BY ?v1",
    f"SELECT (COUNT(DISTINCT ?v0) AS ?n) WHERE {{ ?v0 x:{made_up.LINKS[0]} ?v1 }}",
)


def beside(random: Random, patterns: list[str], filters: list[str]) -> str:
    """Patterns parted between the default graph and a named one, one perhaps without any; filters between."""
    cut = random.randrange(len(patterns) + 1)
    outside, within = (" . ".join(some) for some in (patterns[:cut], patterns[cut:]))
    groups = [outside, f"GRAPH x:{random.choice(made_up.GRAPHS)} {{ {within} }}"]
    for test in filters:
        groups.insert(random.choice((0, 1, 2)), test)
    return " ".join(group for group in groups if group)


def asked(random: Random) -> str:
    """A query of the kinds above; some of them with nothing inside a GRAPH."""
    group = made_up.shuffled if random.random() < 0.3 else beside
    if random.random() < 0.7:
        return made_up.query(random, odd=False, group=group)
    head, _, rest = random.choice(COUNTED).partition("{ ")
    pattern, _, tail = rest.partition(" }")
    filters = ["FILTER(isIRI(?v1))"] if random.random() < 0.5 else []
    return f"{made_up.PROLOGUE}{head}{{ {group(random, [pattern], filters)} }}{tail}"


def run(store: Store, columns: Columns, statistics: Statistics, text: str) -> tuple[str, Counter[tuple[object, ...]]]:
    """How a query is carried out, and its answer that way."""
    setting = planning.Setting(statistics, True, "always", True)
    plan = planning.chosen(sparql.read(text, CEILING), setting, lambda _words, _most: (0, []))
    if plan.task is None:
        return plan.how, answer(store, plan.text)
    try:
        found, ordered = joining.rows(columns, Task.read(plan.task))
    except NoRows:
        assert plan.otherwise
        other = plan.otherwise()
        return other.how, answer(store, other.text)
    end = plan.task["ordered" if ordered else "after"]
    return plan.how, answer(store, f"{plan.task['before']}{b' '.join(found).decode()}{end}")


def tried(seed: int, folder: Path) -> Counter[str]:
    """How many queries over one dataset were carried out in which way."""
    random = Random(seed)
    store = made_up.stored(made_up.dataset(random, odd=False, blank=False))
    columns, statistics = gathered(store, folder, numbers(store))
    ways: Counter[str] = Counter()
    for _ in range(QUERIES):
        text = asked(random)
        how, ours = run(store, columns, statistics, text)
        ways[how] += 1
        assert ours == answer(store, text), f"seed {seed}, {how}:\n{text}"
    return ways


@pytest.mark.parametrize("seed", range(4))
def test_a_query_answers_what_it_says_whatever_way_is_chosen_for_it(seed: int, tmp_path: Path):
    ways = tried(seed, tmp_path / "columns")
    assert {"counted", "joined", "rewritten", "as written"} <= ways.keys(), ways
    assert min(ways["counted"], ways["joined"], ways["rewritten"]) >= 3, ways


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 600))
def test_a_query_answers_what_it_says_whatever_way_is_chosen_for_it_at_length(seed: int, tmp_path: Path):
    tried(seed, tmp_path / "columns")
