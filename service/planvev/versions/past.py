"""One graph as it was, in the present of all the others: what pages and documents of a past version are made of.

It answers as any published state does (`engine.Edition`). What the graph spoke of, and whatever stands below its own
thing, is as that version had it, and nothing that others say now about those things is mixed in; names and kinds of
everything else are those of today. So a page of a past version reads like any page, and a document of it holds what
that version said and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from planvev.engines import statements
from planvev.engines.dated import Dated
from planvev.engines.engine import Edition
from planvev.engines.leads import Incoming, Lead
from planvev.engines.snapshot import GraphEntry, Manifest
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, NamedNode, Quad, Term, Triple
from planvev.names import Base
from planvev.versions.annals import Version

PAST = "then"  # what its blank nodes begin with, so that none is taken for one of today


class Past:
    """A version of a graph beside the state that is served now."""

    def __init__(self, now: Edition, base: Base, version: Version, lines: bytes) -> None:
        """Args: `lines` are the version's canonical N-Triples."""
        self.now = now
        self.base = base
        self.version = version
        self.triples = rdf.unpacked(rdf.marked(lines, PAST))
        self._by_subject: dict[Term, list[Triple]] = {}
        self._by_object: dict[Term, list[Triple]] = {}
        for triple in self.triples:
            self._by_subject.setdefault(triple.subject, []).append(triple)
            self._by_object.setdefault(triple.object, []).append(triple)

    @property
    def id(self) -> str:
        return self.now.id

    @property
    def manifest(self) -> Manifest:
        return self.now.manifest

    @cached_property
    def graphs(self) -> Mapping[str, GraphEntry]:
        version, entry = self.version, self.now.graphs.get(self.version.graph)
        if entry is None:
            entry = GraphEntry(version.graph, version.place, "data", "", "", "", 0)
        then = replace(entry, digest=version.digest, triples=version.triples, sha256="", advice=0)
        return {**self.now.graphs, version.graph: then}

    def owns(self, iri: str) -> bool:
        """Whether this graph is where a thing is spoken of, then or now."""
        return NamedNode(iri) in self._by_subject or self.base.owns(self.version.place, iri)

    def holds(self, iri: str) -> bool:
        return self.now.holds(iri) if not self.owns(iri) else bool(self.about(iri) or self._pointing(iri))

    def speaks_of(self, iri: str) -> bool:
        return bool(self.about(iri)) if self.owns(iri) else self.now.speaks_of(iri)

    def about(self, iri: str) -> list[Triple]:
        return list(self._by_subject.get(NamedNode(iri), ())) if self.owns(iri) else self.now.about(iri)

    def said(self, node: NamedNode | BlankNode) -> list[Triple]:
        if isinstance(node, NamedNode):
            return self.about(node.value)
        return list(self._by_subject.get(node, ())) if node.value.startswith(PAST) else self.now.said(node)

    def below(self, node: BlankNode) -> list[Triple]:
        return statements.below(node, self.said)

    def holder(self, node: Term) -> str | None:
        for _ in range(8):
            if isinstance(node, NamedNode):
                return node.value
            if not isinstance(node, BlankNode) or not node.value.startswith(PAST):
                return self.now.holder(node)
            above = self._by_object.get(node)
            if not above:
                return None
            node = above[0].subject
        return None

    def pointing(self, iri: str, predicate: str, ceiling: int) -> list[str]:
        if not self.owns(iri):
            return self.now.pointing(iri, predicate, ceiling)
        found = (t.subject for t in self._pointing(iri) if t.predicate.value == predicate)
        return [subject.value for subject in found if isinstance(subject, NamedNode)][:ceiling]

    def _pointing(self, iri: str) -> list[Triple]:
        return self._by_object.get(NamedNode(iri), [])

    def incoming(self, iri: str, ceiling: int = 500, count_to: int = 10_000) -> Incoming:
        if not self.owns(iri):
            return self.now.incoming(iri, ceiling, count_to)
        name, found = NamedNode(self.version.graph), self._pointing(iri)
        quads = (Quad(t.subject, t.predicate, t.object, name) for t in found[:ceiling])
        return Incoming(tuple(quads), len(found), False)

    def describe(self, iri: str, incoming: int = 500) -> list[Triple]:
        if not self.owns(iri):
            return self.now.describe(iri, incoming)
        triples = self.about(iri)
        for triple in tuple(triples):
            if isinstance(triple.object, BlankNode):
                triples += self.below(triple.object)
        triples += self._pointing(iri)[:incoming]
        return list(dict.fromkeys(triples))

    def graph(self, iri: str) -> list[Triple]:
        return list(self.triples) if iri == self.version.graph else self.now.graph(iri)

    def graphs_about(self, iri: str) -> list[str]:
        if not self.owns(iri):
            return self.now.graphs_about(iri)
        return [self.version.graph] if self.about(iri) else []

    def values(self, iri: str, predicate: str) -> list[Term]:
        return [triple.object for triple in self.about(iri) if triple.predicate.value == predicate]

    def members(self, class_iri: str) -> Iterator[str]:
        return self.now.members(class_iri)

    def counts(self, lists: Mapping[str, Iterable[str]]) -> dict[str, int]:
        return self.now.counts(lists)

    def dated(self, classes: Iterable[str]) -> list[Dated]:
        return self.now.dated(classes)

    def leads(self, graph: str, iri: str, towards: bool, ceiling: int) -> list[Lead]:
        return self.now.leads(graph, iri, towards, ceiling)  # who rests on what is told of today alone

    def ready(
        self, iris: Iterable[str] = (), pointing: Iterable[str] = (), members: Iterable[str] = (), ceiling: int = 1000
    ) -> None:
        self.now.ready(iris, pointing, members, ceiling)

    def confirm(self) -> None:
        self.now.confirm()
