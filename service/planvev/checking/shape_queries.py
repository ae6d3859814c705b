"""SPARQL inside shapes, read before an engine sees it: whatever would have a check call somebody is refused.

Nobody knows whose shapes these are. Engines read the same text differently: pyoxigraph takes `\\u0053` as it stands,
rdflib puts the letter in its place before it reads (SPARQL 1.1, section 19.2); and both put what `sh:declare` says
before each query as it is. So a text is refused when it leads out in either reading, and a declaration when it is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from planvev.errors import QueryRefused, QuerySyntax, SyntaxFault
from planvev.formats.rdf import BlankNode, NamedNode, Term, Triple
from planvev.library import Text
from planvev.names import PREFIXES, short
from planvev.queries import sparql

_SH = PREFIXES["sh"]
QUERIES = {_SH + name for name in ("select", "ask", "construct", "update", "sparqlExpr")}

_ESCAPE = re.compile(r"\\u([0-9a-f]{4}(?:[0-9a-f]{4})?)", re.IGNORECASE)  # as rdflib finds them
_PREFIX = re.compile(r"(?:[^\W\d_](?:[\w.\-]*[\w\-])?)?")
_NAMESPACE = re.compile(r"[^<>\"{}|^`\\\x00-\x20]*")


def refuse_outward(shapes: Text) -> None:
    """Refuse shapes whose queries would have an engine open a connection or read another graph.

    Raises:
        SyntaxFault: with the file, the line, the shape and what to do.
    """
    above: dict[Term, Triple] = {t.object: t for t in shapes.triples if isinstance(t.object, BlankNode)}
    for triple in shapes.triples:
        said, name = str(getattr(triple.object, "value", triple.object)), triple.predicate.value
        if name in QUERIES:
            _try_query(said, shapes, triple, above)
        elif name == _SH + "prefix" and not _PREFIX.fullmatch(said):
            _refuse(f"“{said[:40]}” is no prefix", "Give letters, digits and hyphens alone.", shapes, triple, above)
        elif name == _SH + "namespace" and not _NAMESPACE.fullmatch(said):
            _refuse(f"“{said[:40]}” is no address", "Give sh:namespace an IRI alone.", shapes, triple, above)


def _try_query(said: str, shapes: Text, triple: Triple, above: Mapping[Term, Triple]) -> None:
    for escape in _ESCAPE.finditer(said):
        if int(escape[1], 16) < 0x80:  # which may be a letter of SERVICE, or the end of a string
            why = f"The query has {escape[0]} for a character, and engines do not agree on what that does"
            _refuse(why, f"Write {chr(int(escape[1], 16))!r} itself.", shapes, triple, above, escape[0])
    whole = _ESCAPE.sub(lambda escape: chr(min(int(escape[1], 16), 0x10FFFF)), said)
    # To rdflib a comment goes on behind a lone carriage return.
    for reading in dict.fromkeys((said, whole, re.sub(r"\r(?!\n)", " ", whole))):
        try:
            word = sparql.outward(reading)
        except (QuerySyntax, QueryRefused) as error:
            _refuse(f"The query cannot be read. {error.detail.rstrip('.')}", "Mend the query.", shapes, triple, above)
        if word:
            why = f"The query says {word}, which would make the check read from elsewhere"
            advice = f"Take {word} out of it; a check reads only the file and what it refers to in this library."
            _refuse(why, advice, shapes, triple, above, word)


def _refuse(
    why: str, advice: str, shapes: Text, triple: Triple, above: Mapping[Term, Triple], word: str = ""
) -> NoReturn:
    """Say it of the nearest thing that has a name, on the line of the word where it can be found behind that name."""
    from planvev.formats.lines import locate  # here, because hardly ever anything is refused

    steps = [triple]
    while (step := above.get(steps[-1].subject)) and len(steps) < 32:
        steps.append(step)
    subject = steps[-1].subject
    shape = subject.value if isinstance(subject, NamedNode) else ""
    text = shapes.data.decode()
    line = locate(text).of(shape, steps[-1].predicate.value).number
    after = text.split("\n")[line - 1 :]
    line += next((n for n, one in enumerate(after) if word and word.upper() in one.upper()), 0)
    said = f"{short(shape) or 'A shape'}: {why}."
    raise SyntaxFault({"en": said}, shapes.source.file, line, 1, advice)
