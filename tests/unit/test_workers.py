"""Public queries run in processes that can be killed, and one that goes wrong never harms the next."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from planvev.answering.workers import Limits, Pool, spool_folder
from planvev.engines.snapshot import Snapshot
from planvev.errors import Busy, EngineFault, QuerySyntax, QueryTimeout, ResultTooLarge
from tests.library.copies import ID, NATURE

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
# A cross product that nothing ends: some 10^15 rows.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . FILTER(?c != ?l) }"
MIB = 1024 * 1024
DEADLINE = 60  # seconds, generous: what must end ends long before


@asynccontextmanager
async def pooled(
    size: int = 2, seconds: float = 30, memory_mb: int = 1024, result: int = 4 * MIB
) -> AsyncIterator[Pool]:
    spool = spool_folder()
    pool = Pool(size, Limits(seconds, memory_mb, result), spool)
    try:
        yield pool
    finally:
        await pool.close()
        shutil.rmtree(spool)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(DEADLINE):
            await work()

    asyncio.run(bounded())


@pytest.fixture
def folder(snapshot: Snapshot) -> Path:
    """Where the published snapshot stands."""
    return snapshot.folder


def rows(body: bytes) -> list[dict[str, str]]:
    found = json.loads(body)["results"]["bindings"]
    return [{name: value["value"] for name, value in row.items()} for row in found]


def processes(pool: Pool) -> list[int]:
    return [worker.process.pid for worker in pool._idle]


def spooled(pool: Pool) -> list[str]:
    """The files of answers that wait for a reader."""
    return [path.name for path in pool.spool.iterdir()] if pool.spool.is_dir() else []


async def asked(pool: Pool, folder: Path, times: int) -> int:
    """How many of some queries failed."""
    failed = 0
    for _ in range(times):
        try:
            assert (await pool.run(folder, "ASK {}", "json")).body
        except EngineFault:
            failed += 1
    return failed


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  nobody tells us when a process of the system has ended
        await asyncio.sleep(0.02)


def test_a_small_query_is_answered(folder, snapshot):
    async def work():
        async with pooled() as pool:
            answer = await pool.run(folder, COUNT, "json")
            assert rows(answer.body) == [{"n": str(snapshot.manifest.triples)}]
            assert answer.size == len(answer.body)
            assert answer.spool is None

    run(work)


@pytest.mark.parametrize(
    ("query", "suffix", "begins"),
    [
        ("ASK {}", "json", b"{"),
        ("ASK {}", "xml", b"<?xml"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 1", "csv", b"s\r\n"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 1", "tsv", b"?s\n"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", "nt", b""),
        (f"DESCRIBE <{ID}{NATURE}>", "ttl", b"@prefix"),
        (f"DESCRIBE <{ID}{NATURE}>", "rdf", b"<?xml"),
        (f"DESCRIBE <{ID}{NATURE}>", "jsonld", b"["),
        (f"DESCRIBE <{ID}{NATURE}>", "trig", b"@prefix"),
        (f"DESCRIBE <{ID}{NATURE}>", "nq", b""),
    ],
)
def test_every_format_is_written(folder, query, suffix, begins):
    async def work():
        async with pooled(1) as pool:
            answer = await pool.run(folder, query, suffix)
            assert answer.size > 0
            assert answer.body.startswith(begins)

    run(work)


def test_our_prefixes_need_no_declaration(folder):
    async def work():
        async with pooled(1) as pool:
            answer = await pool.run(folder, "SELECT (COUNT(*) AS ?n) { ?s a plan:Plan }", "json")
            assert rows(answer.body) == [{"n": "2"}]

    run(work)


def test_the_dataset_of_the_request_is_the_one_that_is_asked(folder):
    graph = f"https://w3id.org/planvev/graph/{NATURE}"

    async def work():
        async with pooled(1) as pool:
            count = "SELECT (COUNT(*) AS ?n) { ?s a plan:Plan }"
            assert rows((await pool.run(folder, count, "json", default=[graph], named=[])).body) == [{"n": "1"}]
            assert rows((await pool.run(folder, count, "json", default=[], named=[graph])).body) == [{"n": "0"}]
            inside = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
            assert rows((await pool.run(folder, inside, "json", default=[], named=[graph])).body) == [{"g": graph}]

    run(work)


def test_a_mistake_comes_back_with_its_place(folder):
    async def work():
        async with pooled(1) as pool:
            with pytest.raises(QuerySyntax) as fault:
                await pool.run(folder, "SELECT * {\n ?s ?p }", "json")
            assert (fault.value.line, fault.value.column) == (2, 9)
            assert (await pool.run(folder, "ASK {}", "json")).body

    run(work)


def test_a_runaway_query_is_killed_at_its_deadline_and_a_small_one_beside_it_is_answered_at_once(folder):
    async def work():
        async with pooled(2, seconds=2) as pool:
            await pool.warm(folder)
            before = set(processes(pool))
            began = time.monotonic()
            runaway = asyncio.create_task(pool.run(folder, RUNAWAY, "json"))
            await asyncio.sleep(0.2)
            assert (await pool.run(folder, "ASK {}", "json")).body
            assert time.monotonic() - began < 2, "the small one waited for the runaway"
            with pytest.raises(QueryTimeout, match="within 2 seconds") as told:
                await runaway
            assert told.value.status == 504
            assert told.value.advice
            await until(lambda: len(processes(pool)) == 2)
            (killed,) = before - set(processes(pool))
            assert not alive(killed)
            assert (await pool.run(folder, COUNT, "json")).body

    run(work)


def test_a_query_is_ended_when_it_turns_out_to_be_long_and_may_not_be(folder):
    async def work():
        async with pooled(1) as pool:
            await pool.warm(folder)
            (pid,) = processes(pool)
            with pytest.raises(Busy, match="places for long queries"):
                await pool.run(folder, RUNAWAY, "json", may_be_long=lambda: False)
            assert not alive(pid)

    run(work)


def test_the_start_of_its_process_does_not_make_a_query_a_long_one(folder, monkeypatch):
    asked = []

    def refused() -> bool:
        asked.append("long")
        return False

    # Half of what any process needs to start, so that the start alone would pass it.
    monkeypatch.setattr("planvev.answering.workers.LONG", 0.05)

    async def work():
        async with pooled(1) as pool:
            began = time.monotonic()
            assert (await pool.run(folder, "ASK {}", "json", may_be_long=refused)).body
            assert time.monotonic() - began > 0.05
            assert not asked

    run(work)


def test_a_request_can_only_shorten_its_deadline(folder):
    async def work():
        async with pooled(1, seconds=1) as pool:
            with pytest.raises(QueryTimeout, match=r"within 0\.3 seconds"):
                await pool.run(folder, RUNAWAY, "json", seconds=0.3)
            with pytest.raises(QueryTimeout, match="within 1 seconds"):
                await pool.run(folder, RUNAWAY, "json", seconds=50)

    run(work)


def test_an_answer_over_the_ceiling_is_refused_and_nothing_of_it_stays(folder):
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f }"

    async def work():
        async with pooled(1, result=MIB) as pool:
            with pytest.raises(ResultTooLarge, match="larger than 1 MiB") as told:
                await pool.run(folder, query, "json")
            assert told.value.status == 422
            assert "LIMIT" in told.value.advice
            assert spooled(pool) == []
            assert (await pool.run(folder, "ASK {}", "json")).body

    run(work)


def test_a_large_answer_is_spooled_whole_and_its_file_goes_with_its_reader(folder):
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 5000"

    async def work():
        async with pooled(1) as pool:
            answer = await pool.run(folder, query, "json")
            assert answer.spool is not None
            assert answer.body == b""
            data = answer.spool.read_bytes()
            assert len(data) == answer.size > 256 * 1024
            assert len(rows(data)) == 5000
            answer.spool.unlink()
            assert spooled(pool) == []

    run(work)


def test_a_query_that_eats_memory_ends_its_process_and_not_the_service(folder):
    bomb = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c"

    async def work():
        async with pooled(1, memory_mb=96) as pool:
            with pytest.raises(EngineFault, match="more memory"):
                await pool.run(folder, bomb, "json")
            assert rows((await pool.run(folder, "SELECT (1 AS ?n) {}", "json")).body) == [{"n": "1"}]

    run(work)


@pytest.mark.parametrize(
    "query",
    ["ASK {" + "{" * 20_000 + "}" * 20_000 + "}", "SELECT * { FILTER(1" + "+1" * 100_000 + ") }"],
    ids=["braces", "sums"],
)
def test_a_query_too_deep_for_the_engine_ends_its_process_and_not_the_service(folder, query):
    async def work():
        async with pooled(1) as pool:
            try:
                await pool.run(folder, query, "json")
            except (EngineFault, QuerySyntax) as told:
                assert told.status in (400, 500)  # noqa: PT017  an engine may also carry it out
            assert (await pool.run(folder, "ASK {}", "json")).body

    run(work)


def test_a_query_whose_client_left_is_killed(folder):
    async def work():
        async with pooled(1) as pool:
            await pool.warm(folder)
            (pid,) = processes(pool)
            running = asyncio.create_task(pool.run(folder, RUNAWAY, "json"))
            await until(lambda: not pool._idle)
            await asyncio.sleep(0.2)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert not alive(pid)
            assert (await pool.run(folder, "ASK {}", "json")).body

    run(work)


def test_a_process_that_was_killed_from_outside_costs_one_query_at_most(folder):
    async def work():
        async with pooled(1) as pool:
            await pool.warm(folder)
            (pid,) = processes(pool)
            os.kill(pid, 9)
            await until(lambda: not alive(pid))
            assert await asked(pool, folder, 20) <= 1

    run(work)


def test_another_snapshot_is_answered_by_processes_that_have_opened_it(copy):
    first = copy.publish()
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken igjen.")
    second = copy.publish()
    query = f"SELECT ?n {{ <{ID}{NATURE}/strategy/1-1> plan:text ?n }}"

    async def work():
        async with pooled(2) as pool:
            await pool.warm(first.folder)
            old = processes(pool)
            assert rows((await pool.run(second.folder, query, "json")).body) == [{"n": "Vi åpner bekken igjen."}]
            await until(lambda: not any(alive(pid) for pid in old))
            assert rows((await pool.run(first.folder, query, "json")).body) == [{"n": "Vi åpner bekken."}]

    run(work)


def test_a_snapshot_that_is_not_there_is_a_fault_and_not_a_wait(folder, tmp_path):
    async def work():
        async with pooled(1) as pool:
            with pytest.raises(EngineFault):
                await pool.run(tmp_path, "ASK {}", "json")
            assert (await pool.run(folder, "ASK {}", "json")).body

    run(work)


def test_no_process_outlives_the_pool(folder):
    async def work():
        async with pooled(2) as pool:
            await pool.warm(folder)
            pids = processes(pool)
            running = asyncio.create_task(pool.run(folder, RUNAWAY, "json"))
            await until(lambda: len(pool._idle) == 1)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert not any(alive(pid) for pid in pids)
        assert not pool._idle
        assert spooled(pool) == []

    run(work)


def test_a_query_process_reaches_no_network_where_the_system_can_cut_it_off(folder):
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(1)
    call = f"SELECT * {{ SERVICE SILENT <http://127.0.0.1:{server.getsockname()[1]}/> {{ ?s ?p ?o }} }}"

    async def work():
        async with pooled(1, seconds=10) as pool:
            await pool.warm(folder)
            assert pool.network in ("cut", "open")
            if pool.network == "open":
                pytest.skip("this system does not let a process leave the network")
            await pool.run(folder, call, "json")  # past the scanner, straight to the engine

    with server:
        run(work)
        with pytest.raises(TimeoutError):
            server.accept()
