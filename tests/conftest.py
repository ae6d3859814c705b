"""What every test may ask for: programs from `make tools` (`needs`, `tool`), the inputs beside the project (`shared`).

On a developer's machine a test whose program is missing is skipped and says so; in CI it fails, because there a skip
would hide that nothing was tested.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from planvev import machine

TOP = Path(__file__).parents[1]

# A shell that starts tests in the background has them ignore Ctrl-C, and so would every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Files that take minutes: begun first, or one process works on the last of them while the others have nothing to do.
LONGEST = ("browser/test_browser.py", "interop/test_elsewhere.py", "flows/test_incremental.py", "flows/test_publish.py")

# What `needs` and `tool` know: the first of these that exists. With a slash: a path below the project; else a command.
TOOLS = {
    "arq": (".tools/bin/arq",),
    "axe": (".tools/npm/node_modules/axe-core/axe.min.js",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "comunica": (".tools/bin/comunica-sparql",),
    "fuseki": (".tools/bin/fuseki",),
    "git": ("git",),
    "isql": ("isql-vt",),
    "ldes-client": (".tools/bin/ldes-client",),
    "nginx": ("nginx", "/usr/sbin/nginx"),
    "node": ("node",),
    "playwright": (".tools/npm/node_modules/playwright-core",),
    "rapper": ("rapper",),
    "riot": (".tools/bin/riot",),
    "typescript": (".tools/npm/node_modules/typescript/bin/tsc",),
    "virtuoso": ("virtuoso-t",),
}


def pytest_xdist_auto_num_workers() -> int:
    """Processes for `--numprocesses auto`: one more than processors, because each waits a third of its time."""
    return machine.cores() + 1


def find_tool(name: str) -> str:
    """Where a program is; where it is not, the end of the test."""
    places = (str(TOP / place) if "/" in place else shutil.which(place) for place in TOOLS[name])
    found = next((place for place in places if place and Path(place).exists()), None)
    return found or missing(f"{name} is not installed: make tools")


def missing(reason: str) -> NoReturn:
    """Skip, or in CI fail."""
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(f"{reason} (in CI nothing may be missing)", pytrace=False)
    pytest.skip(reason)


def needed(item: pytest.Item) -> set[str]:
    """The tools a test names with `@pytest.mark.needs("…")`."""
    return {name for mark in item.iter_markers("needs") for name in mark.args}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a `needs` that names no known tool, before anything runs; put what takes longest first."""
    items.sort(key=lambda item: not str(item.path).endswith(LONGEST))
    for item in items:
        for name in needed(item) - TOOLS.keys():
            raise pytest.UsageError(f"{item.nodeid} needs {name!r}, which tests/conftest.py does not know")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for what the test needs before it starts."""
    for name in sorted(needed(item)):
        find_tool(name)


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """The path of a program by its name in `TOOLS`: `tool("riot")`."""
    return find_tool


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of inputs beside the project: `shared / "seeds" / …`."""
    folder = TOP.parent / "shared"
    if not folder.is_dir():
        missing("the inputs in ../shared are not here")
    return folder
