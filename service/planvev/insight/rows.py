"""A plan as rows, one for each of its parts in the order of reading, for whoever works in a spreadsheet.

Words are the plan's; several things in one cell stand one a line. The IRI is last, so that a row can be found again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from planvev.insight.lookup import Lookup
from planvev.insight.outline import Part, outline
from planvev.insight.things import Node
from planvev.names import NS

COLUMNS = ("type", "label", "description", "focus area", "target groups", "legal basis", "responsible", "iri")
FOCUS_AREA = NS + "FocusArea"

Row = Sequence[str]


def rows(lookup: Lookup, plan: str, name: Callable[[str], str]) -> Iterator[Row]:
    """The parts of a plan as rows of `COLUMNS`.

    Args:
        lookup: look-ups for one reader.
        plan: the IRI of the plan.
        name: what a class is called.
    """
    yield from _rows(outline(lookup, plan), "", name)


def _rows(parts: Sequence[Part], area: str, name: Callable[[str], str]) -> Iterator[Row]:
    for part in parts:
        is_area = part.kind == FOCUS_AREA
        words = "\n".join(text.value for text in part.words)
        beside = (_names(nodes) for nodes in (part.targets, part.grounds, part.doers))
        yield (name(part.kind), part.node.label.value, words, "" if is_area else area, *beside, part.node.iri)
        yield from _rows(part.parts, part.node.label.value if is_area else area, name)


def _names(nodes: Sequence[Node]) -> str:
    return "\n".join(node.label.value for node in nodes)
