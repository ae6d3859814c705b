"""A flat query as data: SELECT over triple patterns and filters, BINDs behind them, nothing else; see `flat_text`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from planvev.names import PREFIXES
from planvev.queries.sparql import Token

RDF_TYPE = PREFIXES["rdf"] + "type"
AGGREGATES = ("COUNT", "SUM", "AVG", "MIN", "MAX")


class NotFlat(Exception):
    """The query holds what is not read here; the text says what."""


@dataclass(frozen=True)
class Node:
    """A place in a triple pattern: a variable by its name, or a term as it is written; of an IRI what it means."""

    text: str
    variable: str = ""
    iri: str = ""


@dataclass(frozen=True)
class Pattern:
    """One triple pattern; `graph` is the IRI of the one it is asked of, where that is not the dataset of the query."""

    subject: Node
    predicate: Node
    object: Node
    graph: str = ""

    @property
    def text(self) -> str:
        return f"{self.subject.text} {self.predicate.text} {self.object.text}"

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """Its variables, in order, as often as they stand there."""
        return tuple(n.variable for n in (self.subject, self.predicate, self.object) if n.variable)


@dataclass(frozen=True)
class Filter:
    """A FILTER or BIND as it is written, and the variables it speaks of."""

    text: str
    variables: frozenset[str]


@dataclass(frozen=True)
class Aggregate:
    """A call of COUNT, SUM, AVG, MIN or MAX: of a variable, `*`, or "" for an expression."""

    name: str
    distinct: bool
    of: str


@dataclass(frozen=True)
class Flat:
    """A flat query. `head` and `tail` are the text before and after what stands between the braces of WHERE.

    `shown` are the variables outside the braces; `aggregates` all calls outside them, HAVING and ORDER BY included;
    `binds` are behind all patterns; `cut` is whether it has LIMIT or OFFSET. `selected` and `behind` are the tokens
    before and after the braces. `graph` is set where all its patterns stand inside one GRAPH; where some do and others
    do not, those say theirs. `things` are the places of those tokens that are the subject or object of a pattern, and
    neither a variable nor a class.
    """

    text: str
    head: str
    tail: str
    patterns: tuple[Pattern, ...]
    filters: tuple[Filter, ...]
    binds: tuple[Filter, ...]
    shown: frozenset[str]
    aggregates: tuple[Aggregate, ...]
    distinct: bool
    grouped: bool
    ordered: bool
    cut: bool
    selected: tuple[Token, ...]
    behind: tuple[Token, ...]
    graph: Node | None
    things: frozenset[int]

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables that its patterns bind."""
        return frozenset(name for pattern in self.patterns for name in pattern.variables)
