"""`make` on a machine that lacks something says what, in plain words, and leaves nothing half made."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The files that setting up reads, in a folder of their own whose name has a space."""
    place = tmp_path / "a clone"
    for name in ("tools", "requirements"):
        shutil.copytree(TOP / name, place / name)
    (place / "service" / "planvev").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "service/planvev/__init__.py"):
        shutil.copy(TOP / name, place / name)
    return place


def interpreter(folder: Path, refuses: str) -> Path:
    """A Python that fails when a program given with -c holds some words."""
    path = folder / "python-stub"
    path.write_text(f"""#!/bin/sh
case "$*" in *"{refuses}"*) exit 1 ;; esac
exec "{sys.executable}" "$@"
""")
    path.chmod(0o755)
    return path


def make(clone: Path, target: str, python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", target, f"PYTHON={python}"],
        cwd=clone, env={"PATH": "/usr/bin:/bin", "HOME": str(clone)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_a_python_without_ensurepip_is_told_which_package_to_install(clone, tmp_path):
    run = make(clone, "setup-serve", interpreter(tmp_path, refuses="import ensurepip"))
    assert run.returncode != 0
    assert f"sudo apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in run.stderr
    assert not (clone / ".venv").exists()


def test_a_python_too_old_is_named(clone, tmp_path):
    stub = interpreter(tmp_path, refuses="sys.version_info < ")
    run = make(clone, "setup-serve", stub)
    assert run.returncode != 0
    assert "Python 3.11 or newer is needed" in run.stderr
    assert str(stub) in run.stderr
    assert not (clone / ".venv").exists()


def test_no_python_at_all_is_said(clone, tmp_path):
    run = make(clone, "setup-serve", tmp_path / "nowhere")
    assert run.returncode != 0
    assert "no Python 3.11 or newer was found" in run.stderr


def test_making_an_environment_that_breaks_off_leaves_none(clone, tmp_path):
    run = make(clone, "setup-serve", interpreter(tmp_path, refuses="-m venv"))
    assert run.returncode != 0
    assert not (clone / ".venv").exists()


def test_help_lists_every_target_a_person_may_call(clone):
    run = subprocess.run(["make", "-s"], cwd=clone, capture_output=True, text=True, check=True)
    for target in ("serve", "check", "test", "test-long", "bench", "tools", "wheel", "lock", "clean"):
        assert f"make {target} " in run.stdout
