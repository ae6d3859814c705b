"""No flat query costs the engine more than is said of it, and the engine joins in the order that is said.

How many solutions there are after each pattern is counted by the engine itself, with the patterns up to there as a
query of their own; and how many it goes through in the whole query is seen by functions of ours in filters, each of
which it calls once for every solution that has the variable by then.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Store

from planvev.answering import bounds, optimise
from planvev.queries import flat_text, sparql
from planvev.queries.flat import Flat, NotFlat
from planvev.queries.statistics import Statistics
from tests.differential import made_up
from tests.differential.test_joined import gathered
from tests.differential.test_rewritten import CEILING, numbers

QUERIES = 150  # over each dataset
WORTH = 100_000  # steps; to count the solutions of a query that may take more takes too long
TRUE = Literal(True)


def read(text: str) -> Flat:
    return flat_text.read(sparql.read(text, CEILING))


def counted(store: Store, patterns: list[str]) -> int:
    """How many solutions some patterns have, joined."""
    found: Any = store.query(f"{made_up.PROLOGUE}SELECT (COUNT(*) AS ?n) {{ {' . '.join(patterns)} }}")
    return int(next(found)["n"].value)


def steps(store: Store, flat: Flat) -> tuple[int, list[int]]:
    """The look-ups and statements that a query takes if it is joined in order, and the solutions after each pattern."""
    patterns = [flat.patterns[place].text for place in optimise.in_order(flat.patterns)]
    after = [counted(store, patterns[: n + 1]) for n in range(len(patterns))]
    return sum(after) + 1 + sum(after[:-1]), after


def seen(store: Store, flat: Flat) -> Counter[str]:
    """For how many solutions the engine asks about each variable, where it can as soon as it is bound."""
    calls: Counter[str] = Counter()

    def asked(name: str) -> Any:
        def called(_value: object) -> Literal:
            calls[name] += 1
            return TRUE

        return called

    names = sorted(name for name in flat.variables if not name.startswith("between_"))
    functions = {NamedNode(f"{made_up.EX}seen-{name}"): asked(name) for name in names}
    tests = " ".join(f"FILTER(<{made_up.EX}seen-{name}>(?{name}))" for name in names)
    body = f"{flat.head[flat.head.rindex('{') :].removeprefix('{')} {flat.text[len(flat.head) : -len(flat.tail)]}"
    found: Any = store.query(f"{made_up.PROLOGUE}SELECT * {{ {body} {tests} }}", custom_functions=functions)
    for _ in found:
        pass
    return calls


def first_bound(flat: Flat) -> dict[str, int]:
    """At which pattern, in order, each variable is bound."""
    found: dict[str, int] = {}
    for n, place in enumerate(optimise.in_order(flat.patterns)):
        for name in flat.patterns[place].variables:
            found.setdefault(name, n)
    return found


def bounded(random: Random, statistics: Statistics) -> tuple[Flat, bounds.Most] | None:
    """A query and its bound; None where it has none."""
    try:
        flat = read(made_up.query(random, odd=False))
    except NotFlat:
        return None
    most = bounds.most(flat, statistics)
    return (flat, most) if most else None


def held(seed: int, folder: Any) -> tuple[int, int]:
    """How many queries over one dataset were held to their bounds, and how many of those came near them."""
    random = Random(seed)
    store = made_up.stored(made_up.dataset(random, statements=random.choice((60, 240)), odd=False))
    _, statistics = gathered(store, folder, numbers(store))
    done = near = 0
    for _ in range(QUERIES):
        found = bounded(random, statistics)
        if found is None:
            continue
        flat, most = found
        if most.steps > WORTH:
            continue
        taken, after = steps(store, flat)
        assert taken <= most.steps, f"seed {seed}:\n{flat.text}"
        done, near = done + 1, near + (most.steps <= 10 * taken)
        calls, bound = seen(store, flat), first_bound(flat)
        expected = Counter({name: after[bound[name]] for name in bound if not name.startswith("between_")})
        as_expected = calls <= expected if flat.filters else calls == expected
        assert as_expected, f"seed {seed}, the engine's order is another one:\n{flat.text}"
    return done, near


@pytest.mark.parametrize("seed", range(4))
def test_no_query_takes_more_than_is_said_of_it(seed: int, tmp_path: Any):
    done, near = held(seed, tmp_path / "columns")
    assert done > QUERIES / 2, "most are to have a bound, or nothing is tested"
    assert near > done / 4, "bounds that are never near bound nothing"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 400))
def test_no_query_takes_more_than_is_said_of_it_at_length(seed: int, tmp_path: Any):
    held(seed, tmp_path / "columns")
