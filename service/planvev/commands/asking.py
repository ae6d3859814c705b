"""`planvev query`: a question to any SPARQL endpoint, carried out by a client in a process that can be ended.

The client is SPARQLWrapper, as analysts use it. It knows no overall deadline and no ceiling, so it runs in a child
(`asking_child`): at the deadline, or when more bytes come than are wanted, the child is killed. What it brings is
bytes, which nobody here reads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass

from planvev.errors import QueryFailed

ROWS = ("csv", "tsv", "json", "xml")
GRAPHS = ("ttl", "rdf", "jsonld")
PIECE = 65536


@dataclass(frozen=True)
class Question:
    """A query, where it is asked, and the format wanted: one of ROWS or GRAPHS, or empty for the plainest."""

    endpoint: str
    query: str
    format: str = ""


def ask(question: Question, seconds: float, ceiling: int) -> bytes:
    """The answer, whole.

    Raises:
        QueryFailed: the endpoint refuses or cannot be reached, the deadline is over, or the answer is larger than
            `ceiling` bytes.
    """
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "planvev.commands.asking_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    watch = threading.Timer(seconds, end)
    watch.start()
    try:
        answer = _collected(child, question, ceiling)
        said = child.stderr.read() if child.stderr else b""
        code = child.wait()
    finally:
        watch.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdout, child.stderr):
            if pipe:
                pipe.close()
    if late.is_set():
        raise QueryFailed(
            f"{question.endpoint} did not answer in full within {seconds:g} seconds.",
            "Ask for less, or give it longer with --timeout.",
        )
    if answer is None:
        raise QueryFailed(
            f"The answer is larger than {ceiling // (1024 * 1024)} MiB; nothing of it was written.",
            "Use LIMIT, or raise the ceiling with --max-mb.",
        )
    if code != 0:
        raise _failure(question.endpoint, said)
    return answer


def _collected(child: subprocess.Popen[bytes], question: Question, ceiling: int) -> bytes | None:
    """All that the child writes; None, and the child killed, when that passes the ceiling."""
    assert child.stdin and child.stdout
    try:
        child.stdin.write(json.dumps(asdict(question)).encode())
        child.stdin.close()
    except BrokenPipeError:
        return b""  # it ended before it listened; its exit says so
    answer = bytearray()
    while piece := child.stdout.read(PIECE):
        answer += piece
        if len(answer) > ceiling:
            child.kill()
            return None
    return bytes(answer)


def _failure(endpoint: str, said: bytes) -> QueryFailed:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    try:
        told = json.loads(lines[-1]) if lines else {}
    except ValueError:
        told = {}
    why = told.get("why") or (lines[-1] if lines else "the client ended without a word")
    return QueryFailed(f"{endpoint}: {why.rstrip('.')}.", told.get("advice", ""))
