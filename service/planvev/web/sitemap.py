"""What search engines read first: `/robots.txt`, and every page worth finding in `/sitemap.xml`, split into parts.

Robots Exclusion Protocol (RFC 9309); Sitemaps 0.9 (sitemaps.org), whose part holds at most 50,000 addresses. The days
are those on which the graph that speaks of a page was last changed, from the history where it is kept, else the day of
the edition. A part is made from as many graphs as hold so many statements, so that none needs more than a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.engines.snapshot import GraphEntry
from planvev.errors import NotFound
from planvev.formats.rdf import NamedNode, Triple
from planvev.library import DATA
from planvev.names import NS, PREFIXES, WITHDRAWN
from planvev.web.desk import CACHE, Desk
from planvev.web.render import Pages
from planvev.web.rolls import LISTS

STATEMENTS = 40_000  # in the graphs of one part; a part never has more addresses than that
XMLNS = "http://www.sitemaps.org/schemas/sitemap/0.9"
FIXED = (
    *("/", "/about", "/accessibility", "/ns", "/shapes", "/queries", "/sparql", "/catalogue"),
    *("/matrix", "/timeline", "/compare", "/gaps"),
)
# What is asked by strangers' words has no end, and every page that is found there stands in the map.
ROBOTS = """User-agent: *
Disallow: /sparql?
Disallow: /search?
Disallow: /search/suggest
Disallow: /resource?
Disallow: /matrix?
Disallow: /matrix/
Disallow: /compare?
Disallow: /q/

Sitemap: {host}/sitemap.xml
"""
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_WITHDRAWN = NamedNode(WITHDRAWN)
_UNSOUGHT = {NamedNode(NS + "Quotation"), NamedNode(NS + "PageEntry")}  # found on the page of what they support


@dataclass(frozen=True)
class Part:
    """One file of the map: its graphs; of a graph too large for one file, the piece by its number."""

    graphs: tuple[GraphEntry, ...]
    piece: int = 0
    pieces: int = 1


class SitemapRoutes:
    """The routes for search engines and browsers, who ask without having been told."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/robots.txt", self.robots),
            Route("/sitemap.xml", self.index),
            Route("/sitemap/{part:int}.xml", self.part),
            Route("/favicon.ico", self.icon),
        ]

    def robots(self, request: Request) -> Response:
        return Response(ROBOTS.format(host=self.desk.host(request)), 200, {"Cache-Control": CACHE}, "text/plain")

    def icon(self, _: Request) -> Response:
        """Browsers that have no page at hand ask here; pages name the icon themselves."""
        return RedirectResponse(self.pages.assets.address("icon.svg") or "/", 307)

    def index(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        days = self._days(snapshot)
        host = self.desk.host(request)
        entries = [(f"{host}/sitemap/0.xml", _edition(snapshot))]
        for number, part in enumerate(parts(snapshot.manifest.graphs), 1):
            entries.append((f"{host}/sitemap/{number}.xml", max(days[entry.graph] for entry in part.graphs)))
        return self._answer("sitemapindex", "sitemap", entries)

    def part(self, request: Request) -> Response:
        snapshot, number, host = self.desk.shelf.current(), request.path_params["part"], self.desk.host(request)
        if number == 0:
            paths = [*FIXED, *(f"/all/{name}" for name in LISTS)]
            entries = [(host + path, _edition(snapshot)) for path in paths]
            return self._answer("urlset", "url", entries)
        every = parts(snapshot.manifest.graphs)
        if number > len(every):
            raise NotFound(f"The map has no part {number}.", "Its parts are listed in /sitemap.xml.")
        part, days = every[number - 1], self._days(snapshot)
        entries = []
        for entry in part.graphs:
            addresses = sorted({self.pages.base.address(iri) for iri in worth_finding(snapshot.graph(entry.graph))})
            entries += [(host + path, days[entry.graph]) for path in addresses if path.startswith("/doc/")]
        size = -(-len(entries) // part.pieces)
        shown = entries[part.piece * size : (part.piece + 1) * size]
        snapshot.confirm()
        return self._answer("urlset", "url", shown)

    def _days(self, snapshot: Edition) -> dict[str, date]:
        """When each graph was last changed."""
        newest = self.desk.history.graphs() if self.desk.history else {}
        otherwise = _edition(snapshot)
        return {graph: newest[graph].when.date() if graph in newest else otherwise for graph in snapshot.graphs}

    @staticmethod
    def _answer(root: str, item: str, entries: Iterable[tuple[str, date]]) -> Response:
        body = "".join(
            f" <{item}><loc>{escape(address)}</loc><lastmod>{day}</lastmod></{item}>\n" for address, day in entries
        )
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{XMLNS}">\n{body}</{root}>\n'
        # Without an ETag, so that it is not kept in memory: it holds the name under which we were asked.
        return Response(text, 200, {"Cache-Control": CACHE}, "application/xml")


def parts(graphs: Sequence[GraphEntry]) -> list[Part]:
    """The files of the map after the first, which holds the pages that are always there."""
    found, waiting, held = [], list[GraphEntry](), 0
    for entry in sorted((entry for entry in graphs if entry.role == DATA), key=lambda entry: entry.graph):
        if waiting and held + entry.triples > STATEMENTS:
            found.append(Part(tuple(waiting)))
            waiting, held = [], 0
        if entry.triples > STATEMENTS:
            pieces = -(-entry.triples // STATEMENTS)
            found += [Part((entry,), piece, pieces) for piece in range(pieces)]
        else:
            waiting.append(entry)
            held += entry.triples
    return [*found, Part(tuple(waiting))] if waiting else found


def worth_finding(triples: Sequence[Triple]) -> Iterator[str]:
    """The things that a graph speaks of, without those that are read on the pages of others or were withdrawn."""
    unsought = {t.subject for t in triples if t.predicate == _TYPE and t.object in _UNSOUGHT}
    unsought |= {t.subject for t in triples if t.predicate == _WITHDRAWN}
    for triple in triples:
        if isinstance(triple.subject, NamedNode) and triple.subject not in unsought:
            yield triple.subject.value


def _edition(snapshot: Edition) -> date:
    return date.fromisoformat(snapshot.manifest.created[:10])
