"""The engines measured beside planvev: how each takes the data, starts and stops, and up to which size it is tried.

All get the dataset that planvev serves (`dataset.export`): Oxigraph and Fuseki its named graphs and its default graph,
as they are; Virtuoso and rdflib-endpoint only the named graphs, because their default graph is the union of those. Each
listens on 127.0.0.1 and keeps its files in one folder. What is not installed, or too large for an engine, is told with
the reason and not measured. `tools/bench` and `make tools` install them.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

from benchmarks.measure import TOP, cpu, memory, tree

HOME = TOP / ".cache" / "bench"
JENA = TOP / ".tools" / "jena" / "lib"
# Services whose pages were to stand beside ours, and why they do not; a country's tables say so.
LEFT_OUT = {
    "Trifid (pages)": "its pages stand beside ours over the library alone (`make bench-publishers`)",
    "shmarql (pages)": "this benchmark does not install or start it",
}
STARTS = 120  # seconds that an engine may take to give its first answer
ASK = "/{path}?query=ASK%7B%7D"
VIRTUOSO_INI = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
FileExtend = 200
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 40
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
DirsAllowed = {folder}, {data}
CheckpointInterval = 0
DisableUnixSocket = 1
SchedulerInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 40
MaxClientConnections = 40
KeepAliveTimeout = 60
MaxKeepAlives = 40
[Client]
SQL_ROWSET_SIZE = 1000
[SPARQL]
ResultSetMaxRows = 1000000
DefaultQuery = SELECT * WHERE {{ ?s ?p ?o }} LIMIT 1
"""


class NotRun(Exception):
    """Why an engine is not measured here."""


@dataclass
class Running:
    """An engine that answers: its port, where it takes queries, and seconds from its start to the first answer."""

    popen: subprocess.Popen[bytes]
    port: int
    path: str
    seconds: float
    cpu: float

    def memory(self) -> dict[str, float]:
        """MiB of the process and its children: resident, and with shared pages counted once."""
        each = [memory(pid) for pid in tree(self.popen.pid)]
        return {name: sum(one[name] for one in each) for name in ("rss", "pss")}


@dataclass
class Peer:
    """One engine over one folder with its data. `largest` is the number of triples up to which it is tried."""

    name: str
    largest: int
    why: str
    folder: Path
    data: Path  # the folder with data.nq and default.nt
    queries: ClassVar[str] = "sparql"  # the path that takes queries

    def version(self) -> str:
        raise NotImplementedError

    def load(self) -> dict[str, float]:
        """Take the data in, once; returns seconds of wall time and CPU."""
        raise NotImplementedError

    def command(self, port: int) -> Sequence[str]:
        raise NotImplementedError

    @contextlib.contextmanager
    def run(self) -> Iterator[Running]:
        """Start, wait for the first answer, and stop at the end."""
        port = free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "server.log").open("wb") as log:
            began = time.perf_counter()
            popen = spawned(self.command(port), self.folder, log, self.environment())
        try:
            first_answer(popen, port, ASK.format(path=self.queries), self.folder / "server.log")
            yield Running(popen, port, f"/{self.queries}", time.perf_counter() - began, cpu(tree(popen.pid)))
        finally:
            stopped(popen)

    def environment(self) -> dict[str, str]:
        return {}


class Oxigraph(Peer):
    """Oxigraph's own server in Rust, the engine that planvev has inside, read-only as planvev is."""

    queries = "query"

    def version(self) -> str:
        return said(HOME / "venv/bin/oxigraph", "--version")

    def load(self) -> dict[str, float]:
        files = [argument for name in ("default.nt", "data.nq") for argument in ("--file", str(self.data / name))]
        return done(HOME / "venv/bin/oxigraph", "load", "--location", str(self.folder / "store"), *files)

    def command(self, port: int) -> Sequence[str]:
        program = str(HOME / "venv/bin/oxigraph")
        return [program, "serve-read-only", "--location", str(self.folder / "store"), "--bind", f"127.0.0.1:{port}"]


