"""Little queries, answered as soon as they have been read: what is certain to be over in a moment has no process.

These are look-ups (`queries.glance`), and queries whose work is bounded by numbers known since publish
(`answering.bounds`). Where the request is a plain GET it does not even become a task (`web.layers`, `web.express`):
layers and tasks cost several times what such an answer does. What was read for nothing, because the query is another
one or its answer is long, stays with the request, so that nothing is read twice.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

from planvev.answering import planning
from planvev.answering.optimise import Plan
from planvev.engines.snapshot import Snapshot
from planvev.errors import Problem
from planvev.media import HTML, Media
from planvev.queries import glance, sparql
from planvev.web.answering import LENGTHY, Answering, headers_of, tag_of
from planvev.web.client import client_of
from planvev.web.desk import Desk
from planvev.web.layers import Made
from planvev.web.operation import Asked, asked, media_of, pairs_of

GLANCED = 32 * 1024  # bytes of the answer to a look-up, whose work nothing else bounds; longer ones have a process
# Little queries, but for look-ups, that are answered in one turn of the event loop, for which everybody else waits: of
# one client, and of all. The others have processes, and so have all while a page is being made.
EACH, TOGETHER = 2, 4
READ = "planvev.read"  # in the scope of a request: what was read of it


class Read(NamedTuple):
    """What was read of a request: the operation, the query, its plan over a snapshot and its answer, if it has them."""

    asked: Asked
    query: sparql.Query
    snapshot: Snapshot
    plan: Plan | None
    body: bytes | None = None


class Glances:
    """Answers little queries on the event loop: a thread would cost as much again, and the work is bounded."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.answering = Answering(desk)
        self._turn: list[str] = []  # whose little queries have been answered in this turn of the event loop

    def at_hand(self, scope: Scope) -> Made | None:
        """Headers and body of the answer to a GET that is one little query; None for every other request."""
        snapshot = self.desk.shelf.at_hand()
        if not isinstance(snapshot, Snapshot) or len(scope["query_string"]) > LENGTHY:
            return None
        try:
            wanted = asked(pairs_of(scope["query_string"]))
            known = self.answering.known(snapshot, wanted)
            query = known[0] if known else sparql.read(wanted.query, self.desk.settings.query_kb * 1024)
            media = media_of(Headers(scope=scope).get("accept"), query, wanted.formats)
        except Problem:
            return None  # who answers in full tells it in full
        if known:
            plan: Plan | None = known[1]
        else:
            plan = self.answering.planned(snapshot, query, wanted) if planning.at_once(query) else None
        body = None
        if plan and plan.little and media is not HTML and not wanted.explain:
            body = self.body(scope, snapshot, plan, media)
        scope[READ] = Read(wanted, query, snapshot, plan, body)
        if plan is None or body is None:
            return None
        headers = headers_of(plan, len(body), snapshot, tag_of(snapshot, wanted, media))
        headers["Content-Type"] = media.content_type
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()], body

    def body(self, scope: Scope, snapshot: Snapshot, plan: Plan, media: Media) -> bytes | None:
        """The answer to a little query; None where it is long.

        Its client must have room for one more query; where there is none, it waits as others do.
        """
        read = scope.get(READ)
        if read and read.body is not None and read.snapshot is snapshot:
            return bytes(read.body)
        client = client_of(scope, self.desk.settings.trusted_proxies)
        lookup = plan.why == planning.LOOKUP
        if not self.desk.permits.room(client) or not (lookup or self._in_turn(client)):
            return None
        ceiling = GLANCED if lookup else None
        return glance.answer(snapshot.store, plan.text, media.suffix, ceiling, plan.asks)

    def _in_turn(self, client: str) -> bool:
        """Whether one more may be answered in this turn."""
        if self.desk.making or len(self._turn) >= TOGETHER or self._turn.count(client) >= EACH:
            return False
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._turn.clear)
        self._turn.append(client)
        return True
