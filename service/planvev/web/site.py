"""Pages that are not about one thing: the lists behind the figures of the front page, and the state of the service."""

from __future__ import annotations

import json
from collections import Counter
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from planvev.engines.snapshot import MANIFEST
from planvev.errors import BadRequest, NotFound
from planvev.insight import figures
from planvev.insight.lookup import Lookup
from planvev.periods import Status
from planvev.registries import dumps
from planvev.web.desk import CACHE, Desk
from planvev.web.render import Pages
from planvev.web.rolls import LISTS, Rolls, lines, whole

PAGE = 100  # entries on one page of a list
STATUSES: tuple[Status, ...] = get_args(Status)


class SiteRoutes:
    """The routes for people who come by the front door, and for whoever watches the service."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls

    def routes(self) -> list[Route]:
        return [
            Route("/all/{name}", self.all),
            Route("/snapshot/{id}", self.snapshot),
            Route("/healthz", self.healthz),
            Route("/static/{name}", self.static),
        ]

    def all(self, request: Request) -> Response:
        snapshot, who, today = self.desk.shelf.current(), self.pages.reader(request), self.pages.today()
        name, wanted = request.path_params["name"], request.query_params.get("status", "")
        if name not in LISTS:
            raise NotFound(f"There is no list {name}.", f"The lists are {', '.join(LISTS)}.")
        if wanted and wanted not in STATUSES:
            raise BadRequest(f"There is no status {wanted[:40]!r}.", f"There are {', '.join(STATUSES)}.")
        lookup, roll = Lookup(snapshot, who.languages), self.rolls.roll(snapshot, name, who.languages)
        plans = {plan.iri: plan for plan in self.rolls.plans(snapshot)} if name == "plans" else {}
        iris = [iri for iri in roll.iris if not wanted or iri not in plans or plans[iri].status(today) == wanted]
        first = whole(request.query_params.get("from"))
        shown = iris[first : first + PAGE]
        snapshot.ready(shown)
        chosen = [plans[iri] for iri in shown if iri in plans]
        axis = figures.axis([plan.days for plan in chosen], today)
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "all.html",
            name=name,
            members=[] if chosen else [lookup.node(iri) for iri in shown],
            plans=lines(lookup, chosen, today, axis),
            axis=axis,
            states=Counter(plan.status(today) for plan in plans.values()),
            wanted=wanted,
            count=roll.count,
            found=len(iris),
            named=roll.named,
            first=first,
            step=PAGE,
        )

    def snapshot(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        if wanted == "current":
            manifest = self.desk.shelf.current().manifest.plain()
            manifest["dumps"] = dumps.listed(self.desk.settings.state)  # the last finished: they follow a publish
        else:
            folder = self.desk.shelf.find(wanted)
            if folder is None:
                raise NotFound(
                    f"There is no snapshot {wanted} here.",
                    "It may have been pruned; /snapshot/current is being served.",
                )
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        return JSONResponse(manifest, headers={"Cache-Control": CACHE})

    def healthz(self, _: Request) -> Response:
        snapshot = self.desk.shelf.current()
        return JSONResponse({"status": "ok", "snapshot": snapshot.id}, headers={"Cache-Control": "no-store"})

    def static(self, request: Request) -> Response:
        asset = self.pages.assets.get(request.path_params["name"])
        if asset is None:
            raise NotFound(f"There is no file {request.url.path}.")
        return Response(asset.content, 200, {"Cache-Control": "public, max-age=31536000, immutable"}, asset.type)
