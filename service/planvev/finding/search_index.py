"""The search index of a snapshot, write side: which things are worth finding, and by which words.

A document is a thing of ours with a name or a text, in the graph that says so. All that a document holds comes from
that one graph, so that a changed file changes its own documents only: the index before is taken over under hard
links, the documents of changed graphs are taken out and put in anew. Scores never depend on how often a word stands in
other documents, or an index built anew would answer in another order than one built step by step.

What is found by its thing is no document of its own: quoted words, identifiers with a registration of their own.
Whether a plan is in force is computed when somebody asks; stored are the days. tantivy keeps the files.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tantivy import Document, Index, IndexWriter, Schema, SchemaBuilder

from planvev import periods
from planvev.finding.search_text import ENGLISH, FOLDED, NORWEGIAN, analyzer, clean, code
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.insight.lookup import LABELS, QUOTED_FROM, RDF_TYPE
from planvev.library import DATA, ONTOLOGY, Source, Text
from planvev.names import COMMON, NS, PREFIXES, WITHDRAWN, Base

SEARCH = "search"  # the folder in a snapshot
HEAP = 64 * 1024 * 1024  # bytes that tantivy gathers before it writes a segment
OPEN_START, OPEN_END = 0, 4_000_000  # days that come before and after all others
LONGEST_SHOWN = 4000  # characters of one text that is kept to be shown

_P = PREFIXES


def _iris(*names: str) -> tuple[str, ...]:
    return tuple(_P[prefix] + local for prefix, local in (name.split(":") for name in names))


IDENTIFIERS = _iris(
    "dct:identifier",
    "skos:notation",
    "eli:id_local",
    "schema:isbn",
    "plan:municipalityNumber",
    "plan:caseNumber",
    "plan:fileName",
)
NUMBER, SUBDIVISION = _iris("eli:number", "eli:LegalResourceSubdivision")
NAMES = tuple(iri for iri in LABELS if iri not in (*IDENTIFIERS, NUMBER, _P["oa"] + "exact"))
ALSO = (*_iris("skos:altLabel", "dct:alternative", "plan:value", "plan:inverseLabel"), *NAMES)
UNSEARCHED = _iris("dct:source")  # where a statement is from, not what it says
REGISTERED = _iris("adms:identifier", "rov:registration")
OWNERS = _iris("dct:publisher", "dct:creator")
THEMES = _iris("dcat:theme", "dct:subject")
FOUND_BY_ANOTHER = _iris("plan:Quotation", "adms:Identifier")
TEMPORAL, START, END, EXACT, SELECTOR = _iris(
    "dct:temporal", "dcat:startDate", "dcat:endDate", "oa:exact", "oa:hasSelector"
)
# Kinds that most readers look for come first among things that answer equally well; what is not named is ORDINARY.
FIRST = {
    **dict.fromkeys(_iris("plan:Plan", "eli:LegalResource", "plan:Guidance", "cv:PublicOrganisation"), 2.0),
    **dict.fromkeys(_iris("plan:Treaty", "plan:Programme", "plan:TargetGroup", "skos:Concept"), 1.2),
    **dict.fromkeys(_iris("plan:Vision", "plan:Goal", "plan:FocusArea", "plan:Strategy", "plan:Measure"), 1.0),
    **dict.fromkeys(_iris("owl:Class", "owl:ObjectProperty", "owl:DatatypeProperty"), 0.0),
}
# About sources and links rather than about plans: their names count as other names do.
BEHIND = _iris("plan:PageEntry", "plan:PageSection", "plan:SourceConflict", "plan:SourceSummary", "plan:Link")
ORDINARY = 0.4

Said = Mapping[str, list[tuple[str, Term]]]  # subject → (property, object)


def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("iri", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("graph", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("code", tokenizer_name="raw", index_option="basic")
    for name in ("kind", "org", "theme"):
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in ("name", "also", "text", "quote"):
        builder.add_text_field(name, tokenizer_name=NORWEGIAN)
    for name in ("name_en", "text_en"):
        builder.add_text_field(name, tokenizer_name=ENGLISH)
    builder.add_text_field("word", tokenizer_name=FOLDED, index_option="basic")  # of names, unstemmed
    for name in ("start", "end"):
        builder.add_integer_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def analysed(index: Index) -> Index:
    """An index that knows its tokenizers, which are not kept in its files."""
    for name in (NORWEGIAN, ENGLISH, FOLDED):
        index.register_tokenizer(name, analyzer(name))
    return index


def build(
    folder: Path, texts: Iterable[Text], base: Base, gone: Iterable[str] = (), previous: Path | None = None
) -> int:
    """Make the index in `folder`; how many documents were written.

    Args:
        folder: where it shall stand; made here.
        texts: every text of the library; with `previous` those that have changed.
        base: the base of the library's IRIs.
        gone: the graphs that were in `previous` and are no more.
        previous: the index of the snapshot before, to be taken over.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir()
    if previous is not None:
        _take_over(previous, folder)
    try:
        index = analysed(Index(schema(), str(folder)))
        writer = index.writer(HEAP, num_threads=1)
        written = _put(writer, texts, base, gone)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        held = index.searcher().num_docs
    except ValueError as error:  # what tantivy makes of a full disk, and of everything else
        raise OSError(f"the search index cannot be written ({error})") from None
    if previous is None and held != written:
        raise OSError(f"the search index holds {held} things, not {written}")
    _tidy(folder)
    return written


