"""A library of each test's own; commands are run as a person runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.library.copies import Copy, copied


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A library with three shapes of its own."""
    return copied(tmp_path)
