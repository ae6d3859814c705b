"""Finding: `/search` as a page and as JSON, suggestions for what is being written, and the OpenSearch description.

The page is a form and links; it needs no script. The JSON has the same content under stable names and absolute IRIs
(docs/analysts.md). OpenSearch 1.1 and its Suggestions extension let a browser offer this search as one of its own.
What a reader writes goes to the index as words and to the page as escaped text.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.engines.snapshot import Snapshot
from planvev.errors import BadRequest
from planvev.finding.search import FARTHEST, FILTERS, PAGE, STATUSES, Answer, Ask, Hit, SearchIndex
from planvev.finding.search_text import Pieces
from planvev.insight.lookup import Lookup
from planvev.insight.things import Node, Text
from planvev.media import HTML, PLAIN_JSON, called, negotiate
from planvev.names import COMMON, PREFIXES, short
from planvev.web.desk import CACHE, VARY, Desk, etag, unchanged
from planvev.web.render import Pages
from planvev.web.texts import Reader, translator

ORGANISATIONS = f"{COMMON}/id/org/"
SHOWN = 8  # values of a filter that stand open; as many as LISTED stand behind them
LISTED = 60
SUGGESTIONS = "application/x-suggestions+json"


@dataclass
class Held:
    """The opened index of one snapshot, and the names that its results are shown with."""

    index: SearchIndex
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """One value of a filter: how the address names it, what it is called, and how many things it would leave."""

    value: str
    label: Text
    count: int
    chosen: bool


class SearchRoutes:
    """The routes for whoever knows a word, but not where it stands."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self.desk = desk
        self.pages = pages
        self._lock = threading.Lock()
        self._held: WeakKeyDictionary[Snapshot, Held] = WeakKeyDictionary()

    def routes(self) -> list[Route]:
        return [
            Route("/search", self.search),
            Route("/search/suggest", self.suggest),
            Route("/opensearch.xml", self.description),
        ]

    def search(self, request: Request) -> Response:
        formats = request.query_params.getlist("format")
        offers = (HTML, PLAIN_JSON)
        media = called(formats, offers) or negotiate(request.headers.get("accept"), offers)
        snapshot, who = self.desk.shelf.current(), self.pages.reader(request)
        variant = (who.language, "chosen" if who.chosen else "told", str(self.pages.today()))
        tag = etag(snapshot, "search", media.suffix, *variant)
        if known := unchanged(request, tag):
            return known
        held, ask = self._opened(snapshot), self._ask(request, who)
        answer = held.index.find(ask)
        shown = _Shown(self, held, snapshot, request, ask, answer, who)
        if media is PLAIN_JSON:
            headers = {"ETag": tag, "Cache-Control": CACHE, "Vary": VARY, "X-Planvev-Snapshot": snapshot.id}
            return JSONResponse(shown.as_json(), headers=headers)
        headers = {"ETag": tag, "Cache-Control": CACHE}
        vocabulary = self.desk.vocabulary(snapshot)
        return self.pages.page(
            "search.html", request, vocabulary, headers=headers, snapshot=snapshot, shown=shown, answer=answer, ask=ask
        )

    def suggest(self, request: Request) -> Response:
        snapshot, who = self.desk.shelf.current(), self.pages.reader(request)
        held = self._opened(snapshot)
        text = request.query_params.get("q", "")
        hits = held.index.suggest(text, who.languages, self.pages.today())
        vocabulary, host = self.desk.vocabulary(snapshot), self.desk.host(request)
        rows = [
            (hit.name.value, vocabulary.label(hit.kind, who.languages)[0], host + self.pages.base.address(hit.iri))
            for hit in hits
        ]
        body = [text, *([row[n] for row in rows] for n in range(3))]
        headers = {"Cache-Control": CACHE, "Vary": VARY}
        return Response(json.dumps(body, ensure_ascii=False), 200, headers, SUGGESTIONS)

    def description(self, request: Request) -> Response:
        """OpenSearch 1.1, section "OpenSearch description elements"."""
        who = self.pages.reader(request)
        gettext, _ = translator(who.language)
        host = self.desk.host(request)
        lang = f"&lang={who.language}" if who.chosen else ""
        ways = (
            ("text/html", "results", f"/search?q={{searchTerms}}{lang}"),
            ("application/json", "results", f"/search?q={{searchTerms}}&from={{startIndex?}}&format=json{lang}"),
            (SUGGESTIONS, "suggestions", f"/search/suggest?q={{searchTerms}}{lang}"),
        )
        urls = "".join(
            f' <Url type="{kind}" rel="{rel}" indexOffset="0" template={quoteattr(host + way)}/>\n'
            for kind, rel, way in ways
        )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
            " <ShortName>planvev</ShortName>\n"
            f" <Description>{escape(gettext('Search in public plans, law and guidance'))}</Description>\n"
            f"{urls} <Language>{who.language}</Language>\n <InputEncoding>UTF-8</InputEncoding>\n"
            "</OpenSearchDescription>\n"
        )
        headers = {"Cache-Control": CACHE, "Vary": VARY}
        return Response(text, 200, headers, "application/opensearchdescription+xml")

    def _opened(self, snapshot: Edition) -> Held:
        """The index of a snapshot and the names, kept as long as the snapshot."""
        index = self.desk.index(snapshot)
        assert isinstance(snapshot, Snapshot)
        with self._lock:
            return self._held.setdefault(snapshot, Held(index))

    def _ask(self, request: Request, who: Reader) -> Ask:
        given = request.query_params
        status, begin = given.get("status", ""), given.get("from", "")
        if status and status not in STATUSES:
            raise BadRequest(f"There is no status {status[:40]!r}.", f"There are {', '.join(STATUSES)}.")
        if begin and not (begin.isascii() and begin.isdecimal() and int(begin[:9]) <= FARTHEST):
            raise BadRequest(
                f"The results cannot begin at {begin[:40]!r}.", f"Give a whole number from 0 to {FARTHEST}."
            )
        return Ask(
            text=given.get("q", ""),
            today=self.pages.today(),
            languages=who.languages,
            kind=_long(given.get("kind", "")),
            org=_whole(given.get("org", "")),
            theme=given.get("theme", ""),
            status=status,
            begin=int(begin[:9] or 0),
        )


