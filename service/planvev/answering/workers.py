"""Public queries in processes that can be killed: the pool, the deadline and the ceilings.

pyoxigraph evaluates a query to its end whatever is asked of it, so giving up waiting would not stop the work. Each
query runs in a process of its own (`query_worker`); at the deadline, or when the client has left, that process is
killed and another takes its place. A crash of the engine ends one query and never the service. How many run at once,
and whose, is not decided here: see `permits`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planvev.answering.pipe import Pipe
from planvev.engines.snapshot import STORE
from planvev.errors import Busy, EngineFault, NotAcceptable, QuerySyntax, QueryTimeout, ResultTooLarge
from planvev.names import PREFIXES
from planvev.queries.sparql import BASE

START = 20.0  # seconds a new process may take to open the snapshot, on a machine under load
LONG = 0.5  # seconds after which a query is a long one: its process then gives way to everything else
LANE_FULL = (
    f"The query is a long one: it was stopped after {LONG:g} seconds, because all places for long queries are taken."
)
LAST = 19  # the lowest priority there is, setpriority(2)
WARM = 2  # processes that stand ready when nothing has been asked yet

SPOOL = "planvev-spool-"

log = logging.getLogger("planvev.answering.workers")


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds of wall time, MiB of memory, bytes of answer."""

    seconds: float
    memory_mb: int
    result_bytes: int


@dataclass(frozen=True)
class Answer:
    """The bytes of a result: in `body`, or in the file `spool`, which its reader removes."""

    size: int
    body: bytes = b""
    spool: Path | None = None


class NotJoined(Exception):
    """What was to be joined over columns cannot be; the query itself has not been run."""


