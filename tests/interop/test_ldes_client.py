"""The change feed, followed by a client that no one here wrote: the npm package ldes-client, as its command."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from pyoxigraph import RdfFormat, parse
from starlette.types import ASGIApp

from planvev.engines.snapshot import Shelf
from planvev.names import PREFIXES
from planvev.settings import Settings
from planvev.versions import feed
from planvev.web.app import create_app
from tests.interop.follower import Follower
from tests.library.copies import CULTURE, NATURE, Copy, copied

SECONDS = 60


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application over HTTP on a free port of this machine, for as long as the block."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + SECONDS
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(0.02)
    assert server.started, "the service did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)


def quads(text: str) -> bytes:
    """What the command prints as N-Quads: it writes numbers and yes or no as Turtle does, without their type."""

    def typed(found: re.Match[str]) -> str:
        kinds = {"true": "boolean", "false": "boolean", "e": "double", ".": "decimal"}  # by what stands in it
        kind = next((name for mark, name in kinds.items() if mark in found[2].lower()), "integer")
        return f'{found[1]} "{found[2]}"^^<{PREFIXES["xsd"]}{kind}> {found[3]}'

    short = r"^(\S+ \S+) (true|false|[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?) ((?:\S+ )?\.)$"
    return re.sub(short, typed, text, flags=re.MULTILINE).encode()


def published(copy: Copy) -> dict[str, str]:
    graphs = Shelf(copy.state).current().manifest.graphs
    return {entry.graph: entry.digest for entry in graphs if entry.role == "data"}


@pytest.mark.needs("ldes-client")
def test_ldes_client_has_what_is_published_and_later_takes_only_what_changed(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "PAGE", 4)
    monkeypatch.setattr(feed, "VOLUME", 2)
    copy = copied(tmp_path)
    copy.publish()

    def taken(host: str, *options: str) -> Follower:
        """What the client gives: members, which need only be put together."""
        done = subprocess.run(
            [tool("ldes-client"), f"{host}/feed", *options], capture_output=True, text=True, timeout=SECONDS
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert "rror" not in done.stderr, done.stderr[-2000:]
        consumer.take(parse(quads(done.stdout), RdfFormat.N_QUADS))
        return consumer

    with served(create_app(Settings.load(copy.environment()))) as host:
        consumer = Follower(lambda address: pytest.fail(f"nobody asks for {address} here"))
        saved = ("--save", str(tmp_path / "saved"))
        assert taken(host, *saved).graphs() == published(copy)
        first = len(consumer.seen)
        assert first > 2 * feed.PAGE * feed.VOLUME
        copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner hele bekken.")
        copy.file(CULTURE).unlink()
        copy.publish()
        changes = published(copy)
        assert taken(host, *saved).graphs() == changes
        assert first < len(consumer.seen) <= first + 5, "one strategy, and the things of the plan that is withdrawn"
        assert consumer.things[f"https://w3id.org/planvev/id/{CULTURE}"].kind == "Delete"
        late = consumer
        consumer = Follower(late.get)
        assert taken(host, "--ordered", "ascending").graphs() == changes
        assert consumer.seen == late.seen
