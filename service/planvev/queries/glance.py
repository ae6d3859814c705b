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

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import IO, Any, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, Store

from planvev.names import PREFIXES
from planvev.queries.sparql import BASE, Query, Token, whole

LONGEST = 60  # tokens
ROWS = 1000  # the largest LIMIT

Asks = tuple[NamedNode | None, NamedNode | None, NamedNode | None]
_NAMES = ("iri", "pname")
_MARKS = [(name, f"{name}:", iri) for name, iri in PREFIXES.items()]
_DEFAULT = DefaultGraph()
_A = NamedNode(PREFIXES["rdf"] + "type")
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")
_COMMON = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")  # local names that mean what they look like
_FORMATS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}


def is_lookup(query: Query) -> bool:
    """Whether a query that `sparql.read` has passed is a look-up."""
    tokens = query.tokens
    if len(tokens) > LONGEST:
        return False
    begin = _prologue(tokens)
    opening = _opening(tokens, begin)
    closing = opening + 4
    if [token.text for token in tokens[closing : closing + 1]] == ["."]:
        closing += 1
    if closing >= len(tokens) or tokens[opening].text != "{" or tokens[closing].text != "}":
        return False
    pattern = tokens[opening + 1 : opening + 4]
    named = [token.text[1:] for token in pattern if token.kind == "var"]
    variables = set(named)
    if len(named) != len(variables) or not _readable(pattern):
        return False
    limit = _limit(tokens[closing + 1 :])
    if limit is None or not _shown(tokens[begin:opening], variables):
        return False
    return tokens[begin].text.upper() == "ASK" or pattern[0].kind != "var" or 0 < limit <= ROWS


def _prologue(tokens: Sequence[Token]) -> int:
    """How many tokens declare prefixes; a BASE makes relative IRIs and is left, so that what follows does not fit."""
    at = 0
    while len(tokens) > at + 2 and tokens[at].kind == "word" and tokens[at].text.upper() == "PREFIX":
        if tokens[at + 1].kind != "pname" or tokens[at + 2].kind != "iri":
            break
        at += 3
    return at


def _opening(tokens: Sequence[Token], begin: int) -> int:
    """The place of the first bracket; past the end where there is none."""
    return next((n for n in range(begin, len(tokens)) if tokens[n].kind == "open"), len(tokens))


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


def answer(store: Store, text: str, suffix: str, ceiling: int | None, asks: Asks | None = None) -> bytes | None:
    """The answer to a look-up, or to another SELECT whose work is bounded.

    Args:
        store: of the snapshot that is asked.
        text: the query.
        suffix: the format: json, xml, csv or tsv; for another one there is no answer here.
        ceiling: the longest answer, in bytes. The work ends where it is passed; None where it is bounded anyhow.
        asks: of an ASK, what `pattern` gave.

    Returns:
        None when the answer is longer, or when the engine does not take the text.
    """
    if suffix not in _FORMATS:
        return None
    if asks:
        return _yes_or_no(suffix, _is_there(store, asks))
    spoken = {name: iri for name, mark, iri in _MARKS if mark in text}  # all of them cost 20 µs
    try:
        found = store.query(text, base_iri=BASE, prefixes=spoken)
        assert isinstance(found, QueryBoolean | QuerySolutions)
        if ceiling is None:
            return found.serialize(format=_FORMATS[suffix])
        taken = _Taken(ceiling)
        found.serialize(cast(IO[bytes], taken), _FORMATS[suffix])
    except (SyntaxError, ValueError, OSError, RuntimeError):
        return None
    return bytes(taken.bytes)


def places(query: Query) -> range:
    """Where the subject, the predicate and the object of a look-up stand among its tokens."""
    opening = _opening(query.tokens, _prologue(query.tokens))
    return range(opening + 1, opening + 4)


def pattern(query: Query) -> Asks | None:
    """Subject, predicate and object of an ASK that is a look-up, each an IRI, or None for a variable.

    Returns:
        None where it holds what only the engine should read: its parser takes five times as long as the index.
    """
    tokens = query.tokens
    begin = _prologue(tokens)
    try:
        pairs = zip(tokens[1:begin:3], tokens[2:begin:3], strict=True)
        prefixes = {name.text[:-1]: _declared(iri.text).value for name, iri in pairs}
        subject, predicate, value = (_term(tokens[place], prefixes) for place in places(query))
    except ValueError:
        return None
    return subject, predicate, value


def pattern_with(asks: Asks, iris: Sequence[str | None]) -> Asks | None:
    """The same pattern with other IRIs, as they are written, where there is one; None as `pattern` gives it."""
    try:
        subject, predicate, value = (
            one if iri is None else _declared(iri) for one, iri in zip(asks, iris, strict=True)
        )
    except ValueError:
        return None
    return subject, predicate, value


def _is_there(store: Store, asks: Asks) -> bool:
    """Whether any statement answers to a pattern."""
    subject, predicate, value = asks
    if subject and predicate and value:
        return Quad(subject, predicate, value, _DEFAULT) in store  # half of what an iterator costs
    return next(store.quads_for_pattern(subject, predicate, value, _DEFAULT), None) is not None


def _term(token: Token, prefixes: Mapping[str, str]) -> NamedNode | None:
    """The IRI that a token means, None for a variable.

    Raises:
        ValueError: it is neither, or not written in the common way.
    """
    if token.kind == "var":
        return None
    if token.kind == "iri":
        return _declared(token.text)
    if (token.kind, token.text) == ("word", "a"):
        return _A
    prefix, _, local = token.text.partition(":")
    space = prefixes.get(prefix) or PREFIXES.get(prefix)
    if token.kind != "pname" or space is None or not _COMMON.fullmatch(local):
        raise ValueError(token.text)
    return NamedNode(space + local)


@lru_cache(256)  # whoever declares a prefix declares it in every query
def _declared(text: str) -> NamedNode:
    """The IRI that `<…>` means.

    Raises:
        ValueError: it is relative, or has steps up in it, which the engine resolves (RFC 3986, section 5.2).
    """
    if not _ABSOLUTE.match(text) or "/." in text:
        raise ValueError(text)
    return NamedNode(whole(BASE, Token("iri", text, 0)))


@cache
def _yes_or_no(suffix: str, there: bool) -> bytes:
    """The answer to an ASK, as the engine writes it."""
    found = Store().query("ASK {}" if there else "ASK { ?s ?p ?o }")
    assert isinstance(found, QueryBoolean)
    return found.serialize(format=_FORMATS[suffix]) or b""


class _Taken:
    """Takes an answer as the engine writes it, and ends the work where it grows longer than it may."""

    def __init__(self, ceiling: int) -> None:
        self.bytes = bytearray()
        self._ceiling = ceiling

    def write(self, data: Any) -> int:
        if len(self.bytes) + len(data) > self._ceiling:
            raise ValueError
        self.bytes += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""
