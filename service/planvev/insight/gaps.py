"""Gaps: kinds of plans that rest on a provision, who has one, and plans that have expired with nothing after them.

What is known is what the data says. A kind of plan (`code/plan-type`) may rest on a provision; that the law *demands*
such a plan is known only where a duty that some source restates rests on that provision or a part of it. For whom a
kind of plan is meant is not said, so an organisation is held only to what others of its own kind have. And an
organisation of which no plan is published here may well have one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from planvev.engines.engine import Edition
from planvev.formats.rdf import NamedNode
from planvev.insight.matrix import ABOVE
from planvev.names import COMMON, NS, PREFIXES

_DCT = PREFIXES["dct"]
TYPES = f"{COMMON}/id/code/plan-type"
IN_SCHEME, TYPE = PREFIXES["skos"] + "inScheme", _DCT + "type"
LEGAL_BASIS, DUTY = NS + "legalBasis", NS + "Duty"
REPLACES, REPLACED_BY = _DCT + "replaces", _DCT + "isReplacedBy"
MOST = 10_000  # plans of one kind


@dataclass(frozen=True)
class PlanType:
    """A kind of plan that rests on law: the provisions, and the duties that sources restate from them (IRIs)."""

    iri: str
    provisions: tuple[str, ...]
    duties: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Of kinds of plans those that rest on law, the kinds of each plan, and the plans that something replaces."""

    types: tuple[PlanType, ...]
    kinds: Mapping[str, frozenset[str]]
    replaced: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """A plan as gaps are judged by it: whose it is, and its status on the day."""

    plan: str
    owners: tuple[str, ...]
    status: str


# For an organisation and a kind of plan, its plans by their status.
Held = dict[tuple[str, str], dict[str, list[str]]]


def read(edition: Edition, plans: Collection[str]) -> Facts:
    """What holds on any day, for some plans."""
    every = edition.pointing(TYPES, IN_SCHEME, 1000)
    edition.ready(every, pointing=(TYPE,), ceiling=MOST)
    kinds: dict[str, set[str]] = {}
    types = []
    for kind in every:
        for plan in edition.pointing(kind, TYPE, MOST):
            kinds.setdefault(plan, set()).add(kind)
        if provisions := _iris(edition, kind, LEGAL_BASIS):
            types.append(PlanType(kind, provisions, _duties(edition, provisions)))
    edition.ready(plans, pointing=(REPLACES,), ceiling=10)
    replaced = {plan for plan in plans if edition.pointing(plan, REPLACES, 1) or _iris(edition, plan, REPLACED_BY)}
    known = {plan: frozenset(of) for plan, of in kinds.items() if plan in plans}
    return Facts(tuple(sorted(types, key=lambda each: each.iri)), known, frozenset(replaced))


def held(facts: Facts, plans: Iterable[Standing]) -> Held:
    """Which organisations have plans of which kinds, and how these stand."""
    found: Held = {}
    for each in plans:
        for kind in facts.kinds.get(each.plan, ()):
            for owner in each.owners:
                found.setdefault((owner, kind), {}).setdefault(each.status, []).append(each.plan)
    return found


def unfollowed(facts: Facts, plans: Iterable[Standing], found: Held) -> list[Standing]:
    """Plans that have expired, that nothing replaces, and whose owners have none of the kind in force or coming."""

    def followed(each: Standing) -> bool:
        ways = (found[owner, kind] for owner in each.owners for kind in facts.kinds.get(each.plan, ()))
        return each.plan in facts.replaced or any("in-force" in way or "coming" in way for way in ways)

    return [each for each in plans if each.status == "expired" and not followed(each)]


def _duties(edition: Edition, provisions: Iterable[str]) -> tuple[str, ...]:
    """The duties that rest on some provisions or on parts of them."""
    found: set[str] = set()
    waiting, seen = list(provisions), set(provisions)
    while waiting:
        top = waiting.pop()
        resting = edition.pointing(top, LEGAL_BASIS, 1000)
        edition.ready(resting)
        found.update(iri for iri in resting if DUTY in _iris(edition, iri, PREFIXES["rdf"] + "type"))
        parts = [part for part in edition.pointing(top, ABOVE, 1000) if part not in seen]
        seen.update(parts)
        waiting += parts
    return tuple(sorted(found))


def _iris(edition: Edition, iri: str, predicate: str) -> tuple[str, ...]:
    return tuple(sorted(value.value for value in edition.values(iri, predicate) if isinstance(value, NamedNode)))
