"""Turtle as an author writes it: a base, prefixes, one subject after the other, nodes without a name in brackets.

Counts triples while it writes. Terms come ready made (`<plan/…>`, `plan:Strategy`); only texts are quoted here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from planvev.names import PREFIXES

Said = Sequence[tuple[str, "Term"]]  # properties and their values
Term = str | int | Sequence[str] | Said  # a ready term, a number, several terms, or a node without a name
_IN_USE = re.compile(r"(?<![\w<])([a-z]+):[A-Za-z]")


class Sheet:
    """One file while it is written."""

    def __init__(self, base: str, comment: str) -> None:
        self.base, self.comment = base, comment
        self.triples = 0
        self._blocks: list[str] = []

    def say(self, subject: str, said: Said) -> None:
        """Add what is said of a subject, an address below the base."""
        self._blocks.append(f"<{subject}>\n    {self._pairs(said, '    ')} .\n")

    def text(self) -> str:
        """The whole file, with the prefixes that it uses."""
        body = "\n".join(self._blocks)
        used = set(_IN_USE.findall(body))
        prefixes = "".join(f"@prefix {p}: <{iri}> .\n" for p, iri in sorted(PREFIXES.items()) if p in used)
        return f"# {self.comment}\n\n@base <{self.base}/id/> .\n{prefixes}\n{body}"

    def _pairs(self, said: Said, indent: str) -> str:
        return f" ;\n{indent}".join(f"{predicate} {self._value(value, indent)}" for predicate, value in said)

    def _value(self, value: Term, indent: str) -> str:
        if isinstance(value, str | int):
            self.triples += 1
            return str(value)
        if value and isinstance(value[0], tuple):
            self.triples += 1
            inner = indent + "    "
            return f"[\n{inner}{self._pairs(value, inner)}\n{indent}]"  # type: ignore[arg-type]
        return " , ".join(self._value(one, indent) for one in value)  # type: ignore[arg-type]


def words(text: str, language: str = "") -> str:
    """A literal; our words have neither quotation marks nor line breaks."""
    return f'"{text}"@{language}' if language else f'"{text}"'


def day(value: date) -> str:
    return f'"{value.isoformat()}"^^xsd:date'


def year(value: int) -> str:
    return f'"{value}"^^xsd:gYear'
