"""A query process: opens one snapshot, cuts itself off, and answers one SPARQL query after another on a pipe.

Started by `workers`, never imported by the service. It imports nothing heavy, so that a killed one is replaced in a
tenth of a second. Frames on the pipe are a four-byte length and JSON; an answer's bytes follow its frame, or stand in
a spool file when they are many. The engine cannot be interrupted, so nothing here keeps time: `workers` kills.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import tempfile
from pathlib import Path
from typing import IO, Any

INLINE = 256 * 1024  # bytes; larger answers go through a file, which costs less than a pipe
GROWTH = 256 * 1024  # KiB of resident memory by which a process may have grown before it asks to be replaced

_CLONE_NEWUSER, _CLONE_NEWNET, _PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1


class CeilingPassed(Exception):
    """The answer is larger than may be sent."""


class Spool(io.RawIOBase):
    """Collects an answer: in memory while it is small, in a file beyond, never more than the ceiling."""

    def __init__(self, folder: str, ceiling: int) -> None:
        self.folder = folder
        self.ceiling = ceiling
        self.size = 0
        self.memory = bytearray()
        self.file: IO[bytes] | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        if self.size > self.ceiling:
            raise CeilingPassed
        if self.file is None and self.size <= INLINE:
            self.memory += data
            return len(data)
        if self.file is None:
            self.file = tempfile.NamedTemporaryFile(dir=self.folder, delete=False)  # noqa: SIM115  handed over by name
            self.file.write(self.memory)
        self.file.write(data)
        return len(data)

    def done(self) -> dict[str, Any]:
        if self.file is None:
            return {"size": self.size}
        self.file.close()
        return {"size": self.size, "spool": self.file.name}

    def discard(self) -> None:
        if self.file is not None:
            self.file.close()
            with contextlib.suppress(OSError):
                Path(self.file.name).unlink()


def main(store_path: str, spool_folder: str, memory_mb: str) -> None:
    """Serve until standard input closes."""
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(AttributeError):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # Linux: never outlive the service
    locked = _leave_network(libc)  # before the engine starts threads, which would make it impossible
    with contextlib.suppress(OSError):
        os.nice(5)

    import pyoxigraph

    store = pyoxigraph.Store.read_only(store_path)
    _limit_memory(int(memory_mb))
    _send({"ready": True, "network": "cut" if locked else "open"})
    ready = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while (request := _receive()) is not None:
        spool = Spool(spool_folder, request["ceiling"])
        try:
            _answer(pyoxigraph, store, request, spool)
            reply = spool.done()
        except CeilingPassed:
            spool.discard()
            reply = {"error": "ceiling"}
        except SyntaxError as error:
            reply = {"error": "syntax", **_place(str(error))}
        except RuntimeError as error:  # a call of a function that the engine does not have
            reply = {"error": "syntax", "message": str(error), "line": None, "column": None}
        except (ValueError, OSError, MemoryError) as error:
            spool.discard()
            reply = {"error": "fault", "message": str(error) or type(error).__name__}
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - ready
        reply["retire"] = grown > GROWTH
        inline = "error" not in reply and "spool" not in reply
        _send(reply, bytes(spool.memory) if inline else b"")
        if reply["retire"]:
            return


def _answer(ox: Any, store: Any, request: dict[str, Any], spool: Spool) -> None:
    named = [ox.NamedNode(iri) for iri in request["named"]] if request["named"] is not None else None
    default = [ox.NamedNode(iri) for iri in request["default"]] if request["default"] is not None else None
    results = store.query(
        request["query"],
        base_iri=request["base"],
        prefixes=request["prefixes"],
        default_graph=default,
        named_graphs=named,
    )
    buffered = io.BufferedWriter(spool, 65536)
    if isinstance(results, ox.QueryTriples):
        kind = ox.RdfFormat.from_extension(request["suffix"])
        ox.serialize(results, buffered, kind, prefixes=request["prefixes"])
    else:
        kind = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}.get(request["suffix"])
        results.serialize(buffered, kind or ox.QueryResultsFormat.from_extension(request["suffix"]))
    buffered.flush()


def _place(message: str) -> dict[str, Any]:
    """The engine's "error at 2:9: expected one of …" taken apart; its list of expectations kept when it is short."""
    match = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if match is None:
        return {"message": message, "line": None, "column": None}
    return {"message": match.group(3), "line": int(match.group(1)), "column": int(match.group(2))}


def _leave_network(libc: Any) -> bool:
    """Move into a network namespace that has no way out; whether that holds."""
    if not hasattr(libc, "unshare"):
        return False
    if libc.unshare(_CLONE_NEWNET) != 0 and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    return [name for _, name in socket.if_nameindex()] in ([], ["lo"])


def _limit_memory(megabytes: int) -> None:
    """Bound what a query may take beyond what is mapped now; a bomb then ends the process, not the machine."""
    with contextlib.suppress(OSError, ValueError):
        mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        ceiling = mapped + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def _receive() -> dict[str, Any] | None:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        return None
    request: dict[str, Any] = json.loads(sys.stdin.buffer.read(struct.unpack(">I", head)[0]))
    return request


def _send(frame: dict[str, Any], body: bytes = b"") -> None:
    data = json.dumps(frame).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(data)) + data + body)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:4])
