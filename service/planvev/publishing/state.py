"""The state folder, write side: who may write, how the pointer moves, what is thrown away.

One publisher at a time holds the lock; the system gives it back when the process ends, however it ends. Only moving
the pointer changes what readers see, and that is one `rename(2)`. Nothing here knows what a snapshot holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from planvev import machine
from planvev.engines.snapshot import CURRENT, MANIFEST, SNAPSHOTS, Shelf
from planvev.errors import PublishRunning, StateUnusable

SCRATCH = ".building-"


@contextlib.contextmanager
def writable(state: Path) -> Iterator[None]:
    """Say in plain words when the state folder, or the disk below it, takes no more.

    Raises:
        StateUnusable: with the system's own reason.
    """
    try:
        (state / SNAPSHOTS).mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        why = error.strerror or error
        raise StateUnusable(
            f"Cannot write in the state folder {state}: {why}. What was published before is unchanged.",
            "Make room or give the folder to this user, or set PLANVEV_STATE to another one.",
        ) from None


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the publishers' lock.

    Raises:
        PublishRunning: somebody else holds it.
    """
    with (state / "lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublishRunning(
                f"Another publish holds {state / 'lock'}. Nothing was changed.",
                "Wait until it has ended and run the command again.",
            ) from None
        yield


def scratch(state: Path) -> Path:
    """A new folder to build in, on the disk of the snapshots."""
    folder = state / SNAPSHOTS / f"{SCRATCH}{os.getpid()}"
    folder.mkdir(parents=True)
    return folder


def sweep(state: Path) -> None:
    """Throw away what a publish left that did not come to its end. Only for who holds the lock."""
    for left in (state / SNAPSHOTS).glob(f"{SCRATCH}*"):
        shutil.rmtree(left)


def shelve(state: Path, built: Path, snapshot_id: str) -> Path:
    """Give a finished scratch folder its name among the snapshots; nobody reads it yet."""
    sync_new(built)
    numbers = [int(path.name.rpartition("-")[2]) for path in Shelf(state).folders()]
    folder = built.with_name(f"{snapshot_id}-{max(numbers, default=0) + 1}")
    built.rename(folder)
    machine.sync(folder.parent)
    return folder


def point(state: Path, folder: Path) -> None:
    """Move the pointer: from here on readers see this snapshot."""
    pointer = state / f"{CURRENT}.next"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(folder.relative_to(state))
    pointer.replace(state / CURRENT)
    machine.sync(state)


def prune(shelf: Shelf, keep: int) -> None:
    """Throw away all but the newest snapshots; never the current one, never one that somebody reads."""
    current = shelf.target()
    for folder in [path for path in shelf.folders() if path != current][max(keep - 1, 0) :]:
        handle = os.open(folder / MANIFEST, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Renamed first, so that a crash leaves scratch and never half a snapshot.
            shutil.rmtree(folder.rename(folder.with_name(SCRATCH + folder.name)), ignore_errors=True)
        except BlockingIOError:
            pass  # somebody reads it; a later publish removes it
        finally:
            os.close(handle)


def sync_new(folder: Path) -> None:
    """Have the disk hold what was written in a folder. A file with two names was held before: it is another's too."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir() or path.stat().st_nlink == 1:
            machine.sync(path)
