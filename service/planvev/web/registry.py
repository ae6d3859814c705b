"""What national registries harvest: `/catalogue`, `/concepts`, `/model`, `/organisations` and `/codes`.

The harvester of data.norge.no reads the body by the type it asked for, follows no redirect to another scheme, and takes
a Content-Encoding for a charset. So the answer is 200, the syntax asked for (Turtle where none is), never compressed,
one whole document with absolute IRIs. A browser gets a page with the same content and what is missing from it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from planvev.engines import engine
from planvev.engines.snapshot import Shelf, Snapshot
from planvev.errors import NeedsEmbedded, NoDumps, NotFound
from planvev.formats import rdf
from planvev.formats.rdf import Triple
from planvev.media import HTML, NQUADS, OLD_RDF, RDF, TRIG, TURTLE, Media, by_suffix, called, negotiate
from planvev.names import COMMON, PREFIXES
from planvev.registries import catalogue, concepts, datasets, dumps, model, void
from planvev.registries.dumps import Edition
from planvev.registries.holdings import Holdings
from planvev.registries.registry import NAMESPACES, Document, Missing, Owner
from planvev.web.desk import CACHE, Desk, unchanged
from planvev.web.render import Pages

# Turtle first: whoever does not say what they want gets that, also the harvester that sends `*/*`.
OFFERS = (*RDF, TRIG, NQUADS, *OLD_RDF, HTML)
VARY = "Accept, Accept-Language"
# A document without statements that tells readers what it is: rapper, left to guess, fails on one of no bytes.
EMPTY = (
    b"# Nothing has all that the profile asks for yet. What each thing lacks stands on the page at this address.\n"
    b"@prefix dct: <http://purl.org/dc/terms/> .\n"
)
SUFFIXES = (*RDF, TRIG, NQUADS, HTML)


@dataclass(frozen=True)
class Edited:
    """The last finished edition of the dumps, what it tells of publishers, and the snapshot it was made of.

    The dumps come a moment after a snapshot. Until then every document is of the edition before, so that whoever
    harvests in the middle of a publish gets documents that agree.
    """

    edition: Edition
    holdings: Holdings
    snapshot: engine.Edition


class RegistryRoutes:
    """The routes for registries."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self._lock = threading.Lock()
        self._held: Edited | None = None

    def routes(self) -> list[Route]:
        rooms = {"concepts": self.concepts, "model": self.model, "organisations": self.shared, "codes": self.shared}
        plain = [Route(f"/{name}", handler) for name, handler in rooms.items()]
        ended = [Route(f"/{name}.{{suffix}}", handler) for name, handler in rooms.items()]
        return [
            Route("/catalogue", self.catalogue),
            Route("/catalogue.{suffix}", self.catalogue),
            Route("/catalogue/{org}.{suffix}", self.catalogue),
            Route("/catalogue/{org}", self.catalogue),
            *plain,
            *ended,
            Route("/.well-known/void", self.void),
        ]

    def catalogue(self, request: Request) -> Response:
        org = request.path_params.get("org", "")
        held = self._edited()
        version = _version(held)

        def written(owner: Owner) -> Document:
            made = catalogue.catalogue(owner, held.edition, held.holdings, version, org)
            if made is None:
                raise NotFound(f"There is no publisher {org} here.", "Those there are, are listed at /catalogue.")
            return made

        return self._answer(request, held, written, "catalogue")

    def concepts(self, request: Request) -> Response:
        held = self._edited()
        return self._answer(request, held, lambda owner: concepts.concepts(owner, held.holdings), "concepts")

    def model(self, request: Request) -> Response:
        held = self._edited()
        vocabulary, version = self.desk.vocabulary(held.snapshot), _version(held)
        return self._answer(
            request, held, lambda owner: model.model(owner, held.holdings, vocabulary, version), "model"
        )

    def void(self, request: Request) -> Response:
        held = self._edited()
        numbers = held.snapshot.statistics if isinstance(held.snapshot, Snapshot) else None
        if numbers is None:
            raise NeedsEmbedded(
                "The description is made of numbers that are kept beside the embedded engine.",
                "Ask the engine for them, or the description of the endpoint at /sparql.",
            )
        return self._answer(request, held, lambda owner: void.void(owner, held.edition, held.holdings, numbers), "void")

    def shared(self, request: Request) -> Response:
        """Every organisation, or every code list, as the graphs have them."""
        held = self._edited()
        name = request.url.path.lstrip("/").partition(".")[0]
        kind = {"organisations": "org/", "codes": "code/"}[name]

        def written(owner: Owner) -> Document:
            made = Document(owner, held.holdings)
            for entry in held.snapshot.manifest.graphs:
                if entry.place.startswith(kind):
                    made.triples.update(dict.fromkeys(_without_quotations(held.snapshot.graph(entry.graph))))
            return made

        return self._answer(request, held, written, name)

    def _edited(self) -> Edited:
        """The last finished edition, read once."""
        state, current = self.desk.settings.state, self.desk.shelf.current()
        found = dumps.find(state, dumps.LATEST)
        with self._lock:
            if found and self._held and self._held.edition == found[1]:
                return self._held
            held = dumps.held(state)
            if held is None and self.desk.settings.engine:
                raise NeedsEmbedded(
                    "This page is made of the dumps that a publish leaves in its state folder; this service asks "
                    "another engine, and its state folder has none.",
                    "Serve with the state folder of the publish that fills the engine (PLANVEV_STATE).",
                )
            if held is None:
                raise NoDumps("There are no dumps that catalogues could name.", "Run `planvev publish`.")
            self._held = Edited(*held, _made_of(held[0], current, Shelf(state)))
            return self._held

    def _answer(self, request: Request, held: Edited, written: Callable[[Owner], Document], name: str) -> Response:
        media, who = _media(request, OFFERS[:-1] if name == "void" else OFFERS), self.pages.reader(request)
        owner = Owner.of(self.desk.settings, str(request.base_url))
        snapshot = held.snapshot
        stated = hashlib.sha256(repr(owner).encode()).hexdigest()[:10]
        tag = f'W/"{held.edition.name}-{snapshot.id}-{stated}-{media.suffix}-{who.language}"'
        if known := unchanged(request, tag, VARY):
            return known
        headers = {"ETag": tag, "Cache-Control": CACHE, "Vary": VARY, "X-Planvev-Edition": held.edition.name}
        made = written(owner)
        top = owner.base.iri + ("/.well-known/void" if name == "void" else request.url.path.partition(".")[0])
        if media is HTML:
            page = f"{owner.host}{request.url.path}"
            linked = datasets.described(made.triples, top, page, who.language) if name == "catalogue" else None
            return self.pages.page(
                "registry.html",
                request,
                self.desk.vocabulary(snapshot),
                headers=headers,
                snapshot=snapshot,
                name=name,
                org=request.path_params.get("org", ""),
                edition=held.edition,
                publishers=held.holdings.publishers(),
                missing=_gathered(made.missing, who.language),
                formats=SUFFIXES[:-1],
                linked=linked,
            )
        body = rdf.write(made.triples, media.suffix, first=top, known=NAMESPACES)
        if not made.triples and media in (TURTLE, TRIG):
            body = EMPTY
        return Response(body, 200, headers, media.content_type)


