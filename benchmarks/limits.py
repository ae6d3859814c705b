"""What this machine could do at best, in processes of their own.

    python -m benchmarks.limits fixed           uvicorn as `planvev serve` runs it, over a bare ASGI app: 8 KB, always
    python -m benchmarks.limits canned          no HTTP at all: bytes back for bytes; the ceiling of our client
    python -m benchmarks.limits engine STORE    pyoxigraph alone on the same snapshot: one JSON job a line, as `load`

The first two print the port they listen on, on 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
from itertools import count
from typing import Any

import pyoxigraph
import uvicorn
import uvloop

from benchmarks.load import summary
from planvev.names import PREFIXES

BODY = b"<!doctype html>".ljust(8192, b".")
HEADERS = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"8192")]
CANNED = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: 8192\r\n\r\n" + BODY


async def fixed(scope: Any, _: Any, send: Any) -> None:
    """The least an ASGI application can do."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})


class Canned(asyncio.Protocol):
    """Answers whatever arrives; right as long as a request comes in one piece, which small ones on loopback do."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, _: bytes) -> None:
        self.transport.write(CANNED)


def serve_fixed(listening: socket.socket) -> None:
    """The settings are those of `planvev serve`; httptools and uvloop are used by being installed."""
    config = uvicorn.Config(fixed, log_level="warning", access_log=False, server_header=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


async def serve_canned(listening: socket.socket) -> None:
    server = await asyncio.get_running_loop().create_server(Canned, sock=listening)
    await server.serve_forever()


def evaluate(store: pyoxigraph.Store, job: dict[str, Any], numbers: Any) -> dict[str, Any]:
    """Answer one query over and over in `clients` threads for `seconds`; the answer is serialised, as it would be sent.

    Returns:
        As `load.ask`, with `cpu_us`, microseconds of CPU for each answer.
    """
    began, cpu = time.perf_counter(), time.process_time()
    deadline = began + job["seconds"]
    latencies: list[float] = []
    sizes: list[int] = []

    def work() -> None:
        # At least one answer, also where a loaded machine does not let a thread begin in time.
        while not latencies or (time.perf_counter() < deadline and len(latencies) < job["most"]):
            start = time.perf_counter()
            body = answer(store, f"{job['query']} # {next(numbers)}", job["suffix"])
            latencies.append(time.perf_counter() - start)
            sizes.append(len(body))

    threads = [threading.Thread(target=work) for _ in range(job["clients"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = time.process_time() - cpu
    extra = {"bytes": sum(sizes) // len(sizes), "cpu_us": used / len(sizes) * 1e6}
    return summary(latencies, time.perf_counter() - began) | extra


def answer(store: pyoxigraph.Store, query: str, suffix: str) -> bytes:
    """The bytes of one answer, by nothing but pyoxigraph."""
    results = store.query(query, prefixes=PREFIXES)
    if isinstance(results, pyoxigraph.QueryTriples):
        kind = pyoxigraph.RdfFormat.from_extension(suffix)
        assert kind is not None
        return pyoxigraph.serialize(results, format=kind, prefixes=PREFIXES) or b""
    return results.serialize(format=pyoxigraph.QueryResultsFormat.from_extension(suffix)) or b""


def engine(path: str) -> None:
    """One job a line until standard input ends."""
    store, numbers = pyoxigraph.Store.read_only(path), count(1)
    for line in sys.stdin:
        print(json.dumps(evaluate(store, json.loads(line), numbers)), flush=True)


def main(kind: str, *path: str) -> None:
    if kind == "engine":
        engine(*path)
        return
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listening.getsockname()[1], flush=True)
    if kind == "fixed":
        serve_fixed(listening)
    else:
        uvloop.run(serve_canned(listening))


if __name__ == "__main__":
    main(*sys.argv[1:])
