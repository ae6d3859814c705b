"""Who rests on a law or a provision, builds on guidance, or is there for a group: by organisation, from derived links.

Links give organisations and plans with their counts without reading a single plan; only what one page shows is read.
What says so, duties, claims and mere mentions are found by what points at the thing or at what stands below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from planvev.engines.leads import Lead
from planvev.insight.bodies import MUNICIPALITY
from planvev.insight.lookup import Lookup
from planvev.insight.matrix import ABOVE, CLIMBING, KINDS
from planvev.insight.things import Node
from planvev.names import NS, PREFIXES, Base
from planvev.periods import Period, Status
from planvev.queries.derivation import graph

_DCT, _ELI = PREFIXES["dct"], PREFIXES["eli"]
RULES = {
    _ELI + "LegalResource": "law",
    _ELI + "LegalResourceSubdivision": "provision",
    NS + "Guidance": "guidance",
    NS + "TargetGroup": "target-group",
    PREFIXES["skos"] + "Concept": "target-group",
}
LINKS = 1000  # links of one thing that are read
PAGE = 50  # organisations on a page
PLANS = 10  # plans of one of them
SAID = 100  # things that say so themselves
BELOW = 60  # provisions below one


class Facts(Protocol):
    """What lists know of a plan without reading it: whose it is, and when it runs."""

    @property
    def owners(self) -> tuple[str, ...]: ...

    @property
    def period(self) -> Period | None: ...


@dataclass(frozen=True)
class Row:
    """A plan, its years and status on the day, and how many of its elements lead there, by kind."""

    plan: Node
    years: str
    status: Status
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Body:
    """An organisation, how many elements of its plans lead there, the plans, and how many more of them there are."""

    node: Node
    counts: Mapping[str, int]
    plans: tuple[Row, ...]
    more: int


@dataclass(frozen=True)
class Saying:
    """A thing that says so itself, what it stands in, and to which provision it leads where that is another."""

    node: Node
    within: Node | None
    to: Node | None


@dataclass(frozen=True)
class Reliance:
    """Organisations from `first` on, of `count` in all; `without`: some of the `lacking` municipalities that have plans
    here and none that leads there. `sayings`, `claims` and `mentions` are capped at `SAID` each."""

    bodies: tuple[Body, ...]
    first: int
    count: int
    without: tuple[Node, ...]
    lacking: int
    sayings: tuple[Saying, ...]
    claims: tuple[Saying, ...]
    mentions: tuple[Saying, ...]
    below: tuple[Node, ...]


def rule_of(types: Iterable[str]) -> str | None:
    """The rule whose links lead to things of some classes; None where there is none."""
    return next((RULES[kind] for kind in types if kind in RULES), None)


def reliance(lookup: Lookup, iri: str, rule: str, plans: Mapping[str, Facts], today: date, first: int = 0) -> Reliance:
    """Who leads to a thing.

    Args:
        lookup: look-ups for one reader.
        iri: the law, provision, guidance or group.
        rule: the name of the rule whose links lead there.
        plans: every plan, by IRI.
        today: the day that status is of.
        first: the number of the first organisation to show.
    """
    bodies = links(lookup, "organisation", rule, iri)
    by_owner: dict[str, list[Lead]] = {}
    for link in links(lookup, "plan", rule, iri):
        for owner in plans[link.other].owners if link.other in plans else ():
            by_owner.setdefault(owner, []).append(link)
    shown = bodies[first : first + PAGE]
    lookup.snapshot.ready(one.other for body in shown for one in (body, *by_owner.get(body.other, [])[:PLANS]))
    lacking = _lacking(lookup, plans, {body.other for body in bodies}) if rule in CLIMBING else []
    lookup.snapshot.ready(lacking[:PAGE])
    targets = [iri, *(_below(lookup, iri) if rule in CLIMBING else ())]
    return Reliance(
        tuple(_body(lookup, body, by_owner.get(body.other, []), plans, today) for body in shown),
        first,
        len(bodies),
        tuple(lookup.node(other) for other in lacking[:PAGE]),
        len(lacking),
        _sayings(lookup, targets, KINDS[rule]),
        _sayings(lookup, targets, (NS + "requirement",)),
        _sayings(lookup, targets, (NS + "mentionsLaw",)),
        tuple(sorted((lookup.node(target) for target in targets[1:]), key=lambda node: node.iri)),
    )


def links(lookup: Lookup, level: str, rule: str, iri: str, towards: bool = True) -> list[Lead]:
    """The derived links to or from a thing, by the IRI of their other end; at most `LINKS`."""
    base = Base(lookup.snapshot.manifest.base)
    return lookup.snapshot.leads(graph(base, level, rule), iri, towards, LINKS)


def _body(lookup: Lookup, body: Lead, own: Sequence[Lead], plans: Mapping[str, Facts], today: date) -> Body:
    rows = tuple(_row(lookup, link, plans[link.other].period, today) for link in own[:PLANS])
    return Body(lookup.node(body.other), body.counts, rows, len(own[PLANS:]))


def _row(lookup: Lookup, link: Lead, period: Period | None, today: date) -> Row:
    years, status = (period.years(), period.status(today)) if period else ("", "unknown")
    return Row(lookup.node(link.other), years, status, link.counts)


def _lacking(lookup: Lookup, plans: Mapping[str, Facts], having: set[str]) -> list[str]:
    """The municipalities that have plans here, without some."""
    municipalities = set(lookup.snapshot.pointing(MUNICIPALITY, _DCT + "type", LINKS))
    return sorted({owner for plan in plans.values() for owner in plan.owners} & municipalities - having)


def _below(lookup: Lookup, iri: str) -> list[str]:
    """The provisions of an act or a section, as far down as they go."""
    found: list[str] = []
    waiting = [iri]
    while waiting and len(found) < BELOW:
        below = lookup.snapshot.pointing(waiting.pop(0), ABOVE, BELOW)
        new = [other for other in below if other not in found]
        found += new
        waiting += new
    lookup.snapshot.ready(found)
    return found[:BELOW]


def _sayings(lookup: Lookup, targets: Sequence[str], predicates: Sequence[str]) -> tuple[Saying, ...]:
    """What points at a thing, or at what stands below it, by some properties."""
    lookup.snapshot.ready(targets, predicates, ceiling=SAID)
    pairs = {
        subject: target
        for target in reversed(targets)
        for predicate in predicates
        for subject in lookup.snapshot.pointing(target, predicate, SAID)
    }
    shown = dict(list(pairs.items())[:SAID])
    lookup.snapshot.ready(shown)
    found = [
        Saying(lookup.node(subject), _within(lookup, subject), lookup.node(target) if target != targets[0] else None)
        for subject, target in shown.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.node.types[:1], one.node.label.value.casefold())))


def _within(lookup: Lookup, iri: str) -> Node | None:
    """The plan or document that a thing is part of."""
    return next(iter(lookup.leading(iri, _DCT + "isPartOf", NS + "about")), None)
