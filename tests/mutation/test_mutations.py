"""What no shape notices is known: a mutation is noticed, or stands in `accepted.toml` with the reason, and not both.

One mutation per class, property and kind of break here; `make mutate` tries every statement.
"""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import pytest

from planvev.checking.validation import SHACL
from tests.conftest import TOP, missing
from tests.mutation.mutations import Mutants

ACCEPTED = Path(__file__).parent / "accepted.toml"


def accepted(table: str = "accepted") -> dict[str, str]:
    """The reason by mutation: of those that nobody notices, or (`sometimes`) of those noticed in some things only."""
    groups = tomllib.loads(ACCEPTED.read_text("utf-8"))[table]
    return {f"{where} {group['kind']}": group["reason"] for group in groups for where in group["of"]}


@pytest.fixture(scope="module")
def unnoticed() -> dict[str, bool]:
    """Every mutation that was tried, and whether nobody noticed."""
    if importlib.util.find_spec(SHACL) is None:
        missing("the fast SHACL engine is not installed here, so no mutation was tried")
    mutants = Mutants(TOP)
    return {mutation.name: not mutants.noticed(mutation) for mutation in mutants.one_of_each()}


@pytest.mark.timeout(600)
def test_what_nobody_notices_is_accepted_with_a_reason(unnoticed):
    known = accepted()
    new = sorted(name for name, missed in unnoticed.items() if missed and name not in known)
    assert new == [], "a shape ought to notice, or accepted.toml says why not"


@pytest.mark.timeout(600)
def test_what_is_accepted_is_still_not_noticed(unnoticed):
    assert sorted(name for name in accepted() if not unnoticed.get(name, True)) == [], "take it out of accepted.toml"


@pytest.mark.timeout(600)
def test_what_is_noticed_in_some_things_is_noticed_in_the_one_tried_here(unnoticed):
    assert sorted(name for name in accepted("sometimes") if unnoticed.get(name, True)) == [], "it belongs to `accepted`"


@pytest.mark.timeout(600)
def test_the_mutations_are_many_and_most_are_noticed(unnoticed):
    assert len(unnoticed) > 1500
    assert sum(unnoticed.values()) < len(unnoticed) / 3


def test_every_reason_is_a_sentence():
    reasons = {*accepted().values(), *accepted("sometimes").values()}
    assert all(reason.endswith(".") and len(reason) > 30 for reason in reasons)
