"""One size of the made-up country made ready: the library, planvev's published state, and the same dataset for others.

Each step is done once and marked as done by a file, so that a later start goes on where this one ended.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, RdfFormat, Store

from benchmarks.generate import BASE, generate
from benchmarks.measure import TOP

EDITED = re.compile(r" \(endret \S+\)$")  # ends a title that is changed for a while
Cost = dict[str, float]
PLAN = "plan/kommune-0001/kommuneplanens-samfunnsdel-2025-2037"  # the first municipality's; there at every size


@dataclass(frozen=True)
class Ready:
    """One size below the scratch folder."""

    triples: int
    folder: Path

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def data(self) -> Path:
        """Where data.nq and default.nt stand, for the others."""
        return self.folder / "data"

    def environment(self) -> dict[str, str]:
        """The settings of planvev over this country, and none of the caller's."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANVEV_")}
        ours = {"PLANVEV_BASE": BASE, "PLANVEV_LIBRARY": str(self.library), "PLANVEV_STATE": str(self.state)}
        return clean | ours | {"PYTHONPATH": str(TOP)}

    def generate(self) -> Cost:
        """Write the library."""
        shutil.rmtree(self.library, ignore_errors=True)
        began, used = time.perf_counter(), time.process_time()
        files, triples = generate(self.library, self.triples)
        cost = {"wall": time.perf_counter() - began, "cpu": time.process_time() - used}
        return cost | {"files": files, "triples": triples}

    def planvev(self, *arguments: str) -> Cost:
        """Run a planvev command to its end.

        Raises:
            SystemExit: it failed; what it said is told.
        """
        return run([sys.executable, "-m", "planvev", *arguments], self.environment())

    def edit(self, mark: str = "") -> None:
        """Change one plan as an author would, a few words of its title; without a mark, back to what it was.

        A mark that was used before gives a snapshot that is there already, and then nothing is made.
        """
        path = self.library / "data" / "ttl" / f"{PLAN}.ttl"
        text = path.read_text("utf-8")
        place = text.index("a plan:Plan ;")
        title = re.compile(r'(dct:title ")([^"]*)(")')
        found = title.search(text, place)
        assert found
        words = EDITED.sub("", found[2]) + (f" (endret {mark})" if mark else "")
        path.write_text(text[: found.start(2)] + words + text[found.end(2) :], "utf-8")

    def export(self) -> Cost:
        """Write the dataset that is served: data.nq holds the named graphs of data and ontology, default.nt the default
        graph, which is their union without repetition. Shapes and old releases stand in neither and are left out."""
        self.data.mkdir(exist_ok=True)
        began = time.perf_counter()
        current = (self.state / "current").resolve()
        store = Store.read_only(str(current / "store"))
        store.dump(str(self.data / "default.nt"), RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
        manifest = json.loads((current / "manifest.json").read_text("utf-8"))
        graphs = [entry["graph"] for entry in manifest["graphs"] if entry["role"] in ("data", "ontology")]
        count = 0
        with (self.data / "data.nq").open("wb") as out:
            for graph in graphs:
                dump = store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(graph))
                assert dump is not None
                lines = dump.splitlines()
                count += len(lines)
                out.writelines(line.removesuffix(b".") + f"<{graph}> .\n".encode() for line in lines)
        return {"wall": time.perf_counter() - began, "quads": count}

    def bare_load(self) -> Cost:
        """The limit of loading: pyoxigraph's bulk loader over the same two files, alone in a process."""
        folder = self.folder / "bare"
        shutil.rmtree(folder, ignore_errors=True)
        script = (
            "import sys; from pyoxigraph import Store; s = Store(sys.argv[1]); "
            "s.bulk_load(path=sys.argv[2] + '/default.nt'); s.bulk_load(path=sys.argv[2] + '/data.nq'); s.flush()"
        )
        cost = run([sys.executable, "-c", script, str(folder), str(self.data)], self.environment())
        cost["disk"] = size(folder)
        shutil.rmtree(folder)
        return cost

    def read_bytes(self) -> Cost:
        """The limit of that: the bytes of the two files read and thrown away."""
        return run(["cat", str(self.data / "default.nt"), str(self.data / "data.nq")], self.environment())


def run(command: list[str], environment: dict[str, str]) -> Cost:
    """A command's seconds of wall time and CPU, and the most memory one of its processes had, in MiB."""
    began, before = time.perf_counter(), os.times()
    with subprocess.Popen(
        command, cwd=TOP, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stderr
        told = popen.stderr.read()
        _, status, usage = os.wait4(popen.pid, 0)
        popen.returncode = os.waitstatus_to_exitcode(status)
    if popen.returncode:
        raise SystemExit(f"{' '.join(command[:5])} ended with {popen.returncode}:\n{told[-2000:]}")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": time.perf_counter() - began, "cpu": spent, "rss": peak(usage)}


def peak(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def size(folder: Path) -> float:
    """MiB of the files below a folder; a file with two names counts once."""
    seen = {(stat.st_dev, stat.st_ino): stat.st_size for p in folder.rglob("*") if p.is_file() for stat in [p.stat()]}
    return sum(seen.values()) / 2**20
