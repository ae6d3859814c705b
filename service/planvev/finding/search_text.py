"""What a search takes words to be: how texts become terms, which terms a reader's word stands for, what is marked.

Texts are cut at everything that is no letter or digit, lower-cased, stemmed (Snowball's Norwegian for bokmål and
nynorsk, its English for English) and folded to ASCII, by tantivy on both sides, so that index and query agree. A
reader may write æ, ø and å as ae, o or oe, and a or aa; and nynorsk for bokmål or the other way, as far as the pairs in
`PAIRS` go. Nothing here knows about indexes, things or pages; what a reader wrote is words, never an expression.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

NORWEGIAN, ENGLISH, FOLDED = "norwegian", "english", "folded"
LONGEST_QUERY = 200  # characters; what is longer is cut, and the reader is told
MOST_WORDS = 10
LONGEST_WORD = 60
SHORTEST_BEGINNING = 4  # letters of a stem that may be the beginning of a longer word

# Parts of words that nynorsk and bokmål write differently and that no stemmer joins: nynorsk, bokmål.
PAIRS = (
    ("skule", "skole"),
    ("tenest", "tjenest"),
    ("heim", "hjem"),
    ("kjeld", "kild"),
    ("sjuk", "syk"),
    ("leik", "lek"),
    ("tryggleik", "trygghet"),
    ("born", "barn"),
    ("auk", "øk"),
    ("høyr", "hør"),
    ("rettleia", "veilede"),
    ("rettleiing", "veiledning"),
    ("busetjing", "bosetting"),
    ("føresegn", "bestemmelse"),
    ("innbyggjar", "innbygger"),
    ("førebygg", "forebygg"),
    ("mogleg", "mulig"),
    ("eigen", "egen"),
    ("verksemd", "virksomhet"),
    ("tidleg", "tidlig"),
    ("vald", "vold"),
    ("rettar", "rettigheter"),
    ("meistring", "mestring"),
    ("berekraft", "bærekraft"),
)
# Words too common to tell one thing from another, in the three languages.
SMALL = frozenset(
    re.findall(
        r"\S+",
        "a an and are as at av be ble blei blir by da de dei den det då ei ein eit eller en er et etter for fra from "
        "frå har hos i ikke ikkje in inn is it its kan med mellom men mot of og også om on opp or over på seg sin "
        "sine sitt skal som så that the this til to under ut var vart ved vi with å",
    )
)
_ASCII = (("aa", "å"), ("oe", "ø"), ("ae", "æ"))
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # soft hyphens, marks of direction
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+")
_SECTION = re.compile(r"§+\s*(\d+\s?[a-zæøå]?\b(?:\s?-\s?\d+\s?[a-zæøå]?\b)?)", re.IGNORECASE)
_BOUND = re.compile(r"[^\W_]+(?:[-–/.:'’][^\W_]+)*")  # a word, or words that a sign binds, as in IS-2826
_PART = re.compile(r'[«"“”„]([^«»"“”„]*)[»"“”„]|(§\S+)|([^\s«»"“”„]+)')


@dataclass(frozen=True)
class Unit:
    """One thing a reader asks for: a word, several that stand together, or something with signs in it.

    `words` as written; `stems` for each word every Norwegian term it may stand for, `english` the English one;
    `code` as an identifier is written, or empty. `quoted` when the reader put it in quotation marks.
    """

    words: tuple[str, ...]
    stems: tuple[tuple[str, ...], ...]
    english: tuple[str, ...]
    code: str = ""
    quoted: bool = False


@dataclass(frozen=True)
class Query:
    """What a reader asked for, in units; `text` as it was read, `cut` when not all of it was, `code` all as one."""

    text: str
    units: tuple[Unit, ...]
    code: str
    cut: bool = False
    small: bool = False  # nothing but small words


@cache
def analyzer(name: str) -> TextAnalyzer:
    """The way from text to terms, for the index and for queries; FOLDED leaves words whole."""
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST_WORD))
    builder = builder.filter(Filter.lowercase())
    if name != FOLDED:
        builder = builder.filter(Filter.stemmer(name))
    return builder.filter(Filter.ascii_fold()).build()


def clean(text: str) -> str:
    """A text with composed letters, without what is not seen and without control characters."""
    composed = text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
    return composed if composed.isprintable() else _CONTROL.sub(" ", _UNSEEN.sub("", composed))


def code(text: str) -> str:
    """An identifier as it is compared: without spaces, in small letters."""
    return "".join(text.split()).casefold().replace("§§", "§")


def read(text: str) -> Query:
    """What a reader's line asks for."""
    cut = len(text) > LONGEST_QUERY * 4 or len(clean(text[: LONGEST_QUERY * 4]).strip()) > LONGEST_QUERY
    text = " ".join(clean(text[: LONGEST_QUERY * 4]).split())[:LONGEST_QUERY]
    whole = code(text)
    joined = _SECTION.sub(lambda found: "§" + "".join(found[1].split()), text)
    units = [
        unit
        for quoted, section, word in _PART.findall(joined)
        for part in ([quoted or section] if quoted or section else _BOUND.findall(word))
        if (unit := _unit(part, bool(quoted)))
    ]
    telling = [unit for unit in units if unit.quoted or unit.code or unit.words[0].lower() not in SMALL]
    chosen = telling or units
    return Query(text, tuple(chosen[:MOST_WORDS]), whole, cut or len(chosen) > MOST_WORDS, bool(units) and not telling)


