"""Checking: what the shapes and the ownership rule say about files, as Findings that name a file and a line.

Sets of shapes decide what a finding does: `core` and `links` refuse, `advice` never does. A file is judged beside the
facts it refers to in other files, so that checking one plan costs the same in a small library and a large one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planvev import lines, rdf
from planvev.errors import SyntaxFault
from planvev.library import ONTOLOGY, SHAPES, Text, Voice, closure
from planvev.names import Base, short
from planvev.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.shape_queries import refuse_outward
from planvev.validation import AUTO, Result, messages, validate

ERROR, ADVICE = "error", "advice"
REFUSING_SETS = ("core", "links")
PORTION = 4000  # triples judged at once

Progress = Callable[[int, int], None]

_STRANGER = {
    "nb": "Filen {file} kan bare si noe om {thing} og det som står under; dette hører hjemme i en annen fil.",
    "nn": "Fila {file} kan berre seie noko om {thing} og det som står under; dette høyrer heime i ei anna fil.",
    "en": "The file {file} may only speak about {thing} and what stands below it; this belongs in another file.",
}

_EMPTY = {
    "nb": "Filen sier ingenting; skriv det den skal si, eller slett den.",
    "nn": "Fila seier ingenting; skriv det ho skal seie, eller slett ho.",
    "en": "The file says nothing; write what it is to say, or delete it.",
}


@dataclass(frozen=True)
class Finding:
    """One line of a check.

    `file` and `line` say where (line from 1; `exact` is false when only the property's first line is known),
    `severity` is ERROR or ADVICE, `shape` the short name of the rule, `focus` the thing, `path` and `value` the
    statement where the rule names one, `messages` the sentence per language.
    """

    file: str
    line: int
    exact: bool
    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    messages: Mapping[str, str] = field(hash=False)

    def message(self, language: str) -> str:
        """The sentence in a language, or in the nearest one there is."""
        for choice in (language, "nb", "nn", "en", ""):
            if choice in self.messages:
                return self.messages[choice]
        return next(iter(self.messages.values()), self.shape)


@dataclass(frozen=True)
class Verdict:
    """What was found, and of advice that is only counted, how many pieces there are in each file, by its name."""

    findings: list[Finding]
    counted: Counter[str]


def check(
    judged: Sequence[Text],
    among: Mapping[str, Voice],
    vocabulary: Sequence[Text],
    base: Base,
    engine: str = AUTO,
    tell: Progress | None = None,
    each: Each | None = None,
) -> list[Finding]:
    """All findings of files, advice too, by file and line; empty when all is well. The rest is as `verdict` has it."""
    return verdict(judged, among, vocabulary, base, engine, tell, each, advice=True).findings


def verdict(
    judged: Sequence[Text],
    among: Mapping[str, Voice],
    vocabulary: Sequence[Text],
    base: Base,
    engine: str = AUTO,
    tell: Progress | None = None,
    each: Each | None = None,
    *,
    advice: bool,
) -> Verdict:
    """Judge files against the ownership rule and all shapes, each beside the facts it refers to in other files.

    Args:
        judged: the data texts to judge.
        among: whatever speaks for each data file of the library, by place; where a reference leads.
        vocabulary: the texts of ontology and shapes.
        base: the base of this library's IRIs.
        engine: one of `validation.ENGINES`.
        tell: called after each portion with how many files are done, of how many.
        each: who judges the portions, such as `judges.Judges.each`; None judges them here, one after the other.
        advice: whether advice is wanted with its line; else it is counted, which spares reading where things stand
            in files that are not refused.

    Returns:
        The findings, by file and line; empty when all is well. Where a file to be judged does not parse, that alone.

    Raises:
        SyntaxFault: another file does not parse, or a query in the shapes would leave this machine.
        EngineFault: the engine cannot use the shapes.
    """
    if unread := [finding for text in judged for finding in _unread(text, base)]:
        return Verdict(unread, Counter())  # what others say of a file that cannot be read would be wrong
    findings = [finding for text in judged for finding in _strangers(text, base)]
    rules = Rules.of(vocabulary, engine)
    work = [Portion(portion, tuple(closure(portion, among, base)), rules, advice) for portion in _portions(judged)]
    counted: Counter[str] = Counter()
    done = 0
    for portion, found in zip(work, each(work) if each else map(judge, work), strict=True):
        findings += found.findings
        counted += found.counted
        done += len(portion.judged)
        if tell:
            tell(done, len(judged))
    ordered = sorted(set(findings), key=lambda f: (f.file, f.line, f.severity != ERROR, f.shape, f.value or ""))
    return Verdict(ordered, counted)


def _unread(text: Text, base: Base) -> Iterable[Finding]:
    try:
        _ = text.triples
    except SyntaxFault as fault:
        about, where = base.thing(text.source.place), f"{fault.line}:{fault.column}"
        yield Finding(text.source.file, fault.line, True, ERROR, "syntax", about, None, where, fault.words)


def _strangers(text: Text, base: Base) -> Iterable[Finding]:
    """What is wrong with a file whatever the shapes say: it says nothing, or speaks for another."""
    place = text.source.place
    if not text.triples:  # to publish it would take away what it said before
        yield Finding(text.source.file, 1, True, ERROR, "empty", base.thing(place), None, None, _EMPTY)
    where: lines.Lines | None = None
    for subject in base.strangers(place, rdf.subjects(text.triples)):
        where = where or lines.locate(text.data.decode())
        line = where.of(subject)
        words = {lang: form.format(file=text.source.file, thing=base.thing(place)) for lang, form in _STRANGER.items()}
        yield Finding(text.source.file, line.number, line.exact, ERROR, "stranger", subject, None, None, words)


def _portions(judged: Sequence[Text]) -> Iterable[list[Text]]:
    """Files in portions of bounded size: the cost of one judgement grows faster than its triples."""
    portion: list[Text] = []
    size = 0
    for text in judged:
        if portion and size + len(text.triples) > PORTION:
            yield portion
            portion, size = [], 0
        portion.append(text)
        size += len(text.triples)
    if portion:
        yield portion


@dataclass(frozen=True)
class Rules:
    """What every judgement of a library rests on: its ontology, its shapes, and the engine."""

    ontology: tuple[Triple, ...]
    shapes: Shapes
    engine: str

    @classmethod
    def of(cls, vocabulary: Sequence[Text], engine: str) -> Rules:
        """Raises SyntaxFault: a query in the shapes would leave this machine."""
        shapes = [text for text in vocabulary if text.source.role == SHAPES]
        for text in shapes:
            refuse_outward(text)
        ontology = tuple(t for text in vocabulary if text.source.role == ONTOLOGY for t in text.triples)
        return cls(ontology, Shapes.of(shapes), engine)


@dataclass(frozen=True)
class Portion:
    """What one judgement needs: files, the facts they refer to in other files, and the rules.

    `advice` says whether advice gets its line, or is counted.
    """

    judged: Sequence[Text]
    context: Sequence[Triple]
    rules: Rules
    advice: bool = True


Each = Callable[[Sequence[Portion]], Iterable[Verdict]]


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
    """What is found in one portion, in no order. Raises EngineFault: the engine cannot use the shapes."""
    shapes = portion.rules.shapes
    places = _Places(shapes)
    wanted: list[_Unplaced] = []
    counted: list[_Unplaced] = []
    for one in _unplaced(portion):
        seen = portion.advice or shapes.severities.get(one.shape, ERROR) == ERROR
        (wanted if seen else counted).append(one)
    return Verdict([places.finding(one) for one in wanted], _count(counted, places))


def _unplaced(portion: Portion) -> list[_Unplaced]:
    """What the shapes find in a portion, each once."""
    judged = portion.judged
    own = [triple for text in judged for triple in text.triples]
    owners = {subject: text for text in judged for subject in rdf.subjects(text.triples)}
    above: dict[object, Triple] = {t.object: t for t in own if isinstance(t.object, BlankNode)}
    around = (*portion.context, *portion.rules.ontology)
    found: dict[_Unplaced, None] = {}
    for result in validate([*own, *around], portion.rules.shapes.triples, portion.rules.engine):
        subject, path = _named(result, above)
        text = owners.get(subject)
        if text is not None:  # else a fact from another file, seen only in part
            shown = None if result.value in (None, result.focus) else _shown(result.value)
            named = isinstance(result.focus, NamedNode)
            found[_Unplaced(text, text.source.file, result.shape, subject, path, shown, named)] = None
    return list(found)


class _Places:
    """Findings from what has no place yet; each file is searched when something in it is first asked for."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self._located: dict[str, lines.Lines] = {}

    def finding(self, one: _Unplaced) -> Finding:
        if one.file not in self._located:
            self._located[one.file] = lines.locate(one.text.data.decode())
        line = self._located[one.file].of(one.focus, one.path, one.value if one.named else None)
        return Finding(
            one.file,
            line.number,
            line.exact,
            self.shapes.severities.get(one.shape, ERROR),
            short(one.shape),
            one.focus,
            short(one.path) if one.path else None,
            one.value,
            self.shapes.messages.get(one.shape, {}),
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


@dataclass(frozen=True)
class Shapes:
    """The shapes of a library, with what each says and how heavily it weighs."""

    triples: tuple[Triple, ...]
    severities: Mapping[str, str]
    messages: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, texts: Sequence[Text]) -> Shapes:
        triples = tuple(triple for text in texts for triple in text.triples)
        severities = {shape: _severity(text) for text in texts for shape in rdf.subjects(text.triples)}
        return cls(triples, severities, messages(triples))


def _severity(shapes: Text) -> str:
    return ERROR if shapes.source.place.split("/")[1] in REFUSING_SETS else ADVICE
