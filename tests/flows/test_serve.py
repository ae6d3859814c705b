"""`planvev serve` answers until it is told to stop, leaves nothing behind, and follows the published state."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

import pytest

from tests.library.copies import NATURE, Copy, copied
from tests.processes import alive, burnt, query_processes

pytestmark = pytest.mark.alone

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(?c != ?l) }"
DEADLINE = 60


def until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, f"waited {DEADLINE} seconds for {what}"
        time.sleep(0.05)


@dataclass
class Server:
    """A running `planvev serve` and what it said."""

    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def ask(self, query: str) -> tuple[int, dict[str, str], bytes]:
        return self.get(f"/sparql?query={quote(query)}", Accept="application/sparql-results+json")

    def end(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.process.wait(DEADLINE)


@contextlib.contextmanager
def serving(copy: Copy, *arguments: str, **settings: str) -> Iterator[Server]:
    process = copy.start("serve", "--port", "0", *arguments, **settings)
    assert process.stderr
    lines: list[str] = []
    try:
        port = 0
        for line in process.stderr:
            lines.append(line)
            if match := re.search(r"Serving .* at http://\S+:(\d+)/", line):
                port = int(match[1])
                break
        assert port, "".join(lines)
        server = Server(process, port, lines)
        reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()), daemon=True)
        reader.start()
        until(lambda: answers(server), "the first answer")
        yield server
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                with contextlib.suppress(ValueError, RuntimeError):
                    pipe.close()


def answers(server: Server) -> bool:
    assert server.process.poll() is None, "".join(server.said)
    try:
        return server.get("/")[0] in (200, 503)
    except OSError:
        return False


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A published library that tests here only read."""
    copy = copied(tmp_path_factory.mktemp("serve"))
    copy.publish()
    return copy


def test_a_server_answers_pages_documents_and_queries(library):
    with serving(library) as server:
        assert server.get("/")[0] == 200
        assert server.get(f"/id/{NATURE}", Accept="text/turtle")[0] == 303
        status, headers, body = server.get(f"/doc/{NATURE}.ttl")
        assert (status, headers["content-type"]) == (200, "text/turtle; charset=utf-8")
        assert "Naturplan 2024–2027" in body.decode()
        status, _, body = server.ask("SELECT (COUNT(*) AS ?n) { ?s a plan:Plan }")
        assert status == 200
        assert json.loads(body)["results"]["bindings"][0]["n"]["value"] == "2"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=lambda sign: sign.name)
def test_a_server_that_is_told_to_stop_ends_and_leaves_no_process(library, sign):
    with serving(library) as server:
        assert server.ask("ASK {}")[0] == 200
        there = query_processes(server.process.pid)
        assert there
        code = server.end(sign)
        assert code in (0, 130, -sign)
        until(lambda: not any(alive(pid) for pid in there), "query processes to end")
        assert "Traceback" not in "".join(server.said)


def test_a_server_that_is_told_to_stop_does_not_wait_for_a_runaway_query(library):
    with serving(library, QUERY_SECONDS="600") as server:
        asking = threading.Thread(target=quietly, args=(server,), daemon=True)
        asking.start()
        until(lambda: busy(query_processes(server.process.pid)), "the runaway to run")
        there = query_processes(server.process.pid)
        began = time.monotonic()
        server.end(signal.SIGTERM)
        assert time.monotonic() - began < 30
        until(lambda: not any(alive(pid) for pid in there), "query processes to end")
        asking.join(DEADLINE)


def quietly(server: Server) -> None:
    """Ask what never ends, and do not mind how it does."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        server.ask(RUNAWAY)


def busy(pids: set[int]) -> bool:
    """Whether one of the processes has used a second of processor time."""
    return any(burnt(pid) > 1 for pid in pids)


def test_a_server_that_is_killed_leaves_no_query_process_not_even_a_busy_one(library):
    with serving(library, QUERY_SECONDS="600") as server:
        asking = threading.Thread(target=quietly, args=(server,), daemon=True)
        asking.start()
        until(lambda: busy(query_processes(server.process.pid)), "the runaway to run")
        there = query_processes(server.process.pid)
        assert len(there) >= 2
        assert server.end(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not any(alive(pid) for pid in there), "query processes to end")
        asking.join(DEADLINE)


def as_nobody_special() -> list[str]:
    """What a command is begun with so that it runs without root's power over namespaces."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not here to take root's powers away")
    return ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]


