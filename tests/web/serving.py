"""The real library, published into a folder of its own, and real servers over it: one publish and one server a run.

`planvev publish` and `planvev serve --port 0` run as anybody runs them, in processes of their own. `shared` gives the
one server that most tests ask; `start` makes another, with other settings, over the same published state.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx2
import pytest

from planvev.engines.snapshot import Shelf, Snapshot
from planvev.formats.rdf import NamedNode
from planvev.names import COMMON

TOP = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "planvev"]
SECONDS = 60


def settings(state: Path, **other: str) -> dict[str, str]:
    """The environment of a command: of the caller's settings only the library, so that a run is alike everywhere."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PLANVEV_")}
    library = os.environ.get("PLANVEV_LIBRARY", str(TOP))
    return clean | {"PLANVEV_LIBRARY": library, "PLANVEV_STATE": str(state)} | other


@dataclass
class Server:
    """A running `planvev serve`: its address, its process, and the state it reads."""

    url: str
    process: subprocess.Popen[str]
    state: Path
    said: list[str] = field(default_factory=list)

    @cached_property
    def client(self) -> httpx2.Client:
        """A client that follows nothing, asks for nothing, and says only what a test says."""
        client = httpx2.Client(base_url=self.url, trust_env=False, timeout=SECONDS)
        for name in ("accept", "accept-encoding", "user-agent"):
            client.headers.pop(name, None)
        return client

    @cached_property
    def snapshot(self) -> Snapshot:
        """What is being served, read from the disk past the server."""
        return Shelf(self.state).current()

    @cached_property
    def iris(self) -> list[str]:
        """Every IRI in what is published, sorted: subjects, properties, objects, graphs."""
        terms = (t for q in self.snapshot.store for t in (q.subject, q.predicate, q.object, q.graph_name))
        return sorted({term.value for term in terms if isinstance(term, NamedNode)})

    @property
    def ours(self) -> list[str]:
        return [iri for iri in self.iris if iri.startswith(COMMON)]

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """GET a path; `accept_language="nn"` becomes the header Accept-Language."""
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def stop(self) -> None:
        if "client" in self.__dict__:
            self.client.close()
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        for pipe in (self.process.stderr, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


def publish(state: Path) -> None:
    """Publish the library; when the gate refuses, its findings are the failure's text."""
    done = subprocess.run(
        [*COMMAND, "publish"], env=settings(state), cwd=TOP, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, f"the library cannot be published:\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}"


def start(state: Path, **other: str) -> Server:
    """Start a server on a free port and wait until it has said where it listens."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        env=settings(state, **other),
        cwd=TOP,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stderr
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            server = Server(found[0], process, state, said)
            threading.Thread(target=_keep_reading, args=(process, said), daemon=True).start()
            _wait(server)
            return server
    raise AssertionError(f"planvev serve did not start: {''.join(said)}")


def _keep_reading(process: subprocess.Popen[str], said: list[str]) -> None:
    """A full pipe would stop the server."""
    with contextlib.suppress(ValueError):
        said.extend(process.stderr or ())


def _wait(server: Server) -> None:
    """The socket listens before the application has started; the first answer comes when it has."""
    server.get("/healthz")


_running: list[Server] = []


def shared(config: pytest.Config) -> Server:
    """The server that all tests of a run ask. Started by whoever asks first, stopped when pytest ends."""
    if not _running:
        folder = Path(tempfile.mkdtemp(prefix="planvev-test-"))
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        publish(folder)
        _running.append(start(folder))
        config.add_cleanup(_running[0].stop)
    return _running[0]


@contextlib.contextmanager
def another(state: Path, **other: str) -> Iterator[Server]:
    """A server with other settings over the same state, for as long as the block."""
    server = start(state, **other)
    try:
        yield server
    finally:
        server.stop()
