"""Flat queries over much data, joined over the snapshot's columns: what is to be joined, and the query around its rows.

Of the queries that `optimise` may write anew, those are taken whose patterns hold variables and IRIs alone and that
have no FILTER. Counts and sums of groups are made while joining, where the query shows nothing else; otherwise its
solutions are put in the place of its patterns, each once where that is enough. The query process does the joining
(`joining`), and says so where it cannot; then the engine joins, by `optimise`. Nothing here joins or runs anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from planvev.answering import certain, optimise
from planvev.answering.optimise import Plan
from planvev.queries.flat import Flat, Node, NotFlat, Pattern
from planvev.queries.sparql import Token
from planvev.queries.statistics import Statistics, column

CALLS = ("COUNT", "SUM")
# ms that a query of derived links must be estimated to take, below which a join over columns takes as long.
WORTH_OF_LINKS = 1.0


def plan(flat: Flat, statistics: Statistics, always: bool = False) -> Plan:
    """The way to join a flat query over columns, or to run it as it is written where that is quick.

    Args:
        flat: the query, of the snapshot's own dataset.
        statistics: of that snapshot.
        always: whether to join even a quick one so; for tests.

    Raises:
        NotFlat: it must not be written anew at all, or not so; the text says why.
    """
    graphs = {_graph(flat, pattern) for pattern in flat.patterns} - {""}
    if not statistics.derived.keys() >= graphs:
        raise NotFlat("it asks a graph that there are no columns of")
    named, numbers = (_named(flat), statistics.with_derived()) if graphs else (flat, statistics)
    optimise.refuse(named, numbers)
    written = optimise.cost(named, numbers)
    if written < (WORTH_OF_LINKS if graphs else optimise.WORTH) and not always:
        return Plan(flat.text, why="it is a quick one", written=written)
    steps = ("join over columns: " + " . ".join(pattern.text for pattern in flat.patterns), "run the rest on its rows")
    found = Plan(flat.text, "joined", written=written, steps=steps, task=_task(named))
    if graphs:
        return replace(found, otherwise=lambda: Plan(flat.text, why="its joins cannot be had as rows", written=written))
    return replace(found, otherwise=lambda: optimise.plan(flat, statistics, always))


def _graph(flat: Flat, pattern: Pattern) -> str:
    """The graph that a pattern is asked of, by IRI or by the variable for it; empty for the default graph."""
    return (flat.graph.iri or flat.graph.text) if flat.graph else pattern.graph


def _named(flat: Flat) -> Flat:
    """The same with each property as it is called among the columns."""
    asked = ((pattern, column(pattern.predicate.iri, _graph(flat, pattern))) for pattern in flat.patterns)
    patterns = (replace(pattern, predicate=replace(pattern.predicate, iri=name)) for pattern, name in asked)
    return replace(flat, patterns=tuple(patterns))


def _task(flat: Flat) -> dict[str, Any]:
    """What `joining.Task` reads, with the text `before` the rows and `after` them, or after rows in order.

    Raises:
        NotFlat: it cannot be joined over columns.
    """
    if flat.filters:
        raise NotFlat("a FILTER is for the engine")
    patterns = [[_node(p.subject), p.predicate.iri, _node(p.object)] for p in flat.patterns]
    task = {"patterns": patterns, "once": optimise.counts_different(flat)}
    if counted := _counted(flat):
        return task | counted
    shown = sorted(flat.shown & flat.variables)
    if not shown:
        raise NotFlat("no variable of its patterns is asked for")
    names = " ".join(f"?{name}" for name in shown)
    return task | {
        "columns": shown,
        "grouped": None,
        "order": [],
        "before": f"{flat.head} VALUES ({names}) {{",
        "after": f"}} {flat.tail}",
    }


def _node(node: Node) -> str:
    if not node.variable and not node.iri:
        raise NotFlat(f"{node.text[:40]} is a value, and values are for the engine")
    return f"?{node.variable}" if node.variable else node.iri


def _counted(flat: Flat) -> dict[str, Any] | None:
    """The part of a task for a query that shows nothing but what it groups by, and calls; None for another."""
    columns = certain.selected_of(flat)
    found = _groups(flat.behind)
    if not flat.aggregates or columns is None or found is None:
        return None
    by, rest = found
    names = [name for name, _ in columns]
    calls = [call for _, call in columns if call]
    if len(set(names)) < len(names) or len(calls) != len(flat.aggregates):
        return None
    if any(c.name not in CALLS or (c.of not in flat.variables and (c.name, c.of) != ("COUNT", "*")) for c in calls):
        return None
    if any(call is None and name not in by for name, call in columns) or not flat.variables.issuperset(by):
        return None
    if any(token.kind == "var" and token.text[1:] not in names for token in rest):
        return None
    shown = " ".join(f"?{name}" for name in names)
    order, behind = _order(rest, names)
    head = flat.text[: flat.selected[0].offset]
    return {
        "columns": [[call.name, call.distinct, call.of] if call else name for name, call in columns],
        "grouped": by,
        "before": f"{head}{'DISTINCT ' if flat.distinct else ''}{shown} WHERE {{ VALUES ({shown}) {{",
        "after": f"}} }} {_text(flat, rest)}",
        "order": order,
        "ordered": f"}} }} {_text(flat, behind)}",
    }


def _text(flat: Flat, tokens: Sequence[Token]) -> str:
    return flat.text[tokens[0].offset :] if tokens else ""


def _order(tokens: Sequence[Token], names: Sequence[str]) -> tuple[list[tuple[int, bool]], Sequence[Token]]:
    """ORDER BY of columns alone: which, and whether the largest comes first; and the tokens after it."""
    words, order, at = [token.text.upper() for token in tokens], [], 2
    while words[:1] == ["ORDER"] and at < len(tokens):
        called = words[at] in ("ASC", "DESC") and words[at + 1 : at + 2] == ["("] and words[at + 3 : at + 4] == [")"]
        token = tokens[at + 2] if called else tokens[at]
        if token.kind != "var":
            break
        order.append((names.index(token.text[1:]), words[at] == "DESC"))
        at += 4 if called else 1
    ended = at >= len(tokens) or words[at] in ("LIMIT", "OFFSET")
    return (order, tokens[at:]) if order and ended else ([], tokens)


def _groups(behind: Sequence[Token]) -> tuple[list[str], Sequence[Token]] | None:
    """The variables after GROUP BY, and the tokens after those; None where there is more to it."""
    words = [token.text.upper() for token in behind]
    if "HAVING" in words:
        return None
    if words[:1] != ["GROUP"]:
        return [], behind
    end = 2
    while end < len(behind) and behind[end].kind == "var":
        end += 1
    ended = end == len(behind) or words[end] in ("ORDER", "LIMIT", "OFFSET")
    return ([token.text[1:] for token in behind[2:end]], behind[end:]) if end > 2 and ended else None
