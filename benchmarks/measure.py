"""Measuring: the processes under test, rounds in which every row has its turn, and what the machine did meanwhile.

Rows take turns (A B C, A B C, …), so that a noisy minute touches all of them; a ratio is made inside one round, and
what is told is the median of the rounds with the smallest and the largest. CPU time is of the server and its children,
from /proc (Linux), in steps of 10 ms. It tells more than wall time on a machine that others use too.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cases import CANNED, ENGINE, FIXED, PLANVEV, Case

TOP = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")
MOST = 50_000  # answers in one turn
Sample = dict[str, Any]


def environment(state: Path) -> dict[str, str]:
    """The settings of a command under test: none of the caller's but the library."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANVEV_")}
    library = os.environ.get("PLANVEV_LIBRARY") or str(TOP)
    return clean | {"PLANVEV_LIBRARY": library, "PLANVEV_STATE": str(state), "PYTHONPATH": str(TOP)}


def tree(pid: int) -> list[int]:
    """A process, its children, theirs, and so on."""
    found = [pid]
    for one in found:  # grows while it is walked
        with contextlib.suppress(OSError):  # it has ended meanwhile
            files = Path(f"/proc/{one}/task").glob("*/children")
            found += [int(child) for file in files for child in file.read_text("ascii").split()]
    return found


def cpu(pids: Sequence[int]) -> float:
    """Seconds of CPU that processes, and children they have buried, have used."""
    used = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # ended: its parent counts it when it has buried it
            used += sum(map(int, Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:15]))
    return used / TICK


def memory(pid: int) -> dict[str, float]:
    """Resident and proportional set size of one process, in MiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return {
        name.lower(): int(re.findall(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[0]) / 1024 for name in ("Rss", "Pss")
    }


@dataclass
class Process:
    """A process of ours with pipes, ended at the end of the block that started it."""

    popen: subprocess.Popen[str]
    port: int = 0

    def carry_out(self, job: Sample) -> Sample:
        """One JSON job to its input, one JSON result from its output."""
        assert self.popen.stdin
        assert self.popen.stdout
        self.popen.stdin.write(json.dumps(job) + "\n")
        self.popen.stdin.flush()
        result: Sample = json.loads(self.popen.stdout.readline())
        if wrong := result.get("wrong"):
            raise SystemExit(f"{(job.get('request') or job['query']).splitlines()[0]}: {wrong}")
        return result


@contextlib.contextmanager
def started(state: Path, module: str, *arguments: str) -> Iterator[Process]:
    """A Python module as a process."""
    popen = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=TOP,
        env=environment(state),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if module == "planvev" else None,
        text=True,
    )
    try:
        yield Process(popen)
    finally:
        popen.terminate()
        try:
            popen.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.communicate()


@contextlib.contextmanager
def servers(state: Path) -> Iterator[dict[str, Process]]:
    """The client and all that is asked, each in its process, over one published state."""
    store = str((state / "current" / "store").resolve())
    with contextlib.ExitStack() as stack:
        run = {
            "client": stack.enter_context(started(state, "benchmarks.load")),
            CANNED: stack.enter_context(started(state, "benchmarks.limits", CANNED)),
            FIXED: stack.enter_context(started(state, "benchmarks.limits", FIXED)),
            ENGINE: stack.enter_context(started(state, "benchmarks.limits", ENGINE, store)),
            PLANVEV: stack.enter_context(started(state, "planvev", "serve", "--port", "0")),
        }
        for name in (CANNED, FIXED):
            run[name].port = int(_line(run[name].popen.stdout))
        said = _line(run[PLANVEV].popen.stderr)
        run[PLANVEV].port = int(re.findall(r"127\.0\.0\.1:(\d+)", said)[0])
        yield run


def _line(pipe: Any) -> str:
    line: str = pipe.readline()
    if not line:
        raise SystemExit("a process under test did not start; what it said stands above")
    return line


def turn(run: dict[str, Process], case: Case, clients: int, seconds: float, most: int = MOST) -> Sample:
    """One turn of one row: at most `seconds` and at most `most` answers; adds `rate` (answers a second), `cpu_us`."""
    process = run[case.server]
    job: Sample = {"clients": clients, "seconds": seconds, "most": most}
    if case.server == ENGINE:
        job["clients"] = min(clients, os.cpu_count() or 1)  # more threads than cores only stand in each other's way
        result = process.carry_out(job | {"query": case.query, "suffix": case.suffix})
    else:
        pids = tree(process.popen.pid)
        before = cpu(pids)
        result = run["client"].carry_out(
            job | {"port": process.port, "status": case.status, "request": request(case, process.port)}
        )
        result["cpu_us"] = (cpu(pids) - before) / result["count"] * 1e6
    return result | {"rate": result["count"] / result["seconds"]}


def request(case: Case, port: int) -> str:
    """The bytes of a GET, as text."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in case.headers)
    return f"GET {case.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}\r\n"


@dataclass
class Row:
    """A case at a number of clients, and its sample of every round."""

    case: Case
    clients: int
    samples: list[Sample] = field(default_factory=list)


def rounds(
    run: dict[str, Process], cases: Sequence[Case], count: int, seconds: float, tell: Callable[[str], None]
) -> list[Row]:
    """All rows, `count` rounds of them; before the first, each is asked a few times unmeasured."""
    rows = [Row(case, clients) for clients in (1, 8) for case in cases]
    for case in cases:
        turn(run, case, 1, seconds, most=5)
    for number in range(count):
        tell(f"Round {number + 1} of {count}: {len(rows)} rows of {seconds:g} s")
        for row in rows:
            row.samples.append(turn(run, row.case, row.clients, seconds))
    return rows


@dataclass
class Command:
    """A command with its settings, and seconds of wall time and CPU of every run."""

    name: str
    arguments: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def carry_out(self, state: Path) -> None:
        before, began = os.times(), time.perf_counter()
        done = subprocess.run(
            [sys.executable, *self.arguments],
            cwd=TOP,
            env=environment(state) | dict(self.settings),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"{self.name} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        after = os.times()
        self.wall.append(time.perf_counter() - began)
        self.cpu.append(after.children_user + after.children_system - before.children_user - before.children_system)


def busy() -> float:
    """Seconds of CPU that the whole machine has used since it started."""
    numbers = [int(word) for word in Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]]
    return (sum(numbers[:8]) - numbers[3] - numbers[4]) / TICK
