"""Who may run a query now: places in two lanes, shared by all processes of a service.

A place is one byte of one file, and to hold it is to hold a lock on that byte (`fcntl(2)`, advisory record locks): no
process has to be asked, none can forget to give a place back, and the kernel takes it from a process that dies. The
file stays empty, since a lock may stand behind its end.

Every query begins in the fast lane, and leaves it for the slow lane when it turns out to be long, so that short queries
wait for short ones alone. A client, that is an address, holds at most two places, and the last one of the fast lane
is for clients that hold none.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import time
from functools import lru_cache
from pathlib import Path

from planvev.errors import Busy, TooManyQueries

EACH = 2  # queries that one client may have running
WAIT = 1.0  # seconds a query waits for a place before its client is told to come back
AGAIN = 0.02  # seconds until a query that waits looks again; what frees a place may be another process
WAITING = 8  # queries of one client that may wait in one process; more are refused at once
QUEUE = 64  # queries of all clients that may wait in one process

_SLOW, _CLIENTS = 1 << 16, 1 << 32  # where in the file the slow lane and the clients begin


class Permits:
    """The places of one service, as one of its processes sees them. Belongs to one event loop.

    Args:
        file: the file that stands for the places; made when it does not exist. All processes of a service share it.
        fast: places for queries that have just begun, at least 1.
        slow: places for queries that turned out to be long.
    """

    def __init__(self, file: Path, fast: int, slow: int) -> None:
        self.fast = fast
        self.slow = slow
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        # A record lock belongs to the process, which may take it twice: so what this process holds is kept here too.
        self._held: set[int] = set()
        self._waiting: dict[str, int] = {}

    def close(self) -> None:
        """Give back all places."""
        os.close(self._file)
        self._held.clear()

    async def enter(self, client: str) -> Permit:
        """A place in the fast lane.

        Raises:
            TooManyQueries: the client has two queries running, and none of them ended in time.
            Busy: all places were taken for as long as a query may wait.
        """
        permit = self._try(client)
        return permit if isinstance(permit, Permit) else await self._wait(client, permit)

    def room(self, client: str) -> bool:
        """Whether this client has a place left, for what is over before anybody else is served and so takes none."""
        begin = _first(client)
        for place in range(begin, begin + EACH):
            if self.take(place):
                self.give(place)
                return True
        return False

    async def _wait(self, client: str, refusal: type[Busy]) -> Permit:
        own = self._waiting.get(client, 0)
        if own >= WAITING or sum(self._waiting.values()) >= QUEUE:
            raise _refused(refusal)
        self._waiting[client] = own + 1
        try:
            end = time.monotonic() + WAIT
            while time.monotonic() < end:
                await asyncio.sleep(AGAIN)
                permit = self._try(client)
                if isinstance(permit, Permit):
                    return permit
                refusal = permit
            raise _refused(refusal)
        finally:
            self._waiting[client] -= 1
            if not self._waiting[client]:
                del self._waiting[client]

    def _try(self, client: str) -> Permit | type[Busy]:
        """A place, or why there is none now."""
        begin = _first(client)
        own = [place for place in range(begin, begin + EACH) if self.take(place)]
        if not own:
            return TooManyQueries
        for place in own[1:]:
            self.give(place)
        first = 0 if len(own) == EACH or self.fast == 1 else 1  # place 0 is for clients that hold none
        for place in range(self.fast - 1, first - 1, -1):
            if self.take(place):
                return Permit(self, own[0], place)
        self.give(own[0])
        return Busy

    def take(self, place: int) -> bool:
        """Take a place, if nobody has it."""
        if place in self._held:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        self._held.add(place)
        return True

    def give(self, place: int) -> None:
        """Give a place back."""
        if place in self._held:
            self._held.discard(place)
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


@lru_cache(1024)
def _first(client: str) -> int:
    """The first place of a client."""
    return _CLIENTS + EACH * int.from_bytes(hashlib.blake2b(client.encode(), digest_size=5).digest(), "big")


class Permit:
    """The places that one running query holds: one of its client's, and one in a lane."""

    def __init__(self, permits: Permits, client: int, place: int) -> None:
        self._permits = permits
        self._client = client
        self._place = place

    def slow_down(self) -> bool:
        """Move to the slow lane, for the query has turned out to be long; False when that lane is full."""
        for place in range(_SLOW, _SLOW + self._permits.slow):
            if self._permits.take(place):
                self._permits.give(self._place)
                self._place = place
                return True
        return False

    def leave(self) -> None:
        """Give both places back."""
        self._permits.give(self._place)
        self._permits.give(self._client)


def _refused(refusal: type[Busy]) -> Busy:
    if refusal is TooManyQueries:
        return TooManyQueries(
            f"{EACH} queries from your address are running, which is as many as one client may have.",
            "Send the next one when one of them has been answered.",
        )
    return Busy(
        "All places for queries are taken.", "Send the query again in a few seconds, or fetch the dump under /dump/."
    )
