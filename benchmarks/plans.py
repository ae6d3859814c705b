"""One made-up plan and the text it quotes, as two Turtle sheets.

Shaped like the library's largest plan: focus areas with where we are, how we want it, what we do and by what measures;
goals with sub-goals, principles and needs, target groups and roles; and a quotation with its digest, position and the
words around it behind every statement. The numbers of parts are drawn anew for each plan. Everything is invented, and
its names say so.
"""

from __future__ import annotations

import hashlib
from bisect import bisect
from dataclasses import dataclass, field
from datetime import date
from random import Random

from benchmarks.turtle import Said, Sheet, Term, day, words, year
from benchmarks.words import Words
from planvev.names import COMMON

SHARED = f"{COMMON}/id"
ROLES = ("alle-tjenester", "kommunedirektoer", "helsetjenesten", "skolene", "barnehagene", "kulturtjenesten", "nav")
AROUND = 44  # characters before and after a quotation, cut at a word


@dataclass(frozen=True)
class Owner:
    """An organisation: what it is called in its addresses, its kind, language, and how many plans it has at a time."""

    slug: str
    kind: str
    number: int
    language: str
    plans: int
    county: Owner | None = None

    @property
    def iri(self) -> str:
        return f"<{SHARED}/org/syntetisk-{self.slug}>"


@dataclass(frozen=True)
class Brief:
    """What a plan is to be: whose, of which type and period, and what there is to point at."""

    owner: Owner
    slug: str
    kind: str
    start: int
    end: int
    above: tuple[str, ...]  # plans it is anchored in, as places
    newer: str | None  # the plan that has replaced it, as a place
    vision: bool
    provisions: tuple[str, ...]
    provision_weights: tuple[float, ...]
    guidance: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"plan/{self.owner.slug}/{self.slug}"

    @property
    def document(self) -> str:
        return f"document/{self.owner.slug}/{self.slug}"


@dataclass
class Draft:
    """A plan while it is written: its sheet, the words of its source so far, and the quotations that await them."""

    brief: Brief
    random: Random
    language: Words
    sheet: Sheet
    source: list[str] = field(default_factory=list)
    length: int = 0
    quotes: list[tuple[str, str, int, list[str]]] = field(default_factory=list)

    def quoted(self, subject: str, key: str, exact: str, *evidence: str) -> str:
        """Put words into the source and remember the quotation; returns its address."""
        address = f"{subject}/quote/{key}"
        self.quotes.append((address, exact, self.length, list(evidence)))
        self.source.append(exact)
        self.length += len(exact) + 1
        return f"<{address}>"

    def said(self, text: str) -> str:
        return words(text, self.language.language)

    def cited(self, share: float) -> Said:
        """Provisions that a part rests on, often few, seldom several; the well-known ones most often."""
        if self.random.random() >= share:
            return ()
        count = 1 + (self.random.random() < 0.25)
        top = self.brief.provision_weights[-1]
        found = (bisect(self.brief.provision_weights, self.random.random() * top) for _ in range(count))
        return (("plan:legalBasis", tuple(dict.fromkeys(self.brief.provisions[place] for place in found))),)


def write(brief: Brief, random: Random, language: Words, base: str) -> tuple[Sheet, Sheet, str]:
    """The plan's sheet, its source document's sheet, and the text of that source."""
    draft = Draft(brief, random, language, Sheet(base, "Oppdiktet, til måling av fart. / Made up, to measure speed."))
    groups = _groups(draft)
    roles = _roles(draft)
    goals = _goals(draft, groups)
    for number in range(1, random.randint(3, 6) + 1):
        _area(draft, number, goals, groups, roles)
    _plan(draft, groups)
    text = " ".join(draft.source)
    for quotation in draft.quotes:
        _quotation(draft, text, *quotation)
    return draft.sheet, _document(draft, text, base), text


