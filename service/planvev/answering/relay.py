"""Public queries handed on to an engine on the network, and its answers back, once they have been read to their end.

What reaches the engine has passed `sparql.read`, so it changes nothing and calls nobody; how many run at once is not
decided here (`permits`). Closing the connection at the deadline ends the work in an engine that
notices; one that does not must have a time limit of its own, which its operator sets. Rows are fetched as JSON and
graphs as Turtle or N-Triples, which can be checked; the other formats are made from those.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, serialize

from planvev.answering.workers import LANE_FULL, LONG, Answer
from planvev.engines import answers, ledger
from planvev.engines.reading import Reading
from planvev.engines.remote import Line, Reply
from planvev.errors import Busy, ResultTooLarge, Switched
from planvev.formats import sheet
from planvev.media import JSON, TRIPLES, XLSX, by_suffix
from planvev.names import PREFIXES

INLINE = 256 * 1024  # bytes of an answer that are handed on in memory

_ROWS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}


class Relay:
    """Queries to one engine."""

    def __init__(self, line: Line) -> None:
        self.line = line

    async def run(
        self,
        reading: Reading,
        query: str,
        suffix: str,
        default: Sequence[str] | None = None,
        named: Sequence[str] | None = None,
        seconds: float | None = None,
        may_be_long: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """Answer a query as `workers.Pool.run` does; of the edition that `reading` names.

        Raises:
            QuerySyntax, ResultTooLarge, EngineTimeout, EngineUnreachable, EngineAnswer, Busy. Cancelling lets go.
            Switched: the store was switched meanwhile.
        """
        limit = min(seconds or self.line.seconds, self.line.seconds)
        rows = suffix in (*_ROWS, XLSX.suffix)
        accept = answers.ROWS if rows else answers.accept_graph(by_suffix(suffix, TRIPLES) or TRIPLES[0])
        dataset = (tuple(default or ()), tuple(named or ()))
        asked = asyncio.ensure_future(self.line.asked(_declared(query), accept, *dataset, limit))
        try:
            done, _ = await asyncio.wait((asked,), timeout=LONG)
            if not done and not may_be_long():
                raise Busy(LANE_FULL, "Ask for less, or send the query again in a while.")
            reply = await asked
        finally:
            asked.cancel()
        with reply.file:
            answer = await asyncio.to_thread(_rows if rows else _graph, reply, suffix)
        stands = await asyncio.to_thread(ledger.read_edition, self.line)
        if stands.edition != reading.held.token:
            reading.held.gone = True
            if answer.spool:
                answer.spool.unlink(missing_ok=True)
            raise Switched("The store was switched to another edition while the query ran.", "Send it again.")
        return answer


def _declared(query: str) -> str:
    """The query with our prefixes declared, as they are here; on its first line, so that lines keep their numbers."""
    used = [prefix for prefix in PREFIXES if re.search(rf"\b{prefix}:", query)]
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}> " for prefix in used) + query


def _rows(reply: Reply, suffix: str) -> Answer:
    checked = answers.checked(reply)
    if suffix == JSON.suffix:
        return _answer(checked)
    with _output() as output:
        found = answers.parsed(checked)
        with answers.broken():
            if suffix == XLSX.suffix:
                _workbook(found, output)
            else:
                found.serialize(output, _ROWS[suffix])
        return _answer(output)


def _workbook(found: QuerySolutions | QueryBoolean, output: IO[bytes]) -> None:
    """Raises: ResultTooLarge, for what a workbook cannot hold."""
    assert isinstance(found, QuerySolutions)  # there is no workbook of a yes or no
    rows = ([sheet.cell(term) for term in solution] for solution in found)
    try:
        sheet.write([name.value for name in found.variables], rows, output)
    except sheet.Unfit as unfit:
        raise ResultTooLarge(str(unfit), "Fetch it as CSV or JSON, or ask for less.") from None


def _graph(reply: Reply, suffix: str) -> Answer:
    kind = RdfFormat.from_extension(suffix)
    assert kind is not None
    found = answers.triples(reply)
    if answers.GRAPHS.get(reply.type) == kind:
        for _ in found:  # to its end, or it is not believed
            pass
        return _answer(reply.file)
    with _output() as output:
        serialize(found, output, kind, prefixes={} if suffix in ("nt", "nq") else PREFIXES)
        return _answer(output)


@contextlib.contextmanager
def _output() -> Iterator[IO[bytes]]:
    with tempfile.SpooledTemporaryFile(INLINE) as output:
        yield output


def _answer(file: IO[bytes]) -> Answer:
    """The bytes of a file, in memory when they are few, else in a file that its reader removes."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size <= INLINE:
        return Answer(size, file.read())
    handle, name = tempfile.mkstemp(prefix="planvev-relay-")
    with os.fdopen(handle, "wb") as spool:
        shutil.copyfileobj(file, spool)
    return Answer(size, spool=Path(name))
