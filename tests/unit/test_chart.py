"""Which answers are drawn, and what the drawing says."""

from __future__ import annotations

from datetime import date

import pytest

from planvev.names import PREFIXES
from planvev.web import chart

TODAY = date(2026, 11, 28)


def word(value: str) -> dict[str, str]:
    return {"type": "literal", "value": value}


def iri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


def typed(value: str, kind: str) -> dict[str, str]:
    return {"type": "literal", "value": value, "datatype": PREFIXES["xsd"] + kind}


def whole(value: int) -> dict[str, str]:
    return typed(str(value), "integer")


def test_one_column_of_numbers_is_drawn_as_bars_in_the_order_of_the_answer():
    rows = [(word("Moss"), whole(4)), (word("Asker"), whole(8)), (word("Bodø"), whole(0))]
    found = chart.of(("kommune", "planer"), rows, 3, TODAY)
    assert found is not None
    assert (found.names, found.values, found.more, found.axis) == (("kommune",), ("planer",), 0, None)
    assert [(line.names[0]["value"], line.width) for line in found.lines] == [("Moss", 50), ("Asker", 100), ("Bodø", 0)]


def test_the_second_column_helps_where_the_first_does_not_tell_rows_apart():
    rows = [(word("Moss"), word("temaplan"), whole(4)), (word("Moss"), word("kommuneplan"), whole(1))]
    found = chart.of(("kommune", "slag", "planer"), rows, 2, TODAY)
    assert found is not None
    assert found.names == ("slag",)
    doubled = [*rows, (word("Asker"), word("temaplan"), whole(2))]
    found = chart.of(("kommune", "slag", "planer"), doubled, 3, TODAY)
    assert found is not None
    assert found.names == ("kommune", "slag")


def test_what_is_not_drawn_is_counted():
    rows = [(word(str(number)), whole(number)) for number in range(1, 100)]
    found = chart.of(("ord", "antall"), rows, 1234, TODAY, most=10)
    assert found is not None
    assert (len(found.lines), found.more) == (10, 1224)


def test_two_columns_of_days_or_years_are_drawn_as_periods():
    rows = [
        (iri("a:1"), word("Den første"), typed("2022", "gYear"), typed("2026", "gYear")),
        (iri("a:2"), word("Den andre"), typed("2025-01-01", "date"), None),
    ]
    found = chart.of(("plan", "tittel", "fra", "til"), rows, 2, TODAY)
    assert found is not None
    assert found.axis is not None
    assert (found.values, [line.words for line in found.lines]) == (("fra", "til"), ["2022–2026", "2025-01-01–"])
    first, second = (line.bar for line in found.lines)
    assert first is not None
    assert second is not None
    assert first.x == 0
    assert first.x + first.width > found.axis.today  # the year 2026 lasts to its end
    assert not second.ends


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(word("Moss"), whole(1))],
        [(word("Moss"), whole(1)), (word("Moss"), whole(2))],
        [(word("Moss"), whole(1)), (word("Asker"), None)],
        [(word("Moss"), whole(-1)), (word("Asker"), whole(2))],
        [(word("Moss"), whole(0)), (word("Asker"), whole(0))],
        [(word("Moss"), word("1")), (word("Asker"), word("2"))],
        [(word("Moss"), typed("NaN", "double")), (word("Asker"), typed("2", "double"))],
        [(whole(1), whole(1)), (whole(2), whole(2))],
        [(typed("2026", "gYear"), typed("2022", "gYear")), (typed("2026", "gYear"), typed("2022", "gYear"))],
    ],
    ids=["none", "one", "same-name", "unbound", "negative", "zero", "text", "nan", "two-numbers", "no-name"],
)
def test_what_says_nothing_that_can_be_drawn_is_a_table_alone(rows):
    assert chart.of(("a", "b"), rows, len(rows), TODAY) is None


def test_a_period_that_ends_before_it_begins_is_not_drawn():
    rows = [(word(str(number)), typed("2026", "gYear"), typed("2022", "gYear")) for number in range(2)]
    assert chart.of(("navn", "fra", "til"), rows, 2, TODAY) is None
