"""Past versions of documents and graphs over HTTP: Memento (RFC 7089), and addresses that name an edition.

A document and a graph are their own TimeGate (RFC 7089, section 4.1.1): asked with Accept-Datetime they answer 302 to
the version that stood then, and to the first one for a time before it. A version is the same address with `version=`
and the number of the edition that brought it; so the same content, published twice, has two versions and two times.
The digest of a version is taken there too, and leads to its newest. TimeMaps stand below `/timemap/`.

The versions of a document are those of the graph that its thing has its home in, where what is said there of the thing
differs from the version before. What other graphs say of it is not part of a past document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from planvev.engines.engine import Edition
from planvev.errors import BadRequest, Gone, NeedsEmbedded, NotFound
from planvev.formats.rdf import Literal, NamedNode
from planvev.insight.lookup import Lookup
from planvev.insight.said import literals, named
from planvev.insight.things import Text
from planvev.media import DOCUMENTS, GRAPHS, HTML, by_suffix
from planvev.names import PREFIXES, WITHDRAWN, places_above
from planvev.versions.annals import Version
from planvev.versions.history import History
from planvev.versions.past import Past
from planvev.web.desk import CACHE, FOREVER, VERSION, Desk

REPLACED = PREFIXES["dct"] + "isReplacedBy"
LINK_FORMAT = "application/link-format"
_DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z][a-z]) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class Home:
    """What has versions: a graph, or a thing in one. `thing` is the IRI a document is about, empty for a graph."""

    graph: str
    thing: str
    versions: tuple[Version, ...]

    @property
    def standing(self) -> tuple[Version, ...]:
        """The versions without those moments from which there was none."""
        return tuple(version for version in self.versions if version.digest)


class Mementos:
    """The versions of one service; none where another engine is asked, which keeps no history."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def routes(self) -> list[Route]:
        return [Route("/timemap/{path:path}", self.timemap)]

    def look(self, request: Request, snapshot: Edition, kind: str, path: str) -> Response | tuple[Past, str] | None:
        """What a request wants of the past: a way to a version, or the version with the IRI it is about; None for now.

        Args:
            request: of a document or graph, whose address says its format or leaves it to negotiation.
            snapshot: what is served now.
            kind: `doc` or `graph`.
            path: below it, without the format.

        Raises:
            BadRequest, NotFound, Gone, HistoryDamaged, NeedsEmbedded.
        """
        asked, when = request.query_params.get(VERSION), request.headers.get("accept-datetime")
        if asked is None and (when is None or self.desk.history is None):
            return None
        home = self._home(kind, path)
        if asked is None:
            assert when is not None
            moment = _moment(when)  # also where there is nothing: a date that is none is the first thing to be said
            return self._redirect(request, _at(home.standing, moment)) if home.standing else None
        version = _named(home, asked, path)
        if str(version.edition) != asked:
            return self._redirect(request, version)
        lines = self._history().lines(version.place, version.digest)
        return Past(snapshot, self.desk.base, version, lines), home.thing or home.graph

    def marked(self, answer: Response, request: Request, kind: str, path: str, past: Past) -> Response:
        """An answer that is a version, with the headers that say so (RFC 7089, section 4.2.1)."""
        home = self._home(kind, path)
        standing = home.standing
        here = next((n for n, version in enumerate(standing) if version.edition == past.version.edition), 0)
        relations: dict[int, list[str]] = {here: []}
        for n, name in ((0, "first"), (len(standing) - 1, "last"), (here - 1, "prev"), (here + 1, "next")):
            if 0 <= n < len(standing):
                relations.setdefault(n, []).append(name)
        links = [
            _link(_address(request, standing[n]), [*names, "memento"], standing[n])
            for n, names in sorted(relations.items())
        ]
        answer.headers["Memento-Datetime"] = _http(past.version)
        _add(answer, "Link", ", ".join([*self._links(request), *links]))
        if answer.status_code == 200 and not answer.headers.get("content-type", "").startswith(HTML.type):
            answer.headers["Cache-Control"] = FOREVER
        return answer

    def announced(self, answer: Response, request: Request) -> Response:
        """An answer of now, with the way to its versions."""
        if self.desk.history is not None:
            _add(answer, "Link", ", ".join(self._links(request)))
            _add(answer, "Vary", "Accept-Datetime")
        return answer

    def gone(self, snapshot: Edition, iri: str, path: str) -> Gone | None:
        """What to say of a thing that was withdrawn: when, what replaces it, and where its last version is."""
        history = self.desk.history  # looked at first: over a network, asking what is spoken of is a round trip
        if history is None or snapshot.speaks_of(iri) or not (found := history.withdrawn(iri)):
            return None
        edition, graph = found
        last = [version for version in history.versions(graph) if version.edition < edition and version.digest][-1]
        then = Past(snapshot, self.desk.base, last, history.lines(last.place, last.digest))
        said = then.values(iri, REPLACED)
        replaced = [value.value for value in said if isinstance(value, NamedNode)]
        replaced += snapshot.pointing(iri, PREFIXES["dct"] + "replaces", 10)
        when = history.time(edition)
        return Gone(
            f"{iri} was withdrawn on {when:%Y-%m-%d} (edition {edition}).",
            "Its versions stay: see the last one." if not replaced else f"It is replaced by {', '.join(replaced)}.",
            tuple(dict.fromkeys(replaced)),
            f"/doc/{quote(path)}.html?{VERSION}={last.edition}",
        )

    def tombstone(self, snapshot: Edition, iri: str, path: str, languages: Sequence[str]) -> Gone | None:
        """What to say of a thing that the files say was withdrawn: when, why in the reader's words, what replaces it.

        Args:
            path: its document below `/doc/`, without a format; empty where it has none.
        """
        since = [term.value for term in snapshot.values(iri, WITHDRAWN) if isinstance(term, Literal)]
        if not since or isinstance(snapshot, Past):
            return None
        lookup = Lookup(snapshot, languages)
        said = lookup.said(iri)
        replaced = named(said, REPLACED)
        name = lookup.node(iri).label
        why = lookup.text(literals(said, PREFIXES["rdfs"] + "comment")) or Text("")
        return Gone(
            f"{iri} was withdrawn on {since[0][:10]}.",
            f"It is replaced by {', '.join(replaced)}." if replaced else "Its earlier versions stay.",
            tuple(replaced),
            self._standing(snapshot, iri, path) if path else "",
            (name.value, name.language),
            (why.value, why.language),
            {iri: (lookup.node(iri).label.value, lookup.node(iri).label.language) for iri in replaced},
        )

    def _standing(self, snapshot: Edition, iri: str, path: str) -> str:
        """The address of the last version of a thing in which it was not withdrawn; empty where there is none."""
        history = self.desk.history
        for version in reversed(self._home("doc", path).standing if history else ()):
            then = Past(snapshot, self.desk.base, version, self._history().lines(version.place, version.digest))
            if not then.values(iri, WITHDRAWN):
                return f"/doc/{quote(path)}.html?{VERSION}={version.edition}"
        return ""

    def withdrawn(self, graph: str) -> None:
        """Say of a graph that is not there any more that it was.

        Raises:
            Gone: it was published once.
        """
        standing = [v for v in self.desk.history.versions(graph) if v.digest] if self.desk.history else []
        if standing:
            last = f"/graph/{quote(standing[-1].place)}?{VERSION}={standing[-1].edition}"
            raise Gone(f"The graph {graph} was withdrawn.", "Its versions stay.", (), last)

    def timemap(self, request: Request) -> Response:
        """Every version of a document or graph as links (RFC 7089, section 5)."""
        kind, _, path = request.path_params["path"].partition("/")
        if kind not in ("doc", "graph"):
            raise NotFound("TimeMaps are of documents and graphs.", "Write it as /timemap/doc/… or /timemap/graph/….")
        stem, dot, suffix = path.rpartition(".")
        ends = bool(dot and by_suffix(suffix, DOCUMENTS if kind == "doc" else GRAPHS))
        home = self._home(kind, stem if ends else path)
        standing = home.standing
        if not standing:
            raise NotFound(f"Nothing was ever published at /{kind}/{path}.", "Begin at the front page, or ask /sparql.")
        host = self.desk.host(request)
        original = f"{host}/{kind}/{quote(path)}"
        span = f'from="{_http(standing[0])}"; until="{_http(standing[-1])}"'
        own = f'<{host}/timemap/{kind}/{quote(path)}>; rel="self"; type="{LINK_FORMAT}"; {span}'
        links = [f'<{original}>; rel="original timegate"', own]
        for n, version in enumerate(standing):
            names = ["first"] * (n == 0) + ["last"] * (n == len(standing) - 1) + ["memento"]
            links.append(_link(f"{original}?{VERSION}={version.edition}", names, version))
        return Response(",\n".join(links) + "\n", 200, {"Cache-Control": CACHE}, LINK_FORMAT)

    def _history(self) -> History:
        if self.desk.history is None:
            raise NeedsEmbedded(
                "Past versions are kept beside the embedded engine; this service asks another one.",
                "Ask the service that publishes.",
            )
        return self.desk.history

    def _home(self, kind: str, path: str) -> Home:
        history = self._history()
        if kind == "graph":
            graph = self.desk.base.graph(path)
            return Home(graph, "", tuple(history.versions(graph)))
        for place in places_above(path):
            graph = self.desk.base.graph(place)
            for thing in self.desk.base.spoken(f"/id/{path}") if history.versions(graph) else ():
                if versions := history.versions_of(thing, graph):
                    return Home(graph, thing, tuple(versions))
        return Home("", "", ())

    def _redirect(self, request: Request, version: Version) -> Response:
        links = [*self._links(request), _link(_address(request, version), ["memento"], version)]
        headers = {"Vary": "Accept-Datetime, Accept", "Cache-Control": CACHE, "Link": ", ".join(links)}
        return RedirectResponse(_address(request, version), 302, headers)

    def _links(self, request: Request) -> list[str]:
        path = quote(request.url.path)
        original = path + _query(request, "")
        return [
            f'<{original}>; rel="original timegate"',
            f'</timemap{path}>; rel="timemap"; type="{LINK_FORMAT}"',
        ]


