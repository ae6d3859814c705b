"""The commands about what is published: `planvev publish`, `rollback` and `status`.

What was published stays published whatever happens to the dumps after it: they are another step, and its failure is
said and not returned.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

from planvev.checking import terminal
from planvev.checking.gate import GateClosed
from planvev.commands import elsewhere
from planvev.engines.snapshot import MANIFEST, Manifest, Shelf
from planvev.errors import NoSnapshot, Problem
from planvev.library import Library
from planvev.names import Base
from planvev.publishing.publish import Manner, Published, changed_files, publish, rollback
from planvev.queries.derivation import DERIVED
from planvev.registries import dumps
from planvev.settings import Settings
from planvev.versions.history import History

SHOWN = 3  # graphs named on the line of an edition


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    _add_publish(commands)
    _add_rollback(commands)
    _add_status(commands)


def _add_publish(commands: Any) -> None:
    command = commands.add_parser(
        "publish",
        help="check the files and publish them as a snapshot",
        description="Check what has changed and make the files the published state. Readers see the old state until "
        "the new one is complete. Unchanged files publish nothing. Exit code 1: refused, nothing was changed.",
    )
    command.add_argument(
        "--rebuild", action="store_true", help="check everything and build anew even when no file has changed"
    )
    command.add_argument(
        "--watch", action="store_true", help="publish again at every change of the files, until Ctrl-C"
    )
    elsewhere.add_target(command)
    command.add_argument("--no-dumps", action="store_true", help="do not write the whole dumps afterwards")
    command.add_argument(
        "--lang", choices=("nb", "nn", "en"), help="language of the messages (default: PLANVEV_LANGUAGE)"
    )
    command.set_defaults(run=_publish)


def _add_rollback(commands: Any) -> None:
    command = commands.add_parser(
        "rollback",
        help="go back to a snapshot that is kept",
        description="Serve a snapshot that is kept: the one before the current, or the one named. The files stay as "
        "they are, and the next publish makes their state the published one again.",
    )
    command.add_argument("id", nargs="?", metavar="ID", help="the snapshot (default: the one before the current)")
    command.set_defaults(run=_rollback)


def _add_status(commands: Any) -> None:
    command = commands.add_parser(
        "status",
        help="show what is published",
        description="Show the published snapshot, the ones kept, and which files have changed since. "
        "Exit code 1: nothing is published.",
    )
    command.add_argument("--json", action="store_true", help="print the manifest of the snapshot as JSON")
    command.add_argument(
        "--history",
        action="store_true",
        help="print one line for each edition published, newest first, and which snapshots a rollback can name",
    )
    command.set_defaults(run=_status)


def _publish(chosen: argparse.Namespace, settings: Settings) -> int:
    run = _Run(chosen, settings)
    if not chosen.watch:
        run.once(run.library())
        return 0
    from planvev.commands import watch  # here, because the other commands need no watcher

    stop = _stopping()
    terminal.tell(f"Watching {settings.library}  (stop with Ctrl-C)")
    watch.follow(run.library, run.once, run.complain, stop)
    terminal.tell("Stopped; what was published stays")
    return 0


class _Run:
    """Publishing as one command line asked for it, once or again and again."""

    def __init__(self, chosen: argparse.Namespace, settings: Settings) -> None:
        self.chosen = chosen
        self.settings = settings
        self.language = chosen.lang or settings.language
        self.rebuild = chosen.rebuild
        self.watch = chosen.watch
        self.dumps = not chosen.no_dumps

    def library(self) -> Library:
        return Library(self.settings.library, Base(self.settings.base))

    def once(self, library: Library) -> None:
        began = time.monotonic()
        # Who watches wants the change at once; building from nothing is for a publish that nobody waits for.
        manner = Manner(
            self.settings.keep,
            self.rebuild,
            not self.watch,
            self.settings.shacl,
            self._tell,
            terminal.bar(),
            self.settings.check_seconds,
        )
        try:
            done = publish(library, self.settings.state, manner)
        except GateClosed as refused:
            if not self.watch:
                self._show(refused)
            raise
        self.rebuild = False
        self._report(done, time.monotonic() - began)
        if self.dumps:
            self._dump()
        if self.chosen.to:
            elsewhere.send(self.chosen, self.settings)

    def complain(self, problem: Problem) -> None:
        if isinstance(problem, GateClosed):
            self._show(problem)
        terminal.complain(problem, self.language)

    def _tell(self, sentence: str) -> None:
        if not self.watch:
            terminal.tell(sentence)

    def _show(self, refused: GateClosed) -> None:
        terminal.show(refused.findings, self.language)

    def _report(self, done: Published, seconds: float) -> None:
        snapshot = done.snapshot
        files = sum(entry.role != DERIVED for entry in snapshot.graphs)
        size = f"{snapshot.triples} triples from {terminal.count(files, 'file')}"
        if not done.new:
            self._tell(f"Nothing has changed: snapshot {snapshot.id} stays ({size})")
            return
        if snapshot.advice:
            self._tell(f"{terminal.count(snapshot.advice, 'piece')} of advice; `planvev check` shows them")
        terminal.tell(f"Published snapshot {snapshot.id} ({size}) in {seconds:.1f} s")

    def _dump(self) -> None:
        began = time.monotonic()
        held = dumps.listed(self.settings.state)
        try:
            edition = dumps.make(self.settings.state, self.settings.keep)
        except (OSError, Problem) as error:
            terminal.tell(f"The dumps could not be written: {error}. What was published stays, and so do the last.")
            return
        if held is None or held["name"] != edition.name:
            size = sum(dump.bytes for dump in edition.dumps) / 1e6
            terminal.tell(f"Wrote the dumps {edition.name} ({size:.1f} MB) in {time.monotonic() - began:.1f} s")


def _stopping() -> threading.Event:
    """Set by the first Ctrl-C or SIGTERM; the second one does not wait for what is running."""
    stop = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


def _rollback(chosen: argparse.Namespace, settings: Settings) -> int:
    snapshot = rollback(settings.state, chosen.id)
    terminal.tell(f"Serving snapshot {snapshot.id} again, published {snapshot.created}: {snapshot.triples} triples")
    terminal.tell("The files were not touched: the next publish makes what they say the published state")
    return 0


def _status(chosen: argparse.Namespace, settings: Settings) -> int:
    shelf = Shelf(settings.state)
    if chosen.history:
        return _history(shelf, History(settings.state))
    try:
        manifest = shelf.current().manifest
    except NoSnapshot as problem:
        terminal.complain(problem)
        return 1
    if chosen.json:
        print(json.dumps(manifest.plain(), ensure_ascii=False, indent=1))
        return 0
    changed = changed_files(Library(settings.library, Base(settings.base)), settings.state, manifest)
    print(f"library   {settings.library}")
    print(f"state     {settings.state}")
    print(
        f"snapshot  {manifest.id}, published {manifest.created}: "
        f"{manifest.triples} triples in {len(manifest.graphs)} graphs"
    )
    folders = shelf.folders()
    current = shelf.target()
    newer = folders[: folders.index(current)] if current in folders else []
    if newer:
        print(f"back      rolled back; newer and kept: {', '.join(path.name for path in newer)}")
    print(f"kept      {', '.join(path.name for path in folders)}")
    print(f"store     extended {terminal.count(manifest.increments, 'time')} since it was built from nothing")
    print(f"dumps     {_dumped(settings.state)}")
    print(f"history   {_told(History(settings.state))}")
    print(f"changed   {', '.join(changed) if changed else 'nothing since'}")
    return 0


def _history(shelf: Shelf, history: History) -> int:
    """Every edition, newest first, with what it changed; then the snapshots that `planvev rollback` can name."""
    for edition in reversed(history.editions()):
        places = [change.place if change.digest else f"{change.place} (withdrawn)" for change in edition.changes]
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        changed = f"{terminal.count(len(places), 'graph')}: {', '.join(places[:SHOWN])}{more}"
        print(f"edition {edition.number}  {edition.time}  snapshot {edition.snapshot}  {changed}")
    current = shelf.target()
    for folder in shelf.folders():
        try:
            manifest = Manifest.read(folder / MANIFEST)
        except (OSError, ValueError, KeyError, TypeError):
            print(f"kept  {folder.name}  cannot be read")
            continue
        mark = "  current" if folder == current else ""
        size = f"{manifest.triples} triples, {len(manifest.graphs)} graphs"
        print(f"kept  {folder.name}  {manifest.created}  {size}{mark}")
    return 0 if current else 1


def _told(history: History) -> str:
    """How much history there is."""
    versions, size = history.size()
    editions = terminal.count(len(history.editions()), "edition")
    return f"{editions}, {terminal.count(versions, 'version')} of graphs, {size / 1e6:.1f} MB"


def _dumped(state: Path) -> str:
    found = dumps.find(state, dumps.LATEST)
    return found[1].name if found else "none"
