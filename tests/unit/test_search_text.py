"""Words as readers write them and as texts hold them become the same terms, and marks stand where the words do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planvev.finding.search_text import (
    LONGEST_QUERY,
    MOST_WORDS,
    NORWEGIAN,
    Marker,
    analyzer,
    clean,
    pieces,
    read,
    stems,
    tolerance,
    unlike,
    window,
)


@pytest.mark.parametrize(
    ("written", "in_the_text"),
    [
        ("kommuner", "kommunar"),
        ("skule", "skoler"),
        ("skulehelsetenesta", "skolehelsetjenesten"),
        ("barnevernstjeneste", "barnevernstenesta"),
        ("okonomisk", "økonomiske"),
        ("oekonomi", "økonomien"),
        ("aarsplan", "årsplanen"),
        ("levekar", "levekår"),
        ("baerekraft", "bærekraftig"),
        ("berekraft", "bærekraft"),
        ("ungdommer", "ungdom"),
        ("ÆRLIG", "ærlige"),
        ("a\u030arsplan", "årsplan"),
        ("Göteborg", "goteborg"),
    ],
)
def test_a_word_as_written_stands_for_the_word_in_the_text(written, in_the_text):
    assert set(stems(clean(written))) & set(analyzer(NORWEGIAN).analyze(clean(in_the_text)))


def test_a_letter_that_looks_like_an_ending_is_kept_where_the_text_writes_it_in_full():
    assert not set(stems("leveår")) & set(stems("leve"))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("§ 15-1", ["§15-1"]),
        ("§15-1", ["§15-1"]),
        ("barnevernsloven §§ 15-1", ["", "§15-1"]),
        ("§ 2 b", ["§2b"]),
        ("IS-2826", ["is-2826"]),
        ("LOV-2021-06-18-97", ["lov-2021-06-18-97"]),
        ("barn unge", ["", ""]),
        ("rus- og psykisk", ["", ""]),
        ('"IS-2826"', [""]),
    ],
)
def test_what_is_written_like_an_identifier_is_read_as_one(text, codes):
    assert [unit.code for unit in read(text).units] == codes


def test_small_words_are_passed_over_unless_there_are_no_others():
    assert [unit.words for unit in read("vold i nære og fjerne").units] == [("vold",), ("nære",), ("fjerne",)]
    only = read("og i")
    assert only.small
    assert [unit.words for unit in only.units] == [("og",), ("i",)]


@given(st.text(max_size=3000))
def test_any_text_is_read_within_bounds(text):
    query = read(text)
    assert len(query.text) <= LONGEST_QUERY
    assert len(query.units) <= MOST_WORDS
    for unit in query.units:
        assert len(unit.words) == len(unit.stems) == len(unit.english) <= MOST_WORDS
        assert all(unit.stems)


@given(st.text("abcdø", max_size=6), st.text("abcdø", max_size=6))
def test_how_unlike_two_words_are_does_not_depend_on_which_comes_first(a, b):
    assert unlike(a, b, 9) == unlike(b, a, 9)
    assert (unlike(a, b, 9) == 0) == (a == b)
    assert unlike(a, b, 1) == min(unlike(a, b, 9), 2)


@pytest.mark.parametrize(
    ("a", "b", "letters"),
    [("plan", "plna", 1), ("plan", "plans", 1), ("plan", "paln", 1), ("skole", "skule", 1), ("", "ab", 2)],
)
def test_exchanged_letters_count_once(a, b, letters):
    assert unlike(a, b, 5) == letters


def test_short_words_and_numbers_must_be_right():
    assert [tolerance(word) for word in ("mål", "plan", "barnehage", "2826", "15a")] == [0, 1, 2, 0, 0]


def marked(query: str, text: str, near: bool = False) -> list[str]:
    return [text[start:end] for start, end in Marker.of(read(query), near).places(text)]


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("ungdom", "Ungdommer, ungdom og ungdomsskole – ikke ung.", ["Ungdommer", "ungdom", "ungdomsskole"]),
        ("baerekraft", "BÆREKRAFT i praksis", ["BÆREKRAFT"]),
        ('"barn og unge"', "Barn, og unge. Barn og voksne.", ["Barn, og unge"]),
        ("§ 15-1", "loven § 15-1 og § 15-2, 1 januar", ["15-1"]),
        ("barn barn", "barn", ["barn"]),
        ("barn", "", []),
    ],
)
def test_the_words_that_answer_are_marked_and_no_others(query, text, words):
    assert marked(query, text) == words


def test_what_is_nearly_right_is_marked_when_it_counts():
    assert marked("barnehgae", "en barnehage") == []
    assert marked("barnehgae", "en barnehage", near=True) == ["barnehage"]


@given(st.text(max_size=400), st.integers(20, 100))
def test_pieces_lose_and_add_nothing(text, length):
    places = Marker.of(read("barn a e")).places(text)
    assert "".join(words for words, _ in pieces(text, places)) == text
    shown = "".join(words for words, _ in window(text, places, length)).removeprefix("… ").removesuffix(" …")
    assert shown in text
