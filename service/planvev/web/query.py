"""The SPARQL endpoint: SPARQL 1.1 Protocol, section 2.1 (query operation), over killable processes.

GET with `query=`, POST of a form, POST of `application/sparql-query`. The status line is always true: an answer is
whole before its first byte is sent. Asked without a query, the endpoint describes itself (SPARQL 1.1 Service
Description), or shows a form to a browser. Nothing here evaluates anything.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from planvev.answering.optimise import Plan
from planvev.answering.workers import Answer
from planvev.engines.engine import Edition
from planvev.engines.snapshot import Snapshot
from planvev.errors import Problem, QuerySyntax
from planvev.formats import rdf
from planvev.media import CSV, HTML, TRIPLES, XLSX, Media, called, negotiate
from planvev.queries import complaints, sparql
from planvev.registries.description import description
from planvev.web import explain, operation
from planvev.web.answering import Answering, headers_of, remove, table_of, tag_of
from planvev.web.client import client_of
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.editor import EXAMPLE, Answered, EditorPage
from planvev.web.glances import READ, Glances
from planvev.web.operation import Asked, in_dataset, parameters
from planvev.web.render import Pages

SHORT = 0.05  # seconds before anybody looks whether the client is still there
VARIES = "Accept, Accept-Encoding"  # packing adds the second


class QueryRoutes:
    """The routes for whoever asks by SPARQL."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self.form = EditorPage(desk, pages)
        self.answering = Answering(desk)
        self.glances = Glances(desk)

    def routes(self) -> list[Route]:
        return [Route("/sparql", self.endpoint, methods=["GET", "POST", "QUERY"])]

    async def endpoint(self, request: Request) -> Response:
        read = request.scope.get(READ)
        pairs = [] if read else await parameters(request, self.desk.settings.query_kb)
        if not read and request.method in ("GET", "HEAD") and not any(name in ("query", "update") for name, _ in pairs):
            return await asyncio.to_thread(self._itself, request, pairs)
        asked = read.asked if read else operation.asked(pairs)
        snapshot = self.desk.shelf.at_hand()
        if snapshot is None:
            snapshot = await asyncio.to_thread(self.desk.shelf.current)
        try:
            query = read.query if read else await self.answering.read(asked.query)
            media = operation.media_of(request.headers.get("accept"), query, asked.formats)
            asked = in_dataset(asked, query, snapshot)
        except Problem as problem:
            if not self.pages.wants_page(request):
                raise
            return self.form.page(request, snapshot, asked.query, problem.status, problem=problem)
        plan = read.plan if read and read.snapshot is snapshot else None
        plan = plan or await self.answering.plan(snapshot, query, asked)
        if asked.explain:
            return self._explained(request, snapshot, plan)
        if media is HTML:
            return await self._page(request, snapshot, query, plan, asked)
        tag = tag_of(snapshot, asked, media)
        known = unchanged(request, tag, VARIES) if tag and request.method in ("GET", "HEAD") else None
        if known:
            return known
        answer = self._glanced(request, snapshot, plan, media) if plan.little else None
        if answer is None:
            answer, plan = await self._answer(request, snapshot, plan, asked, media.suffix)
        return _response(answer, media, headers_of(plan, answer.size, snapshot, tag))

    def _explained(self, request: Request, snapshot: Edition, plan: Plan) -> Response:
        """What would be run, instead of running it."""
        if self.pages.wants_page(request):
            return self.form.page(request, snapshot, plan.written_text, plan=plan)
        headers = {"Vary": "Accept", "Cache-Control": "no-store", "X-Planvev-Query-Plan": explain.header(plan)}
        return PlainTextResponse(explain.text(plan), headers=headers)

    def _glanced(self, request: Request, snapshot: Edition, plan: Plan, media: Media) -> Answer | None:
        if not isinstance(snapshot, Snapshot):
            return None
        body = self.glances.body(request.scope, snapshot, plan, media)
        return None if body is None else Answer(len(body), body)

    async def _answer(
        self, request: Request, snapshot: Edition, plan: Plan, asked: Asked, suffix: str
    ) -> tuple[Answer, Plan]:
        """Run the query, when and as long as its client may; when the client leaves, the query ends with it."""
        permit = await self.desk.permits.enter(client_of(request.scope, self.desk.settings.trusted_proxies))
        running = asyncio.current_task()
        assert running
        leaving: list[asyncio.Task[None]] = []
        ended = False

        def left(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and not ended:
                running.cancel()

        def watch() -> None:
            """See whether the client is still there; nobody looks while the query is a quick one."""
            leaving.append(asyncio.create_task(_left(request)))
            leaving[0].add_done_callback(left)

        watching = asyncio.get_running_loop().call_later(SHORT, watch)
        try:
            return await self.answering.work(snapshot, plan, asked, suffix, permit.slow_down)
        except asyncio.CancelledError:
            if leaving and leaving[0].done():
                running.uncancel()
                raise ClientDisconnect from None
            raise
        except QuerySyntax as error:
            raise complaints.explained(plan.written_text, error) from None
        finally:
            ended = True
            watching.cancel()
            for task in leaving:
                task.cancel()
            permit.leave()  # the work has ended by now, however it ended: a place is free only then

    async def _page(
        self, request: Request, snapshot: Edition, query: sparql.Query, plan: Plan, asked: Asked
    ) -> Response:
        """The answer as a table for a browser, with the form above it; a fault is shown where the query stands."""
        rows = query.kind in ("SELECT", "ASK")
        try:
            answer, plan = await self._answer(request, snapshot, plan, asked, "json" if rows else "ttl")
            found = await asyncio.to_thread(table_of, answer, rows)
        except Problem as problem:
            return self.form.page(request, snapshot, query.text, problem.status, problem=problem)
        graphs = [("default-graph-uri", iri) for iri in asked.default or ()]
        graphs += [("named-graph-uri", iri) for iri in asked.named or ()]
        offered = [media for media in operation.OFFERS[query.kind] if media.suffix != HTML.suffix]
        formats = {media.suffix: media for media in (CSV, XLSX, *offered) if media in offered}
        answered = Answered(query.kind, found, list(formats.values()), graphs)
        return await asyncio.to_thread(self.form.page, request, snapshot, query.text, answered=answered)

    def _itself(self, request: Request, pairs: Sequence[tuple[str, str]]) -> Response:
        """The endpoint without a query: a form for people, its service description for programs."""
        snapshot = self.desk.shelf.current()
        wanted = [value for name, value in pairs if name == "format"]
        media = called(wanted, TRIPLES) or negotiate(request.headers.get("accept"), TRIPLES)
        if media is not HTML:
            address = str(request.url.replace(query=""))
            tag = etag(snapshot, hashlib.sha256(f"{address} {media.type}".encode()).hexdigest()[:16])
            body = rdf.write(description(snapshot, address), media.suffix)
            headers = {"Vary": "Accept", "Cache-Control": CACHE, "ETag": tag}
            return unchanged(request, tag, VARIES) or Response(body, 200, headers, media.content_type)
        return self.form.page(request, snapshot, EXAMPLE)


async def _left(request: Request) -> None:
    """Ends when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(answer: Answer, media: Media, headers: dict[str, str]) -> Response:
    if answer.spool is None:
        return Response(answer.body, 200, headers, media.content_type)
    return StreamingResponse(
        _chunks(answer.spool), 200, headers, media.content_type, background=BackgroundTask(remove, answer)
    )


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(65536):
            yield chunk
