"""Answers from memory: a page or document that has been made is sent again without making it, and without a thread.

What an answer depends on is its name here: the snapshot, the day (a plan's status is of today), the address, and the
headers that our answers vary by. None of them changes under a name, so nothing grows stale and nothing is ever taken
back; what is not asked for any more makes room for what is. Kept are answers with an ETag, the handlers' word that
they depend on nothing else. Answers to queries are not: strangers' queries should not push the pages out.
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

from planvev.engine import Editions
from planvev.web.desk import unchanged

CEILING = 32 * 1024 * 1024  # bytes of answers in memory, with their names
LARGEST = 1024 * 1024  # bytes of one answer; larger ones are made each time
VARIED = (b"accept", b"accept-encoding", b"accept-language")
ASKED = ("/sparql", "/search", "/search/suggest")  # answers to strangers' questions, not kept
OVERHEAD = 1000  # bytes of Python objects that one answer takes, about

Name = tuple[Any, ...]


@dataclass
class Answer:
    """An answer as it passes, and what of it is worth keeping."""

    send: Send
    start: Message = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = _copy(message)
        elif message["type"] == "http.response.body" and len(self.body) <= LARGEST:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)
        await self.send(message)

    @property
    def etag(self) -> str:
        return Headers(raw=self.start["headers"]).get("etag", "")

    @property
    def worth_keeping(self) -> bool:
        return self.whole and len(self.body) <= LARGEST and self.start["status"] == 200 and bool(self.etag)


class Memory:
    """ASGI middleware. Belongs outside the one that compresses, so that an answer is compressed once."""

    def __init__(self, app: ASGIApp, shelf: Editions, today: Callable[[], date], ceiling: int = CEILING) -> None:
        self.app = app
        self.shelf = shelf
        self.today = today
        self.ceiling = ceiling
        self.size = 0
        self._kept: OrderedDict[Name, Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self._name(scope)
        if name is None:
            await self.app(scope, receive, send)
        elif kept := self._kept.get(name):
            self._kept.move_to_end(name)
            if known := unchanged(Request(scope), kept.etag):
                await known(scope, receive, send)
                return
            await send(_copy(kept.start))
            await send({"type": "http.response.body", "body": kept.body})
        else:
            answer = Answer(send)
            await self.app(scope, receive, answer.pass_on)
            # When something was published meanwhile, nobody knows which snapshot this was made from.
            if name == self._name(scope) and answer.worth_keeping:
                self._keep(name, answer)

    def _name(self, scope: Scope) -> Name | None:
        """What the answer to a request depends on; None for what is not kept."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] in ASKED:
            return None
        if scope["path"].startswith("/dump/"):  # asked for in parts, and follows a publish later
            return None
        snapshot = self.shelf.name()
        if snapshot is None:
            return None
        varied = tuple(pair for pair in scope["headers"] if pair[0] in VARIED)
        return (snapshot, self.today(), scope["path"], scope["query_string"], varied)

    def _keep(self, name: Name, answer: Answer) -> None:
        if name in self._kept:
            return  # two asked for it at the same time
        self._kept[name] = answer
        self.size += _bytes(name, answer)
        while self.size > self.ceiling:
            self.size -= _bytes(*self._kept.popitem(last=False))


def _copy(start: Message) -> Message:
    """The head of an answer with a list of its own: layers outside add their headers to the one they are given."""
    return {**start, "headers": list(start["headers"])}


def _bytes(name: Name, answer: Answer) -> int:
    _, _, path, query, varied = name
    pairs = (*varied, *answer.start["headers"])
    return len(answer.body) + len(path) + len(query) + sum(len(key) + len(value) for key, value in pairs) + OVERHEAD
