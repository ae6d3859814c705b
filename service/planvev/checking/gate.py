"""The gate before a snapshot: which files must be judged for the whole library to be known as sound, and the verdict.

The published state has passed a whole check. So when ontology and shapes are as they were, only files that changed and
files that rest on a changed thing can be judged differently; what is known of the others is taken from the published
store, and the verdict is the one a whole check would give.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from planvev.checking.affected import Kept, affected
from planvev.checking.checks import verdict
from planvev.checking.findings import Finding, Remark
from planvev.checking.judges import Judges
from planvev.checking.seen import Files
from planvev.errors import Refused
from planvev.library import DATA, ONTOLOGY, SHAPES, Voice

BATCH = 200  # files judged at once, so that the triples of a nation never stand in memory together


class GateClosed(Refused):
    """The shapes or the ownership rule refuse the data; `findings` say what and where, advice left out."""

    def __init__(self, findings: Sequence[Finding], advised: int) -> None:
        super().__init__(f"{len(findings)} refused, {advised} advised. Nothing was changed.")
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Judged:
    """The places of the files that were judged, with how many pieces of advice there are in each, and which."""

    advised: dict[str, int]
    remarks: dict[str, list[Remark]]


def judge(
    files: Files,
    engine: str,
    seconds: float | None,
    tell: Callable[[str], None],
    bar: Callable[[int, int], None] | None,
) -> Judged:
    """Judge what must be judged.

    Args:
        files: the files of the library.
        engine: one of `validation.ENGINES`.
        seconds: that one portion may take; None judges in this process, without a deadline.
        tell: called with a sentence before the work.
        bar: called with how many files of how many are done.

    Raises:
        GateClosed: something is refused.
        SyntaxFault, Unreadable: a file does not parse or cannot be read.
        CheckTimeout, EngineFault: the shapes take too long, or cannot be used.
    """
    # Read first, so that a change to them while we look is seen before it is decided whom they concern.
    vocabulary = [files.text(place) for place in files.places(ONTOLOGY, SHAPES)]
    judged = _judged(files)
    tell(f"Checking {len(judged)} of {len(files.places(DATA))} files against the shapes")
    among = _among(files)
    findings: list[Finding] = []
    advised: Counter[str] = Counter()
    remarks: dict[str, list[Remark]] = {}
    with Judges(seconds) if judged and seconds else contextlib.nullcontext() as judges:
        for first in range(0, len(judged), BATCH):
            texts = [files.text(place) for place in judged[first : first + BATCH]]
            passed = _passed(bar, first, len(judged))
            each = judges.each if judges else None
            found = verdict(texts, among, vocabulary, files.library.base, engine, passed, each, advice=False)
            findings += found.findings
            advised += found.counted
            remarks |= found.remarks
            for look in files.looks.values():
                if look.text and len(judged) > BATCH:
                    look.text.forget()
    if findings:
        raise GateClosed(findings, advised.total())
    names = {place: files.looks[place].source.file for place in judged}
    return Judged(
        {place: advised[name] for place, name in names.items()},
        {place: remarks.get(name, []) for place, name in names.items()},
    )


def advice(files: Files, judged: Judged) -> Mapping[str, int]:
    """How many pieces of advice there are in each file: as counted now where it was judged, else as before."""
    return {place: entry.advice for place, entry in files.had.items()} | judged.advised


def _judged(files: Files) -> list[str]:
    """The places of the files to be judged, in the library's order. Reads them, which may show more that changed."""
    ours = [place for place in files.places(DATA) if not files.looks[place].source.lent]
    if files.before is None or _vocabulary_changed(files):
        for place in files.places(DATA, ONTOLOGY, SHAPES):
            files.text(place)
        return ours
    while True:
        known = len(files.changed)
        touched = affected(files)
        for place in touched & files.looks.keys():
            files.text(place)
        if len(files.changed) == known:
            return [place for place in ours if place in touched]


def _vocabulary_changed(files: Files) -> bool:
    return any(files.role(place) in (ONTOLOGY, SHAPES) for place in files.moved())


def _among(files: Files) -> dict[str, Voice]:
    """Whatever speaks for each data file: its text when it is at hand, else the published store."""
    found: dict[str, Voice] = {}
    for place in files.places(DATA):
        look = files.looks[place]
        if look.text:
            found[place] = look.text
        elif files.before:
            found[place] = Kept(look.source, files.before)
    return found


def _passed(bar: Callable[[int, int], None] | None, first: int, of: int) -> Callable[[int, int], None] | None:
    return (lambda done, _: bar(first + done, of)) if bar else None
