"""The text of a SPARQL query, read without running it: its kind, the graphs it names, and why it may be refused.

A small scanner follows the terminals of SPARQL 1.1 (section 19.8) far enough to know what stands in a string, an IRI or
a comment and what is code. It judges nothing that the engine's parser judges better; it looks only for what must never
reach an engine:

- an update, because this endpoint only reads;
- `SERVICE`, because the engine would open connections on a stranger's behalf;
- nesting so deep, or a row of patterns or operators so long, that the engine's recursion overflows its stack (measured:
  4,000 braces, or an ORDER BY of 3,000 expressions, end the process);
- inside `GRAPH ?variable` a sub-SELECT, another GRAPH, VALUES alone and some MINUS: pyoxigraph 0.5 answers wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple
from urllib.parse import urljoin

from planvev.errors import BodyTooLarge, QueryRefused, QuerySyntax
from planvev.names import COMMON, PREFIXES

# What relative IRIs in a query are relative to, on whatever host it is asked (SPARQL 1.1 Protocol, section 2.1.6).
BASE = f"{COMMON}/"
DEPTH = 200  # deeper than any query written by hand, a twentieth of what the parser survives
LINKS = 2000  # patterns and operators in a row; the engine builds a tree of them, and 3,000 can overflow its stack

KINDS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")

# Which characters belong to a token is taken exactly as the engine takes it: every difference would be a place where
# code is hidden from us and not from the engine. So an escape that is none ends a string here as it does there.
_ESCAPE = (
    r"""\\(?:[tbnrf"'\\]|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|U00(?:0(?!0[dD][89a-fA-F])[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})"""
)
_IN_NAME = r"""%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"""
# What repeats is a set of characters wherever it can be, and keeps what it took (`*+`): that is read faster than a
# choice at each character, and nothing is read over and over. Groups are repeated without it: CPython before 3.11.5
# errs there.
_IN_IRI = r"""[^<>"{}|^`\\\x00-\x20]*+"""
# Letters with dots between; the same for a prefix and a bare word.
_DOTTED = r"""[^\W\d_][\w\-]*+(?:\.+(?=[\w\-])[\w\-]*+)*"""
_TOKEN = rf"""
    (?:\s++|\#[^\n\r]*+)*(?:
      (?P<string>\'\'\'(?:(?:'|'')?(?:[^'\\]|{_ESCAPE}))*\'\'\'|\"\"\"(?:(?:"|"")?(?:[^"\\]|{_ESCAPE}))*\"\"\"
        |'[^'\\\n\r]*+(?:{_ESCAPE}[^'\\\n\r]*+)*'|"[^"\\\n\r]*+(?:{_ESCAPE}[^"\\\n\r]*+)*")
    | (?P<iri><{_IN_IRI}(?:(?:\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}}){_IN_IRI})*>)
    | (?P<var>[?$]\w+)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<blank>_:\w(?:[\w\-]|\.+(?=[\w\-]))*)
    | (?P<pname>(?:{_DOTTED})?:(?:(?:[\w:]|{_IN_NAME})[\w:\-]*+(?:(?:{_IN_NAME}|\.+(?=[\w:\-%\\]))[\w:\-]*+)*)?)
    | (?P<word>{_DOTTED})
    | (?P<open>[{{(\[])
    | (?P<close>[}})\]])
    | (?P<other>.)
    | \Z)
    """
# After one of these, inside parentheses, the engine reads "<" as "less than" where it can.
_OPERANDS = {"var", "iri", "pname", "blank", "number", "string", "word", "close"}
PARTNER = {"}": "{", ")": "(", "]": "["}
_SCHEME = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_SCHEMED = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


class Token(NamedTuple):
    kind: str
    text: str
    offset: int

    def says(self, word: str) -> bool:
        """Whether the token is or holds the keyword: to the engine `trueSERVICE<…>` is code, without a space.

        In a name with several dots the engine ends at one of them (`ex:a.b.SERVICE`), so what follows a dot counts too.
        """
        if self.kind == "pname":
            prefix, _, local = self.text.partition(":")
            return any(word in code.upper() for code in (prefix, *local.split(".")[1:]))
        return self.kind == "word" and word in self.text.upper()


_made = tuple.__new__  # a third of what the constructor of a named tuple costs


@dataclass(frozen=True)
class Query:
    """A query that may be run.

    `kind` is SELECT, ASK, CONSTRUCT or DESCRIBE; `graphs` are the graph IRIs of its FROM clauses that stand there whole
    or by a declared prefix; `scanned` are its tokens, where it has been scanned.
    """

    text: str
    kind: str
    graphs: tuple[str, ...] = ()
    scanned: tuple[Token, ...] | None = field(default=None, compare=False, repr=False)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The text as the scanner reads it, without white space and comments."""
        return tuple(tokens_of(self.text)) if self.scanned is None else self.scanned


def read(text: str, ceiling: int) -> Query:
    """Read a query's text and refuse what must not be run.

    Args:
        text: the query, as it came.
        ceiling: the longest text that is read, in bytes of UTF-8.

    Raises:
        BodyTooLarge: the text is longer than `ceiling`.
        QuerySyntax: there is no query in the text.
        QueryRefused: the query must not reach the engine; the message says why and what to do instead.
    """
    if len(text.encode("utf-8", "surrogatepass")) > ceiling:
        raise BodyTooLarge(
            f"The query is longer than {ceiling // 1024} KiB.",
            "Shorten it, or fetch the data with a smaller query and go on at your side.",
        )
    tokens = list(tokens_of(text))
    # A short query is read in a few steps: it cannot be deep or long, and no token says what the text does not.
    if len(tokens) > DEPTH:
        _refuse_deep(tokens, text)
    if len(tokens) > LINKS:
        _refuse_long(tokens, text)
    kind = _kind(tokens)
    said = text.upper()
    if "SERVICE" in said:
        _refuse_service(tokens, text)
    if "GRAPH" in said:
        _refuse_wrong_in_graph_variable(tokens, text)
    return Query(text, kind, tuple(_graphs(tokens)) if "FROM" in said else (), tuple(tokens))


def outward(text: str) -> str | None:
    """The first keyword of a query by which an engine would read from elsewhere: SERVICE, FROM or LOAD; else None."""
    said = text.upper()
    words = [word for word in ("SERVICE", "FROM", "LOAD") if word in said]
    return next((word for token in (tokens_of(text) if words else ()) for word in words if token.says(word)), None)


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, counted from 1, of an offset in a text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


@cache
def _token() -> re.Pattern[str]:
    """Compiled when the first query is read: a check of shapes without queries need not wait for it."""
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


def tokens_of(text: str) -> Iterator[Token]:
    """The tokens of a text, without white space and comments.

    Raises:
        QuerySyntax: a string does not end; reading on would cost more with every quote.
        QueryRefused: `<` could be "less than" or begin an IRI, and what follows would be read differently.
    """
    before = ""
    opened: list[str] = []
    token = _token()
    matches = token.finditer(text)
    while match := next(matches, None):
        kind = match.lastgroup
        if kind is None:
            return  # the end
        found, offset = match[kind], match.start(kind)
        if kind == "other" and found in "'\"":
            line, column = place(text, offset)
            raise QuerySyntax(f"Line {line}, column {column}: the string that begins here does not end.", line, column)
        if kind == "iri" and opened[-1:] == ["("] and before in _OPERANDS and not _SCHEME.match(found):
            if "#" in found or "'" in found:
                raise QueryRefused(
                    f"The < at {_at(text, offset)} can be read in two ways.",
                    "Write a space after it where it means “less than”, or give the IRI whole or by a prefix.",
                )
            kind, found = "other", "<"
            matches = token.finditer(text, offset + 1)
        if kind == "open":
            opened.append(found)
        elif kind == "close" and opened and opened[-1] == PARTNER[found]:
            opened.pop()
        yield _made(Token, (kind, found, offset))
        before = kind


def _at(text: str, offset: int) -> str:
    line, column = place(text, offset)
    return f"line {line}, column {column}"


def _refuse_deep(tokens: Sequence[Token], text: str) -> None:
    depth = 0
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth > DEPTH:
            raise QueryRefused(
                f"The query is nested more than {DEPTH} deep ({_at(text, token.offset)}).",
                "Write it flatter: braces and parentheses beyond that depth are not read.",
            )


def _refuse_long(tokens: Sequence[Token], text: str) -> None:
    """Count what the engine's tree grows by; rows of VALUES and lists with commas are flat there, and may be long."""
    links, rows, awaited = 0, 0, False  # `rows` is the depth of a block of VALUES
    opened: list[str] = []
    before = ""
    for token in tokens:
        if not rows:
            links += _grows(token, before, opened)
        awaited |= token.kind == "word" and token.text.upper() == "VALUES"
        if token.kind == "open":
            opened.append(token.text)
            if awaited and token.text == "{":
                rows, awaited = len(opened), False
        if token.kind == "close" and opened:
            rows = 0 if rows == len(opened) else rows
            opened.pop()
        if links > LINKS:
            raise QueryRefused(
                f"The query has more than {LINKS} patterns and operators ({_at(text, token.offset)}).",
                "Give many values as rows of VALUES or in IN (…, …), or ask in several queries.",
            )
        before = token.kind


def _grows(token: Token, before: str, opened: Sequence[str]) -> bool:
    listed = opened[-1:] == ["("]
    if token.kind == "other":
        return token.text not in "^@=" and not (token.text == "," and listed)
    item = token.kind in _OPERANDS - {"close"} and before in _OPERANDS  # of a collection, or of DESCRIBE
    return token.kind == "open" or (item and (listed or not opened))


def _kind(tokens: Sequence[Token]) -> str:
    for token in tokens:
        if token.kind != "word":
            continue
        word = token.text.upper()
        if word in KINDS:
            return word
        if word in UPDATES:
            raise QueryRefused(
                f"{word} would change the data, and this endpoint only reads.",
                "Use SELECT, ASK, CONSTRUCT or DESCRIBE.",
            )
        if word not in ("PREFIX", "BASE", "VERSION"):
            break
    raise QuerySyntax("There is no SELECT, ASK, CONSTRUCT or DESCRIBE in the query.")


def _refuse_service(tokens: Sequence[Token], text: str) -> None:
    for token in tokens:
        if token.says("SERVICE"):
            raise QueryRefused(
                f"SERVICE is not carried out here ({_at(text, token.offset)}): this endpoint never calls others.",
                "Ask each endpoint by itself and join the answers at your side, or use a client that federates, "
                "such as Comunica. (A prefix whose name contains 'service' is refused too: rename it.)",
            )


def _refuse_wrong_in_graph_variable(tokens: Sequence[Token], text: str) -> None:
    """What the engine does not tie to the variable of GRAPH, and so would answer wrongly."""
    opened: list[int] = []  # places of the braces and other brackets that are open
    inside: list[int] = []  # of those, the braces of GRAPH ?variable
    for n, token in enumerate(tokens):
        if token.kind == "open":
            opened.append(n)
            if token.text == "{" and n > 1 and tokens[n - 1].kind == "var" and tokens[n - 2].says("GRAPH"):
                inside.append(n)
        elif token.kind == "close" and opened:
            if inside and inside[-1] == opened.pop():
                inside.pop()
        elif inside and (what := _untied(tokens, inside[-1], n)):
            raise QueryRefused(
                f"{what} inside GRAPH ?variable ({_at(text, token.offset)}) is answered wrongly by our engine.",
                "Name the graph, or write it outside, with a GRAPH ?g of its own inside.",
            )


def _untied(tokens: Sequence[Token], group: int, place_: int) -> str:
    """What stands at a place inside GRAPH ?variable, if the engine does not tie it to the variable; else nothing."""
    token = tokens[place_]
    if token.says("SELECT"):
        return "A sub-SELECT"
    if token.says("GRAPH"):
        return "GRAPH"
    if token.says("VALUES") and tokens[place_ - 1].text == "{":
        end = _closing(tokens, next((n for n in range(place_, len(tokens)) if tokens[n].text == "{"), place_))
        return "VALUES alone" if [t.text for t in tokens[end + 1 : end + 2]] == ["}"] else ""
    if token.says("MINUS"):
        taken = {t.text for t in tokens[place_ : _closing(tokens, place_ + 1)] if t.kind == "var"}
        stands = {t.text for t in tokens[group:place_] if t.kind == "var"}
        return "" if taken & stands else "MINUS that shares no variable with what stands before it"
    return ""


def _closing(tokens: Sequence[Token], opening: int) -> int:
    """The place of the bracket that closes the one at a place; the last place where none does."""
    depth = 0
    for n in range(opening, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[n].kind, 0)
        if depth == 0:
            return n
    return len(tokens) - 1


def _graphs(tokens: Sequence[Token]) -> Iterator[str]:
    """The graphs of FROM, their relative IRIs and prefixes resolved as the engine does."""
    base, prefixes = BASE, dict(PREFIXES)
    for n, token in enumerate(tokens):
        following = tokens[n + 1 : n + 3]
        if token.says("BASE") and following and following[0].kind == "iri":
            base = whole(base, following[0])
        if token.says("PREFIX") and len(following) == 2 and following[1].kind == "iri":
            prefixes[following[0].text.removesuffix(":")] = whole(base, following[1])
        if token.says("FROM") and following:
            name = following[-1] if following[0].says("NAMED") else following[0]
            if name.kind == "iri":
                yield whole(base, name)
            elif name.kind == "pname":
                prefix, _, local = name.text.partition(":")
                if prefix in prefixes:
                    yield prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def whole(base: str, token: Token) -> str:
    """The IRI that a token `<…>` means: its escapes read, and resolved against the base (RFC 3986, section 5)."""
    text = token.text[1:-1]
    if "\\" in text:
        text = re.sub(r"\\(?:u(.{4})|U(.{8}))", lambda found: chr(int(found[1] or found[2], 16)), text)
    return text if _SCHEMED.match(text) else urljoin(base, text)
