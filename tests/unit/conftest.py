"""The tiny library, published once for all who only read it, and a copy for each who changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from planvev.engines.snapshot import Snapshot
from tests.library.copies import Copy, copied


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A library of the test's own."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The tiny library with a published snapshot. Read only."""
    copy = copied(tmp_path_factory.mktemp("published"))
    copy.publish()
    return copy


@pytest.fixture
def snapshot(published: Copy) -> Snapshot:
    """The published snapshot of the tiny library, opened."""
    return Snapshot(published.state / (published.state / "current").readlink())
