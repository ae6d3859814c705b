"""The matrix: `/matrix`, the list behind each of its counts, and the whole of it as a table to take away.

Counts come from derived links, read once for an edition (`shortcuts`); which plans count is decided for the day that is
asked about. What is shown is a page of rows and of columns; what is taken away is everything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.errors import BadRequest, NotFound
from planvev.insight import matrix
from planvev.insight.lookup import Lookup
from planvev.insight.matrix import COUNTED, KINDS, Row
from planvev.insight.things import Node
from planvev.names import Base
from planvev.periods import Status
from planvev.web import sheets
from planvev.web.columns import Columns
from planvev.web.desk import Desk
from planvev.web.render import Pages
from planvev.web.rolls import SORTED, Rolls, lines, whole

ROWS, COLUMNS, PLANS = 50, 10, 25  # of one page
CELLS = 200_000  # of one table to take away
ELEMENTS = 200  # of one plan, named on the page behind a count
TINTS = 4
STATUSES: tuple[Status, ...] = get_args(Status)
UNSAID = {"count": "plans", "status": "in-force", "sort": "most"}
SORTS = ("most", "fewest", "name")
WHOLE = {"law": "acts", "provision": "law", "guidance": "guidance", "target-group": "target-groups"}


@dataclass(frozen=True)
class Choice:
    """What somebody chose to see. `status` is "" for all plans; `columns` a kind or a county (IRI), or `EVERY`."""

    rows: str
    columns: str
    count: str
    status: str
    on: date
    said_on: bool
    every: bool
    sort: str
    base: Base

    def asked(self, **other: object) -> str:
        """The choice as the end of an address; what is chosen without being said is left out."""
        said: dict[str, object] = {"rows": self.rows, "columns": self.columns, "count": self.count}
        said |= {"status": self.status or "any", "sort": self.sort}
        said |= {"on": self.on.isoformat()} if self.said_on else {}
        said |= {"every": 1} if self.every else {}
        words = {name: self.base.spelled(str(value)) for name, value in (said | other).items() if value}
        return urlencode({name: word for name, word in words.items() if UNSAID.get(name) != word}, safe="/:")


@dataclass(frozen=True)
class Table:
    """All rows and columns of a choice, in their order."""

    rows: list[Row]
    columns: list[Node]
    plans: dict[str, tuple[str, ...]]  # those that count, with their organisations among the columns

    @property
    def largest(self) -> int:
        return max((count for row in self.rows for count in row.cells.values()), default=0)


class MatrixRoutes:
    """The routes for whoever looks for what is common, and for what is missing."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls
        self.columns = Columns(desk.base, rolls)

    def routes(self) -> list[Route]:
        return [
            Route("/matrix", self.page),
            Route("/matrix.{suffix}", self.sheet),
            Route("/matrix/cell", self.cell),
        ]

    def page(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        choice = self._choice(request, snapshot)
        lookup = Lookup(snapshot, self.pages.reader(request).languages)
        table = self._table(snapshot, choice, lookup)
        first, left = whole(request.query_params.get("from")), whole(request.query_params.get("left"))
        rows, columns = table.rows[first : first + ROWS], table.columns[left : left + COLUMNS]
        snapshot.ready(row.to for row in rows)
        largest = table.largest
        owned = self.columns.owned(snapshot)
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "matrix.html",
            choice=choice,
            kinds={kind: self.columns.any(snapshot, kind) for kind in KINDS},
            counted=tuple(COUNTED),
            choices=self.columns.named_options(snapshot, lookup),
            columns=columns,
            rows=[
                (lookup.node(row.to), row, [_tinted(row.cells.get(c.iri, 0), largest) for c in columns]) for row in rows
            ],
            filled={c.iri: sum(1 for row in table.rows if c.iri in row.cells) for c in columns},
            without=sum(1 for column in table.columns if column.iri not in owned),
            owned=owned,
            plans=len(table.plans),
            every_row=len(table.rows),
            every_column=len(table.columns),
            first=first,
            left=left,
            steps=(ROWS, COLUMNS),
            query=self._question(snapshot, choice),
            ask=lambda query: "/sparql?" + urlencode({"query": query}),
        )

    def cell(self, request: Request) -> Response:
        """The plans and elements behind a count; without a column, those of all columns."""
        snapshot = self.desk.shelf.current()
        choice, said = self._choice(request, snapshot), request.query_params
        row, column = (self.desk.base.meant(said.get(name, "")) for name in ("row", "column"))
        if not row:
            raise BadRequest("The address does not say which row.", "Follow a number in /matrix.")
        if not snapshot.speaks_of(row):
            raise NotFound(f"Nothing is said here about {row}.", "Follow a number in /matrix.")
        lookup = Lookup(snapshot, self.pages.reader(request).languages)
        table = self._table(snapshot, choice, lookup)
        mine = {plan for plan, owners in table.plans.items() if not column or column in owners}
        links = [link for link in self.columns.links(snapshot, choice.rows) if link.to == row and link.plan in mine]
        links = [link for link in links if not COUNTED[choice.count] or link.counts.get(COUNTED[choice.count])]
        count = sum(link.counts[COUNTED[choice.count]] if COUNTED[choice.count] else 1 for link in links)
        first = whole(request.query_params.get("from"))
        shown = links[first : first + PLANS]
        found = {
            each.plan: each.elements
            for each in matrix.behind(snapshot, choice.rows, row, [link.plan for link in shown], choice.count)
        }
        planned = {plan.iri: plan for plan in self.rolls.plans(snapshot)}
        listed = lines(lookup, [planned[link.plan] for link in shown], choice.on)
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "behind.html",
            choice=choice,
            row=lookup.node(row),
            column=lookup.node(column) if column else None,
            count=count,
            found=len(links),
            plans=[
                (line, _named(lookup, found.get(line.plan.iri, ())), len(found.get(line.plan.iri, ())))
                for line in listed
            ],
            address="/matrix/cell?" + choice.asked(row=row, column=column),
            first=first,
            step=PLANS,
        )

    def sheet(self, request: Request) -> Response:
        """The whole table: a line for each row, a column for each organisation."""
        snapshot = self.desk.shelf.current()
        choice, who = self._choice(request, snapshot), self.pages.reader(request)
        lookup = Lookup(snapshot, who.languages)
        table = self._table(snapshot, choice, lookup)
        if len(table.rows) * len(table.columns) > CELLS:
            raise BadRequest(
                f"The table has more than {CELLS} cells.", "Choose the organisations of one county, or ask by SPARQL."
            )
        snapshot.ready(row.to for row in table.rows)
        head = ["name", "iri", "total", "organisations", *(column.label.value for column in table.columns)]

        def cells(row: Row) -> list[str | int]:
            counts = (row.cells.get(column.iri, 0) for column in table.columns)
            return [lookup.node(row.to).label.value, row.to, row.total, len(row.cells), *counts]

        rows = map(cells, table.rows)
        return sheets.table(
            request, snapshot, who, f"matrix-{choice.rows}-{choice.on}", request.path_params["suffix"], head, rows
        )

    def _choice(self, request: Request, snapshot: Edition) -> Choice:
        """What an address asks for.

        Raises:
            BadRequest: one of its words is none that we know.
        """
        said, meant = request.query_params, self.desk.base.meant
        kinds = [kind for kind in KINDS if self.columns.any(snapshot, kind)]
        rows = _one_of("rows", said.get("rows") or (kinds or list(KINDS))[0], KINDS)
        status = _one_of("status", said.get("status") or "in-force", ("any", *STATUSES))
        sort, by = said.get("sort") or "most", {body.iri for body in self.columns.bodies(snapshot)}
        return Choice(
            rows,
            self.columns.read(snapshot, said.get("columns")),
            _one_of("count", said.get("count") or "plans", COUNTED),
            "" if status == "any" else status,
            _day(said.get("on")) or self.pages.today(),
            bool(said.get("on")),
            bool(said.get("every")) and rows in WHOLE,
            sort if sort in SORTS else _one_of("sort", meant(sort), by),
            self.desk.base,
        )

    def _table(self, snapshot: Edition, choice: Choice, lookup: Lookup) -> Table:
        columns = self.columns.named(snapshot, choice.columns, lookup)
        chosen = {column.iri for column in columns}
        plans = {
            plan.iri: mine
            for plan in self.rolls.plans(snapshot)
            if (mine := tuple(owner for owner in plan.owners if owner in chosen))
            and choice.status in ("", plan.status(choice.on))
        }
        rows = matrix.rows(self.columns.links(snapshot, choice.rows), plans, choice.count)
        if choice.every:
            rows = {iri: Row(iri) for iri in self._whole(snapshot, choice.rows, lookup)} | rows
        return Table(self._sorted(snapshot, choice, rows, lookup), columns, plans)

    def _sorted(self, snapshot: Edition, choice: Choice, rows: Mapping[str, Row], lookup: Lookup) -> list[Row]:
        """Rows in the order asked for; where they are equal by name, unless they are too many to be read for it."""
        names: Mapping[str, str] = {}
        if len(rows) <= SORTED:
            snapshot.ready(rows)
            names = {iri: lookup.node(iri).label.value.casefold() for iri in rows}
        by_name = sorted(rows.values(), key=lambda row: (names.get(row.to, ""), row.to))
        if choice.sort == "name":
            return by_name
        if choice.sort == "fewest":
            return sorted(by_name, key=lambda row: (len(row.cells), row.total))
        if choice.sort == "most":
            return sorted(by_name, key=lambda row: (-len(row.cells), -row.total))
        return sorted(by_name, key=lambda row: -row.cells.get(choice.sort, 0))

    def _whole(self, snapshot: Edition, kind: str, lookup: Lookup) -> list[str]:
        """Everything that might stand in the rows, also what no plan leads to; nothing where that is too much."""
        if self.rolls.figures(snapshot)[WHOLE[kind]] > SORTED:
            return []
        acts = self.rolls.roll(snapshot, "acts", lookup.languages).iris if kind == "provision" else ()
        return [iri for iri in self.rolls.roll(snapshot, WHOLE[kind], lookup.languages).iris if iri not in acts]

    def _question(self, snapshot: Edition, choice: Choice) -> str:
        columns = self.columns.said_by(snapshot, choice.columns)
        return matrix.question(self.desk.base, choice.rows, choice.count, choice.status, choice.on, columns)


def _tinted(count: int, largest: int) -> tuple[int, int]:
    """A count and how dark its cell is, 0 for none; small numbers are not made to look large."""
    return count, -(-count * TINTS // max(largest, TINTS))


def _named(lookup: Lookup, elements: Sequence[tuple[str, str]]) -> list[tuple[Node, str]]:
    """Elements as links, with the class of each, in the order of their plan."""
    shown = elements[:ELEMENTS]
    return sorted(((lookup.node(iri), kind) for iri, kind in shown), key=lambda each: (each[1], each[0].order))


def _one_of(name: str, said: str, known: Any) -> str:
    if said not in known:
        raise BadRequest(f"There is no {name} {said[:80]!r}.", "Choose in the form at /matrix.")
    return said


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is no day.", "Write it as 2026-01-31.") from None
