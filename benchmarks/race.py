"""One size, measured: commands, starts and first answers, warm answers, crowds of clients and pages, engine by engine.

Within a cell the engines take turns (A B C, A B C, …), so that a noisy minute touches all of them. An engine that gives
no answer in `PATIENCE` seconds is started anew, because some go on with a query whose client has left, and it is not
asked that question again.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import answers
from benchmarks.cells import Cells, Measured
from benchmarks.dataset import PLAN, Ready, size
from benchmarks.generate import BASE
from benchmarks.measure import Process, cpu, started, tree
from benchmarks.peers import NotRun, Peer, Running, asked, peers

QUESTIONS = Path(__file__).parent / "questions"
PATIENCE = 15.0
NO_ANSWER = "no answer"
CLIENTS = (1, 8, 32)
CROWDED = ("01-lookup", "02-plan-tree", "03-most-cited")
OURS, AGAIN, ALONE = "planvev", "planvev again", "engine alone"
STRATEGY = f"{PLAN}/strategy/1-1"
JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"


@dataclass(frozen=True)
class Question:
    """One query: its name, what it asks in words, and its text."""

    name: str
    words: str
    text: str

    @property
    def graph(self) -> bool:
        return "CONSTRUCT" in self.text

    def path(self, endpoint: str, fresh: bool) -> str:
        """The address of a GET; fresh ones end in a comment with a number that never repeats."""
        comment = quote("\n# ") + "{n}" if fresh else ""
        return f"{endpoint}?query={quote(self.text)}{comment}"


def questions() -> list[Question]:
    """The ten, in order."""
    found = []
    for path in sorted(QUESTIONS.glob("*.rq")):
        text = path.read_text("utf-8")
        found.append(Question(path.stem, text.partition("\n")[0].removeprefix("#+ "), text.partition("\n")[2]))
    return found


class Planvev(Peer):
    """Ourselves, as `planvev serve` serves, with the settings as they come."""

    ready: Ready

    def version(self) -> str:
        return "planvev"

    def command(self, port: int) -> Sequence[str]:
        return [sys.executable, "-m", "planvev", "serve", "--port", str(port)]

    def environment(self) -> dict[str, str]:
        return self.ready.environment()


@dataclass
class Race:
    """All engines over one size."""

    ready: Ready
    cells: Cells
    rounds: int
    seconds: float
    only: Sequence[str]
    missing: dict[str, str] = field(default_factory=dict)  # engine → why it is not measured

    def __post_init__(self) -> None:
        self.ours = Planvev(OURS, 10**9, "", self.ready.folder / "planvev", self.ready.data)
        self.ours.ready = self.ready
        self.others = []
        for peer in peers(self.ready.folder, self.ready.data):
            if self.only and peer.name not in self.only:
                continue
            if self.ready.triples > peer.largest:
                self.missing[peer.name] = peer.why
            else:
                self.others.append(peer)

    def prepare(self) -> None:
        """Generate, publish, give the same to the others; each timed."""
        ready, once = self.ready, self.cells.once
        once("generate", ready.generate)
        once("publish-full", self._publish_full)
        once("export", ready.export)
        for peer in self.others:
            self._load(peer)

    def commands(self) -> None:
        """What an author waits for, and the limits of loading."""
        ready, once = self.ready, self.cells.once
        for number in range(1, self.rounds + 1):
            once(f"publish-nothing-{number}", lambda: ready.planvev("publish"))
            once(f"publish-one-{number}", self._publish_one)
            once(f"check-one-{number}", lambda: ready.planvev("check", "--no-advice", self._plan_file()))
        once("limit-bare-load", ready.bare_load)
        once("limit-read", ready.read_bytes)

    def starts(self) -> None:
        """Every engine started anew: how long to the first answer, memory at rest, first answers to every question."""
        for number in range(1, self.rounds + 1):
            for peer in self.running():
                self.cells.once(f"start-{number}-{peer.name}", lambda peer=peer: self._start(peer))  # type: ignore[misc]

    def answers(self) -> None:
        """All engines up at once: warm answers, crowds, pages."""
        todo = [*self._warm(), *self._crowds(), *self._pages()]
        if all(self.cells.get(name) is not None for name, _ in todo):
            return
        with Field(self) as field_:
            for name, measure in todo:
                self.cells.once(name, lambda measure=measure: measure(field_))  # type: ignore[misc]
            self.cells.once("memory-after", lambda: {n: r.memory() for n, r in field_.running.items()})

    def running(self) -> list[Peer]:
        """The engines that there are, ours first."""
        return [self.ours, *(peer for peer in self.others if peer.name not in self.missing)]

    def _publish_full(self) -> Measured:
        shutil.rmtree(self.ready.state, ignore_errors=True)
        cost = self.ready.planvev("publish")
        return cost | {"disk": size((self.ready.state / "current").resolve())}

    def _publish_one(self) -> Measured:
        self.ready.edit(str(time.time_ns()))
        try:
            return self.ready.planvev("publish")
        finally:
            self.ready.edit()
            self.ready.planvev("publish")

    def _plan_file(self) -> str:
        return str(self.ready.library / "data" / "ttl" / f"{PLAN}.ttl")

    def _load(self, peer: Peer) -> None:
        def measure() -> Measured:
            shutil.rmtree(peer.folder, ignore_errors=True)
            peer.folder.mkdir(parents=True)
            try:
                version = peer.version()
                cost = peer.load()
            except NotRun as why:
                return {"not run": str(why)}
            return cost | {"version": version, "disk": size(peer.folder)}

        if why := self.cells.once(f"load-{peer.name}", measure).get("not run"):
            self.missing[peer.name] = why

    def _start(self, peer: Peer) -> Measured:
        """One start, measured; another one, unmeasured, after each question that got no answer."""
        found: Measured = {}
        given: Measured = {}
        waiting = questions()
        try:
            while waiting:
                with peer.run() as running:
                    found = found or {"seconds": running.seconds, "cpu": running.cpu, **running.memory()}
                    while waiting:
                        question = waiting.pop(0)
                        given[question.name] = self._first(running, question)
                        if NO_ANSWER in given[question.name].get("wrong", ""):
                            break
        except NotRun as why:
            self.missing[peer.name] = str(why)
            return {"not run": str(why)}
        return found | {"questions": given}

    def _first(self, running: Running, question: Question) -> Measured:
        path = question.path(running.path, fresh=False)
        began = time.perf_counter()
        try:
            status, body = asked(running.port, path, NTRIPLES if question.graph else JSON, PATIENCE)
        except TimeoutError:
            return {"wrong": f"{NO_ANSWER} within {PATIENCE:g} s"}
        except OSError as error:
            return {"wrong": f"{type(error).__name__} after {time.perf_counter() - began:.0f} s"}
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            return {"wrong": f"answered {status} after {took:.0f} ms: {body[:100].decode(errors='replace')}"}
        answer = answers.read(body, question.graph)
        return {"ms": took, "count": answer.count, "digest": answer.digest}

    def _warm(self) -> Iterator[tuple[str, Callable[[Field], Measured]]]:
        for number in range(1, self.rounds + 1):
            for question in questions():
                yield f"warm-{number}-{question.name}", lambda field_, q=question: field_.asked(q, 1)  # type: ignore[misc]

    def _crowds(self) -> Iterator[tuple[str, Callable[[Field], Measured]]]:
        for number in range(1, self.rounds + 1):
            for question in questions():
                for clients in CLIENTS if question.name in CROWDED else ():
                    name = f"crowd-{number}-{question.name}-{clients:02}"
                    yield name, lambda field_, q=question, c=clients: field_.asked(q, c)  # type: ignore[misc]

    def _pages(self) -> Iterator[tuple[str, Callable[[Field], Measured]]]:
        for number in range(1, self.rounds + 1):
            for clients in CLIENTS:
                yield f"page-{number}-{clients:02}", lambda field_, c=clients: field_.paged(c)  # type: ignore[misc]


class Field:
    """The engines while all of them run, with the client that asks."""

    def __init__(self, race: Race) -> None:
        self.race = race
        self.running: dict[str, Running] = {}
        self.tired = {  # (engine, question) that gave no answer
            (peer.name, question)
            for peer in race.running()
            for cell in race.cells.every(f"start-1-{peer.name}")
            for question, answer in cell.get("questions", {}).items()
            if NO_ANSWER in answer.get("wrong", "")
        }
        self._stacks: dict[str, contextlib.ExitStack] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Field:
        state = self.race.ready.state
        self.client = self._stack.enter_context(started(state, "benchmarks.load"))
        store = str((state / "current" / "store").resolve())
        self.alone = self._stack.enter_context(started(state, "benchmarks.limits", "engine", store))
        self.fixed = self._stack.enter_context(started(state, "benchmarks.limits", "fixed"))
        assert self.fixed.popen.stdout
        self.fixed.port = int(self.fixed.popen.stdout.readline())
        for peer in self.race.running():
            self._start(peer)
        return self

    def __exit__(self, *_: object) -> None:
        for stack in self._stacks.values():
            stack.close()
        self._stack.close()

    def _start(self, peer: Peer) -> None:
        if stack := self._stacks.pop(peer.name, None):
            stack.close()
        self._stacks[peer.name] = contextlib.ExitStack()
        try:
            self.running[peer.name] = self._stacks[peer.name].enter_context(peer.run())
        except NotRun as why:
            self.running.pop(peer.name, None)
            self.race.missing[peer.name] = str(why)

    def asked(self, question: Question, clients: int) -> Measured:
        """One question to each engine in turn; to ours also the same again and again, which it may remember."""
        accept = NTRIPLES if question.graph else JSON
        found: Measured = {ALONE: self._alone(question, clients)}
        for name, running in list(self.running.items()):
            if (name, question.name) in self.tired:
                found[name] = {"wrong": f"{NO_ANSWER} within {PATIENCE:g} s"}
                continue
            path = question.path(running.path, fresh=True)
            found[name] = self.turn(running, path, accept, clients)
            wrong = found[name].get("wrong", "")
            if NO_ANSWER in wrong or "connection" in wrong:
                self.tired.add((name, question.name))
                self._start(next(peer for peer in self.race.running() if peer.name == name))
        ours = self.running[OURS]
        found[AGAIN] = self.turn(ours, question.path(ours.path, fresh=False), accept, clients)
        return found

    def paged(self, clients: int) -> Measured:
        """Documents about a plan and about a strategy, from those that have any."""
        found: Measured = {"fixed 8 KB answer": self.turn(self._bare(), "/", "text/html", clients)}
        for what, place in (("plan", PLAN), ("strategy", STRATEGY)):
            ours, describe = self.running[OURS], quote(f"DESCRIBE <{BASE}/id/{place}> # ") + "{n}"
            for suffix, accept in (("html", "text/html"), ("ttl", "text/turtle")):
                path = f"/doc/{place}.{suffix}"
                found[f"{what} {suffix}, {OURS}"] = self.turn(ours, f"{path}?n={{n}}", accept, clients)
                found[f"{what} {suffix}, {AGAIN}"] = self.turn(ours, path, accept, clients)
            for name, running in self.running.items():
                if name != OURS:
                    path = f"{running.path}?query={describe}"
                    found[f"{what} ttl, {name}"] = self.turn(running, path, "text/turtle", clients)
        ours = self.running[OURS]
        found[f"search, {OURS}"] = self.turn(ours, "/search?q=barnevern&n={n}", "text/html", clients)
        return found

    def _bare(self) -> Running:
        return Running(self.fixed.popen, self.fixed.port, "/", 0, 0)  # type: ignore[arg-type]

    def turn(self, running: Running, path: str, accept: str, clients: int) -> Measured:
        """One address asked over and over for the seconds of a turn, after it was asked a few times to warm up."""
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\nAccept: {accept}\r\n\r\n"
        job: dict[str, Any] = {"port": running.port, "request": request, "status": 200, "clients": clients}
        job |= {"most": 20_000, "patience": PATIENCE, "refusals": [429, 503]}
        warmed = self._job(self.client, job | {"clients": 1, "seconds": 0.2, "most": 2})
        if "wrong" in warmed:
            return warmed
        before = cpu(tree(running.popen.pid))
        found = self._job(self.client, job | {"seconds": self.race.seconds})
        if "wrong" not in found:  # the tree anew: processes that came meanwhile have worked for the answers too
            found["cpu_us"] = (cpu(tree(running.popen.pid)) - before) / found["count"] * 1e6
            found["rate"] = found["count"] / found["seconds"]
        return found

    def _alone(self, question: Question, clients: int) -> Measured:
        if self.tired & {(name, question.name) for name in (ALONE, OURS, "Oxigraph")}:  # the same engine
            return {"wrong": "took too long before"}
        suffix = "nt" if question.graph else "json"
        job = {"clients": min(clients, 2), "seconds": self.race.seconds, "most": 20_000}
        found = self.alone.carry_out(job | {"query": question.text, "suffix": suffix})
        if found["p50"] > PATIENCE * 1000:
            self.tired.add((ALONE, question.name))
        return found | {"rate": found["count"] / found["seconds"]}

    @staticmethod
    def _job(process: Process, job: dict[str, Any]) -> Measured:
        try:
            return process.carry_out(job)
        except SystemExit as wrong:
            return {"wrong": str(wrong).partition(": ")[2][-200:] or str(wrong)[-200:]}
