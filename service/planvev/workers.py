"""Public queries in processes that can be killed: the pool, the deadline and the ceilings.

pyoxigraph evaluates a query to its end whatever is asked of it, so giving up waiting would not stop the work. Each
query runs in a process of its own (`query_worker`); at the deadline, or when the client has left, that process is
killed and another takes its place. A crash of the engine ends one query and never the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planvev.errors import Busy, EngineFault, NotAcceptable, QuerySyntax, QueryTimeout, ResultTooLarge
from planvev.names import PREFIXES
from planvev.snapshot import STORE
from planvev.sparql import BASE

WAIT = 1.0  # seconds a query waits for a free process before the client is told to come back
START = 20.0  # seconds a new process may take to open the snapshot, on a machine under load

SPOOL = "planvev-spool-"

log = logging.getLogger("planvev.workers")


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


@dataclass
class Worker:
    """One running process and the snapshot folder it has open."""

    process: asyncio.subprocess.Process
    folder: Path

    async def ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        assert self.process.stdin and self.process.stdout
        data = json.dumps(request).encode()
        self.process.stdin.write(struct.pack(">I", len(data)) + data)
        await self.process.stdin.drain()
        reply = await self.frame()
        inline = "error" not in reply and "spool" not in reply
        body = await self.process.stdout.readexactly(reply["size"]) if inline else b""
        return reply, body

    async def frame(self) -> dict[str, Any]:
        assert self.process.stdout
        length = struct.unpack(">I", await self.process.stdout.readexactly(4))[0]
        frame: dict[str, Any] = json.loads(await self.process.stdout.readexactly(length))
        return frame

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


class Pool:
    """A fixed number of query processes over whatever snapshot each query names."""

    def __init__(self, size: int, limits: Limits) -> None:
        self.limits = limits
        self.network = "unknown"  # "cut" when the processes have no network at all
        self._places = asyncio.Semaphore(size)
        self._size = size
        self._idle: list[Worker] = []
        self._tasks: set[asyncio.Task[None]] = set()
        _sweep_spools()
        self._spool = tempfile.mkdtemp(prefix=f"{SPOOL}{os.getpid()}-")

    async def warm(self, folder: Path) -> None:
        """Start all processes on a snapshot, so that the first query does not wait for one."""
        started = await asyncio.gather(*(self._start(folder) for _ in range(self._size)))
        self._idle.extend(started)
        if self.network == "open":
            log.warning("query processes could not be cut off from the network; SERVICE is refused by its text alone")

    async def close(self) -> None:
        """End all processes and remove what they spooled."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *(worker.kill() for worker in self._idle), return_exceptions=True)
        self._idle.clear()
        shutil.rmtree(self._spool, ignore_errors=True)

    async def run(
        self,
        folder: Path,
        query: str,
        suffix: str,
        default: Sequence[str] | None = None,
        named: Sequence[str] | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """Answer a query over the snapshot in `folder`.

        Args:
            folder: the snapshot's directory.
            query: a text that `sparql.read` has passed.
            suffix: the format, as in `media`.
            default, named: the dataset of the protocol (SPARQL 1.1 Protocol, section 2.1.4); None where it names none.
            seconds: a deadline shorter than the pool's.

        Raises:
            QuerySyntax, ResultTooLarge, QueryTimeout, EngineFault, Busy. Cancelling kills the query.
        """
        deadline = min(seconds or self.limits.seconds, self.limits.seconds)
        request = {
            "query": query,
            "suffix": suffix,
            "default": default,
            "named": named,
            "base": BASE,
            "prefixes": PREFIXES,
            "ceiling": self.limits.result_bytes,
        }
        await self._place()
        try:
            reply, body = await self._carry_out(folder, request, deadline)
        finally:
            self._places.release()
        return self._answer(reply, body)

    async def _place(self) -> None:
        try:
            await asyncio.wait_for(self._places.acquire(), WAIT)
        except TimeoutError:
            raise Busy(
                "Every query process is at work on another query.", "Send the query again in a few seconds."
            ) from None

    async def _carry_out(self, folder: Path, request: dict[str, Any], deadline: float) -> tuple[dict[str, Any], bytes]:
        worker = await self._worker(folder)
        try:
            async with asyncio.timeout(deadline):
                reply, body = await worker.ask(request)
        except TimeoutError:
            await self._replace(worker)
            raise QueryTimeout(
                f"The query did not end within {deadline:g} seconds and was stopped.",
                "Ask for less: name a plan or a class, filter earlier, or use LIMIT.",
            ) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._replace(worker)
            raise EngineFault(
                "The query ended its process: it needed more memory than a query may take, or the engine failed.",
                "Ask for less, or write the query more simply.",
            ) from None
        except asyncio.CancelledError:
            await asyncio.shield(self._replace(worker))
            raise
        if reply["retire"]:
            await self._replace(worker)
        else:
            self._idle.append(worker)
        return reply, body

    async def _worker(self, folder: Path) -> Worker:
        """An idle process on this snapshot; those of an older one are ended."""
        stale = [worker for worker in self._idle if worker.folder != folder or worker.process.returncode is not None]
        self._idle = [worker for worker in self._idle if worker not in stale]
        for worker in stale:
            self._later(worker.kill())
        return self._idle.pop() if self._idle else await self._start(folder)

    async def _replace(self, worker: Worker) -> None:
        await worker.kill()
        self._later(self._spare(worker.folder))

    async def _spare(self, folder: Path) -> None:
        with contextlib.suppress(EngineFault):
            worker = await self._start(folder)
            if len(self._idle) < self._size:
                self._idle.append(worker)
            else:
                await worker.kill()

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start(self, folder: Path) -> Worker:
        arguments = ("-m", "planvev.query_worker", str(folder / STORE), self._spool, str(self.limits.memory_mb))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # what an engine prints when it dies helps nobody; we say it ourselves
            start_new_session=True,  # Ctrl-C in a terminal is for the service alone
        )
        worker = Worker(process, folder)
        try:
            async with asyncio.timeout(START):
                self.network = (await worker.frame())["network"]
        except (TimeoutError, asyncio.IncompleteReadError):
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
            case "syntax":
                raise QuerySyntax(reply["message"], reply["line"], reply["column"])
            case "ceiling":
                megabytes = self.limits.result_bytes // (1024 * 1024)
                raise ResultTooLarge(
                    f"The answer is larger than {megabytes} MiB, and nothing is ever cut.",
                    "Add LIMIT and OFFSET, ask for fewer columns, or fetch whole graphs under /graph/.",
                )
            case _ if "does not support RDF 1.2" in reply["message"]:
                raise NotAcceptable(
                    f"The answer has statements about statements, or text with a direction: {reply['message']}.",
                    "Ask for Turtle, N-Triples, RDF/XML, TriG or N-Quads.",
                )
            case _:
                raise EngineFault(reply["message"])


def _sweep_spools() -> None:
    """Remove what services that were killed have left: folders whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SPOOL}*-*"):
        owner = folder.name.removeprefix(SPOOL).partition("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True
