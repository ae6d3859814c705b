"""A plan as a document: its parts in the order a person reads them, focus area by focus area.

The order is the plan's own where it states one (`plan:order`); between kinds it is from why to what: vision, goals,
where we are, how we want it, what we do. Words are the plan's, never ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from planvev.insight.lookup import DESCRIPTIONS, Lookup
from planvev.insight.said import literals, named
from planvev.insight.things import Node, Text
from planvev.names import NS, PREFIXES

IS_PART_OF = PREFIXES["dct"] + "isPartOf"
IN_FOCUS_AREA = NS + "inFocusArea"
SUB_GOAL_OF = NS + "subGoalOf"
HOMES = (NS + "implementsStrategy", SUB_GOAL_OF, IN_FOCUS_AREA)  # in what a part stands, innermost first
# What stands beside a part's words: for whom it is, who does it, and what it rests on.
FOR = (NS + "targets", PREFIXES["dct"] + "audience")
BY = (NS + "responsible", NS + "inCooperationWith")
RESTING = (NS + "legalBasis", NS + "guidedBy", NS + "buildsOn")
WORDS = (NS + "text", *DESCRIPTIONS)

READING = tuple(
    NS + name
    for name in (
        "Vision",
        "Ambition",
        "Goal",
        "SubGoal",
        "Principle",
        "Situation",
        "Need",
        "DesiredState",
        "FocusArea",
        "Strategy",
        "Measure",
        "Delimitation",
        "Recommendation",
    )
)
LISTED = tuple(NS + name for name in ("Need", "Strategy", "Measure", "Delimitation", "Recommendation"))
PARTS = 1000  # parts of one plan that a page shows
Inside = dict[str, list[str]]  # a plan or part → the parts that are met in it


@dataclass(frozen=True)
class Part:
    """One part: what it is called, its words where they are more than its name, and the parts that stand in it.

    `targets`, `doers` and `grounds` are for whom it is, who does it, and the law and guidance it rests on.
    """

    node: Node
    kind: str
    words: tuple[Text, ...]
    parts: tuple[Part, ...]
    targets: tuple[Node, ...] = ()
    doers: tuple[Node, ...] = ()
    grounds: tuple[Node, ...] = ()

    @property
    def rank(self) -> int:
        """Where its kind stands in the reading order."""
        return READING.index(self.kind)

    @property
    def anchor(self) -> str:
        """The name of its place on the plan's page."""
        return self.node.iri.split("/id/", 1)[-1].replace("/", ".")

    @property
    def titled(self) -> bool:
        """Whether its name is a title of words or parts that stand below it, and not all that it says."""
        return bool(self.words or self.parts) and not self.listed

    @property
    def listed(self) -> bool:
        """Whether parts of this kind stand in a list rather than each under a heading."""
        return self.kind in LISTED


def outline(lookup: Lookup, plan: str) -> tuple[Part, ...]:
    """The parts of a plan; empty for a thing without any.

    Args:
        lookup: look-ups for one reader.
        plan: the IRI of the plan.
    """
    members = dict.fromkeys(lookup.snapshot.pointing(plan, IS_PART_OF, PARTS))
    lookup.snapshot.ready(members)
    _beside_ready(lookup, members)
    inside: Inside = {}
    for iri in members:
        home = _home(lookup, iri)
        inside.setdefault(home if home in members else plan, []).append(iri)
    return _ordered(lookup, plan, inside)


def below(lookup: Lookup, part: str) -> tuple[Part, ...]:
    """What stands in a part of a plan: in a focus area, below a goal, or under a strategy."""
    inside: Inside = {}
    waiting = [part]
    while waiting:
        home = waiting.pop()
        if home not in inside:
            members = dict.fromkeys(iri for by in HOMES for iri in lookup.snapshot.pointing(home, by, PARTS))
            lookup.snapshot.ready(members, HOMES, ceiling=PARTS)
            _beside_ready(lookup, members)
            inside[home] = [iri for iri in members if _home(lookup, iri) == home and iri not in inside]
            waiting += inside[home]
    return _ordered(lookup, part, inside)


def every(parts: tuple[Part, ...]) -> Iterator[Part]:
    """The parts and all that stand in them, as they are read."""
    for part in parts:
        yield part
        yield from every(part.parts)


def runs(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts of one kind together, in the reading order, which parts have already."""
    return [list(run) for _, run in groupby(parts, key=lambda part: part.kind)]


def _beside_ready(lookup: Lookup, members: Iterable[str]) -> None:
    """Say that what stands beside the words of parts will be read."""
    lookup.snapshot.ready(other for iri in members for other in named(lookup.said(iri), *FOR, *BY, *RESTING))


def _home(lookup: Lookup, iri: str) -> str | None:
    """The part in which a part is met: of several the innermost; None for one that stands in the plan itself."""
    return next(iter(named(lookup.said(iri), *HOMES)), None)


def _ordered(lookup: Lookup, home: str, inside: Inside) -> tuple[Part, ...]:
    parts = (_part(lookup, iri, inside) for iri in inside.get(home, ()))
    known = [part for part in parts if part.kind in READING]
    return tuple(sorted(known, key=lambda part: (part.rank, part.node.order)))


def _part(lookup: Lookup, iri: str, inside: Inside) -> Part:
    node = lookup.node(iri)
    kind = next((kind for kind in node.types if kind in READING), "")
    said = lookup.said(iri)
    words = (Text(word.value, word.language or "") for by in WORDS for word in literals(said, by))
    own = tuple(text for text in words if text.value != node.label.value)
    beside = (lookup.leading(iri, *predicates) for predicates in (FOR, BY, RESTING))
    return Part(node, kind, own, _ordered(lookup, iri, inside), *beside)
