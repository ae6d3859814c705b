"""The application: what is wired to what, headers of every answer, and the one place where errors become answers."""

from __future__ import annotations

import contextlib
import inspect
import logging
import shutil
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from planvev import __version__, machine
from planvev.answering.permits import Permits
from planvev.answering.query_worker import GROWTH
from planvev.answering.relay import Relay
from planvev.answering.workers import Limits, Pool, spool_folder
from planvev.engines.remote import Access, Line
from planvev.engines.remote_shelf import RemoteShelf
from planvev.engines.snapshot import Shelf
from planvev.errors import EngineFault, NoSnapshot, NotAllowed, NotFound, Problem, Switched
from planvev.names import Base
from planvev.settings import Settings
from planvev.versions.history import History
from planvev.web.cache import Memory
from planvev.web.compare import CompareRoutes
from planvev.web.desk import Desk
from planvev.web.dumps import DumpRoutes
from planvev.web.editor import EditorRoutes
from planvev.web.feed import FeedRoutes
from planvev.web.front import FrontRoutes
from planvev.web.gallery import GalleryRoutes
from planvev.web.glances import Glances
from planvev.web.health import HealthRoutes
from planvev.web.history import ChangeRoutes
from planvev.web.layers import AT_HAND, CROSS_ORIGIN, PACKING, SECURITY, Common, Packed, Packing, Straight
from planvev.web.matrix import MatrixRoutes
from planvev.web.nearest import nearest
from planvev.web.overview import OverviewRoutes
from planvev.web.query import QueryRoutes
from planvev.web.registry import RegistryRoutes
from planvev.web.render import Pages
from planvev.web.resources import Resources
from planvev.web.rolls import Rolls
from planvev.web.search import SearchRoutes
from planvev.web.site import SiteRoutes
from planvev.web.sitemap import SitemapRoutes
from planvev.web.tabular import TabularRoutes

log = logging.getLogger("planvev.web")


class Service(FastAPI):
    """The application; queries pass beside it and all its layers, where they are answered from a snapshot."""

    straight: Straight | None = None
    desk: Desk | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.straight and self.straight.takes(scope):
            await self.straight(scope, receive, send)
        elif self.desk and scope["type"] == "http":
            self.desk.making += 1
            try:
                await super().__call__(scope, receive, send)
            finally:
                self.desk.making -= 1
        else:
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, shared: Path | None = None) -> FastAPI:
    """The service over the state folder that the settings name. Nothing is read before it starts.

    Args:
        settings: of the service.
        shared: a folder that all processes of the service share, for places and large answers; None where there is
            one process, which makes a folder of its own.
    """
    desk, lines = _desk(settings, shared or spool_folder())
    pages, rolls = Pages(settings, partial(nearest, desk)), Rolls(desk)

    @contextlib.asynccontextmanager
    async def lifespan(app: Service) -> AsyncIterator[dict[str, Any]]:
        # Without a snapshot every page is 503 until somebody publishes; a process that does not start may start later.
        threading.Thread(target=_warm, args=(desk, pages, rolls), name="warm", daemon=True).start()
        with contextlib.suppress(NoSnapshot, EngineFault):
            if isinstance(desk.shelf, Shelf):
                await desk.pool.warm(desk.shelf.current().folder)
        yield {AT_HAND: app.straight.at_hand} if app.straight else {}
        await desk.pool.close()
        desk.permits.close()
        for line in lines:
            line.close()
        if shared is None:
            shutil.rmtree(desk.pool.spool, ignore_errors=True)

    app = Service(
        title="planvev",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=[
            Middleware(Common, trusted=settings.trusted_proxies),
            Middleware(CORSMiddleware, **CROSS_ORIGIN),
            Middleware(Memory, shelf=desk.shelf, today=pages.today),
            Middleware(Packing, **PACKING),
        ],
    )
    rooms = (
        QueryRoutes,
        EditorRoutes,
        GalleryRoutes,
        SearchRoutes,
        DumpRoutes,
        RegistryRoutes,
        SitemapRoutes,
        FeedRoutes,
        ChangeRoutes,
        TabularRoutes,
    )
    routes = [route for room in rooms for route in room(desk, pages).routes()]
    halls = (Resources, FrontRoutes, SiteRoutes, MatrixRoutes, OverviewRoutes, CompareRoutes, HealthRoutes)
    routes += [route for hall in halls for route in hall(desk, pages, rolls).routes()]
    app.router.routes.extend([_begun_anew(route) for route in routes] if settings.engine else routes)
    _answer_errors(app, pages)
    if not settings.engine:
        app.desk, app.straight = desk, _straight(desk, pages)
    return app