def _made_of(edition: Edition, current: engine.Edition, shelf: Shelf) -> engine.Edition:
    """The snapshot that an edition is the dumps of, as long as it is kept; then the one that is served."""
    folder = shelf.find(edition.snapshot) if edition.snapshot != current.id else None
    try:
        return Snapshot(folder) if folder else current
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):  # pruned while it was opened
        return current


def _version(held: Edited) -> str:
    """The version of the vocabulary that the data of an edition conform to."""
    values = held.snapshot.values(f"{COMMON}/ns", PREFIXES["owl"] + "versionInfo")
    return str(values[0].value) if values else ""  # type: ignore[union-attr]


def _media(request: Request, offers: Sequence[Media]) -> Media:
    """The syntax: by the ending of the address, else by `format=`, else by what is accepted."""
    suffix = request.path_params.get("suffix")
    if suffix is not None:
        media = by_suffix(suffix, SUFFIXES)
        if media is None:
            have = ", ".join(f".{offer.suffix}" for offer in SUFFIXES)
            raise NotFound(f"There is nothing at {request.url.path}.", f"The endings are {have}.")
        return media
    formats = request.query_params.getlist("format")
    return called(formats, offers) or negotiate(request.headers.get("accept"), offers)


def _gathered(missing: Sequence[Missing], language: str) -> list[tuple[str, list[str]]]:
    """What is missing, said once for all things that lack it."""
    found: dict[str, list[str]] = {}
    for one in missing:
        things = found.setdefault(one.words[language], [])
        if one.about not in things:
            things.append(one.about)
    return list(found.items())


def _without_quotations(triples: Sequence[Triple]) -> list[Triple]:
    """Statements without the quotations that stand beside them: a registry asks for identifiers, not for evidence."""
    quoted = {triple.object for triple in triples if triple.predicate.value == PREFIXES["plan"] + "quotedFrom"}
    below = set(quoted)
    for triple in triples:
        if triple.subject in quoted and triple.predicate.value == PREFIXES["oa"] + "hasSelector":
            below.add(triple.object)
    return [triple for triple in triples if triple.subject not in below and triple.object not in quoted]