def test_without_roots_powers_too_a_killed_server_leaves_no_query_process(library):
    command = [*as_nobody_special(), sys.executable, "-m", "planvev", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=library.environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr
    try:
        line = process.stderr.readline()
        server = Server(process, int(re.findall(r":(\d+)/", line)[0]))
        until(lambda: answers(server), "the first answer")
        asking = threading.Thread(target=quietly, args=(server,), daemon=True)
        asking.start()
        until(lambda: busy(query_processes(process.pid)), "the runaway to run")
        there = query_processes(process.pid)
    finally:
        process.kill()
        process.wait(DEADLINE)
        process.stderr.close()
    until(lambda: not any(alive(pid) for pid in there), "query processes to end")
    asking.join(DEADLINE)


def test_a_port_in_use_is_said_in_plain_words(library):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = library.run("serve", "--port", port)
    assert result.returncode == 2
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid", "not a host"])
def test_a_host_that_is_not_ours_is_said_in_plain_words(library, host):
    result = library.run("serve", "--host", host, "--port", "0")
    assert result.returncode == 2
    assert f"Cannot listen on {host}" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_server_without_a_snapshot_says_so_and_serves_once_there_is_one(tmp_path):
    copy = copied(tmp_path)
    with serving(copy) as server:
        assert "planvev publish" in "".join(server.said)
        status, headers, _ = server.get(f"/doc/{NATURE}.ttl")
        assert status == 503
        assert int(headers["retry-after"]) > 0
        copy.publish()
        assert server.get(f"/doc/{NATURE}.ttl")[0] == 200
        assert server.ask("ASK { ?s a plan:Plan }")[0] == 200


def test_a_snapshot_that_is_lost_is_answered_with_what_to_do_until_it_is_mended(tmp_path):
    copy = copied(tmp_path)
    first = copy.publish()
    with serving(copy) as server:
        copy.edit(NATURE, "Vi åpner bekken.", "Ny.")
        second = copy.publish()
        shutil.rmtree(second.folder)
        status, _, body = server.get(f"/doc/{NATURE}.ttl", Accept="application/json")
        assert status == 503
        assert b"planvev publish --rebuild" in body
        copy.publish()
        assert server.get(f"/doc/{NATURE}.ttl")[0] == 200
    assert first.folder.exists()


def test_nobody_is_failed_while_the_published_state_moves(tmp_path):
    copy = copied(tmp_path)
    copy.publish()
    ask = f"SELECT ?t {{ <https://w3id.org/planvev/id/{NATURE}/strategy/1-1> plan:text ?t }}"
    statuses: Counter[tuple[str, int]] = Counter()
    tags: dict[str, set[str]] = {"doc": set(), "sparql": set()}
    texts: set[str] = set()
    faults: list[str] = []
    done = threading.Event()

    with serving(copy, KEEP="1", QUERY_WORKERS="2") as server:

        def read(kind: str) -> None:
            while not done.is_set():
                try:
                    status, headers, body = server.get(f"/doc/{NATURE}.ttl") if kind == "doc" else server.ask(ask)
                except (OSError, http.client.HTTPException) as fault:
                    faults.append(f"{kind}: {fault!r}")
                    continue
                statuses[kind, status] += 1
                tags[kind].add(headers.get("etag", ""))
                if kind == "sparql" and status == 200:
                    texts.add(json.loads(body)["results"]["bindings"][0]["t"]["value"])

        def met(words: str) -> bool:
            return words in texts or bool(faults)

        readers = [threading.Thread(target=read, args=(kind,)) for kind in ("doc", "doc", "sparql")]
        for reader in readers:
            reader.start()
        try:
            seen = "Vi åpner bekken."
            for n in range(5):
                copy.edit(NATURE, seen, f"Utgave {n}.")
                seen = f"Utgave {n}."
                assert copy.publish(keep=1).new
                until(partial(met, seen), f"{seen} to be served")
        finally:
            done.set()
            for reader in readers:
                reader.join(DEADLINE)
        # What failed to be answered at all, and what was answered with anything but success.
        assert not faults
        assert {status for _, status in statuses} == {200}, statuses
        assert len(tags["doc"]) >= 3
        assert len(tags["sparql"]) >= 5
        assert texts >= {f"Utgave {n}." for n in range(5)}
        status, _, _ = server.get(
            f"/doc/{NATURE}.ttl", **{"If-None-Match": server.get(f"/doc/{NATURE}.ttl")[1]["etag"]}
        )
        assert status == 304