def _unit(text: str, quoted: bool) -> Unit | None:
    words = tuple(word for word in _WORD.findall(text) if stems(word))[:MOST_WORDS]
    if not words:
        return None
    signs = not quoted and (len(words) > 1 or any(c.isdigit() for c in text))
    english = tuple(stem(word, ENGLISH) for word in words)
    return Unit(words, tuple(stems(word) for word in words), english, code(text) if signs else "", quoted)


@lru_cache(10_000)
def stem(word: str, way: str = NORWEGIAN) -> str:
    """The term that one word becomes in the index."""
    return next(iter(analyzer(way).analyze(word)), "")


@lru_cache(10_000)
def stems(word: str) -> tuple[str, ...]:
    """Every Norwegian term that a reader's word may stand for, the most likely first."""
    small = word.lower()
    spellings = [small]
    for ascii_, letter in _ASCII:
        spellings += [other.replace(ascii_, letter) for other in spellings if ascii_ in other]
    for nynorsk, bokmaal in PAIRS:
        spellings += [other.replace(nynorsk, bokmaal) for other in spellings[:4] if nynorsk in other]
        spellings += [other.replace(bokmaal, nynorsk) for other in spellings[:4] if bokmaal in other]
    found = [stem(spelling) for spelling in spellings]
    found += [term[:-1] for term in found if re.search(r"([bdfgklmnprst])\1$", term)]  # ungdommer, ungdom
    if small.isascii():  # "levekar": a stemmer takes the end of "kår" for an ending when it is written "kar"
        found.append(stem(small, FOLDED))
    return tuple(dict.fromkeys(term for term in found if term))[:8]


def unlike(a: str, b: str, ceiling: int) -> int:
    """How many letters must be changed, left out, put in or exchanged to make one word the other; at most ceiling + 1.

    Optimal string alignment, as the index's own tolerance counts.
    """
    if abs(len(a) - len(b)) > ceiling:
        return ceiling + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last, older = [i], row, before
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        before = last
        if min(row) > ceiling:
            return ceiling + 1
    return min(row[-1], ceiling + 1)


def tolerance(term: str) -> int:
    """How many letters of a term may be wrong."""
    if len(term) < 4 or any(c.isdigit() for c in term):
        return 0
    return 1 if len(term) < 8 else 2


def nearly(word: str, other: str) -> bool:
    """Whether a word of a text may be meant by a reader's, as a whole or by its stem."""
    return any(
        unlike(stem(word, way), wanted, tolerance(wanted)) <= tolerance(wanted)
        for way in (FOLDED, NORWEGIAN)
        if (wanted := stem(other, way))
    )


