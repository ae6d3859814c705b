"""The search index of a snapshot, read side: a reader's words in, things out, the best first.

What a reader writes is words, words in quotation marks, and identifiers; there is no query language, so nothing can be
injected into one. All words must answer. When few things do, words that are nearly right count too, below those that
are; when still none does, things that hold some of the words. What a match is worth depends on the field alone, so
that an index built step by step answers as one built anew. The index is opened from links in a folder of its own,
because tantivy writes lock files where it reads and a snapshot may stand where nothing can be written.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tantivy import Index, Occur, Searcher
from tantivy import Query as Clause

from planvev.finding.search_clauses import CODE, FIELDS, NAMES, Clauses
from planvev.finding.search_index import OPEN_END, OPEN_START, SEARCH, analysed
from planvev.finding.search_text import (
    FOLDED,
    Marker,
    Pieces,
    Query,
    code,
    nearly,
    pieces,
    read,
    stem,
    unlike,
    window,
)
from planvev.insight.things import Text
from planvev.periods import Period, Status

FEW = 3  # hits, below which words that are nearly right count too
PAGE = 20
FARTHEST = 10_000  # hits before the last that can be asked for
FACET = 500  # values of a filter that are counted
SNIPPET = 240  # characters
STATUSES: tuple[Status, ...] = ("in-force", "coming", "expired", "unknown")
FILTERS = ("kind", "org", "theme", "status")


@dataclass(frozen=True)
class Ask:
    """A question to the index. `kind`, `org` and `theme` are IRIs; an empty filter lets everything through."""

    text: str
    today: date
    languages: tuple[str, ...] = ()
    kind: str = ""
    org: str = ""
    theme: str = ""
    status: str = ""
    begin: int = 0
    size: int = PAGE


@dataclass(frozen=True)
class Hit:
    """A thing that answers: its name and the passage that does, each in turn unmarked and marked."""

    iri: str
    score: float
    kind: str
    orgs: tuple[str, ...]
    name: Text
    marked: Pieces
    passage: Pieces
    language: str  # of the passage
    period: Period | None
    within: str  # the plan, act or document that it is a part of, or nothing


@dataclass(frozen=True)
class Answer:
    """What was found.

    `how`: "all" words answer, words "near" to them do, or "some" of them; "none". `counts`: for each filter its values
    and how many things each would leave. `meant`: the query as it may have been meant, or nothing.
    """

    query: Query
    total: int
    hits: tuple[Hit, ...]
    counts: dict[str, tuple[tuple[str, int], ...]]
    how: str
    meant: str = ""


class SearchIndex:
    """The index of one snapshot, opened. Safe to share between threads; closed with its last reference."""

    def __init__(self, folder: Path) -> None:
        """Open the index of the snapshot in `folder`.

        Raises:
            OSError: there is none, or it cannot be read.
        """
        with _links(folder / SEARCH) as links:
            try:
                index = analysed(Index.open(str(links)))
                index.config_reader("manual")  # what is published never changes
                self._searcher: Searcher = index.searcher()
            except ValueError as error:
                raise OSError(str(error)) from None
        self._clauses = Clauses(index.schema)

    @property
    def size(self) -> int:
        """How many things can be found."""
        return self._searcher.num_docs

    def find(self, ask: Ask) -> Answer:
        """The things that answer, the best first, and how many each value of each filter would leave."""
        query = read(ask.text)
        how, clause = self._chosen(query)
        if clause is None:
            return Answer(query, 0, (), {}, "none")
        marker = Marker.of(query, near=how == "near")
        total, hits = self._hits(self._filtered(clause, ask), ask, query, marker)
        return Answer(query, total, hits, self._counts(clause, ask), how, _meant(query, hits) if how == "near" else "")

    def matching(self, text: str, most: int) -> tuple[int, list[tuple[str, float]]]:
        """How many things all words of a text answer for, and of the best of them IRI and score.

        Unlike `find` it never falls back to words that are nearly right, or to some of the words.

        Raises:
            ValueError: there is no word in the text.
        """
        query = read(text)
        if not query.units:
            raise ValueError("there is no word in it")
        found = self._searcher.search(self._exactly(query), most, weight_by_field="weight")
        total: int = found.count or 0  # type: ignore[attr-defined]  # its stub lacks it
        hits = [(str(self._searcher.doc(address)["iri"][0]), float(score)) for score, address in found.hits]
        return total, sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def suggest(self, text: str, languages: tuple[str, ...], today: date, size: int = 8) -> tuple[Hit, ...]:
        """Things whose names begin with, or hold, what a reader has written so far."""
        query = read(text)
        if len(query.text) < 2 or not query.units:
            return ()
        clause = self._clauses.all(query.units, NAMES, shortest=2)
        return self._hits(clause, Ask(text, today, languages, size=size), query, Marker.of(query))[1]

    def _chosen(self, query: Query) -> tuple[str, Clause | None]:
        """Which way of reading the query finds something. Filters have no say, or they would change the answer."""
        if not query.units:
            return "none", None
        fields = NAMES if query.small else FIELDS
        exact = self._exactly(query)
        found = self._count(exact)
        if found >= FEW:
            return "all", exact
        near = Clause.boolean_query(
            [(Occur.Should, exact), (Occur.Should, self._clauses.all(query.units, fields, near=True))]
        )
        if self._count(near) > found:
            return ("all", near) if found else ("near", near)
        if found:
            return "all", exact
        some = Clause.boolean_query([(Occur.Should, self._clauses.unit(unit, fields, 0, True)) for unit in query.units])
        return ("some", some) if len(query.units) > 1 and self._count(some) else ("none", None)

    def _exactly(self, query: Query) -> Clause:
        """All words answer, or the whole is an identifier."""
        every = self._clauses.all(query.units, NAMES if query.small else FIELDS)
        return Clause.boolean_query(
            [(Occur.Should, every), (Occur.Should, self._clauses.term("code", query.code, CODE))]
        )

    def _count(self, clause: Clause) -> int:
        return self._searcher.search(clause, 1).count or 0  # type: ignore[attr-defined]  # its stub lacks it

    def _filtered(self, clause: Clause, ask: Ask, without: str = "") -> Clause:
        """A clause and the filters of a question, but for one."""
        parts = [(Occur.Must, clause)]
        parts += [
            (Occur.Must, self._clauses.term(name, getattr(ask, name)))
            for name in ("kind", "org", "theme")
            if getattr(ask, name) and name != without
        ]
        if ask.status and without != "status":
            parts += self._clauses.in_status(ask.status, ask.today.toordinal())
        return Clause.boolean_query(parts) if len(parts) > 1 else clause

    def _counts(self, clause: Clause, ask: Ask) -> dict[str, tuple[tuple[str, int], ...]]:
        """What each filter would leave, the other filters as they are."""
        used = [name for name in FILTERS if getattr(ask, name)]
        counts = self._aggregated(self._filtered(clause, ask), ask, [name for name in FILTERS if name not in used])
        for name in used:
            counts |= self._aggregated(self._filtered(clause, ask, without=name), ask, [name])
        return counts

    def _aggregated(self, clause: Clause, ask: Ask, names: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
        today = ask.today.toordinal()
        wanted: dict[str, Any] = {
            name: {"terms": {"field": name, "size": FACET, "segment_size": FACET * 10}}
            for name in names
            if name != "status"
        }
        if "status" in names:
            wanted |= {
                "every": {"value_count": {"field": "weight"}},
                "dated": {"value_count": {"field": "start"}},
                "coming": {"range": {"field": "start", "ranges": [{"from": today + 1}]}},
                "expired": {"range": {"field": "end", "ranges": [{"to": today}]}},
            }
        if not wanted:
            return {}
        found = self._searcher.aggregate(clause, wanted)
        counts = {
            name: tuple((bucket["key"], bucket["doc_count"]) for bucket in found[name]["buckets"])
            for name in names
            if name != "status"
        }
        if "status" in names:
            counts["status"] = tuple((name, count) for name, count in _statuses(found).items() if count)
        return counts

    def _hits(self, clause: Clause, ask: Ask, query: Query, marker: Marker) -> tuple[int, tuple[Hit, ...]]:
        begin = min(max(ask.begin, 0), FARTHEST)
        found = self._searcher.search(clause, max(ask.size, 1), offset=begin, weight_by_field="weight")
        hits = []
        for score, address in found.hits:
            document = self._searcher.doc(address)
            shown = json.loads(bytes(document["shown"][0]))
            hits.append(_hit(document["iri"][0], score, shown, ask.languages, query, marker))
        total: int = found.count or 0  # type: ignore[attr-defined]  # its stub lacks it
        return total, tuple(sorted(hits, key=lambda hit: (-hit.score, hit.iri)))


@contextlib.contextmanager
def _links(folder: Path) -> Iterator[Path]:
    """A folder with links to the files of an index, for as long as it is being opened: what is open needs no name."""
    files = [path.resolve() for path in folder.iterdir() if path.suffix != ".lock"]
    links = Path(tempfile.mkdtemp(prefix="planvev-search-"))
    try:
        for path in files:
            (links / path.name).symlink_to(path)
        yield links
    finally:
        for _ in range(50):  # a thread of tantivy's may put its lock file there while the folder is being emptied
            shutil.rmtree(links, ignore_errors=True)
            if not links.exists():
                break
            time.sleep(0.01)


def _statuses(found: dict[str, Any]) -> dict[str, int]:
    every, dated = (int(found[name]["value"]) for name in ("every", "dated"))
    coming = sum(b["doc_count"] for b in found["coming"]["buckets"] if "from" in b)
    expired = sum(b["doc_count"] for b in found["expired"]["buckets"] if "from" not in b)
    return {"in-force": dated - coming - expired, "coming": coming, "expired": expired, "unknown": every - dated}


def _hit(iri: str, score: float, shown: dict[str, Any], languages: Sequence[str], query: Query, marker: Marker) -> Hit:
    names = [Text(words, language) for language, words in shown.get("n") or shown["t"]]
    name = min(names, key=lambda text: _rank(text.language, languages))
    marked = pieces(name.value, marker.places(name.value))
    passage, language = _passage(shown, name, languages, query, marker)
    return Hit(
        iri,
        score,
        shown.get("k", ""),
        tuple(shown["o"]),
        name,
        marked,
        passage,
        language,
        _period(shown["p"]),
        shown["w"],
    )


def _passage(
    shown: dict[str, Any], name: Text, languages: Sequence[str], query: Query, marker: Marker
) -> tuple[Pieces, str]:
    """The words, other than its name, by which a thing answers; where only its name does, what it says of itself."""
    asked = {query.code, *(unit.code for unit in query.units)}
    for identifier in shown["c"]:
        if code(identifier) in asked and identifier not in name.value:
            return ((identifier, True),), ""
    texts = [(part, *said) for part in ("t", "a", "n", "q") for said in shown.get(part, ()) if said[1] != name.value]
    named = bool(marker.places(name.value))
    best: tuple[tuple[int, bool, int], Pieces, str] | None = None
    for part, language, words in texts:
        places = marker.places(words)
        value = len({words[a:b].lower() for a, b in places})
        if (part == "a" and not value) or (part == "n" and (named or not value)):
            continue  # the same name in another language explains nothing
        rank = (value, part in "tq", -_rank(language, languages))
        if best is None or rank > best[0]:
            best = (rank, window(words, places, SNIPPET), language)
    return best[1:] if best else ((), "")


def _rank(language: str, languages: Sequence[str]) -> int:
    return languages.index(language) if language in languages else len(languages)


def _period(days: Sequence[int] | None) -> Period | None:
    if not days:
        return None
    start, end = days
    return Period(
        date.fromordinal(start) if start != OPEN_START else None,
        date.fromordinal(end) if end != OPEN_END else None,
        "",
    )


def _meant(query: Query, hits: Iterable[Hit]) -> str:
    """The query with each word that nothing holds replaced by the nearest one that was found instead."""
    marked = Counter(words for hit in hits for words, is_marked in (*hit.marked, *hit.passage) if is_marked)
    meant = query.text
    for unit in query.units:
        if len(unit.words) > 1 or unit.quoted or any(stem(words) in unit.stems[0] for words in marked):
            continue
        word = stem(unit.words[0], FOLDED)
        near = [words for words in marked if nearly(words, unit.words[0])]
        best = min(near, key=lambda words: (unlike(stem(words, FOLDED), word, 4), -marked[words], words), default="")
        meant = re.sub(rf"\b{re.escape(unit.words[0])}\b", best.lower(), meant) if best else meant
    return meant if meant != query.text else ""
