"""What is run for a query: the text as it was written, or another that answers the same with less work.

In turn: a look-up (`glance`) is left as it is; text search is answered by the index (`matching`); what is only a number
known since publish is put in (`certain`); what is certain to be little work is left as it is (`bounds`); a flat query
over much data is joined over the snapshot's columns (`columnar`), or by hashing (`optimise`). The first that fits is
the plan, which is kept for queries of the same shape (`shapes`); what none of them fully understands is run as it was
written. A query that names a dataset of its own is asked of other statements than the numbers are of, and is left to
the engine.
"""

from __future__ import annotations

import contextlib
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from planvev.answering import bounds, certain, columnar, matching, optimise
from planvev.answering.matching import Find, Match
from planvev.answering.optimise import Plan
from planvev.answering.shapes import Shapes
from planvev.queries import flat_text, glance
from planvev.queries.flat import Flat, NotFlat
from planvev.queries.sparql import Query
from planvev.queries.statistics import Statistics

Mode = Literal["on", "off", "always"]
MODES: tuple[Mode, ...] = ("on", "off", "always")
LOOKUP = "it is one look-up"
TEXT = 16 * 1024  # characters of a query with its answer in it that the engine reads in a moment
SLOW = 60  # tokens; to think about a longer query takes milliseconds


@dataclass(frozen=True)
class Setting:
    """What a query is asked of.

    `own` is whether it is the snapshot's own dataset, not one that the query or the request names; `statistics` are
    None where they are unknown, as with an engine on the network. `columns` is whether the snapshot has any. `mode`:
    "off" runs the text as it was written, "always" writes it anew wherever that is permitted, whatever it costs.
    `shapes` keeps the plans of this dataset's queries.
    """

    statistics: Statistics | None
    own: bool
    mode: Mode
    columns: bool = False
    shapes: Shapes | None = None


def chosen(query: Query, setting: Setting, find: Find) -> Plan:
    """The plan of a query.

    Args:
        query: as `sparql.read` read it.
        setting: what it is asked of.
        find: asks the search index.

    Raises:
        QueryRefused: a text search in it cannot be answered.
    """
    if setting.own and at_once(query) and glance.is_lookup(query):
        return _looked_up(query, setting)
    if found := matching.matches(query):
        return _searched(query, found, find)
    if setting.mode == "off":
        return Plan(query.text, why="optimise=off")
    if setting.mode != "always" and (setting.statistics is None or not setting.own):
        return Plan(query.text, why="it is asked of a dataset of its own, whose numbers are not known")
    shapes = setting.shapes if setting.mode == "on" else None
    if shapes and (kept := shapes.find(query.text)):
        return kept[1]
    things: Container[int] = range(len(query.tokens))  # whatever they are, a query that is not flat is none
    try:
        read = flat_text.read(query)
        things = read.things
        plan = _planned(query, read, setting)
    except NotFlat as why:
        plan = Plan(query.text, why=f"{why}")
    if shapes and plan.how == "as written":
        shapes.keep(query, things, plan)
    return plan


def at_once(query: Query) -> bool:
    """Whether the plan of a query is found in less than a millisecond, without waiting for anything."""
    return len(query.tokens) <= SLOW and "search" not in query.text


def _looked_up(query: Query, setting: Setting) -> Plan:
    asks = glance.pattern(query) if query.kind == "ASK" else None
    plan = Plan(query.text, why=LOOKUP, little=True, asks=asks)
    if setting.shapes:
        setting.shapes.keep(query, frozenset(glance.places(query)[::2]), plan)
    return plan


def _searched(query: Query, found: list[Match], find: Find) -> Plan:
    text, things = matching.answered(query, found, find)
    words = ", ".join(f"“{match.words}”" for match in found)
    steps = (f"search for {words}: {things} things", "run the rest as it was written")
    return Plan(text, "searched", steps=steps, original=query.text)


def _planned(query: Query, read: Flat, setting: Setting) -> Plan:
    numbers, always = setting.statistics if setting.own else None, setting.mode == "always"
    if numbers and (text := certain.answered(read, numbers)):
        steps, little = ("take the numbers kept since publish",), len(text) < TEXT and bounds.cheap(query)
        return Plan(text, "counted", steps=steps, original=read.text, little=little)
    if numbers and not always and (most := bounds.most(read, numbers)) and most.little and bounds.cheap(query):
        return Plan(read.text, why=f"it takes no more than {most.steps} look-ups and statements", little=True)
    if setting.columns and numbers:
        with contextlib.suppress(NotFlat):
            return columnar.plan(read, numbers, always)
    return optimise.plan(read, numbers, always)
