"""Periods as plans state them: from years to days, and what holds on a given day.

Status is computed for a day and never stored, so nothing goes stale at midnight. A year's end is 31 December, as the
ontology says.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

SOON = 365  # days in which a period ends that ends soon

Status = Literal["coming", "in-force", "expired", "unknown"]


@dataclass(frozen=True)
class Period:
    """A period as stated and as dates; both ends inclusive, a year's end is 31 December."""

    start: date | None
    end: date | None
    as_written: str

    def years(self) -> str:
        """The period in a list: its years, with an open end where none is stated."""
        first, last = (str(day.year) if day else "" for day in (self.start, self.end))
        return first if first == last else f"{first}–{last}"

    def status(self, today: date) -> Status:
        """Whether the period has begun and not ended on a day."""
        if self.start is None and self.end is None:
            return "unknown"
        if self.start is not None and today < self.start:
            return "coming"
        return "expired" if self.end is not None and today > self.end else "in-force"


def day(text: str | None, last: bool) -> date | None:
    """The day that an xsd:date, xsd:gYearMonth or xsd:gYear stands for; None for what is none of them.

    Args:
        text: the literal's text.
        last: whether a year or a month stands for its last day rather than its first.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text or "")
    if match is None:
        return None
    year, month, number = int(match[1]), match[2], match[3]
    try:
        if number:
            return date(year, int(month), int(number))
        if month:
            return date(year, int(month), monthrange(year, int(month))[1] if last else 1)
        return date(year, 12, 31) if last else date(year, 1, 1)
    except ValueError:
        return None
