"""Which edition an engine on the network holds: the shelf of a service that reads from elsewhere."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from planvev.engines import ledger
from planvev.engines.reading import Held, Reading
from planvev.engines.remote import Line
from planvev.errors import NoSnapshot, Problem, Switching

FRESH = 1.0  # seconds for which the edition found is taken to stand
PATIENCE = 3.0  # seconds a reader waits while the store is being filled


class RemoteShelf:
    """The edition that an engine on the network holds. Fulfils `engine.Editions`; safe to share between threads.

    The store is asked which edition it holds at most once a second, so a page kept from before may be that old. A page
    that is made is of one edition, because it is confirmed.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self._held: Held | None = None
        self._asked = float("-inf")
        self._problem: Problem | None = None
        self._lock = threading.Lock()

    def current(self) -> Reading:
        if not self._fresh():
            with self._lock:
                if not self._fresh():  # nobody else has asked while we waited
                    self._refresh()
        if self._held is None:
            raise self._problem or NoSnapshot(_EMPTY)
        return Reading(self._held, self.line)

    def at_hand(self) -> Reading | None:
        return Reading(self._held, self.line) if self._held and self._fresh() else None

    def name(self) -> str | None:
        return self._held.token if self._held and self._fresh() else None

    def _fresh(self) -> bool:
        return time.monotonic() - self._asked < FRESH and not (self._held and self._held.gone)

    def find(self, snapshot_id: str) -> Path | None:
        del snapshot_id
        return None

    def _refresh(self) -> None:
        """Ask which edition stands; what went wrong is kept too, so that a dead engine is not asked by every thread."""
        try:
            self._held, self._problem = _found(self.line, self._held), None
        except Problem as problem:
            self._held, self._problem = None, problem
        self._asked = time.monotonic()


_EMPTY = "There is no published edition in the store that PLANVEV_ENGINE names."


def _found(line: Line, held: Held | None) -> Held:
    """The edition that stands in the store; the one held, where it is that.

    Raises:
        NoSnapshot: nothing was ever published there.
        Switching: it is still being filled after a while.
    """
    end = time.monotonic() + PATIENCE
    while True:
        first = ledger.read_edition(line)
        if held and first.edition == held.token:
            return held
        if first.edition:
            whole = ledger.read(line)
            if whole.edition == first.edition and whole.manifest:
                return Held(whole.edition, whole.manifest)
        elif not first.under_way:
            raise NoSnapshot(_EMPTY, "Run `planvev publish --to` with its address.")
        if time.monotonic() > end:
            raise Switching(
                "The store is being filled with a new edition, and nothing half is shown.",
                "Ask again in a while. If it stays so, a `planvev publish --to` was broken off: run it again.",
            )
        time.sleep(0.2)
