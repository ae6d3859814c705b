"""The locks say what pyproject.toml says: every dependency pinned, every file hashed, one version everywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

TOP = Path(__file__).parents[2]
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
GROUPS = PROJECT["dependency-groups"]
LOCKS = ["build", "serve", "test", "bench", "assets"]


def lock(name: str) -> dict[NormalizedName, Requirement]:
    """The pins of one lock; refuses a line that is not a pin with hashes."""
    text = (TOP / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    pins = {}
    for line in filter(None, (line.partition("#")[0].strip() for line in text.splitlines())):
        pin, *hashes = re.split(r"\s+--hash=", line)
        assert hashes, f"{name}.txt: without a hash: {pin}"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), f"{name}.txt: {pin}"
        requirement = Requirement(pin)
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), f"{name}.txt: not pinned: {pin}"
        assert requirement.url is None, f"{name}.txt: {pin}"
        pins[canonicalize_name(requirement.name)] = requirement
    return pins


def wanted(name: str) -> list[Requirement]:
    group = [line for line in GROUPS.get(name, []) if isinstance(line, str)]
    ours = PROJECT["project"]["dependencies"] if name in ("serve", "test") else []
    return [Requirement(line) for line in group + ours]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(name):
    pins = lock(name)
    for requirement in wanted(name):
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{name}.txt has no {requirement.name}: make lock"
        version = str(pin.specifier).removeprefix("==")
        assert requirement.specifier.contains(version), f"{name}.txt: {pin}, wanted {requirement}: make lock"


def test_the_locks_agree():
    test = lock("test")
    for name in ("build", "serve", "test"):  # the peers of a benchmark live in an environment of their own
        assert not lock(name).items() - test.items(), f"{name}.txt and test.txt differ: make lock"


def test_the_build_group_is_what_the_build_needs():
    assert GROUPS["build"] == PROJECT["build-system"]["requires"]
