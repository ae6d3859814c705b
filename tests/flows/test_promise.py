"""`planvev iris`: what is published stays, and the list of it is written by the command alone."""

from __future__ import annotations

import pytest

from planvev.commands import promise
from planvev.errors import Misplaced
from tests.library.copies import CULTURE, ID, NATURE


@pytest.fixture
def listed(copy):
    """A library whose IRIs have been promised."""
    done = copy.run("iris", "--add")
    assert done.returncode == 0, done.stderr
    return copy


def test_the_first_list_holds_every_thing_and_what_is_below_it(listed):
    lines = (listed.root / promise.FILE).read_text("utf-8").splitlines()
    assert f"/id/{CULTURE}" in lines
    assert lines[lines.index(f"/id/{CULTURE}") + 1].startswith("  ")
    again = listed.run("iris")
    assert (again.returncode, again.stdout) == (0, "")


def test_a_file_taken_away_is_said_by_each_iri_that_went_with_it(listed):
    listed.file(NATURE).unlink()
    done = listed.run("iris")
    assert done.returncode == 1
    assert f"{ID}{NATURE} was published and is gone" in done.stdout.splitlines()
    assert "leave a tombstone" in done.stderr
    assert "Traceback" not in done.stderr


def test_adding_what_is_new_forgets_nothing_that_is_gone(listed):
    listed.file(NATURE).rename(listed.file(f"{NATURE}-ny"))
    text = listed.file(f"{NATURE}-ny").read_text("utf-8").replace(NATURE, f"{NATURE}-ny")
    listed.file(f"{NATURE}-ny").write_text(text, "utf-8")
    done = listed.run("iris", "--add")
    assert done.returncode == 1, "what is gone is not made good by what is new"
    lines = (listed.root / promise.FILE).read_text("utf-8").splitlines()
    assert {f"/id/{NATURE}", f"/id/{NATURE}-ny"} <= set(lines)


def test_a_tombstone_keeps_the_promise(listed):
    title = '"Naturplan"@nb'
    listing = promise.parsed((listed.root / promise.FILE).read_text("utf-8"), "list")
    words = "\n".join(
        f'<https://w3id.org/planvev{path}> a plan:Plan ; dct:title {title} ; rdfs:comment "Trukket tilbake."@nb .'
        for path in sorted(promise.paths(listing))
        if path.startswith(f"/id/{NATURE}")
    )
    listed.file(NATURE).write_text(
        "@prefix plan: <https://w3id.org/planvev/ns#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n"
        f"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n{words}\n",
        "utf-8",
    )
    assert listed.run("iris").returncode == 0


def test_a_new_iri_is_named_until_it_is_added(listed):
    with listed.file(CULTURE).open("a", encoding="utf-8") as file:
        file.write(f'\n<{ID}{CULTURE}/goal/99> <http://purl.org/dc/terms/title> "ny"@nb .\n')
    done = listed.run("iris")
    assert (done.returncode, done.stdout) == (1, f"{ID}{CULTURE}/goal/99 is not promised yet\n")
    assert listed.run("iris", "--add").returncode == 0
    assert listed.run("iris").returncode == 0


@pytest.mark.parametrize("line", ["  area/1", "https://example.no/x", "<<<<<<< ours", "/id/a b"])
def test_a_line_that_is_none_is_said_with_its_place(line):
    with pytest.raises(Misplaced, match="list:1: "):
        promise.parsed(line, "list")


def test_a_list_is_read_as_it_was_written():
    sheet = {"/id/plan/a/b": frozenset({"", "goal/1"}), "/id/code/c": frozenset({"d"}), "/ns#": frozenset({"Plan"})}
    assert promise.parsed(promise.written(sheet), "list") == sheet
    assert promise.paths(sheet) == {"/id/plan/a/b", "/id/plan/a/b/goal/1", "/id/code/c/d", "/ns#Plan"}
