"""Documentation that cannot rot: what the program offers stands in README.md or docs/, in the program's own words."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from planvev import cli
from planvev.errors import Problem
from planvev.settings import SETTINGS

TOP = Path(__file__).parents[2]
PAGES = [TOP / "README.md", *sorted((TOP / "docs").rglob("*.md"))]
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES if page.exists())


def commands(only: str = "") -> dict[str, argparse.ArgumentParser]:
    for action in cli.parser(only)._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("planvev.cli.parser() has no commands")


def problems(kind: type[Problem] = Problem) -> set[type[Problem]]:
    return {kind}.union(*(problems(below) for below in kind.__subclasses__()))


def test_a_command_that_is_loaded_alone_has_the_options_it_has_among_all():
    assert commands().keys() == cli.COMMANDS.keys()
    for name, command in commands().items():
        assert commands(name)[name].format_help() == command.format_help()


def test_every_setting_has_its_row():
    rows = [f"| `PLANVEV_{s.name}` | {f'`{s.default}`' if s.default else ''} | {s.help} |" for s in SETTINGS]
    missing = [row for row in (re.sub(r" +", " ", row) for row in rows) if row not in TEXT]
    assert not missing, "the settings table lacks these rows:\n" + "\n".join(missing)


def test_every_setting_named_exists():
    known = {f"PLANVEV_{setting.name}" for setting in SETTINGS}
    assert set(re.findall(r"\bPLANVEV_[A-Z_]*[A-Z]\b", TEXT)) <= known


def test_every_command_is_documented_and_has_help():
    for name, parser in commands().items():
        assert f"planvev {name}" in TEXT, f"nothing in README.md or docs/ shows `planvev {name}`"
        assert parser.description, f"`planvev {name} --help` does not say what it does"


def test_every_command_shown_exists():
    shown = re.findall(r"(?:`|^[$ ]*)planvev ([a-z]+)\b", TEXT, re.MULTILINE)
    assert set(shown) <= set(commands())


def test_every_problem_is_documented():
    missing = {kind.slug for kind in problems() if f"`{kind.slug}`" not in TEXT}
    assert not missing, f"these problem types stand nowhere in README.md or docs/: {sorted(missing)}"