@dataclass
class Worker:
    """One running process and the snapshot folder it has open."""

    process: asyncio.subprocess.Process
    pipe: Pipe
    folder: Path

    def fits(self, folder: Path) -> bool:
        """Whether it lives and reads this snapshot; comparing paths costs, so the same one is not compared."""
        return (self.folder is folder or self.folder == folder) and self.process.returncode is None

    def give_way(self) -> None:
        """Run only when nobody else wants the processor. For good: a priority that was lowered cannot be raised."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.process.pid, LAST)

    async def kill(self) -> None:
        self.pipe.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Pool:
    """Query processes over whatever snapshot each query names.

    Args:
        keep: how many processes without work stay alive, beside a spare one.
        limits: what one query may take.
        spool: the folder for large answers, which whoever made it removes.
    """

    def __init__(self, keep: int, limits: Limits, spool: Path) -> None:
        self.limits = limits
        self.network = "unknown"  # "cut" when the processes have no network at all
        self._keep = keep
        self._idle: list[Worker] = []
        self._starting = 0
        self._beside: set[asyncio.Task[None]] = set()
        self.spool = spool

    async def warm(self, folder: Path) -> None:
        """Start processes on a snapshot, so that the first query does not wait for one."""
        started = await asyncio.gather(*(self._start(folder) for _ in range(min(WARM, self._keep))))
        self._idle.extend(started)
        if self.network == "open":
            log.warning("query processes could not be cut off from the network; SERVICE is refused by its text alone")

    async def close(self) -> None:
        """End all processes."""
        # A process that is being started can be ended only when it is there.
        await asyncio.gather(*self._beside, return_exceptions=True)
        await asyncio.gather(*(worker.kill() for worker in self._idle))
        self._idle.clear()

    async def run(
        self,
        folder: Path,
        query: str,
        suffix: str,
        default: Sequence[str] | None = None,
        named: Sequence[str] | None = None,
        seconds: float | None = None,
        may_be_long: Callable[[], bool] = lambda: True,
        task: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Answer a query over the snapshot in `folder`.

        Args:
            folder: the snapshot's directory.
            query: a text that `sparql.read` has passed.
            suffix: the format, as in `media`.
            default, named: the dataset of the protocol (SPARQL 1.1 Protocol, section 2.1.4); None where it names none.
            seconds: a deadline shorter than the pool's.
            may_be_long: asked once, when the query has run for `LONG` seconds; False ends it. The time in which its
                process starts is not the query's, and does not count.
            task: what is to be joined over the snapshot's columns instead of running the query (`columnar`).

        Raises:
            NotJoined: the task cannot be carried out.
            QuerySyntax, ResultTooLarge, QueryTimeout, EngineFault, Busy. Cancelling kills the query.
        """
        deadline = min(seconds or self.limits.seconds, self.limits.seconds)
        request = f"{json.dumps([suffix, [default, named], task])}\n{query}".encode()
        return self._answer(*await self._carry_out(folder, request, deadline, may_be_long))

    async def _carry_out(
        self, folder: Path, request: bytes, deadline: float, may_be_long: Callable[[], bool]
    ) -> tuple[dict[str, Any], bytes]:
        worker = await self._worker(folder)
        asked = worker.pipe.ask(request)
        long = False

        def lengthen() -> None:
            nonlocal long
            long = True
            worker.give_way()
            if not asked.done() and not may_be_long():
                asked.set_exception(Busy(LANE_FULL, "Ask for less, or send the query again in a while."))

        def expire() -> None:
            if not asked.done():
                asked.set_exception(
                    QueryTimeout(
                        f"The query did not end within {deadline:g} seconds and was stopped.",
                        "Ask for less: name a plan or a class, filter earlier, or use LIMIT.",
                    )
                )

        loop = asyncio.get_running_loop()
        clocks = [loop.call_later(deadline, expire), loop.call_later(LONG, lengthen)]
        try:
            reply, body = await asked
        except EOFError:
            await self._replace(worker)
            raise EngineFault(
                "The query ended its process: it needed more memory than a query may take, or the engine failed.",
                "Ask for less, or write the query more simply.",
            ) from None
        except (QueryTimeout, Busy, asyncio.CancelledError):
            await asyncio.shield(self._replace(worker))
            raise
        finally:
            for clock in clocks:
                clock.cancel()
        if long or reply["retire"]:
            await self._replace(worker)
        else:
            self._idle.append(worker)
        return reply, body

    async def _worker(self, folder: Path) -> Worker:
        """An idle process on this snapshot; those of an older one, and those too many, are ended."""
        stale = [worker for worker in self._idle if not worker.fits(folder)]
        most = self._keep + 1  # the spare one stays, or it would be started and ended over and over
        if stale or len(self._idle) > most:
            kept = [worker for worker in self._idle if worker not in stale]
            self._idle, surplus = kept[:most], kept[most:]
            for worker in (*stale, *surplus):
                self._do(worker.kill())
        worker = self._idle.pop() if self._idle else await self._start(folder)
        if not self._idle and not self._starting and self._keep > 1:
            self._do(self._spare(folder))  # so that the next query does not wait for a process either
        return worker

    async def _replace(self, worker: Worker) -> None:
        await worker.kill()
        if len(self._idle) + self._starting < min(WARM, self._keep):
            self._do(self._spare(worker.folder))

    async def _spare(self, folder: Path) -> None:
        self._starting += 1
        try:
            with contextlib.suppress(EngineFault):
                worker = await self._start(folder)
                self._idle.append(worker)  # not in one line: the list may be another one by then
        finally:
            self._starting -= 1

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside; a task that nobody holds may be forgotten by the loop."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _start(self, folder: Path) -> Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            _, pipe = await asyncio.get_running_loop().connect_accepted_socket(Pipe, ours)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "planvev.answering.query_worker"),
                *(
                    str(theirs.fileno()),
                    str(folder / STORE),
                    str(self.spool),
                    str(self.limits.memory_mb),
                    str(self.limits.result_bytes),
                ),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,  # what a dying engine prints helps nobody; we say it ourselves
            )
        worker = Worker(process, pipe, folder)
        try:
            assert process.stdin
            process.stdin.write(json.dumps({"base_iri": BASE, "prefixes": PREFIXES}).encode())
            process.stdin.close()
            async with asyncio.timeout(START):
                self.network = (await pipe.frame())[0]["network"]
        except (TimeoutError, EOFError):
            await worker.kill()
            raise EngineFault(
                "A query process could not open the snapshot.", "Send the query again in a few seconds."
            ) from None
        except asyncio.CancelledError:
            await worker.kill()
            raise
        return worker

    def _answer(self, reply: dict[str, Any], body: bytes) -> Answer:
        match reply.get("error"):
            case None:
                spool = Path(reply["spool"]) if "spool" in reply else None
                return Answer(reply["size"], body, spool)
            case "not joined":
                raise NotJoined
            case "syntax":
                raise QuerySyntax(reply["message"], reply["line"], reply["column"])
            case "ceiling":
                raise ResultTooLarge(
                    f"The answer is larger than {self.limits.result_bytes >> 20} MiB, and nothing is ever cut.",
                    "Add LIMIT and OFFSET, ask for fewer columns, or fetch the dump under /dump/.",
                )
            case "unfit":
                raise ResultTooLarge(reply["message"], "Fetch it as CSV or JSON, or ask for less.")
            case _ if "does not support RDF 1.2" in reply["message"]:
                raise NotAcceptable(
                    f"The answer has statements about statements, or text with a direction: {reply['message']}.",
                    "Ask for Turtle, N-Triples, RDF/XML, TriG or N-Quads.",
                )
            case _:
                raise EngineFault(reply["message"])


def spool_folder() -> Path:
    """A new folder for large answers, named after this process, which removes it; what dead ones left goes too."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SPOOL}*-*"):
        owner = folder.name.removeprefix(SPOOL).partition("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{SPOOL}{os.getpid()}-"))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
