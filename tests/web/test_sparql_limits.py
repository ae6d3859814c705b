"""A query that takes too much ends alone: the deadline, the ceiling of an answer, the number of processes, the client
that has left. The small queries beside it answer in milliseconds."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from tests import processes
from tests.web import serving

pytestmark = pytest.mark.alone

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
MIB = 1024 * 1024
SMALL = "SELECT ?plan { ?plan a plan:Plan } LIMIT 5"


def ask(server, query: str, **parameters: str):
    return server.client.get("/sparql", params={"query": query, "format": "json", **parameters})


def query_processes(server) -> set[int]:
    return processes.query_processes(server.process.pid)


def burnt(server) -> float:
    """Seconds of processor time that the query processes alive now have used."""
    return sum(map(processes.burnt, query_processes(server)))


def busy_within(server, seconds: float) -> bool:
    """Whether the query processes use processor time."""
    end, before = time.monotonic() + seconds, burnt(server)
    while time.monotonic() < end:
        time.sleep(0.2)
        if burnt(server) - before > 0.2:
            return True
    return False


def idle_within(server, seconds: float) -> bool:
    """Whether there is a while in which the query processes use next to nothing."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        there, before = query_processes(server), burnt(server)
        time.sleep(0.5)
        if query_processes(server) == there and burnt(server) - before < 0.1:
            return True
    return False


def client(server, number: int) -> httpx2.Client:
    """A client with an address of its own, 127.0.0.<number>."""
    transport = httpx2.HTTPTransport(local_address=f"127.0.0.{number}")
    return httpx2.Client(base_url=server.url, transport=transport, trust_env=False, timeout=serving.SECONDS)


@pytest.fixture(scope="module")
def narrow(server):
    """A server with one place in each lane and a ceiling of one MiB for an answer."""
    narrow = {"PLANVEV_QUERY_WORKERS": "1", "PLANVEV_SLOW_QUERIES": "1", "PLANVEV_RESULT_MB": "1"}
    with serving.another(server.state, **narrow) as other:
        yield other


def test_a_runaway_query_ends_in_504_at_its_timeout(server):
    began = time.monotonic()
    answer = ask(server, RUNAWAY, timeout="1")
    took = time.monotonic() - began
    assert answer.status_code == 504
    assert 0.9 < took < 4
    problem = answer.json()
    assert problem["type"].endswith("/query-timeout")
    assert "1 second" in problem["detail"]
    assert problem["advice"]
    assert idle_within(server, 8)


def test_a_timeout_longer_than_the_servers_own_does_not_count(server):
    with serving.another(server.state, PLANVEV_QUERY_SECONDS="1") as other:
        began = time.monotonic()
        assert ask(other, RUNAWAY, timeout="600").status_code == 504
        assert time.monotonic() - began < 5


