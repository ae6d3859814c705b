"""How well each owner's data is: `/health`, and for each owner what to mend, with file and line, and what ends soon."""

from __future__ import annotations

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.checking import remarks
from planvev.checking.remarks import REMARKS
from planvev.engines.snapshot import GraphEntry, Snapshot
from planvev.errors import NeedsEmbedded, NotFound
from planvev.formats.lines import Lines
from planvev.insight import figures, health
from planvev.insight.lookup import Lookup
from planvev.web.desk import Desk
from planvev.web.render import Pages
from planvev.web.rolls import Rolls, lines, whole

STEP = 50  # remarks on a page
AHEAD = 2 * 365  # days in which what ends is told of


class HealthRoutes:
    """The routes for whoever keeps data here in order."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls

    def routes(self) -> list[Route]:
        return [Route("/health", self.all), Route("/health/{owner}", self.owner)]

    def all(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        lookup = Lookup(snapshot, self.pages.reader(request).languages)
        every = health.overview(snapshot.manifest.graphs)
        names = {line.owner: self.desk.base.thing(f"org/{line.owner}") for line in every}
        snapshot.ready(names.values())
        known = {owner: lookup.node(iri) for owner, iri in names.items() if snapshot.speaks_of(iri)}
        return self.pages.of_edition(request, self.desk, snapshot, "health_all.html", every=every, known=known)

    def owner(self, request: Request) -> Response:
        snapshot, owner = self.desk.shelf.current(), request.path_params["owner"]
        if not isinstance(snapshot, Snapshot):
            raise NeedsEmbedded("Advice is kept beside the embedded engine; this service asks another one.")
        if owner not in {line.owner for line in health.overview(snapshot.manifest.graphs)}:
            raise NotFound(f"Nobody called {owner} has data here.", "Whoever has is listed at /health.")
        lookup, today = Lookup(snapshot, self.pages.reader(request).languages), self.pages.today()

        def located(entry: GraphEntry) -> Lines | None:
            library = self.desk.settings.library
            return self.rolls.kept(snapshot, ("lines", entry.place), lambda: health.locate(library, entry))

        said = remarks.read(snapshot.folder / REMARKS, owner)
        first = whole(request.query_params.get("from"))
        iri = self.desk.base.thing(f"org/{owner}")
        own = [plan for plan in self.rolls.plans(snapshot) if iri in plan.owners and plan.period and plan.period.end]
        ending = sorted((p for p in own if (p.days[1] - today).days <= AHEAD), key=lambda p: (p.days[1], p.iri))  # type: ignore[operator]
        axis = figures.axis([plan.days for plan in ending], today)
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "health.html",
            name=lookup.node(iri) if snapshot.speaks_of(iri) else None,
            report=health.report(lookup, owner, said, self.rolls.rules(snapshot), located, first, STEP),
            step=STEP,
            ending=lines(lookup, ending, today, axis),
            axis=axis,
            created=date.fromisoformat(snapshot.manifest.created[:10]),
        )
