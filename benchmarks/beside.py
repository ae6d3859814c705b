"""New queries over HTTP beside Oxigraph's own server, on one store, in one interleaved run; ratios first.

    python -m benchmarks.beside STATE [--rounds 9] [--seconds 0.5]

STATE is a folder that planvev has published to; both servers read its current snapshot. Look-ups and queries with some
work to do are new every time (a number in a comment), the last rows ask for the same again. Wall time is p50; CPU is of
the whole server, query processes too, and tells more on a machine that others use.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks.cases import IRI, OUTLINE, PLANVEV, STRATEGY
from benchmarks.measure import Process, Sample, cpu, started, tree
from benchmarks.peers import NotRun, first_answer, free_port, spawned, stopped
from planvev.names import PREFIXES

OXIGRAPH, AGAIN = "oxigraph", "again"
MOST = 50_000  # answers in one turn
ACCEPT = "application/sparql-results+json"
LOOKUPS = {
    "ASK whether the plan is one": f"ASK {{ {IRI} a plan:Plan }}",
    "all about one strategy": f"SELECT ?p ?o WHERE {{ <https://w3id.org/planvev/id/{STRATEGY}> ?p ?o }}",
    "who points at the plan": f"SELECT ?s ?p WHERE {{ ?s ?p {IRI} }} LIMIT 10",
}
WORK = {
    "a count by class": "SELECT ?class (COUNT(?thing) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class",
    "the plan's outline in order": OUTLINE,
    "plans by their end": "SELECT ?end ?plan ?title WHERE { ?plan a plan:Plan ; dct:title ?title ; "
    "dct:temporal/dcat:endDate ?year BIND(STR(?year) AS ?end) } ORDER BY ?end ?plan LIMIT 100",
    "who follows no guidance": "SELECT ?who (COUNT(?plan) AS ?plans) WHERE { ?plan a plan:Plan ; dct:publisher ?who "
    "FILTER NOT EXISTS { ?part dct:isPartOf ?plan ; plan:guidedBy ?guide } } GROUP BY ?who ORDER BY ?who",
    "plans with their measures": "SELECT ?plan ?text WHERE { ?plan a plan:Plan "
    "OPTIONAL { ?measure dct:isPartOf ?plan ; a plan:Measure ; plan:text ?text } }",
    "2,000 rows": "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 2000",
}
HEAD = (
    "| what is asked | clients | ours ÷ Oxigraph's, p50 | ours ÷ Oxigraph's, CPU | ours, p50 ms | its, p50 ms "
    "| ours, CPU µs | its, CPU µs |\n|---|--:|--:|--:|--:|--:|--:|--:|"
)


@dataclass
class Line:
    """One row: a question, how it is asked of us, and what each server took in every round."""

    name: str
    text: str
    clients: int
    again: bool
    ours: list[Sample] = field(default_factory=list)
    its: list[Sample] = field(default_factory=list)

    def request(self, path: str, fresh: bool) -> str:
        declared = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items() if f"{name}:" in self.text)
        comment = quote(" # ") + "{n}" if fresh else ""
        query = quote(declared + self.text) + comment
        return f"GET {path}?query={query} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {ACCEPT}\r\n\r\n"

    def told(self) -> str:
        cells = [
            _spread([a["p50"] / b["p50"] for a, b in zip(self.ours, self.its, strict=True)], "×"),
            # CPU is counted in steps of 10 ms, too coarse for one turn: of all rounds together.
            f"{_cpu(self.ours) / max(_cpu(self.its), 1):.1f}×",
            *(_spread([one["p50"] for one in taken]) for taken in (self.ours, self.its)),
            *(f"{_cpu(taken):.0f}" for taken in (self.ours, self.its)),
        ]
        return f"| {self.name}{', again' if self.again else ''} | {self.clients} | " + " | ".join(cells) + " |"


def _cpu(samples: Sequence[Sample]) -> float:
    """Microseconds of CPU for one answer."""
    return float(sum(one["cpu"] for one in samples) / sum(one["count"] for one in samples) * 1e6)


def _spread(figures: Sequence[float], unit: str = "") -> str:
    return f"{median(figures):.2f}{unit} ({min(figures):.2f}–{max(figures):.2f})"


@contextlib.contextmanager
def servers(state: Path) -> Iterator[tuple[Process, dict[str, tuple[int, int]]]]:
    """The client; and of each server its port and its process."""
    store, port = (state / "current" / "store").resolve(), free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    command = [program, "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}"]
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(started(state, "benchmarks.load"))
        planvev = stack.enter_context(started(state, "planvev", "serve", "--port", "0"))
        log = state / "oxigraph.log"
        oxigraph = spawned(command, state, stack.enter_context(log.open("wb")))
        stack.callback(stopped, oxigraph)
        first_answer(oxigraph, port, "/query?query=ASK%7B%7D", log)
        assert planvev.popen.stderr
        said = planvev.popen.stderr.readline()
        ours = int(said.partition("127.0.0.1:")[2].partition("/")[0].split()[0])
        yield client, {PLANVEV: (ours, planvev.popen.pid), OXIGRAPH: (port, oxigraph.pid)}


def turn(client: Process, server: tuple[int, int], request: str, clients: int, seconds: float, most: int) -> Sample:
    """One turn: p50 in milliseconds, the number of answers and the CPU seconds that the server used for them."""
    port, pid = server
    pids = tree(pid)
    before = cpu(pids)
    job = {"port": port, "request": request, "status": 200, "clients": clients, "seconds": seconds, "most": most}
    return client.carry_out(job) | {"cpu": cpu(pids) - before}


def lines(clients: Sequence[int]) -> list[Line]:
    """All rows."""
    new = [Line(name, text, n, False) for n in clients for name, text in (LOOKUPS | WORK).items()]
    same = [Line(name, text, n, True) for n in clients for name, text in (LOOKUPS | WORK).items()]
    return [*new, *same]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("state", type=Path, help="a state folder that planvev has published to")
    parser.add_argument("--rounds", type=int, default=9, help="rounds in which every row has its turn (default: 9)")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of one turn in seconds (default: 0.5)")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8], help="clients at once (default: 1 8)")
    chosen = parser.parse_args()
    rows = lines(chosen.clients)
    load = os.getloadavg()[0]
    try:
        with servers(chosen.state) as (client, run):
            for number in range(chosen.rounds + 1):
                for row in rows:
                    warm = (0.2, 20) if number == 0 else (chosen.seconds, MOST)
                    ours = turn(client, run[PLANVEV], row.request("/sparql", not row.again), row.clients, *warm)
                    its = turn(client, run[OXIGRAPH], row.request("/query", not row.again), row.clients, *warm)
                    if number:
                        row.ours.append(ours)
                        row.its.append(its)
    except NotRun as why:
        raise SystemExit(f"Oxigraph's server was not measured: {why}") from None
    print(f"load average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end\n")
    print(HEAD)
    print("\n".join(row.told() for row in rows))


if __name__ == "__main__":
    main()
