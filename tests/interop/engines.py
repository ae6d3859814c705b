"""Engines of others, started on the loopback, empty or filled with our dump, and asked by the SPARQL 1.1 Protocol."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2

STARTS = 120  # seconds that a database may take to start on a loaded machine


@dataclass
class Engine:
    """A running engine: where it takes queries, updates and whole graphs, and as whom."""

    name: str
    endpoint: str
    update: str = ""
    store: str = ""
    user: str = ""
    password: str = ""
    auth: str = "basic"
    process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> dict[str, str]:
        """The settings with which planvev reads from it and fills it."""
        who = {"PLANVEV_ENGINE_USER": self.user, "PLANVEV_ENGINE_PASSWORD": self.password}
        return {"PLANVEV_ENGINE": self.endpoint, "PLANVEV_ENGINE_AUTH": self.auth} | (who if self.user else {})

    def ask(self, query: str, graphs: list[str]) -> httpx2.Response:
        """A query over the merge of some graphs, as section 2.1.4 of the protocol has it."""
        return httpx2.post(
            self.endpoint,
            data={"query": query, "default-graph-uri": graphs, "named-graph-uri": graphs},
            headers={"Accept": "application/sparql-results+json"},
            timeout=60,
            trust_env=False,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _started(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    end = time.monotonic() + STARTS
    while time.monotonic() < end:
        assert process.poll() is None, f"it ended at once:\n{log.read_text(errors='replace')[-2000:]}"
        with contextlib.suppress(httpx2.TransportError, OSError):
            if ready():
                return
        time.sleep(0.3)
    raise AssertionError(f"it was not ready within {STARTS} seconds:\n{log.read_text(errors='replace')[-2000:]}")


def _stopped(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@contextlib.contextmanager
def fuseki(program: str, folder: Path, dump: bytes = b"") -> Iterator[Engine]:
    """Apache Jena Fuseki: with a dataset in memory for a dump, with TDB2 on disk to be filled."""
    port = free_port()
    address, log = f"http://127.0.0.1:{port}", folder / "fuseki.log"
    with log.open("wb") as out:
        kept = ["--mem"] if dump else ["--tdb2", f"--loc={folder}"]
        command = [program, "--localhost", f"--port={port}", "--update", *kept, "/ds"]
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=out,
            stderr=out,
            env={**os.environ, "JVM_ARGS": "-Xmx1g", "FUSEKI_BASE": str(folder / "base")},
        )
    try:
        _started(process, lambda: httpx2.get(f"{address}/ds/sparql?query=ASK%7B%7D", trust_env=False).is_success, log)
        if dump:
            answer = httpx2.post(
                f"{address}/ds",
                content=dump,
                headers={"Content-Type": "application/n-quads"},
                timeout=120,
                trust_env=False,
            )
            assert answer.is_success, answer.text
        yield Engine("fuseki", f"{address}/ds/sparql", f"{address}/ds/update", f"{address}/ds/data", process=process)
    finally:
        _stopped(process)


@contextlib.contextmanager
def oxigraph(program: str, folder: Path) -> Iterator[Engine]:
    """Oxigraph's own server over a store on disk."""
    port = free_port()
    address, log = f"http://127.0.0.1:{port}", folder / "oxigraph.log"
    with log.open("wb") as out:
        command = [program, "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        _started(process, lambda: httpx2.get(f"{address}/query?query=ASK%7B%7D", trust_env=False).is_success, log)
        yield Engine("oxigraph", f"{address}/query", f"{address}/update", f"{address}/store", process=process)
    finally:
        _stopped(process)


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
ServerThreads = 10
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
DirsAllowed = {folder}
CheckpointInterval = 0
DisableUnixSocket = 1
SchedulerInterval = 0
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 6
MaxClientConnections = 6
[Client]
SQL_ROWSET_SIZE = 1000
[SPARQL]
ResultSetMaxRows = 100000
DefaultQuery = SELECT * WHERE {{ ?s ?p ?o }} LIMIT 1
"""


@contextlib.contextmanager
def virtuoso(program: str, isql: str, folder: Path, dump: bytes = b"") -> Iterator[Engine]:
    """OpenLink Virtuoso with a database of its own."""
    sql, http = free_port(), free_port()
    log, ini = folder / "v.log", folder / "v.ini"
    log.touch()
    ini.write_text(VIRTUOSO_INI.format(folder=folder, sql=sql, http=http))
    (folder / "dump.nq").write_bytes(dump)
    process = subprocess.Popen(
        [program, "+configfile", str(ini), "+foreground", "+wait"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def run(statement: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [isql, f"127.0.0.1:{sql}", "dba", "dba", f"exec={statement}"],
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    try:
        _started(
            process,
            lambda: "Error" not in run("status();", 20).stderr and "1111" not in run("status();", 20).stdout,
            log,
        )
        address = f"http://127.0.0.1:{http}"
        if dump:  # 512: the text is N-Quads.
            done = run(f"DB.DBA.TTLP_MT(file_to_string_output('{folder}/dump.nq'), '', 'urn:none', 512); checkpoint;")
            assert "Error" not in done.stdout + done.stderr, done.stdout + done.stderr
            yield Engine("virtuoso", f"{address}/sparql", process=process)
        else:
            inward, store = f"{address}/sparql-auth", f"{address}/sparql-graph-crud-auth"
            yield Engine("virtuoso", inward, inward, store, "dba", "dba", "digest", process)
    finally:
        _stopped(process)
        for path in folder.glob("?.*"):
            with contextlib.suppress(OSError):
                path.unlink()
