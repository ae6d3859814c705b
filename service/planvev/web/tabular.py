"""A plan as a table to take away: `/doc/plan/….csv` (RFC 4180) and `/doc/plan/….xlsx`, one row for each part."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.errors import NotFound
from planvev.insight import rows
from planvev.insight.lookup import Lookup
from planvev.names import NS
from planvev.web import sheets
from planvev.web.desk import Desk
from planvev.web.render import Pages


class TabularRoutes:
    """The routes for whoever works on a plan in a spreadsheet. They stand before those of documents."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [Route(f"/doc/{{path:path}}.{suffix}", getattr(self, suffix)) for suffix in sheets.TYPES]

    def csv(self, request: Request) -> Response:
        return self._answer(request, "csv")

    def xlsx(self, request: Request) -> Response:
        return self._answer(request, "xlsx")

    def _answer(self, request: Request, suffix: str) -> Response:
        snapshot, who, path = self.desk.shelf.current(), self.pages.reader(request), request.path_params["path"]
        lookup = Lookup(snapshot, who.languages)
        plans = (iri for iri in self.desk.base.spoken(f"/id/{path}") if NS + "Plan" in lookup.node(iri).types)
        plan = next(plans, None)
        if plan is None:
            raise NotFound(
                f"There is no plan /id/{path}.", f"Plans alone are given as .{suffix}; other things as .html and .ttl."
            )
        terms = self.desk.vocabulary(snapshot)
        body = rows.rows(lookup, plan, lambda kind: terms.label(kind, who.languages)[0])
        name = path.rpartition("/")[2].encode("ascii", "ignore").decode().replace('"', "")
        return sheets.table(request, snapshot, who, name, suffix, rows.COLUMNS, body)
