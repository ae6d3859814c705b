"""Checking: what the shapes and the ownership rule say about files, as Findings that name a file and a line.

Sets of shapes decide what a finding does: `core` and `links` refuse, `advice` never does. A file is judged beside the
facts it refers to in other files, so that checking one plan costs the same in a small library and a large one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from planvev.checking.findings import ERROR, Each, Finding, Portion, Remark, Rules, Verdict
from planvev.checking.validation import AUTO
from planvev.errors import SyntaxFault
from planvev.formats import rdf
from planvev.library import Text, Voice, closure
from planvev.names import Base

if TYPE_CHECKING:
    from planvev.formats.lines import Lines

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
    remarks: dict[str, list[Remark]] = {}
    done = 0
    for portion, found in zip(work, (each or _here)(work), strict=True):
        findings += found.findings
        counted += found.counted
        remarks |= found.remarks
        done += len(portion.judged)
        if tell:
            tell(done, len(judged))
    ordered = sorted(set(findings), key=lambda f: (f.file, f.line, f.severity != ERROR, f.shape, f.value or ""))
    return Verdict(ordered, counted, remarks)


def _here(work: Sequence[Portion]) -> Iterator[Verdict]:
    from planvev.checking.judging import judge  # here, because whoever has it done elsewhere needs no engine

    return map(judge, work)


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
    where: Lines | None = None
    for subject in base.strangers(place, rdf.subjects(text.triples)):
        where = where or _locate(text)
        line = where.of(subject)
        words = {lang: form.format(file=text.source.file, thing=base.thing(place)) for lang, form in _STRANGER.items()}
        yield Finding(text.source.file, line.number, line.exact, ERROR, "stranger", subject, None, None, words)


def _locate(text: Text) -> Lines:
    from planvev.formats.lines import locate  # here, because few files say what is not theirs

    return locate(text.data.decode())


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
