"""Every page of a published state, read once in a service just started: what a crawler meets, and each first reader.

    python -m benchmarks.every STATE

After each page the bare server's fixed answer is read, so that the ratio is made in the same moment. Pages are told by
the kind of thing they are about, slowest first; CPU is of the whole service.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

from benchmarks.cases import FIXED, PLANVEV
from benchmarks.measure import cpu, servers, tree
from benchmarks.table import load_average

HEAD = "| pages about | how many | ours ÷ fixed answer | p50 ms | p95 ms | slowest ms |\n|---|--:|--:|--:|--:|--:|"


@dataclass
class Kind:
    """Milliseconds of the pages about one kind of thing, and of the fixed answers between them."""

    name: str
    pages: list[float] = field(default_factory=list)
    fixed: list[float] = field(default_factory=list)

    def told(self) -> str:
        ratio = median(ours / bare for ours, bare in zip(self.pages, self.fixed, strict=True))
        most = quantiles(self.pages, n=20)[-1] if len(self.pages) > 1 else self.pages[0]
        figures = (f"{number:.1f}" for number in (median(self.pages), most, max(self.pages)))
        return f"| {self.name} | {len(self.pages)} | {ratio:.0f}× | {' | '.join(figures)} |"


def kind_of(path: str) -> str:
    """What a page is about, by its address: `plan`, `plan: strategy`, `law: provision`, …"""
    parts = path.removeprefix("/doc/").split("/")
    below = [part for part in parts[3:-1] if part.isalpha()]
    provision = parts[0] in ("law", "treaty") and len(parts) > 2
    return f"{parts[0]}: {below[-1] if below else 'provision'}" if below or provision else parts[0]


def read(connection: HTTPConnection, path: str) -> tuple[float, bytes]:
    """Milliseconds until an answer is there, and its body."""
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status}")
    return (time.perf_counter() - began) * 1000, body


def addresses(connection: HTTPConnection) -> list[str]:
    """Every page about a thing, as the map of the site has them."""

    def listed(path: str) -> list[str]:
        return re.findall(r"<loc>https?://[^/]*([^<]*)</loc>", read(connection, path)[1].decode())

    return [page for part in listed("/sitemap.xml") for page in listed(part) if page.startswith("/doc/")]


def measured(state: Path) -> tuple[Sequence[Kind], float]:
    """The kinds, slowest first, then all together; and CPU milliseconds a page."""
    kinds, every = dict[str, Kind](), Kind("**all**")
    with servers(state) as run:
        ours, bare = (HTTPConnection("127.0.0.1", run[name].port, timeout=30) for name in (PLANVEV, FIXED))
        paths = addresses(ours)
        pids = tree(run[PLANVEV].popen.pid)
        before = cpu(pids)
        for path in paths:
            taken, fixed = read(ours, path)[0], read(bare, "/")[0]
            for kind in (kinds.setdefault(kind_of(path), Kind(kind_of(path))), every):
                kind.pages.append(taken)
                kind.fixed.append(fixed)
        spent = (cpu(pids) - before) / len(paths) * 1000
    return [*sorted(kinds.values(), key=lambda kind: -median(kind.pages)), every], spent


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.every", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("state", type=Path, help="a state folder that is published")
    state, began = parser.parse_args().state, load_average()
    kinds, spent = measured(state)
    sys.stdout.write(
        f"{spent:.1f} ms of CPU a page; load average {began} at the start, {load_average()} at the end\n\n"
    )
    sys.stdout.write("\n".join([HEAD, *(kind.told() for kind in kinds)]) + "\n")


if __name__ == "__main__":
    main()
