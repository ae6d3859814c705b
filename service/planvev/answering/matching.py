"""Text search inside a query: `?thing search:matches "words"`, answered by the search index before the engine is asked.

The pattern is no part of SPARQL and no statement of the data, but it is written like one, so that every client can
send it. It is read here and replaced by what the index found, as rows of VALUES:

    ?thing search:matches "barnevern" .
    (?thing ?score) search:matches ("barnevern" 100) .

The forms are those of Jena's text queries. Nothing is cut silently: where more things answer than are taken without a
number, the query is refused and says how many there are. Nothing here knows how words are compared; see `search`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from planvev.errors import QueryRefused
from planvev.names import COMMON, PREFIXES
from planvev.queries.flat import NotFlat
from planvev.queries.flat_text import names
from planvev.queries.sparql import Query, Token, place

NAMESPACE = f"{COMMON}/search#"
MATCHES = NAMESPACE + "matches"
UNASKED = 1000  # things that a pattern without a number may find
MOST = 10_000  # things that one with a number may
PATTERNS = 4  # in one query

Find = Callable[[str, int], tuple[int, list[tuple[str, float]]]]  # words, most → how many there are, IRI and score

HOW = (
    'Write ?thing search:matches "words" . or (?thing ?score) search:matches ("words" 100) . as a statement of its own.'
)
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_UNSAFE = re.compile(r"""[\x00-\x20<>"{}|^`\\]""")


@dataclass(frozen=True)
class Match:
    """One pattern: where it stands in the text, what it binds, and what it asks."""

    begin: int
    end: int
    thing: str
    score: str
    words: str
    most: int | None


def matches(query: Query) -> list[Match]:
    """The search patterns of a query, in the order of its text.

    Raises:
        QueryRefused: one is written as it cannot be answered; the message says how to write it.
    """
    if "search" not in query.text:
        return []
    try:
        prefixes = names(query)
    except NotFlat:
        prefixes = dict(PREFIXES)
    prefixes = {"search": NAMESPACE, **prefixes}
    places = [n for n, token in enumerate(query.tokens) if _means(token, prefixes) == MATCHES]
    if len(places) > PATTERNS:
        raise QueryRefused(f"The query has more than {PATTERNS} text searches.", "Ask in several queries.")
    return [_read(query, n) for n in places]


def answered(query: Query, found: Sequence[Match], find: Find) -> tuple[str, int]:
    """The query with what the index found in the place of its search patterns, and how many things that were.

    Args:
        query: the query.
        found: its patterns, as `matches` gives them.
        find: asks the index; raises ValueError where there is nothing to look for.

    Raises:
        QueryRefused: more things answer than may, or a search has no word.
    """
    parts, at, things = [], 0, 0
    for match in found:
        try:
            total, hits = find(match.words, match.most or UNASKED)
        except ValueError:
            raise QueryRefused(f"The text search for “{match.words[:40]}” has no word to look for.", HOW) from None
        if match.most is None and total > UNASKED:
            raise QueryRefused(
                f"{total:,} things answer to “{match.words[:40]}”, and {UNASKED:,} are taken without a number.",
                f'Say how many of the best you want, at most {MOST:,}: search:matches ("…" 2000), or add words.',
            )
        things += len(hits)
        parts += [query.text[at : match.begin], _values(match, hits)]
        at = match.end
    return "".join([*parts, query.text[at:]]), things


def _means(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    if token.kind == "pname":
        prefix, _, local = token.text.partition(":")
        return prefixes.get(prefix, prefix + ":") + local
    return ""


def _read(query: Query, place_: int) -> Match:
    """The pattern around its property."""
    tokens = query.tokens
    subject, begin = _subject(tokens, place_)
    words, most, end = _object(tokens, place_)
    before = tokens[begin - 1].text if begin else ""
    after = tokens[end] if end < len(tokens) else None
    alone = before in ("{", "}", ".") and after is not None and (after.text in (".", "{", "}") or after.kind == "word")
    if not subject or words is None or not alone:
        line, column = place(query.text, tokens[place_].offset)
        raise QueryRefused(f"The text search at line {line}, column {column} is not written as it can be read.", HOW)
    if most is not None and not 1 <= most <= MOST:
        raise QueryRefused(f"A text search gives 1 to {MOST:,} things, not {most:,}.", "Give another number.")
    if any(_in_graph(tokens, begin)):
        raise QueryRefused("A text search cannot stand inside GRAPH.", "Put it before the GRAPH, in the same braces.")
    last = after if after is not None and after.text == "." else tokens[end - 1]
    until = last.offset + len(last.text)
    return Match(tokens[begin].offset, until, subject[0], subject[1] if len(subject) > 1 else "", words, most)


def _subject(tokens: Sequence[Token], place_: int) -> tuple[list[str], int]:
    """The variables before the property, and where they begin; none where they are written otherwise."""
    if place_ and tokens[place_ - 1].kind == "var":
        return [tokens[place_ - 1].text[1:]], place_ - 1
    kinds = [token.kind for token in tokens[max(place_ - 4, 0) : place_]]
    if kinds == ["open", "var", "var", "close"] and tokens[place_ - 1].text == ")":
        pair = [token.text[1:] for token in tokens[place_ - 3 : place_ - 1]]
        return (pair if pair[0] != pair[1] else []), place_ - 4
    return [], place_


def _object(tokens: Sequence[Token], place_: int) -> tuple[str | None, int | None, int]:
    """The words after the property, their number if there is one, and where the next token stands."""
    following = tokens[place_ + 1 : place_ + 5]
    kinds = [token.kind for token in following]
    if kinds[:1] == ["string"]:
        return _value(following[0].text), None, place_ + 2
    if kinds == ["open", "string", "number", "close"] and following[0].text == "(" and following[2].text.isdecimal():
        return _value(following[1].text), int(following[2].text[:9]), place_ + 5
    return None, None, place_ + 1


def _in_graph(tokens: Sequence[Token], place_: int) -> Iterator[bool]:
    """For each brace open at a place, whether a GRAPH opened it."""
    opened: list[bool] = []
    for n, token in enumerate(tokens[:place_]):
        if token.text == "{" and token.kind == "open":
            opened.append(n > 1 and tokens[n - 2].says("GRAPH"))
        elif token.text == "}" and token.kind == "close" and opened:
            opened.pop()
    yield from opened


def _value(text: str) -> str:
    """What a string of SPARQL says: without its quotation marks, its escapes read."""
    marks = 3 if text[:3] in ('"""', "'''") and len(text) > 5 else 1
    return _ESCAPED.sub(
        lambda found: chr(int(found[1] or found[2], 16)) if not found[3] else _ESCAPES.get(found[3], found[3]),
        text[marks:-marks],
    )


def _values(match: Match, hits: Sequence[tuple[str, float]]) -> str:
    """What was found, as a sub-SELECT: rows of VALUES beside patterns are gone through again for each solution."""
    if not match.score:
        rows = " ".join(_iri(iri) for iri, _ in hits)
        return f"{{ SELECT ?{match.thing} {{ VALUES ?{match.thing} {{ {rows} }} }} }}"
    rows = " ".join(f"({_iri(iri)} {score:.4f})" for iri, score in hits)
    shown = f"?{match.thing} ?{match.score}"
    return f"{{ SELECT {shown} {{ VALUES ({shown}) {{ {rows} }} }} }}"


def _iri(iri: str) -> str:
    return "<" + _UNSAFE.sub(lambda found: "\\u" + f"{ord(found[0]):04X}", iri) + ">"
