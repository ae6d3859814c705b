"""What stands around every answer: common headers, compression, other origins, and the short road that queries take.

A small query costs the engine a tenth of a millisecond, and the layers that pages need cost several times that. So
queries pass beside them: what a layer would add for this one request is added, and the layers it does not need are not
entered (measured in docs/decisions/0008-nobody-harms-another.md).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from planvev.web.cache import QUERIES, Answer, Memory, Name
from planvev.web.client import Network, scheme_of
from planvev.web.desk import AS_THEY_ARE

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "font-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]
AT_HAND = "planvev.at_hand"  # in the state of the application (ASGI lifespan): `Straight.at_hand`
OURS = ["X-Planvev-Snapshot", "X-Planvev-Query-Plan", "X-Request-Id"]
EXPOSED = ["ETag", "Link", "Location", "Content-Language", "Retry-After", *OURS]


CROSS_ORIGIN: dict[str, Any] = {
    "allow_origins": ["*"],
    "allow_methods": ["GET", "HEAD", "POST", "QUERY"],
    "allow_headers": ["*"],
    "expose_headers": EXPOSED,
}
PACKING: dict[str, Any] = {"minimum_size": 1000, "compresslevel": 5}


class Packing(GZipMiddleware):
    """gzip for whoever can unpack it. Starlette's own looks only for the word, also in `gzip;q=0`, which refuses it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            packed = scope["path"].startswith(AS_THEY_ARE)
            kept = [
                (name, value)
                for name, value in scope["headers"]
                if name != b"accept-encoding" or (_gzip(value) and not packed)
            ]
            scope = {**scope, "headers": kept}
        await super().__call__(scope, receive, send)


def _gzip(header: bytes) -> bool:
    """Whether an Accept-Encoding takes gzip (RFC 9110, section 12.5.3)."""
    weights = [part.partition(";") for part in header.decode("latin-1").lower().replace(" ", "").split(",")]
    return any(name == "gzip" and not re.fullmatch(r"q=0(\.0*)?", weight) for name, _, weight in weights)


class Common:
    """Headers that every answer carries, a number by which a request is found in the log, and how it came to us."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network] = ()) -> None:
        self.app = app
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = scope["request_id"] = number()
        if self.trusted:
            scope["scheme"] = scheme_of(scope, self.trusted)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_SECURITY, (b"x-request-id", own.encode())]
            await send(message)

        await self.app(scope, receive, with_headers)


class Packed:
    """Compression for those requests alone that ask for it; the others only say that it could be."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.packing = Packing(app, **PACKING)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]):
            await self.packing(scope, receive, send)
            return

        await self.app(scope, receive, _varying(send, b"Accept-Encoding"))


def _varying(send: Send, by: bytes) -> Send:
    """What a layer that was not entered would have said: that the answer depends on this header too."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _varied(message["headers"], by)
        await send(message)

    return sent


def _varied(headers: list[tuple[bytes, bytes]], by: bytes) -> list[tuple[bytes, bytes]]:
    return [(name, value + b", " + by if name == b"vary" else value) for name, value in headers]


Made = tuple[list[tuple[bytes, bytes]], bytes]  # headers and body of an answer that was made at once


def _never(_scope: Scope) -> None:
    """No look-up is answered without the application."""


class Straight:
    """The short road: what stands around the answer to a query, and nothing else. Belongs outside the application."""

    def __init__(
        self, queries: Memory, trusted: Sequence[Network] = (), glance: Callable[[Scope], Made | None] = _never
    ) -> None:
        self.memory = queries
        self.trusted = trusted
        self.glance = glance
        self.queries = Common(queries, trusted)
        self.from_elsewhere = Common(CORSMiddleware(queries, **CROSS_ORIGIN), trusted)

    @staticmethod
    def takes(scope: Scope) -> bool:
        """Whether a request is a query, or asks the endpoint about itself."""
        return (
            scope["type"] == "http" and scope["path"] == QUERIES and scope["method"] in ("GET", "HEAD", "POST", "QUERY")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(name == b"origin" for name, _ in scope["headers"]):
            await self.from_elsewhere(scope, receive, send)
        else:
            await self.queries(scope, receive, _varying(send, b"Origin"))

    def at_hand(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """The answer to a whole query by GET that is in memory or costs no more, for whoever can send it as bytes.

        Returns:
            Its headers as lines, but for the number of the request, and its body. None where the answer is not at
            hand, or where the request asks for more than that answer: whether it has changed, or from another origin.
        """
        if scope["path"] != QUERIES or scope["method"] != "GET":
            return None
        if any(name in (b"origin", b"if-none-match") for name, _ in scope["headers"]):
            return None
        if self.trusted:
            scope["scheme"] = scheme_of(scope, self.trusted)
        name = self.memory.name(scope, b"")
        kept = None if name is None else self.memory.small(name) or self._glanced(name, scope)
        if kept is None:
            return None
        if not kept.head:
            headers = [*_varied(kept.start["headers"], b"Origin"), *_SECURITY]
            if not any(name == b"content-length" for name, _ in headers):  # it was packed while it was sent
                headers.append((b"content-length", b"%d" % len(kept.body)))
            kept.head = b"".join([b"%b: %b\r\n" % header for header in headers])
        return kept.head, kept.body

    def _glanced(self, name: Name, scope: Scope) -> Answer | None:
        """A look-up's answer, kept in memory from now on; None where there is none, or where it is to be packed."""
        made = self.glance(scope)
        if made is None:
            return None
        headers, body = made
        packed = [value for name, value in scope["headers"] if name == b"accept-encoding" and b"gzip" in value]
        if packed and (len(body) >= PACKING["minimum_size"] or not all(_gzip(value) for value in packed)):
            return None
        return self.memory.put(name, headers if packed else _varied(headers, b"Accept-Encoding"), body)


def number() -> str:
    """The number of a request, by which it is found in the log."""
    return os.urandom(6).hex()
