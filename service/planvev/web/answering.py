"""A query from its text to its answer: read, planned, carried out. Who may ask, and how it looks, is said elsewhere."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable
from weakref import WeakKeyDictionary

from planvev.answering import planning
from planvev.answering.optimise import Plan
from planvev.answering.shapes import Shapes
from planvev.answering.workers import Answer, NotJoined
from planvev.engines.engine import Edition
from planvev.engines.reading import Reading
from planvev.engines.snapshot import Snapshot
from planvev.errors import EngineFault, QuerySyntax
from planvev.media import Media
from planvev.queries import sparql
from planvev.web import explain, table
from planvev.web.desk import CACHE, Desk, etag
from planvev.web.operation import Asked, key
from planvev.web.table import Table

_CHANGING = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)
_SHAPES: WeakKeyDictionary[Edition, Shapes] = WeakKeyDictionary()
LENGTHY = 4096  # characters of a query that are read on the event loop at most


class Answering:
    """Answers queries over an edition."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def read(self, text: str) -> sparql.Query:
        """The query read; a long one in a thread, since reading 256 KiB takes half a second."""
        ceiling = self.desk.settings.query_kb * 1024
        if len(text) < LENGTHY:
            return sparql.read(text, ceiling)
        return await asyncio.to_thread(sparql.read, text, ceiling)

    async def plan(self, snapshot: Edition, query: sparql.Query, asked: Asked) -> Plan:
        """What is run for the query; thought about in a thread where that takes more than a moment."""
        if planning.at_once(query):
            return self.planned(snapshot, query, asked)
        return await asyncio.to_thread(self.planned, snapshot, query, asked)

    def known(self, snapshot: Edition, asked: Asked) -> tuple[sparql.Query, Plan] | None:
        """The query and its plan, where they are known from another one of its shape."""
        own = asked.default is None and asked.named is None and asked.optimise == "on" and not asked.explain
        shapes = _SHAPES.get(snapshot) if own else None
        return shapes.find(asked.query) if shapes else None

    def planned(self, snapshot: Edition, query: sparql.Query, asked: Asked) -> Plan:
        """The same, at once."""
        statistics = snapshot.statistics if isinstance(snapshot, Snapshot) else None
        own = asked.default is None and asked.named is None and not query.graphs
        columns = isinstance(snapshot, Snapshot) and snapshot.has_columns
        shapes = _SHAPES.setdefault(snapshot, Shapes()) if own and statistics and not asked.explain else None
        setting = planning.Setting(statistics, own, asked.optimise, columns, shapes)
        return planning.chosen(query, setting, lambda words, most: self.desk.index(snapshot).matching(words, most))

    async def work(
        self, snapshot: Edition, plan: Plan, asked: Asked, suffix: str, may_be_long: Callable[[], bool]
    ) -> tuple[Answer, Plan]:
        """Run what was planned, in a process or at an engine on the network; the answer, and what was run for it."""
        dataset = (asked.default, asked.named, asked.timeout)
        if self.desk.relay and isinstance(snapshot, Reading):
            return await self.desk.relay.run(snapshot, plan.text, suffix, *dataset, may_be_long), plan
        assert isinstance(snapshot, Snapshot)
        run = functools.partial(self.desk.pool.run, snapshot.folder)
        if plan.task and plan.otherwise:
            try:
                return await run(plan.text, suffix, *dataset, may_be_long, plan.task), plan
            except NotJoined:
                plan = await asyncio.to_thread(plan.otherwise)
        try:
            return await run(plan.text, suffix, *dataset, may_be_long), plan
        except (QuerySyntax, EngineFault):
            if plan.as_is == plan:
                raise
        # What the engine does not take, or has no memory for, it is asked as it was written; its complaint then is
        # about that text.
        plan = plan.as_is
        return await run(plan.text, suffix, *dataset, may_be_long), plan


def tag_of(snapshot: Edition, asked: Asked, media: Media) -> str | None:
    """The validator of an answer; None for one that is another every time."""
    changing = "(" in asked.query and _CHANGING.search(asked.query)  # a search for the first sign alone costs nothing
    return None if changing else etag(snapshot, key(asked, media))


def headers_of(plan: Plan, size: int, snapshot: Edition, tag: str | None) -> dict[str, str]:
    """The headers of an answer of `size` bytes."""
    headers = {"X-Planvev-Query-Plan": explain.header(plan), "Vary": "Accept", "Content-Length": str(size)}
    headers["X-Planvev-Snapshot"] = snapshot.id
    return headers | ({"ETag": tag, "Cache-Control": CACHE} if tag else {"Cache-Control": "no-store"})


def table_of(answer: Answer, rows: bool) -> Table:
    """An answer as a table: of rows from JSON, else of a graph from Turtle. Its file is removed."""
    try:
        data = answer.spool.read_bytes() if answer.spool else answer.body
    finally:
        remove(answer)
    return table.of_rows(data) if rows else table.of_graph(data)


def remove(answer: Answer) -> None:
    """Remove the file of an answer that has one."""
    if answer.spool is not None:
        answer.spool.unlink(missing_ok=True)
