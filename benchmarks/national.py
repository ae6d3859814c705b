"""The command: planvev beside its peers over a made-up country, size by size, for as long as the budget lasts.

    make bench-national                                          sizes 0.1M, 1M and 5M, at most an hour
    make bench-national ARGS='--sizes 0.1M --budget 10'          one size, ten minutes
    make bench-national ARGS='--analysts'                        what analysts ask, and nothing else
    make bench-national ARGS='--prepare'                         libraries, snapshots and the others' databases only

Everything stands below one scratch folder. A finished cell is kept there as JSON and not measured again, so a run that
is stopped, by hand or by its budget, goes on with the next start; `--again` measures anew over the same prepared data.
The tables go between their marks in benchmarks/README.md, the numbers to benchmarks/national.json.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import analytics, standings, table
from benchmarks.cells import Cells, OutOfTime
from benchmarks.dataset import Ready
from benchmarks.measure import busy
from benchmarks.race import Race

HERE = Path(__file__).parent
SIZES = {"0.1M": 100_000, "1M": 1_000_000, "5M": 5_000_000, "20M": 20_000_000}
PREPARED = ("generate", "publish-full", "export", "load-", "limit-")  # what --again keeps


def main() -> None:
    """Measure what is not measured yet, and write the tables from all that is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.national", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="0.1M,1M,5M", help=f"of {', '.join(SIZES)} (default: 0.1M,1M,5M)")
    parser.add_argument("--budget", type=float, default=60, help="minutes after which no cell is begun (default: 60)")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "planvev-bench-national")
    parser.add_argument("--rounds", type=int, default=3, help="turns of every row (default: 3)")
    parser.add_argument("--seconds", type=float, default=0.7, help="length of one turn (default: 0.7)")
    parser.add_argument("--peers", default="", help="only these, by name, separated by commas (default: all)")
    parser.add_argument("--prepare", action="store_true", help="publish and load, measure no answers")
    parser.add_argument(
        "--analysts", nargs="?", const="", metavar="NUMBERS", help="only what analysts ask, or of that 01,02,… alone"
    )
    parser.add_argument("--again", action="store_true", help="forget the measurements, keep what is prepared")
    parser.add_argument("--print", action="store_true", help="print the tables, write them nowhere")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for README.md and national.json")
    chosen = parser.parse_args()
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit("stopped; start again to go on")
    )  # and the servers are stopped too
    until = time.monotonic() + chosen.budget * 60
    only = [name for name in chosen.peers.split(",") if name]
    about = table.machine()
    began, before, own = time.perf_counter(), busy(), os.times()
    races = []
    for name in chosen.sizes.split(","):
        ready = Ready(SIZES[name], chosen.scratch / name)
        if chosen.again:
            forget(ready.folder / "cells")
        cells = Cells(ready.folder / "cells", until, lambda cell, name=name: tell(f"{name}: {cell}"))  # type: ignore[misc]
        races.append((name, Race(ready, cells, chosen.rounds, chosen.seconds, only)))
    wanted = [name for name in analytics.questions() if name[:2] in (chosen.analysts or name[:2]).split(",")]
    with_time(races, chosen.prepare, wanted, chosen.analysts is None)
    ended = os.times()
    spent = time.perf_counter() - began
    others = (busy() - before - (sum(ended[:4]) - sum(own[:4]))) / spent / (os.cpu_count() or 1)
    about["load average at the end"] = table.load_average()
    about["CPU used by others meanwhile"] = f"{max(others, 0):.0%} of the machine"
    about["rounds"] = f"{chosen.rounds} of {chosen.seconds:g} s a row and engine, {spent / 60:.0f} minutes in this run"
    text, numbers = standings.tables(races, about, analytics.table), standings.numbers(races, about)
    print(text)
    if not chosen.print:
        table.write(chosen.out, text, numbers, "country", "national.json")


def with_time(races: list[tuple[str, Race]], prepare: bool, analysts: Sequence[str], everything: bool = True) -> None:
    """All stages of all sizes, the smaller sizes first, until the time is up; of analysts' questions those named, and
    without `everything` only those."""
    try:
        for name, race in races:
            race.prepare()
            if not prepare and name != "20M":
                if everything:
                    race.commands()
                    race.starts()
                    race.answers()
                analytics.measure(race, analysts)
            elif not prepare:
                race.starts()
    except OutOfTime as cell:
        tell(f"The budget is spent before {cell}; start again to go on.")


def forget(folder: Path) -> None:
    """Remove the cells that a new measurement would make again."""
    for path in folder.glob("*.json"):
        if not path.name.startswith(PREPARED):
            path.unlink()


def tell(sentence: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
