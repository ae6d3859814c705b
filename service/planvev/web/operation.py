"""What a request asks of the endpoint: SPARQL 1.1 Protocol, section 2.1, read and nothing more.

GET with `query=`, POST of a form, POST of `application/sparql-query`; and QUERY, which is POST that says it is safe
(draft-ietf-httpbis-safe-method-w-body). The parameters are the protocol's, and four of ours: `timeout=` in seconds,
`format=`, `optimise=` and `explain=`. Nothing here knows what a query says or how it is answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import Message
from typing import NamedTuple
from urllib.parse import parse_qsl

from pydantic_core import Url
from starlette.requests import Request

from planvev.answering.planning import MODES, Mode
from planvev.engines.engine import Edition
from planvev.errors import BadRequest, BodyTooLarge, QueryRefused, UnsupportedMedia
from planvev.media import ROWS, TRIPLES, TRUTH, Media, called, negotiate
from planvev.queries.sparql import Query

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
_ANYWHERE = "http://x/"
_LOST = "\ufffd"  # what stands for bytes that are no UTF-8
OFFERS = {"SELECT": ROWS, "ASK": TRUTH, "CONSTRUCT": TRIPLES, "DESCRIBE": TRIPLES}


class Asked(NamedTuple):
    """A query operation as the protocol carries it; `default` and `named` are None where it names no dataset."""

    query: str
    default: tuple[str, ...] | None
    named: tuple[str, ...] | None
    timeout: float | None
    formats: tuple[str, ...]
    optimise: Mode = "on"
    explain: bool = False


async def parameters(request: Request, query_kb: int) -> list[tuple[str, str]]:
    """The parameters of a request, those of its body last.

    Args:
        request: GET, or POST or QUERY with a body that has not been read.
        query_kb: the longest query that is read, in KiB.

    Raises:
        UnsupportedMedia, BadRequest, BodyTooLarge.
    """
    pairs = pairs_of(request.scope["query_string"])
    if request.method not in ("POST", "QUERY"):
        return pairs
    kind = _kind(request)
    # A form writes one byte as three, and a query of the longest permitted size must still pass.
    body = await _body(request, query_kb * 1024 * 3 + 65536)
    if kind == FORM:
        return [*pairs, *pairs_of(body)]
    try:
        return [*pairs, ("query", body.decode("utf-8"))]
    except UnicodeDecodeError as error:
        raise BadRequest(f"The query is not UTF-8 text: {error}.", "Send it in UTF-8.") from None


def _kind(request: Request) -> str:
    """What a body is.

    Raises:
        UnsupportedMedia: it is of a type, a character set or a packing that is not read here.
    """
    message = Message()
    message["Content-Type"] = request.headers.get("content-type", "")
    kind, charset = message.get_content_type(), message.get_content_charset("utf-8")
    if not message["Content-Type"] or kind not in (FORM, DIRECT):
        raise UnsupportedMedia(
            f"A query cannot be sent as {message['Content-Type'] or 'content without a type'}.",
            f"Use {FORM} with query=…, or {DIRECT}.",
        )
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedMedia(
            f"The query is sent as {charset}.", "Send it in UTF-8, the only character set of SPARQL."
        )
    packed = request.headers.get("content-encoding", "identity").strip().lower()
    if packed != "identity":
        raise UnsupportedMedia(f"The query is packed with {packed}.", "Send it as it is; only answers are packed.")
    return kind


def pairs_of(encoded: bytes) -> list[tuple[str, str]]:
    """The parameters in an address or a form, in their order (application/x-www-form-urlencoded).

    Raises:
        BadRequest: they are not percent-encoded UTF-8.
    """
    try:
        text = encoded.decode("ascii")
        if text.isprintable() and "#" not in text and " " not in text:
            pairs = Url(f"{_ANYWHERE}?{text}").query_params()  # in a tenth of the time
            if not any(_LOST in part for pair in pairs for part in pair):
                return pairs
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequest(
            f"The parameters are not percent-encoded UTF-8: {error}.", "Encode every byte beyond ASCII as %XX of UTF-8."
        ) from None


def asked(pairs: Sequence[tuple[str, str]]) -> Asked:
    """The operation in a request's parameters.

    Raises:
        BadRequest: no query, more than one, or a parameter that cannot be read.
        QueryRefused: an update.
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    if "update" in given:
        raise QueryRefused(
            "This endpoint only reads; it takes no update.", "Send a SELECT, ASK, CONSTRUCT or DESCRIBE as query=."
        )
    queries = given.get("query", [])
    if len(queries) != 1:
        raise BadRequest(
            f"The request has {len(queries)} queries, and must have one.", "Send the query once, as query=."
        )
    default, named = given.get("default-graph-uri", []), given.get("named-graph-uri", [])
    dataset = bool(default or named)
    return Asked(
        queries[0],
        tuple(default) if dataset else None,
        tuple(named) if dataset else None,
        _seconds(given.get("timeout", [""])[-1]),
        tuple(given.get("format", [])),
        _mode(given.get("optimise", [""])[-1]),
        given.get("explain", [""])[-1] not in ("", "0", "no"),
    )


def _mode(text: str) -> Mode:
    for mode in MODES:
        if text in (mode, ""):
            return mode
    raise BadRequest(f"optimise={text} is not known.", f"Write it as one of {', '.join(MODES)}.")


def _seconds(text: str) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds < float("inf"):
        raise BadRequest(f"timeout={text} is not a number of seconds above zero.", "Write it as timeout=5.")
    return seconds


def media_of(accept: str | None, query: Query, wanted: Sequence[str]) -> Media:
    """The form of the answer: as `format=` names it, else as the client likes best.

    Raises:
        BadRequest, NotAcceptable.
    """
    offers = OFFERS[query.kind]
    return called(wanted, offers) or negotiate(accept, offers)


def key(asked: Asked, media: Media) -> str:
    """What an answer depends on besides the snapshot, short."""
    parts = repr((asked.query, asked.default, asked.named, asked.optimise, media.type))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def in_dataset(asked: Asked, query: Query, snapshot: Edition) -> Asked:
    """The request with a dataset that exists; the protocol's graphs win over the query's FROM (section 2.1.4).

    Raises:
        BadRequest: naming the graph that is not in the snapshot.
    """
    protocol = asked.default is not None or asked.named is not None
    wanted = (*(asked.default or ()), *(asked.named or ())) if protocol else query.graphs
    for graph in wanted:
        if graph not in snapshot.graphs:
            raise BadRequest(
                f"There is no graph <{graph}> in this snapshot.",
                "SELECT DISTINCT ?g { GRAPH ?g { } } lists those there are.",
            )
    return asked


async def _body(request: Request, ceiling: int) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > ceiling:
            raise BodyTooLarge(f"The request is longer than {ceiling // 1024} KiB.", "Send a shorter query.")
    return bytes(received)
