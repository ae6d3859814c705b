"""Quotations held to the texts they come from: are the words there, once, at the place the data says?

The texts are not part of a library; whoever has a copy gives its folder. A copy is recognised by the SHA-256 of its
bytes, which the source document states. Words are compared after joining wrapped lines, leaving out running headers and
list marks, and collapsing white space; nothing else is forgiven.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planvev.checking.findings import ADVICE, ERROR, Finding
from planvev.formats import lines
from planvev.formats.rdf import Literal, NamedNode, Term, Triple
from planvev.library import Text
from planvev.names import NS, PREFIXES

_OA, _SPDX, _RDF = PREFIXES["oa"], PREFIXES["spdx"], PREFIXES["rdf"]
_LIST_MARK = re.compile(r"^\s*[•-]\s+")
_SENTENCE = re.compile(r"[^.!?:]+(?:[.!?:]+(?=\s|$)|[.!?:]+|$)")

_SAID = {
    "missing": {
        "nb": "Ordene står ikke i kilden; skriv dem av tegn for tegn.",
        "nn": "Orda står ikkje i kjelda; skriv dei av teikn for teikn.",
        "en": "The words do not stand in the source; copy them character by character.",
    },
    "twice": {
        "nb": "Ordene med det som står før og etter, finnes flere steder i kilden; ta med flere ord rundt.",
        "nn": "Orda med det som står før og etter, finst fleire stader i kjelda; ta med fleire ord rundt.",
        "en": "The words with those around them stand in several places of the source; give more words around them.",
    },
    "place": {
        "nb": "Stedet er feil: i kilden står ordene fra tegn {start} til {end}.",
        "nn": "Staden er feil: i kjelda står orda frå teikn {start} til {end}.",
        "en": "The place is wrong: in the source the words stand from character {start} to {end}.",
    },
    "digest": {
        "nb": "Fingeravtrykket er ikke av disse ordene; rett det til {digest}.",
        "nn": "Fingeravtrykket er ikkje av desse orda; rett det til {digest}.",
        "en": "The digest is not of these words; correct it to {digest}.",
    },
    "absent": {
        "nb": "Ingen fil i {folder} er teksten som fingeravtrykket her står for; sitatene fra den er ikke prøvd.",
        "nn": "Inga fil i {folder} er teksten som fingeravtrykket her står for; sitata frå den er ikkje prøvde.",
        "en": "No file in {folder} is the text that this digest stands for; the quotations from it were not tried.",
    },
}


@dataclass(frozen=True)
class Coverage:
    """How much of a source is quoted: characters, the sentences that no quotation touches, and the words that the data
    leave out with a reason (`plan:LeftOut`)."""

    document: str
    characters: int
    quoted: int
    unquoted: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Quotation:
    """A quotation as the data have it; what they do not say is empty or None."""

    iri: str
    text: Text
    source: str
    exact: str
    prefix: str
    suffix: str
    start: int | None
    end: int | None
    digest: str | None
    why: str | None  # of words that are left out: the reason


def try_quotations(texts: Sequence[Text], folder: Path) -> tuple[list[Finding], list[Coverage]]:
    """Compare every quotation of a library with the source texts in a folder.

    Args:
        texts: the data texts.
        folder: where copies of the source texts are, at any depth.

    Returns:
        What does not agree, as findings; and how much of each source found there is quoted, summaries left out.
    """
    graph = _Graph(texts)
    copies = _copies(folder)
    findings: list[Finding] = []
    coverage: list[Coverage] = []
    quotations = list(graph.quotations())
    for document, digest in graph.documents():
        if digest not in copies:
            findings.append(graph.finding("absent", document, ADVICE, folder=folder))
            continue
        words = joined(copies[digest].read_text("utf-8"), graph.headers(document))
        its_own = [quotation for quotation in quotations if quotation.source == document]
        if not its_own and graph.retells(document):
            continue  # a summary is in somebody's own words: nothing of it is ever quoted
        quoted, left_out = [], []
        for quotation in its_own:
            found, complaint = _compare(quotation, words)
            if quotation.why is None:
                quoted += found
            else:
                left_out += [(span, quotation.why) for span in found]
            if complaint:
                name, details = complaint
                findings.append(graph.finding(name, quotation.iri, ERROR, **details))
        coverage.append(_covered(document, words, quoted, left_out))
    return sorted(findings, key=lambda f: (f.file, f.line)), coverage


def placed(texts: Sequence[Text], folder: Path) -> Iterator[tuple[Quotation, tuple[int, int]]]:
    """Each quotation that stands once in its source, and where: from and to a character of the joined text."""
    graph = _Graph(texts)
    copies = _copies(folder)
    words = {
        document: joined(copies[digest].read_text("utf-8"), graph.headers(document))
        for document, digest in graph.documents()
        if digest in copies
    }
    for quotation in graph.quotations():
        found = words.get(quotation.source, "")
        whole = quotation.prefix + quotation.exact + quotation.suffix
        if quotation.exact and found.count(whole) == 1:
            start = found.index(whole) + len(quotation.prefix)
            yield quotation, (start, start + len(quotation.exact))


def _copies(folder: Path) -> Mapping[str, Path]:
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.rglob("*") if path.is_file()}


def joined(text: str, headers: Iterable[str] = ()) -> str:
    """A text as quotations see it: lines joined, running headers and list marks left out, white space collapsed."""
    left_out = {" ".join(header.split()) for header in headers}
    kept = (line for line in text.splitlines() if " ".join(line.split()) not in left_out)
    return " ".join(" ".join(_LIST_MARK.sub("", line) for line in kept).split())


def _compare(q: Quotation, words: str) -> tuple[list[tuple[int, int]], tuple[str, dict[str, object]] | None]:
    """Where a quotation stands, and what is wrong with it."""
    whole = q.prefix + q.exact + q.suffix
    count = words.count(whole) if q.exact else 0
    if count == 0:
        return [], ("missing", {})
    start = words.index(whole) + len(q.prefix)
    span = (start, start + len(q.exact))
    if count > 1:
        return [span], ("twice", {})
    if q.start is not None and (q.start, q.end) != span:
        return [span], ("place", {"start": span[0], "end": span[1]})
    digest = hashlib.sha256(q.exact.encode()).hexdigest()
    if q.digest is not None and q.digest.lower() != digest:
        return [span], ("digest", {"digest": digest})
    return [span], None


def _covered(
    document: str, words: str, quoted: Sequence[tuple[int, int]], left_out: Sequence[tuple[tuple[int, int], str]]
) -> Coverage:
    marked = bytearray(len(words))
    for start, end in quoted:
        marked[start:end] = b"\x01" * (end - start)
    characters = sum(marked)
    for (start, end), _ in left_out:
        marked[start:end] = b"\x01" * (end - start)
    sentences = ((m.start(), m.end(), m.group().strip()) for m in _SENTENCE.finditer(words))
    unquoted = tuple(sentence for start, end, sentence in sentences if sentence and not any(marked[start:end]))
    reasons = tuple((words[start:end], why) for (start, end), why in left_out)
    return Coverage(document, len(words), characters, unquoted, reasons)


class _Graph:
    """The library's statements, as this check asks for them."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self._about: dict[Term, list[Triple]] = {}
        self._home: dict[str, Text] = {}
        for text in texts:
            for triple in text.triples:
                self._about.setdefault(triple.subject, []).append(triple)
                if isinstance(triple.subject, NamedNode):
                    self._home[triple.subject.value] = text

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every document whose text is known by a digest."""
        for subject, triples in tuple(self._about.items()):
            for checksum in self._values(triples, _SPDX + "checksum"):
                for value in self._values(self._about.get(checksum, ()), _SPDX + "checksumValue"):
                    if isinstance(subject, NamedNode) and isinstance(value, Literal):
                        yield subject.value, value.value.lower()

    def retells(self, document: str) -> bool:
        """Whether a text is a summary of others."""
        about = self._about.get(NamedNode(document), ())
        return NamedNode(NS + "SourceSummary") in self._values(about, _RDF + "type")

    def headers(self, document: str) -> list[str]:
        values = self._values(self._about.get(NamedNode(document), ()), NS + "runningHeader")
        return [value.value for value in values if isinstance(value, Literal)]

    def quotations(self) -> Iterator[Quotation]:
        for subject, triples in tuple(self._about.items()):
            source = next(iter(self._values(triples, _OA + "hasSource")), None)
            if not isinstance(subject, NamedNode) or not isinstance(source, NamedNode):
                continue
            selectors = self._values(triples, _OA + "hasSelector")
            said = {k: v for selector in selectors for k, v in self._literals(self._about.get(selector, ())).items()}
            said |= self._literals(triples)
            yield Quotation(
                subject.value,
                self._home[subject.value],
                source.value,
                said.get(_OA + "exact", ""),
                said.get(_OA + "prefix", ""),
                said.get(_OA + "suffix", ""),
                _whole(said.get(_OA + "start")),
                _whole(said.get(_OA + "end")),
                said.get(NS + "wordsDigest"),
                self._reason(triples),
            )

    def _reason(self, triples: Sequence[Triple]) -> str | None:
        """Why words are left out, in bokmål first; None for a quotation."""
        if NamedNode(NS + "LeftOut") not in self._values(triples, _RDF + "type"):
            return None
        said = [v for v in self._values(triples, PREFIXES["rdfs"] + "comment") if isinstance(v, Literal)]
        return next((v.value for v in sorted(said, key=lambda v: v.language != "nb")), "")

    def finding(self, name: str, iri: str, severity: str, **details: object) -> Finding:
        text = self._home[iri]
        line = lines.locate(text.data.decode()).of(iri)
        messages = {language: words.format(**details) for language, words in _SAID[name].items()}
        return Finding(text.source.file, line.number, line.exact, severity, f"source-{name}", iri, None, None, messages)

    def _values(self, triples: Iterable[Triple], predicate: str) -> list[Term]:
        return [t.object for t in triples if t.predicate.value == predicate]

    def _literals(self, triples: Iterable[Triple]) -> Mapping[str, str]:
        return {t.predicate.value: t.object.value for t in triples if isinstance(t.object, Literal)}


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
