"""The wheel carries what the service answers for by itself, and runs where there is no repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import missing

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    quiet = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", str(TOP), *quiet, "--wheel-dir", str(folder)],
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return next(folder.glob("planvev-*-py3-none-any.whl"))


def listed(folder: str) -> set[str]:
    """The files below a folder of the project, without what running it leaves there."""
    return {
        path.relative_to(TOP).as_posix()
        for path in (TOP / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def test_the_wheel_holds_code_templates_ontology_and_shapes(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {name.removeprefix("service/") for name in listed("service/planvev")}
    library = {f"planvev/_library/{name}" for folder in ("ontology", "shapes") for name in listed(folder)}
    assert code - names == set()
    assert library - names == set()
    assert not any("__pycache__" in name for name in names)
    assert {"planvev/_library/ontology/plan.ttl", "planvev/web/app.py"} <= names
    assert any(name.endswith(".html") for name in names)


def test_the_wheel_carries_what_pages_load_ready_made_with_its_licences(wheel):
    made = TOP / "service" / "planvev" / "web" / "static" / "made"
    if not (made / "made.json").is_file():
        missing("Designsystemet is not made: tools/assets says why")
    packed = zipfile.ZipFile(wheel)
    held = {name.removeprefix("planvev/web/static/made/") for name in packed.namelist()}
    named = json.loads(packed.read("planvev/web/static/made/made.json"))
    assert "designsystemet.css" in named
    assert set(named.values()) <= held
    licences = packed.read("planvev/web/static/made/LICENSES.txt").decode()
    assert "(MIT)" in licences
    assert "SIL OPEN FONT LICENSE" in licences


def test_the_wheel_holds_nothing_else(wheel):
    strangers = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith(("planvev/", "planvev-"))}
    assert not strangers


def test_the_wheel_carries_both_licences(wheel):
    names = [name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if "/licenses/" in name]
    assert sorted(names) == ["LICENSE", "LICENSE-DATA"]


def test_an_installed_wheel_checks_data_it_is_pointed_at(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    shutil.copytree(TOP / "data" / "ttl", tmp_path / "library" / "data" / "ttl")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PLANVEV_")} | {
        "PYTHONPATH": str(tmp_path / "site"),
        "PLANVEV_LIBRARY": str(tmp_path / "library"),
        "PLANVEV_STATE": str(tmp_path / "state"),
    }
    where = subprocess.run(
        [sys.executable, "-c", "import planvev; print(planvev.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(tmp_path / "site")), "the installed copy was not the one that ran"
    run = subprocess.run(
        [sys.executable, "-m", "planvev", "check"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
