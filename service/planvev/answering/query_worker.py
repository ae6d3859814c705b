"""A query process: opens one snapshot, cuts itself off, and answers one SPARQL query after another on a pipe.

Started by `workers`, never imported by the service. It imports nothing heavy, so that a killed one is replaced in a
tenth of a second. A request is a four-byte length, a line of JSON (format, dataset, what to join over
columns) and the query; an answer is a
frame as `workers.Pipe` says, or stands in a spool file when it is large. The engine cannot be interrupted, so nothing
here keeps time: `workers` kills.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from planvev import confined
from planvev.queries.statistics import COLUMNS

INLINE = 256 * 1024  # bytes; larger answers go through a file, which costs less than a pipe
GROWTH = 64 * 1024  # KiB of resident memory by which a process may have grown before it asks to be replaced


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


def main(channel: str, store_path: str, spool_folder: str, memory_mb: str, ceiling: str) -> None:
    """Serve until the other end of the socket closes.

    Args:
        channel: the number of the socket's file descriptor.
        store_path: the store of a snapshot.
        spool_folder: where large answers go.
        memory_mb: what a query may take beside the engine itself, in MiB.
        ceiling: the largest answer, in bytes.
    """
    confined.end_with_parent()
    with contextlib.suppress(OSError):
        # Ctrl-C in a terminal is for the service alone. Not a session of our own: Linux shares the processor out among
        # sessions first (sched(7), autogroup), and then priorities would count for nothing.
        os.setpgid(0, 0)
    os.environ["OPENBLAS_NUM_THREADS"] = (
        "1"  # numpy's; it keeps memory ready for each thread, and nothing here uses them
    )
    locked = confined.leave_network()  # before the engine starts threads, which would make it impossible
    with contextlib.suppress(OSError):
        os.nice(5)
    context = json.load(sys.stdin.buffer)  # the base and the prefixes of every query

    import pyoxigraph

    store = pyoxigraph.Store.read_only(store_path)
    confined.limit_memory(int(memory_mb))
    pipe = socket.socket(fileno=int(channel))
    _send(pipe, {"network": "cut" if locked else "open"})
    joiner = Joiner(Path(store_path).parent)
    ready = _grown()
    while (request := _receive(pipe)) is not None:
        spool = Spool(spool_folder, int(ceiling))
        head, _, query = request.partition(b"\n")
        suffix, dataset, task = json.loads(head)
        joined = joiner.text(task) if task else None
        if task and joined is None:
            reply: dict[str, Any] = {"error": "not joined"}
        else:
            reply = _tried(pyoxigraph, store, context, (suffix, *dataset), joined or query.decode(), spool)
            if task and reply.get("error") in ("syntax", "fault"):
                reply = {"error": "not joined"}
        reply["retire"] = _grown() - ready - joiner.grown > GROWTH
        inline = "error" not in reply and "spool" not in reply
        _send(pipe, reply, bytes(spool.memory) if inline else b"")


class Joiner:
    """Joins over the columns of a snapshot.

    Args:
        folder: the snapshot's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grown = 0  # KiB by which joining has made the process larger: most of it is given back when it is done
        self._columns: Any = None

    def text(self, task: dict[str, Any]) -> str | None:
        """The query with rows in the place of its patterns; None where there can be none."""
        before = _grown()
        try:
            # Not at the start: most queries join nothing, and numpy takes as long to load as all the rest.
            from planvev.answering import columns, joining
        except ImportError:  # no memory left for it
            return None
        try:
            self._columns = self._columns or columns.Columns(self.folder / COLUMNS)
            rows, ordered = joining.rows(self._columns, joining.Task.read(task))
        except (OSError, ValueError, MemoryError, columns.NoRows):
            return None
        finally:
            self.grown += _grown() - before
        return f"{task['before']}{b' '.join(rows).decode()}{task['ordered' if ordered else 'after']}"


def _grown() -> int:
    """The largest that this process has been, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _tried(
    ox: Any, store: Any, context: dict[str, Any], form: tuple[str, Any, Any], text: str, spool: Spool
) -> dict[str, Any]:
    """Carry out one request; the header of its frame."""
    suffix, default, named = form
    fault: dict[str, Any]
    try:
        results = store.query(
            text,
            base_iri=context["base_iri"],
            # Those alone that the text may use: the engine reads each one anew for every query.
            prefixes={name: iri for name, iri in context["prefixes"].items() if f"{name}:" in text},
            default_graph=None if default is None else [ox.NamedNode(iri) for iri in default],
            named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
        )
        if suffix == "xlsx":
            fault = _workbook(results, spool)
            if fault:
                spool.discard()
            return fault or spool.done()
        _write(ox, results, suffix, context["prefixes"], spool)
        return spool.done()
    except CeilingPassed:
        fault = {"error": "ceiling"}
    except SyntaxError as error:
        fault = {"error": "syntax", **_place(str(error))}
    except RuntimeError as error:  # a call of a function that the engine does not have
        fault = {"error": "syntax", "message": str(error), "line": None, "column": None}
    except (ValueError, OSError, MemoryError) as error:
        fault = {"error": "fault", "message": str(error) or type(error).__name__}
    spool.discard()
    return fault


def _write(ox: Any, results: Any, suffix: str, prefixes: dict[str, str], spool: Spool) -> None:
    buffered = io.BufferedWriter(spool, 65536)
    if isinstance(results, ox.QueryTriples):
        ox.serialize(results, buffered, ox.RdfFormat.from_extension(suffix), prefixes=prefixes)
    else:
        kind = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}.get(suffix)
        results.serialize(buffered, kind or ox.QueryResultsFormat.from_extension(suffix))
    buffered.flush()


def _workbook(results: Any, spool: Spool) -> dict[str, Any]:
    """Write an answer as a workbook; what kept it from being one, or nothing."""
    from planvev.formats import sheet

    def rows() -> Iterator[list[Any]]:
        taken = 0
        for solution in results:
            row = [sheet.cell(term) for term in solution]
            taken += sum(len(value) for value in row if isinstance(value, str))
            if taken > spool.ceiling:  # packed it may be smaller, but until then it fills the disk
                raise CeilingPassed
            yield row

    buffered = io.BufferedWriter(spool, 65536)
    try:
        sheet.write([name.value for name in results.variables], rows(), buffered, spool.folder)
    except sheet.Unfit as unfit:
        return {"error": "unfit", "message": str(unfit)}
    buffered.flush()
    return {}


def _place(message: str) -> dict[str, Any]:
    """The engine's "error at 2:9: expected one of …" taken apart; its list of expectations kept when it is short."""
    match = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if match is None:
        return {"message": message, "line": None, "column": None}
    return {"message": match.group(3), "line": int(match.group(1)), "column": int(match.group(2))}


def _receive(pipe: socket.socket) -> bytes | None:
    """The next request; None when there will be none. No other follows before it is answered, so one read may do."""
    received = b""
    while len(received) < 4 or len(received) < 4 + struct.unpack_from(">I", received)[0]:
        data = pipe.recv(65536)
        if not data:
            return None
        received += data
    return received[4:]


def _send(pipe: socket.socket, header: dict[str, Any], body: bytes = b"") -> None:
    head = json.dumps(header).encode()
    pipe.sendall(struct.pack(">II", 8 + len(head) + len(body), len(head)) + head + body)


if __name__ == "__main__":
    main(*sys.argv[1:6])
