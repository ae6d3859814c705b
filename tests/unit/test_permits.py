"""Who may run a query: two lanes, two queries a client, shared by processes and given back by whoever dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from planvev.answering.permits import WAITING, Permits
from planvev.errors import Busy, TooManyQueries

# Another process of the service: takes what it is told to take, says so, and holds it until it is ended.
OTHER = """
import asyncio, sys
from pathlib import Path
from planvev.answering.permits import Permits

async def main():
    permits = Permits(Path(sys.argv[1]), int(sys.argv[2]), 2)
    held = [await permits.enter(client) for client in sys.argv[3:]]
    print("held", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "places"


def elsewhere(file: Path, fast: int, *clients: str) -> subprocess.Popen[str]:
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(file), str(fast), *clients],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    return other


def end(other: subprocess.Popen[str]) -> None:
    other.kill()
    other.communicate(timeout=10)


def test_a_client_has_two_queries_and_a_third_when_one_has_ended(file):
    async def work():
        permits = Permits(file, fast=8, slow=2)
        first, _second = await permits.enter("a"), await permits.enter("a")
        with pytest.raises(TooManyQueries) as told:
            await permits.enter("a")
        assert (told.value.status, told.value.retry_after > 0) == (429, True)
        await permits.enter("b")
        waiting = asyncio.create_task(permits.enter("a"))
        await asyncio.sleep(0.1)
        first.leave()
        await waiting
        permits.close()

    asyncio.run(work())


def test_the_last_place_is_for_clients_that_have_none(file):
    async def work():
        permits = Permits(file, fast=3, slow=2)
        await permits.enter("a")
        await permits.enter("a")
        with pytest.raises(Busy) as told:
            await asyncio.gather(permits.enter("b"), permits.enter("b"))
        assert told.value.status == 503
        permits.close()

    asyncio.run(work())


def test_a_long_query_makes_room_in_the_fast_lane_until_the_slow_one_is_full(file):
    async def work():
        permits = Permits(file, fast=1, slow=2)
        for client in "ab":
            assert (await permits.enter(client)).slow_down()
        third = await permits.enter("c")
        assert not third.slow_down()
        third.leave()
        (await permits.enter("d")).leave()
        permits.close()

    asyncio.run(work())


def test_a_slow_query_counts_as_one_that_its_client_has(file):
    async def work():
        permits = Permits(file, fast=4, slow=4)
        slow = [await permits.enter("a"), await permits.enter("a")]
        assert all(permit.slow_down() for permit in slow)
        with pytest.raises(TooManyQueries):
            await permits.enter("a")
        permits.close()

    asyncio.run(work())


def test_what_another_process_holds_counts_and_comes_back_when_it_dies(file):
    async def work():
        permits = Permits(file, fast=2, slow=2)
        other = elsewhere(file, 2, "a", "b")
        try:
            with pytest.raises(Busy):
                await permits.enter("c")
        finally:
            end(other)
        (await permits.enter("c")).leave()
        permits.close()

    asyncio.run(work())


def test_a_client_has_two_queries_however_many_processes_there_are(file):
    async def work():
        permits = Permits(file, fast=8, slow=2)
        other = elsewhere(file, 8, "a", "a")
        try:
            with pytest.raises(TooManyQueries):
                await permits.enter("a")
        finally:
            end(other)
        (await permits.enter("a")).leave()
        permits.close()

    asyncio.run(work())


def test_a_crowd_is_told_at_once_instead_of_waiting(file):
    async def work():
        permits = Permits(file, fast=8, slow=2)
        await permits.enter("a")
        await permits.enter("a")
        crowd = await asyncio.gather(*(permits.enter("a") for _ in range(WAITING * 4)), return_exceptions=True)
        assert all(isinstance(told, TooManyQueries) for told in crowd)
        assert not permits._waiting
        permits.close()

    asyncio.run(work())


def test_room_is_there_until_a_client_has_as_many_queries_as_it_may_and_looking_takes_none(file):
    async def work():
        permits = Permits(file, fast=8, slow=2)
        other = elsewhere(file, 8, "a")
        assert permits.room("a")
        assert not permits._held
        held = await permits.enter("a")
        assert not permits.room("a"), "one runs here and one in another process"
        assert permits.room("b")
        assert len(permits._held) == 2, "a place of the client, and one in the lane"
        other.communicate()
        assert permits.room("a")
        held.leave()
        permits.close()

    asyncio.run(work())


def test_a_client_that_stops_waiting_leaves_nothing_behind(file):
    async def work():
        permits = Permits(file, fast=1, slow=1)
        held = await permits.enter("a")
        waiting = asyncio.create_task(permits.enter("b"))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        held.leave()
        assert not permits._waiting
        assert not permits._held
        permits.close()

    asyncio.run(work())
