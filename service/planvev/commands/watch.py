"""Publishing at every change of the files, until somebody says stop.

The system tells of changes (inotify, FSEvents; `watchfiles`), and a change that it tells of is followed by a quiet
moment before publishing, so that an editor's several writes are one publish. What was told is only a reason to look:
which files have changed is found as in any publish. A state of the files that is refused is said and waited out, and
what is served stays; so is a folder that is gone for a moment and another publisher's turn.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

from planvev.errors import Problem, PublishRunning
from planvev.library import Library

QUIET, LONGEST = 50, 500  # ms without a change before publishing, and the longest wait for such a moment
LOOK = 250  # ms between looks whether the folders still are the ones that are watched
AGAIN = 1.0  # s until another try, where somebody else publishes or a folder is away
ANYWAY = 60.0  # s until a look at the files of which nothing was told: network folders, targets of links


class Turtle(DefaultFilter):
    """Changes that can matter to a library, and not editors' own files."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether a change can matter. Folders do: they are moved away and back with all that is in them."""
        return Path(path).suffix in (".ttl", "") and super().__call__(change, path)


def follow(
    open_library: Callable[[], Library],
    publish: Callable[[Library], None],
    complain: Callable[[Problem], None],
    stop: threading.Event,
) -> None:
    """Publish now, and again after every change, until `stop` is set.

    Args:
        open_library: gives the library; a folder that is missing is a Problem to be waited out.
        publish: publishes it.
        complain: is told of a Problem, of the same one in a row once.
        stop: ends this at once, or after the publish that is running.
    """
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it tells of each file
    turn = _Turn(publish, complain)
    while not stop.is_set():
        try:
            library = open_library()
            watched = _standing(library)
        except Problem as problem:
            turn.say(problem)
            stop.wait(AGAIN)
            continue
        # The watcher collects from its first turn on, while we publish too: no change falls between two turns.
        turns = watch(
            *(path for path, _ in watched),
            watch_filter=Turtle(),
            debounce=LONGEST,
            step=QUIET,
            rust_timeout=LOOK,
            yield_on_timeout=True,
            stop_event=stop,
        )
        turn.due = 0.0
        for changes in turns:
            if changes or time.monotonic() >= turn.due:
                turn.take(library)
            if _standing(library) != watched:
                break


class _Turn:
    """One try after another, and what was said of the last."""

    def __init__(self, publish: Callable[[Library], None], complain: Callable[[Problem], None]) -> None:
        self.publish = publish
        self.complain = complain
        self.due = 0.0
        self._said: tuple[object, ...] = ()

    def take(self, library: Library) -> None:
        self.due = time.monotonic() + ANYWAY
        try:
            self.publish(library)
            self._said = ()
        except PublishRunning as problem:
            self.say(problem)
            self.due = time.monotonic() + AGAIN
        except Problem as problem:
            self.say(problem)

    def say(self, problem: Problem) -> None:
        said = (str(problem), *(getattr(problem, name, None) for name in ("file", "line", "findings")))
        if said != self._said:
            self.complain(problem)
        self._said = said


def _standing(library: Library) -> list[tuple[Path, int]]:
    """The folders of a library, and which ones they are: one put in another's place is not watched."""
    found = []
    for folder in library.folders():
        try:
            found.append((folder, folder.stat().st_ino))
        except OSError:
            found.append((folder, 0))
    return found
