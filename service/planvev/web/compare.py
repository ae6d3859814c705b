"""`/compare`: two organisations or two plans beside each other, chosen by a plain form.

A side is an organisation with the plans that count, or one plan of it. Plans that both sides have together are named as
such and are not compared with themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.errors import BadRequest, NotFound
from planvev.insight import comparing
from planvev.insight.comparing import Element, Meeting
from planvev.insight.lookup import Lookup
from planvev.insight.matrix import KINDS
from planvev.insight.things import Node
from planvev.names import short
from planvev.web import sheets
from planvev.web.columns import Columns
from planvev.web.desk import Desk
from planvev.web.render import Pages
from planvev.web.rolls import Planned, Rolls, lines, whole

READ = 40  # plans of a side whose elements are read
MEETINGS, SHOWN = 12, 5  # reasons on one page, and elements of a side named under each
LISTED = 200  # things of one kind named in a list
PLANS = 200  # plans of an organisation that can be chosen
HEAD = ("by", "leads to", "whose", "element", "class", "plan", "iri", "element iri", "plan iri")

Compared = dict[str, Any]  # what the page says of two sides, by the names that its template has for it


@dataclass(frozen=True)
class Side:
    """An organisation, perhaps one plan of it, its plans to choose from, and those that count."""

    body: Node | None
    plan: Node | None
    choices: tuple[Planned, ...] = ()
    plans: tuple[str, ...] = ()

    @property
    def name(self) -> Node | None:
        return self.plan or self.body


@dataclass(frozen=True)
class Named:
    """Things, and at most a number of them as links."""

    iris: Sequence[str]
    nodes: list[Node]

    @property
    def count(self) -> int:
        return len(self.iris)


class CompareRoutes:
    """The route for whoever asks how two differ."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls
        self.columns = Columns(desk.base, rolls)

    def routes(self) -> list[Route]:
        return [Route("/compare", self.page), Route("/compare.{suffix}", self.sheet)]

    def page(self, request: Request) -> Response:
        snapshot, said = self.desk.shelf.current(), request.query_params
        lookup = Lookup(snapshot, self.pages.reader(request).languages)
        every, sides = self._sides(request, snapshot, lookup)
        bodies = self.columns.named(snapshot, "all", lookup)
        for side in sides:
            lines(lookup, side.choices, self.pages.today())  # so that their names are at hand
        found = self._compared(snapshot, lookup, *sides) if all(side.body for side in sides) else {}
        first = whole(said.get("from"))
        meetings: Sequence[Meeting] = found.pop("meetings", ())
        kept = {name: said[name] for name in ("a", "a-plan", "b", "b-plan", "status") if said.get(name)}
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "compare.html",
            sides=list(zip(("a", "b"), sides, strict=True)),
            names=[side.name for side in sides],
            options=[
                [(plan, lookup.node(plan.iri), plan.status(self.pages.today())) for plan in side.choices]
                for side in sides
            ],
            bodies=bodies,
            every=every,
            meetings=[_shown(lookup, meeting) for meeting in meetings[first : first + MEETINGS]],
            found=len(meetings),
            first=first,
            step=MEETINGS,
            address="/compare?" + urlencode(kept, safe="/:"),
            chosen=urlencode(kept, safe="/:"),
            **(found or {"together": [], "kinds": [], "unread": False, "alone": []}),
        )

    def sheet(self, request: Request) -> Response:
        """The comparison as a table: what each side leads to, then the elements that meet, a row for each."""
        snapshot, who = self.desk.shelf.current(), self.pages.reader(request)
        lookup = Lookup(snapshot, who.languages)
        _, sides = self._sides(request, snapshot, lookup)
        one, other = (side.name for side in sides)
        if one is None or other is None:
            raise BadRequest("Two sides are needed for a table.", "Name both: /compare.csv?a=…&b=…")
        found = self._compared(snapshot, lookup, *sides)
        labels = (one.label.value, other.label.value)
        name = "compared-" + hashlib.sha256(f"{self.pages.today()} {request.url.query}".encode()).hexdigest()[:8]
        rows = chain(_leading(found, labels, lookup), _meeting(found, labels, lookup))
        return sheets.table(request, snapshot, who, name, request.path_params["suffix"], HEAD, rows)

    def _sides(self, request: Request, snapshot: Edition, lookup: Lookup) -> tuple[bool, list[Side]]:
        """Whether all plans count and not those in force alone, and both sides."""
        said = request.query_params
        every = said.get("status") == "any"
        sides = [self._side(snapshot, lookup, said.get(name), said.get(f"{name}-plan"), every) for name in ("a", "b")]
        return every, sides

    def _side(self, snapshot: Edition, lookup: Lookup, said: str | None, plan_said: str | None, every: bool) -> Side:
        """What an address asks for on one side. A plan that is none of the organisation's is passed over.

        Raises:
            NotFound: there is no such organisation or plan here.
        """
        meant, today, plans = self.desk.base.meant, self.pages.today(), self.rolls.plans(snapshot)
        plan = next((plan for plan in plans if plan_said and plan.iri == meant(plan_said)), None)
        if plan_said and plan is None and not said:
            raise NotFound(f"There is no plan {plan_said[:200]} here.", "Choose in the form at /compare.")
        body = meant(said) if said else plan.owners[0] if plan and plan.owners else None
        if body is None:
            return Side(None, None)
        mine = tuple(one for one in plans if body in one.owners)
        if not mine:
            raise NotFound(f"{said} has no plan here.", "Choose in the form at /compare.")
        if plan and body in plan.owners:
            return Side(lookup.node(body), lookup.node(plan.iri), mine[:PLANS], (plan.iri,))
        counted = tuple(one.iri for one in mine if every or one.status(today) == "in-force")
        return Side(lookup.node(body), None, mine[:PLANS], counted)

    def _compared(self, snapshot: Edition, lookup: Lookup, one: Side, other: Side) -> Compared:
        """What the page says of two sides."""
        if one.name == other.name:
            raise BadRequest("Both sides are the same.", "Choose two that differ, at /compare.")
        together = set(one.plans) & set(other.plans)
        kinds = []
        for kind in KINDS:
            both = comparing.both(self.columns.links(snapshot, kind), set(one.plans), set(other.plans))
            if any((both.both, both.first, both.second)):
                kinds.append((kind, *(_named(lookup, iris) for iris in (both.both, both.first, both.second))))
        apart = [[plan for plan in side.plans if plan not in together] for side in (one, other)]
        read = [comparing.elements(snapshot, plans[:READ]) for plans in apart]
        meetings = comparing.meetings(read[0], read[1], comparing.Law(snapshot))
        met = {each.iri for meeting in meetings for each in (*meeting.first, *meeting.second)}
        return {
            "together": [lookup.node(plan) for plan in sorted(together)],
            "kinds": kinds,
            "meetings": meetings,
            "unread": any(len(plans) > READ for plans in apart),
            "alone": [(len(some), sum(1 for each in some if each.iri not in met)) for some in read],
        }


