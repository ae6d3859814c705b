"""The real library read once, a copy of the tiny one to change, and the fast engine where there is one."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from planvev import checks
from planvev.checks import Finding
from planvev.library import DATA, Library, Text, read
from planvev.names import Base
from planvev.validation import AUTO, SHACL
from tests.conftest import TOP, missing
from tests.library.copies import Copy, copied


@dataclass(frozen=True)
class Whole:
    """The texts of a library, and how to check some or all of them."""

    data: Mapping[str, Text]
    vocabulary: Sequence[Text]
    base: Base

    def check(self, *places: str, engine: str = AUTO) -> list[Finding]:
        judged = [self.data[place] for place in places] or list(self.data.values())
        return checks.check(judged, self.data, self.vocabulary, self.base, engine)


def whole(library: Library) -> Whole:
    texts = [read(source) for source in library.sources()]
    data = {text.source.place: text for text in texts if text.source.role == DATA}
    return Whole(data, [text for text in texts if text.source.role != DATA], library.base)


@pytest.fixture(scope="session")
def real() -> Whole:
    """The library of this repository."""
    return whole(Library(TOP, Base()))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The tiny library, a test's own."""
    return copied(tmp_path)


@pytest.fixture(scope="session")
def fast_engine() -> str:
    """The fast engine, or the end of the test: nothing can be held equal where it is not built."""
    if importlib.util.find_spec(SHACL) is None:
        missing("the fast SHACL engine is not installed here, so the two engines were NOT held equal")
    return SHACL