class Virtuoso(Peer):
    """OpenLink Virtuoso, with the memory for buffers that its manual advises for a quarter of this machine."""

    sql = 0

    def version(self) -> str:
        return said("virtuoso-t", "-?").partition("Version ")[2].split("-")[0].join(("Virtuoso ", ""))

    def load(self) -> dict[str, float]:
        with self.run() as running:
            began = time.perf_counter()
            self._isql(f"ld_dir('{self.data}', 'data.nq', 'urn:none'); rdf_loader_run(); checkpoint;")
            cost = {"wall": time.perf_counter() - began, "cpu": cpu(tree(running.popen.pid)) - running.cpu}
            failed = self._isql("SELECT ll_error FROM DB.DBA.load_list WHERE ll_error IS NOT NULL;")
            if "0 Rows" not in failed:
                raise NotRun(f"its loader says: {failed.strip()[-300:]}")
        return cost

    def command(self, port: int) -> Sequence[str]:
        self.sql = free_port()
        buffers = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 4 / 8700)
        numbers = {"sql": self.sql, "http": port, "buffers": buffers, "dirty": buffers * 3 // 4}
        ini = self.folder / "v.ini"
        ini.write_text(VIRTUOSO_INI.format(folder=self.folder, data=self.data, **numbers), "utf-8")
        return ["virtuoso-t", "+configfile", str(ini), "+foreground", "+wait"]

    def _isql(self, statements: str) -> str:
        return said("isql-vt", f"127.0.0.1:{self.sql}", "dba", "dba", f"exec={statements}")


class Fuseki(Peer):
    """Apache Jena Fuseki over TDB2."""

    queries = "ds/sparql"

    def version(self) -> str:
        jars = sorted(JENA.glob("jena-fuseki-main-*.jar"))
        if not jars:
            raise NotRun("Jena is not installed (`make tools`)")
        return jars[0].stem.replace("jena-fuseki-main-", "Fuseki ")

    def load(self) -> dict[str, float]:
        files = [str(self.data / name) for name in ("default.nt", "data.nq")]
        return done("java", "-Xmx2g", "-cp", f"{JENA}/*", "tdb2.tdbloader", "--loc", str(self.folder / "tdb"), *files)

    def command(self, port: int) -> Sequence[str]:
        main = "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"
        java = ["java", "-Xmx4g", "-cp", f"{JENA}/*", main]
        return [*java, "--localhost", f"--port={port}", f"--loc={self.folder / 'tdb'}", "/ds"]

    def environment(self) -> dict[str, str]:
        return {"FUSEKI_BASE": str(self.folder)}


class RdflibEndpoint(Peer):
    """rdflib behind FastAPI, in memory: it reads its files at each start."""

    queries = ""

    def version(self) -> str:
        program = HOME / "venv/bin/python"
        return said(
            program, "-c", "import importlib.metadata as m; print('rdflib-endpoint', m.version('rdflib-endpoint'))"
        )

    def load(self) -> dict[str, float]:
        """Nothing to do before the start."""
        return {}

    def command(self, port: int) -> Sequence[str]:
        program = str(HOME / "venv/bin/rdflib-endpoint")
        return [program, "serve", "--host", "127.0.0.1", "--port", str(port), str(self.data / "data.nq")]


def peers(folder: Path, data: Path) -> list[Peer]:
    """The engines over the data of one size; each keeps its files below `folder`."""
    everything = 10**9
    return [
        Oxigraph("Oxigraph", everything, "", folder / "oxigraph", data),
        Virtuoso("Virtuoso", everything, "", folder / "virtuoso", data),
        Fuseki("Fuseki", everything, "", folder / "fuseki", data),
        RdflibEndpoint(
            "rdflib-endpoint",
            200_000,
            "holds its data as Python objects and reads them at each start",
            folder / "rdflib",
            data,
        ),
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawned(
    command: Sequence[str], folder: Path, log: IO[bytes], more: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A server as a process group of its own.

    Raises:
        NotRun: there is no such program.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANVEV_")}
    if shutil.which(command[0]) is None:
        raise NotRun(f"{Path(command[0]).name} is not installed (`tools/bench`, `make tools`)")
    return subprocess.Popen(
        command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=clean | (more or {})
    )


def first_answer(popen: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    """Wait until a server answers 200.

    Raises:
        NotRun: it ended, or said nothing for too long.
    """
    end = time.monotonic() + STARTS
    while time.monotonic() < end:
        if popen.poll() is not None:
            raise NotRun(f"it ended at its start: {log.read_text(errors='replace')[-300:]}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if asked(port, path)[0] == 200:
                return
        time.sleep(0.01)
    raise NotRun(f"it gave no answer within {STARTS} s of its start")


def asked(
    port: int, path: str, accept: str = "application/sparql-results+json", seconds: float = 60
) -> tuple[int, bytes]:
    """Status and body of one GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Accept": accept})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def stopped(popen: subprocess.Popen[Any]) -> None:
    """End a server, and insist."""
    popen.terminate()
    try:
        popen.wait(30)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait(10)


def said(program: str | Path, *arguments: str) -> str:
    """What a program prints."""
    if shutil.which(str(program)) is None:
        raise NotRun(f"{Path(program).name} is not installed (`tools/bench`, `make tools`)")
    ended = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    return (ended.stdout + ended.stderr).strip()


def done(program: str | Path, *arguments: str) -> dict[str, float]:
    """Run a program to its end; returns its seconds of wall time and CPU.

    Raises:
        NotRun: it is not installed, or failed.
    """
    if shutil.which(str(program)) is None:
        raise NotRun(f"{Path(program).name} is not installed (`tools/bench`, `make tools`)")
    began, before = time.perf_counter(), os.times()
    ended = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False)
    if ended.returncode:
        told = (ended.stdout + ended.stderr).strip()
        raise NotRun(f"{Path(program).name} ended with {ended.returncode}: {told[-300:]}")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": time.perf_counter() - began, "cpu": spent}