def _put(writer: IndexWriter, texts: Iterable[Text], base: Base, gone: Iterable[str]) -> int:
    written = 0
    for graph in gone:
        writer.delete_documents_by_term("graph", graph)
    for text in texts:
        writer.delete_documents_by_term("graph", text.source.graph)
        if text.source.role in (DATA, ONTOLOGY):
            for document in documents(text.source, text.triples, base):
                writer.add_document(document.written(text.source.graph))
                written += 1
        text.forget()
    return written


def _tidy(folder: Path) -> None:
    """Leave what readers need, and let whoever may read the folder read all of it; tantivy keeps some to itself."""
    for path in folder.iterdir():
        if path.suffix == ".lock":
            path.unlink()
        elif path.suffix == ".json":
            path.chmod(folder.stat().st_mode & 0o666)


def _take_over(previous: Path, folder: Path) -> None:
    for path in previous.iterdir():
        if path.suffix == ".lock":
            continue
        if path.suffix == ".json":  # replaced by the writer, never rewritten in place; copied all the same
            (folder / path.name).write_bytes(path.read_bytes())
        else:
            os.link(path, folder / path.name)


@dataclass
class Found:
    """A thing as the index will know it. Texts are (language, words)."""

    iri: str
    kind: str
    names: list[tuple[str, str]] = field(default_factory=list)
    also: list[tuple[str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    quotes: list[tuple[str, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    orgs: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    period: tuple[int, int] | None = None
    within: str = ""  # the plan, act or document that it is a part of

    def written(self, graph: str) -> Document:
        document = Document()
        document.add_text("iri", self.iri)
        document.add_text("graph", graph)
        document.add_text("kind", self.kind)
        codes = [form for value in (*self.codes, self.iri) for form in _forms(value)]
        for name, values in (("code", codes), ("org", self.orgs), ("theme", self.themes)):
            for value in dict.fromkeys(values):
                document.add_text(name, value)
        for name, english, said in (
            ("also", "text_en", self.names) if self.kind in BEHIND else ("name", "name_en", self.names),
            ("also", "text_en", self.also),
            ("text", "text_en", self.texts),
            ("quote", "quote", self.quotes),
        ):
            for language, words in said:
                document.add_text(english if language == "en" else name, words)
                if name in ("name", "also"):
                    document.add_text("word", words)
        if self.period:
            document.add_integer("start", self.period[0])
            document.add_integer("end", self.period[1])
        document.add_float("weight", self.weight)
        document.add_bytes("shown", json.dumps(self._shown, ensure_ascii=False, separators=(",", ":")).encode())
        return document

    @property
    def _shown(self) -> dict[str, object]:
        shown = {"k": self.kind, "n": self.names, "a": self.also, "t": self.texts, "q": self.quotes}
        kept = {
            key: [(lang, words[:LONGEST_SHOWN]) for lang, words in value] if isinstance(value, list) else value
            for key, value in shown.items()
            if value
        }
        return kept | {"o": self.orgs, "p": self.period, "c": self.codes, "w": self.within}

    @property
    def weight(self) -> float:
        """What the score is multiplied with, after log2(2 + weight): kinds first, then short names, then any order."""
        shortest = min((len(words) for _, words in self.names), default=400)
        number = int.from_bytes(hashlib.sha256(self.iri.encode()).digest()[:4], "big")
        first = 0.0 if self.kind in BEHIND else FIRST.get(self.kind, ORDINARY)
        return first + 0.8 / math.sqrt(1 + shortest / 10) + number / 2**32 / 1000


def documents(source: Source, triples: Iterable[Triple], base: Base) -> Iterator[Found]:
    """The documents of one graph, in the order in which it speaks of the things."""
    said: dict[str, list[tuple[str, Term]]] = {}
    for triple in triples:
        said.setdefault(_key(triple.subject), []).append((triple.predicate.value, triple.object))
    head = base.thing(source.place)
    owners = _linked(said, head, OWNERS) or _by_place(source, head)
    period = _period(said, head) if source.place.startswith("plan/") else None
    for iri, statements in said.items():
        if iri.startswith("_:") or base.local(iri) is None:
            continue
        kind = _kind(statements)
        if kind in FOUND_BY_ANOTHER or any(name == WITHDRAWN for name, _ in statements):
            continue
        found = Found(iri, kind)
        _words(found, said, statements)
        if not (found.names or found.texts):
            continue
        found.codes += _codes(said, statements, kind)
        found.orgs = _linked(said, iri, OWNERS) or owners
        found.themes = _linked(said, iri, THEMES)
        found.period = _period(said, iri) or period
        found.within = head if source.role == DATA and iri != head else ""
        yield found


def _key(node: Term) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else str(getattr(node, "value", node))


def _kind(statements: Iterable[tuple[str, Term]]) -> str:
    kinds = [value.value for name, value in statements if name == RDF_TYPE and isinstance(value, NamedNode)]
    return min(kinds, key=lambda iri: (not iri.startswith(NS), iri), default="")  # as pages choose it


def _words(found: Found, said: Said, statements: list[tuple[str, Term]]) -> None:
    """Sort the literals of a thing, and of what hangs below it, into names, other names, texts and quoted words."""
    mine = {name for name, value in statements if isinstance(value, Literal)}
    label = next((name for name in NAMES if name in mine), None)
    waiting = [(statements, 0)]
    for group, depth in waiting:  # grows while it is walked
        for name, value in group:
            if isinstance(value, BlankNode) and depth < 3:
                waiting.append((said.get(_key(value), []), depth + 1))
            elif isinstance(value, Literal):
                words = (value.language or "", clean(value.value))
                if name == label and depth == 0:
                    found.names.append(words)
                elif name in ALSO and name != NS + "text":
                    found.also.append(words)
                elif value.language and name not in UNSEARCHED:
                    found.texts.append(words)
            elif name == QUOTED_FROM:
                found.quotes += _quoted(said, _key(value))
    known = {words for _, words in (*found.names, *found.texts)}
    found.quotes = [quote for quote in dict.fromkeys(found.quotes) if quote[1] not in known]


def _quoted(said: Said, quotation: str) -> Iterator[tuple[str, str]]:
    for name, selector in said.get(quotation, ()):
        if name == SELECTOR:
            for below, value in said.get(_key(selector), ()):
                if below == EXACT and isinstance(value, Literal):
                    yield (value.language or "", clean(value.value))


def _codes(said: Said, statements: list[tuple[str, Term]], kind: str) -> Iterator[str]:
    """What a thing is called by those who count: its identifiers as written."""
    for name, value in statements:
        if name in REGISTERED:
            yield from (o.value for p, o in said.get(_key(value), ()) if p in IDENTIFIERS and isinstance(o, Literal))
        elif isinstance(value, Literal) and (name in IDENTIFIERS or (name == NUMBER and kind == SUBDIVISION)):
            yield f"§ {value.value}" if name == NUMBER else value.value


def _forms(identifier: str) -> tuple[str, ...]:
    """The ways in which people write an identifier: whole, an act without LOV, a section without §, no hyphens."""
    whole = code(identifier)
    digits = whole.replace("-", "")
    short = re.sub(r"^(lov-|for-|§)", "", whole)
    return (whole, short, digits) if digits.isdigit() and len(digits) > 9 else (whole, short)


def _linked(said: Said, iri: str, names: tuple[str, ...]) -> list[str]:
    values = (value for name, value in said.get(iri, ()) if name in names)
    return list(dict.fromkeys(value.value for value in values if isinstance(value, NamedNode)))


def _by_place(source: Source, head: str) -> list[str]:
    """Whose a file is when it does not say so: the organisation that it is about, or whose folder it stands in."""
    kind, _, rest = source.place.partition("/")
    if source.role != DATA or kind not in ("org", "plan", "concept", "document", "project", "guidance"):
        return []
    return [head] if kind == "org" else [f"{COMMON}/id/org/{rest.partition('/')[0]}"]


def _period(said: Said, iri: str) -> tuple[int, int] | None:
    for name, value in said.get(iri, ()):
        if name == TEMPORAL:
            below = {p: o.value for p, o in said.get(_key(value), ()) if isinstance(o, Literal)}
            start, end = periods.day(below.get(START), last=False), periods.day(below.get(END), last=True)
            if start or end:
                return (start.toordinal() if start else OPEN_START, end.toordinal() if end else OPEN_END)
    return None
