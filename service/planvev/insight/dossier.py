"""What a plan's page has beside its words: who adopted it, its place among plans, what it rests on, and for whom it is.

All of it is gathered from what is read for the outline anyway; what points at the plan is capped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from planvev import periods
from planvev.insight.figures import Axis, Bar, axis
from planvev.insight.lineage import Lineage, lineage
from planvev.insight.lookup import Lookup
from planvev.insight.outline import BY, FOR, Part, every, outline
from planvev.insight.said import Said, by_property, literals, named, unnamed
from planvev.insight.things import Node, Quote, Text
from planvev.names import NS, PREFIXES
from planvev.periods import SOON, Period

_DCT, _PROV, _RDFS = PREFIXES["dct"], PREFIXES["prov"], PREFIXES["rdfs"]
ABOUT = NS + "about"
BASIS = {
    "law": (NS + "legalBasis", NS + "integrates"),
    "mentioned": (NS + "mentionsLaw",),
    "guidance": (NS + "guidedBy", NS + "buildsOn"),
    "knowledge": (NS + "informedBy",),
}
READ = 200  # things that speak about a plan


@dataclass(frozen=True)
class Decision:
    """What was decided about a plan, when, and by whom."""

    node: Node
    kind: Node | None
    day: date | None
    by: tuple[Node, ...]


@dataclass(frozen=True)
class Reading:
    """One of several readings of the sources, with the quotations that say so."""

    value: Text
    quotes: tuple[Node, ...]


@dataclass(frozen=True)
class Conflict:
    """Where the sources of a thing do not agree, and how it is read here."""

    node: Node
    readings: tuple[Reading, ...]
    read_as: Text | None
    comment: Text | None


@dataclass(frozen=True)
class Resting:
    """A thing that a plan rests on or is for, and how many of its parts say so."""

    node: Node
    parts: int


@dataclass(frozen=True)
class Ending:
    """What a period means today: in how many days it ends, or since how many it is over; both may be unknown."""

    day: date | None
    left: int

    @property
    def soon(self) -> bool:
        return 0 <= self.left <= SOON


@dataclass(frozen=True)
class Dossier:
    """All that a plan's page needs beside `things.Thing`."""

    parts: tuple[Part, ...]
    owners: tuple[Node, ...]
    doers: tuple[Node, ...]
    kinds: tuple[Node, ...]
    decisions: tuple[Decision, ...]
    adopted: tuple[Node, ...]
    accepted: date | None
    lineage: Lineage
    basis: dict[str, tuple[Resting, ...]]
    groups: tuple[Resting, ...]
    conflicts: tuple[Conflict, ...]
    sources: tuple[tuple[Node, tuple[Quote, ...]], ...]
    ending: Ending | None
    axis: Axis | None
    bar: Bar | None


def dossier(lookup: Lookup, plan: str, quotes: Sequence[Quote], today: date) -> Dossier:
    """What there is to say about a plan on a day.

    Args:
        lookup: look-ups for one reader.
        plan: the IRI of the plan.
        quotes: the quotations it is taken from.
        today: the day that its period is compared with.
    """
    parts = outline(lookup, plan)
    members = [plan, *(part.node.iri for part in every(parts))]
    said = lookup.said(plan)
    speaking = lookup.snapshot.pointing(plan, ABOUT, READ)
    lookup.snapshot.ready(speaking)
    period = lookup.period(plan)
    days = (period.start, period.end) if period else (None, None)
    line = axis([days], today) if any(days) else None
    return Dossier(
        parts=parts,
        owners=lookup.owners(plan),
        doers=lookup.leading(plan, *BY[:1]),
        kinds=lookup.leading(plan, _DCT + "type"),
        decisions=_decisions(lookup, speaking),
        adopted=lookup.leading(plan, NS + "adoptedBy"),
        accepted=_day(said, _DCT + "dateAccepted"),
        lineage=lineage(lookup, plan, parts),
        basis={name: _resting(lookup, members, predicates) for name, predicates in BASIS.items()},
        groups=_resting(lookup, members, FOR),
        conflicts=conflicts(lookup, speaking),
        sources=_by_source(quotes),
        ending=_ending(period, today),
        axis=line,
        bar=line.bar(*days) if line else None,
    )


def conflicts(lookup: Lookup, speaking: Iterable[str]) -> tuple[Conflict, ...]:
    """Of things that speak about one, the conflicts in its sources."""
    found = []
    for iri in speaking:
        node = lookup.node(iri)
        if NS + "SourceConflict" not in node.types:
            continue
        said = lookup.said(iri)
        readings = [by_property(lookup.snapshot.below(reading)) for reading in unnamed(said, NS + "reading")]
        found.append(
            Conflict(
                node,
                tuple(r for r in (_reading(lookup, one) for one in readings) if r),
                lookup.text(literals(said, NS + "readHereAs")),
                lookup.text(literals(said, _RDFS + "comment")),
            )
        )
    return tuple(sorted(found, key=lambda conflict: conflict.node.order))


def _reading(lookup: Lookup, said: Said) -> Reading | None:
    value = lookup.text(literals(said, NS + "value"))
    quotes = tuple(lookup.node(iri) for iri in named(said, NS + "quotedFrom"))
    return Reading(value, quotes) if value else None


def _decisions(lookup: Lookup, speaking: Iterable[str]) -> tuple[Decision, ...]:
    found = []
    for iri in speaking:
        node = lookup.node(iri)
        if NS + "Decision" in node.types:
            kinds = lookup.leading(iri, _DCT + "type")
            by = lookup.leading(iri, _PROV + "wasAssociatedWith")
            found.append(Decision(node, kinds[0] if kinds else None, _day(lookup.said(iri), _DCT + "date"), by))
    return tuple(sorted(found, key=lambda decision: (decision.day or date.max, decision.node.iri)))


def _resting(lookup: Lookup, members: Iterable[str], predicates: Sequence[str]) -> tuple[Resting, ...]:
    """What some things lead to by some properties, in order of how many do; not what is part of the plan itself."""
    found: dict[str, set[str]] = {}
    for iri in members:
        for other in named(lookup.said(iri), *predicates):
            found.setdefault(other, set()).add(iri)
    lookup.snapshot.ready(found)
    resting = (Resting(lookup.node(iri), len(who)) for iri, who in found.items())
    return tuple(sorted(resting, key=lambda one: (-one.parts, one.node.label.value.casefold())))


def _by_source(quotes: Iterable[Quote]) -> tuple[tuple[Node, tuple[Quote, ...]], ...]:
    found: dict[Node, list[Quote]] = {}
    for quote in quotes:
        if quote.source:
            found.setdefault(quote.source, []).append(quote)
    return tuple((source, tuple(own)) for source, own in sorted(found.items(), key=lambda pair: -len(pair[1])))


def _ending(period: Period | None, today: date) -> Ending | None:
    return Ending(period.end, (period.end - today).days) if period and period.end else None


def _day(said: Said, predicate: str) -> date | None:
    return next((day for text in literals(said, predicate) if (day := periods.day(text.value, last=False))), None)
