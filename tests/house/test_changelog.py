"""One version, said in one place and told in another."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import planvev

TOP = Path(__file__).parents[2]


def test_the_newest_entry_is_this_version():
    entries = re.findall(r"^## \[?([0-9][^\s\]]*)", (TOP / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert entries, "CHANGELOG.md has no heading like `## 0.1.0`"
    assert entries[0] == planvev.__version__


def test_the_installed_package_is_this_version():
    assert version("planvev") == planvev.__version__
