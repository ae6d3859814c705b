"""What the lists of the site hold, remembered for the edition being served: a page reads what it shows and no more.

A list of up to `SORTED` things stands by their names; that is found out once. A longer one stands as the store has it,
up to `FARTHEST` things: sorting a nation's measures would cost seconds and help nobody, and search narrows them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import TypeVar

from planvev import periods
from planvev.engines.engine import Edition
from planvev.engines.snapshot import Snapshot
from planvev.insight.figures import Axis, Bar
from planvev.insight.health import by_key
from planvev.insight.lookup import Lookup
from planvev.insight.rules import Rule, rules
from planvev.insight.things import Node
from planvev.names import NS, PREFIXES
from planvev.periods import Period, Status
from planvev.web.desk import Desk

_ELI, _SCHEMA, _ORG = (PREFIXES[prefix] for prefix in ("eli", "schema", "org"))

# The lists that the site offers: the name in the address, and the classes whose members it holds.
LISTS = {
    "plans": (NS + "Plan",),
    "aims": (NS + "Vision", NS + "Ambition", NS + "Goal", NS + "Strategy", NS + "Measure"),
    "goals": (NS + "Vision", NS + "Ambition", NS + "Goal"),
    "focus-areas": (NS + "FocusArea",),
    "strategies": (NS + "Strategy",),
    "measures": (NS + "Measure",),
    "target-groups": (NS + "TargetGroup",),
    "law": (_ELI + "LegalResource", _ELI + "LegalResourceSubdivision", NS + "Treaty"),
    "acts": (_ELI + "LegalResource", NS + "Treaty"),
    "guidance": (NS + "Guidance",),
    "programmes": (NS + "Programme", _SCHEMA + "Project", _SCHEMA + "Grant"),
    "concepts": (PREFIXES["skos"] + "Concept",),
    "organisations": (PREFIXES["cv"] + "PublicOrganisation", _ORG + "Organization", _ORG + "OrganizationalUnit"),
    "conflicts": (NS + "SourceConflict",),
    "claims": (NS + "Claim",),
    "documents": (NS + "SourceDocument", PREFIXES["dct"] + "BibliographicResource"),
}
SORTED = 2000
FARTHEST = 10_000
RANKED = 200  # things of a list, up to which those that most refer to are found out
REFERENCES = 200  # … counting no further than this

Made = TypeVar("Made")


@dataclass(frozen=True)
class Planned:
    """A plan as lists choose it: itself, its owners, and its period where one is stated."""

    iri: str
    owners: tuple[str, ...]
    period: Period | None

    @property
    def days(self) -> tuple[date | None, date | None]:
        return (self.period.start, self.period.end) if self.period else (None, None)

    def status(self, today: date) -> Status:
        return self.period.status(today) if self.period else "unknown"


@dataclass(frozen=True)
class PlanLine:
    """A plan as a list shows it: itself, whose it is, its years, and its bar where the list is a time line."""

    plan: Node
    owners: tuple[Node, ...]
    period: str
    status: Status
    bar: Bar | None = None


@dataclass(frozen=True)
class Roll:
    """The members of a list, and how many there are in all; `named` when they stand by their names."""

    iris: tuple[str, ...]
    count: int
    named: bool


class Rolls:
    """One for each application. Safe to share between threads."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._lock = threading.Lock()
        self._held: tuple[str, dict[tuple[str, ...], object]] = ("", {})

    def figures(self, snapshot: Edition) -> dict[str, int]:
        """How many things each list has."""

        def made() -> dict[str, int]:
            return snapshot.counts({name: self._families(snapshot, classes) for name, classes in LISTS.items()})

        return self.kept(snapshot, ("figures",), made)

    def plans(self, snapshot: Edition) -> tuple[Planned, ...]:
        """Every plan, by IRI: those of one owner stand together."""

        def made() -> tuple[Planned, ...]:
            rows = snapshot.dated(self._families(snapshot, LISTS["plans"]))
            return tuple(Planned(row.iri, row.owners, _period(row.start, row.end)) for row in rows)

        return self.kept(snapshot, ("plans",), made)

    def by_iri(self, snapshot: Edition) -> dict[str, Planned]:
        """The same, each by its IRI."""
        return self.kept(snapshot, ("plans", "by IRI"), lambda: {plan.iri: plan for plan in self.plans(snapshot)})

    def rules(self, snapshot: Edition) -> dict[str, Rule]:
        """The rules that data is checked against, by the part of their IRI that people quote."""
        return self.kept(snapshot, ("rules",), lambda: by_key(rules(snapshot)))

    def roll(self, snapshot: Edition, name: str, languages: Sequence[str]) -> Roll:
        """The members of a list, in the order in which they are shown to readers of some languages."""
        count = self.figures(snapshot)[name]
        classes = self._families(snapshot, LISTS[name])

        def made() -> Roll:
            if count <= SORTED:
                iris = tuple(node.iri for node in Lookup(snapshot, languages).nodes(classes))
                return Roll(iris, len(iris), True)
            if name == "plans":
                return Roll(tuple(plan.iri for plan in self.plans(snapshot)), count, False)
            every = dict.fromkeys(islice(chain.from_iterable(map(snapshot.members, classes)), FARTHEST))
            return Roll(tuple(every), count, False)

        return self.kept(snapshot, (name, *languages), made)

    def leading(self, snapshot: Edition, name: str, languages: Sequence[str], most: int) -> tuple[str, ...]:
        """Of a short list the things that are most referred to, in the order of the list; of a long one nothing."""

        def made() -> tuple[str, ...]:
            if self.figures(snapshot)[name] > RANKED:
                return ()
            iris = self.roll(snapshot, name, languages).iris
            if not isinstance(snapshot, Snapshot):  # counting each would be a round trip to the engine
                return iris[:most]
            weight = {iri: snapshot.incoming(iri, 0, REFERENCES).counted for iri in iris}
            chosen = set(sorted(iris, key=lambda iri: -weight[iri])[:most])
            return tuple(iri for iri in iris if iri in chosen)

        return self.kept(snapshot, ("leading", name, *languages), made)

    def _families(self, snapshot: Edition, classes: Iterable[str]) -> list[str]:
        """The classes and every class below them."""
        vocabulary = self.desk.vocabulary(snapshot)
        return list(dict.fromkeys(below for top in classes for below in vocabulary.family(top)))

    def kept(self, snapshot: Edition, key: tuple[str, ...], make: Callable[[], Made]) -> Made:
        """What was made for this edition before, or else made now. Two may make it at the same time; both are right."""
        edition, kept = self._held
        if edition != snapshot.id:
            with self._lock:
                edition, kept = self._held = (snapshot.id, {})
        if key not in kept:
            kept[key] = make()
        return kept[key]  # type: ignore[return-value]


def lines(lookup: Lookup, plans: Sequence[Planned], today: date, axis: Axis | None = None) -> list[PlanLine]:
    """Plans as they are shown; with an axis, as bars on it."""
    lookup.snapshot.ready(iri for plan in plans for iri in (plan.iri, *plan.owners))
    return [
        PlanLine(
            lookup.node(plan.iri),
            tuple(sorted((lookup.node(owner) for owner in plan.owners), key=lambda node: node.label.value.casefold())),
            plan.period.years() if plan.period else "",
            plan.status(today),
            axis.bar(*plan.days) if axis else None,
        )
        for plan in plans
    ]


def _period(start: str, end: str) -> Period | None:
    first, last = periods.day(start, last=False), periods.day(end, last=True)
    return Period(first, last, "") if first or last else None


def whole(text: str | None) -> int:
    """A whole number from an address, such as the first entry of a page of a list; 0 for what is none."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0
