"""A process that judges portions, as `judges` starts it:
`python -m planvev.checking.judging_child HANDLE SECONDS MEMORY PARENT`.

It ends with its parent; where the system does not know that, an idle one ends by itself, because its socket closes, and
a busy one some seconds after its deadline. It has no network, and no more memory than its share (in MiB).
"""

from __future__ import annotations

import pickle
import signal
import socket
import sys
from collections.abc import Iterable

from planvev import confined
from planvev.checking.findings import Portion, Rules
from planvev.checking.judging import judge
from planvev.errors import Problem
from planvev.formats import rdf
from planvev.library import Source, Text

GRACE = 5  # seconds after the deadline at which a process ends by itself when nobody ended it


def work(line: socket.socket, seconds: float, memory_mb: int, parent: int | None = None) -> None:
    """Portions in and findings out, until nobody sends any more."""
    confined.end_with_parent(parent=parent)
    confined.leave_network()
    confined.forbid_sockets()
    confined.limit_memory(memory_mb)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # an engine that prints must not be halted for it
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends it without asking Python, busy or not
    asked = line.makefile("rb")
    rules: Rules | None = None
    while True:
        try:
            fresh, judged, context, advice = pickle.load(asked)  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):  # also one that ends in the middle of a message
            return
        if fresh:
            ontology, shapes, engine = fresh
            rules = Rules(_texts(ontology), _texts(shapes), engine)
        assert rules is not None
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
        try:
            found: object = judge(Portion(_texts(judged), rdf.unpacked(context), rules, advice))
        except Problem as problem:
            found = type(problem), problem.args, vars(problem)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            line.sendall(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
        except OSError:
            return


def _texts(read: Iterable[tuple[Source, bytes]]) -> tuple[Text, ...]:
    return tuple(Text(source, data) for source, data in read)


if __name__ == "__main__":
    work(socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
