"""From plain data to a page: Jinja2, links that stay on this host, and problems in the form the client reads.

Nothing is decided here but form. Every text from the data is escaped, and an address from the data becomes a link only
when it is http or https.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import babel.dates
import babel.numbers
import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from planvev.engines.engine import Edition
from planvev.errors import Busy, Gone, NoSnapshot, NotAcceptable, Problem, QuerySyntax
from planvev.finding.search import Hit
from planvev.insight import figures, markup
from planvev.insight.figures import Tree
from planvev.insight.lineage import Kin, Lineage
from planvev.insight.things import Group, Node, Text, Thing, Value
from planvev.insight.vocabulary import Vocabulary
from planvev.media import HTML, Media, negotiate
from planvev.names import COMMON, NS, PREFIXES, Base, short
from planvev.settings import Settings
from planvev.web.assets import Assets
from planvev.web.desk import CACHE, VERSION, Desk, etag, unchanged
from planvev.web.texts import LANGUAGES, Reader, reader, translator

# What people ask first about a thing, in this order.
FIRST = tuple(
    PREFIXES[prefix] + local
    for prefix, local in (
        ("plan", "text"),
        ("plan", "degree"),
        ("plan", "claimedBy"),
        ("plan", "requirement"),
        ("plan", "purpose"),
        ("dct", "type"),
        ("dct", "publisher"),
        ("dct", "creator"),
        ("plan", "responsible"),
        ("dct", "temporal"),
        ("plan", "horizon"),
        ("plan", "inFocusArea"),
        ("dct", "isPartOf"),
        ("plan", "anchoredIn"),
        ("plan", "derivedFrom"),
        ("plan", "followsUp"),
        ("plan", "legalBasis"),
        ("plan", "mentionsLaw"),
        ("plan", "guidedBy"),
        ("plan", "informedBy"),
        ("plan", "targets"),
        ("dct", "audience"),
    )
)
LAST = (NS + "alsoWritten",)
UNSAID = (NS + "order",)  # the place of a part is seen, not read
HERE = Path(__file__).parent
PROBLEM = Media("application/problem+json", "json", "JSON")


TEMPLATES = HERE / "templates"


class Compiled(FileSystemBytecodeCache):
    """Compiled templates beside the templates, as Python keeps its own: compiling all of them takes most of a second,
    and each language has an environment of its own. Where nothing can be written, each process compiles what it shows.
    """

    def __init__(self) -> None:
        folder = TEMPLATES / "__pycache__" / jinja2.__version__
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


Nearest = Callable[[Request, tuple[str, ...], date], Sequence[Hit]]


class Pages:
    """The templates, ready to be filled for a reader."""

    def __init__(self, settings: Settings, nearest: Nearest | None = None) -> None:
        """Args: `nearest` finds what somebody may have meant who asked for an address where nothing is."""
        self.settings = settings
        self.nearest = nearest
        self.base = Base(settings.base)
        self.assets = Assets()
        self.compiled = Compiled()
        self.environments = {language: self._environment(language) for language in LANGUAGES}

    def _environment(self, language: str) -> Environment:
        """The templates with the words of one language."""
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            bytecode_cache=self.compiled,
            auto_reload=False,  # or every page would ask after the time of each of its templates
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        gettext, ngettext = translator(language)
        environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            lang=language, short=short, prefixes=PREFIXES, languages=LANGUAGES, asset=self.assets.address
        )
        environment.filters["typeset"] = typeset
        return environment

    def warm(self) -> None:
        """Make all templates ready, so that no reader waits for it."""
        for environment in self.environments.values():
            for name in environment.list_templates(["html"]):
                environment.get_template(name)

    def today(self) -> date:
        """The day that status is computed for."""
        return datetime.now().astimezone().date()

    def reader(self, request: Request) -> Reader:
        lang = request.query_params.get("lang")
        return reader(lang, request.headers.get("accept-language"), self.settings.language)

    def page(
        self,
        template: str,
        request: Request,
        vocabulary: Vocabulary | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **data: Any,
    ) -> Response:
        """Fill a template for the reader of a request."""
        who = self.reader(request)
        view = View(self, request, who, vocabulary)
        text = self.environments[who.language].get_template(template).render(view=view, **data)
        said = {"Vary": "Accept, Accept-Language", "Content-Language": who.language, **(headers or {})}
        return HTMLResponse(text, status, said)

    def of_edition(self, request: Request, desk: Desk, snapshot: Edition, template: str, **data: Any) -> Response:
        """A page that depends on nothing but what is published, the reader and the day; 304 for who has it."""
        who = self.reader(request)
        tag = etag(snapshot, "html", who.language, "chosen" if who.chosen else "told", str(self.today()))
        known = unchanged(request, tag)
        if known:
            return known
        vocabulary = desk.vocabulary(snapshot)
        snapshot.confirm()
        headers = {"ETag": tag, "Cache-Control": CACHE}
        return self.page(template, request, vocabulary, headers=headers, snapshot=snapshot, **data)

    def problem(self, request: Request, problem: Problem, extra: Mapping[str, Any] | None = None) -> Response:
        """A problem as a page for people and as RFC 9457 JSON for programs."""
        headers = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        if isinstance(problem, Busy | NoSnapshot):
            headers["Retry-After"] = str(problem.retry_after)
        if self.wants_page(request):
            meant: Sequence[Hit] = ()
            if problem.status == 404 and self.nearest:
                meant = self.nearest(request, self.reader(request).languages, self.today())
            return self.page(
                "problem.html", request, None, problem.status, headers, problem=problem, extra=extra or {}, meant=meant
            )
        body: dict[str, Any] = {
            "type": f"{COMMON}/problem/{problem.slug}",
            "title": problem.title,
            "status": problem.status,
            "detail": problem.detail,
            "advice": problem.advice,
        }
        if isinstance(problem, QuerySyntax):
            body |= {"line": problem.line, "column": problem.column}
        if isinstance(problem, Gone):
            body |= {"reason": problem.why[0], "replacedBy": list(problem.replaced), "lastVersion": problem.last}
        body |= extra or {}
        text = json.dumps(
            {key: value for key, value in body.items() if value not in (None, "", [])}, ensure_ascii=False, indent=1
        )
        return Response(text, problem.status, headers, PROBLEM.type)

    def wants_page(self, request: Request) -> bool:
        """Whether the client would rather read a problem as a page than as JSON."""
        if request.url.path.endswith(".html"):
            return True
        try:
            return (
                negotiate(request.headers.get("accept"), (PROBLEM, Media("application/json", "json", "JSON"), HTML))
                is HTML
            )
        except NotAcceptable:
            return False


class View:
    """What templates may ask: addresses, names of terms, languages and dates, all for one reader."""

    def __init__(self, pages: Pages, request: Request, who: Reader, vocabulary: Vocabulary | None) -> None:
        self.base = pages.base
        self.request = request
        self.reader = who
        self.vocabulary = vocabulary
        self.today = pages.today()
        self.site = pages.settings.site.rstrip("/")  # never the name a request calls us by: pages are kept for all

    def href(self, address: str) -> str:
        """An address on this host, keeping the language when the reader chose one."""
        if not self.reader.chosen:
            return address
        path, hash_, fragment = address.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={self.reader.language}{hash_}{fragment}"

    def to(self, iri: str) -> str:
        """The address of the page about an IRI."""
        return self.href(self.base.address(iri))

    def here(self, language: str) -> str:
        """This page in another language."""
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != "lang"]
        return f"{self.request.url.path}?{urlencode([*kept, ('lang', language)])}"

    def now(self) -> str:
        """The address of this page without the version it names."""
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != VERSION]
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def then(self) -> str:
        """What follows the address of another format of this page, so that it is of the same version."""
        asked = self.request.query_params.get(VERSION)
        return f"?{urlencode({VERSION: asked})}" if asked else ""

    def outward(self, iri: str) -> str | None:
        """The address of somebody else's thing, when it is one a browser may follow."""
        return iri if iri.startswith(("http://", "https://")) and self.base.local(iri) is None else None

    def term(self, iri: str, inverse: bool = False) -> Text:
        """What a term is called, with its language where that is not the reader's."""
        if self.vocabulary is None:
            return Text(short(iri))
        words, language = self.vocabulary.label(iri, self.reader.languages, inverse)
        return Text(words, language)

    def kind(self, node: Node) -> Text | None:
        """What kind of thing a node is."""
        return self.term(node.types[0]) if node.types else None

    def markup(self, thing: Thing, owners: Sequence[Node], document: str | None) -> dict[str, Any] | None:
        """A thing as search engines read it."""
        page = f"{self.site}{document}.html?lang={self.reader.language}" if self.site and document else ""
        return markup.markup(thing, owners, page)

    def tree(self, thing: Thing, lineage: Lineage) -> Tree:
        """A plan's place among plans as a drawing."""
        above = [[self._leaf(kin, False) for kin in step] for step in reversed(lineage.above)]
        below = [[self._leaf(kin, True) for kin in lineage.below]] if lineage.below else []
        joins = [(kin.node.iri, kin.of) for step in lineage.above for kin in step]
        joins += [(kin.of, kin.node.iri) for kin in lineage.below]
        return figures.tree([*above, [(thing.iri, thing.label.value, "")], *below], joins)

    def _leaf(self, kin: Kin, inverse: bool) -> tuple[str, str, str]:
        return kin.node.iri, kin.node.label.value, self.term(kin.by[0], inverse).value

    def ordered(self, groups: Sequence[Group]) -> list[Group]:
        """Statements in the order that people ask for them; the rest by name, numbers for sorting last."""
        shown = (group for group in groups if group.predicate not in UNSAID)
        return sorted(shown, key=lambda group: (_rank(group.predicate), self.term(group.predicate).value.casefold()))

    def said_of(self, properties: Sequence[str]) -> list[str]:
        """The properties that a reader is told about."""
        return [iri for iri in properties if iri not in UNSAID]

    def literal(self, value: Value) -> Text:
        """A value's words; dates and durations as people write them."""
        assert value.text is not None
        kind, text = value.datatype.removeprefix(PREFIXES["xsd"]), value.text.value
        if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return Text(self.day(date.fromisoformat(text)))
        if kind == "duration" and (years := re.fullmatch(r"P(\d+)Y", text)):
            _, ngettext = translator(self.reader.language)
            count = int(years[1])
            return Text(ngettext("%(num)s year", "%(num)s years", count) % {"num": count})
        return value.text

    def foreign(self, text: Text) -> str | None:
        """The language to mark a text with: none where it is the page's own."""
        return text.language if text.language and text.language != self.reader.language else None

    def number(self, number: int) -> str:
        """A whole number as people write it: 12 345, and in English 12,345."""
        return babel.numbers.format_decimal(number, locale=self.reader.language)

    def day(self, day: date) -> str:
        return babel.dates.format_date(day, "long", locale=self.reader.language)


def typeset(text: str) -> str:
    """A text from the data as print sets it: a section sign never parts from its number at the end of a line."""
    return re.sub(r"(§+) (?=\d)", "\\1\N{NO-BREAK SPACE}", text)


def _rank(predicate: str) -> int:
    if predicate in FIRST:
        return FIRST.index(predicate)
    return len(FIRST) + (LAST.index(predicate) + 1 if predicate in LAST else 0)
