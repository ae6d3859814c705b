"""Overviews besides the matrix: `/timeline`, every plan over the years, and `/gaps`, what no plan in force covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.errors import BadRequest
from planvev.insight import figures, gaps
from planvev.insight.gaps import Facts, Held, Standing
from planvev.insight.lookup import Lookup
from planvev.insight.things import Node
from planvev.periods import Status
from planvev.web import sheets
from planvev.web.columns import EVERY, Columns
from planvev.web.desk import Desk
from planvev.web.render import Pages
from planvev.web.rolls import Planned, Rolls, lines, whole

PAGE = 100  # plans on one page of the time line
BODIES = 40  # organisations on one page of gaps
ENDED = 50  # expired plans on it
STATUSES: tuple[Status, ...] = get_args(Status)
BEST = ("in-force", "coming", "expired", "unknown")  # which of an organisation's plans stands for a kind


@dataclass(frozen=True)
class Owned:
    """A plan under one of its organisations; None where it says none."""

    body: Node | None
    plan: Planned


class OverviewRoutes:
    """The routes for whoever asks about many at once."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls
        self.columns = Columns(desk.base, rolls)

    def routes(self) -> list[Route]:
        return [
            Route("/timeline", self.timeline),
            Route("/timeline.{suffix}", self.timeline_sheet),
            Route("/gaps", self.gaps),
            Route("/gaps.{suffix}", self.gaps_sheet),
        ]

    def timeline(self, request: Request) -> Response:
        snapshot, today = self.desk.shelf.current(), self.pages.today()
        said, lookup = request.query_params, Lookup(snapshot, self.pages.reader(request).languages)
        every, wanted, columns = self._owned(request, snapshot, lookup)
        rows = [row for row in every if wanted in ("", row.plan.status(today))]
        axis = figures.axis([row.plan.days for row in rows], today)
        first = whole(said.get("from"))
        sections = []
        for body, members in groupby(rows[first : first + PAGE], key=lambda row: row.body):
            plans = [row.plan for row in members]
            sections.append((body, list(zip(lines(lookup, plans, today, axis), plans, strict=True))))
        kept = urlencode({name: said[name] for name in ("status", "columns", "as") if said.get(name)}, safe="/:")
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "timeline.html",
            sections=sections,
            axis=axis,
            wanted=wanted,
            states=Counter(row.plan.status(today) for row in every),
            columns=columns,
            choices=self.columns.named_options(snapshot, lookup),
            as_table=said.get("as") == "table",
            address=self._address(columns, wanted),
            kept=kept,
            found=len(rows),
            plans=len({row.plan.iri for row in rows}),
            first=first,
            step=PAGE,
        )

    def timeline_sheet(self, request: Request) -> Response:
        """The time line as a table: a row for each plan of each organisation."""
        snapshot, today, who = self.desk.shelf.current(), self.pages.today(), self.pages.reader(request)
        lookup = Lookup(snapshot, who.languages)
        every, wanted, _ = self._owned(request, snapshot, lookup)
        head = ("organisation", "plan", "first", "last", "status", "organisation iri", "plan iri")

        def rows() -> Iterator[tuple[str, ...]]:
            for row in every:
                status = row.plan.status(today)
                if wanted in ("", status):
                    name, iri = (row.body.label.value, row.body.iri) if row.body else ("", "")
                    days = (day.isoformat() if day else "" for day in row.plan.days)
                    yield (name, lookup.node(row.plan.iri).label.value, *days, status, iri, row.plan.iri)

        return sheets.table(request, snapshot, who, f"plans-{today}", request.path_params["suffix"], head, rows())

    def gaps(self, request: Request) -> Response:
        snapshot, said = self.desk.shelf.current(), request.query_params
        lookup, today = Lookup(snapshot, self.pages.reader(request).languages), self.pages.today()
        columns = self.columns.read(snapshot, said.get("columns"))
        bodies = self.columns.named(snapshot, columns, lookup)
        facts, plans = self._facts(snapshot), self._standing(snapshot, bodies)
        held = gaps.held(facts, plans)
        kinds = [kind for kind in facts.types if any(kind.iri == of for _, of in held)]
        first, ended_first = whole(said.get("from")), whole(said.get("ended"))
        shown = bodies[first : first + BODIES]
        planned = {plan.iri: plan for plan in self.rolls.plans(snapshot)}
        ended = [planned[each.plan] for each in gaps.unfollowed(facts, plans, held)]
        ended.sort(key=lambda plan: (plan.days[1] or date.max, plan.iri), reverse=True)
        snapshot.ready(iri for each in held.values() for some in each.values() for iri in some[:1])
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "gaps.html",
            columns=columns,
            choices=self.columns.named_options(snapshot, lookup),
            kinds=[
                (
                    lookup.node(kind.iri),
                    [lookup.node(iri) for iri in kind.provisions],
                    [lookup.node(iri) for iri in kind.duties],
                    sum(1 for body in bodies if "in-force" in held.get((body.iri, kind.iri), {})),
                )
                for kind in kinds
            ],
            unheld=[
                (lookup.node(kind.iri), [lookup.node(iri) for iri in kind.provisions])
                for kind in facts.types
                if kind not in kinds
            ],
            rows=[(body, [_best(held, body.iri, kind.iri, lookup) for kind in kinds]) for body in shown],
            owned=self.columns.owned(snapshot),
            found=len(bodies),
            first=first,
            step=BODIES,
            ended=lines(lookup, ended[ended_first : ended_first + ENDED], today),
            ended_all=len(ended),
            ended_first=ended_first,
            ended_step=ENDED,
        )

    def gaps_sheet(self, request: Request) -> Response:
        """Gaps as a table: a row for each organisation and each kind of plan that rests on law, with its best plan."""
        snapshot, today, who = self.desk.shelf.current(), self.pages.today(), self.pages.reader(request)
        lookup = Lookup(snapshot, who.languages)
        bodies = self.columns.named(snapshot, self.columns.read(snapshot, request.query_params.get("columns")), lookup)
        facts = self._facts(snapshot)
        held = gaps.held(facts, self._standing(snapshot, bodies))
        head = ("organisation", "kind of plan", "status", "plan", "organisation iri", "kind iri", "plan iri")

        def rows() -> Iterator[tuple[str, ...]]:
            for body in bodies:
                for kind in facts.types:
                    best = _best(held, body.iri, kind.iri, lookup)
                    status, plan, iri = (best[0], best[1].label.value, best[1].iri) if best else ("none here", "", "")
                    named = lookup.node(kind.iri).label.value
                    yield (body.label.value, named, status, plan, body.iri, kind.iri, iri)

        return sheets.table(request, snapshot, who, f"gaps-{today}", request.path_params["suffix"], head, rows())

    def _standing(self, snapshot: Edition, bodies: Iterable[Node]) -> list[Standing]:
        """The plans of some organisations, as gaps are judged by them today."""
        chosen, today = {body.iri for body in bodies}, self.pages.today()
        return [
            Standing(plan.iri, mine, plan.status(today))
            for plan in self.rolls.plans(snapshot)
            if (mine := tuple(owner for owner in plan.owners if owner in chosen))
        ]

    def _owned(self, request: Request, snapshot: Edition, lookup: Lookup) -> tuple[list[Owned], str, str]:
        """Every plan of the organisations asked for, by organisation and first day; the status; those organisations."""
        said = request.query_params
        wanted, columns = said.get("status", ""), self.columns.read(snapshot, said.get("columns"), EVERY)
        if wanted and wanted not in STATUSES:
            raise BadRequest(f"There is no status {wanted[:40]!r}.", f"There are {', '.join(STATUSES)}.")
        plans = sorted(self.rolls.plans(snapshot), key=lambda plan: (plan.days[0] or date.max, plan.iri))
        of: dict[str, list[Planned]] = {}
        for plan in plans:
            for owner in plan.owners:
                of.setdefault(owner, []).append(plan)
        bodies = self.columns.named(snapshot, columns, lookup)
        owned = [Owned(body, plan) for body in bodies for plan in of.get(body.iri, ())]
        nobodys = [Owned(None, plan) for plan in plans if not plan.owners] if columns == EVERY else []
        return owned + nobodys, wanted, columns

    def _address(self, columns: str, status: str) -> str:
        """The end of an address with these choices."""
        said = {"columns": "" if columns == EVERY else self.desk.base.spelled(columns), "status": status}
        return urlencode({name: value for name, value in said.items() if value}, safe="/:")

    def _facts(self, snapshot: Edition) -> Facts:
        plans = {plan.iri for plan in self.rolls.plans(snapshot)}
        return self.rolls.kept(snapshot, ("plan types",), lambda: gaps.read(snapshot, plans))


def _best(held: Held, body: str, kind: str, lookup: Lookup) -> tuple[str, Node, int] | None:
    """An organisation's plan of a kind that stands best today: its status, itself, and how many more there are."""
    mine = held.get((body, kind), {})
    status = next((status for status in BEST if status in mine), None)
    if status is None:
        return None
    return status, lookup.node(mine[status][0]), sum(map(len, mine.values())) - 1
