"""What is said of a thing, by property.

A page asks a thing for a dozen properties; sorting its statements once costs less than looking through them each time,
because every look at a part of a statement makes a new object (decision 0021).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple

Said = Mapping[str, Sequence[Term]]  # property → its values, each once, in the order of the statements


def by_property(triples: Iterable[Triple]) -> Said:
    """Statements about one thing, sorted."""
    said: dict[str, dict[Term, None]] = {}
    for triple in triples:
        said.setdefault(triple.predicate.value, {})[triple.object] = None
    return {predicate: tuple(values) for predicate, values in said.items()}


def literals(said: Said, predicate: str) -> list[Literal]:
    """The literals that a thing has by a property."""
    return [value for value in said.get(predicate, ()) if isinstance(value, Literal)]


def named(said: Said, *predicates: str) -> list[str]:
    """The IRIs of the things that one leads to by some properties, each once."""
    found = (value.value for predicate in predicates for value in said.get(predicate, ()) if type(value) is NamedNode)
    return list(dict.fromkeys(found))


def unnamed(said: Said, predicate: str) -> list[BlankNode]:
    """The blank nodes that a thing leads to by a property."""
    return [value for value in said.get(predicate, ()) if isinstance(value, BlankNode)]
