"""Checking: what the shapes and the ownership rule say about files, as Findings that name a file and a line.

The shapes are SHACL 1.0 with SHACL-SPARQL, judged by pySHACL. Sets decide what a finding does: `core` and `links`
refuse, `advice` never does. rdflib and pySHACL only ever see triples that pyoxigraph has parsed.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyshacl
import rdflib
from rdflib.namespace import RDF, SH

from planvev import lines, rdf
from planvev.library import SHAPES, Text, closure
from planvev.names import Base, short
from planvev.rdf import Triple

ERROR, ADVICE = "error", "advice"
REFUSING_SETS = ("core", "links")

_STRANGER = {
    "nb": "Filen {file} kan bare si noe om {thing} og det som står under; dette hører hjemme i en annen fil.",
    "nn": "Fila {file} kan berre seie noko om {thing} og det som står under; dette høyrer heime i ei anna fil.",
    "en": "The file {file} may only speak about {thing} and what stands below it; this belongs in another file.",
}


@dataclass(frozen=True)
class Finding:
    """One line of a check.

    `file` and `line` say where (line from 1; `exact` is false when only the property's first line is known), `severity` is
    ERROR or ADVICE, `shape` the short name of the rule, `focus` the thing, `path` and `value` the statement where the
    rule names one, `messages` the sentence per language.
    """

    file: str
    line: int
    exact: bool
    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    messages: Mapping[str, str]

    def message(self, language: str) -> str:
        """The sentence in a language, or in the nearest one there is."""
        for choice in (language, "nb", "nn", "en", ""):
            if choice in self.messages:
                return self.messages[choice]
        return next(iter(self.messages.values()), self.shape)


def check(judged: Sequence[Text], among: Mapping[str, Text], vocabulary: Sequence[Text], base: Base) -> list[Finding]:
    """Judge files against the ownership rule and all shapes, each beside the facts it refers to in other files.

    Args:
        judged: the data texts to judge.
        among: every data text of the library by place; where a reference leads.
        vocabulary: the texts of ontology and shapes.
        base: the base of this library's IRIs.

    Returns:
        The findings, by file and line; empty when all is well.

    Raises:
        SyntaxFault: a file does not parse.
    """
    findings = [finding for text in judged for finding in _strangers(text, base)]
    context = closure(judged, among, base)
    ontology = [t for text in vocabulary if text.source.role != SHAPES for t in text.triples]
    data = _graph([t for text in judged for t in text.triples], context, ontology)
    owners = {subject: text for text in judged for subject in rdf.subjects(text.triples)}
    shapes = [text for text in vocabulary if text.source.role == SHAPES]
    findings += _judge(data, shapes, owners)
    return sorted(set(findings), key=lambda f: (f.file, f.line, f.severity != ERROR, f.shape, f.value or ""))


def _strangers(text: Text, base: Base) -> Iterable[Finding]:
    place = text.source.place
    where: lines.Lines | None = None
    for subject in base.strangers(place, rdf.subjects(text.triples)):
        where = where or lines.locate(text.data.decode())
        line = where.of(subject)
        words = {lang: form.format(file=text.source.file, thing=base.thing(place)) for lang, form in _STRANGER.items()}
        yield Finding(text.source.file, line.number, line.exact, ERROR, "stranger", subject, None, None, _Frozen(words))


def _graph(*parts: Iterable[Triple]) -> rdflib.Graph:
    graph = rdflib.Graph()
    triples = dict.fromkeys(triple for part in parts for triple in part)
    if triples:
        graph.parse(io.BytesIO(rdf.write(triples, "nt")), format="nt")
    return graph


def _judge(data: rdflib.Graph, shapes: Sequence[Text], owners: Mapping[str, Text]) -> Iterable[Finding]:
    rules = _graph(*(text.triples for text in shapes))
    severities = {shape: _severity(text) for text in shapes for shape in rdf.subjects(text.triples)}
    _, report, _ = pyshacl.validate(data, shacl_graph=rules, advanced=True, inplace=True)
    assert isinstance(report, rdflib.Graph)
    located: dict[str, lines.Lines] = {}
    for result in report.subjects(RDF.type, SH.ValidationResult):
        focus = report.value(result, SH.focusNode)
        shape, value = str(report.value(result, SH.sourceShape)), report.value(result, SH.value)
        subject, path = _named(data, focus, report.value(result, SH.resultPath))
        text = owners.get(str(subject))
        if text is None:
            continue  # a fact from another file, seen only in part
        if text.source.file not in located:
            located[text.source.file] = lines.locate(text.data.decode())
        shown = None if value in (None, focus) or isinstance(value, rdflib.BNode) else str(value)
        predicate = str(path) if isinstance(path, rdflib.URIRef) else None
        line = located[text.source.file].of(str(subject), predicate, shown if subject == focus else None)
        yield Finding(
            text.source.file,
            line.number,
            line.exact,
            severities.get(shape, ERROR),
            short(shape),
            str(subject),
            short(predicate) if predicate else None,
            shown,
            _messages(report, result),
        )


def _severity(shapes: Text) -> str:
    return ERROR if shapes.source.place.split("/")[1] in REFUSING_SETS else ADVICE


def _messages(report: rdflib.Graph, result: rdflib.graph._SubjectType) -> Mapping[str, str]:
    messages = report.objects(result, SH.resultMessage)
    return _Frozen({getattr(message, "language", None) or "": str(message) for message in messages})


def _named(data: rdflib.Graph, focus: object, path: object) -> tuple[object, object]:
    """The named thing that a result is about, and the property: for a blank node, the thing it hangs on."""
    seen: set[object] = set()
    while isinstance(focus, rdflib.BNode) and focus not in seen:
        seen.add(focus)
        above = next(iter(data.subject_predicates(focus)), None)
        if above is None:
            break
        focus, path = above
    return focus, path


class _Frozen(dict[str, str]):
    """Messages that can stand in a set with their finding."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))
