"""A plan as a table to take away: `/doc/plan/….csv` (RFC 4180) and `/doc/plan/….xlsx`, one row for each part."""

from __future__ import annotations

import csv
import io

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev import rows, sheet
from planvev.errors import NotFound
from planvev.lookup import Lookup
from planvev.names import NS
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.render import Pages

TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which Excel sees that a file is UTF-8


class TabularRoutes:
    """The routes for whoever works on a plan in a spreadsheet. They stand before those of documents."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [Route(f"/doc/{{path:path}}.{suffix}", getattr(self, suffix)) for suffix in TYPES]

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
        if known := unchanged(request, tag := etag(snapshot, suffix, who.language)):
            return known
        terms = self.desk.vocabulary(snapshot)
        head = [*rows.COLUMNS]
        body = list(rows.rows(lookup, plan, lambda kind: terms.label(kind, who.languages)[0]))
        snapshot.confirm()
        name = f"{path.rpartition('/')[2]}.{suffix}".encode("ascii", "ignore").decode().replace('"', "")
        headers = {
            "ETag": tag,
            "Cache-Control": CACHE,
            "Vary": "Accept-Language",
            "Content-Language": who.language,
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        return Response(_WRITERS[suffix](head, body), 200, headers, TYPES[suffix])


def _csv(head: list[str], body: list[rows.Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([head, *body])
    return (MARK + text.getvalue()).encode()


def _xlsx(head: list[str], body: list[rows.Row]) -> bytes:
    file = io.BytesIO()
    sheet.write(head, body, file)
    return file.getvalue()


_WRITERS = {"csv": _csv, "xlsx": _xlsx}
