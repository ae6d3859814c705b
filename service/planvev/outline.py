"""A plan as a document: its parts in the order a person reads them, focus area by focus area.

The order is the plan's own where it states one (`plan:order`); between kinds it is from why to what: vision, goals,
where we are, how we want it, what we do. Words are the plan's, never ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from planvev.lookup import DESCRIPTIONS, Lookup
from planvev.names import NS, PREFIXES
from planvev.rdf import Literal
from planvev.things import Node, Text

IS_PART_OF = PREFIXES["dct"] + "isPartOf"
IN_FOCUS_AREA = NS + "inFocusArea"
SUB_GOAL_OF = NS + "subGoalOf"

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
    """One part: what it is called, its words where they are more than its name, and the parts that stand in it."""

    node: Node
    kind: str
    words: tuple[Text, ...]
    parts: tuple[Part, ...]

    @property
    def rank(self) -> int:
        """Where its kind stands in the reading order."""
        return READING.index(self.kind)

    @property
    def listed(self) -> bool:
        """Whether parts of this kind stand in a list rather than each under a heading."""
        return self.kind in LISTED


def outline(lookup: Lookup, plan: str) -> tuple[Part, ...]:
    """The parts of a plan, or of a focus area; empty for a thing without any.

    Args:
        lookup: look-ups for one reader.
        plan: the IRI of the plan.
    """
    members = _pointing(lookup, plan, IS_PART_OF)
    lookup.snapshot.ready(members, (IN_FOCUS_AREA, SUB_GOAL_OF), ceiling=PARTS)
    inner = {iri for iri in members if _placed(lookup, iri)}
    return _ordered(lookup, [iri for iri in members if iri not in inner])


def _placed(lookup: Lookup, iri: str) -> bool:
    """Whether a part stands inside another part, and so is met there."""
    return any(triple.predicate.value in (IN_FOCUS_AREA, SUB_GOAL_OF) for triple in lookup.about(iri))


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
    below = _pointing(lookup, iri, IN_FOCUS_AREA, SUB_GOAL_OF)
    return Part(node, kind, tuple(text for text in words if text.value != node.label.value), _ordered(lookup, below))
