"""The client: asks one address over and over on a few kept connections, for a bounded time, and times each answer.

Runs as a process of its own (`python -m benchmarks.load`): one JSON job a line on standard input, one JSON result a
line on standard output. A raw protocol on uvloop, because a general HTTP library would be slower than the servers it
measures. It reads status and length and nothing else (an answer in chunks ends where the last chunk does), speaks to
loopback only, every client from an address of its own, and stops the run at the first answer with another status than
the one expected: an error is never measured as if it were an answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import uvloop

LAST_CHUNK = b"\r\n0\r\n\r\n"
PATIENCE = 30.0  # seconds beyond the time of a run after which a server that stopped answering ends it
NUMBERS = count(1)  # for `{n}`: never repeats while this process lives


@dataclass
class Run:
    """One job: what to send, for how long, and what has come back so far."""

    request: bytes
    status: bytes
    deadline: float
    most: int
    refusals: tuple[bytes, ...] = ()  # statuses by which a server may refuse under load
    sent: int = 0
    refused: int = 0
    size: int = 0  # bytes received
    latencies: list[float] = field(default_factory=list)  # seconds
    wrong: str = ""

    def next(self) -> bytes | None:
        """The next request, or None when the run is over."""
        if self.wrong or self.sent >= self.most or time.perf_counter() >= self.deadline:
            return None
        self.sent += 1
        return self.request.replace(b"{n}", str(next(NUMBERS)).encode())


class Connection(asyncio.Protocol):
    """One client: sends, waits for the whole answer, sends again."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = bytearray()
        self.needed = 0  # bytes of the whole answer; 0 while its head is not complete or it comes in chunks
        self.chunked = False
        self.refused = False  # whether the answer is a refusal
        self.began = 0.0
        self.waiting = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport  # uvloop's is none of asyncio's classes
        self._send()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.needed and not self.chunked and (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end]).lower()
            self.refused = head[9:12] in self.run.refusals
            if head[9:12] != self.run.status and not self.refused:
                self.run.wrong = f"answered {head[:12].decode()!r}, expected {self.run.status.decode()}"
                self.transport.close()
                return
            self.chunked = b"\r\ntransfer-encoding: chunked" in head
            self.needed = 0 if self.chunked else end + 4 + _length(head)
        if self.received.endswith(LAST_CHUNK) if self.chunked else 0 < self.needed <= len(self.received):
            if self.refused:
                self.run.refused += 1
            else:
                self.run.latencies.append(time.perf_counter() - self.began)
                self.run.size += len(self.received)
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if self.waiting:
            self.run.wrong = self.run.wrong or "the server closed a connection that was to be kept"
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        self.received.clear()
        self.needed, self.chunked = 0, False
        request = self.run.next()
        self.waiting = request is not None
        if request is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(request)


def _length(head: bytes) -> int:
    """The length of the body in bytes; a head without Content-Length has none (303, 304)."""
    _, found, rest = head.partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def ask(job: dict[str, Any]) -> dict[str, Any]:
    """Carry out one job: `port`, `request` (text), `status`, `clients`, `seconds`, `most`, and
    `patience` where the usual one is not enough, and `refusals`, statuses that are counted and not timed.

    Returns:
        `count` of answers, `seconds` of wall time, `p50` `p95` `p99` in milliseconds, `bytes` of one answer with its
        head, `client_us` of this process's CPU for each answer; or `wrong`, a sentence.
    """
    began, cpu = time.perf_counter(), time.process_time()
    refusals = tuple(str(status).encode() for status in job.get("refusals", ()))
    run = Run(job["request"].encode(), str(job["status"]).encode(), began + job["seconds"], job["most"], refusals)
    loop = asyncio.get_running_loop()
    addresses = [f"127.0.0.{number + 2}" for number in range(job["clients"])]
    try:
        connections = [
            (await loop.create_connection(lambda: Connection(run), "127.0.0.1", job["port"], local_addr=(one, 0)))[1]
            for one in addresses
        ]
    except OSError as error:
        return {"wrong": f"takes no connection: {error.strerror or error}"}
    try:
        async with asyncio.timeout(job["seconds"] + job.get("patience", PATIENCE)):
            await asyncio.gather(*(connection.done for connection in connections))
    except TimeoutError:
        return {"wrong": f"no answer within {job.get('patience', PATIENCE):g} seconds"}
    if run.wrong or not run.latencies:
        return {"wrong": run.wrong or (f"refused all {run.refused}" if run.refused else "no answer at all")}
    used = time.process_time() - cpu
    return summary(run.latencies, time.perf_counter() - began) | {
        "refused": run.refused,
        "bytes": run.size // len(run.latencies),
        "client_us": used / len(run.latencies) * 1e6,
    }


def summary(latencies: list[float], seconds: float) -> dict[str, Any]:
    """Count, wall time in seconds, and the latencies (given in seconds) at three ranks, in milliseconds."""
    ordered = sorted(latencies)
    ranks = {f"p{rank}": ordered[min(len(ordered) * rank // 100, len(ordered) - 1)] * 1000 for rank in (50, 95, 99)}
    return {"count": len(ordered), "seconds": seconds, **ranks}


def main() -> None:
    """One job a line until standard input ends."""
    for line in sys.stdin:
        print(json.dumps(uvloop.run(ask(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
