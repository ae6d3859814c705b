"""`planvev publish --watch`: every change is published, what is refused is said, and nothing ends it but a signal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from planvev.engines.snapshot import Shelf
from tests.library.copies import CULTURE, ID, NATURE, Copy

PATIENCE = 40  # seconds; a watcher needs one


class Watcher:
    """A watching process, and what it has said."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.process = copy.start("publish", "--watch", "--lang", "en")
        self.said: list[str] = []
        self._readers = [threading.Thread(target=self._read, args=(name,)) for name in ("stdout", "stderr")]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        self.said.extend(getattr(self.process, name))

    def until(self, sign: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not sign():
            assert self.process.poll() is None, "".join(self.said)
            assert time.monotonic() < end, "".join(self.said)
            time.sleep(0.05)

    def says(self, words: str, times: int = 1) -> None:
        self.until(lambda: "".join(self.said).count(words) >= times)

    def publishes(self, words: str) -> None:
        self.until(lambda: words in published(self.copy))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        return code


def published(copy: Copy) -> str:
    """The words of one strategy, as published."""
    with contextlib.suppress(Exception):
        (text,) = Shelf(copy.state).current().values(f"{ID}{NATURE}/strategy/1-1", "https://w3id.org/planvev/ns#text")
        return str(getattr(text, "value", ""))
    return ""


@pytest.fixture
def watcher(copy: Copy) -> Iterator[Watcher]:
    watching = Watcher(copy)
    watching.says("Published snapshot")
    watching.says("Wrote the dumps")
    yield watching
    if watching.process.poll() is None:
        watching.end(signal.SIGKILL)
    for name in ("stdout", "stderr"):
        getattr(watching.process, name).close()


def test_a_change_is_published_and_a_signal_ends_the_watching_cleanly(copy, watcher):
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken straks.")
    watcher.publishes("straks")
    assert watcher.end(signal.SIGINT) == 0
    assert "Stopped; what was published stays" in "".join(watcher.said)
    assert "Traceback" not in "".join(watcher.said)


def test_a_file_put_in_the_place_of_another_is_noticed_as_editors_do_it(copy, watcher):
    path = copy.file(NATURE)
    scratch = path.with_name(".4913.ttl~")
    scratch.write_text(path.read_text("utf-8").replace("Vi åpner bekken.", "Lagt på plass."), "utf-8")
    scratch.replace(path)
    watcher.publishes("Lagt på plass.")
    assert watcher.end() == 0


def test_half_a_file_and_refused_data_are_said_and_waited_out(copy, watcher):
    before = Shelf(copy.state).target()
    text = copy.file(NATURE).read_text("utf-8")
    copy.file(NATURE).write_text(text + "\n<half> a <stat", "utf-8")
    watcher.says(f"data/ttl/{NATURE}.ttl:")
    watcher.says("The address that begins here does not end")
    copy.file(NATURE).write_text(text, "utf-8")
    culture = copy.file(CULTURE).read_text("utf-8")
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad>")
    watcher.says("What the plan is derived from is no plan.")
    watcher.says("Nothing was changed")
    assert Shelf(copy.state).target() == before, "what is refused is not served"
    copy.file(CULTURE).write_text(culture, "utf-8")
    copy.edit(NATURE, "Vi åpner bekken.", "Etter feilene.")
    watcher.publishes("Etter feilene.")
    assert watcher.end() == 0


def test_as_many_faults_as_before_are_said_when_they_are_others(copy, watcher):
    was = NATURE
    for wrong in ("org/proevestad", "org/eksempelvik", "org/proevestad"):
        copy.edit(CULTURE, f"plan:derivedFrom <{was}>", f"plan:derivedFrom <{wrong}>")
        watcher.says(f"plan:derivedFrom  {ID}{wrong}", times=1 + (was == "org/eksempelvik"))
        was = wrong


def test_a_folder_that_goes_and_comes_back_is_watched_again(copy, watcher):
    away = copy.root / "away"
    (copy.root / "data").rename(away)
    watcher.says("There is no folder data/ttl")
    assert published(copy), "what is published is still served"
    away.rename(copy.root / "data")
    copy.edit(NATURE, "Vi åpner bekken.", "Etter flyttingen.")
    watcher.publishes("Etter flyttingen.")
    copy.edit(NATURE, "Etter flyttingen.", "Og enda en gang.")
    watcher.publishes("Og enda en gang.")
    copy.file(CULTURE).unlink()
    watcher.until(lambda: not Shelf(copy.state).current().speaks_of(ID + CULTURE))
    assert watcher.end() == 0


def test_a_watcher_and_another_publisher_get_along(copy, watcher):
    with (copy.state / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        copy.edit(NATURE, "Vi åpner bekken.", "Mens en annen holdt låsen.")
        watcher.says("Another publish holds")
    watcher.publishes("Mens en annen holdt låsen.")
    copy.edit(NATURE, "Mens en annen holdt låsen.", "Begge.")
    result = copy.run("publish")
    assert result.returncode in (0, 2), result.stderr
    watcher.publishes("Begge.")
    assert watcher.end() == 0


def test_a_watcher_on_a_terminal_is_stopped_by_ctrl_c_in_the_middle_of_its_work(copy):
    process = copy.start("publish", "--watch")
    time.sleep(0.6)
    os.kill(process.pid, signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(2)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode in (0, 130, -signal.SIGINT)
    assert copy.run("publish").returncode == 0
    assert published(copy)
