"""Words for made-up plans: as frequent, as long and as varied as in the library's own files, and meaning nothing.

The vocabulary of a language is every word that the files under `data/ttl` hold in it, the most frequent first, then
compounds of two of them, because Norwegian makes its rare words so. A word of rank r is drawn with weight 1/r (Zipf's
law). Nothing is copied: a sentence is words drawn one by one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

SIZE = 20_000  # words of one language; a text corpus of some million words has about so many that are not names
COMMON = 150  # the most frequent words are mostly small ones, of which no compound is made
LIBRARY = Path(__file__).parent.parent / "data" / "ttl"
SOURCE = NamedNode("http://purl.org/dc/terms/source")  # says the same in every file, so its words are no measure
TARGET_GROUP = NamedNode("https://w3id.org/planvev/ns#TargetGroup")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


@dataclass(frozen=True)
class Words:
    """The vocabulary of one language, most frequent word first, with weights that add up as they go."""

    language: str
    words: tuple[str, ...]
    weights: tuple[float, ...]

    def text(self, random: Random, shortest: int, longest: int) -> str:
        """A sentence of so many words."""
        drawn = random.choices(self.words, cum_weights=self.weights, k=random.randint(shortest, longest))
        for place in range(4, len(drawn) - 2, 7):
            drawn[place] += ","
        return f"{drawn[0][:1].upper()}{' '.join(drawn)[1:]}."

    def name(self, random: Random, shortest: int = 2, longest: int = 5) -> str:
        """A title: words without a full stop, no small words first."""
        first = self.words[random.randrange(COMMON, len(self.words))]
        rest = random.choices(self.words, cum_weights=self.weights, k=random.randint(shortest, longest) - 1)
        return " ".join((first[:1].upper() + first[1:], *rest))

    def paragraph(self, random: Random, sentences: int) -> str:
        """Sentences on one line, as quotations have them."""
        return " ".join(self.text(random, 8, 22) for _ in range(sentences))


@dataclass(frozen=True)
class Vocabulary:
    """The words of each language, and what the library's target groups are called in bokmål."""

    languages: dict[str, Words]
    groups: tuple[str, ...]


def vocabulary(library: Path = LIBRARY) -> Vocabulary:
    """Read the words of the library's files. The same files give the same words in the same order."""
    counts: dict[str, Counter[str]] = {"nb": Counter(), "nn": Counter(), "en": Counter()}
    groups: set[str] = set()
    for path in sorted(library.rglob("*.ttl")):
        subjects = set()
        for triple in parse(path=str(path), format=RdfFormat.TURTLE):
            said = triple.object
            if said == TARGET_GROUP:
                subjects.add(triple.subject)
            elif isinstance(said, Literal) and said.language in counts and triple.predicate != SOURCE:
                counts[said.language].update(word.lower() for word in _WORD.findall(said.value))
                if triple.subject in subjects and "prefLabel" in triple.predicate.value and said.language == "nb":
                    groups.add(said.value)
    return Vocabulary({language: _words(language, found) for language, found in counts.items()}, tuple(sorted(groups)))


def _words(language: str, counts: Counter[str]) -> Words:
    known = [word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    words = tuple(dict.fromkeys([*known, *_compounds(known, max(0, SIZE - len(known)))]))
    return Words(language, words, tuple(accumulate(1 / rank for rank in range(1, len(words) + 1))))


def _compounds(known: Sequence[str], count: int) -> Iterable[str]:
    """Words put together in a fixed order, so that no seed changes the vocabulary."""
    parts = [word for word in known[COMMON:] if 4 <= len(word) <= 10 and "-" not in word]
    random = Random(len(parts))
    return (random.choice(parts) + random.choice(parts) for _ in range(count if parts else 0))
