"""No IRI that this repository has published disappears, and every one it publishes is promised."""

from __future__ import annotations

from pathlib import Path

from planvev.commands import promise
from planvev.library import Library
from planvev.names import Base

TOP = Path(__file__).parents[2]


def test_no_published_iri_has_disappeared_and_no_new_one_is_without_a_promise():
    promised = promise.held(Library(TOP, Base()))
    assert not promised.gone, (
        f"published before, and gone: {', '.join(promised.gone)}. Put each back in its file, or leave a tombstone "
        "in its place: docs/publishers.md, Promises"
    )
    assert not promised.new, (
        f"new: {', '.join(promised.new)}. Look at the names once more, for they stay; then run "
        "`.venv/bin/planvev iris --add`"
    )


def test_the_list_is_as_the_command_writes_it():
    text = (TOP / promise.FILE).read_text("utf-8")
    assert promise.written(promise.parsed(text, str(promise.FILE))) == text
