"""Answers from memory: a page or document that has been made is sent again without making it, and without a thread.

What an answer depends on is its name here: the snapshot, the day (a plan's status is of today), the address, and the
headers that our answers vary by; the host and the scheme too, since some answers say where they are. None of them
changes under a name, so nothing grows stale and nothing is ever taken back; what is not asked for any more makes room
for what is. Kept are answers with an ETag, the handlers' word that they depend on nothing else. Answers to queries are
kept apart, so that strangers' queries never push the pages out; for them what was posted is part of the name. Large
ones are kept apart again, so that they push no small ones out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from planvev.engines.engine import Editions
from planvev.web.desk import AS_THEY_ARE, OF_HISTORY, VERSION, unchanged

CEILING = 32 * 1024 * 1024  # bytes of answers in memory, with their names: for pages, for queries, for large answers
POSTED = 64 * 1024  # bytes; the answer to a longer request is not remembered
LARGE = 1024 * 1024  # bytes of one answer; a larger one is kept only where it answers a query, and apart
LARGEST = 8 * 1024 * 1024  # bytes of one answer to a query; larger ones are made each time
PIECE = 256 * 1024  # bytes that are given away at once; whoever reads slowly holds one piece, not the whole
VARIED = (b"accept", b"accept-datetime", b"accept-encoding", b"accept-language", b"content-type", b"host")
NOT_KEPT = (*AS_THEY_ARE, *OF_HISTORY)
VERSION_ASKED = f"{VERSION}=".encode()
QUERIES = "/sparql"
POSTING = ("POST", "QUERY")  # methods whose body says what is asked
ASKED = (QUERIES, "/search", "/search/suggest")  # answers to strangers' questions, kept apart from the pages
OVERHEAD = 2000  # bytes that one answer takes besides: its headers, and objects of Python

Name = tuple[Any, ...]


@dataclass
class Answer:
    """An answer as it passes, and what of it is worth keeping: all of it, where it has at most `most` bytes."""

    send: Send
    most: int
    start: Message = field(default_factory=dict)
    body: bytes = b""
    head: bytes = b""  # its headers as they leave, written once by whoever sends them as bytes
    whole: bool = False
    size: int = 0
    _pieces: list[bytes] = field(default_factory=list)

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = _copy(message)
            stated = self._headers.get("content-length", "")
            self.size = self.most + 1 if stated.isdecimal() and int(stated) > self.most else 0
        elif message["type"] == "http.response.body" and self.size <= self.most:
            self._take(message.get("body", b""))
            self.whole = not message.get("more_body", False)
        await self.send(message)

    def _take(self, piece: bytes) -> None:
        self.size += len(piece)
        self._pieces.append(piece)
        if self.size > self.most:
            self._pieces.clear()

    def gather(self) -> None:
        """It is to be kept: the pieces become one body."""
        self.body = b"".join(self._pieces)
        self._pieces.clear()

    @property
    def _headers(self) -> Headers:
        return Headers(raw=self.start["headers"])

    @property
    def etag(self) -> str:
        return self._headers.get("etag", "")

    @property
    def varies(self) -> list[str]:
        return self._headers.getlist("vary")[:1]

    @property
    def worth_keeping(self) -> bool:
        return self.whole and self.size <= self.most and self.start["status"] == 200 and bool(self.etag)


@dataclass
class Shelfful:
    """Answers up to a ceiling; the one that was not asked for the longest goes first."""

    ceiling: int
    size: int = 0
    _kept: OrderedDict[Name, Answer] = field(default_factory=OrderedDict)

    def get(self, name: Name) -> Answer | None:
        kept = self._kept.get(name)
        if kept:
            self._kept.move_to_end(name)
        return kept

    def keep(self, name: Name, answer: Answer) -> None:
        if name in self._kept:
            return  # two asked for it at the same time
        self._kept[name] = answer
        self.size += _bytes(name, answer)
        while self.size > self.ceiling:
            self.size -= _bytes(*self._kept.popitem(last=False))


class Memory:
    """ASGI middleware. Belongs outside the one that compresses, so that an answer is compressed once."""

    def __init__(self, app: ASGIApp, shelf: Editions, today: Callable[[], date], ceiling: int = CEILING) -> None:
        self.app = app
        self.shelf = shelf
        self.today = today
        self.pages = Shelfful(ceiling)
        self.queries = Shelfful(ceiling)
        self.large = Shelfful(ceiling)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", *POSTING):
            await self.app(scope, receive, send)
            return
        posted: bytes | None = b""
        if scope["method"] in POSTING:
            posted, receive = await _posted(receive) if scope["path"] == QUERIES else (None, receive)
        name = self.name(scope, posted)
        asked = scope["path"] in ASKED
        answers = self.queries if asked else self.pages
        if name is None:
            await self.app(scope, receive, send)
        elif kept := answers.get(name) or self.large.get(name):
            if scope["method"] == "GET" and (known := unchanged(Request(scope), kept.etag, *kept.varies)):
                await known(scope, receive, send)
                return
            await _give(kept, send)
        else:
            answer = Answer(send, LARGEST if asked else LARGE)
            await self.app(scope, receive, answer.pass_on)
            # When something was published meanwhile, nobody knows which snapshot this was made from.
            if name == self.name(scope, posted) and answer.worth_keeping:
                answer.gather()
                (self.large if answer.size > LARGE else answers).keep(name, answer)

    def small(self, name: Name) -> Answer | None:
        """The answer in memory to a query, if it is one that is given in one piece."""
        return self.queries.get(name)

    def put(self, name: Name, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        """An answer to a query by GET that was made at once; kept unless something was published meanwhile."""
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        answer = Answer(_nobody, LARGE, start, body, whole=True, size=len(body))
        if name[0] == self.shelf.name() and any(field == b"etag" for field, _ in headers):
            self.queries.keep(name, answer)
        return answer

    def name(self, scope: Scope, posted: bytes | None) -> Name | None:
        """What the answer to a request depends on; None for what is not kept."""
        if posted is None or scope["path"].startswith(NOT_KEPT) or VERSION_ASKED in scope["query_string"]:
            return None
        edition = self.shelf.name()
        if edition is None:
            return None
        varied = tuple([pair for pair in scope["headers"] if pair[0] in VARIED])
        today = None if scope["path"] == QUERIES else self.today()
        asked = (scope["method"], scope["scheme"], scope["path"], scope["query_string"])
        return (edition, today, *asked, varied, posted)


async def _nobody(_message: Message) -> None:
    """Where an answer goes that is not passed on."""


async def _give(kept: Answer, send: Send) -> None:
    await send(_copy(kept.start))
    last = max(len(kept.body) - 1, 0) // PIECE * PIECE
    for begin in range(0, last, PIECE):
        await send({"type": "http.response.body", "body": kept.body[begin : begin + PIECE], "more_body": True})
    await send({"type": "http.response.body", "body": kept.body[last:]})


async def _posted(receive: Receive) -> tuple[bytes | None, Receive]:
    """What was posted, None when it is long; and how it is received once more."""
    messages, body = [], b""
    while len(body) <= POSTED:
        message = await receive()
        messages.append(message)
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    whole = len(body) <= POSTED and messages[-1]["type"] == "http.request"

    async def again() -> Message:
        return messages.pop(0) if messages else await receive()

    return body if whole else None, again


def _copy(start: Message) -> Message:
    """The head of an answer with a list of its own: layers outside add their headers to the one they are given."""
    return {**start, "headers": list(start["headers"])}


def _bytes(name: Name, answer: Answer) -> int:
    """What an answer takes up, about; what a client sent is counted whole, or long headers would fill the memory."""
    _, _, _, _, path, query, varied, posted = name
    return len(answer.body) + len(path) + len(query) + len(posted) + sum([len(value) for _, value in varied]) + OVERHEAD