@dataclass(frozen=True)
class Marker:
    """Which words of a text answer a query.

    `runs`: for each unit the terms that its words may be, to be met one after the other; `beginnings` of words;
    `nearly`: words that a word may be unlike by a few letters.
    """

    runs: tuple[tuple[frozenset[str], ...], ...]
    beginnings: tuple[str, ...]
    nearly: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: Query, near: bool = False) -> Marker:
        """What a query marks; with `near` also words that are nearly right."""
        runs = tuple(
            tuple(frozenset([*terms, english]) for terms, english in zip(unit.stems, unit.english, strict=True))
            for unit in query.units
        )
        single = [unit.words[0] for unit in query.units if len(unit.words) == 1 and not unit.quoted]
        last = beginnings(query.units[-1]) if query.units and not query.small else ()
        return cls(runs, last, tuple(single) if near else ())

    @cached_property
    def _marked(self) -> dict[str, bool]:
        return {}  # words seen before, as most are

    def marks(self, word: str) -> bool:
        """Whether one word, by itself, answers."""
        known = self._marked.get(word)
        if known is None:
            known = self._marked[word] = self._judged(word)
        return known

    @cached_property
    def _initials(self) -> frozenset[str]:
        """With what an answering word begins: neither a stemmer nor folding gives a word another first letter."""
        terms = [*self.beginnings, *(term for run in self.runs for terms in run for term in terms)]
        return frozenset(term[0] for term in terms if term)

    def _judged(self, word: str) -> bool:
        if not self.nearly and stem(word[0], FOLDED)[:1] not in self._initials:
            return False  # most words end here, unstemmed
        norwegian, english = stem(word), stem(word, ENGLISH)
        if any(len(run) == 1 and (norwegian in run[0] or english in run[0]) for run in self.runs):
            return True
        if self.beginnings and norwegian.startswith(self.beginnings):
            return True
        return any(nearly(word, other) for other in self.nearly)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in a text the answering words stand."""
        words = list(_WORD.finditer(text))
        found = [word.span() for word in words if self.marks(word[0])]
        for run in self.runs:
            for at in range(len(words) - len(run) + 1) if len(run) > 1 else ():
                here = words[at : at + len(run)]
                if all(stem(w[0]) in terms or stem(w[0], ENGLISH) in terms for w, terms in zip(here, run, strict=True)):
                    found.append((here[0].start(), here[-1].end()))
        return _apart(sorted(found))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in order, those that overlap made one."""
    apart: list[tuple[int, int]] = []
    for start, end in places:
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def beginnings(unit: Unit, shortest: int = SHORTEST_BEGINNING) -> tuple[str, ...]:
    """The terms that may be the beginning of what the reader means: a compound, or a word not yet written out."""
    if unit.quoted or len(unit.words) > 1 or any(c.isdigit() for c in unit.words[0]):
        return ()
    return tuple(term for term in unit.stems[0] if len(term) >= shortest)[:3]


Pieces = tuple[tuple[str, bool], ...]


def pieces(text: str, places: Sequence[tuple[int, int]]) -> Pieces:
    """A text in turn unmarked and marked; what is empty is left out."""
    found: list[tuple[str, bool]] = []
    at = 0
    for start, end in places:
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    found.append((text[at:], False))
    return tuple(piece for piece in found if piece[0])


def window(text: str, places: Sequence[tuple[int, int]], length: int) -> Pieces:
    """The part of a text around the first of its marked words, cut between words, with dots where it goes on."""
    if len(text) <= length:
        return pieces(text, places)
    begin = max(places[0][0] - length // 3, 0) if places else 0
    begin = 0 if begin < 20 else text.rfind(" ", 0, begin) + 1
    end = len(text) if begin + length >= len(text) else max(text.rfind(" ", begin + 1, begin + length), begin + 1)
    inside = [(a - begin, b - begin) for a, b in places if a >= begin and b <= end]
    found = pieces(text[begin:end], inside)
    return ((("… ", False),) if begin else ()) + found + (((" …", False),) if end < len(text) else ())
