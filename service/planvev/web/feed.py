"""The change feed over HTTP: `/feed` for machines (LDES over TREE), `/feed.atom` for people.

Nodes of the stream name graphs, so they come in formats that can: TriG, N-Quads and JSON-LD. What is full never changes
and may be kept for ever; the rest is kept for a minute.
"""

from __future__ import annotations

from itertools import islice
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from planvev import __version__
from planvev.engines.engine import Edition
from planvev.errors import NeedsEmbedded, NotFound
from planvev.formats import atom, rdf
from planvev.formats.atom import Entry
from planvev.media import HTML, JSONLD, NQUADS, TRIG, Media, called, negotiate
from planvev.registries.holdings import publisher_of
from planvev.versions import feed
from planvev.versions.annals import Version
from planvev.versions.feed import Feed, Stream, Stretch
from planvev.web.desk import FOREVER, Desk, unchanged
from planvev.web.memento import title
from planvev.web.render import Pages
from planvev.web.texts import translator

OFFERS = (TRIG, NQUADS, JSONLD)
SHORT = "public, max-age=60"
NEWS = 50  # entries of the feed for people
VARY = "Accept, Accept-Encoding"


class FeedRoutes:
    """The routes for whoever follows what changes."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self._feed = Feed(desk.history) if desk.history else None

    def routes(self) -> list[Route]:
        return [
            Route("/feed", self.root),
            Route("/feed.atom", self.news),
            Route("/feed/{org}.atom", self.news),
            Route("/feed/{kind}/{number:int}", self.node),
        ]

    def root(self, request: Request) -> Response:
        """Where the stream begins. Whoever would rather read a page is shown what changed, in words."""
        if not _formats(request) and negotiate(request.headers.get("accept"), (*OFFERS, HTML)) is HTML:
            return RedirectResponse("/changes", 303, {"Vary": VARY, "Cache-Control": SHORT})
        stream = self._stream(request)
        return self._answer(request, stream.root(), f"root-{stream.feed.count}", whole=False)

    def node(self, request: Request) -> Response:
        stream = self._stream(request)
        kind, number = request.path_params["kind"], request.path_params["number"]
        sizes = {"volume": feed.PAGE * feed.VOLUME, "page": feed.PAGE, "member": 1}
        made = getattr(stream, kind)(number) if kind in sizes else None
        if made is None:
            raise NotFound(f"There is nothing at {request.url.path}.", "Begin at /feed and follow its relations.")
        whole = kind == "member" or feed.full(stream.feed.count, number, sizes[kind])
        count = "whole" if whole else stream.feed.count
        return self._answer(request, made, f"{kind}-{number}-{count}", whole)

    def news(self, request: Request) -> Response:
        """What changed last, for people, of everything or of one publisher."""
        stream, snapshot = self._stream(request), self.desk.shelf.current()
        org, who = request.path_params.get("org", ""), self.pages.reader(request)
        mine = (one for one in reversed(stream.feed.stretches()) if org in ("", publisher_of(one.change.place)))
        chosen = list(islice(mine, NEWS))
        if org and not chosen:
            raise NotFound(f"There is no publisher {org} here.", "Those there are, are listed at /catalogue.")
        tag = f'W/"atom-{org}-{stream.feed.count}-{snapshot.id}-{__version__}-{who.language}"'
        headers = {"ETag": tag, "Cache-Control": SHORT, "Vary": "Accept-Language, Accept-Encoding"}
        if known := unchanged(request, tag, headers["Vary"]):
            return known
        gettext, _ = translator(who.language)
        own = f"{stream.host}{quote(request.url.path)}"
        named = gettext("Changes in the plans") + (f": {org}" if org else "")
        entries = [self._entry(stream, snapshot, one, who.languages, who.language) for one in chosen]
        iri = f"{stream.base}{request.url.path}"
        body = atom.feed(iri, named, own, f"{stream.host}/changes", who.language, "planvev", entries)
        return Response(body, 200, headers, "application/atom+xml")

    def _entry(
        self, stream: Stream, snapshot: Edition, one: Stretch, languages: tuple[str, ...], language: str
    ) -> Entry:
        change = one.change
        gettext, _ = translator(language)
        number = one.edition.number
        version = Version(number, one.edition.when, change.graph, change.place, change.digest, change.triples)
        label = title(self.desk, snapshot, version, languages).value
        kind = gettext("Changed") if change.was else gettext("New")
        kind = kind if change.digest else gettext("Withdrawn")
        summary = gettext("%(came)s things new or changed, %(gone)s withdrawn") % {
            "came": change.things,
            "gone": len(change.gone),
        }
        return Entry(
            f"{change.graph}?version={number}",
            f"{kind}: {label}",
            one.edition.time,
            f"{stream.host}/changes/{quote(change.place)}?to={number}",
            summary,
        )

    def _stream(self, request: Request) -> Stream:
        if self._feed is None:
            raise NeedsEmbedded(
                "The feed is made of the history, which is kept beside the embedded engine; this service asks another.",
                "Ask the service that publishes.",
            )
        host = self.desk.host(request)
        return Stream(self._feed, self.desk.base.iri, host)

    def _answer(self, request: Request, quads: bytes, name: str, whole: bool) -> Response:
        media = _media(request)
        tag = f'W/"{name}-{__version__}-{media.suffix}"'
        if known := unchanged(request, tag, VARY):
            return known
        headers = {"ETag": tag, "Cache-Control": FOREVER if whole else SHORT, "Vary": VARY}
        return Response(rdf.transcribed(quads, media.suffix, feed.NAMESPACES), 200, headers, media.content_type)


def _formats(request: Request) -> list[str]:
    return request.query_params.getlist("format")


def _media(request: Request) -> Media:
    return called(_formats(request), OFFERS) or negotiate(request.headers.get("accept"), OFFERS)
