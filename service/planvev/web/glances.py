"""Look-ups, answered as soon as they have been read: what costs no more than reading about one thing has no process.

Where the request is a plain GET it does not even become a task (`web.layers`, `web.express`): layers and tasks cost
several times what such an answer does. What was read for nothing, because the query is another one or its answer is
long, stays with the request, so that nothing is read twice.
"""

from __future__ import annotations

from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

from planvev.answering import planning
from planvev.answering.optimise import Plan
from planvev.engines.engine import Edition
from planvev.engines.snapshot import Snapshot
from planvev.errors import Problem
from planvev.media import HTML, Media
from planvev.queries import glance, sparql
from planvev.web.answering import LENGTHY, headers_of, tag_of
from planvev.web.client import client_of
from planvev.web.desk import Desk
from planvev.web.layers import Made
from planvev.web.operation import Asked, asked, media_of, pairs_of

GLANCED = 32 * 1024  # bytes of an answer that is given without a process; longer ones have one
READ = "planvev.read"  # in the scope of a request: what was read of it
PLAN = Plan("", why="it is one look-up")


class Read(NamedTuple):
    """What was read of a request: the operation, the query, and its answer in a snapshot, if it was a short look-up."""

    asked: Asked
    query: sparql.Query
    snapshot: Snapshot
    body: bytes | None = None


class Glances:
    """Answers look-ups on the event loop: a thread would cost as much again, and the work is bounded."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def at_hand(self, scope: Scope) -> Made | None:
        """Headers and body of the answer to a GET that is one short look-up; None for every other request."""
        snapshot = self.desk.shelf.at_hand()
        if not isinstance(snapshot, Snapshot) or len(scope["query_string"]) > LENGTHY:
            return None
        try:
            wanted = asked(pairs_of(scope["query_string"]))
            query = sparql.read(wanted.query, self.desk.settings.query_kb * 1024)
            media = media_of(Headers(scope=scope).get("accept"), query, wanted.formats)
        except Problem:
            return None  # who answers in full tells it in full
        body = None
        if media is not HTML and not wanted.explain and fits(wanted, query, snapshot):
            body = self.body(scope, snapshot, query, media)
        scope[READ] = Read(wanted, query, snapshot, body)
        if body is None:
            return None
        headers = headers_of(PLAN, len(body), snapshot, tag_of(snapshot, wanted, media))
        headers["Content-Type"] = media.content_type
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()], body

    def body(self, scope: Scope, snapshot: Snapshot, query: sparql.Query, media: Media) -> bytes | None:
        """The answer to a look-up; None where it is long.

        Its client must have room for one more query; where there is none, it waits as others do.
        """
        read = scope.get(READ)
        if read and read.body is not None and read.snapshot is snapshot:
            return bytes(read.body)
        if not self.desk.permits.room(client_of(scope, self.desk.settings.trusted_proxies)):
            return None
        return glance.answer(snapshot.store, query, media.suffix, GLANCED)


def fits(wanted: Asked, query: sparql.Query, snapshot: Edition) -> bool:
    """Whether a query is answered by one look-up, whoever plans it: it is run as it was written."""
    own = wanted.default is None and wanted.named is None and isinstance(snapshot, Snapshot)
    return own and planning.at_once(query) and glance.is_lookup(query)