def _plan(draft: Draft, groups: list[str]) -> None:
    brief, random = draft.brief, draft.random
    title, purpose = draft.language.name(random, 3, 7), draft.language.paragraph(random, 2)
    said: list[tuple[str, Term]] = [
        ("a", "plan:Plan"),
        ("dct:title", draft.said(title)),
        ("dct:description", draft.said(draft.language.paragraph(random, 3))),
        ("plan:purpose", draft.said(purpose)),
        ("dct:type", f"<{SHARED}/code/plan-type/{brief.kind}>"),
        ("dct:publisher", brief.owner.iri),
        ("plan:adoptedBy", brief.owner.iri),
        ("dct:dateAccepted", day(date(brief.start - 1, random.randint(9, 12), random.randint(1, 28)))),
        ("dct:temporal", _period(brief)),
        ("dct:audience", tuple(f"<{group}>" for group in groups[:3])),
        ("plan:guidedBy", tuple(sorted(random.sample(brief.guidance, 2)))),
        *draft.cited(1.0),
    ]
    if brief.above:
        said.append(("plan:anchoredIn", tuple(f"<{place}>" for place in brief.above)))
        said.append(("plan:derivedFrom", f"<{brief.above[0]}>"))
    if brief.newer:
        said.append(("dct:isReplacedBy", f"<{brief.newer}>"))
    quotes = (
        draft.quoted(brief.place, "title", title, "dct:title", "dct:type"),
        draft.quoted(brief.place, "purpose", purpose, "plan:purpose"),
    )
    draft.sheet.say(brief.place, [*said, ("plan:quotedFrom", quotes)])


def _period(brief: Brief) -> Said:
    return (
        ("a", "dct:PeriodOfTime"),
        ("dcat:startDate", year(brief.start)),
        ("dcat:endDate", year(brief.end)),
        ("plan:asWritten", words(f"{brief.start}–{brief.end}")),
    )


def _groups(draft: Draft) -> list[str]:
    """Target groups: the same names come back from plan to plan, as they do."""
    found = []
    for name in draft.random.sample(draft.brief.groups, draft.random.randint(4, 9)):
        address = f"{draft.brief.place}/group/{draft.brief.groups.index(name) + 1}"
        quote = draft.quoted(address, "name", f"Tiltakene gjelder {name}.", "skos:prefLabel")
        draft.sheet.say(
            address, [("a", "plan:TargetGroup"), ("skos:prefLabel", words(name, "nb")), ("plan:quotedFrom", quote)]
        )
        found.append(address)
    return found


def _roles(draft: Draft) -> list[str]:
    found = []
    for name in draft.random.sample(ROLES, 4):
        address = f"{draft.brief.place}/role/{name}"
        label = name.replace("-", " ").replace("oe", "ø")
        quote = draft.quoted(address, "name", f"Ansvaret ligger hos {label}.", "skos:prefLabel")
        draft.sheet.say(
            address, [("a", "org:Role"), ("skos:prefLabel", words(label, "nb")), ("plan:quotedFrom", quote)]
        )
        found.append(address)
    return found


def _goals(draft: Draft, groups: list[str]) -> list[str]:
    found = []
    if draft.brief.vision:
        _part(draft, "Vision", "vision", 10)
    for number in range(1, draft.random.randint(2, 4) + 1):
        goal = _part(draft, "Goal", f"goal/{number}", 14, ("plan:order", number), *_targets(draft, groups, 0.5))
        found.append(goal)
        for below in range(1, draft.random.randint(0, 2) + 1):
            key, above = f"goal/{number}-{below}", ("plan:subGoalOf", f"<{goal}>")
            found.append(_part(draft, "SubGoal", key, 14, above, ("plan:order", below)))
    for number in range(1, draft.random.randint(1, 3) + 1):
        _part(draft, "Principle", f"principle/{number}", 16, *draft.cited(0.3))
    return found


def _area(draft: Draft, number: int, goals: list[str], groups: list[str], roles: list[str]) -> None:
    random, address = draft.random, f"{draft.brief.place}/area/{number}"
    inside = ("plan:inFocusArea", f"<{address}>")
    title = draft.language.name(random)
    now = _part(draft, "Situation", f"area/{number}/now", 60, inside)
    wanted = _part(draft, "DesiredState", f"area/{number}/wanted", 60, inside, *_targets(draft, groups, 0.7))
    said: list[tuple[str, Term]] = [
        ("a", "plan:FocusArea"),
        ("dct:title", draft.said(title)),
        ("plan:order", number),
        ("dct:isPartOf", f"<{draft.brief.place}>"),
        ("plan:currentState", f"<{now}>"),
        ("plan:desiredState", f"<{wanted}>"),
        ("plan:pursues", f"<{random.choice(goals)}>"),
        ("plan:quotedFrom", draft.quoted(address, "title", title, "dct:title", "plan:order")),
    ]
    draft.sheet.say(address, said)
    for need in range(1, random.randint(0, 2) + 1):
        _part(draft, "Need", f"need/{number}-{need}", 16, inside, ("plan:order", need))
    measures = 0
    for place in range(1, random.randint(4, 8) + 1):
        who = ("plan:responsible", f"<{random.choice(roles)}>")
        more = (*_targets(draft, groups, 0.6), *draft.cited(0.35))
        strategy = _part(draft, "Strategy", f"strategy/{number}-{place}", 18, ("plan:order", place), inside, who, *more)
        for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
            measures += 1
            _measure(draft, f"measure/{number}-{measures}", measures, strategy, inside, roles)


