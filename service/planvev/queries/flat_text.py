"""A flat query read from its text: SELECT over triple patterns and filters, BINDs behind them, and nothing else.

The scanner of `sparql` gives the tokens; here they are read by a grammar that holds a small part of SPARQL 1.1 and of
that part everything: a text with anything outside it, however harmless, is no flat query, and its reader says why.
Properties in a row (`a/b`) and backwards (`^a`) are patterns, as SPARQL 1.1 has it (section 18.2.2.4). Not flat are
other paths, OPTIONAL, UNION, MINUS, EXISTS, SERVICE, VALUES, sub-SELECT, FROM, blank nodes, `SELECT *`, REDUCED, BIND
before a pattern, GRAPH with a variable but for one around everything, and what depends on order or chance (SAMPLE,
GROUP_CONCAT, RAND, UUID, BNODE). What stands outside the braces is only looked through, and kept as it is. That the
reading is right is held by tests against rdflib's parser.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planvev.queries.flat import AGGREGATES, Aggregate, Flat, NotFlat
from planvev.queries.flat_reader import Reader, look_through
from planvev.queries.sparql import Query, Token


def names(query: Query) -> dict[str, str]:
    """The prefixes of a query, those that everybody has among them.

    Raises:
        NotFlat: they are declared in an unusual way.
    """
    reader = Reader(query.text, query.tokens)
    reader.prologue()
    return reader.prefixes


def read(query: Query) -> Flat:
    """A query as a flat one.

    Raises:
        NotFlat: it is none.
    """
    if query.kind != "SELECT":
        raise NotFlat(f"it is a query of the kind {query.kind}")
    reader = Reader(query.text, query.tokens)
    reader.prologue()
    begin = reader.at
    reader.word("SELECT")
    distinct = reader.takes("DISTINCT")
    opening = reader.find_opening()
    outside = list(reader.tokens[begin + 1 : opening])
    reader.at = opening + 1
    graph, patterns, filters = reader.where()
    closing = reader.at - 1
    behind = reader.tokens[reader.at :]
    outside += behind
    look_through(outside)
    if any(token.text == "*" for token in reader.tokens[begin + 1 : opening]) and not _counts_all(outside):
        raise NotFlat("it selects *")
    words = {token.text.upper() for token in behind if token.kind == "word"}
    aggregates = tuple(_aggregates(outside))
    tokens = reader.tokens
    return Flat(
        query.text,
        query.text[: tokens[opening].offset + 1],
        query.text[tokens[closing].offset :],
        tuple(patterns),
        tuple(filters),
        tuple(reader.binds),
        frozenset(token.text[1:] for token in outside if token.kind == "var"),
        aggregates,
        distinct,
        "GROUP" in words or bool(aggregates),
        "ORDER" in words,
        bool(words & {"LIMIT", "OFFSET"}),
        tuple(tokens[begin + 1 : opening]),
        tuple(behind),
        graph,
        frozenset(reader.things),
    )


def _counts_all(outside: Sequence[Token]) -> bool:
    """Whether every star outside the braces is that of COUNT(*), or a product within parentheses."""
    depth = 0
    for token in outside:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.text == "*" and token.kind == "other" and depth == 0:
            return False
    return True


def _aggregates(tokens: Sequence[Token]) -> Iterator[Aggregate]:
    for n, token in enumerate(tokens):
        if token.kind != "word" or token.text.upper() not in AGGREGATES:
            continue
        rest = tokens[n + 1 : n + 5]
        if not rest or rest[0].text != "(":
            raise NotFlat(f"{token.text} is used in an unusual way")
        distinct = len(rest) > 1 and rest[1].kind == "word" and rest[1].text.upper() == "DISTINCT"
        inner = rest[2:] if distinct else rest[1:]
        simple = len(inner) > 1 and inner[1].text == ")" and (inner[0].kind == "var" or inner[0].text == "*")
        if distinct and inner and inner[0].text == "*":
            raise NotFlat("it counts different solutions")
        of = inner[0].text.lstrip("?$") if simple else ""
        yield Aggregate(token.text.upper(), distinct, of)
