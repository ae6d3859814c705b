"""What is published is whole, changes only when the files do, and survives whatever happens while it is made."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad, Store

from planvev.engines.snapshot import Shelf
from planvev.errors import StateUnusable
from planvev.publishing import build
from tests.library.copies import CULTURE, ID, NATURE, Copy

WORDS = "Vi åpner bekken."


def words(copy: Copy) -> str:
    """The words of one strategy, as published."""
    (text,) = Shelf(copy.state).current().values(f"{ID}{NATURE}/strategy/1-1", "https://w3id.org/planvev/ns#text")
    return str(getattr(text, "value", ""))


def folders(copy: Copy) -> list[str]:
    return sorted(path.name for path in (copy.state / "snapshots").iterdir())


def test_publishing_what_has_not_changed_does_nothing(copy):
    first = copy.run("publish")
    assert first.returncode == 0, first.stderr
    assert "Published snapshot" in first.stderr
    before = [(path, path.stat().st_mtime_ns) for path in sorted(copy.state.rglob("*"))]
    again = copy.run("publish")
    assert again.returncode == 0
    assert "Nothing has changed" in again.stderr
    changed = {path.name for path, when in before if path.stat().st_mtime_ns != when}
    assert not changed - {"lock", "seen.json"}
    assert len(folders(copy)) == 1


def test_a_changed_file_makes_a_new_snapshot_and_the_old_one_stays(copy):
    one = copy.publish()
    copy.edit(NATURE, WORDS, "Vi åpner bekken helt.")
    two = copy.publish()
    assert two.new
    assert two.snapshot.id != one.snapshot.id
    assert words(copy) == "Vi åpner bekken helt."
    assert sorted(folders(copy)) == sorted([one.folder.name, two.folder.name])


def test_what_means_the_same_is_the_same_snapshot(copy):
    one = copy.publish()
    copy.edit(NATURE, "# Satsingsområdet.\n", "# Et annet ord om området.\n\n\n")
    two = copy.publish()
    assert two.new, "the file changed, and the manifest must name the new one"
    assert two.snapshot.id == one.snapshot.id
    assert two.folder.name.rpartition("-")[2] == "2"


def test_a_file_that_is_removed_is_gone_and_one_that_comes_back_brings_the_old_name(copy):
    one = copy.publish()
    text = copy.file(CULTURE).read_text("utf-8")
    copy.file(CULTURE).unlink()
    two = copy.publish()
    assert not Shelf(copy.state).current().speaks_of(ID + CULTURE)
    copy.add(CULTURE, text)
    assert copy.publish().snapshot.id == one.snapshot.id != two.snapshot.id


def test_only_as_many_snapshots_stay_as_the_setting_says(copy):
    for n in range(4):
        copy.edit(NATURE, WORDS if n == 0 else f"Utgave {n - 1}.", f"Utgave {n}.")
        result = copy.run("publish", KEEP="2")
        assert result.returncode == 0, result.stderr
    assert [name.rpartition("-")[2] for name in sorted(folders(copy), key=lambda n: n.rpartition("-")[2])] == ["3", "4"]


def test_refused_data_changes_nothing(copy):
    copy.publish()
    before = folders(copy), (copy.state / "current").readlink()
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad>")
    refused = copy.run("publish", "--lang", "en")
    assert refused.returncode == 1
    line = copy.line(CULTURE, "plan:derivedFrom <")
    told = f"data/ttl/{CULTURE}.ttl:{line}: error ps:Plan-derived What the plan is derived from is no plan."
    assert told in refused.stdout
    assert "Nothing was changed" in refused.stderr
    assert (folders(copy), (copy.state / "current").readlink()) == before


def test_a_syntax_error_is_shown_with_file_line_and_column_and_changes_nothing(copy):
    copy.publish()
    before = folders(copy), (copy.state / "current").readlink()
    copy.edit(CULTURE, "    a plan:Plan ;", "    a plan:Plan ,, ;")
    for command in ("publish", "check"):
        result = copy.run(command)
        assert result.returncode == 1
        assert f"data/ttl/{CULTURE}.ttl:11:" in result.stdout + result.stderr
        assert (
            "Her skulle det stå en egenskap" in result.stdout + result.stderr
            or "Det mangler noe" in result.stdout + result.stderr
        )
        assert "Traceback" not in result.stderr
    assert (folders(copy), (copy.state / "current").readlink()) == before


@pytest.mark.parametrize("command", ["publish", "check"])
def test_a_misplaced_file_stops_the_command_and_is_named(copy, command):
    (copy.library.data / "notes.txt").write_text("hei")
    result = copy.run(command)
    assert result.returncode == 2
    assert "data/ttl/notes.txt" in result.stderr
    assert not (copy.state / "current").exists()


def test_an_empty_state_folder_says_what_to_do(copy):
    result = copy.run("status")
    assert result.returncode == 1
    assert "planvev publish" in result.stderr


# --- crashes ---


def test_a_publish_killed_at_any_moment_leaves_readers_alone_and_the_next_one_repairs(copy):
    copy.publish()
    began = time.monotonic()
    copy.edit(NATURE, WORDS, "Målt bekken.")
    assert copy.run("publish").returncode == 0
    whole = time.monotonic() - began
    chance = random.Random(2)
    text = "Målt bekken."
    kills = 0
    for n in range(60):
        if kills == 15:
            break
        new = f"Bekken nummer {n}."
        copy.edit(NATURE, text, new)
        text, old = new, words(copy)
        folder = (copy.state / "current").readlink()
        process, began = copy.start("publish"), time.monotonic()
        # Spread over the whole run, and dense near its end, where folder and pointer move.
        share = (n + chance.random()) / 10 if n < 8 else chance.uniform(0.5, 1.0)
        try:
            process.wait(share * whole)
            # The machine was busier when the whole run was timed: what a run takes now is what the next ones are.
            whole = min(whole, time.monotonic() - began)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate(timeout=30)
        moved = (copy.state / "current").readlink() != folder
        assert words(copy) == (new if moved else old), "readers see the old state or the whole new one"
    assert kills == 15
    left = copy.run("publish")
    assert left.returncode == 0, left.stderr
    assert words(copy) == text
    assert not list((copy.state / "snapshots").glob(".*")), "scratch of the dead is swept"


def test_a_store_built_from_nothing_has_nothing_left_to_compact(copy, tmp_path):
    copy.publish()
    other = tmp_path / "store"
    shutil.copytree(copy.state / "current" / "store", other)
    before = len(list(other.glob("*.sst")))
    store = Store(str(other))
    store.optimize()
    del store
    gc.collect()
    # Closing may leave a file or two that are used no more; loading leaves two or three in the place of each.
    assert before < 1.5 * len(list(other.glob("*.sst")))


@pytest.mark.parametrize(
    "step", ["gate.judge", "build.extended", "build.replaced", "folder_of.shelve", "folder_of.point", "folder_of.prune"]
)
def test_a_crash_between_any_two_steps_leaves_readers_alone(copy, step):
    """Killed from inside, at a step that a stopwatch would hardly hit: build, rename, pointer, prune."""
    copy.publish()
    old = words(copy)
    copy.edit(NATURE, WORDS, "Etter krasjet.")
    program = (
        "import os, signal, planvev.publishing.publish as p, planvev.cli as c\n"
        f"p.{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "c.main(['publish'])"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, env=copy.environment(), capture_output=True, timeout=60)
    assert result.returncode == -signal.SIGKILL
    assert words(copy) == ("Etter krasjet." if step == "folder_of.prune" else old)
    done = copy.publish(keep=1)
    assert words(copy) == "Etter krasjet."
    assert done.new == (step != "folder_of.prune")
    assert not list((copy.state / "snapshots").glob(".*"))


def _loses_what_came(path: Path) -> None:
    store = Store(str(path))
    store.remove(next(store.quads_for_pattern(None, None, Literal("Til kontroll.", language="nb"), DefaultGraph())))


def _keeps_what_went(path: Path) -> None:
    store = Store(str(path))
    (new,) = store.quads_for_pattern(None, None, Literal("Til kontroll.", language="nb"), DefaultGraph())
    store.add(Quad(new.subject, new.predicate, Literal(WORDS, language="nb"), DefaultGraph()))


@pytest.mark.parametrize(
    ("harm", "rebuild"),
    [(_loses_what_came, False), (_keeps_what_went, False), (_loses_what_came, True)],
)
def test_a_store_that_does_not_hold_what_the_files_say_is_never_switched_to(copy, monkeypatch, harm, rebuild):
    copy.publish()
    copy.edit(NATURE, WORDS, "Til kontroll.")
    name = "fresh" if rebuild else "extended"
    make = getattr(build, name)

    def faulty(path: Path, *what: object) -> int:
        made: int = make(path, *what)
        harm(path)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(build, name, faulty)
        with pytest.raises(StateUnusable, match="does not hold what"):
            copy.publish(rebuild=rebuild)
    assert words(copy) == WORDS
    assert copy.publish().new
    assert words(copy) == "Til kontroll."


def test_a_pointer_half_moved_is_moved_by_the_next_publish(copy):
    first = copy.publish()
    (copy.state / "current.next").symlink_to("snapshots/nowhere-9")
    copy.edit(NATURE, WORDS, "Ny.")
    assert copy.publish().new
    assert words(copy) == "Ny."
    assert not (copy.state / "current.next").is_symlink()
    assert first.folder.exists()


def test_while_one_publishes_another_is_told_so(copy):
    copy.publish()
    with (copy.state / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = copy.run("publish")
    assert result.returncode == 2
    assert "Another publish" in result.stderr
    assert "Nothing was changed" in result.stderr
    assert copy.run("publish").returncode == 0


def test_of_two_publishers_at_once_one_publishes(copy):
    both = [copy.start("publish") for _ in range(2)]
    outs = [process.communicate(timeout=60)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 2]), outs
    assert sum("Published snapshot" in out for out in outs) == 1
    assert len(folders(copy)) == 1


# --- a state folder that cannot be used ---


def below_a_file(copy: Copy) -> str:
    (copy.root / "file").write_text("")
    return str(copy.root / "file" / "state")


def a_file_itself(copy: Copy) -> str:
    (copy.root / "file").write_text("")
    return str(copy.root / "file")


def nowhere(_: Copy) -> str:
    return "/proc/planvev"


def read_only(_: Copy) -> str:
    return "/sys/planvev"


def in_a_ring(copy: Copy) -> str:
    (copy.root / "ring").symlink_to("ring")
    return str(copy.root / "ring" / "state")


def too_long(copy: Copy) -> str:
    return str(copy.root / ("x" * 300))


@pytest.mark.parametrize("place", [below_a_file, a_file_itself, nowhere, read_only, in_a_ring, too_long])
def test_a_state_folder_that_cannot_be_written_is_said_in_plain_words(copy, place):
    result = copy.run("publish", STATE=place(copy))
    assert result.returncode == 2
    assert "Cannot write in the state folder" in result.stderr or "PLANVEV_STATE is" in result.stderr
    assert "Traceback" not in result.stderr
    assert "PLANVEV_STATE" in result.stderr


def test_a_disk_that_fills_up_leaves_what_was_published(copy):
    copy.publish()
    old, folder = words(copy), (copy.state / "current").readlink()
    copy.edit(NATURE, WORDS, "Ny.")
    # A ceiling on the size of a file stands in for a full disk: the same write fails, for real.
    limited = f"ulimit -f 4; exec {sys.executable} -m planvev publish"
    result = subprocess.run(["sh", "-c", limited], env=copy.environment(), capture_output=True, text=True, timeout=60)
    assert result.returncode == 2, result.stderr
    assert "Cannot write in the state folder" in result.stderr
    assert "Traceback" not in result.stderr
    assert (words(copy), (copy.state / "current").readlink()) == (old, folder)
    assert copy.run("publish").returncode == 0
    assert words(copy) == "Ny."


def mounted(copy: Copy, size: str) -> Iterator[str]:
    """A disk of its own, of a size."""
    disk = copy.root.parent / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], capture_output=True)
    if made.returncode:
        pytest.skip("needs the right to mount a disk of its own")
    try:
        yield str(disk / "state")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_disk_that_is_full_at_any_point_leaves_what_was_published(copy):
    text = WORDS
    with contextlib.contextmanager(mounted)(copy, "12m") as state:
        here = Copy(copy.root, Path(state))
        assert copy.run("publish", STATE=state).returncode == 0
        filler = Path(state).parent / "filler"
        for number, free in enumerate((0, 4, 40, 100, 200, 400, 800)):  # kB
            new = f"Disk {number}."
            copy.edit(NATURE, text, new)
            text = new
            old = (Path(state) / "current").readlink()
            left = shutil.disk_usage(state).free
            filler.write_bytes(b"\0" * max(left - free * 1024, 0))
            result = copy.run("publish", STATE=state)
            moved = (Path(state) / "current").readlink() != old
            assert (result.returncode == 0) == moved, result.stderr
            assert "Traceback" not in result.stderr
            assert moved or "Cannot write in the state folder" in result.stderr
            assert (words(here) == new) == moved
            filler.unlink()
        assert copy.run("publish", STATE=state).returncode == 0
        assert words(here) == text


def test_an_older_process_goes_on_reading_its_snapshot_while_others_come_and_go(copy):
    copy.publish()
    program = (
        "import sys\nfrom pathlib import Path\nfrom planvev.engines.snapshot import Shelf\n"
        "held = Shelf(Path(sys.argv[1])).current()\n"
        "for _ in sys.stdin:\n"
        "    print(len(list(held.store)), held.folder.name, flush=True)\n"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", program, str(copy.state)]
    with subprocess.Popen(command, env=copy.environment(), stdin=pipe, stdout=pipe, text=True) as reader:
        assert reader.stdin
        assert reader.stdout

        def asked() -> str:
            reader.stdin.write("?\n")  # type: ignore[union-attr]
            reader.stdin.flush()  # type: ignore[union-attr]
            return reader.stdout.readline()  # type: ignore[union-attr]

        first = asked()
        for number in range(4):
            copy.edit(NATURE, "Vi åpner bekken" + "!" * number + ".", "Vi åpner bekken" + "!" * (number + 1) + ".")
            copy.publish(keep=1)
            assert asked() == first
        assert [name.rpartition("-")[2] for name in folders(copy)] in (["1", "5"], ["5", "1"])
        reader.stdin.close()
    copy.edit(NATURE, "Vi åpner bekken!!!!.", "Ingen leser lenger.")
    copy.publish(keep=1)
    assert [name.rpartition("-")[2] for name in folders(copy)] == ["6"]


def spoiled(copy: Copy) -> Path:
    """A published snapshot whose largest file is zeroes."""
    copy.publish()
    folder = Shelf(copy.state).target()
    assert folder is not None
    largest = max((folder / "store").iterdir(), key=lambda path: path.stat().st_size)
    largest.write_bytes(b"\0" * largest.stat().st_size)
    return folder


def test_a_corrupt_snapshot_is_repaired_by_a_rebuild(copy):
    bad = spoiled(copy)
    result = copy.run("publish", "--rebuild")
    assert result.returncode == 0, result.stderr
    assert words(copy) == WORDS
    assert Shelf(copy.state).target() != bad


def test_a_lost_snapshot_is_repaired_by_any_publish(copy):
    copy.publish()
    folder = Shelf(copy.state).target()
    assert folder is not None
    shutil.rmtree(folder)
    assert copy.run("status").returncode == 1
    assert copy.run("publish").returncode == 0
    assert words(copy) == WORDS
