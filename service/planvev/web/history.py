"""What changed, for people: `/changes`, every edition, and `/changes/{place}`, two versions of a graph in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.engines.engine import Edition as Published
from planvev.errors import BadRequest, NeedsEmbedded, NotFound
from planvev.insight import changes
from planvev.insight.things import Text
from planvev.library import DATA
from planvev.versions import pieces
from planvev.versions.annals import Change, Version
from planvev.versions.history import History
from planvev.versions.past import Past
from planvev.web.desk import CACHE, Desk
from planvev.web.memento import title
from planvev.web.render import Pages
from planvev.web.rolls import whole

EDITIONS = 20  # on one page
GRAPHS = 30  # of one edition named on that page
THINGS = 200  # told of on the page of two versions


@dataclass(frozen=True)
class Line:
    """One graph that an edition changed, as the list shows it; `place` is empty where no page tells of it."""

    title: Text
    place: str
    kind: str
    things: int
    gone: int


class ChangeRoutes:
    """The routes for whoever asks what is different now."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [Route("/changes", self.editions), Route("/changes/{place:path}", self.versions)]

    def editions(self, request: Request) -> Response:
        """Every edition, newest first."""
        history, snapshot = self._history(), self.desk.shelf.current()
        editions = list(reversed(history.editions()))
        first = whole(request.query_params.get("from"))
        languages = self.pages.reader(request).languages
        shown = [
            (edition, self._lines(snapshot, edition.number, edition.changes, languages), len(edition.changes))
            for edition in editions[first : first + EDITIONS]
        ]
        return self._page(
            request, snapshot, "changes.html", shown=shown, first=first, step=EDITIONS, count=len(editions)
        )

    def versions(self, request: Request) -> Response:
        """What differs between two versions of a graph: by default the newest and the one before it."""
        history, snapshot = self._history(), self.desk.shelf.current()
        place = request.path_params["place"]
        versions = list(history.versions(self.desk.base.graph(place)))
        if not versions:
            raise NotFound(f"Nothing was ever published at {place}.", "What was, is listed at /changes.")
        to = _chosen(versions, request.query_params.get("to"), versions[-1])
        earlier = [version for version in versions if version.edition < to.edition]
        asked = request.query_params.get("from")
        since = _chosen(versions, asked, to) if asked else (earlier[-1] if earlier else None)
        who = self.pages.reader(request)
        old, new = (self._read(snapshot, version) for version in (since, to))
        told, count = changes.between(old, new, who.languages, THINGS)
        return self._page(
            request,
            snapshot,
            "versions.html",
            place=place,
            title=title(self.desk, snapshot, to, who.languages),
            versions=list(reversed(versions)),
            since=since,
            to=to,
            told=told,
            count=count,
        )

    def _lines(
        self, snapshot: Published, number: int, changed: Sequence[Change], languages: Sequence[str]
    ) -> list[Line]:
        lines = []
        for change in sorted(changed, key=lambda change: change.role != DATA)[:GRAPHS]:
            data = change.role == DATA
            kind = (changes.CHANGED if change.was else changes.NEW) if change.digest else changes.GONE
            version = Version(number, self._history().time(number), change.graph, change.place, change.digest, 0)
            name = title(self.desk, snapshot, version, languages) if data else Text(change.place)
            lines.append(Line(name, change.place if data else "", kind, change.things, len(change.gone)))
        return lines

    def _read(self, snapshot: Published, version: Version | None) -> tuple[Past, dict[str, bytes]] | None:
        if version is None or not version.digest:
            return None
        lines = self._history().lines(version.place, version.digest)
        return Past(snapshot, self.desk.base, version, lines), pieces.cut(lines, version.graph)

    def _history(self) -> History:
        if self.desk.history is None:
            raise NeedsEmbedded(
                "What changed is kept beside the embedded engine; this service asks another one.",
                "Ask the service that publishes.",
            )
        return self.desk.history

    def _page(self, request: Request, snapshot: Published, template: str, **data: Any) -> Response:
        vocabulary = self.desk.vocabulary(snapshot)
        headers = {"Cache-Control": CACHE}
        return self.pages.page(template, request, vocabulary, headers=headers, snapshot=snapshot, **data)


def _chosen(versions: Sequence[Version], asked: str | None, default: Version) -> Version:
    """The version that stood in the edition that was asked for.

    Raises:
        BadRequest: that is no number.
        NotFound: there was none yet.
    """
    if not asked:
        return default
    if not asked.isdecimal() or len(asked) > 9:
        raise BadRequest(f"{asked[:40]!r} is not the number of an edition.", "Editions are listed at /changes.")
    found = [version for version in versions if version.edition <= int(asked)]
    if not found:
        raise NotFound(f"It was not published yet in edition {asked}.", f"It was first in {versions[0].edition}.")
    return found[-1]
