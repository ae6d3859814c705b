"""The most that a flat query can cost the engine, whatever it asks of this snapshot; not what it is likely to.

The engine joins triple patterns one solution at a time, in an order that is known (`optimise.in_order`). After each
step there are at most as many solutions as before it times the most values that one thing has of that property; and at
most as many as the property has statements, times how often one thing stands among the solutions before. Publish counts
those numbers (`statistics.Use`), so the product is certain, and what is bounded by it may be run where nobody could
stop it. Filters only take away; words that make long texts of short ones, or look for patterns in them, are left out.
That the engine keeps to the order, and to the numbers, is held by `tests/differential/test_bounds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planvev.answering import optimise
from planvev.queries.flat import RDF_TYPE, Flat, Pattern
from planvev.queries.sparql import Query
from planvev.queries.statistics import Statistics, Use

STEPS = 1000  # look-ups and statements read: 2 to 6 ms of a processor's time
BYTES = 1 << 20  # that solutions show, compare or order by, of terms and of what the query itself says
GUESSED = 10**15  # the engine's guesses end near 10^19; beyond, its order would be another one
NEVER = Use(0, 0, 0)
# Words whose work grows with nothing but the length of the terms they are about, once.
CHEAP = frozenset(
    re.findall(
        r"\w+",
        """PREFIX BASE SELECT DISTINCT WHERE A AS FILTER BIND GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET IN NOT TRUE
        FALSE IF COALESCE BOUND COUNT SUM AVG MIN MAX STR LANG LANGMATCHES DATATYPE ABS CEIL FLOOR ROUND STRLEN CONTAINS
        STRSTARTS STRENDS YEAR MONTH DAY HOURS MINUTES SECONDS SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC""",
    )
)


@dataclass(frozen=True)
class Most:
    """At most so many look-ups and statements, and so many bytes that solutions show, compare or order by."""

    steps: int
    bytes: int

    @property
    def little(self) -> bool:
        """Whether it is over in a few milliseconds."""
        return self.steps <= STEPS and self.bytes <= BYTES


def cheap(query: Query) -> bool:
    """Whether a flat query holds no function but those whose work is bounded by the terms that they are given."""
    before = ""
    for token in query.tokens:
        if token.kind == "word" and before != "@" and token.text.upper() not in CHEAP:
            return False
        if token.text == "(" and ":" in before:  # a function that has an IRI
            return False
        before = token.text
    return True


def most(flat: Flat, statistics: Statistics) -> Most | None:
    """The most that a flat query can cost.

    Args:
        flat: a query of the snapshot's own dataset.
        statistics: of that snapshot.

    Returns:
        None where there is no bound: it asks a graph, a property is a variable, a pattern has one variable twice, the
        patterns do not belong together, or the numbers of a property are not known.
    """
    patterns = flat.patterns
    uses = [statistics.properties.get(pattern.predicate.iri, NEVER) for pattern in patterns]
    if flat.graph or not patterns or not all(map(_plain, patterns)) or not optimise.connected(patterns):
        return None
    if any(use.triples and not use.most_objects for use in uses):
        return None
    solutions, steps, most_rows, guessed = Solutions(1, {}), 0, 0, 1
    for place in optimise.in_order(patterns):
        guessed *= optimise.engine_guess(patterns[place], frozenset(solutions.often))
        steps += solutions.rows
        solutions = solutions.joined(patterns[place], uses[place], statistics)
        steps += solutions.rows
        most_rows = max(most_rows, solutions.rows)
    if guessed > GUESSED:
        return None
    said = [token.text for token in (*flat.selected, *flat.behind)]
    said += [one.text for one in (*flat.filters, *flat.binds)]
    return Most(steps, most_rows * (len("".join(said)) + sum(_longest(flat, uses).values())))


def _plain(pattern: Pattern) -> bool:
    named = pattern.variables
    return bool(pattern.predicate.iri) and not pattern.graph and len(set(named)) == len(named)


def _longest(flat: Flat, uses: Sequence[Use]) -> dict[str, int]:
    """The longest term that each variable can be whose value is asked for, in bytes."""
    asked = flat.shown.union(*(one.variables for one in (*flat.filters, *flat.binds)))
    longest: dict[str, int] = {}
    for pattern, use in zip(flat.patterns, uses, strict=True):
        for name in asked.intersection(pattern.variables):
            longest[name] = min(longest.get(name, use.longest), use.longest)
    return longest


@dataclass(frozen=True)
class Solutions:
    """At most so many solutions, and how often one value of each variable stands among them at most."""

    rows: int
    often: Mapping[str, int]

    def joined(self, pattern: Pattern, use: Use, statistics: Statistics) -> Solutions:
        """What is left when each is joined with what belongs to it."""
        subject, value = pattern.subject.variable, pattern.object.variable
        new = {name for name in (subject, value) if name and name not in self.often}
        if {subject, value} <= new:  # the first pattern, both of whose ends are open
            return Solutions(use.triples, {subject: use.most_objects, value: use.most_subjects})
        if not new:
            each, known = 1, ""
        elif value in new:
            each, known = use.most_objects, subject
        else:
            each, known = _subjects(pattern, use, statistics), value
        rows = self.rows * each
        if known:
            rows = min(rows, self.often[known] * use.triples)
        often = {name: min(number * each, rows) for name, number in self.often.items()}
        for name in new:
            others = use.most_subjects if name == value else use.most_objects
            often[name] = min(self.often[known] * others if known else self.rows, rows)
        return Solutions(rows, often)


def _subjects(pattern: Pattern, use: Use, statistics: Statistics) -> int:
    """The most subjects that the object of a pattern has."""
    if pattern.predicate.iri == RDF_TYPE and pattern.object.iri:
        return statistics.classes.get(pattern.object.iri, 0)
    return use.most_subjects
