"""Where in a Turtle file each statement stands: a reader that locates and does nothing else.

It follows the terminals and the nesting of Turtle 1.1 (section 6.5) and gives, for each statement, the line on which
its object begins. It is never the parser: pyoxigraph has read the same text before, and a test holds the two equal.
A statement that cannot be told from its neighbours gets the first line of its property, and `Line.exact` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDF_NIL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"

_CHAR = r"[\w\-\u00b7\u0300-\u036f\u203f\u2040]"
_IN_NAME = r"""%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"""
_TOKEN = re.compile(
    rf"""
      (?P<space>\s+|\#[^\n]*)
    | (?P<string>\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"|\'\'\'(?:(?:'|'')?(?:[^'\\]|\\.))*\'\'\'
        |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<iri><[^<>"{{}}|^`\x00-\x20]*>)
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<cast>\^\^)
    | (?P<number>[+-]?(?:\d+\.?\d*[eE][+-]?\d+|\.\d+[eE][+-]?\d+|\d*\.\d+|\d+))
    | (?P<name>_:\w(?:{_CHAR}|\.+(?={_CHAR}))*
        |(?:[^\W\d_](?:{_CHAR}|\.+(?={_CHAR}))*)?:(?:(?:[\w:]|{_IN_NAME})(?:{_CHAR}|:|{_IN_NAME}|\.+(?={_CHAR}|[:%\\]))*)?)
    | (?P<word>[^\W\d_]\w*)
    | (?P<mark>[.;,\[\]()])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class Line:
    """A line number, counted from 1, and whether it is the statement's own or only its subject's."""

    number: int
    exact: bool


@dataclass
class Lines:
    """The places of a file's statements, asked by subject, predicate and object.

    An object is given as an IRI or as a literal's text; blank nodes have no name and are asked for by predicate only.
    """

    _subjects: dict[str, int] = field(default_factory=dict)
    _predicates: dict[tuple[str, str], int] = field(default_factory=dict)
    _objects: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def of(self, subject: str, predicate: str | None = None, value: str | None = None) -> Line:
        """The best line known for a statement.

        A statement that does not stand in the file belongs where its subject stands, and that line is exact: there it
        is to be written. Line 1 when the file does not speak about the subject at all.
        """
        if predicate is not None:
            if value is not None and (subject, predicate, value) in self._objects:
                return Line(self._objects[subject, predicate, value], True)
            if (subject, predicate) in self._predicates:
                return Line(self._predicates[subject, predicate], value is None)
        return Line(self._subjects.get(subject, 1), subject in self._subjects)

    def note_subject(self, subject: str, line: int) -> None:
        """The reader has met a subject."""
        self._subjects.setdefault(subject, line)

    def note(self, subject: str, predicate: str, value: str | None, line: int) -> None:
        """The reader has met a statement; `value` is None where the object has no name."""
        self._predicates.setdefault((subject, predicate), line)
        if value is not None:
            self._objects.setdefault((subject, predicate, value), line)

    def statements(self) -> set[tuple[str, str, str]]:
        """Every located statement whose subject and object have names; what the test holds against the parser."""
        return set(self._objects)


@dataclass
class _Frame:
    """One level of nesting: the statement's subject or what stands in [ ] or ( )."""

    subject: str | None = None
    predicate: str | None = None
    closes: str = ""
    line: int = 0
    empty: bool = True


def locate(text: str) -> Lines:
    """Read where the statements of a Turtle text stand. A text that is not Turtle gives what was readable before."""
    lines = Lines()
    reader = _Reader(lines)
    for kind, token, line in _tokens(text.removeprefix("\ufeff")):
        reader.take(kind, token, line)
    return lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line, offset = 1, 0
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            return
        if match.lastgroup != "space":
            yield match.lastgroup or "", match.group(), line
        line += match.group().count("\n")
        offset = match.end()


class _Reader:
    """Walks the tokens and notes each statement of a named subject."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.prefixes: dict[str, str] = {}
        self.base = ""
        self.frames = [_Frame()]
        self.names: dict[str, str] = {}
        self.directive: list[str] | None = None
        self.casting = False

    def take(self, kind: str, token: str, line: int) -> None:
        between = len(self.frames) == 1 and self.frames[0].subject is None
        if self.directive is not None or (between and token.lower() in ("@prefix", "@base", "prefix", "base")):
            self._direct(kind, token)
        elif kind == "mark":
            self._mark(token, line)
        elif kind == "cast":
            self.casting = True
        elif self.casting:
            self.casting = False  # the datatype belongs to the literal before it
        elif kind != "tag":
            self._term(self._value(kind, token), line)

    def _direct(self, kind: str, token: str) -> None:
        if self.directive is None:
            self.directive = [token]
            self.names = {}  # which may mean something else from here on
            return
        self.directive.append(token)
        dotted = self.directive[0].startswith("@")
        if token == "." or (not dotted and kind == "iri"):
            words, self.directive = [w for w in self.directive if w != "."], None
            if len(words) == 3:
                self.prefixes[words[1]] = self._absolute(words[2])
            elif len(words) == 2:
                self.base = self._absolute(words[1])

    def _mark(self, token: str, line: int) -> None:
        frame = self.frames[-1]
        if token in "[(":
            frame.empty = False
            if frame.subject is None and not frame.closes:
                frame.subject = "_:" + token
            else:
                self._note(None, line)
            self.frames.append(_Frame(closes="]" if token == "[" else ")", line=line))
        elif token in "])":
            if len(self.frames) > 1:
                self._close(self.frames.pop())
        elif token == ".":
            self.frames = [_Frame()]
        elif token == ";":
            frame.predicate = None

    def _close(self, closed: _Frame) -> None:
        frame = self.frames[-1]
        if closed.closes != ")" or not closed.empty:
            return
        if frame.subject == "_:(" and frame.predicate is None:
            frame.subject = RDF_NIL  # () is a name of its own
            self.lines.note_subject(RDF_NIL, closed.line)
        else:
            self._note(RDF_NIL, closed.line)

    def _term(self, value: str | None, line: int) -> None:
        frame = self.frames[-1]
        frame.empty = False
        if frame.closes:
            return  # blank nodes and lists have no name to ask for
        if frame.subject is None:
            frame.subject = value or "_:"
            if value:
                self.lines.note_subject(value, line)
        elif frame.predicate is None:
            frame.predicate = value or "_:"
        else:
            self._note(value, line)

    def _note(self, value: str | None, line: int) -> None:
        frame = self.frames[-1]
        if not frame.closes and frame.subject and frame.predicate and not frame.subject.startswith("_:"):
            self.lines.note(frame.subject, frame.predicate, value, line)

    def _value(self, kind: str, token: str) -> str | None:
        if kind == "string":
            long = token[:3] in ('"""', "'''")
            return _unescape(token[3:-3] if long else token[1:-1])
        if kind in ("iri", "name"):
            if token.startswith("_:"):
                return None
            if token not in self.names:  # most are written many times
                self.names[token] = self._absolute(token) if kind == "iri" else self._whole(token)
            return self.names[token]
        if kind == "word" and token == "a":
            return RDF_TYPE
        return token

    def _whole(self, token: str) -> str:
        prefix, _, local = token.partition(":")
        return self.prefixes.get(prefix + ":", "") + re.sub(r"\\(.)", r"\1", local)

    def _absolute(self, token: str) -> str:
        iri = _unescape(token[1:-1])
        if re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri):
            return iri
        return urljoin(self.base, iri) if iri else urldefrag(self.base).url


def _unescape(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else _PLAIN.get(match.group(3), match.group(3))

    return _ESCAPE.sub(plain, text) if "\\" in text else text
