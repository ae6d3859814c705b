"""A thing, its neighbours and the words it comes from, as plain data: what `lookup` finds and pages show."""

from __future__ import annotations

from dataclasses import dataclass, field

from planvev.periods import Period


@dataclass(frozen=True)
class Text:
    """Words and the language they are in (empty when not stated)."""

    value: str
    language: str = ""


@dataclass(frozen=True)
class Node:
    """A thing as a link: its IRI and what it is called."""

    iri: str
    label: Text
    types: tuple[str, ...] = ()
    order: tuple[float, str] = (float("inf"), "")


@dataclass(frozen=True)
class Value:
    """One object of a statement: a node, a literal, or what hangs below a blank node."""

    node: Node | None = None
    text: Text | None = None
    datatype: str = ""
    parts: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Group:
    """The values of one property; for incoming statements one class of subjects. `count`: how many there are in all."""

    predicate: str
    values: tuple[Value, ...]
    count: int
    kind: str = ""


@dataclass(frozen=True)
class Quote:
    """Quoted words, those before and after, the document they stand in, and the properties they are evidence for."""

    iri: str
    exact: Text
    before: str
    after: str
    source: Node | None
    supports: tuple[str, ...]


@dataclass(frozen=True)
class Thing:
    """All that a page about one IRI needs."""

    iri: str
    label: Text
    label_predicate: str
    types: tuple[str, ...]
    descriptions: tuple[Text, ...]
    trail: tuple[Node, ...]
    period: Period | None
    outgoing: tuple[Group, ...]
    incoming: tuple[Group, ...]
    incoming_more: bool
    quotes: tuple[Quote, ...]
    graphs: tuple[str, ...] = field(default=())
