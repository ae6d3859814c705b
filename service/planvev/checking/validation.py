"""SHACL: triples and shapes in, results out, by one of two engines that must agree.

`pyshacl` is the reference: right on the whole core suite of the W3C, and slow. `shacl` is a compiled engine, equally
right there and about a hundred times faster, but young and not built for every platform; where it is installed it is
used, and tests hold its results equal to the reference over every case, the whole library and the W3C suite. Its cost
grows with the square of the graph, so callers give it a file beside what it refers to, never a whole nation.

Both see only triples that pyoxigraph has parsed. SHACL 1.0 with SHACL-SPARQL and `sh:SPARQLTarget`.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planvev.errors import EngineFault
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple, packed, read_turtle
from planvev.names import PREFIXES

PYSHACL, SHACL, AUTO = "pyshacl", "shacl", "auto"
ENGINES = (AUTO, SHACL, PYSHACL)

_SH = PREFIXES["sh"]
_FUNCTIONS = {NamedNode(_SH + kind) for kind in ("JSFunction", "SPARQLFunction")}
_BLANK = re.compile(r"_:(?:\d+_)?b(\d+)")


@dataclass(frozen=True)
class Result:
    """One `sh:ValidationResult`: what is wrong where, by which shape. `path` is None unless it is one property."""

    focus: NamedNode | BlankNode | Literal
    path: str | None
    value: Term | None
    shape: str


class Shapes:
    """One shapes graph, made ready for the fast engine once: half the work of judging one plan is compiling it.

    Shapes that results should name carry an IRI.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples: Sequence[Triple] = list(dict.fromkeys(triples))

    @cached_property
    def compiled(self) -> tuple[Any, Sequence[BlankNode]]:
        """As the fast engine keeps them, never changed by use, and their blank nodes. Raises ValueError: refused."""
        import shacl  # type: ignore[import-not-found, unused-ignore]  # not built for every platform

        return shacl.Shapes.from_text(packed(self.triples).decode(), "ntriples"), _blanks(self.triples)


def chosen(engine: str) -> str:
    """The engine that `auto` stands for here, or the one named.

    Raises:
        ValueError: the engine is not installed or not one of `ENGINES`.
    """
    installed = importlib.util.find_spec(SHACL) is not None
    if engine == AUTO:
        return SHACL if installed else PYSHACL
    if engine not in ENGINES:
        raise ValueError(f"must be one of {', '.join(ENGINES)}")
    if engine == SHACL and not installed:
        raise ValueError("is not installed here; use pyshacl or auto")
    return engine


def validate(data: Iterable[Triple], shapes: Shapes | Iterable[Triple], engine: str = AUTO) -> list[Result]:
    """All results of validating `data` against `shapes`, without repetition, in no order.

    Args:
        data: one graph; blank nodes keep their labels in the results.
        shapes: one shapes graph; as `Shapes` where it is used more than once.
        engine: one of `ENGINES`.

    Raises:
        EngineFault: the engine cannot use the shapes, or says what nobody can place.
    """
    judge = _by_shacl if chosen(engine) == SHACL else _by_pyshacl
    shapes = shapes if isinstance(shapes, Shapes) else Shapes(shapes)
    return list(dict.fromkeys(judge(list(dict.fromkeys(data)), shapes)))


def messages(shapes: Iterable[Triple]) -> Mapping[str, Mapping[str, str]]:
    """What each shape says when it is broken, by language."""
    said: dict[str, dict[str, str]] = {}
    for triple in shapes:
        if triple.predicate.value == _SH + "message" and isinstance(triple.object, Literal):
            shape = str(getattr(triple.subject, "value", ""))
            said.setdefault(shape, {})[triple.object.language or ""] = triple.object.value
    return said


def _by_shacl(data: Sequence[Triple], shapes: Shapes) -> Iterable[Result]:
    try:
        compiled, known = shapes.compiled
        report = compiled.validate_text(packed(data).decode(), "ntriples")
    except ValueError as refused:
        raise _unusable(str(refused)) from refused
    # The engine numbers blank nodes by their first occurrence, those of the shapes before those of the data.
    blanks = [*known, *_blanks(data)]
    for result in report.results:
        path = re.fullmatch(r"<([^<>]*)>", result.path or "")
        focus = _term(result.focus_node, blanks)
        if focus is None:  # a result that cannot be placed must not be lost: the data would pass
            raise EngineFault(f"The SHACL engine names a node that is not in the data: {result.focus_node}.")
        value = _term(result.value, blanks)
        yield Result(focus, path.group(1) if path else None, value, (result.source_shape or "").strip("<>"))


def _blanks(triples: Sequence[Triple]) -> list[BlankNode]:
    return list(dict.fromkeys(term for t in triples for term in (t.subject, t.object) if isinstance(term, BlankNode)))


def _term(text: str | None, blanks: Sequence[BlankNode]) -> NamedNode | BlankNode | Literal | None:
    """A term of the fast engine's report, which writes them as N-Triples does."""
    if text is None:
        return None
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    blank = _BLANK.fullmatch(text)
    if blank:
        number = int(blank.group(1))
        return blanks[number] if number < len(blanks) else None
    (said,) = read_turtle(f"<about:it> <about:is> {text} .".encode(), "report")
    return said.object if isinstance(said.object, Literal) else None


def _by_pyshacl(data: Sequence[Triple], shapes: Shapes) -> Iterable[Result]:
    import pyshacl
    import rdflib

    from planvev.checking.bridge import asked, ours, plain

    with _quiet():
        try:
            graph = plain(data) if _extend(shapes.triples) else asked(data)
            _, report, said = pyshacl.validate(graph, shacl_graph=plain(shapes.triples), advanced=True, inplace=True)
        except Exception as refused:  # its own kinds, rdflib's and the SPARQL parser's; none has a parent with another
            raise _unusable(str(refused)) from refused
    if not isinstance(report, rdflib.Graph):
        raise _unusable(said)
    for result in report.objects(None, rdflib.SH.result):  # not the details below a result, which have its type too
        path = report.value(result, rdflib.SH.resultPath)
        focus = ours(report.value(result, rdflib.SH.focusNode))
        if focus is None:
            continue
        yield Result(
            focus,
            str(path) if isinstance(path, rdflib.URIRef) else None,
            ours(report.value(result, rdflib.SH.value)),
            str(report.value(result, rdflib.SH.sourceShape)),
        )


def _extend(shapes: Sequence[Triple]) -> bool:
    """Whether shapes bring rules that add triples, or functions of their own: only rdflib is told of those."""
    return any(t.predicate.value == _SH + "rule" or t.object in _FUNCTIONS for t in shapes)


def _unusable(why: str) -> EngineFault:
    return EngineFault(f"The SHACL engine cannot use the shapes: {why.strip().rstrip('.')}.", "Mend the shapes.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from printing a stack for each literal that is not of its type: the shapes say that, with a line."""
    import logging
    import warnings

    log = logging.getLogger("rdflib.term")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        log.setLevel(level)
