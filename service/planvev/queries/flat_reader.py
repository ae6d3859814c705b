"""Reading the tokens of a flat query one after another: prefixes, patterns, filters, and nothing that is not known.

What a flat query is, `flat_text` says; it reads by this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from planvev.names import PREFIXES
from planvev.queries.flat import AGGREGATES, RDF_TYPE, Filter, Node, NotFlat, Pattern
from planvev.queries.sparql import BASE, Token, whole

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
BETWEEN = "between_"  # how the variables begin that stand between the steps of a path

Group = tuple[Node, list[Pattern], list[Filter]]  # what stands inside one GRAPH, and its name
Step = tuple[bool, Node]  # of a path: whether it goes backwards, and the property
_VARIABLE = re.compile(r"[?$][A-Za-z_][A-Za-z0-9_]*")
_PREFIXED = re.compile(r"[A-Za-z_\-0-9]*:[A-Za-z0-9_\-]*")


class Reader:
    """Reads tokens one after another."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0
        self.base = BASE
        self.prefixes = dict(PREFIXES)
        self.binds: list[Filter] = []
        self.things: set[int] = set()
        self.between = 0

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
            elif groups is not None and self.takes("BIND"):
                self.binds.append(self.bind())
                self.takes(".")
                ended = True
            elif self.binds:
                raise NotFlat("something stands behind a BIND that is to be joined with it")
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
        place = self.at
        subject = self.noted(literal=False)
        while True:
            steps = self.path()
            classes = any(name.iri == RDF_TYPE for _, name in steps)
            if classes and any(backwards for backwards, _ in steps):
                self.things.discard(place)
            yield from self.along(subject, steps, self.node() if classes else self.noted())
            while self.takes(","):
                yield from self.along(subject, steps, self.node() if classes else self.noted())
            if not self.takes(";"):
                return
            while self.takes(";"):
                pass
            if self.now.text in (".", "}") or self.now.text.upper() in ("FILTER", "BIND"):
                return

    def path(self) -> list[Step]:
        """A property, or several in a row, each forwards or backwards."""
        steps = [self.step()]
        while self.takes("/"):
            steps.append(self.step())
        if len(steps) > 1 and any(name.variable for _, name in steps):
            raise NotFlat("a property in a path is a variable")
        return steps

    def step(self) -> Step:
        backwards = self.takes("^")
        name = self.predicate()
        if backwards and name.variable:
            raise NotFlat("a property in a path is a variable")
        return backwards, name

    def along(self, subject: Node, steps: Sequence[Step], value: Node) -> Iterator[Pattern]:
        """The patterns of a path: what stands between two steps is a variable that nobody else uses."""
        here = subject
        for left, (backwards, name) in enumerate(steps, 1 - len(steps)):
            there = self.unknown() if left else value
            if backwards and not (there.variable or there.iri):
                raise NotFlat(f"a property is asked backwards of {there.text[:20]}, which is a value")
            yield Pattern(there, name, here) if backwards else Pattern(here, name, there)
            here = there

    def unknown(self) -> Node:
        """A variable that the text does not have."""
        if not self.between and any(t.kind == "var" and t.text[1:].startswith(BETWEEN) for t in self.tokens):
            raise NotFlat(f"it has a variable that begins with {BETWEEN}")
        self.between += 1
        name = f"{BETWEEN}{self.between}"
        return Node(f"?{name}", variable=name)

    def predicate(self) -> Node:
        if self.now.kind == "word" and self.now.text == "a":
            self.at += 1
            return Node("a", iri=RDF_TYPE)
        return self.node(literal=False)

    def noted(self, literal: bool = True) -> Node:
        """The same as `node`; noted, where it is a thing and one token."""
        place = self.at
        node = self.node(literal)
        if not node.variable and self.at == place + 1:
            self.things.add(place)
        return node

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
        inside = [self.before, *self.parenthesised()]
        return self.spoken(begin, inside[1:] if inside[0].text.upper() == "FILTER" else inside)

    def bind(self) -> Filter:
        begin = self.before.offset
        if self.now.text != "(":
            raise NotFlat("a BIND is written in an unusual way")
        inside = self.parenthesised()
        if [(token.kind, token.text.upper()) for token in inside[-3:-2]] != [("word", "AS")] or inside[
            -2
        ].kind != "var":
            raise NotFlat("a BIND is written in an unusual way")
        return self.spoken(begin, inside)

    def parenthesised(self) -> list[Token]:
        """The tokens from a parenthesis to the one that closes it, both of them too."""
        depth, inside = 0, list[Token]()
        while not inside or depth:
            depth += {"open": 1, "close": -1}.get(self.now.kind, 0)
            inside.append(self.now)
            self.at += 1
        return inside

    def spoken(self, begin: int, inside: Sequence[Token]) -> Filter:
        """What has been read since a place of the text, and the variables of its tokens."""
        look_through(inside)
        if any(token.kind == "word" and token.text.upper() in AGGREGATES for token in inside):
            raise NotFlat("a FILTER or BIND holds an aggregate")
        end = self.before.offset + len(self.before.text)
        return Filter(self.text[begin:end], frozenset(token.text[1:] for token in inside if token.kind == "var"))


def look_through(tokens: Sequence[Token]) -> None:
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
