"""The gallery of questions: `/queries`, and each question as text."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from planvev import examples
from planvev.errors import NotFound
from planvev.examples import Example
from planvev.media import HTML, PLAIN_JSON, Media, negotiate
from planvev.web.desk import Desk
from planvev.web.render import Pages

SPARQL = Media("application/sparql-query", "rq", "SPARQL")


class GalleryRoutes:
    """The routes for whoever wonders what can be asked."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self.examples = examples.read(examples.folder(desk.settings.library))

    def routes(self) -> list[Route]:
        return [Route("/queries", self.gallery), Route("/queries/{name}.rq", self.text)]

    def gallery(self, request: Request) -> Response:
        wanted = request.query_params.get("format")
        media = PLAIN_JSON if wanted == "json" else negotiate(request.headers.get("accept"), (HTML, PLAIN_JSON))
        if media is PLAIN_JSON:
            return JSONResponse([_row(example) for example in self.examples], headers={"Vary": "Accept"})
        snapshot = self.desk.shelf.current()
        ordered = sorted(self.examples, key=lambda example: (example.need, example.slug))
        needs = [(need, list(members)) for need, members in groupby(ordered, key=lambda example: example.need)]
        return self.pages.page(
            "queries.html", request, self.desk.vocabulary(snapshot), snapshot=snapshot, needs=needs, ask=_ask
        )

    def text(self, request: Request) -> Response:
        name = request.path_params["name"]
        example = next((example for example in self.examples if example.slug == name), None)
        if example is None:
            raise NotFound(f"There is no question {name}.", "They are listed at /queries.")
        return Response(example.text, 200, media_type=SPARQL.type)


def _ask(example: Example) -> str:
    """The address of the question's answer."""
    return "/sparql?" + urlencode({"query": example.text})


def _row(example: Example) -> dict[str, object]:
    return {
        "slug": example.slug,
        "need": example.need,
        "title": dict(example.title),
        "about": dict(example.about),
        "query": example.text,
    }
