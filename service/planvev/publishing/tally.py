"""Counting what a snapshot consists of, at publish: all of it, or what a change has altered; the numbers are the same.

All of it: one scan of the store for each property, so that no more than one property's terms are in memory at a time
(docs/decisions/0014-optimiser.md has the cost). A change: for each statement that came or went, whether its
subject or object still has the property, asked of the store before and after. Nothing here decides what numbers are
good for: see `statistics`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, Store

from planvev.formats.rdf import Quad, Term, Triple
from planvev.names import PREFIXES
from planvev.publishing.build import Change
from planvev.queries.statistics import Statistics, Use

RDF_TYPE = NamedNode(PREFIXES["rdf"] + "type")
UNTYPED = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString", PREFIXES["rdf"] + "dirLangString")
ZONED = re.compile(r"(Z|[+-]\d\d:\d\d)$")
ZONES = tuple(
    PREFIXES["xsd"] + name
    for name in ("dateTime", "dateTimeStamp", "date", "time", "gYear", "gYearMonth", "gMonth", "gDay", "gMonthDay")
)

# How a line of N-Triples ends whose object has its type written out: inside a text, a quotation mark has a backslash.
_TYPED = re.compile(rb'"\^\^<([^>\s]*)> \.$', re.MULTILINE)
_DEFAULT = DefaultGraph()


def kind(value: str, datatype: str) -> str:
    """The type of a literal as `statistics.Use` counts it."""
    return f"{datatype} Z" if datatype in ZONES and ZONED.search(value) else datatype


def typed(lines: bytes) -> set[tuple[str, str]]:
    """Each property with each type of its values, in statements written as N-Triples."""
    found: set[tuple[str, str]] = set()
    for match in _TYPED.finditer(lines):
        _, name, value = lines[lines.rfind(b"\n", 0, match.start()) + 1 : match.start()].split(b" ", 2)
        found.add((name[1:-1].decode(), kind(value.decode(), match[1].decode())))
    return found


def gathered(store: Store, graphs: Mapping[str, int], types: Iterable[tuple[str, str]]) -> Statistics:
    """The statistics of a whole store.

    Args:
        store: a finished store.
        graphs: how many statements each named graph has.
        types: what types the values of each property of the default graph have, as `typed` finds.
    """
    kinds: dict[str, set[str]] = {}
    for name, one in types:
        kinds.setdefault(name, set()).add(one)
    uses = {}
    for (name,) in _rows(store, "SELECT ?p WHERE { ?s ?p ?o } GROUP BY ?p"):
        asked = f"(COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?a) (COUNT(DISTINCT ?o) AS ?b) WHERE {{ ?s {name} ?o }}"
        ((triples, subjects, objects),) = _rows(store, f"SELECT {asked}")
        mine = tuple(sorted(kinds.get(name.value, ())))
        uses[name.value] = Use(int(triples.value), int(subjects.value), int(objects.value), mine)
    ((subjects, objects),) = _rows(
        store, "SELECT (COUNT(DISTINCT ?s) AS ?a) (COUNT(DISTINCT ?o) AS ?b) WHERE { ?s ?p ?o }"
    )
    rows = _rows(store, f"SELECT ?c (COUNT(*) AS ?n) WHERE {{ ?s {RDF_TYPE} ?c }} GROUP BY ?c")
    classes = {one.value: int(number.value) for one, number in rows if isinstance(one, NamedNode)}
    total = sum(use.triples for use in uses.values())
    return Statistics(total, int(subjects.value), int(objects.value), uses, classes, dict(graphs))


@dataclass(frozen=True)
class Moved:
    """The statements of the default graph that an older store has and a newer one has not, and the other way round."""

    before: Store
    after: Store
    gone: Set[Triple]
    come: Set[Triple]


def moved(before: Store, after: Store, changes: Sequence[Change]) -> Moved:
    """What has gone from the default graph and come into it by changes, as `build.extended` was given them."""
    touched = {t for change in changes if change.asserted for t in change.old ^ change.new}
    gone = {t for t in touched if _has(before, t.subject, t.predicate, t.object)}
    come = {t for t in touched if _has(after, t.subject, t.predicate, t.object)}
    return Moved(before, after, gone - come, come - gone)


def quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    """Statements of the default graph."""
    return (Quad(t.subject, t.predicate, t.object, _DEFAULT) for t in triples)


def updated(had: Statistics, change: Moved, graphs: Mapping[str, int]) -> Statistics:
    """The statistics of a store that differs from an older one.

    Args:
        had: the statistics of the older store.
        change: how it differs.
        graphs: how many statements each named graph has now.
    """
    before, after, gone, come = change.before, change.after, change.gone, change.come
    moved = gone | come

    def difference(places: Iterable[tuple[Term | None, NamedNode | None, Term | None]]) -> int:
        return sum(_has(after, *place) - _has(before, *place) for place in set(places))

    uses = dict(had.properties)
    for name in {t.predicate for t in moved}:
        mine = [t for t in moved if t.predicate == name]
        use = uses.get(name.value, Use(0, 0, 0))
        count = use.triples + sum(t in come for t in mine) - sum(t in gone for t in mine)
        subjects = use.subjects + difference((t.subject, name, None) for t in mine)
        objects = use.objects + difference((None, name, t.object) for t in mine)
        uses[name.value] = Use(count, subjects, objects, _types(use, mine, gone, after))
    classes = dict(had.classes)
    for sign, statements in ((1, come), (-1, gone)):
        for t in statements:
            if t.predicate == RDF_TYPE and isinstance(t.object, NamedNode):
                classes[t.object.value] = classes.get(t.object.value, 0) + sign
    return replace(
        had,
        triples=had.triples + len(come) - len(gone),
        subjects=had.subjects + difference((t.subject, None, None) for t in moved),
        objects=had.objects + difference((None, None, t.object) for t in moved),
        properties={name: use for name, use in uses.items() if use.triples},
        classes={one: number for one, number in classes.items() if number},
        graphs=dict(graphs),
    )


def _types(use: Use, moved: Sequence[Triple], gone: Set[Triple], after: Store) -> tuple[str, ...]:
    """The types of a property's values after a change; one that may have left is looked for among those that stayed."""
    doubtful = {one for t in moved if t in gone for one in _kinds(t.object)}
    kept = set(use.types) - doubtful | {one for t in moved if t not in gone for one in _kinds(t.object)}
    doubtful -= kept
    if doubtful:
        for quad in after.quads_for_pattern(None, moved[0].predicate, None, _DEFAULT):
            found = doubtful.intersection(_kinds(quad.object))
            kept, doubtful = kept | found, doubtful - found
            if not doubtful:
                break
    return tuple(sorted(kept))


def _kinds(value: Term) -> tuple[str, ...]:
    if not isinstance(value, Literal) or value.language or value.datatype.value in UNTYPED:
        return ()
    return (kind(value.value, value.datatype.value),)


def _has(store: Store, subject: Term | None, name: NamedNode | None, value: Term | None) -> bool:
    found = store.quads_for_pattern(subject, name, value, _DEFAULT)  # type: ignore[arg-type]  # a subject is no literal
    return next(found, None) is not None


def _rows(store: Store, query: str) -> list[tuple[Any, ...]]:
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)
    return [tuple(row) for row in rows]
