"""Checking: what the shapes and the ownership rule say about files, as Findings that name a file and a line.

Sets of shapes decide what a finding does: `core` and `links` refuse, `advice` never does. A file is judged beside the
facts it refers to in other files, so that checking one plan costs the same in a small library and a large one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from planvev import lines, rdf
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


def check(
    judged: Sequence[Text],
    among: Mapping[str, Voice],
    vocabulary: Sequence[Text],
    base: Base,
    engine: str = AUTO,
    tell: Progress | None = None,
    each: Each | None = None,
) -> list[Finding]:
    """Judge files against the ownership rule and all shapes, each beside the facts it refers to in other files.

    Args:
        judged: the data texts to judge.
        among: whatever speaks for each data file of the library, by place; where a reference leads.
        vocabulary: the texts of ontology and shapes.
        base: the base of this library's IRIs.
        engine: one of `validation.ENGINES`.
        tell: called after each portion with how many files are done, of how many.
        each: who judges the portions, such as `judges.Judges.each`; None judges them here, one after the other.

    Returns:
        The findings, by file and line; empty when all is well.

    Raises:
        SyntaxFault: a file does not parse, or a query in the shapes would leave this machine.
        EngineFault: the engine cannot use the shapes.
    """
    findings = [finding for text in judged for finding in _strangers(text, base)]
    rules = Rules.of(vocabulary, engine)
    work = [Portion(portion, tuple(closure(portion, among, base)), rules) for portion in _portions(judged)]
    done = 0
    for portion, found in zip(work, each(work) if each else map(judge, work), strict=True):
        findings += found
        done += len(portion.judged)
        if tell:
            tell(done, len(judged))
    return sorted(set(findings), key=lambda f: (f.file, f.line, f.severity != ERROR, f.shape, f.value or ""))


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
    """What one judgement needs: files, the facts they refer to in other files, and the rules."""

    judged: Sequence[Text]
    context: Sequence[Triple]
    rules: Rules


Each = Callable[[Sequence[Portion]], Iterable[list[Finding]]]


def judge(portion: Portion) -> list[Finding]:
    """The findings of one portion, in no order. Raises EngineFault: the engine cannot use the shapes."""
    judged, shapes = portion.judged, portion.rules.shapes
    own = [triple for text in judged for triple in text.triples]
    owners = {subject: text for text in judged for subject in rdf.subjects(text.triples)}
    above: dict[object, Triple] = {t.object: t for t in own if isinstance(t.object, BlankNode)}
    located: dict[str, lines.Lines] = {}
    findings = []
    around = (*portion.context, *portion.rules.ontology)
    for result in validate([*own, *around], shapes.triples, portion.rules.engine):
        subject, path = _named(result, above)
        text = owners.get(subject)
        if text is None:
            continue  # a fact from another file, seen only in part
        if text.source.file not in located:
            located[text.source.file] = lines.locate(text.data.decode())
        named = isinstance(result.focus, NamedNode)
        shown = None if result.value in (None, result.focus) else _shown(result.value)
        line = located[text.source.file].of(subject, path, shown if named else None)
        finding = Finding(
            text.source.file,
            line.number,
            line.exact,
            shapes.severities.get(result.shape, ERROR),
            short(result.shape),
            subject,
            short(path) if path else None,
            shown,
            shapes.messages.get(result.shape, {}),
        )
        findings.append(finding)
    return findings


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
