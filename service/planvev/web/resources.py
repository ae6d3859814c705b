"""Things and the documents about them: `/id`, `/doc`, `/graph`, `/ns`, `/shapes`, `/resource`.

A thing answers 303 to the document that suits the client (W3C, Cool URIs for the Semantic Web, section 4.2); a document
answers 200 with its format in its address. Handlers are plain functions, so they run in threads: reading the store must
not hold up the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.errors import BadRequest, NotFound
from planvev.formats import rdf
from planvev.formats.rdf import NamedNode, Triple
from planvev.insight import figures
from planvev.insight.lookup import Lookup
from planvev.insight.rules import by_term, rules
from planvev.media import DOCUMENTS, DOCUMENTS_WIDE, GRAPHS, HTML, Media, by_suffix, called, negotiate
from planvev.names import COMMON, PREFIXES, WITHDRAWN
from planvev.versions.past import Past
from planvev.web.desk import CACHE, VERSION, Desk, etag, unchanged
from planvev.web.kinds import Asked, page
from planvev.web.memento import Mementos
from planvev.web.render import Pages
from planvev.web.rolls import Rolls, whole

SUBJECTS_SHOWN = 500
_IRI_SAFE = ":/?#[]@!$&'()*+,;=%~-._"


class Resources:
    """The routes for whoever follows an IRI."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls
        self.mementos = Mementos(desk)

    def routes(self) -> list[Route]:
        return [
            Route("/id/{path:path}", self.thing),
            Route("/doc/{path:path}", self.document),
            Route("/resource", self.resource),
            Route("/graph/{path:path}", self.graph),
            Route("/ns", self.vocabulary),
            Route("/ns.{suffix}", self.vocabulary),
            Route("/ns/{path:path}", self.vocabulary_part),
            Route("/shapes", self.shapes),
            Route("/shapes.{suffix}", self.shapes),
            Route("/shapes/{path:path}", self.shapes_part),
            *self.mementos.routes(),
        ]

    def thing(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        path = request.path_params["path"]
        iri = self._found(snapshot, path)
        if snapshot.values(iri, WITHDRAWN):
            media = negotiate(request.headers.get("accept"), DOCUMENTS_WIDE)
            return self._about(request, snapshot, iri, media, f"/doc/{quote(path)}")
        return self._see_other(request, path)

    def document(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        path, media = _split(request.path_params["path"], DOCUMENTS)
        if media and (then := self.mementos.look(request, snapshot, "doc", path)):
            if isinstance(then, Response):
                return then
            past, iri = then
            answer = self._about(request, past, iri, media, f"/doc/{quote(path)}")
            return self.mementos.marked(answer, request, "doc", path, past)
        if media is None and VERSION in request.query_params:
            return self._see_other(request, path)
        iri = self._found(snapshot, path)
        if media is None:
            return self._see_other(request, path)
        return self.mementos.announced(self._about(request, snapshot, iri, media, f"/doc/{quote(path)}"), request)

    def resource(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        iri = request.query_params.get("iri", "")
        if not iri:
            raise BadRequest("The address names no resource.", "Write it as /resource?iri=<the IRI, percent-encoded>.")
        if not snapshot.holds(iri):
            raise NotFound(f"Nothing published here mentions {iri}.")
        media = called(_formats(request), DOCUMENTS) or negotiate(request.headers.get("accept"), DOCUMENTS_WIDE)
        return self._about(request, snapshot, iri, media, None)

    def graph(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        place, media = _split(request.path_params["path"], GRAPHS)
        if then := self.mementos.look(request, snapshot, "graph", place):
            if isinstance(then, Response):
                return then
            answer = self._graph(request, then[0], then[1], media)
            return self.mementos.marked(answer, request, "graph", place, then[0])
        return self.mementos.announced(self._graph(request, snapshot, self.desk.base.graph(place), media), request)

    def vocabulary(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        media = self._document_media(request)
        if media is not HTML:
            return self._triples(request, snapshot, snapshot.graph(f"{COMMON}/ns"), media, f"{COMMON}/ns")
        terms = self.desk.vocabulary(snapshot)
        return self._page(
            request,
            snapshot,
            "ns.html",
            classes=terms.ours("class"),
            properties=terms.ours("property"),
            bound=by_term(rules(snapshot)),
            drawing=figures.core(),
        )

    def vocabulary_part(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        path, media = _split(request.path_params["path"], GRAPHS)
        return self._graph(request, snapshot, f"{COMMON}/ns/{path}", media)

    def shapes(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        media = self._document_media(request)
        graphs = [entry for entry in snapshot.manifest.graphs if entry.role == "shapes"]
        if media is not HTML:
            triples = [triple for entry in graphs for triple in snapshot.graph(entry.graph)]
            return self._triples(request, snapshot, triples, media, f"{COMMON}/shapes")
        return self._page(request, snapshot, "shapes.html", rules=rules(snapshot))

    def shapes_part(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        path, media = _split(request.path_params["path"], GRAPHS)
        return self._graph(request, snapshot, f"{COMMON}/shapes/{path}", media)

    def _found(self, snapshot: Edition, path: str) -> str:
        """The IRI that a path stands for.

        Raises:
            NotFound: naming the nearest thing above that exists.
        """
        for iri in self.desk.base.spoken(f"/id/{path}"):
            if gone := self.mementos.gone(snapshot, iri, path):
                raise gone
            if snapshot.holds(iri):
                return iri
        stem, _, suffix = path.rpartition(".")
        if any(snapshot.holds(iri) for iri in self.desk.base.spoken(f"/id/{stem}")):
            raise NotFound(f"There is no format .{suffix} of /id/{stem}.", f"There are {_listed(DOCUMENTS)}.")
        parts = path.split("/")
        for length in range(len(parts) - 1, 1, -1):
            above = f"{self.desk.base.iri}/id/{'/'.join(parts[:length])}"
            if snapshot.holds(above):
                raise NotFound(f"We have nothing at /id/{path}.", f"The nearest thing above it is {above}.")
        raise NotFound(f"We have nothing at /id/{path}.", "Begin at the front page, or ask /sparql.")

    def _see_other(self, request: Request, path: str) -> Response:
        media = negotiate(request.headers.get("accept"), DOCUMENTS_WIDE)
        document = f"/doc/{quote(path)}"
        headers = {"Vary": "Accept", "Cache-Control": CACHE, "Link": _alternates(document, DOCUMENTS)}
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{document}.{media.suffix}{query}", 303, headers)

    def _about(self, request: Request, snapshot: Edition, iri: str, media: Media, document: str | None) -> Response:
        if known := unchanged(request, self._tag(request, snapshot, media)):
            return known
        links = [f'<{quote(iri, safe=_IRI_SAFE)}>; rel="about"']
        if document:
            links += [_alternates(document, DOCUMENTS), f'<{document}.html>; rel="canonical"; type="text/html"']
        link = ", ".join(links)
        path = unquote(document or "").removeprefix("/doc/")
        gone = self.mementos.tombstone(snapshot, iri, path, self.pages.reader(request).languages)
        if gone and media.suffix == HTML.suffix:
            raise gone
        if media.suffix == HTML.suffix:
            languages = self.pages.reader(request).languages
            lookup = Lookup(snapshot, languages)
            thing = lookup.thing(iri)
            plans, every_rule = partial(self.rolls.by_iri, snapshot), partial(self.rolls.rules, snapshot)
            first = whole(request.query_params.get("from"))
            asked = Asked(lookup, thing, self.desk.vocabulary(snapshot), plans, every_rule, self.pages.today(), first)
            template, data = page(asked)
            return self._page(request, snapshot, template, link, thing=thing, document=document, **data)
        triples = snapshot.describe(iri)
        if document:
            triples += _about_document(f"{self.desk.base.iri}{document}", iri, snapshot.graphs_about(iri))
        answer = self._triples(request, snapshot, triples, media, None, link, iri)
        if gone:
            answer.status_code = gone.status
        return answer

    def _graph(self, request: Request, snapshot: Edition, graph: str, media: Media | None) -> Response:
        entry = snapshot.graphs.get(graph)
        if entry is None:
            self.mementos.withdrawn(graph)
            raise NotFound(
                f"There is no graph {graph} in this snapshot.", "The graphs are listed at /snapshot/current."
            )
        media = media or called(_formats(request), GRAPHS) or negotiate(request.headers.get("accept"), GRAPHS)
        if known := unchanged(request, self._tag(request, snapshot, media)):
            return known
        triples = snapshot.graph(graph)
        if media is not HTML:
            return self._triples(request, snapshot, triples, media, graph)
        lookup = Lookup(snapshot, self.pages.reader(request).languages)
        subjects = sorted(rdf.subjects(triples))
        snapshot.ready(subjects[:SUBJECTS_SHOWN])
        shown = [lookup.node(iri) for iri in subjects[:SUBJECTS_SHOWN]]
        return self._page(
            request, snapshot, "graph.html", entry=entry, subjects=shown, count=len(subjects), formats=GRAPHS[1:]
        )

    def _tag(self, request: Request, snapshot: Edition, media: Media) -> str:
        """The validator of an answer, known before the answer is made."""
        if media.suffix != HTML.suffix:
            return etag(snapshot, media.suffix)
        who = self.pages.reader(request)
        return etag(snapshot, "html", who.language, "chosen" if who.chosen else "told", str(self.pages.today()))

    def _triples(
        self,
        request: Request,
        snapshot: Edition,
        triples: Sequence[Triple],
        media: Media,
        graph: str | None,
        link: str = "",
        first: str | None = None,
    ) -> Response:
        tag = self._tag(request, snapshot, media)
        headers = {"ETag": tag, "Cache-Control": CACHE, "Vary": "Accept"} | ({"Link": link} if link else {})
        known = unchanged(request, tag)
        if known:
            return known
        snapshot.confirm()
        return Response(rdf.write(triples, media.suffix, first, graph), 200, headers, media.content_type)

    def _page(self, request: Request, snapshot: Edition, template: str, link: str = "", **data: Any) -> Response:
        tag = self._tag(request, snapshot, HTML)
        headers = {"ETag": tag, "Cache-Control": CACHE} | ({"Link": link} if link else {})
        known = unchanged(request, tag)
        if known:
            return known
        vocabulary = self.desk.vocabulary(snapshot)
        snapshot.confirm()
        past = snapshot.version if isinstance(snapshot, Past) else None
        return self.pages.page(template, request, vocabulary, headers=headers, snapshot=snapshot, past=past, **data)

    def _document_media(self, request: Request) -> Media:
        suffix = request.path_params.get("suffix")
        if suffix is None:
            return called(_formats(request), DOCUMENTS) or negotiate(request.headers.get("accept"), DOCUMENTS_WIDE)
        media = by_suffix(suffix, DOCUMENTS)
        if media is None:
            raise NotFound(f"There is no format .{suffix} here.", f"There are {_listed(DOCUMENTS)}.")
        return media


def _split(path: str, offers: Sequence[Media]) -> tuple[str, Media | None]:
    """A path and the format its ending names; a path may hold dots of its own."""
    stem, dot, suffix = path.rpartition(".")
    media = by_suffix(suffix, offers) if dot else None
    return (stem, media) if media else (path, None)


def _formats(request: Request) -> list[str]:
    return request.query_params.getlist("format")


def _listed(offers: Sequence[Media]) -> str:
    return ", ".join(offer.suffix for offer in offers)


def _alternates(document: str, offers: Sequence[Media]) -> str:
    return ", ".join(f'<{document}.{offer.suffix}>; rel="alternate"; type="{offer.type}"' for offer in offers)


def _about_document(document: str, iri: str, graphs: Sequence[str]) -> list[Triple]:
    """What the document says of itself: what it is about, and in which graphs that is said."""
    node, foaf = NamedNode(document), PREFIXES["foaf"]
    return [
        Triple(node, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(foaf + "Document")),
        Triple(node, NamedNode(foaf + "primaryTopic"), NamedNode(iri)),
        *(Triple(node, NamedNode(PREFIXES["dct"] + "source"), NamedNode(graph)) for graph in graphs),
    ]
