"""What has changed is found without reading everything, and never missed."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

import pytest

from planvev import library
from planvev.checking import seen
from planvev.checking.seen import Seen
from planvev.errors import Misplaced, Unreadable
from planvev.library import Source, read
from tests.library.copies import CULTURE, NATURE, Copy

HOUR = 3600 * 10**9  # ns


def source(copy: Copy, place: str = NATURE) -> Source:
    (found,) = [source for source in copy.library.sources() if source.place == place]
    return found


def remembered(copy: Copy) -> Path:
    """A memory of all files, old enough to be trusted: the files were touched an hour ago."""
    memory = copy.root / "seen.json"
    for path in copy.library.data.rglob("*.ttl"):
        os.utime(path, ns=(time.time_ns() - HOUR,) * 2)
    time.sleep(seen._COARSE / 1e9 + 0.1)  # the time of the last change of the inode cannot be set
    first = Seen(memory)
    for each in copy.library.sources():
        first.look(each)
    first.keep()
    return memory


def test_a_file_that_was_not_touched_is_not_read(copy):
    memory = Seen(remembered(copy))
    looks = [memory.look(each) for each in copy.library.sources()]
    assert not [look for look in looks if look.text and look.source.role == "data"]
    assert {look.sha256 for look in looks} == {read(look.source).sha256 for look in looks}


def test_a_file_with_other_bytes_is_noticed_whatever_its_times_say(copy):
    memory = remembered(copy)
    path = copy.file(NATURE)
    before = path.stat()
    data = path.read_bytes()
    path.write_bytes(data.replace(b"bekken", b"bukken"))  # of the same size, in the same inode
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    look = Seen(memory).look(source(copy))
    assert look.text is not None, "the inode's own time cannot be set back"
    assert look.sha256 == read(source(copy)).sha256


def test_a_file_touched_shortly_before_it_was_read_is_read_again(copy):
    memory = copy.root / "seen.json"
    copy.file(NATURE).write_bytes(copy.file(NATURE).read_bytes())
    first = Seen(memory)
    first.look(source(copy))
    first.keep()
    assert Seen(memory).look(source(copy)).text is not None, "a later change may bear the same times"


def test_a_file_from_the_future_is_read_again_each_time(copy):
    memory = remembered(copy)
    os.utime(copy.file(NATURE), ns=(time.time_ns() + HOUR,) * 2)
    for _ in range(2):
        again = Seen(memory)
        assert again.look(source(copy)).text is not None
        again.keep()


def test_a_clock_that_went_back_has_files_read_and_no_change_missed(copy, monkeypatch):
    memory = remembered(copy)
    monkeypatch.setattr(time, "time_ns", lambda: 1)  # the clock of a machine without a battery
    again = Seen(memory)
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bukken.")
    assert again.look(source(copy)).sha256 == read(source(copy)).sha256
    again.look(source(copy, CULTURE))
    again.keep()
    assert Seen(memory).look(source(copy)).text is not None, "what was read at no known time is not trusted"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}', '{"x": [1, 2]}', "\udcff"])
def test_a_memory_that_cannot_be_read_is_made_anew(copy, text):
    memory = copy.root / "seen.json"
    memory.write_text(text, "utf-8", errors="surrogateescape")
    assert Seen(memory).look(source(copy)).text is not None


def test_a_file_that_changes_while_it_is_read_is_read_whole_or_not_at_all(copy, monkeypatch):
    monkeypatch.setattr(library, "PAUSE", 0.01)
    path = copy.file(NATURE)
    one, other = (bytes([letter]) * 2_000_000 for letter in b"#%")
    stop = threading.Event()

    def scribble() -> None:
        while not stop.is_set():
            for data in (one, other):
                with path.open("r+b") as file:
                    file.write(data)
                    file.truncate()
                time.sleep(0.03)

    path.write_bytes(one)
    writer = threading.Thread(target=scribble)
    writer.start()
    found = set()
    try:
        for _ in range(20):
            with contextlib.suppress(Unreadable):
                found.add(read(source(copy)).data)
    finally:
        stop.set()
        writer.join()
    assert found, "it stands still now and then"
    assert found <= {one, other}


def test_a_link_in_the_library_is_read_as_what_it_points_at(copy, tmp_path):
    elsewhere = tmp_path / "elsewhere.ttl"
    copy.file(NATURE).rename(elsewhere)
    copy.file(NATURE).symlink_to(elsewhere)
    copy.publish()
    text = elsewhere.read_text("utf-8")
    elsewhere.write_text(text.replace("Vi åpner bekken.", "Bak en lenke."), "utf-8")
    assert copy.publish().new
    elsewhere.unlink()
    with pytest.raises(Unreadable, match=NATURE):
        copy.publish()
    elsewhere.mkdir()
    with pytest.raises(Misplaced, match="link to a folder"):
        copy.publish()
