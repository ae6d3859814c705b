"""What is wrong with a query, in plain words: the engine's complaint, with what stands there and the likely cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from planvev.errors import QuerySyntax
from planvev.names import PREFIXES
from planvev.queries.sparql import PARTNER, Token, place, tokens_of


def explained(text: str, error: QuerySyntax) -> QuerySyntax:
    """The engine's complaint in plain words: the place, what stands there, and the likely cause where we can tell."""
    if unknown := re.search(r"custom function (<.*>) is not supported", error.detail):
        return QuerySyntax(f"The query calls {unknown[1]}, and there is no such function here.")
    if error.line is None or error.column is None:
        return QuerySyntax(f"The query could not be read: {error.detail}.", error.line, error.column)
    where = f"Line {error.line}, column {error.column}"
    offset = sum(len(line) for line in text.splitlines(keepends=True)[: error.line - 1]) + error.column - 1
    tokens = list(tokens_of(text))
    named = [token for token in tokens if token.kind == "pname" and token.offset <= offset]
    if "Prefix not found" in error.detail and named:  # the engine points behind the name, at times far behind
        prefix = named[-1].text.partition(":")[0]
        line, column = place(text, named[-1].offset)
        if prefix not in PREFIXES and not re.search(rf"(?i)\bPREFIX\s+{re.escape(prefix)}:", text):
            said = (
                f"Line {line}, column {column}: the prefix {prefix}: is not declared. Add PREFIX {prefix}: <…> first."
            )
            return QuerySyntax(said, line, column)
    following = next((token.text for token in tokens if token.offset + len(token.text) > offset), None)
    extra = next(_unopened(tokens), None) if following is None else None
    if extra is not None:
        line, column = place(text, extra.offset)
        return QuerySyntax(f"Line {line}, column {column}: “{extra.text}” closes nothing.", line, column)
    seen = f"“{following[:40]}” was not expected here" if following else "the query ends too early"
    hint = f" ({error.detail})" if len(error.detail) < 120 and "[" not in error.detail else ""
    return QuerySyntax(f"{where}: {seen}{hint}.", error.line, error.column)


def _unopened(tokens: Sequence[Token]) -> Iterator[Token]:
    """Brackets that close what was not opened."""
    opened: list[str] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token.text)
        elif token.kind == "close":
            if opened[-1:] == [PARTNER[token.text]]:
                opened.pop()
            else:
                yield token