def title(desk: Desk, snapshot: Edition, version: Version, languages: Sequence[str]) -> Text:
    """What the thing of a graph is called: now, or where nothing is said of it any more, when something last was."""
    thing, edition, history = desk.base.thing(version.place), snapshot, desk.history
    if history and not snapshot.speaks_of(thing):
        until = [v for v in history.versions(version.graph) if v.edition <= version.edition and v.digest]
        if until:
            lines = history.lines(until[-1].place, until[-1].digest)
            edition = Past(snapshot, desk.base, until[-1], lines)
    return Lookup(edition, languages).node(thing).label


def _named(home: Home, asked: str, path: str) -> Version:
    """The version that `version=` names.

    Raises:
        BadRequest: it is neither the number of an edition nor a digest.
        NotFound: there was none yet, or never one with that digest.
        Gone: it was withdrawn then.
    """
    if re.fullmatch(r"[0-9a-f]{64}", asked):
        found = [version for version in home.versions if version.digest == asked]
    elif re.fullmatch(r"[0-9]{1,9}", asked):
        found = [version for version in home.versions if version.edition <= int(asked)]
    else:
        raise BadRequest(
            f"There is no version {asked!r}.", "Write the number of an edition, or a digest of 64 hexadecimal digits."
        )
    if not found:
        first = f" The first is version {home.standing[0].edition}." if home.standing else ""
        raise NotFound(f"There is no version {asked} of {path}.{first}", "The versions are listed below /timemap/.")
    if not found[-1].digest:
        raise Gone(f"{path} was withdrawn in edition {found[-1].edition}.", "Earlier versions stay.")
    return found[-1]


