"""The command: publishes the library into a scratch folder, serves it, measures, prints the tables and writes them.

make bench                     a few minutes; writes benchmarks/README.md and benchmarks/results.json
make bench ARGS=--quick        a smoke run: every row once, briefly; prints, and writes nothing without --out
"""

from __future__ import annotations

import argparse
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import cases, table
from benchmarks.cases import PLANVEV
from benchmarks.measure import (
    Command,
    Process,
    Row,
    busy,
    memory,
    rounds,
    servers,
    tree,
)

HERE = Path(__file__).parent
CHECK = ("-m", "planvev", "check", "--no-advice")
ONE = (*CHECK, "data/ttl/plan/moss/koa-2022-2026.ttl")
PUBLISH = ("-m", "planvev", "publish")


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="every row once, briefly: proves that the command works")
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which every row has its turn (default: 5)")
    parser.add_argument("--seconds", type=float, default=0.6, help="length of one turn in seconds (default: 0.6)")
    parser.add_argument("--out", type=Path, help="folder for README.md and results.json (default: benchmarks/)")
    parser.add_argument("--state", type=Path, help="a state folder that is published already; skips the commands")
    parser.add_argument("--one", action="store_true", help="only the check of one changed plan; prints, writes nothing")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rounds, chosen.seconds = 1, 0.05
    out = chosen.out or (None if chosen.quick else HERE)
    with tempfile.TemporaryDirectory(prefix="planvev-bench-") as folder:
        if chosen.one:
            print("\n".join(table.of_commands(carried_out(one_plan(), Path(folder), chosen.rounds))))
            print(f"\nLoad average: {table.load_average()}")
            return
        commands = [] if chosen.state else commanded(Path(folder), 1 if chosen.quick else 3, chosen.quick)
        text, numbers = measured(chosen.state or Path(folder), chosen.rounds, chosen.seconds, commands)
    print(text)
    if out:
        table.write(out, text, numbers)


def measured(state: Path, count: int, seconds: float, commands: list[Command]) -> tuple[str, dict[str, Any]]:
    """The tables as Markdown, and the numbers behind them."""
    began, machine, own = time.perf_counter(), busy(), os.times()
    about = table.machine()
    with servers(state) as run:
        etag = first_answer(run[PLANVEV])
        memories = {"at rest": memories_of(run[PLANVEV])}
        rows = rounds(run, [*cases.limits(), *cases.documents(etag), *cases.queries()], count, seconds, tell)
        memories["after"] = memories_of(run[PLANVEV])
    ended, spent = os.times(), time.perf_counter() - began
    ours = sum(ended[:4]) - sum(own[:4])
    about["load average at the end"] = table.load_average()
    about["CPU used by others meanwhile"] = (
        f"{max(busy() - machine - ours, 0) / spent / (os.cpu_count() or 1):.0%} of the machine"
    )
    about["rounds"] = f"{count} of {seconds:g} s a row, {spent:.0f} s in all"
    return table.tables(rows, commands, memories, about), numbers_of(rows, commands, memories, about)


def commanded(state: Path, times: int, quick: bool) -> list[Command]:
    """The commands, in turns; the last publish leaves the state that is served."""
    full = Command("publish, everything anew", (*PUBLISH, "--rebuild"))
    same = Command("publish, nothing changed", PUBLISH)
    check = Command("check", CHECK)
    reference = Command("check, by pySHACL", CHECK, (("PLANVEV_SHACL", "pyshacl"),))
    one = one_plan()
    listed = [full, same, *one[-2:]] if quick else [full, same, check, reference, *one]
    for number in range(times):
        tell(f"Commands, {number + 1} of {times}: publish, check")
        for command in listed:
            if command is not reference or number == 0:  # it takes half a minute of CPU: once is enough
                command.carry_out(state)
    return listed


def one_plan() -> list[Command]:
    """What a planner waits for, by both engines, beside what it takes to import each."""
    return [
        Command("check, one changed plan", ONE),
        Command("check, one changed plan, by pySHACL", ONE, (("PLANVEV_SHACL", "pyshacl"),)),
        Command("importing the fast SHACL engine", ("-c", "import shacl")),
        Command("importing pySHACL", ("-c", "import pyshacl")),
        Command("starting Python", ("-c", "pass")),
    ]


def carried_out(commands: list[Command], state: Path, times: int) -> list[Command]:
    """Commands that were carried out in turns."""
    for _ in range(times):
        for command in commands:
            command.carry_out(state)
    return commands


def first_answer(server: Process) -> str:
    """Wait until the service answers; the validator of the plan's page as our client will ask for it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"/doc/{cases.PLAN}.html", headers={"Accept-Encoding": "identity"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"the page of the plan answers {answer.status}")
    return answer.headers["ETag"] or ""


def memories_of(server: Process) -> dict[str, list[dict[str, float]]]:
    """Memory of the web process, and of each query process."""
    web, *workers = tree(server.popen.pid)
    return {"web process": [memory(web)], "query processes": [memory(pid) for pid in workers]}


def numbers_of(rows: list[Row], commands: list[Command], memories: Any, about: Any) -> dict[str, Any]:
    """What was measured, small enough to keep: every round's sample, rounded."""
    kept = [
        {
            "row": row.case.name,
            "server": row.case.server,
            "clients": row.clients,
            "rounds": [{key: round(value, 3) for key, value in sample.items()} for sample in row.samples],
        }
        for row in rows
    ]
    told = [
        {"command": c.name, "wall": [round(s, 3) for s in c.wall], "cpu": [round(s, 3) for s in c.cpu]}
        for c in commands
    ]
    return {"about": about, "rows": kept, "commands": told, "memory": memories}


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
