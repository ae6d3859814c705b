"""Two organisations or plans beside each other: what both lead to, what only one does, which of their elements meet.

Elements meet where they say the same: the same provision as legal basis, the same target group, theme, guidance or
development goal. Words that are alike are not compared. An element that rests on a paragraph rests on its section too;
of several reasons that bring the very same elements together, the most exact is given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from planvev.engines.engine import Edition
from planvev.engines.shortcuts import Shortcut
from planvev.formats.rdf import NamedNode
from planvev.insight.matrix import ABOVE, KINDS, MOST, PART_OF, TYPE
from planvev.names import NS, PREFIXES
from planvev.queries.derivation import COUNTS

REASONS = tuple(kind for kind in KINDS if kind != "law")  # that two rest on one act says too little
PROVISION = PREFIXES["eli"] + "LegalResourceSubdivision"
COMPARED = tuple(name for name in COUNTS if name != NS + "Plan")  # classes of elements


@dataclass(frozen=True)
class Both:
    """What the plans of two sides lead to (IRIs): both, only the first, only the second."""

    both: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True)
class Element:
    """A goal, focus area, strategy or measure: its class, its plan, and for each kind of reason what it leads to."""

    iri: str
    kind: str
    plan: str
    leads: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Meeting:
    """A reason, a key of `KINDS` and an IRI, and the elements of each side that it brings together."""

    kind: str
    to: str
    first: tuple[Element, ...]
    second: tuple[Element, ...]


def both(links: Iterable[Shortcut], first: Collection[str], second: Collection[str]) -> Both:
    """What two sets of plans lead to, by the links of one kind."""
    one, other = set(), set()
    for link in links:
        if link.plan in first:
            one.add(link.to)
        if link.plan in second:
            other.add(link.to)
    return Both(tuple(sorted(one & other)), tuple(sorted(one - other)), tuple(sorted(other - one)))


def elements(edition: Edition, plans: Sequence[str]) -> list[Element]:
    """The elements of some plans that can be compared, plan by plan, by IRI."""
    edition.ready(plans, pointing=(PART_OF,), ceiling=MOST)
    parts = [(iri, plan) for plan in plans for iri in sorted(edition.pointing(plan, PART_OF, MOST))]
    edition.ready(iri for iri, _ in parts)
    found, law = [], Law(edition)
    for iri, plan in parts:
        said: dict[str, set[str]] = {}
        for triple in edition.about(iri):
            if isinstance(triple.object, NamedNode):
                said.setdefault(triple.predicate.value, set()).add(triple.object.value)
        kind = next((name for name in COMPARED if name in said.get(TYPE, ())), "")
        if kind:
            found.append(Element(iri, kind, plan, {reason: _leads(said, reason, law) for reason in REASONS}))
    return found


def meetings(first: Sequence[Element], second: Sequence[Element], law: Law) -> list[Meeting]:
    """What brings elements of two sides together, by kind of reason; of equal ones the most exact."""
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Meeting] = {}
    for kind in REASONS:
        here, there = _by_reason(first, kind), _by_reason(second, kind)
        for to in sorted(here.keys() & there.keys(), key=lambda to: (-len(law.above(to)), to)):
            key = (kind, tuple(each.iri for each in here[to]), tuple(each.iri for each in there[to]))
            found.setdefault(key, Meeting(kind, to, tuple(here[to]), tuple(there[to])))
    return list(found.values())


class Law:
    """What provisions are part of, looked up once for each."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._above: dict[str, tuple[str, ...]] = {}
        self._provision: dict[str, bool] = {}

    def above(self, iri: str) -> tuple[str, ...]:
        """Everything that a provision is part of; of what is no provision nothing."""
        if iri not in self._above:
            self._above[iri] = ()  # whatever is part of itself ends here
            near = [v.value for v in self.edition.values(iri, ABOVE) if isinstance(v, NamedNode)]
            self._above[iri] = tuple(dict.fromkeys(top for part in near for top in (part, *self.above(part))))
        return self._above[iri]

    def is_provision(self, iri: str) -> bool:
        if iri not in self._provision:
            classes = self.edition.values(iri, TYPE)
            self._provision[iri] = any(getattr(name, "value", "") == PROVISION for name in classes)
        return self._provision[iri]


def _leads(said: Mapping[str, Collection[str]], reason: str, law: Law) -> frozenset[str]:
    stated = {to for name in KINDS[reason] for to in said.get(name, ())}
    if reason != "provision":
        return frozenset(stated)
    return frozenset(part for to in stated for part in (to, *law.above(to)) if law.is_provision(part))


def _by_reason(elements: Iterable[Element], kind: str) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for element in elements:
        for to in element.leads[kind]:
            found.setdefault(to, []).append(element)
    return found
