"""The commands say what they do, and end with a code that a script can trust."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from planvev import __version__
from planvev.cli import parser
from tests.library.copies import CULTURE, NATURE

COMMANDS = sorted(next(action for action in parser()._actions if action.dest == "command").choices or ())


def test_there_is_a_help_text_for_planvev_and_its_settings(copy):
    result = copy.run("--help")
    assert result.returncode == 0
    for word in (*COMMANDS, "PLANVEV_LIBRARY", "PLANVEV_STATE", "PLANVEV_KEEP"):
        assert word in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_text_that_says_what_it_does(copy, command):
    result = copy.run(command, "--help")
    assert result.returncode == 0
    assert f"usage: planvev {command}" in result.stdout
    description = result.stdout.split("\n\n")[1]
    assert description[0].isupper()
    assert description.rstrip().endswith(".")


def test_the_version_is_the_packages(copy):
    assert copy.run("--version").stdout.strip() == f"planvev {__version__}"


def test_the_installed_command_is_the_module(copy):
    script = Path(sys.executable).with_name("planvev")
    installed = subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60)
    assert installed.stdout == copy.run("--version").stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "COMMAND"),
        (("publsh",), "publsh"),
        (("serve", "--port", "70000"), "port"),
        (("serve", "--port", "http"), "a port is a number"),
        (("check", "--lang", "no"), "no"),
    ],
)
def test_a_command_that_is_no_command_ends_with_two_and_says_why(copy, arguments, says):
    result = copy.run(*arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_stops_every_command(copy):
    for command in ("check", "publish", "status", "serve"):
        result = copy.run(command, KEEEP="1")
        assert result.returncode == 2
        assert "There is no setting PLANVEV_KEEEP. " in result.stderr.replace("\n    ", " ")
        assert "Did you mean PLANVEV_KEEP?" in result.stderr


def test_a_folder_without_data_is_said_in_plain_words(copy, tmp_path):
    result = copy.run("check", LIBRARY=str(tmp_path))
    assert result.returncode == 2
    assert "There is no folder data/ttl in" in result.stderr


# --- check ---


def test_checking_sound_files_prints_only_advice_and_ends_with_zero(copy):
    result = copy.run("check", "--lang", "en")
    assert result.returncode == 0
    lines = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert len(lines) == 2
    assert all(": advice ps:Plan-type-unknown The type of plan is unknown." in line for line in lines)
    assert "0 errors, 2 pieces of advice" in result.stderr
    assert copy.run("check", "--no-advice").stdout == ""


def test_checking_one_file_judges_that_file_alone(copy):
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad>")
    line = copy.line(CULTURE, "plan:derivedFrom <")
    bad = copy.run("check", f"data/ttl/{CULTURE}.ttl", "--no-advice")
    assert bad.returncode == 1
    assert bad.stdout.startswith(f"data/ttl/{CULTURE}.ttl:{line}: error ps:Plan-derived Det planen bygger på")
    good = copy.run("check", f"data/ttl/{NATURE}.ttl", "--no-advice")
    assert (good.returncode, good.stdout) == (0, "")


def test_the_language_of_findings_is_the_settings_or_the_options(copy):
    assert "Plantypen er ukjent." in copy.run("check").stdout
    assert "The type of plan is unknown." in copy.run("check", LANGUAGE="en").stdout
    assert "Plantypen er ukjent." in copy.run("check", "--lang", "nb", LANGUAGE="en").stdout


def test_a_file_outside_the_library_is_refused_by_name(copy, tmp_path):
    outside = tmp_path / "outside.ttl"
    outside.write_text("<a:b> <a:c> 1 .")
    result = copy.run("check", str(outside))
    assert result.returncode == 2
    assert "outside.ttl is not a file of the library" in result.stderr
    assert "data/ttl" in result.stderr


def test_a_file_that_is_not_there_is_refused_by_name(copy):
    result = copy.run("check", "data/ttl/plan/nothing.ttl")
    assert result.returncode == 2
    assert "There is no file data/ttl/plan/nothing.ttl" in result.stderr


def test_a_plan_that_speaks_for_another_is_refused_with_file_and_line(copy):
    with copy.file(CULTURE).open("a", encoding="utf-8") as file:
        file.write(f'\n<{NATURE}/goal/1> plan:text "Mitt mål."@nb .\n')
    result = copy.run("publish", "--lang", "en")
    assert result.returncode == 1
    line = copy.line(CULTURE, "Mitt mål")
    assert (
        f"data/ttl/{CULTURE}.ttl:{line}: error stranger The file data/ttl/{CULTURE}.ttl may only speak about"
        in result.stdout
    )
    assert not (copy.state / "current").exists()


@pytest.mark.parametrize(
    ("bytes_", "says"),
    [
        ("# på norsk\n".encode("latin-1"), "Filen er ikke lagret som UTF-8"),
        (b"<a:s> <a:p> <<( <a:s> <a:p> 1 )>> .", "RDF 1.2"),
        (b"\0", ""),
        (b"<a:s> <a:p> 'x", ""),
    ],
)
def test_whatever_stands_in_a_file_the_answer_is_a_place_and_never_a_traceback(copy, bytes_, says):
    copy.file("plan/proevestad/odd").write_bytes(bytes_)
    result = copy.run("check")
    assert result.returncode == 1
    assert "data/ttl/plan/proevestad/odd.ttl:1: error syntax " in result.stdout
    assert says in result.stdout
    assert "Traceback" not in result.stderr


def test_a_file_that_says_nothing_is_refused_because_publishing_it_would_take_away_what_it_said(copy):
    copy.file(CULTURE).write_text("# Her kommer planen.\n", "utf-8")
    result = copy.run("publish", "--lang", "en")
    assert result.returncode == 1
    assert f"data/ttl/{CULTURE}.ttl:1: error empty The file says nothing" in result.stdout


def test_the_findings_go_to_a_file_where_one_is_named_and_one_that_cannot_be_written_is_said(copy, tmp_path):
    said = tmp_path / "findings"
    shown = copy.run("check")
    assert copy.run("check", "--output", str(said)).stdout == ""
    assert said.read_text("utf-8") == shown.stdout
    result = copy.run("check", "--format", "json", "--output", str(tmp_path / "nowhere" / "findings"))
    assert result.returncode == 2
    assert "nowhere/findings: No such file or directory." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_named_twice_is_judged_once_and_a_folder_stands_for_its_files(copy):
    once = copy.run("check", f"data/ttl/{NATURE}.ttl")
    assert copy.run("check", f"data/ttl/{NATURE}.ttl", f"./data/ttl/{NATURE}.ttl").stdout == once.stdout
    assert copy.run("check", "data/ttl/plan/proevestad").stdout == once.stdout
    (copy.root / "notes").mkdir()
    result = copy.run("check", "notes")
    assert result.returncode == 2
    assert "notes holds no file of the library" in result.stderr


@pytest.mark.parametrize(("command", "columns"), [("check", 40), ("check", 80), ("publish", 80)])
def test_on_a_terminal_a_bar_shows_how_far_a_check_is_fits_the_line_and_is_gone_at_the_end(copy, command, columns):
    shown, code = on_a_terminal(copy, columns, SMALL, command)
    drawn = [piece for piece in shown.split("\r\x1b[K") if piece.startswith("  [")]
    assert code == 0
    assert [piece.rpartition("] ")[2] for piece in drawn][:2] == ["5 of 7 files", "6 of 7 files"]
    assert all(len(piece) < columns and "\n" not in piece for piece in drawn)
    assert "[" not in left(shown)
    assert "against the shapes\n" in left(shown)


def test_a_bar_that_is_broken_off_does_not_stand_before_the_reason(copy):
    program = "from planvev import errors; from planvev.checking import terminal as to; to.bar()(3, 7); "
    program += "to.complain(errors.Halt('Nei.'))"
    shown, _ = on_a_terminal(copy, 80, program)
    assert "3 of 7 files" in shown
    assert left(shown) == "error Nei.\n"


def left(shown: str) -> str:
    """What a reader of the terminal still sees."""
    return "\n".join(line.rpartition("\r\x1b[K")[2] for line in shown.split("\n"))


# A command that judges the tiny library in more than one portion.
SMALL = "import sys; from planvev import cli; from planvev.checking import checks; checks.PORTION = 60; "
SMALL += "sys.exit(cli.main(sys.argv[1:]))"


def on_a_terminal(copy, columns, program, *arguments):
    """What a program writes to a terminal of so many columns, and its exit code."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=copy.root,
        env=copy.environment() | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # a terminal whose program has ended
        while piece := os.read(ours, 4096):
            shown += piece
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), done.returncode


