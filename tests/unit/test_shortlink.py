"""A query as a short link is the query, and a damaged link says so."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planvev.errors import BadRequest
from planvev.queries import examples
from planvev.web import shortlink

TOP = Path(__file__).parents[2]
# A link that was given out. It must be read as long as there are links.
GIVEN = "1ePn5_rrEg3obm2-J82stAMMjFc0"


def word(query: str) -> str:
    found = shortlink.packed(query)
    assert found is not None
    return found


@given(st.text(max_size=500))
def test_every_query_comes_back_as_it_was(query):
    assert shortlink.unpacked(word(query)) == query


def test_a_link_that_was_given_out_is_read_for_ever():
    assert shortlink.unpacked(GIVEN) == "SELECT ?plan ?title WHERE { ?plan a plan:Plan ; dct:title ?title }"


def test_the_examples_become_short():
    texts = [example.text for example in examples.read(TOP / "queries")]
    assert texts
    assert all(len(word(text)) < len(quote_plus(text)) / 2 for text in texts)


def test_a_query_too_long_for_a_link_has_none():
    assert shortlink.packed("æ" * shortlink.LONGEST) is None
    assert shortlink.packed("a" * shortlink.LONGEST) is not None


@pytest.mark.parametrize("broken", [GIVEN[:-1], GIVEN[:-4], GIVEN[1:], GIVEN + "AAAA", "2" + GIVEN[1:], "1", "", "1æ"])
def test_a_link_that_is_not_whole_is_refused(broken):
    with pytest.raises(BadRequest, match="short link"):
        shortlink.unpacked(broken)


def test_a_link_that_would_unfold_without_end_is_refused():
    packer = zlib.compressobj(9, zdict=shortlink._DICTIONARY)
    bomb = base64.urlsafe_b64encode(packer.compress(b"a" * 10_000_000) + packer.flush()).decode()
    with pytest.raises(BadRequest, match="short link"):
        shortlink.unpacked("1" + bomb)