def _at(versions: Sequence[Version], moment: datetime) -> Version:
    """The version that stood at a moment, the first one where none did; to the second, as HTTP dates are."""
    stood = [version for version in versions if version.when.replace(microsecond=0) <= moment]
    return stood[-1] if stood else versions[0]


def _moment(text: str) -> datetime:
    found = _DATE.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        _, day, month, year, hour, minute, second = found.groups()
        number = _MONTHS.index(month) + 1
        return datetime(int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        raise BadRequest(
            f"Accept-Datetime is {text!r}, which is no date.", "Write it as Sat, 28 Nov 2026 12:00:00 GMT."
        ) from None


def _http(version: Version) -> str:
    return format_datetime(version.when.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _link(address: str, names: Sequence[str], version: Version) -> str:
    """A link to a version, with its time."""
    return f'<{address}>; rel="{" ".join(names)}"; datetime="{_http(version)}"'


def _address(request: Request, version: Version) -> str:
    return quote(request.url.path) + _query(request, str(version.edition))


def _query(request: Request, version: str) -> str:
    """What follows the address: the parameters of the request, with this version or with none."""
    kept = [(key, value) for key, value in parse_qsl(request.url.query, keep_blank_values=True) if key != VERSION]
    pairs = [*kept, (VERSION, version)] if version else kept
    return f"?{urlencode(pairs)}" if pairs else ""


def _add(answer: Response, header: str, value: str) -> None:
    held = answer.headers.get(header)
    answer.headers[header] = f"{held}, {value}" if held else value
