"""The parameters of a request are read as application/x-www-form-urlencoded says, whoever reads them."""

from __future__ import annotations

from random import Random
from urllib.parse import parse_qsl

import pytest

from planvev.errors import BadRequest
from planvev.web.operation import pairs_of

PIECES = (
    *(
        "query",
        "=",
        "=",
        "&",
        "&",
        "+",
        "%20",
        "%3F",
        "%c3%a5",
        "%C3%A6",
        "%E2%82%AC",
        "%F0%9F%98%80",
        "%00",
        "%0A",
        "%",
    ),
    *("%zz", "%4", "?", "/", "'", '"', "<", ">", "{", "}", "|", "^", "`", "\\", ";", ",", "~", "[", "]", ":", "@", "$"),
    *("a", "B", "7", "%ef%bf%bd", "#", " ", "\t", "%2B", "%26", "%3D", "%25", "%23"),
)
BROKEN = ("%ff", "%c3", "%ed%a0%80", "%c0%af", "%f4%90%80%80")


def test_parameters_are_read_as_the_standard_library_reads_them():
    random = Random(1)
    for _ in range(20_000):
        text = "".join(random.choice(PIECES) for _ in range(random.randrange(12)))
        try:
            expected = parse_qsl(text, keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            with pytest.raises(BadRequest):
                pairs_of(text.encode())
            continue
        assert pairs_of(text.encode()) == expected, text


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_utf_8_is_refused_in_words(broken: str):
    for text in (f"query=a{broken}", f"{broken}=a", f"query=%ef%bf%bd{broken}"):
        with pytest.raises(BadRequest, match="percent-encoded UTF-8"):
            pairs_of(text.encode())


def test_bytes_beyond_ascii_are_refused_too():
    with pytest.raises(BadRequest, match="percent-encoded UTF-8"):
        pairs_of("query=æ".encode())
