"""A thing and its neighbours as plain data: what a page shows and what a machine would ask for first.

Everything is found by direct look-ups in the snapshot, each of which costs the same on a small graph and a large one;
lists are capped and counted. Which words name a relation is not known here (`vocabulary`), nor how anything looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from planvev import periods
from planvev.engines.engine import Edition
from planvev.engines.leads import Incoming
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Quad, Term, Triple
from planvev.insight.said import Said, by_property, literals, named, unnamed
from planvev.insight.things import Group, Node, Quote, Text, Thing, Value
from planvev.names import NS, PREFIXES, short
from planvev.periods import Period

_P = PREFIXES
RDF_TYPE = _P["rdf"] + "type"
QUOTED_FROM = NS + "quotedFrom"
EVIDENCE_FOR = NS + "evidenceFor"
ORDER = NS + "order"
_SELECTOR = _P["oa"] + "hasSelector"

LABELS = tuple(
    _P[prefix] + local
    for prefix, local in (
        ("skos", "prefLabel"),
        ("dct", "title"),
        ("foaf", "name"),
        ("rdfs", "label"),
        ("eli", "title_short"),
        ("eli", "title"),
        ("schema", "name"),
        ("plan", "text"),
        ("plan", "degree"),
        ("oa", "exact"),
        ("eli", "number"),
        ("dct", "identifier"),
        ("plan", "fileName"),
    )
)
DESCRIPTIONS = (_P["skos"] + "definition", _P["dct"] + "description", _P["rdfs"] + "comment")
UPWARD = tuple(
    _P[prefix] + local
    for prefix, local in (
        ("plan", "inFocusArea"),
        ("plan", "subGoalOf"),
        ("dct", "isPartOf"),
        ("eli", "is_part_of"),
        ("org", "unitOf"),
        ("org", "subOrganizationOf"),
        ("skos", "inScheme"),
        ("plan", "documentOf"),
        ("dct", "publisher"),
        ("dct", "creator"),
    )
)
_NEAR = (_P["oa"] + "hasSource", *UPWARD)
CAP = 100  # neighbours listed in one group of a page; the rest is counted


class Lookup:
    """Look-ups in one snapshot for a reader of given languages, best first."""

    def __init__(self, snapshot: Edition, languages: Sequence[str]) -> None:
        self.snapshot = snapshot
        self.languages = tuple(languages)
        self._nodes: dict[str, Node] = {}
        self._about: dict[str, list[Triple]] = {}
        self._said: dict[str, Said] = {}

    def about(self, iri: str) -> list[Triple]:
        """What is said about a thing. Remembered for the length of one page."""
        if iri not in self._about:
            self._about[iri] = self.snapshot.about(iri)
        return self._about[iri]

    def said(self, iri: str) -> Said:
        """The same by property."""
        if iri not in self._said:
            self._said[iri] = by_property(self.about(iri))
        return self._said[iri]

    def thing(self, iri: str) -> Thing:
        """The thing itself, whether it is ours or somebody else's that our data mentions."""
        triples, said = self.about(iri), self.said(iri)
        label, predicate = self._label(iri, said)
        incoming = self.snapshot.incoming(iri, ceiling=2000)
        self.snapshot.ready(self._neighbours(triples, incoming))
        self.snapshot.ready(self._beyond(triples))
        descriptions = self._best(said)
        hidden = {predicate, RDF_TYPE, QUOTED_FROM, *(DESCRIPTIONS if descriptions else ())}
        return Thing(
            iri=iri,
            label=label,
            label_predicate=predicate,
            types=_types(said),
            descriptions=descriptions,
            trail=self._trail(iri),
            period=self._period(said),
            outgoing=tuple(map(self._translated, self._outgoing(said, hidden))),
            incoming=self._incoming(incoming.quads),
            incoming_more=incoming.more or incoming.counted > len(incoming.quads),
            quotes=tuple(self._quote(value) for value in said.get(QUOTED_FROM, ())),
            graphs=tuple(self.snapshot.graphs_about(iri)),
        )

    def node(self, iri: str) -> Node:
        """A thing as a link. Remembered for the length of one page."""
        if iri not in self._nodes:
            said = self.said(iri)
            label, _ = self._label(iri, said)
            order = next((n for v in said.get(ORDER, ()) if (n := _number(v)) is not None), float("inf"))
            self._nodes[iri] = Node(iri, label, _types(said), (order, label.value.casefold()))
        return self._nodes[iri]

    def everything(self, iri: str) -> tuple[Group, ...]:
        """All that is said about a thing, by property, its names and kinds too."""
        return self._outgoing(self.said(iri), ())

    def nodes(self, classes: Iterable[str]) -> list[Node]:
        """All things of the classes, by their order and name."""
        classes = list(classes)
        self.snapshot.ready(members=classes)
        found = dict.fromkeys(iri for class_iri in classes for iri in self.snapshot.members(class_iri))
        self.snapshot.ready(found)
        return sorted((self.node(iri) for iri in found), key=lambda node: (node.label.value.casefold(), node.iri))

    def period(self, iri: str) -> Period | None:
        """The period of a plan, where one is stated."""
        return self._period(self.said(iri))

    def owners(self, iri: str) -> tuple[Node, ...]:
        """Whose a plan is: its publisher and its makers."""
        return self.leading(iri, _P["dct"] + "publisher", _P["dct"] + "creator")

    def leading(self, iri: str, *predicates: str) -> tuple[Node, ...]:
        """The things that one leads to by some properties."""
        return tuple(self.node(found) for found in named(self.said(iri), *predicates))

    def text(self, literals: Sequence[Literal]) -> Text | None:
        """The literal in the reader's best language."""
        best = min(literals, key=lambda literal: self._rank(literal.language or ""), default=None)
        return _text(best) if best is not None else None

    def _neighbours(self, triples: Iterable[Triple], incoming: Incoming) -> Iterator[str]:
        """The things that stand beside one: what it points at, itself or from a blank node, and what points at it."""
        for triple in triples:
            below = self.snapshot.below(triple.object) if isinstance(triple.object, BlankNode) else ()
            for near in (triple, *below):
                if isinstance(near.object, NamedNode):
                    yield near.object.value
        for quad in incoming.quads:
            if holder := self.snapshot.holder(quad.subject):
                yield holder

    def _beyond(self, triples: Iterable[Triple]) -> Iterator[str]:
        """What a page shows of its neighbours' neighbours: what they stand in, and where quotations are from."""
        for triple in triples:
            if isinstance(triple.object, NamedNode) and triple.predicate.value in (QUOTED_FROM, *UPWARD):
                yield from named(self.said(triple.object.value), *_NEAR)

    def _rank(self, language: str) -> int:
        return self.languages.index(language) if language in self.languages else len(self.languages)

    def _label(self, iri: str, said: Said) -> tuple[Text, str]:
        for predicate in LABELS:
            if predicate in said and (best := self.text(literals(said, predicate))):
                return best, predicate
        if words := self._exact(said):
            return Text(f"«{words.value}»", words.language), ""
        return Text(_last_words(iri)), ""

    def _exact(self, said: Said) -> Text | None:
        """The words of a quotation, which has no other name."""
        below = [t for selector in unnamed(said, _SELECTOR) for t in self.snapshot.below(selector)]
        return self.text(literals(by_property(below), _P["oa"] + "exact"))

    def _best(self, said: Said) -> tuple[Text, ...]:
        """Of each description that speaks several languages the reader's one."""
        chosen = []
        for predicate in (predicate for predicate in said if predicate in DESCRIPTIONS):
            texts = [_text(literal) for literal in literals(said, predicate)]
            best = min((self._rank(text.language) for text in texts), default=0)
            chosen += [text for text in texts if self._rank(text.language) == best]
        return tuple(dict.fromkeys(chosen))

    def _trail(self, iri: str) -> tuple[Node, ...]:
        trail: list[Node] = []
        seen = {iri}
        current: str | None = iri
        while current is not None and len(trail) < 12:
            current = self._above(current, seen)
            if current is not None:
                seen.add(current)
                trail.insert(0, self.node(current))
        return tuple(trail)

    def _above(self, iri: str, seen: set[str]) -> str | None:
        above = (other for other in named(self.said(iri), *UPWARD) if other not in seen)
        return next((other for other in above if self.snapshot.speaks_of(other)), None)

    def _period(self, said: Said) -> Period | None:
        for value in said.get(_P["dct"] + "temporal", ()):
            if not isinstance(value, BlankNode | NamedNode):
                continue
            below = self.snapshot.said(value)
            stated = {t.predicate.value: t.object.value for t in below if isinstance(t.object, Literal)}
            start = periods.day(stated.get(_P["dcat"] + "startDate"), last=False)
            end = periods.day(stated.get(_P["dcat"] + "endDate"), last=True)
            return Period(start, end, stated.get(NS + "asWritten", ""))
        return None

    def _outgoing(self, said: Said, hidden: Iterable[str]) -> tuple[Group, ...]:
        shown = ((predicate, values) for predicate, values in said.items() if predicate not in hidden)
        return tuple(_group(predicate, [self._value(value) for value in values]) for predicate, values in shown)

    def _translated(self, group: Group) -> Group:
        """Of the same said once in each of several languages, the reader's one."""
        languages = [value.text.language if value.text else "" for value in group.values]
        if len(languages) < 2 or group.count != len(languages) or len({"", *languages}) != len(languages) + 1:
            return group
        best = min(group.values, key=lambda value: self._rank(value.text.language if value.text else ""))
        return replace(group, values=(best,), count=1)

    def _incoming(self, quads: Iterable[Quad]) -> tuple[Group, ...]:
        groups: dict[tuple[str, str], list[Value]] = {}
        for quad in quads:
            holder = self.snapshot.holder(quad.subject)
            if holder is not None:
                node = self.node(holder)
                kind = node.types[0] if node.types else ""
                groups.setdefault((quad.predicate.value, kind), []).append(Value(node=node))
        return tuple(_group(predicate, values, kind) for (predicate, kind), values in sorted(groups.items()))

    def _value(self, term: Term, depth: int = 0) -> Value:
        if isinstance(term, NamedNode):
            return Value(node=self.node(term.value))
        if isinstance(term, Literal):
            return Value(text=_text(term), datatype=term.datatype.value)
        if isinstance(term, BlankNode) and depth < 4:
            said = sorted(by_property(self.snapshot.said(term)).items())
            groups = (
                _group(predicate, [self._value(value, depth + 1) for value in values])
                for predicate, values in said
                if predicate != RDF_TYPE
            )
            return Value(parts=tuple(groups))
        return Value(text=Text(str(term)))

    def _quote(self, term: Term) -> Quote:
        iri = str(term.value) if isinstance(term, NamedNode) else ""
        said = self.said(iri)
        words: dict[str, Literal] = {}
        for selector in unnamed(said, _SELECTOR):
            below = self.snapshot.below(selector)
            words |= {short(t.predicate.value): t.object for t in below if isinstance(t.object, Literal)}
        source = next(iter(self.leading(iri, _P["oa"] + "hasSource")), None)
        return Quote(
            iri,
            _text(words["oa:exact"]) if "oa:exact" in words else Text(""),
            words["oa:prefix"].value if "oa:prefix" in words else "",
            words["oa:suffix"].value if "oa:suffix" in words else "",
            source,
            tuple(sorted(named(said, EVIDENCE_FOR))),
        )


def _group(predicate: str, values: Sequence[Value], kind: str = "") -> Group:
    unique = list(dict.fromkeys(values))
    ordered = sorted(unique, key=_order)
    return Group(predicate, tuple(ordered[:CAP]), len(unique), kind)


def _order(value: Value) -> tuple[float, str]:
    if value.node is not None:
        return value.node.order
    return (float("inf"), value.text.value.casefold() if value.text else "")


def _types(said: Said) -> tuple[str, ...]:
    return tuple(sorted(named(said, RDF_TYPE), key=lambda iri: (not iri.startswith(NS), iri)))  # ours say most


def _text(literal: Literal) -> Text:
    return Text(literal.value, literal.language or "")


def _number(term: Term) -> float | None:
    return float(term.value) if isinstance(term, Literal) and term.value.isdecimal() else None


def _last_words(iri: str) -> str:
    """What an IRI without a name is called: its end."""
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri
