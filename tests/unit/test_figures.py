"""Time lines: whole years from 0 to 100, and periods as bars on them."""

from __future__ import annotations

from datetime import date

from planvev.insight.figures import AHEAD, BEFORE, axis

TODAY = date(2026, 7, 2)


def test_the_years_are_whole_and_today_stands_between_them():
    drawn = axis([(date(2024, 1, 1), date(2027, 12, 31))], TODAY)
    assert (drawn.first, drawn.last) == (2024, 2027)
    assert [year.x for year in drawn.years] == [0, 25, 50, 75]
    assert 62 < drawn.today < 63


def test_a_period_is_drawn_from_its_first_day_to_the_end_of_its_last():
    bar = axis([(date(2024, 1, 1), date(2027, 12, 31))], TODAY).bar(date(2025, 1, 1), date(2025, 12, 31))
    assert bar is not None
    assert (bar.x, bar.width, bar.begins, bar.ends) == (25, 25, True, True)


def test_an_end_that_is_not_stated_is_open_and_one_outside_is_too():
    drawn = axis([(date(2024, 1, 1), date(2027, 12, 31))], TODAY)
    for end in (None, date(2030, 1, 1)):
        bar = drawn.bar(date(2026, 1, 1), end)
        assert bar is not None
        assert (bar.x + bar.width, bar.begins, bar.ends) == (100, True, False)


def test_what_has_no_period_or_lies_outside_has_no_bar():
    drawn = axis([], TODAY)
    assert drawn.bar(None, None) is None
    assert drawn.bar(date(1999, 1, 1), date(2001, 12, 31)) is None
    assert drawn.bar(date(2099, 1, 1), None) is None


def test_a_plan_for_a_century_does_not_press_the_others_together():
    drawn = axis([(date(1950, 1, 1), date(2100, 1, 1))], TODAY)
    assert (drawn.first, drawn.last) == (TODAY.year - BEFORE, TODAY.year + AHEAD)
    assert sum(year.named for year in drawn.years) <= 11
