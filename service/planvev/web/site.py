"""Pages that are not about one thing: the front page, the lists behind its figures, and the state of the service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from planvev import dumps
from planvev.engine import Edition
from planvev.errors import NotFound
from planvev.lookup import Lookup
from planvev.names import NS, PREFIXES
from planvev.periods import Status
from planvev.rdf import NamedNode
from planvev.snapshot import MANIFEST
from planvev.things import Node
from planvev.vocabulary import Vocabulary
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.render import Pages

# The lists that the site offers: the name in the address, and the classes whose members it holds.
LISTS = {
    "plans": (NS + "Plan",),
    "goals": (NS + "Vision", NS + "Ambition", NS + "Goal"),
    "focus-areas": (NS + "FocusArea",),
    "strategies": (NS + "Strategy",),
    "measures": (NS + "Measure",),
    "target-groups": (NS + "TargetGroup",),
    "law": (PREFIXES["eli"] + "LegalResource", PREFIXES["eli"] + "LegalResourceSubdivision", NS + "Treaty"),
    "guidance": (NS + "Guidance",),
    "programmes": (NS + "Programme", PREFIXES["schema"] + "Project", PREFIXES["schema"] + "Grant"),
    "concepts": (PREFIXES["skos"] + "Concept",),
    "organisations": (
        PREFIXES["cv"] + "PublicOrganisation",
        PREFIXES["org"] + "Organization",
        PREFIXES["org"] + "OrganizationalUnit",
    ),
    "conflicts": (NS + "SourceConflict",),
    "claims": (NS + "Claim",),
    "documents": (NS + "SourceDocument", PREFIXES["dct"] + "BibliographicResource"),
}
PAGE = 200  # entries on one page of a list


@dataclass(frozen=True)
class PlanLine:
    """A plan in a list: itself, whose it is, and its period."""

    plan: Node
    owners: tuple[Node, ...]
    period: str
    status: Status


class SiteRoutes:
    """The routes for people who come by the front door, and for whoever watches the service."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages

    def routes(self) -> list[Route]:
        return [
            Route("/", self.front),
            Route("/all/{name}", self.all),
            Route("/snapshot/{id}", self.snapshot),
            Route("/healthz", self.healthz),
            Route("/static/{name}", self.static),
        ]

    def front(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        lookup, vocabulary = self._lookup(request, snapshot), self.desk.vocabulary(snapshot)
        figures = snapshot.counts({name: _families(vocabulary, classes) for name, classes in LISTS.items()})
        lines = self._plan_lines(lookup, self._members(lookup, vocabulary, LISTS["plans"]))
        owners = {owner.iri: owner for line in lines for owner in line.owners}
        return self._page(
            request,
            snapshot,
            "front.html",
            figures=[(name, count) for name, count in figures.items() if count],
            owners=sorted(owners.values(), key=lambda node: node.label.value),
            plans=lines[:PAGE],
            law=self._members(lookup, vocabulary, LISTS["law"])[:12],
            guidance=self._members(lookup, vocabulary, LISTS["guidance"])[:12],
        )

    def all(self, request: Request) -> Response:
        snapshot = self.desk.shelf.current()
        name = request.path_params["name"]
        if name not in LISTS:
            raise NotFound(f"There is no list {name}.", f"The lists are {', '.join(LISTS)}.")
        lookup = self._lookup(request, snapshot)
        members = self._members(lookup, self.desk.vocabulary(snapshot), LISTS[name])
        first = _whole(request.query_params.get("from"))
        shown = members[first : first + PAGE]
        lines = self._plan_lines(lookup, shown) if name == "plans" else []
        return self._page(
            request,
            snapshot,
            "all.html",
            name=name,
            members=shown,
            plans=lines,
            count=len(members),
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

    def _lookup(self, request: Request, snapshot: Edition) -> Lookup:
        return Lookup(snapshot, self.pages.reader(request).languages)

    def _members(self, lookup: Lookup, vocabulary: Vocabulary, classes: Sequence[str]) -> list[Node]:
        return lookup.nodes(_families(vocabulary, classes))

    def _plan_lines(self, lookup: Lookup, plans: Sequence[Node]) -> list[PlanLine]:
        said = (triple for plan in plans for triple in lookup.about(plan.iri))
        lookup.snapshot.ready(triple.object.value for triple in said if isinstance(triple.object, NamedNode))
        lines = []
        for plan in plans:
            period = lookup.period(plan.iri)
            status: Status = period.status(self.pages.today()) if period else "unknown"
            lines.append(PlanLine(plan, lookup.owners(plan.iri), period.years() if period else "", status))
        return lines

    def _page(self, request: Request, snapshot: Edition, template: str, **data: Any) -> Response:
        who = self.pages.reader(request)
        tag = etag(snapshot, "html", who.language, "chosen" if who.chosen else "told", str(self.pages.today()))
        known = unchanged(request, tag)
        if known:
            return known
        headers = {"ETag": tag, "Cache-Control": CACHE}
        vocabulary = self.desk.vocabulary(snapshot)
        snapshot.confirm()
        return self.pages.page(template, request, vocabulary, headers=headers, snapshot=snapshot, **data)


def _families(vocabulary: Vocabulary, classes: Sequence[str]) -> list[str]:
    """The classes and every class below them."""
    return list(dict.fromkeys(below for top in classes for below in vocabulary.family(top)))


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0
