"""Judging one portion: what the shapes find in it, each with the file and the line where it stands.

The rules are read once and kept for the portions that follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from planvev.checking.findings import ADVICE, ERROR, Finding, Portion, Remark, Rules, Verdict
from planvev.checking.shape_queries import refuse_outward
from planvev.checking.validation import Result, Shapes, messages, validate
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.library import Text
from planvev.names import SHAPES, WITHDRAWN, short

if TYPE_CHECKING:
    from planvev.formats.lines import Lines

REFUSING_SETS = ("core", "links")
OF_TOMBSTONES = (f"{SHAPES}Thing-type", f"{SHAPES}Thing-withdrawn-")  # what must be there in them too


@dataclass(frozen=True)
class _Known:
    """The rules as judging needs them: what each shape says, and how heavily it weighs."""

    ontology: Sequence[Triple]
    shapes: Shapes
    severities: Mapping[str, str]
    messages: Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=2)
def _read(rules: Rules) -> _Known:
    for text in rules.shapes:
        refuse_outward(text)
    triples = [triple for text in rules.shapes for triple in text.triples]
    severities = {shape: _severity(text) for text in rules.shapes for shape in rdf.subjects(text.triples)}
    ontology = [triple for text in rules.ontology for triple in text.triples]
    return _Known(ontology, Shapes(triples), severities, messages(triples))


def _severity(shapes: Text) -> str:
    return ERROR if shapes.source.place.split("/")[1] in REFUSING_SETS else ADVICE


@dataclass(frozen=True)
class _Unplaced:
    """A finding that nobody has looked for in its file yet; `path` in full.

    `named` says whether the shape looked at the thing itself and not at a blank node that hangs on it: only then does
    the value stand in one statement with the thing.
    """

    text: Text = field(repr=False, compare=False)
    file: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    named: bool


def judge(portion: Portion) -> Verdict:
    """What is found in one portion, in no order.

    Raises:
        SyntaxFault: a file does not parse, or a query in the shapes would leave this machine.
        EngineFault: the engine cannot use the shapes.
    """
    known = _read(portion.rules)
    places = _Places(known)
    wanted: list[_Unplaced] = []
    counted: list[_Unplaced] = []
    for one in _unplaced(portion, known):
        seen = portion.advice or known.severities.get(one.shape, ERROR) == ERROR
        (wanted if seen else counted).append(one)
    remarks: dict[str, list[Remark]] = {}
    for one in counted:
        remark = Remark(short(one.shape), one.focus, one.path, one.value, one.named)
        remarks.setdefault(one.file, []).append(remark)
    return Verdict([places.finding(one) for one in wanted], _count(counted, places), remarks)


def _unplaced(portion: Portion, known: _Known) -> list[_Unplaced]:
    """What the shapes find in a portion, each once."""
    judged = portion.judged
    own = [triple for text in judged for triple in text.triples]
    owners = {subject: text for text in judged for subject in rdf.subjects(text.triples)}
    above: dict[object, Triple] = {t.object: t for t in own if isinstance(t.object, BlankNode)}
    around = (*portion.context, *known.ontology)
    found: dict[_Unplaced, None] = {}
    for result in asked(validate([*own, *around], known.shapes, portion.rules.engine), own):
        subject, path = _named(result, above)
        text = owners.get(subject)
        if text is not None:  # else a fact from another file, seen only in part
            shown = None if result.value in (None, result.focus) else _shown(result.value)
            named = isinstance(result.focus, NamedNode)
            found[_Unplaced(text, text.source.file, result.shape, subject, path, shown, named)] = None
    return list(found)


def asked(results: Iterable[Result], data: Iterable[Triple]) -> Iterator[Result]:
    """What shapes have found, but for what they miss in a tombstone, which says no more than that."""
    withdrawn = {triple.subject for triple in data if triple.predicate.value == WITHDRAWN}
    for result in results:
        missed = result.value in (None, result.focus) and not result.shape.startswith(OF_TOMBSTONES)
        if not (missed and result.focus in withdrawn):
            yield result


class _Places:
    """Findings from what has no place yet; each file is searched when something in it is first asked for."""

    def __init__(self, known: _Known) -> None:
        self.known = known
        self._located: dict[str, Lines] = {}

    def finding(self, one: _Unplaced) -> Finding:
        from planvev.formats import lines  # here, because often nothing is found

        if one.file not in self._located:
            self._located[one.file] = lines.locate(one.text.data.decode())
        line = self._located[one.file].of(one.focus, one.path, one.value if one.named else None)
        return Finding(
            one.file,
            line.number,
            line.exact,
            self.known.severities.get(one.shape, ERROR),
            short(one.shape),
            one.focus,
            short(one.path) if one.path else None,
            one.value,
            self.known.messages.get(one.shape, {}),
        )


def _count(found: Sequence[_Unplaced], places: _Places) -> Counter[str]:
    """How many findings there would be in each file: two that differ in `named` alone are one where lines meet."""
    alike = Counter(replace(one, named=True) for one in found)
    doubtful = [one for one in found if alike[replace(one, named=True)] > 1]
    sure = Counter(one.file for one in found if alike[replace(one, named=True)] == 1)
    return sure + Counter(finding.file for finding in {places.finding(one) for one in doubtful})


def _named(result: Result, above: Mapping[object, Triple]) -> tuple[str, str | None]:
    """The named thing that a result is about, and the property: for a blank node, the thing it hangs on."""
    focus: object = result.focus
    path = result.path
    for _ in range(32):
        step = above.get(focus)
        if step is None:
            break
        focus, path = step.subject, step.predicate.value
    return str(getattr(focus, "value", focus)), path


def _shown(value: Term | None) -> str | None:
    return value.value if isinstance(value, NamedNode | Literal) else None
