"""Sums of groups, exactly as the engine makes them: of integers and decimals, in whole numbers of their last digit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planvev.answering.columns import NoRows

XSD = rb"http://www\.w3\.org/2001/XMLSchema#"
INTEGER = re.compile(rb'"([+-]?\d+)"\^\^<' + XSD + rb"integer>")
DECIMAL = re.compile(rb'"([+-]?)(\d*)\.?(\d*)"\^\^<' + XSD + rb"decimal>")
DIGITS = 18  # behind the point of the engine's decimals
LARGEST = (1 << 63) - 1  # of its integers; its decimals go further


def sums(terms: Sequence[bytes], group: Sequence[int], places: Sequence[int], groups: int) -> list[bytes]:
    """The sum of each group, as a query may hold it.

    Args:
        terms: the different values, as N-Triples spell them.
        group, places: of each solution its group, and its value's place among the terms.
        groups: how many groups there are.

    Raises:
        NoRows: there is a value of another kind, or a sum may pass what the engine can hold.
    """
    numbers = [_number(term) for term in terms]
    total, sizes, parted = [0] * groups, [0] * groups, [False] * groups
    for mine, place in zip(group, places, strict=True):
        number, fraction = numbers[place]
        total[mine] += number
        sizes[mine] += abs(number)
        parted[mine] |= fraction
    if max(sizes, default=0) > LARGEST * 10**DIGITS:
        raise NoRows("a sum may be too large")
    each = zip(total, parted, strict=True)
    return [_decimal(number) if fraction else b"%d" % (number // 10**DIGITS) for number, fraction in each]


def _number(term: bytes) -> tuple[int, bool]:
    """A number in units of the last digit of a decimal, and whether it is one."""
    if whole := INTEGER.fullmatch(term):
        return int(whole[1]) * 10**DIGITS, False
    match = DECIMAL.fullmatch(term)
    if match is None or len(match[3]) > DIGITS:
        raise NoRows("a sum of what is neither integer nor decimal")
    number = int(match[2] + match[3].ljust(DIGITS, b"0"))
    return (-number if match[1] == b"-" else number), True


def _decimal(number: int) -> bytes:
    whole, part = divmod(abs(number), 10**DIGITS)
    return b'"%s%d.%018d"^^<http://www.w3.org/2001/XMLSchema#decimal>' % (b"-" if number < 0 else b"", whole, part)
