"""A plan as a document: its parts in the order a person reads them, focus area by focus area.

The order is the plan's own where it states one (`plan:order`); between kinds it is from why to what: vision, goals,
where we are, how we want it, what we do. Words are the plan's, never ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from planvev.formats.rdf import Literal, NamedNode
from planvev.insight.lookup import DESCRIPTIONS, Lookup
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
    members = _pointing(lookup, plan, IS_PART_OF)
    _ready(lookup, members)
    return _ordered(lookup, [iri for iri in members if _home(lookup, iri) is None])


def below(lookup: Lookup, part: str) -> tuple[Part, ...]:
    """What stands in a part of a plan: in a focus area, below a goal, or under a strategy."""
    members = [iri for iri in _pointing(lookup, part, *HOMES) if iri != part]
    _ready(lookup, members)
    return _ordered(lookup, [iri for iri in members if _home(lookup, iri) == part])


def every(parts: tuple[Part, ...]) -> Iterator[Part]:
    """The parts and all that stand in them, as they are read."""
    for part in parts:
        yield part
        yield from every(part.parts)


def _ready(lookup: Lookup, members: Sequence[str]) -> None:
    """Say what will be read of parts: themselves, what stands in them, and what stands beside their words."""
    lookup.snapshot.ready(members, HOMES, ceiling=PARTS)
    lookup.snapshot.ready(
        triple.object.value
        for iri in members
        for triple in lookup.about(iri)
        if triple.predicate.value in (*FOR, *BY, *RESTING) and isinstance(triple.object, NamedNode)
    )


def _home(lookup: Lookup, iri: str) -> str | None:
    """The part in which a part is met: of several the innermost; None for one that stands in the plan itself."""
    said = {t.predicate.value: t.object.value for t in lookup.about(iri) if isinstance(t.object, NamedNode)}
    return next((said[predicate] for predicate in HOMES if predicate in said), None)


def _pointing(lookup: Lookup, iri: str, *predicates: str) -> list[str]:
    found = (part for predicate in predicates for part in lookup.snapshot.pointing(iri, predicate, PARTS))
    return list(dict.fromkeys(found))


def _ordered(lookup: Lookup, iris: list[str]) -> tuple[Part, ...]:
    parts = (_part(lookup, iri) for iri in iris)
    known = [part for part in parts if part.kind in READING]
    return tuple(sorted(known, key=lambda part: (part.rank, part.node.order)))


def _part(lookup: Lookup, iri: str) -> Part:
    node = lookup.node(iri)
    kind = next((kind for kind in node.types if kind in READING), "")
    literals = [
        triple.object
        for predicate in (NS + "text", *DESCRIPTIONS)
        for triple in lookup.about(iri)
        if triple.predicate.value == predicate and isinstance(triple.object, Literal)
    ]
    words = (Text(literal.value, literal.language or "") for literal in literals)
    own = tuple(text for text in words if text.value != node.label.value)
    beside = (_beside(lookup, iri, predicates) for predicates in (FOR, BY, RESTING))
    return Part(node, kind, own, below(lookup, iri), *beside)


def _beside(lookup: Lookup, iri: str, predicates: Sequence[str]) -> tuple[Node, ...]:
    said = (t.object for t in lookup.about(iri) if t.predicate.value in predicates)
    return tuple(lookup.node(iri) for iri in dict.fromkeys(o.value for o in said if isinstance(o, NamedNode)))