def _straight(desk: Desk, pages: Pages) -> Straight:
    return Straight(_short_road(desk, pages), desk.settings.trusted_proxies, Glances(desk).at_hand)


def _warm(desk: Desk, pages: Pages, rolls: Rolls) -> None:
    """Make ready what the first page would wait for: templates, vocabulary, rules."""
    pages.warm()
    with contextlib.suppress(NoSnapshot, EngineFault):
        if isinstance(desk.shelf, Shelf):
            snapshot = desk.shelf.current()
            desk.vocabulary(snapshot)
            rolls.rules(snapshot)


def _begun_anew(route: Route) -> Route:
    """A route whose handler begins anew when the store on the network was switched while it read."""
    handler: Any = route.endpoint

    def patient(request: Request) -> Any:
        for _ in range(2):
            with contextlib.suppress(Switched):
                return handler(request)
        return handler(request)

    async def patient_too(request: Request) -> Any:
        for _ in range(2 if request.method in ("GET", "HEAD") else 0):  # a body is read once
            with contextlib.suppress(Switched):
                return await handler(request)
        return await handler(request)

    waits = inspect.iscoroutinefunction(handler)
    return Route(route.path, patient_too if waits else patient, methods=list(route.methods or ()))


def _desk(settings: Settings, shared: Path) -> tuple[Desk, list[Line]]:
    """The desk, and the lines to an engine on the network, where one is set."""
    fast = settings.query_workers or 2 * machine.cores()
    memory = machine.share_mb(fast + settings.slow_queries, GROWTH // 1024, settings.query_memory_mb)
    limits = Limits(settings.query_seconds, memory, settings.result_mb * 1024 * 1024)
    pool, base = Pool(fast, limits, shared), Base(settings.base)
    permits = Permits(shared / "places", fast, settings.slow_queries)
    if not settings.engine:
        return Desk(settings, base, Shelf(settings.state), pool, permits, History(settings.state)), []
    access = Access(settings.engine, settings.engine_user, settings.engine_password, settings.engine_auth)
    lines = [Line(access, seconds, limits.result_bytes) for seconds in (settings.engine_seconds, limits.seconds)]
    # Queries have connections of their own: a page never waits behind them.
    return Desk(settings, base, RemoteShelf(lines[0]), pool, permits, relay=Relay(lines[1])), lines


def _short_road(desk: Desk, pages: Pages) -> Memory:
    """The endpoint as an application of its own, which answers its errors itself."""
    endpoint = QueryRoutes(desk, pages).endpoint

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await endpoint(request)
        except Problem as problem:
            response = pages.problem(request, problem)
        except ClientDisconnect:
            response = Response(status_code=499)
        except Exception as error:  # noqa: BLE001  what nobody foresaw must have an answer too
            response = _unforeseen(pages, request, error)
        await response(scope, receive, send)

    return Memory(Packed(answered), desk.shelf, pages.today)


def _answer_errors(app: FastAPI, pages: Pages) -> None:
    def problem(request: Request, error: Any) -> Response:
        return pages.problem(request, error)

    def http(request: Request, error: Any) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            stated = (error.headers or {}).get("Allow", "GET, HEAD")
            allow = ", ".join(sorted({method.strip() for method in stated.split(",")} | {"OPTIONS"}))
            if request.method == "OPTIONS":
                return Response(status_code=204, headers={"Allow": allow})
            what = f"{request.url.path} does not take {request.method}."
            answer = pages.problem(request, NotAllowed(what, f"It takes {allow}."))
            answer.headers["Allow"] = allow
            return answer
        return pages.problem(request, NotFound(f"There is nothing at {request.url.path}.", "Begin at the front page."))

    def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)  # the client has left; nobody reads it

    def unforeseen(request: Request, error: Exception) -> Response:
        answer = _unforeseen(pages, request, error)
        answer.headers.update(SECURITY)  # this answer is made outside the layer that adds them
        return answer

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, unforeseen)


def _unforeseen(pages: Pages, request: Request, error: Exception) -> Response:
    number = request.scope.get("request_id")
    log.error("unforeseen error, request %s %s", number, request.url.path, exc_info=error)
    return pages.problem(request, Problem(f"The request {number} met an error of ours."))
