"""From plain data to a page: Jinja2, links that stay on this host, and problems in the form the client reads.

Nothing is decided here but form. Every text from the data is escaped, and an address from the data becomes a link only
when it is http or https.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from planvev.engines.engine import Edition
from planvev.errors import Busy, Gone, NoSnapshot, NotAcceptable, Problem, QuerySyntax
from planvev.finding.search import Hit
from planvev.insight.outline import runs
from planvev.insight.vocabulary import Vocabulary
from planvev.media import HTML, Media, negotiate
from planvev.names import COMMON, PREFIXES, Base, short
from planvev.settings import Settings
from planvev.web.assets import Assets
from planvev.web.desk import CACHE, Desk, etag, unchanged
from planvev.web.texts import LANGUAGES, Reader, phrases, reader
from planvev.web.view import View, typeset

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


class Direct(Context):
    """Calls what a template calls, and nothing else: Jinja2 looks each time whether the function would like to be given
    the context, which none here does, and which takes longer than most of them.
    """

    def call(
        self,
        obj: Callable[..., Any],
        /,
        *args: Any,
        _loop_vars: object = None,
        _block_vars: object = None,
        **values: Any,
    ) -> Any:
        return obj(*args, **values)


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
        )
        environment.context_class = Direct
        phrase, number = phrases(language)
        environment.globals.update(
            _=phrase,
            ngettext=number,
            lang=language,
            short=short,
            prefixes=PREFIXES,
            languages=LANGUAGES,
            asset=self.assets.address,
        )
        environment.filters.update(typeset=typeset, runs=runs)
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
        view = View(self.base, self.settings.site, request, who, self.today(), vocabulary)
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