def _measure(draft: Draft, key: str, order: int, strategy: str, inside: tuple[str, Term], roles: list[str]) -> None:
    said: list[tuple[str, Term]] = [
        ("plan:order", order),
        inside,
        ("plan:implementsStrategy", f"<{strategy}>"),
        ("plan:responsible", f"<{draft.random.choice(roles)}>"),
        *draft.cited(0.3),
    ]
    if draft.random.random() < 0.3:
        kroner = draft.random.randint(5, 900) * 10_000
        said.append(
            (
                "plan:cost",
                (("a", "schema:MonetaryAmount"), ("schema:value", kroner), ("schema:currency", words("NOK"))),
            )
        )
    _part(draft, "Measure", key, 16, *said)


def _part(draft: Draft, kind: str, key: str, length: int, *said: tuple[str, Term]) -> str:
    """A part of the plan with its words and the quotation behind them."""
    address = f"{draft.brief.place}/{key}"
    many = max(1, length // 15)
    text = draft.language.paragraph(draft.random, many) if many > 1 else draft.language.text(draft.random, 8, length)
    quote = draft.quoted(address, "words", text, "plan:text", *(p for p, _ in said if p != "plan:cost"))
    part: list[tuple[str, Term]] = [
        ("a", f"plan:{kind}"),
        ("plan:text", draft.said(text)),
        ("dct:isPartOf", f"<{draft.brief.place}>"),
    ]
    draft.sheet.say(address, [*part, *said, ("plan:quotedFrom", quote)])
    return address


def _targets(draft: Draft, groups: list[str], share: float) -> Said:
    if draft.random.random() >= share:
        return ()
    chosen = draft.random.sample(groups, draft.random.randint(1, 2))
    return (("plan:targets", tuple(f"<{group}>" for group in sorted(chosen))),)


def _quotation(draft: Draft, text: str, address: str, exact: str, start: int, evidence: list[str]) -> None:
    end = start + len(exact)
    before = text[max(0, start - AROUND) : start]
    after = text[end : end + AROUND]
    before = before if start <= AROUND else before.partition(" ")[2]
    after = after if end + AROUND >= len(text) else after.rpartition(" ")[0]
    place: list[tuple[str, Term]] = [("a", "oa:TextQuoteSelector"), ("oa:exact", words(exact))]
    place += [(p, words(w)) for p, w in (("oa:prefix", before), ("oa:suffix", after)) if w]
    draft.sheet.say(
        address,
        [
            ("a", "plan:Quotation"),
            ("oa:hasSource", f"<{draft.brief.document}>"),
            ("oa:hasSelector", place),
            ("oa:hasSelector", (("a", "oa:TextPositionSelector"), ("oa:start", start), ("oa:end", end))),
            ("plan:wordsDigest", f'"{hashlib.sha256(exact.encode()).hexdigest()}"^^xsd:hexBinary'),
            ("plan:evidenceFor", tuple(dict.fromkeys(evidence))),
        ],
    )


def _document(draft: Draft, text: str, base: str) -> Sheet:
    """The text that the plan quotes, known by its digest."""
    sheet = Sheet(base, draft.sheet.comment)
    data = text.encode()
    title = f"Syntetisk kildetekst til {draft.brief.owner.slug} {draft.brief.slug}"
    checksum: Said = (
        ("a", "spdx:Checksum"),
        ("spdx:algorithm", "spdx:checksumAlgorithm_sha256"),
        ("spdx:checksumValue", f'"{hashlib.sha256(data).hexdigest()}"^^xsd:hexBinary'),
    )
    said: list[tuple[str, Term]] = [
        ("a", "plan:SourceDocument"),
        ("dct:title", words(title, "nb")),
        ("plan:documentOf", f"<{draft.brief.place}>"),
        ("dct:publisher", draft.brief.owner.iri),
        ("plan:fileName", words(f"{draft.brief.owner.slug}-{draft.brief.slug}.txt")),
        ("dct:extent", words(f"{len(data)} byte", "nb")),
        ("spdx:checksum", checksum),
    ]
    sheet.say(draft.brief.document, said)
    return sheet
