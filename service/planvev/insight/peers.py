"""What others do: organisations whose plans rest on the same law or guidance, or are there for the same group.

From derived links alone: no plan of anybody else is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from planvev.insight.lookup import Lookup
from planvev.insight.outline import FOR, IS_PART_OF, RESTING
from planvev.insight.reliance import links, rule_of
from planvev.insight.said import named
from planvev.insight.things import Node

SHARED = 12  # things that a part rests on or is for, of which others are looked for
BODIES = 8  # organisations named for each


@dataclass(frozen=True)
class Peers:
    """What is shared, some of those who share it with how many elements of each kind, and how many more there are."""

    shared: Node
    bodies: tuple[tuple[Node, Mapping[str, int]], ...]
    more: int


def peers(lookup: Lookup, part: str) -> tuple[Peers, ...]:
    """Who shares what a part of a plan rests on or is for, beside those whose plan it is."""
    shared = named(lookup.said(part), *RESTING, *FOR)
    own = {owner.iri for owner in _owners(lookup, part)}
    found = []
    for iri in shared[:SHARED]:
        node = lookup.node(iri)
        rule = rule_of(node.types)
        others = [link for link in links(lookup, "organisation", rule, iri) if link.other not in own] if rule else []
        if others:
            lookup.snapshot.ready(link.other for link in others[:BODIES])
            known = tuple((lookup.node(link.other), link.counts) for link in others[:BODIES])
            found.append(Peers(node, known, len(others[BODIES:])))
    return tuple(found)


def _owners(lookup: Lookup, part: str) -> tuple[Node, ...]:
    plan = next(iter(named(lookup.said(part), IS_PART_OF)), None)
    return lookup.owners(plan) if plan else ()
