"""What an organisation has and answers for: its plans by what they mean today, its units, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from planvev.insight.figures import Axis, Bar, axis
from planvev.insight.lookup import Lookup
from planvev.insight.reliance import Facts, links
from planvev.insight.things import Node
from planvev.names import NS, PREFIXES
from planvev.periods import SOON, Period, Status

_ORG, _DCT = PREFIXES["org"], PREFIXES["dct"]
UNITS = (_ORG + "unitOf", _ORG + "subOrganizationOf")
ANSWERS = NS + "responsible"
STATES = ("in-force", "ending", "coming", "unknown", "expired")
SHOWN = 100  # plans on a page, and things an organisation answers for
READ = 200  # units of an organisation

State = Literal["in-force", "ending", "coming", "unknown", "expired"]


@dataclass(frozen=True)
class Line:
    """A plan on a time line: what lists show of it, and with whom it is shared."""

    plan: Node
    owners: tuple[Node, ...]
    period: str
    status: Status
    bar: Bar | None


@dataclass(frozen=True)
class Task:
    """A thing that an organisation or a unit of it answers for, and what it stands in."""

    node: Node
    by: Node
    within: Node | None


@dataclass(frozen=True)
class Portfolio:
    """The plans of an organisation by state, those that it shares, its units, its tasks, and the acts that its plans
    rest on, each with how many elements do."""

    plans: tuple[tuple[State, tuple[Line, ...]], ...]
    count: int
    axis: Axis
    shared: tuple[Line, ...]
    units: tuple[Node, ...]
    tasks: tuple[Task, ...]
    acts: tuple[tuple[Node, int], ...]


def portfolio(lookup: Lookup, organisation: str, plans: Mapping[str, Facts], today: date) -> Portfolio:
    """What an organisation has on a day.

    Args:
        lookup: look-ups for one reader.
        organisation: its IRI.
        plans: every plan, by IRI.
        today: the day that status is of.
    """
    own = {iri: facts for iri, facts in plans.items() if organisation in facts.owners}
    shown = dict(sorted(own.items(), key=lambda pair: _rank(pair[1].period, today))[:SHOWN])
    lookup.snapshot.ready(iri for plan, facts in shown.items() for iri in (plan, *facts.owners))
    line = axis([(f.period.start, f.period.end) for f in shown.values() if f.period], today)
    rows = [(_state(f.period, today), _line(lookup, iri, f, today, line, organisation)) for iri, f in shown.items()]
    by_state = ((state, tuple(row for own_state, row in rows if own_state == state)) for state in STATES)
    units = _units(lookup, organisation)
    acts = links(lookup, "organisation", "law", organisation, towards=False)
    lookup.snapshot.ready(act.other for act in acts)
    return Portfolio(
        tuple((state, some) for state, some in by_state if some),  # type: ignore[misc]
        len(own),
        line,
        tuple(row for _, row in rows if row.owners),
        units,
        _tasks(lookup, [organisation, *(unit.iri for unit in units)]),
        tuple(sorted(((lookup.node(a.other), sum(a.counts.values())) for a in acts), key=lambda pair: -pair[1])),
    )


def _state(period: Period | None, today: date) -> State:
    status: Status = period.status(today) if period else "unknown"
    if status == "in-force" and period and period.end and (period.end - today).days <= SOON:
        return "ending"
    return status


def _rank(period: Period | None, today: date) -> tuple[int, date]:
    """By state, and in it what ends first comes first."""
    return STATES.index(_state(period, today)), period.end if period and period.end else date.max


def _line(lookup: Lookup, iri: str, facts: Facts, today: date, line: Axis, but: str) -> Line:
    period = facts.period
    others = tuple(lookup.node(owner) for owner in facts.owners if owner != but)
    days = (period.start, period.end) if period else (None, None)
    status: Status = period.status(today) if period else "unknown"
    return Line(lookup.node(iri), others, period.years() if period else "", status, line.bar(*days))


def _units(lookup: Lookup, organisation: str) -> tuple[Node, ...]:
    found = dict.fromkeys(iri for p in UNITS for iri in lookup.snapshot.pointing(organisation, p, READ))
    lookup.snapshot.ready(found)
    return tuple(sorted((lookup.node(iri) for iri in found), key=lambda node: node.label.value.casefold()))


def _tasks(lookup: Lookup, bodies: Iterable[str]) -> tuple[Task, ...]:
    found: list[Task] = []
    for body in bodies:
        own = lookup.snapshot.pointing(body, ANSWERS, SHOWN - len(found))
        lookup.snapshot.ready(own)
        for iri in own:
            within = next(iter(lookup.leading(iri, _DCT + "isPartOf")), None)
            found.append(Task(lookup.node(iri), lookup.node(body), within))
        if len(found) >= SHOWN:
            break
    return tuple(found)
