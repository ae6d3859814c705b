"""The gallery of questions: `/queries` with the beginning of each answer, `/queries/…` as a short way to the whole one.

The answers of an edition are found when somebody first looks, a few seconds' worth at a time, and remembered for the
day, because many of the questions ask what is so today. A question that takes long is answered when it is opened.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from planvev.answering.permits import Permit
from planvev.engines.engine import Edition
from planvev.errors import Busy, NotFound, Problem, Switched
from planvev.media import HTML, PLAIN_JSON, Media, negotiate
from planvev.queries import examples
from planvev.queries.examples import Example
from planvev.web.answering import Answering, table_of
from planvev.web.chart import Chart
from planvev.web.client import client_of
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.editor import drawing, grouped
from planvev.web.operation import Asked
from planvev.web.render import Pages
from planvev.web.table import Table

SPARQL = Media("application/sparql-query", "rq", "SPARQL")
ROWS = 5  # of an answer that are shown
BARS = 8
EACH = 1.0  # seconds for one question
PATIENCE = 4.0  # seconds that one visitor waits for answers that nobody has asked for before


@dataclass(frozen=True)
class Beginning:
    """The first rows of an answer, how many there are, and its drawing."""

    table: Table
    chart: Chart | None


@dataclass
class Known:
    """What is known of one edition on one day; None for what took too long."""

    of: tuple[str, str] = ("", "")
    answers: dict[str, Beginning | None] = field(default_factory=dict)


class GalleryRoutes:
    """The routes for whoever wonders what can be asked."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self.answering = Answering(desk)
        self.examples = examples.read(examples.folder(desk.settings.library))
        self._known = Known()
        self._finding = False

    def routes(self) -> list[Route]:
        return [
            Route("/queries", self.gallery),
            Route("/queries/{name}.rq", self.text),
            Route("/queries/{name}", self.whole),
        ]

    async def gallery(self, request: Request) -> Response:
        wanted = request.query_params.get("format")
        media = PLAIN_JSON if wanted == "json" else negotiate(request.headers.get("accept"), (HTML, PLAIN_JSON))
        if media is PLAIN_JSON:
            return JSONResponse([_row(example) for example in self.examples], headers={"Vary": "Accept"})
        snapshot = await asyncio.to_thread(self.desk.shelf.current)
        known = self._known_of(snapshot)
        await self._find(request, snapshot, known)
        return await asyncio.to_thread(self._page, request, snapshot, known)

    def text(self, request: Request) -> Response:
        return Response(self._named(request).text, 200, media_type=SPARQL.type)

    def whole(self, request: Request) -> Response:
        """The whole answer, with the query in the editor; other parameters, as `format=csv`, are kept."""
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "query"]
        return RedirectResponse("/sparql?" + urlencode([("query", self._named(request).text), *kept]), 307)

    def _named(self, request: Request) -> Example:
        name = request.path_params["name"]
        example = next((example for example in self.examples if example.slug == name), None)
        if example is None:
            raise NotFound(f"There is no question {name}.", "They are listed at /queries.")
        return example

    def _page(self, request: Request, snapshot: Edition, known: Known) -> Response:
        who = self.pages.reader(request)
        headers = {"Cache-Control": CACHE}
        if len(known.answers) == len(self.examples):
            variant = (who.language, "chosen" if who.chosen else "told", str(self.pages.today()))
            headers["ETag"] = etag(snapshot, "gallery", *variant)
            if unmoved := unchanged(request, headers["ETag"]):
                return unmoved
        vocabulary, needs = self.desk.vocabulary(snapshot), grouped(self.examples)
        snapshot.confirm()
        return self.pages.page(
            "queries.html",
            request,
            vocabulary,
            headers=headers,
            snapshot=snapshot,
            needs=needs,
            known=known.answers,
        )

    def _known_of(self, snapshot: Edition) -> Known:
        of = (snapshot.id, str(self.pages.today()))
        if self._known.of != of:
            self._known = Known(of)
        return self._known

    async def _find(self, request: Request, snapshot: Edition, known: Known) -> None:
        """Find answers that are not known yet, one after another, as one query of the visitor's."""
        waiting = [example for example in self.examples if example.slug not in known.answers]
        if not waiting or self._finding:
            return
        self._finding = True
        try:
            permit = await self.desk.permits.enter(client_of(request.scope, self.desk.settings.trusted_proxies))
        except Problem:
            self._finding = False
            return  # the page is whole without them; the next visitor has them found
        try:
            await self._answer(waiting, snapshot, known, permit)
        finally:
            permit.leave()
            self._finding = False

    async def _answer(self, waiting: Sequence[Example], snapshot: Edition, known: Known, permit: Permit) -> None:
        begun = time.monotonic()
        for example in waiting:
            if time.monotonic() - begun > PATIENCE:
                return
            try:
                known.answers[example.slug] = await self._beginning(snapshot, example, permit)
            except Switched:
                raise
            except Busy:
                return
            except Problem:
                known.answers[example.slug] = None

    async def _beginning(self, snapshot: Edition, example: Example, permit: Permit) -> Beginning | None:
        asked = Asked(example.text, None, None, EACH, ())
        query = await self.answering.read(asked.query)
        if query.kind != "SELECT":
            return None
        plan = await self.answering.plan(snapshot, query, asked)
        answer, _ = await self.answering.work(snapshot, plan, asked, "json", permit.slow_down)
        table = await asyncio.to_thread(table_of, answer, True)
        return Beginning(replace(table, rows=table.rows[:ROWS]), drawing(table, self.pages.today(), BARS))


def _row(example: Example) -> dict[str, object]:
    return {
        "slug": example.slug,
        "need": example.need,
        "title": dict(example.title),
        "about": dict(example.about),
        "query": example.text,
    }
