"""Going back to a snapshot that is kept, and forward again."""

from __future__ import annotations

import fcntl

from planvev.engines.snapshot import Shelf
from tests.library.copies import NATURE, Copy


def three(copy: Copy) -> list[str]:
    """Three published states, oldest first, by their ids."""
    ids = []
    for number in range(3):
        copy.edit(NATURE, "Vi åpner bekken" + "!" * number + ".", "Vi åpner bekken" + "!" * (number + 1) + ".")
        ids.append(copy.publish().snapshot.id)
    return ids


def test_a_rollback_serves_the_snapshot_before_and_touches_no_file(copy):
    one, two, three_ = three(copy)
    text = copy.file(NATURE).read_bytes()
    shelf = Shelf(copy.state)
    assert shelf.current().id == three_
    result = copy.run("rollback")
    assert result.returncode == 0, result.stderr
    assert f"Serving snapshot {two} again" in result.stderr
    assert shelf.current().id == two
    assert copy.run("rollback").returncode == 0
    assert shelf.current().id == one
    assert copy.file(NATURE).read_bytes() == text
    status = copy.run("status")
    assert f"snapshot  {one}" in status.stdout
    assert f"rolled back; newer and kept: {three_}-3, {two}-2" in status.stdout
    assert f"changed   data/ttl/{NATURE}.ttl" in status.stdout


def test_a_rollback_can_name_the_snapshot_and_history_shows_them(copy):
    one, _, three_ = three(copy)
    assert copy.run("rollback", one).returncode == 0
    lines = copy.run("status", "--history").stdout.splitlines()
    assert [line.split()[4] for line in lines if line.startswith("edition")][::3] == [one, one]
    kept = [line for line in lines if line.startswith("kept")]
    assert [line.split()[1].partition("-")[0] for line in kept][::2] == [three_, one]
    assert [line.endswith("current") for line in kept] == [False, False, True]
    assert copy.run("rollback", three_).returncode == 0
    assert Shelf(copy.state).current().id == three_


def test_the_next_publish_makes_the_files_state_the_published_one_without_building_it_again(copy):
    _, _, three_ = three(copy)
    folders = sorted(path.name for path in Shelf(copy.state).folders())
    assert copy.run("rollback").returncode == 0
    done = copy.publish()
    assert (done.new, done.snapshot.id, done.judged) == (True, three_, 0)
    assert sorted(path.name for path in Shelf(copy.state).folders()) == folders
    assert not copy.publish().new


def test_there_must_be_something_to_go_back_to(copy):
    only = copy.publish().snapshot.id
    for arguments in ([], ["nothing"]):
        result = copy.run("rollback", *arguments)
        assert result.returncode == 2
        assert "Nothing was changed" in result.stderr
    assert Shelf(copy.state).current().id == only


def test_nobody_rolls_back_while_another_publishes(copy):
    _, _, three_ = three(copy)
    with (copy.state / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = copy.run("rollback")
    assert result.returncode == 2
    assert "Another publish" in result.stderr
    assert Shelf(copy.state).current().id == three_


def test_a_kept_snapshot_that_cannot_be_read_is_not_pointed_at(copy):
    _, two, three_ = three(copy)
    folder = Shelf(copy.state).find(two)
    assert folder is not None
    (folder / "manifest.json").write_text("{}")
    result = copy.run("rollback", two)
    assert result.returncode == 2
    assert "cannot be read" in result.stderr
    assert Shelf(copy.state).current().id == three_