def test_small_queries_beside_a_runaway_one_answer_at_once(server):
    with ThreadPoolExecutor(1) as pool:
        runaway = pool.submit(ask, server, RUNAWAY, timeout="4")
        time.sleep(0.3)
        times = []
        for _ in range(20):
            began = time.monotonic()
            assert ask(server, SMALL).status_code == 200
            times.append(time.monotonic() - began)
        pages = []
        for path in ("/", "/doc/plan/moss/koa-2022-2026.ttl", "/healthz"):
            began = time.monotonic()
            assert server.get(path).status_code == 200
            pages.append(time.monotonic() - began)
        assert not runaway.done()
        assert runaway.result().status_code == 504
    assert sorted(times)[len(times) // 2] < 0.1, times
    assert max(pages) < 2


def test_after_a_runaway_query_the_next_one_is_answered(narrow):
    for _ in range(3):
        assert ask(narrow, RUNAWAY, timeout="0.5").status_code == 504
        assert ask(narrow, SMALL).status_code == 200


def test_the_query_of_a_client_that_has_left_is_ended(server):
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        path = "/sparql?" + urlencode({"query": RUNAWAY})
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert busy_within(server, 10), "the query never ran"
    assert idle_within(server, 8)
    assert ask(server, SMALL).status_code == 200


def test_an_answer_over_the_ceiling_is_422_and_says_what_to_do(narrow):
    answer = ask(narrow, "SELECT * { GRAPH ?g { ?s ?p ?o } }")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith("/result-too-large")
    assert "1 MiB" in problem["detail"]
    assert "LIMIT" in problem["advice"]


@pytest.mark.parametrize("suffix", ["json", "xml", "csv", "tsv"])
def test_no_answer_is_ever_cut(narrow, suffix):
    over = ask(narrow, "SELECT * { ?s ?p ?o . ?s ?q ?r }", format=suffix)
    assert over.status_code == 422
    under = ask(narrow, "SELECT * { ?s ?p ?o } LIMIT 1500", format=suffix)
    assert under.status_code == 200
    assert int(under.headers["content-length"]) == len(under.content)


def test_an_answer_over_the_ceiling_is_a_readable_page_for_a_browser(narrow):
    answer = narrow.client.get(
        "/sparql", params={"query": "SELECT * { ?s ?p ?o . ?s ?q ?r }"}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "LIMIT" in answer.text


def test_a_long_query_too_many_is_told_to_come_back_while_small_ones_go_on(narrow):
    with ThreadPoolExecutor(2) as pool, client(narrow, 2) as second:
        first = pool.submit(ask, narrow, RUNAWAY, timeout="5")
        time.sleep(1)  # it has left the fast lane
        began = time.monotonic()
        asked = {"query": RUNAWAY, "format": "json"}
        answer = second.get("/sparql", params=asked, headers={"Origin": "https://example.org"})
        waited = time.monotonic() - began
        assert ask(narrow, SMALL).status_code == 200
        assert first.result().status_code == 504
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert answer.json()["type"].endswith("/busy")
    assert "long" in answer.json()["detail"]
    assert waited < 4
    assert ask(narrow, SMALL).status_code == 200


def test_a_client_with_two_queries_running_is_told_429_and_another_client_is_not(server):
    with ThreadPoolExecutor(2) as pool, client(server, 3) as third:
        for _ in range(2):
            pool.submit(ask, server, RUNAWAY, timeout="5")
        time.sleep(0.5)
        answer = ask(server, SMALL + " # a third")
        assert third.get("/sparql", params={"query": SMALL + " # from elsewhere", "format": "json"}).status_code == 200
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["type"].endswith("/too-many-queries")
    assert ask(server, SMALL + " # afterwards").status_code == 200


def test_a_proxy_that_is_trusted_speaks_for_its_clients(server):
    with serving.another(server.state, PLANVEV_TRUSTED_PROXIES="127.0.0.0/8") as other, ThreadPoolExecutor(2) as pool:

        def through_proxy(address: str, query: str, **parameters: str) -> int:
            parameters |= {"query": query, "format": "json"}
            return other.client.get("/sparql", params=parameters, headers={"X-Forwarded-For": address}).status_code

        for _ in range(2):
            pool.submit(through_proxy, "192.0.2.1", RUNAWAY, timeout="4")
        time.sleep(0.5)
        assert through_proxy("192.0.2.1", SMALL + " # a third") == 429
        assert through_proxy("192.0.2.1, 192.0.2.2", SMALL + " # from elsewhere") == 200


def test_a_client_that_only_says_it_speaks_for_others_is_one_client(server):
    def posing(address: str, query: str, **parameters: str) -> int:
        parameters |= {"query": query, "format": "json"}
        answer = server.client.get("/sparql", params=parameters, headers={"X-Forwarded-For": address})
        return int(answer.status_code)

    with ThreadPoolExecutor(2) as pool:
        for number in (1, 2):
            pool.submit(posing, f"192.0.2.{number}", RUNAWAY, timeout="4")
        time.sleep(0.5)
        assert posing("192.0.2.3", SMALL + " # not a third client") == 429


def test_a_query_that_eats_memory_ends_alone(server):
    with serving.another(server.state, PLANVEV_QUERY_MEMORY_MB="200") as other:
        answer = ask(other, "SELECT DISTINCT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?a", timeout="15")
        assert answer.status_code in (422, 500, 504)
        assert answer.json()["detail"]
        assert ask(other, SMALL).status_code == 200
        assert other.get("/healthz").status_code == 200


def test_many_clients_at_once_all_get_whole_answers_or_are_told_to_come_back(server):
    gate = threading.Barrier(16)

    def one(number: int) -> tuple[int, int]:
        gate.wait(20)
        answer = ask(server, f"SELECT * {{ ?s ?p ?o }} LIMIT {500 + number}")
        rows = len(answer.json()["results"]["bindings"]) if answer.status_code == 200 else -1
        return answer.status_code, rows - (500 + number) if rows >= 0 else 0

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(one, range(16)))
    assert {status for status, _ in outcomes} <= {200, 429, 503}
    assert {difference for _, difference in outcomes} == {0}
    assert sum(status == 200 for status, _ in outcomes) >= 8


def test_what_was_spooled_to_disk_is_gone_when_it_has_been_read(server):
    big = "SELECT * { GRAPH ?g { ?s ?p ?o } }"
    assert len(ask(server, big).content) > 1024 * 1024
    assert spool_is_empty_within(server, 5)


def test_what_was_spooled_for_a_client_that_leaves_halfway_is_gone_too(server):
    host, port = urlsplit(server.url).netloc.split(":")
    path = "/sparql?" + urlencode({"query": "SELECT * { GRAPH ?g { ?s ?p ?o } }", "format": "json"})
    for packing in ("identity", "gzip"):
        with socket.create_connection((host, int(port))) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: {packing}\r\n\r\n".encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        assert spool_is_empty_within(server, 5)


def spool_is_empty_within(server, seconds: float) -> bool:
    """The file is removed when its last byte is on its way, which may be a moment after the client has it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not [path for number in query_processes(server) for path in _spool_of(number).glob("tmp*")]:
            return True
        time.sleep(0.1)
    return False


def _spool_of(process: int) -> Path:
    """The spool folder stands on the command line of a query process."""
    return Path(next(word for word in processes.command(process).split() if "planvev-spool-" in word))


def test_stopping_the_server_ends_its_query_processes_and_removes_its_spool(server):
    other = serving.start(server.state)
    there = query_processes(other)
    assert there
    spool = _spool_of(there.copy().pop())
    other.stop()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(map(processes.alive, there)):
        time.sleep(0.1)
    assert not any(map(processes.alive, there))
    assert not spool.exists()
    assert other.process.returncode in (0, -15)


def test_the_largest_answer_passes_without_growing_the_process_that_sends_it(server):
    with serving.another(server.state, PLANVEV_WEB_PROCESSES="1") as other:
        assert ask(other, SMALL).status_code == 200
        before = settled_memory_mb(other.process.pid)
        query = "SELECT ?a ?b ?d ?e { ?a ?b ?c . ?d ?e ?f } LIMIT 190000"
        with other.client.stream("GET", "/sparql", params={"query": query, "format": "json"}) as answer:
            assert answer.status_code == 200
            size = sum(len(part) for part in answer.iter_raw())
        assert 48 * MIB < size <= 64 * MIB, "the query was to give nearly what is permitted"
        assert memory_mb(other.process.pid, "VmHWM") - before < 20


def settled_memory_mb(process: int) -> float:
    """Its memory when it has stopped growing: a service that has just begun to answer is still fetching its parts."""
    end, seen = time.monotonic() + 20, [memory_mb(process, "VmRSS")]
    while time.monotonic() < end and (len(seen) < 4 or max(seen[-4:]) - min(seen[-4:]) > 0.5):
        time.sleep(0.25)
        seen.append(memory_mb(process, "VmRSS"))
    return seen[-1]


def memory_mb(process: int, what: str) -> float:
    """Memory of a process in MiB: `VmRSS` now, `VmHWM` at most so far (proc(5))."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def test_the_process_of_a_client_that_has_left_is_gone(server):
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        before = {pid: processes.burnt(pid) for pid in query_processes(server)}
        path = "/sparql?" + urlencode({"query": RUNAWAY + " # left"})
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert busy_within(server, 10), "the query never ran"
        # The one that works now, not one that has worked for an earlier query and stands by.
        working = {pid for pid in query_processes(server) if processes.burnt(pid) - before.get(pid, 0.0) > 0.15}
        assert len(working) == 1
    end = time.monotonic() + 10  # a second on a machine left alone; tests share theirs
    while time.monotonic() < end and any(map(processes.alive, working)):
        time.sleep(0.02)
    assert not any(map(processes.alive, working))
