"""The page of the endpoint: the query in a form, its answer as drawing and table, or what is wrong and where.

All of it is made here, so that it needs no script; where scripts run, the editor (assets/editor.js) takes the place of
the text field, and asks `/sparql/terms` what our words are. `/q/…` is a query as a short link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from planvev.answering.optimise import Plan
from planvev.engines.engine import Edition
from planvev.errors import Problem, QuerySyntax
from planvev.media import Media
from planvev.names import PREFIXES
from planvev.queries import examples
from planvev.queries.examples import Example
from planvev.web import chart, shortlink
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.render import Pages
from planvev.web.samples import samples
from planvev.web.table import Table

AROUND = 2  # lines of a query that are shown before and after a faulty one
EXAMPLE = """SELECT ?strategi ?ord WHERE {
  ?strategi a plan:Strategy ;
            plan:text ?ord ;
            plan:inFocusArea ?område ;
            plan:order ?nr .
}
ORDER BY ?område ?nr
LIMIT 100"""

Graphs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Marked:
    """A line of a query by its number; of the faulty one, `at` is where it could not be read further."""

    number: int
    before: str
    at: str = ""
    after: str = ""
    faulty: bool = False


@dataclass(frozen=True)
class Answered:
    """What is shown of an answer: its table, and the formats in which all of it can be fetched."""

    kind: str
    table: Table | None
    formats: Sequence[Media]
    graphs: Graphs = ()


class EditorRoutes:
    """The routes beside the endpoint, for whoever writes queries in a browser."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [Route("/sparql/terms", self.terms), Route("/q/{word}", self.whole)]

    def terms(self, request: Request) -> Response:
        """Our prefixes, and each class and property with what it is called and means, for completion."""
        snapshot, who = self.desk.shelf.current(), self.pages.reader(request)
        tag = etag(snapshot, "terms", who.language)
        if known := unchanged(request, tag):
            return known
        vocabulary = self.desk.vocabulary(snapshot)
        found = []
        for iri, term in sorted(vocabulary.terms.items(), key=lambda item: item[1].name):
            _, colon, local = term.name.partition(":")
            if colon and local and "/" not in local:
                label, _ = vocabulary.label(iri, who.languages)
                note = next((term.definitions[code] for code in who.languages if code in term.definitions), "")
                # Of others' terms we say what they are called, not what they are; their names begin as ours do.
                kind = term.kind or ("class" if local[0].isupper() else "property")
                found.append({"name": term.name, "kind": kind, "label": label, "note": note})
        headers = {"ETag": tag, "Cache-Control": CACHE, "Vary": "Accept-Language, Accept-Encoding"}
        return JSONResponse({"prefixes": PREFIXES, "terms": found}, headers=headers)

    def whole(self, request: Request) -> Response:
        """The answer to the query in a short link; other parameters, as `format=csv`, are kept."""
        query = shortlink.unpacked(request.path_params["word"])
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "query"]
        return RedirectResponse("/sparql?" + urlencode([("query", query), *kept]), 307, {"Cache-Control": CACHE})


class EditorPage:
    """Fills the page."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self.needs = grouped(examples.read(examples.folder(desk.settings.library)))

    def page(
        self,
        request: Request,
        snapshot: Edition,
        query: str,
        status: int = 200,
        *,
        answered: Answered | None = None,
        problem: Problem | None = None,
        plan: Plan | None = None,
    ) -> Response:
        """The page for a query: with its answer, with what is wrong with it, or with how it would be run."""
        text = query.replace("\r\n", "\n")
        data: dict[str, Any] = {
            "query": text,
            "problem": problem,
            "plan": plan,
            "answered": answered,
            "needs": self.needs,
        }
        data |= {
            "table": answered.table if answered else None,
            "chart": None,
            "address": "",
            "samples": [],
            "shortened": None,
        }
        data["excerpt"] = excerpt(text, problem) if isinstance(problem, QuerySyntax) else []
        if answered:
            host = self.desk.host(request)
            data["chart"] = drawing(answered.table, self.pages.today())
            data["samples"] = samples(text, answered.kind, f"{host}/sparql", answered.graphs)
            data["address"] = "/sparql?" + urlencode([("query", text), *answered.graphs])
            word = None if answered.graphs else shortlink.packed(text)
            data["shortened"] = f"{host}/q/{word}" if word else None
        headers = {"Cache-Control": "no-store"}
        vocabulary = self.desk.vocabulary(snapshot)
        return self.pages.page("sparql.html", request, vocabulary, status, headers, snapshot=snapshot, **data)


def drawing(table: Table | None, today: date, most: int = chart.DRAWN) -> chart.Chart | None:
    """The drawing of an answer, where it has one."""
    return chart.of(table.columns, table.rows, table.count, today, most) if table else None


def grouped(questions: Sequence[Example]) -> list[tuple[str, list[Example]]]:
    """Example questions by the need that each serves."""
    ordered = sorted(questions, key=lambda example: (example.need, example.slug))
    return [(need, list(members)) for need, members in groupby(ordered, key=lambda example: example.need)]


def excerpt(query: str, fault: QuerySyntax) -> list[Marked]:
    """The lines around the place where a query could not be read; none where no place is known."""
    if fault.line is None or fault.column is None:
        return []
    lines = query.split("\n")
    number = min(max(fault.line, 1), len(lines))
    shown = []
    for place in range(max(number - AROUND, 1), min(number + AROUND, len(lines)) + 1):
        line = lines[place - 1]
        if place != number:
            shown.append(Marked(place, line))
            continue
        at = min(max(fault.column - 1, 0), len(line))
        while 0 < at < len(line) and line[at].isalnum() and line[at - 1].isalnum():
            at -= 1  # the engine stops inside a word; the word is marked
        end = next((stop for stop in range(at, len(line)) if line[stop].isspace()), len(line))
        shown.append(Marked(place, line[:at], line[at:end], line[end:], True))
    return shown
