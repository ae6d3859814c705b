"""A query and what it was written anew as answer the same, solution by solution, as often.

Random queries are written anew wherever that is permitted, whatever it costs, and both texts are run by the same
engine over the same data; rdflib answers some of them as a third. `tests/interop` asks Virtuoso too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, cast

import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, RdfFormat, Store, serialize
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from planvev.answering import optimise
from planvev.publishing import tally
from planvev.queries import flat_text, sparql
from planvev.queries.flat import NotFlat
from planvev.queries.statistics import Statistics
from tests.differential import made_up

CEILING = 1 << 20
PER_DATASET = 250


def numbers(store: Store) -> Statistics:
    quads = store.quads_for_pattern(None, None, None, DefaultGraph())
    lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    assert lines is not None
    return tally.gathered(store, {}, tally.typed(lines))


def anew(text: str, statistics: Statistics) -> str:
    """The text written anew.

    Raises:
        NotFlat: it is left as it is.
    """
    plan = optimise.plan(flat_text.read(sparql.read(text, CEILING)), statistics, always=True)
    assert plan.how == "rewritten"
    return plan.text


def answer(store: Store, text: str, **dataset: Any) -> Counter[tuple[Any, ...]]:
    return Counter(rows(store, text, **dataset))


def rows(store: Store, text: str, **dataset: Any) -> Iterator[tuple[Any, ...]]:
    found = store.query(text, **dataset)
    assert isinstance(found, QuerySolutions)
    return (tuple(row) for row in found)


def compared(seed: int) -> tuple[int, int, int]:
    """Of queries over one dataset: how many were written anew, how many of those found anything, how many were left."""
    random = Random(seed)
    store = made_up.stored(made_up.dataset(random))
    datasets: list[dict[str, Any]] = [{}, {}, {"use_default_graph_as_union": True}]
    datasets.append({"default_graph": [NamedNode(made_up.EX + name) for name in made_up.GRAPHS[:2]]})
    done = found = left = 0
    statistics = numbers(store)
    for _ in range(PER_DATASET):
        text, dataset = made_up.query(random), random.choice(datasets)
        try:
            other = anew(text, statistics)
        except NotFlat:
            left += 1
            continue
        ours = answer(store, other, **dataset)
        assert ours == answer(store, text, **dataset), f"seed {seed}:\n{text}\n{other}"
        done, found = done + 1, found + bool(ours)
    return done, found, left


@pytest.mark.parametrize("seed", range(11))
def test_a_rewritten_query_answers_what_the_written_one_does(seed: int):
    done, found, left = compared(seed)
    assert done > left, "most are to be written anew, or nothing is tested"
    assert found > done / 3, "many are to find something, or nothing is compared"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 700))
def test_a_rewritten_query_answers_what_the_written_one_does_at_length(seed: int):
    compared(seed)


def test_a_cut_under_a_total_order_takes_the_same_solutions_in_the_same_order():
    random, done = Random(7), 0
    store = made_up.stored(made_up.dataset(random, odd=False))
    statistics = numbers(store)
    while done < 60:
        text = made_up.query(random, odd=False)
        if "ORDER" not in text or "LIMIT" not in text:
            continue
        ours, theirs = (list(rows(store, one)) for one in (anew(text, statistics), text))
        assert ours == theirs, text
        done += 1


def test_rdflib_answers_a_rewritten_query_alike():
    random, done = Random(11), 0
    quads = made_up.dataset(random, statements=60, odd=False)
    store, graph = made_up.stored(quads), rdflib.Graph()
    statistics = numbers(store)
    for quad in quads:
        graph.add(tuple(map(_term, quad.triple)))
    while done < 40:
        text = made_up.query(random, odd=False)
        if any(word in text for word in ("LIMIT", "AVG", "SUM", "BOUND", "HAVING", "MAX", "MIN")):
            continue  # where rdflib orders, or counts an error, in its own way
        try:
            ours = answer(store, anew(text, statistics))
        except NotFlat:
            continue
        theirs = Counter(tuple(_spelled(term) for term in row) for row in cast(Iterable[Any], graph.query(text)))
        assert Counter({tuple(_spelled(term) for term in row): n for row, n in ours.items()}) == theirs, text
        done += 1


def _term(term: Any) -> Any:
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


def _spelled(term: Any) -> str:
    return str(getattr(term, "value", term)) if term is not None else ""


def test_patterns_and_filters_are_read_as_rdflib_reads_them():
    random = Random(3)
    for _ in range(60):
        text = made_up.query(random, paths=False)
        ours = flat_text.read(sparql.read(text, CEILING))
        theirs = _of(translateQuery(parseQuery(text)).algebra)
        assert sorted(f"{pattern.text} ." for pattern in ours.patterns) == sorted(theirs["patterns"]), text
        assert ours.variables == {name[1:] for line in theirs["patterns"] for name in line.split() if name[0] == "?"}
        assert bool(ours.filters) == theirs["filtered"] or "HAVING" in text, text


def _of(algebra: Any) -> dict[str, Any]:
    """The triple patterns below a node of rdflib's algebra, spelled as our random queries spell them."""
    found: dict[str, Any] = {"patterns": [], "filtered": False}

    def walk(node: Any) -> None:
        if getattr(node, "name", "") == "BGP":
            found["patterns"] += [" ".join(map(_short, triple)) + " ." for triple in node.triples]
        found["filtered"] |= getattr(node, "name", "") == "Filter" and "Aggr" not in str(node.expr)
        for child in (getattr(node, "p", None), getattr(node, "p1", None), getattr(node, "p2", None)):
            if child is not None:
                walk(child)

    walk(algebra)
    return found


def _short(term: Any) -> str:
    if isinstance(term, rdflib.Variable):
        return f"?{term}"
    if isinstance(term, rdflib.Literal):
        return str(term)
    return "a" if term == rdflib.RDF.type else str(term).replace(made_up.EX, "x:")