class _Shown:
    """An answer as a reader meets it: with names, addresses and the filters as choices."""

    def __init__(
        self,
        routes: SearchRoutes,
        held: Held,
        snapshot: Edition,
        request: Request,
        ask: Ask,
        answer: Answer,
        who: Reader,
    ) -> None:
        self.base, self.held, self.ask, self.answer, self.who = routes.pages.base, held, ask, answer, who
        self.lookup = Lookup(snapshot, who.languages)
        self.vocabulary = routes.desk.vocabulary(snapshot)
        self.given = {name: value for name, value in request.query_params.items() if name not in ("from", "lang")}

    def node(self, iri: str) -> Node | None:
        """A thing as a link, when the snapshot speaks of it; its name is looked up once a snapshot."""
        key = (iri, self.who.language)
        if key not in self.held.nodes and self.lookup.snapshot.speaks_of(iri):
            self.held.nodes[key] = self.lookup.node(iri)
        return self.held.nodes.get(key)

    def nodes(self, iris: Iterable[str]) -> list[Node]:
        return [node for iri in iris if (node := self.node(iri))]

    def status(self, hit: Hit) -> str | None:
        return hit.period.status(self.ask.today) if hit.period else None

    def address(self, **changes: str) -> str:
        """This search with other filters; an empty value takes one away."""
        kept = {name: value for name, value in (self.given | changes).items() if value}
        return "/search?" + urlencode(kept)

    def choices(self, name: str) -> list[Choice]:
        """The values of a filter, the most frequent first; the chosen one always."""
        chosen = getattr(self.ask, name)
        counts = dict(self.answer.counts.get(name, ()))
        values = list(counts)[:LISTED]
        if chosen and chosen not in values:
            values.insert(0, chosen)
        found = []
        for value in values:
            label = self._label(name, value)
            if label:
                key = {"kind": short(value), "org": value.removeprefix(ORGANISATIONS)}.get(name, value)
                found.append(Choice(key, label, counts.get(value, 0), value == chosen))
        return found

    def _label(self, name: str, value: str) -> Text | None:
        if name == "kind":
            words, language = self.vocabulary.label(value, self.who.languages)
            return Text(words, language) if value else None
        if name == "status":
            return Text(value)
        node = self.node(value)
        return node.label if node else None

    @property
    def filters(self) -> list[tuple[str, list[Choice], list[Choice]]]:
        """Each filter that offers anything: its name, the choices in view, and those behind."""
        every = [(name, self.choices(name)) for name in FILTERS]
        return [(name, values[:SHOWN], values[SHOWN:]) for name, values in every if values]

    @property
    def before(self) -> str | None:
        return self.address(**{"from": str(max(self.ask.begin - PAGE, 0) or "")}) if self.ask.begin else None

    @property
    def after(self) -> str | None:
        following = self.ask.begin + PAGE
        return self.address(**{"from": str(following)}) if following < min(self.answer.total, FARTHEST) else None

    def as_json(self) -> dict[str, Any]:
        answer = self.answer
        return {
            "query": answer.query.text,
            "cut": answer.query.cut,
            "match": answer.how,
            "meant": answer.meant or None,
            "total": answer.total,
            "from": self.ask.begin,
            "size": PAGE,
            "next": self.after,
            "hits": [self._hit(hit) for hit in answer.hits],
            "counts": {name: self._counted(name, values) for name, values in answer.counts.items()},
        }

    def _hit(self, hit: Hit) -> dict[str, Any]:
        period = hit.period
        return {
            "iri": hit.iri,
            "page": self.base.address(hit.iri),
            "kind": hit.kind or None,
            "label": _said(hit.marked, hit.name.language),
            "passage": _said(hit.passage, hit.language) if hit.passage else None,
            "organisations": [node.iri for node in self.nodes(hit.orgs)],
            "within": hit.within or None,
            "status": self.status(hit),
            "start": str(period.start) if period and period.start else None,
            "end": str(period.end) if period and period.end else None,
            "score": round(hit.score, 4),
        }

    def _counted(self, name: str, values: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
        return [
            {"value": value, "label": label.value, "count": count}
            for value, count in values[:LISTED]
            if (label := self._label(name, value))
        ]


def _said(said: Pieces, language: str) -> dict[str, Any]:
    """Words with the places of those that answer, as [start, end) in characters."""
    marks, at = [], 0
    for words, marked in said:
        if marked:
            marks.append([at, at + len(words)])
        at += len(words)
    return {"text": "".join(words for words, _ in said), "language": language or None, "marks": marks}


def _long(kind: str) -> str:
    """A class by its IRI, also when it is given as `plan:Strategy`."""
    prefix, colon, local = kind.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else kind


def _whole(org: str) -> str:
    """An organisation by its IRI, also when only its own part of it is given."""
    return org if not org or ":" in org else ORGANISATIONS + org
