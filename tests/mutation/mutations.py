"""Valid data broken in one place at a time, and whether a shape notices.

A mutation is named by what it breaks: the class of the thing, the property, and the kind of break. It is tried on the
thing beside its neighbours in both directions, each with all that is said about it, and is noticed when the fast engine
says something there that it did not say before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from planvev.checking.validation import SHACL, Result, Shapes, validate
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.library import DATA, SHAPES, Library, read
from planvev.names import COMMON, NS, PREFIXES, Base, short

TYPE = PREFIXES["rdf"] + "type"
XSD = PREFIXES["xsd"]
ID = COMMON + "/id/"
AGENTS = {PREFIXES["org"] + name for name in ("Organization", "OrganizationalUnit", "Role")} | {
    PREFIXES["dct"] + "AgentClass"
}  # who can do something: where one of these stands, an organisation is no mistake
SEEN = {TYPE, PREFIXES["rdfs"] + "subClassOf"}  # what the shapes look for in the vocabulary
NEIGHBOURS = 12  # that point at a thing; a municipality has hundreds

# The files whose statements are broken: of every class of things one that has much to say.
PLACES = (
    "plan/moss/koa-2022-2026",
    "plan/moss/samfunnsdel-2020-2030",
    "plan/raade/samfunnsdel-2020-2037",
    "plan/loeten/samfunnsdel-2019-2030",
    "plan/nasjonal/opptrappingsplan-rusfeltet",
    "document/moss/oppvekstportal-forankring",
    "document/moss/koa-strategi",
    "document/raade/sammendrag-2026-11",
    "guidance/helsedirektoratet/is-2826",
    "guidance/helsedirektoratet/samarbeid-om-tjenester-til-barn-unge-og-deres-familier",
    "law/2021-06-18-97",
    "law/1814-05-17",
    "law/lovendringer-velferdstjenestelover-2022-08-01",
    "treaty/barnekonvensjonen",
    "org/moss",
    "org/nordmoere-krisesenter-iks",
    "concept/moss/barn-og-unge",
    "project/moss/oppvekstreform",
    "code/basis",
)


@dataclass(frozen=True)
class Mutation:
    """One statement, and what is written in its stead."""

    name: str  # class, property and kind of break: what the accepted ones are listed by
    statement: Triple
    instead: tuple[Triple, ...]


class Mutants:
    """The library, its shapes, and every mutation of the chosen files."""

    def __init__(self, root: Path, places: Sequence[str] = PLACES) -> None:
        texts = [read(source) for source in Library(root, Base()).sources()]
        self.data = {text.source.place: text.triples for text in texts if text.source.role == DATA}
        self.places = [place for place in places if place in self.data]
        self.shapes = Shapes(t for text in texts if text.source.role == SHAPES for t in text.triples)
        vocabulary = [t for text in texts if text.source.role not in (DATA, SHAPES) for t in text.triples]
        self.kinds: dict[Term, list[Triple]] = {}
        for t in vocabulary:
            if t.predicate.value in SEEN:
                self.kinds.setdefault(t.subject, []).append(t)
        self.about: dict[Term, list[Triple]] = {}
        self.towards: dict[Term, list[Triple]] = {}
        for triples in self.data.values():
            for t in triples:
                self.about.setdefault(t.subject, []).append(t)
                self.towards.setdefault(t.object, []).append(t)
        self._before: dict[Term, tuple[list[Triple], frozenset[Result]]] = {}

    @cached_property
    def named(self) -> set[Term]:
        return {subject for subject in self.about if isinstance(subject, NamedNode)}

    def all(self) -> Iterator[Mutation]:
        """Every mutation of every statement of the chosen files."""
        for place in self.places:
            for statement in self.data[place]:
                cls = self._class(statement.subject)
                if cls is not None:
                    yield from self._of(cls, statement)

    def one_of_each(self) -> list[Mutation]:
        """One mutation per class, property and kind of break: where a thing has one value only, if there is such."""
        chosen: dict[str, tuple[int, Mutation]] = {}
        for mutation in self.all():
            alike = sum(t.predicate == mutation.statement.predicate for t in self.about[mutation.statement.subject])
            if mutation.name not in chosen or alike < chosen[mutation.name][0]:
                chosen[mutation.name] = (alike, mutation)
        return [mutation for _, mutation in chosen.values()]

    def noticed(self, mutation: Mutation) -> frozenset[str]:
        """The shapes that say something about the mutation; none when nobody notices."""
        holder = self._holder(mutation.statement.subject)
        if holder not in self._before:
            beside = self._beside(holder)
            self._before[holder] = (beside, frozenset(self._found(beside)))
        beside, before = self._before[holder]
        mutated = [t for t in beside if t != mutation.statement] + list(mutation.instead)
        # What it points to now is there, as in the library; what was wrong with that thing itself does not count.
        known = {t.subject for t in beside}
        new = [t for triple in mutation.instead for t in self._said(triple.object) if t.subject not in known]
        strangers = {t.subject for t in new}
        after = self._found([*mutated, *new])
        return frozenset(short(result.shape) for result in set(after) - before if result.focus not in strangers)

    def _found(self, triples: Sequence[Triple]) -> list[Result]:
        """What the shapes find, beside what the vocabulary says of the words used: all of it takes twice as long."""
        waiting: list[Term] = list(dict.fromkeys(word for t in triples for word in (t.predicate, t.object)))
        met, said = set(waiting), []
        for word in waiting:  # grows while it is walked
            for t in self.kinds.get(word, ()):
                said.append(t)
                if t.object not in met:
                    met.add(t.object)
                    waiting.append(t.object)
        found = validate([*triples, *said], self.shapes, SHACL)
        return [result for result in found if result.focus not in self.kinds]

    def _class(self, subject: Term) -> str | None:
        kinds = sorted(
            (
                t.object.value
                for t in self.about[subject]
                if t.predicate.value == TYPE and isinstance(t.object, NamedNode)
            ),
            key=lambda iri: (not iri.startswith(NS), iri),
        )
        return short(kinds[0]) if kinds else None

    def _holder(self, subject: Term) -> Term:
        while isinstance(subject, BlankNode) and subject in self.towards:
            subject = self.towards[subject][0].subject
        return subject

    def _beside(self, thing: Term) -> list[Triple]:
        """The thing and its neighbours, each with all that is said about it."""
        near = {thing, *(self._holder(t.subject) for t in self.towards.get(thing, ())[:NEIGHBOURS])}
        near |= {t.object for t in self._said(thing)}
        return list(dict.fromkeys(t for node in near for t in self._said(node)))

    def _said(self, thing: Term) -> Iterator[Triple]:
        for t in self.about.get(thing, ()):
            yield t
            if isinstance(t.object, BlankNode):
                yield from self._said(t.object)

    def _of(self, cls: str, statement: Triple) -> Iterator[Mutation]:
        for kind, instead in self._breaks(statement):
            yield Mutation(f"{cls} {short(statement.predicate.value)} {kind}", statement, tuple(instead))

    def _breaks(self, statement: Triple) -> Iterator[tuple[str, Sequence[Triple]]]:
        """Every kind of break that fits a statement, with what is written in its stead."""

        def said(*values: NamedNode | Literal) -> list[Triple]:
            return [Triple(statement.subject, statement.predicate, value) for value in values]

        value = statement.object
        yield self._gone(statement), []
        if isinstance(value, Literal):
            yield "thing-for-words", said(NamedNode(ID + "org/moss"))
            yield from ((kind, said(*values)) for kind, values in _words(value))
            if statement.predicate.value == PREFIXES["dcat"] + "endDate":
                yield "before-start", said(Literal("1905" + value.value[4:], datatype=value.datatype))
        elif isinstance(value, NamedNode):
            yield "words-for-thing", said(Literal(value.value))
            if value in self.named:
                yield "dangling", said(NamedNode(value.value + "-finnes-ikke"))
            agent = any(isinstance(kind, NamedNode) and kind.value in AGENTS for kind in self._kinds(value))
            yield "wrong-kind", said(NamedNode(ID + ("law/2021-06-18-97" if agent else "org/moss")))
            twin = self._twin(value)
            if twin is not None and twin not in (t.object for t in self.about[statement.subject]):
                yield "second", said(value, twin)

    def _gone(self, statement: Triple) -> str:
        """What it is called that a statement is taken away: the only one of its kind, or one of several."""
        others = [t.object for t in self.about[statement.subject] if t.predicate == statement.predicate]
        others.remove(statement.object)
        languages = {value.language for value in others if isinstance(value, Literal)}
        if not others:
            return "missing"
        own = statement.object.language if isinstance(statement.object, Literal) else None
        return "one-language-fewer" if own and own not in languages else "one-fewer"

    def _twin(self, value: NamedNode) -> NamedNode | None:
        """Another thing of the same class."""
        return next((thing for thing in self.alike.get(self._kinds(value), ()) if thing != value), None)

    def _kinds(self, thing: Term) -> frozenset[Term]:
        return frozenset(t.object for t in self.about.get(thing, ()) if t.predicate.value == TYPE)

    @cached_property
    def alike(self) -> dict[frozenset[Term], list[NamedNode]]:
        """Named things by their classes."""
        found: dict[frozenset[Term], list[NamedNode]] = {}
        for subject in self.about:
            if isinstance(subject, NamedNode) and (kinds := self._kinds(subject)):
                found.setdefault(kinds, []).append(subject)
        return found


def _words(value: Literal) -> Iterator[tuple[str, tuple[Literal, ...]]]:
    """What can be wrong with a literal."""
    if value.language:
        yield "foreign-language", (Literal(value.value, language="zz"),)
        yield "no-language", (Literal(value.value),)
        yield "second", (value, Literal(value.value + " igjen", language=value.language))
        yield "empty", (Literal("", language=value.language),)
        return
    local = value.datatype.value.removeprefix(XSD)
    if local == "string":
        yield "with-language", (Literal(value.value, language="nb"),)
        yield "number-for-words", (Literal(7),)
        yield "empty", (Literal(""),)
        yield "one-letter-other", (Literal(value.value[:-1] + ("x" if value.value[-1:] != "x" else "y")),)
        yield "second", (value, Literal(value.value + " igjen"))
    else:
        yield "wrong-datatype", (Literal(value.value),)
        yield "not-of-its-type", (Literal("tull", datatype=value.datatype),)
    if local in ("integer", "nonNegativeInteger", "positiveInteger"):
        yield "negative", (Literal("-1", datatype=value.datatype),)
        yield "second", (value, Literal(str(int(value.value) + 1), datatype=value.datatype))
    if local in ("date", "gYear", "gYearMonth"):
        yield "second", (value, Literal("1999" + value.value[4:], datatype=value.datatype))
