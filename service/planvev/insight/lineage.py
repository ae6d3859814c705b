"""A plan's place among plans: what it comes from, two steps up, and what comes from it, one step down.

A plan comes from another when it says so itself (derived from it, anchored in it, following it up, building on it,
part of it), or when one of its parts pursues or follows up a part of the other. What is asked of each step is capped,
so that the place of a plan that a whole country follows costs no more than that of a small one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planvev.insight.lookup import RDF_TYPE, Lookup
from planvev.insight.outline import Part, every
from planvev.insight.said import named
from planvev.insight.things import Node
from planvev.names import NS, PREFIXES

IS_PART_OF = PREFIXES["dct"] + "isPartOf"
COMES_FROM = tuple(NS + name for name in ("derivedFrom", "anchoredIn", "followsUp", "buildsOn"))
PURSUES = (NS + "pursues", NS + "followsUp")
AIMS = tuple(NS + name for name in ("Vision", "Ambition", "Goal", "SubGoal"))
PLAN = NS + "Plan"
SHOWN = 4  # things of one step
READ = 40  # … of which so many are looked at, and so many aims of a plan
PARTS_READ = 200  # of a plan's parts, among which plans that are part of it are looked for


@dataclass(frozen=True)
class Kin:
    """A plan or vision that another comes from, or that comes from it; `by` are the properties that say so."""

    node: Node
    by: tuple[str, ...]
    of: str


@dataclass(frozen=True)
class Lineage:
    """Steps up, nearest first, and the step down; `more_below` is how many more there are at least."""

    above: tuple[tuple[Kin, ...], ...]
    below: tuple[Kin, ...]
    more_below: int

    def __bool__(self) -> bool:
        return bool(self.above or self.below)


def lineage(lookup: Lookup, plan: str, parts: Sequence[Part]) -> Lineage:
    """The place of a plan.

    Args:
        lookup: look-ups for one reader.
        plan: the IRI of the plan.
        parts: its outline.
    """
    first = _above(lookup, plan, parts)[:SHOWN]
    seen = {plan, *(kin.node.iri for kin in first)}
    second: list[Kin] = []
    for kin in first:
        second += [up for up in _above(lookup, kin.node.iri, ()) if up.node.iri not in seen]
        seen |= {up.node.iri for up in second}
    down = _below(lookup, plan, parts, seen)
    steps = (tuple(first), tuple(second[:SHOWN]))
    return Lineage(tuple(step for step in steps if step), tuple(down[:SHOWN]), len(down[SHOWN:]))


def _above(lookup: Lookup, iri: str, parts: Iterable[Part]) -> list[Kin]:
    found: dict[str, list[str]] = {}
    own = ((part.node.iri, PURSUES) for part in every(tuple(parts)))
    for subject, predicates in ((iri, (*COMES_FROM, IS_PART_OF)), *own):
        said = lookup.said(subject)
        for predicate, other in ((by, other) for by in predicates for other in named(said, by)):
            home = _plan_of(lookup, other)
            if home and home != iri:
                found.setdefault(home, []).append(predicate)
    return _kin(lookup, found, iri)


def _below(lookup: Lookup, plan: str, parts: Sequence[Part], seen: set[str]) -> list[Kin]:
    aims = [part.node.iri for part in every(tuple(parts)) if part.kind in AIMS][:READ]
    lookup.snapshot.ready([plan, *aims], (*COMES_FROM, *PURSUES), ceiling=READ)
    found: dict[str, list[str]] = {}
    for target, predicates in ((plan, (*COMES_FROM, IS_PART_OF)), *((aim, PURSUES) for aim in aims)):
        for predicate in predicates:
            for subject in lookup.snapshot.pointing(target, predicate, PARTS_READ if predicate == IS_PART_OF else READ):
                home = _plan_of(lookup, subject) if predicate != IS_PART_OF else _itself(lookup, subject)
                if home and home not in seen:
                    found.setdefault(home, []).append(predicate)
    return _kin(lookup, found, plan)


def _kin(lookup: Lookup, found: dict[str, list[str]], of: str) -> list[Kin]:
    lookup.snapshot.ready(found)
    every_one = (Kin(lookup.node(iri), tuple(dict.fromkeys(by)), of) for iri, by in found.items())
    return sorted(every_one, key=lambda kin: (kin.node.label.value.casefold(), kin.node.iri))


def _plan_of(lookup: Lookup, iri: str) -> str | None:
    """The plan that a thing is or is part of, or the vision that it is; None for what has no place among plans."""
    said = lookup.said(iri)
    kinds = named(said, RDF_TYPE)
    if PLAN in kinds:
        return iri
    if within := named(said, IS_PART_OF):
        return _itself(lookup, within[0])
    return iri if NS + "Vision" in kinds else None


def _itself(lookup: Lookup, iri: str) -> str | None:
    """A thing that is a plan."""
    return iri if PLAN in lookup.node(iri).types else None