def _named(lookup: Lookup, iris: Sequence[str]) -> Named:
    lookup.snapshot.ready(iris[:LISTED])
    nodes = sorted(map(lookup.node, iris[:LISTED]), key=lambda node: node.label.value.casefold())
    return Named(iris, nodes)


def _leading(found: Compared, labels: tuple[str, str], lookup: Lookup) -> Iterator[tuple[str, ...]]:
    """Rows: what both sides lead to, and what one of them does."""
    for kind, *named in found["kinds"]:
        for whose, listed in zip(("both", *labels), named, strict=True):
            lookup.snapshot.ready(listed.iris)
            for iri in listed.iris:
                yield (kind, lookup.node(iri).label.value, whose, "", "", "", iri, "", "")


def _meeting(found: Compared, labels: tuple[str, str], lookup: Lookup) -> Iterator[tuple[str, ...]]:
    """Rows: the elements of each side that a reason brings together."""
    for meeting in found["meetings"]:
        reason = lookup.node(meeting.to)
        for whose, elements in zip(labels, (meeting.first, meeting.second), strict=True):
            lookup.snapshot.ready(iri for each in elements for iri in (each.iri, each.plan))
            for each in elements:
                element, plan = lookup.node(each.iri).label.value, lookup.node(each.plan).label.value
                said = (meeting.kind, reason.label.value, whose, element, short(each.kind), plan)
                yield (*said, reason.iri, each.iri, each.plan)


def _shown(lookup: Lookup, meeting: Meeting) -> tuple[str, Node, list[tuple[list[tuple[Node, str, Node]], int]]]:
    """A reason, and each side's elements with their class and plan, and how many there are."""

    def side(elements: Sequence[Element]) -> tuple[list[tuple[Node, str, Node]], int]:
        shown = elements[:SHOWN]
        lookup.snapshot.ready(iri for each in shown for iri in (each.iri, each.plan))
        return [(lookup.node(each.iri), each.kind, lookup.node(each.plan)) for each in shown], len(elements)

    return meeting.kind, lookup.node(meeting.to), [side(meeting.first), side(meeting.second)]
