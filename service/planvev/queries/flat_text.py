"""A flat query read from its text: SELECT over triple patterns and filters, and nothing else.

The scanner of `sparql` gives the tokens; here they are read by a grammar that holds a small part of SPARQL 1.1 and of
that part everything: a text with anything outside it, however harmless, is no flat query, and its reader says why.
Not flat are paths, OPTIONAL, UNION, MINUS, EXISTS, SERVICE, BIND, VALUES, sub-SELECT, FROM, blank nodes, `SELECT *`,
REDUCED, GRAPH with a variable but for one around everything, and what depends on order or chance (SAMPLE,
GROUP_CONCAT, RAND, UUID, BNODE). What stands outside the braces is only looked through, and kept as it is. That the
reading is right is held by tests against rdflib's parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from planvev.names import PREFIXES
from planvev.queries.flat import AGGREGATES, RDF_TYPE, Aggregate, Filter, Flat, Node, NotFlat, Pattern
from planvev.queries.sparql import BASE, Query, Token, whole

# Words that may stand in what is copied. A word that is none of them may be two: to the engine `LIMIT10` is code.
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """SELECT DISTINCT WHERE AS GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET IN NOT TRUE FALSE IF COALESCE BOUND NOW
        COUNT SUM AVG MIN MAX STR LANG LANGMATCHES DATATYPE IRI URI ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE
        ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ
        MD5 SHA1 SHA256 SHA384 SHA512 STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR
        REPLACE""",
    )
)
Group = tuple[Node, list[Pattern], list[Filter]]  # what stands inside one GRAPH, and its name
_VARIABLE = re.compile(r"[?$][A-Za-z_][A-Za-z0-9_]*")
_PREFIXED = re.compile(r"[A-Za-z_\-0-9]*:[A-Za-z0-9_\-]*")


def names(query: Query) -> dict[str, str]:
    """The prefixes of a query, those that everybody has among them.

    Raises:
        NotFlat: they are declared in an unusual way.
    """
    reader = _Reader(query.text, query.tokens)
    reader.prologue()
    return reader.prefixes


def read(query: Query) -> Flat:
    """A query as a flat one.

    Raises:
        NotFlat: it is none.
    """
    if query.kind != "SELECT":
        raise NotFlat(f"it is a query of the kind {query.kind}")
    reader = _Reader(query.text, query.tokens)
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
    _look_through(outside)
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
        frozenset(token.text[1:] for token in outside if token.kind == "var"),
        aggregates,
        distinct,
        "GROUP" in words or bool(aggregates),
        "ORDER" in words,
        bool(words & {"LIMIT", "OFFSET"}),
        tuple(tokens[begin + 1 : opening]),
        tuple(behind),
        graph,
    )


class _Reader:
    """Reads tokens one after another."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.base = BASE
        self.prefixes = dict(PREFIXES)

    @property
    def now(self) -> Token:
        if self.at >= len(self.tokens):
            raise NotFlat("it ends too early")
        return self.tokens[self.at]

    @property
    def before(self) -> Token:
        return self.tokens[self.at - 1]

    def takes(self, text: str) -> bool:
        """Go past a word or sign if it stands here."""
        if self.at < len(self.tokens) and self.now.kind != "string" and self.now.text.upper() == text:
            self.at += 1
            return True
        return False

    def word(self, text: str) -> None:
        if not self.takes(text):
            raise NotFlat(f"“{self.now.text[:20]}” stands where {text} was awaited")

    def prologue(self) -> None:
        while True:
            if self.takes("PREFIX"):
                name, iri = self.now, self.tokens[self.at + 1 : self.at + 2]
                if name.kind != "pname" or not name.text.endswith(":") or not iri or iri[0].kind != "iri":
                    raise NotFlat("a prefix is declared in an unusual way")
                self.prefixes[name.text[:-1]] = whole(self.base, iri[0])
                self.at += 2
            elif self.takes("BASE"):
                if self.now.kind != "iri":
                    raise NotFlat("the base is declared in an unusual way")
                self.base = whole(self.base, self.now)
                self.at += 1
            else:
                return

    def find_opening(self) -> int:
        """The place of the brace that opens WHERE."""
        for place in range(self.at, len(self.tokens)):
            if self.tokens[place].text == "{" and self.tokens[place].kind == "open":
                return place
        raise NotFlat("it has no braces")

    def where(self) -> tuple[Node | None, list[Pattern], list[Filter]]:
        """What stands between the braces of WHERE, and past the closing one; the graph, where all stands inside one."""
        groups: list[Group] = []
        patterns, filters = self.body(groups)
        if len(groups) == 1 and not patterns and not filters:
            return groups[0]
        for name, some, tests in groups:
            if not name.iri or tests or not some:
                raise NotFlat("a GRAPH beside others has a variable for its name, or a FILTER or nothing in it")
            patterns += [replace(pattern, graph=name.iri) for pattern in some]
        return None, patterns, filters

    def body(self, groups: list[Group] | None = None) -> tuple[list[Pattern], list[Filter]]:
        """What stands between braces, and past the closing one; what stands inside a GRAPH goes to `groups`."""
        patterns: list[Pattern] = []
        filters: list[Filter] = []
        ended = True  # whether a new statement may begin here
        while not (self.now.kind == "close" and self.now.text == "}"):
            if self.takes("FILTER"):
                filters.append(self.filter())
                self.takes(".")
                ended = True
            elif groups is not None and self.takes("GRAPH"):
                name = self.node(literal=False)
                self.word("{")
                groups.append((name, *self.body()))
                self.takes(".")
                ended = True
            elif not ended:
                raise NotFlat(f"“{self.now.text[:20]}” stands where a full stop was awaited")
            else:
                patterns += self.statements()
                ended = self.takes(".")
        self.at += 1
        return patterns, filters

    def statements(self) -> Iterator[Pattern]:
        """One subject with its properties and their values."""
        subject = self.node(literal=False)
        while True:
            predicate = self.predicate()
            yield Pattern(subject, predicate, self.node())
            while self.takes(","):
                yield Pattern(subject, predicate, self.node())
            if not self.takes(";"):
                return
            while self.takes(";"):
                pass
            if self.now.text in (".", "}") or self.now.text.upper() == "FILTER":
                return

    def predicate(self) -> Node:
        if self.now.kind == "word" and self.now.text == "a":
            self.at += 1
            return Node("a", iri=RDF_TYPE)
        return self.node(literal=False)

    def node(self, literal: bool = True) -> Node:
        """A variable, an IRI or a literal, and what stands behind it is no path."""
        token = self.now
        self.at += 1
        if token.kind == "var":
            if not _VARIABLE.fullmatch(token.text):
                raise NotFlat(f"the variable {token.text} is written with uncommon letters")
            node = Node("?" + token.text[1:], variable=token.text[1:])
        elif token.kind == "iri":
            node = Node(token.text, iri=whole(self.base, token))
        elif token.kind == "pname":
            prefix, _, local = token.text.partition(":")
            if not _PREFIXED.fullmatch(token.text) or prefix not in self.prefixes:
                raise NotFlat(f"the name {token.text} is written in an uncommon way")
            node = Node(token.text, iri=self.prefixes[prefix] + local)
        elif literal:
            node = self.literal(token)
        else:
            raise NotFlat(f"“{token.text[:20]}” is more than a variable or a name")
        return node

    def literal(self, token: Token) -> Node:
        end = token.offset + len(token.text)
        following = [t.text for t in self.tokens[self.at : self.at + 3]]
        if token.kind == "string":
            if following[:1] == ["@"]:
                end = self.past(2, "word")
            elif following[:2] == ["^", "^"]:
                end = self.past(3, "iri", "pname")
        elif token.kind == "number" and not token.text.endswith("."):
            pass
        elif not (token.kind == "word" and token.text in ("true", "false")):
            raise NotFlat(f"“{token.text[:20]}” is more than a variable, a name or a value")
        return Node(self.text[token.offset : end])

    def past(self, tokens: int, *kinds: str) -> int:
        """Go past some tokens, the last of which is of these kinds; where it ends."""
        self.at += tokens
        last = self.before
        if last.kind not in kinds or (last.kind == "pname" and not _PREFIXED.fullmatch(last.text)):
            raise NotFlat(f"the value before “{last.text[:20]}” is written in an uncommon way")
        return last.offset + len(last.text)

    def filter(self) -> Filter:
        begin = self.before.offset
        if self.now.kind in ("word", "pname", "iri"):
            self.at += 1  # the function's name
        if self.now.text != "(":
            raise NotFlat("a FILTER is written in an unusual way")
        depth, inside = 0, [self.before]
        while True:
            depth += {"open": 1, "close": -1}.get(self.now.kind, 0)
            inside.append(self.now)
            self.at += 1
            if not depth:
                break
        _look_through(inside[1:] if inside[0].text.upper() == "FILTER" else inside)
        if any(token.kind == "word" and token.text.upper() in AGGREGATES for token in inside):
            raise NotFlat("a FILTER holds an aggregate")
        end = self.before.offset + len(self.before.text)
        return Filter(self.text[begin:end], frozenset(token.text[1:] for token in inside if token.kind == "var"))


def _look_through(tokens: Sequence[Token]) -> None:
    """Refuse what is copied without being understood, where it could be other than it looks."""
    before = ""
    for token in tokens:
        if token.kind in ("open", "close") and token.text in "{}[]":
            raise NotFlat("it has braces or brackets inside")
        if token.kind == "iri" and ("?" in token.text or "$" in token.text):
            raise NotFlat(f"{token.text[:40]} may be an address or a comparison")
        if token.kind == "var" and not _VARIABLE.fullmatch(token.text):
            raise NotFlat(f"the variable {token.text} is written with uncommon letters")
        if token.kind == "pname" and not _PREFIXED.fullmatch(token.text):
            raise NotFlat(f"the name {token.text} is written in an uncommon way")
        if token.kind == "word" and before != "@" and token.text.upper() not in _WORDS:
            raise NotFlat(f"it holds {token.text[:20]}")
        if token.kind == "blank" or (token.kind == "other" and token.text not in "*+-/=!<>&|,^@"):
            raise NotFlat(f"“{token.text}” is not read here")
        before = token.text


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
