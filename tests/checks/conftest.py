"""The real library read once, a copy of the tiny one to change, and the fast engine where there is one."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from planvev.checking import checks
from planvev.checking.findings import Each, Finding
from planvev.checking.validation import AUTO, SHACL
from planvev.library import DATA, SHAPES, Library, Source, Text, read
from planvev.names import Base
from tests.conftest import TOP, missing
from tests.library.copies import Copy, copied


@dataclass(frozen=True)
class Whole:
    """The texts of a library, and how to check some or all of them."""

    data: Mapping[str, Text]
    vocabulary: Sequence[Text]
    base: Base

    def check(self, *places: str, engine: str = AUTO, each: Each | None = None) -> list[Finding]:
        judged = [self.data[place] for place in places] or list(self.data.values())
        return checks.check(judged, self.data, self.vocabulary, self.base, engine, each=each)

    def with_shapes(self, turtle: str) -> Whole:
        """The same with one more file of shapes, as a publisher may bring."""
        source = Source("shapes/core/own", Path("own.ttl"), "shapes/core/own.ttl", "about:own", SHAPES)
        own = Text(source, turtle.encode())
        return replace(self, vocabulary=[*self.vocabulary, own])


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
