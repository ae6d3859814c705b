"""A made-up country of plans, as a library that `planvev publish` takes: to measure at the size of all of Norway.

    python -m benchmarks.generate FOLDER --triples 1000000

357 municipalities, 15 counties and 20 directorates, each with one to eight plans at a time; acts with provisions and
guidance that all share. A size is a number of triples: organisations come one block after the other (a county, its
municipalities, a directorate now and then) until it is reached, and when all are there, earlier generations of their
plans follow, each replaced by a later one. The same seed and size give the same bytes; a file is written and
forgotten before the next, so memory does not grow with the size.
Everything is invented: no organisation, act or plan here exists. Plans and documents stand below the base
`https://example.org/syntetisk`; publish with `PLANVEV_BASE` set to it. What all publishers share has its addresses
below the common base wherever it is served, so those names begin with `syntetisk-`. Code lists come with planvev.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import BinaryIO

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from benchmarks.plans import SHARED, Brief, Owner, write
from benchmarks.turtle import Said, Sheet, Term, words
from benchmarks.words import Vocabulary, vocabulary
from planvev.names import COMMON, Base

BASE = "https://example.org/syntetisk"
MUNICIPALITIES, COUNTIES, DIRECTORATES = 357, 15, 20
ACTS, GUIDES = 40, 40
NYNORSK = 0.25  # share of municipalities that write nynorsk
NOW, SPAN = 2026, 4
KINDS = {
    "kommune": ("kommuneplanens-samfunnsdel", "oekonomiplan", "plan-for-forebyggende-arbeid", "handlingsplan",
                "temaplan", "kvalitetsplan", "kommunedelplan", "strategisk-plan"),
    "fylke": ("regional-planstrategi", "regional-plan", "handlingsprogram", "temaplan", "oekonomiplan"),
    "direktorat": ("nasjonal-strategi", "nasjonal-handlingsplan", "opptrappingsplan", "virksomhetsplan"),
}  # fmt: skip
INVENTED: tuple[str, Term] = ("dct:source", words("Oppdiktet, til måling av fart.", "nb"))
NAMES = {"kommune": "Syntetisk kommune", "fylke": "Syntetisk fylkeskommune", "direktorat": "Syntetisk direktorat"}


@dataclass(frozen=True)
class Made:
    """One file: its place in the library, its text and triples, and the source text it quotes, if it is a plan."""

    place: str
    turtle: str
    triples: int
    source: str = ""


class Country:
    """All there is to write, in the order in which it is written."""

    def __init__(self, seed: int = 1, base: str = BASE) -> None:
        self.seed, self.base = seed, base
        self.words: Vocabulary = vocabulary()
        self._provisions: list[str] = []
        self._guidance: list[str] = []

    def files(self, triples: int) -> Iterator[Made]:
        """Every file until so many triples are reached; the one that reaches it is the last."""
        written = 0
        for made in self._all():
            yield made
            written += made.triples
            if written >= triples:
                return

    def owners(self) -> Iterator[Owner]:
        """The organisations: a county with its municipalities, and a directorate before most of them."""
        random = Random(f"{self.seed} owners")
        municipalities = 0
        for block in range(DIRECTORATES):
            yield Owner(f"direktorat-{block + 1:02}", "direktorat", block + 1, "nb", random.randint(1, 4))
            if block >= COUNTIES:
                continue
            county = Owner(f"fylke-{block + 1:02}", "fylke", block + 1, "nb", random.randint(2, 5))
            yield county
            until = MUNICIPALITIES * (block + 1) // COUNTIES
            for number in range(municipalities + 1, until + 1):
                language = "nn" if random.random() < NYNORSK else "nb"
                yield Owner(f"kommune-{number:04}", "kommune", number, language, random.randint(1, 8), county)
            municipalities = until

    def _all(self) -> Iterator[Made]:
        yield from self._acts()
        yield from self._guides()
        owners = []
        for owner in self.owners():
            owners.append(owner)
            yield self._organisation(owner)
            yield from self._plans(owner, 0)
        generation = 1
        while True:
            for owner in owners:
                yield from self._plans(owner, generation)
            generation += 1

    def _plans(self, owner: Owner, generation: int) -> Iterator[Made]:
        provisions = tuple(self._provisions)
        weights = tuple(accumulate(1 / rank for rank in range(1, len(provisions) + 1)))
        for number in range(owner.plans):
            above: tuple[str, ...]
            if number:
                above = (self._place(owner, 0, generation),)
            else:
                above = (self._place(owner.county, 0, generation),) if owner.county else ()
            kind, slug, start, end = self._period(owner, number, generation)
            newer = self._place(owner, number, generation - 1) if generation else None
            brief = Brief(owner, slug, kind, start, end, above, newer, number == 0, provisions, weights,
                          tuple(self._guidance), self.words.groups)  # fmt: skip
            random = Random(f"{self.seed} {brief.place}")
            plan, document, text = write(brief, random, self.words.languages[owner.language], self.base)
            yield Made(brief.place, plan.text(), plan.triples, text)
            yield Made(brief.document, document.text(), document.triples)

    def _place(self, owner: Owner, number: int, generation: int) -> str:
        return f"plan/{owner.slug}/{self._period(owner, number, generation)[1]}"

    def _period(self, owner: Owner, number: int, generation: int) -> tuple[str, str, int, int]:
        """A plan's type, address, first and last year; an organisation's first plan is the long one."""
        kind = KINDS[owner.kind][number % len(KINDS[owner.kind])]
        span = SPAN * 3 if number == 0 else SPAN
        start = NOW - (owner.number + number) % SPAN - span * generation
        return kind, f"{kind}-{start}-{start + span}", start, start + span

    def _organisation(self, owner: Owner) -> Made:
        sheet = self._sheet()
        label = f"{NAMES[owner.kind]} {owner.number}"
        said: list[tuple[str, Term]] = [
            ("a", ("org:Organization", "cv:PublicOrganisation")),
            ("skos:prefLabel", (words(label, "nb"), words(label, "nn"))),
        ]
        if owner.kind != "fylke":  # the code list has no counties
            said.append(("dct:type", f"<{SHARED}/code/organisation-type/{owner.kind}>"))
        if owner.county:
            said.append(("plan:inCounty", owner.county.iri))
        sheet.say(owner.iri[1:-1], said)
        return Made(f"org/syntetisk-{owner.slug}", sheet.text(), sheet.triples)

    def _acts(self) -> Iterator[Made]:
        """Acts with sections and paragraphs; fills the list of provisions, whose order is how well known they are."""
        files = [self._act(number) for number in range(1, ACTS + 1)]
        Random(f"{self.seed} known").shuffle(self._provisions)
        yield from files

    def _act(self, number: int) -> Made:
        sheet, random = self._sheet(), Random(f"{self.seed} act {number}")
        name = f"syntetisk lov {number}"
        act = f"{SHARED}/law/syntetisk-lov-{number:03}"
        title = f"Lov om {self.words.languages['nb'].name(random, 2, 4).lower()} ({name})"
        names = (("dct:title", words(title, "nb")), ("skos:prefLabel", words(name, "nb")), INVENTED)
        said: Said = (("a", "eli:LegalResource"), *names)
        sheet.say(act, said)
        for section in range(1, random.randint(5, 30) + 1):
            where = f"{act}/p{section}"
            self._provision(sheet, random, where, act, f"{name} § {section}", str(section), "paragraf")
            for part in range(1, random.choice((0, 0, 0, 2, 3)) + 1):
                label = f"{section} ledd {part}"
                self._provision(sheet, random, f"{where}/l{part}", where, f"{name} § {label}", label, "ledd")
        return Made(f"law/syntetisk-lov-{number:03}", sheet.text(), sheet.triples)

    def _provision(
        self, sheet: Sheet, random: Random, where: str, above: str, label: str, number: str, kind: str
    ) -> None:
        self._provisions.append(f"<{where}>")
        said: Said = (
            ("a", "eli:LegalResourceSubdivision"),
            ("skos:prefLabel", words(label, "nb")),
            ("eli:number", words(number)),
            ("eli:type_subdivision", f"<{SHARED}/code/provision-type/{kind}>"),
            ("eli:is_part_of", f"<{above}>"),
            ("plan:text", words(self.words.languages["nb"].paragraph(random, 2), "nb")),
        )
        sheet.say(where, said)

    def _guides(self) -> Iterator[Made]:
        for number in range(1, GUIDES + 1):
            sheet, random = self._sheet(), Random(f"{self.seed} guide {number}")
            address = f"{SHARED}/guidance/syntetisk/veileder-{number:02}"
            title = f"Syntetisk veileder {number}: {self.words.languages['nb'].name(random, 3, 6).lower()}"
            said: Said = (
                ("a", "plan:Guidance"),
                ("dct:title", (words(title, "nb"), words(title, "en"))),
                ("dct:type", f"<{SHARED}/code/guidance-kind/nasjonal-veileder>"),
                ("plan:legalBasis", random.choice(self._provisions)),
                INVENTED,
                ("dct:description", words(self.words.languages["en"].paragraph(random, 2), "en")),
            )
            sheet.say(address, said)
            self._guidance.append(f"<{address}>")
            yield Made(f"guidance/syntetisk/veileder-{number:02}", sheet.text(), sheet.triples)

    def _sheet(self) -> Sheet:
        return Sheet(COMMON, "Oppdiktet, til måling av fart. / Made up, to measure speed.")


def generate(folder: Path, triples: int, seed: int = 1, base: str = BASE, texts: bool = False) -> tuple[int, int]:
    """Write a library into an empty folder.

    Args:
        folder: where `data/ttl` shall be; made if it is not there.
        triples: how many, at least; the last file is whole.
        seed: another number is another country.
        base: what the addresses of plans and documents begin with.
        texts: whether to write the quoted source texts, into `texts/`, for `planvev check --sources`.

    Returns:
        Files and triples written.
    """
    files = total = 0
    for made in Country(seed, base).files(triples):
        path = folder / "data" / "ttl" / f"{made.place}.ttl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.turtle, "utf-8")
        if texts and made.source:
            text = folder / "texts" / f"{made.place.replace('/', '-')}.txt"
            text.parent.mkdir(exist_ok=True)
            text.write_text(made.source, "utf-8")
        files, total = files + 1, total + made.triples
    return files, total


def nquads(out: BinaryIO, triples: int, seed: int = 1, base: str = BASE) -> int:
    """Write the same files as N-Quads, each in the graph that `planvev publish` gives it; returns the triples.

    Nodes without a name get labels of their own at every run.
    """
    total = 0
    for made in Country(seed, base).files(triples):
        graph = NamedNode(Base(base).graph(made.place))
        read = parse(made.turtle, format=RdfFormat.TURTLE, rename_blank_nodes=True)
        serialize((Quad(q.subject, q.predicate, q.object, graph) for q in read), out, RdfFormat.N_QUADS)
        total += made.triples
    return total


def main() -> None:
    """Write, and say on standard error what was written and how it is published."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="folder to write the library into; must not hold data/ttl")
    parser.add_argument("--triples", type=int, default=100_000, help="size (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, help="another number is another country (default: 1)")
    parser.add_argument("--base", default=BASE, help=f"base of plans and documents (default: {BASE})")
    parser.add_argument("--texts", action="store_true", help="write the quoted source texts too, into texts/")
    parser.add_argument("--nquads", action="store_true", help="write N-Quads to standard output, and no library")
    chosen = parser.parse_args()
    if chosen.nquads:
        print(f"{nquads(sys.stdout.buffer, chosen.triples, chosen.seed, chosen.base):,} triples", file=sys.stderr)
        return
    if chosen.folder is None:
        parser.error("name a folder to write the library into, or ask for --nquads")
    if (chosen.folder / "data" / "ttl").exists():
        parser.error(f"{chosen.folder} holds a library already; remove it or name another folder")
    files, total = generate(chosen.folder, chosen.triples, chosen.seed, chosen.base, chosen.texts)
    print(f"{total:,} triples in {files:,} files. To publish them:", file=sys.stderr)
    print(f"PLANVEV_BASE={chosen.base} PLANVEV_LIBRARY={chosen.folder} planvev publish", file=sys.stderr)


if __name__ == "__main__":
    main()
