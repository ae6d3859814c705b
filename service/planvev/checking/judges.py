"""Processes that judge portions of a library: over all cores, and ended when one takes too long.

Shapes may come from a publisher, and a careless query in them does not end by itself; neither engine can be told to
stop, nor to take less memory. So a portion is judged in a process that has a ceiling and can be killed at a deadline
(`judging_child`), and whoever waits learns which files it was. Shapes and ontology go to each process once, as files,
which it reads and compiles.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import BinaryIO

from planvev import machine
from planvev.checking.findings import Portion, Rules, Verdict
from planvev.checking.validation import PYSHACL, chosen
from planvev.errors import CheckTimeout, EngineFault
from planvev.formats import rdf
from planvev.formats.rdf import NamedNode
from planvev.library import Source, Text
from planvev.names import PREFIXES, SHAPES, short

WORTH = 16  # portions from which the fast engine is worth a process for each core; the other is from two on
_SPARQL_TARGET = NamedNode(PREFIXES["sh"] + "SPARQLTarget")


@dataclass
class _Judge:
    """One process, and what it is at."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    answers: BinaryIO
    rules: Rules | None = None
    number: int = -1  # of the portion it judges
    until: float = float("inf")


@dataclass
class Judges:
    """Judging within a deadline, for one command. Use as a context: the end of it ends the processes.

    Args: `seconds` that one portion may take.
    """

    seconds: float
    _all: list[_Judge] = field(default_factory=list)

    def __enter__(self) -> Judges:
        self._start()  # at once, so that it starts while files are read
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._all:
            one.answers.close()
            one.line.close()
            one.process.kill()
            one.process.wait()

    def each(self, work: Sequence[Portion]) -> Iterator[Verdict]:
        """What is found in each portion, in turn.

        Raises:
            CheckTimeout: a portion took longer than it may.
            EngineFault: the engine cannot use the shapes, or its process ended.
            SyntaxFault: the shapes or the ontology cannot be read, or a query in them would leave this machine.
        """
        while len(self._all) < self._worth(work):
            self._start()
        done: dict[int, Verdict] = {}
        given = 0
        for wanted in range(len(work)):
            while wanted not in done:
                for one in self._all:
                    if one.number < 0 and given < len(work):
                        self._give(one, work[given], given)
                        given += 1
                self._collect(work, done)
            yield done.pop(wanted)

    def _worth(self, work: Sequence[Portion]) -> int:
        """How many processes are worth starting."""
        worth = 2 if work and chosen(work[0].rules.engine) == PYSHACL else WORTH
        return min(machine.cores(), len(work)) if len(work) >= worth else 1

    def _start(self) -> None:
        # Not `multiprocessing`: its processes import the command line once more, and its connections a dozen modules.
        ours, theirs = socket.socketpair()
        with theirs:
            program = (sys.executable, "-P", "-m", "planvev.checking.judging_child")
            arguments = (theirs.fileno(), self.seconds, _share(), os.getpid())
            process = subprocess.Popen(  # noqa: S603
                [*program, *map(str, arguments)],
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C is the parent's to handle, from the child's first moment on
            )
        self._all.append(_Judge(process, ours, ours.makefile("rb")))

    def _give(self, one: _Judge, portion: Portion, number: int) -> None:
        rules = None if one.rules == portion.rules else _plain(portion.rules)
        with contextlib.suppress(OSError):  # a process that has ended is met where its answer is
            asked = (rules, _bytes(portion.judged), rdf.packed(portion.context), portion.advice)
            one.line.sendall(pickle.dumps(asked, pickle.HIGHEST_PROTOCOL))
        one.rules, one.number, one.until = portion.rules, number, time.monotonic() + self.seconds

    def _collect(self, work: Sequence[Portion], done: dict[int, Verdict]) -> None:
        """Wait for the next answer, at most until the first deadline."""
        busy = [one for one in self._all if one.number >= 0]
        until = min(one.until for one in busy)
        with selectors.DefaultSelector() as waiting:
            for one in busy:
                waiting.register(one.line, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in waiting.select(max(until - time.monotonic(), 0))}
        for one in busy:
            if one.line in ready:
                done[one.number] = self._answer(one, work[one.number])
                one.number, one.until = -1, float("inf")
            elif one.until <= time.monotonic():
                raise CheckTimeout(
                    f"Checking {_files(work[one.number])} took more than {self.seconds:g} seconds and was ended. "
                    "Nothing was changed.",
                    f"Look at the SPARQL in the shapes first{_suspects(work[one.number])}; where the files are simply "
                    "large, raise PLANVEV_CHECK_SECONDS.",
                )

    def _answer(self, one: _Judge, portion: Portion) -> Verdict:
        try:
            found = pickle.load(one.answers)  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):  # also one that ends in the middle of a message
            raise EngineFault(
                f"The process that checked {_files(portion)} ended with {one.process.wait()}.",
                f"It may take {_share()} MiB of this machine's memory: look at the SPARQL in the shapes"
                f"{_suspects(portion)}, or check fewer files at once.",
            ) from None
        if isinstance(found, Verdict):
            return found
        kind, arguments, state = found
        problem = kind.__new__(kind, *arguments)
        vars(problem).update(state)
        raise problem


def _share() -> int:
    """What one process may take of this machine's memory, in MiB: all of them together leave half of it."""
    return machine.share_mb(machine.cores(), 0)


def _plain(rules: Rules) -> tuple[list[tuple[Source, bytes]], list[tuple[Source, bytes]], str]:
    return _bytes(rules.ontology), _bytes(rules.shapes), rules.engine


def _bytes(texts: Iterable[Text]) -> list[tuple[Source, bytes]]:
    """Texts without what was parsed: to parse them again takes a tenth of the time of pickling triples."""
    return [(text.source, text.data) for text in texts]


def _files(portion: Portion) -> str:
    names = [text.source.file for text in portion.judged]
    return names[0] if len(names) == 1 else f"{len(names)} files from {names[0]} to {names[-1]}"


def _suspects(portion: Portion) -> str:
    """The shapes whose targets are found by SPARQL, a publisher's own first: no engine says which one it was at."""
    triples = [t for text in portion.rules.shapes for t in text.triples]
    targets = {t.subject for t in triples if t.object == _SPARQL_TARGET}
    named = (t.subject for t in triples if t.object in targets)
    shapes = sorted({str(getattr(one, "value", "")) for one in named}, key=lambda iri: (iri.startswith(SHAPES), iri))
    return f", as in the targets of {', '.join(map(short, shapes[:3]))}" if shapes else ""