def test_in_a_pipe_there_is_no_bar(copy):
    result = copy.run("check")
    assert "\r" not in result.stderr + result.stdout
    assert "\x1b" not in result.stderr + result.stdout


def test_an_impossible_date_is_a_finding_and_not_a_traceback(copy):
    copy.edit(CULTURE, '"2020-05-01"^^xsd:date', '"2020-13-45"^^xsd:date')
    for engine in ("auto", "pyshacl"):
        result = copy.run("check", "--no-advice", SHACL=engine)
        assert result.returncode == 1
        assert "ps:Period-start" in result.stdout
        assert "Traceback" not in result.stderr


def test_a_reader_who_has_had_enough_is_no_error(copy):
    process = copy.start("check")
    assert process.stdout
    process.stdout.close()
    assert process.stderr
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


# --- status ---


def test_status_shows_what_is_published_and_what_has_changed_since(copy):
    done = copy.publish()
    result = copy.run("status")
    assert result.returncode == 0
    assert done.snapshot.id in result.stdout
    assert str(copy.root) in result.stdout
    assert str(copy.state) in result.stdout
    assert "changed   nothing since" in result.stdout
    copy.edit(NATURE, "Vi åpner bekken.", "Ny.")
    copy.file(CULTURE).unlink()
    copy.add("org/ny", "")
    changed = copy.run("status").stdout
    assert f"changed   data/ttl/org/ny.ttl, data/ttl/{CULTURE}.ttl, data/ttl/{NATURE}.ttl" in changed


def test_status_as_json_is_the_manifest(copy):
    done = copy.publish()
    manifest = json.loads(copy.run("status", "--json").stdout)
    assert manifest["id"] == done.snapshot.id
    assert {graph["place"] for graph in manifest["graphs"]} >= {NATURE, CULTURE}


def test_status_without_a_snapshot_ends_with_one(copy):
    result = copy.run("status", "--json")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "planvev publish" in result.stderr
