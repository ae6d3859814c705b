"""What differs between two versions of a graph, thing by thing and statement by statement, as plain data for pages.

Statements are compared by what they say and not by how it is shown: a neighbour that is called otherwise now is the
same neighbour, and what hangs below a blank node is compared as a whole. How anything looks is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planvev.insight.lookup import Lookup
from planvev.insight.things import Node, Value
from planvev.versions import pieces
from planvev.versions.past import Past
from planvev.versions.pieces import Pieces

NEW, CHANGED, GONE = "new", "changed", "gone"


@dataclass(frozen=True)
class Altered:
    """The values of one property that are not said any more, and those that are said now."""

    predicate: str
    removed: tuple[Value, ...]
    added: tuple[Value, ...]


@dataclass(frozen=True)
class Alteration:
    """One thing that is NEW, CHANGED or GONE, and its statements that differ."""

    thing: Node
    kind: str
    statements: tuple[Altered, ...]


def between(
    old: tuple[Past, Pieces] | None,
    new: tuple[Past, Pieces] | None,
    languages: Sequence[str],
    ceiling: int,
) -> tuple[list[Alteration], int]:
    """What differs, and how many things do; of these at most `ceiling` are looked at.

    Args:
        old: the earlier version with its pieces; None where there was none.
        new: the later one, likewise.
        languages: of the reader, best first.
        ceiling: things to tell of.
    """
    had, has = old[1] if old else {}, new[1] if new else {}
    found = pieces.difference(had, has)
    kinds = {thing: CHANGED if thing in had else NEW for thing in found.come} | dict.fromkeys(found.gone, GONE)
    before, after = (Lookup(each[0], languages) if each else None for each in (old, new))
    told = []
    for thing in sorted(kinds)[:ceiling]:
        was, now = (_said(lookup, thing) for lookup in (before, after))
        named = after if kinds[thing] != GONE else before
        assert named is not None
        told.append(Alteration(named.node(thing), kinds[thing], tuple(_altered(was, now))))
    return told, len(kinds)


def _said(lookup: Lookup | None, thing: str) -> dict[str, tuple[Value, ...]]:
    """What is said of a thing, by property."""
    return {group.predicate: group.values for group in lookup.everything(thing)} if lookup else {}


def _altered(was: dict[str, tuple[Value, ...]], now: dict[str, tuple[Value, ...]]) -> list[Altered]:
    found = []
    for predicate in sorted(was.keys() | now.keys()):
        old = {_key(value): value for value in was.get(predicate, ())}
        new = {_key(value): value for value in now.get(predicate, ())}
        removed = tuple(value for key, value in old.items() if key not in new)
        added = tuple(value for key, value in new.items() if key not in old)
        if removed or added:
            found.append(Altered(predicate, removed, added))
    return found


def _key(value: Value) -> object:
    """What a value says, whatever things are called."""
    if value.node is not None:
        return value.node.iri
    if value.text is not None:
        return (value.text, value.datatype)
    return tuple((group.predicate, tuple(sorted(repr(_key(part)) for part in group.values))) for group in value.parts)
