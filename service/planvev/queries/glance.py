"""Look-ups: queries of one triple pattern, whose answer the engine reads off one index without searching.

What a page does when it reads about one thing, a query may do as well, without a process of its own: the engine goes
through neighbouring statements and each of them is a row, so that whoever bounds the bytes of the answer has bounded
the work and the memory. That is true of very few queries, and only those are known here (SPARQL 1.1, section 18.5):

- ASK or SELECT of variables of the pattern, or of all, over the snapshot's own dataset;
- one pattern of IRIs, prefixed names, literals without language or type, and variables that differ;
- its subject is an IRI, or it is ASK, or a LIMIT without OFFSET says how many rows there are at most.

Whatever else stands in the text, however harmless, makes it a query like others.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import IO, Any, cast

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store

from planvev.names import PREFIXES
from planvev.queries.sparql import BASE, Query, Token

LONGEST = 60  # tokens
ROWS = 1000  # the largest LIMIT

_NAMES = ("iri", "pname")
_FORMATS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}


def is_lookup(query: Query) -> bool:
    """Whether a query that `sparql.read` has passed is a look-up."""
    tokens = _without_prologue(query.tokens[:LONGEST])
    kinds = [token.kind for token in tokens]
    if len(query.tokens) > LONGEST or "open" not in kinds:
        return False
    opening = kinds.index("open")
    closing = opening + 4 + (kinds[opening + 4 : opening + 5] == ["other"])
    head, pattern, end = tokens[:opening], tokens[opening + 1 : opening + 4], tokens[opening + 4 :]
    texts = [token.text for token in end]
    whole = tokens[opening].text == "{" and texts[: closing - opening - 3] in (["}"], [".", "}"])
    variables = {token.text[1:] for token in pattern if token.kind == "var"}
    if not whole or not _readable(pattern) or len(variables) != sum(token.kind == "var" for token in pattern):
        return False
    limit = _limit(tokens[closing + 1 :])
    if limit is None or not _shown(head, variables):
        return False
    return head[0].text.upper() == "ASK" or pattern[0].kind != "var" or 0 < limit <= ROWS


def _without_prologue(tokens: Sequence[Token]) -> Sequence[Token]:
    """What follows the declarations of prefixes; a BASE makes relative IRIs and is left, so that it does not fit."""
    at = 0
    while [token.kind for token in tokens[at : at + 3]] == ["word", "pname", "iri"]:
        if tokens[at].text.upper() != "PREFIX":
            break
        at += 3
    return tokens[at:]


def _readable(pattern: Sequence[Token]) -> bool:
    """Subject, predicate and object, each one token."""
    subject, predicate, value = ((token.kind, token.text) for token in pattern)
    return (
        subject[0] in (*_NAMES, "var")
        and (predicate[0] in (*_NAMES, "var") or predicate == ("word", "a"))
        and value[0] in (*_NAMES, "var", "string", "number")
    )


def _shown(head: Sequence[Token], variables: set[str]) -> bool:
    """Whether the words before the pattern are ASK, or SELECT with variables of the pattern, and nothing else."""
    if head and head[-1].text.upper() == "WHERE":
        head = head[:-1]
    words = [token.text.upper() for token in head if token.kind == "word"]
    asked = head[1:]
    if words == ["ASK"]:
        return not asked
    if words != ["SELECT"] or head[0].text.upper() != "SELECT":
        return False
    if [token.text for token in asked] == ["*"]:
        return bool(variables)
    shown = [token.text[1:] for token in asked]
    return bool(shown) and all(token.kind == "var" for token in asked) and set(shown) <= variables


def _limit(rest: Sequence[Token]) -> int | None:
    """The LIMIT behind the pattern; 0 where nothing stands there, None where something else does."""
    if not rest:
        return 0
    if len(rest) != 2 or rest[0].text.upper() != "LIMIT" or not rest[1].text.isdecimal() or len(rest[1].text) > 6:
        return None
    return int(rest[1].text) or None


def answer(store: Store, query: Query, suffix: str, ceiling: int) -> bytes | None:
    """The answer to a look-up; None when it is longer than `ceiling` bytes, or when the engine does not take the text.

    Args:
        store: of the snapshot that is asked.
        query: one that `is_lookup` knows.
        suffix: the format: json, xml, csv or tsv; for another one there is no answer here.
        ceiling: the longest answer, in bytes. The work ends where it is passed.
    """
    if suffix not in _FORMATS:
        return None
    taken = _Taken(ceiling)
    names = {token.text.partition(":")[0] for token in query.tokens if token.kind == "pname"}
    spoken = {name: PREFIXES[name] for name in names if name in PREFIXES}  # all of them cost 20 µs
    try:
        found = store.query(query.text, base_iri=BASE, prefixes=spoken)
        assert isinstance(found, QueryBoolean | QuerySolutions)
        found.serialize(cast(IO[bytes], taken), _FORMATS[suffix])
    except (SyntaxError, ValueError, OSError, RuntimeError):
        return None
    return bytes(taken.bytes)


class _Taken(io.RawIOBase):
    """Takes an answer as the engine writes it, and ends the work where it grows longer than it may."""

    def __init__(self, ceiling: int) -> None:
        self.bytes = bytearray()
        self._ceiling = ceiling

    def write(self, data: Any) -> int:
        if len(self.bytes) + len(data) > self._ceiling:
            raise ValueError
        self.bytes += data
        return len(data)
