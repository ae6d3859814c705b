"""Answers that are nothing but numbers known since publish: how many statements, by property, class and graph.

A query of one of the shapes below is written anew with its answer in it, as numbers or as rows of VALUES, and the rest
(names of columns, filters on what is grouped by, order, LIMIT) left to the engine:

- `{ ?s ?p ?o }`, `{ ?s <property> ?o }`, `{ ?s a <Class> }`, `{ GRAPH ?g { ?s ?p ?o } }`,
  `{ GRAPH <g> { ?s ?p ?o } }` with COUNT(*), COUNT(?x) and, outside GRAPH, COUNT(DISTINCT ?x);
- `{ ?s ?p ?o }` by property, `{ ?s a ?class }` by class, `{ GRAPH ?g { ?s ?p ?o } }` by graph, each with such counts;
- SELECT DISTINCT of those properties, classes or graphs.

Anything else is not certain, and is for the engine. Nothing here counts or runs anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planvev.queries.flat import AGGREGATES, RDF_TYPE, Aggregate, Flat, Pattern
from planvev.queries.statistics import Statistics

Numbers = Mapping[str, int]  # of a variable, how many different terms; of "*", how many solutions


def answered(flat: Flat, statistics: Statistics) -> str | None:
    """The query with its answer in it; None where that is not certain.

    Args:
        flat: a query of the snapshot's own dataset.
        statistics: of that snapshot.
    """
    if len(flat.patterns) != 1 or len(set(flat.patterns[0].variables)) < len(flat.patterns[0].variables):
        return None
    if flat.binds or flat.patterns[0].graph:  # with a FILTER beside its GRAPH: the numbers are of the default graph
        return None
    columns = selected_of(flat)
    if columns is None or any(token.text.upper() == "HAVING" for token in flat.behind):
        return None
    calls = [call for _, call in columns if call]
    if len(calls) != len(flat.aggregates) or any(call.name != "COUNT" for call in calls):  # or one behind the braces
        return None
    by = _grouped_by(flat)
    if by is None:
        return None
    if by:
        return _by_group(flat, statistics, columns, by)
    return _at_once(flat, statistics, columns) if calls and not flat.filters and not flat.behind else None


def selected_of(flat: Flat) -> list[tuple[str, Aggregate | None]] | None:
    """What is selected: variables and calls of one variable by the names of their columns; None where there is more."""
    selected = flat.selected
    tokens = [token for token in selected if token.text.upper() not in ("WHERE", "DISTINCT") or token.kind != "word"]
    distinct = {n for n, token in enumerate(selected) if token.text.upper() == "DISTINCT"}
    columns: list[tuple[str, Aggregate | None]] = []
    while tokens:
        if tokens[0].kind == "var":
            columns.append((tokens.pop(0).text[1:], None))
            continue
        words, head = [token.text.upper() for token in tokens[:8]], tokens[:8]
        if len(words) < 8 or [words[n] for n in (0, 2, 4, 5, 7)] != ["(", "(", ")", "AS", ")"]:
            return None
        if words[1] not in AGGREGATES:
            return None
        if head[6].kind != "var" or not (head[3].kind == "var" or words[3] == "*"):
            return None
        place = selected.index(head[2])
        columns.append((head[6].text[1:], Aggregate(words[1], place + 1 in distinct, head[3].text.lstrip("?$"))))
        tokens = tokens[8:]
    return columns


def _grouped_by(flat: Flat) -> str | None:
    """The variable after GROUP BY, or of SELECT DISTINCT ?x; "" without groups, None where it is not so simple."""
    words = [token.text.upper() for token in flat.behind]
    if words[:2] == ["GROUP", "BY"]:
        token = flat.behind[2] if len(flat.behind) > 2 else None
        another = words[3:4] and words[3] not in ("ORDER", "LIMIT", "OFFSET")
        return None if token is None or token.kind != "var" or another or flat.distinct else token.text[1:]
    if flat.distinct:
        names = [token.text[1:] for token in flat.selected if token.kind == "var"]
        return names[0] if len(names) == 1 and not flat.aggregates else None
    return "" if flat.aggregates else None


def _at_once(flat: Flat, statistics: Statistics, columns: Sequence[tuple[str, Aggregate | None]]) -> str | None:
    numbers = _numbers(flat, statistics)
    if numbers is None or any(call is None for _, call in columns):
        return None
    found = [(name, _number(numbers, call)) for name, call in columns if call]
    if any(number is None for _, number in found):
        return None
    head = flat.text[: flat.selected[0].offset]
    return head + " ".join(f"({number} AS ?{name})" for name, number in found) + " WHERE { }"


def _number(numbers: Numbers, call: Aggregate) -> int | None:
    """What a call counts: all solutions, as every variable is always bound, or different values."""
    if call.of != "*" and call.of not in numbers:
        return None
    number = numbers[call.of if call.distinct else "*"]
    return None if number < 0 else number


def _numbers(flat: Flat, statistics: Statistics) -> Numbers | None:
    """What can be counted in a pattern; -1 for what is not known."""
    pattern, graphs = flat.patterns[0], statistics.graphs
    s, p, o = pattern.subject.variable, pattern.predicate.variable, pattern.object.variable
    if flat.graph:
        names = [flat.graph.variable] if flat.graph.variable else []
        if not (s and p and o) or flat.graph.variable in (s, p, o):
            return None
        total = sum(graphs.values()) if names else graphs.get(flat.graph.iri, 0)
        listed = dict.fromkeys(names, sum(number > 0 for number in graphs.values()))
        return {"*": total, s: -1, p: -1, o: -1, **listed}
    if s and p and o:
        there = {s: statistics.subjects, p: len(statistics.properties), o: statistics.objects}
        return {"*": statistics.triples, **there}
    if s and o:
        use = statistics.properties.get(pattern.predicate.iri)
        return {"*": use.triples, s: use.subjects, o: use.objects} if use else {"*": 0, s: 0, o: 0}
    if s and pattern.predicate.iri == RDF_TYPE and pattern.object.iri:
        number = statistics.classes.get(pattern.object.iri, 0)
        return {"*": number, s: number}
    return None


def _by_group(
    flat: Flat, statistics: Statistics, columns: Sequence[tuple[str, Aggregate | None]], by: str
) -> str | None:
    groups = _groups(flat, statistics, by)
    if groups is None or any(test.variables != {by} for test in flat.filters) or (flat.graph and flat.filters):
        return None
    if any(call is None and name != by for name, call in columns):
        return None
    names = [name for name, _ in columns]
    if len(set(names)) < len(names) or by not in names:
        return None
    if any(token.kind == "var" and token.text[1:] not in names for token in flat.behind):
        return None
    rows = []
    for iri, numbers in groups.items():
        found = [f"<{iri}>" if call is None else _number(numbers, call) for _, call in columns]
        if None in found:
            return None
        rows.append(f"({' '.join(map(str, found))})")
    head, shown = flat.text[: flat.selected[0].offset], " ".join(f"?{name}" for name in names)
    tests = " ".join(test.text for test in flat.filters)
    tail = flat.behind if flat.distinct else flat.behind[3:]
    rest = flat.text[tail[0].offset :] if tail else ""
    return f"{head}{shown} WHERE {{ VALUES ({shown}) {{ {' '.join(rows)} }} {tests} }} {rest}"


def _groups(flat: Flat, statistics: Statistics, by: str) -> Mapping[str, Numbers] | None:
    """The groups by IRI, each with what can be counted in it."""
    pattern = flat.patterns[0]
    s, p, o = pattern.subject.variable, pattern.predicate.variable, pattern.object.variable
    if flat.graph:
        if flat.graph.variable != by or not (s and p and o) or by in (s, p, o):
            return None
        there = {iri: number for iri, number in statistics.graphs.items() if number}
        return {iri: {"*": number, s: -1, p: -1, o: -1, by: 1} for iri, number in there.items()}
    if s and p == by and o:
        uses = statistics.properties
        return {iri: {"*": u.triples, s: u.subjects, o: u.objects, by: 1} for iri, u in uses.items()}
    return _by_class(pattern, statistics) if s and o == by else None


def _by_class(pattern: Pattern, statistics: Statistics) -> Mapping[str, Numbers] | None:
    use = statistics.properties.get(RDF_TYPE)
    if pattern.predicate.iri != RDF_TYPE or use is None or sum(statistics.classes.values()) != use.triples:
        return None  # a class without an IRI is counted nowhere
    s, by = pattern.subject.variable, pattern.object.variable
    return {iri: {"*": number, s: number, by: 1} for iri, number in statistics.classes.items()}
