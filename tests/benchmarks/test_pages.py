"""The table of pages: medians beside a page of one word."""

from __future__ import annotations

from benchmarks.pages import BARE, SHOWN, rows
from tests.browser.visiting import PAGES


def sample(painted: float, size: int) -> dict[str, float]:
    return {"painted": painted, "loaded": painted, "bytes": size, "document": size / 2, "requests": 3}


def test_a_page_is_told_as_a_ratio_to_the_page_of_one_word_by_the_median_round():
    found = {
        BARE: {"cold": [sample(50, 300)] * 3, "warm": [sample(40, 300)] * 3},
        "front": {"cold": [sample(time, 70_000) for time in (99, 100, 900)], "warm": [sample(60, 300)] * 3},
    }
    assert rows(found)[-1] == "| front | 2.00 | 1.50 | 100 | 60 | 70.0 | 35.0 | 0.3 | 3 |"


def test_every_page_that_is_weighed_is_one_that_is_tested():
    assert set(SHOWN) <= set(PAGES)
