"""The ontology as plain data: what each term is called, in each language, from either side.

Read from the published snapshot, never from files, so that pages and data are always of one edition. Terms of other
vocabularies have their names in `ontology/reused.ttl`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from planvev.engines.engine import Edition
from planvev.formats.rdf import Literal
from planvev.names import NS, PREFIXES, short

RDFS, SKOS, OWL, RDF = (PREFIXES[prefix] for prefix in ("rdfs", "skos", "owl", "rdf"))

_NAMES = {
    RDFS + "label": "labels",
    NS + "inverseLabel": "inverse",
    SKOS + "definition": "definitions",
    SKOS + "scopeNote": "notes",
}


@dataclass
class Term:
    """A class or a property. Texts by language; `parents` are its superclasses or superproperties."""

    iri: str
    kind: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    inverse: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    domain: list[str] = field(default_factory=list)
    range: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return short(self.iri)


class Vocabulary:
    """All terms with a name, of one snapshot."""

    def __init__(self, terms: Mapping[str, Term]) -> None:
        self.terms = terms
        self._children: dict[str, list[str]] = defaultdict(list)
        for term in terms.values():
            for parent in term.parents:
                self._children[parent].append(term.iri)

    @classmethod
    def of(cls, snapshot: Edition) -> Vocabulary:
        """The vocabulary that was published with a snapshot."""
        terms: dict[str, Term] = {}
        for graph in (entry.graph for entry in snapshot.manifest.graphs if entry.role == "ontology"):
            for triple in snapshot.graph(graph):
                iri, predicate, value = str(triple.subject.value), triple.predicate.value, triple.object  # type: ignore[union-attr]
                term = terms.setdefault(iri, Term(iri))
                if isinstance(value, Literal):
                    if predicate in _NAMES:
                        getattr(term, _NAMES[predicate])[value.language or ""] = value.value
                    elif predicate == SKOS + "example":
                        term.examples.append(value.value)
                elif predicate == RDF + "type":
                    term.kind = _kind(str(value.value), term.kind)  # type: ignore[union-attr]
                elif predicate in (RDFS + "subClassOf", RDFS + "subPropertyOf"):
                    term.parents.append(str(value.value))  # type: ignore[union-attr]
                elif predicate in (RDFS + "domain", RDFS + "range"):
                    getattr(term, predicate.removeprefix(RDFS)).append(str(value.value))  # type: ignore[union-attr]
        return cls({iri: term for iri, term in terms.items() if term.labels})

    def label(self, iri: str, languages: Sequence[str], inverse: bool = False) -> tuple[str, str]:
        """What a term is called, and in which language; its short IRI where it has no name."""
        term = self.terms.get(iri)
        names = (term.inverse if inverse else term.labels) if term else {}
        for language in languages:
            if language in names:
                return names[language], language
        return (f"← {short(iri)}" if inverse else short(iri)), ""

    def family(self, iri: str) -> list[str]:
        """A class and every class below it."""
        found, waiting = [], [iri]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.append(current)
                waiting += self._children.get(current, [])
        return found

    def ours(self, kind: str) -> list[Term]:
        """Our own classes or properties, by name."""
        own = (term for term in self.terms.values() if term.iri.startswith(NS) and term.kind == kind)
        return sorted(own, key=lambda term: term.iri)


def _kind(type_iri: str, known: str) -> str:
    if type_iri in (OWL + "Class", RDFS + "Class"):
        return "class"
    if type_iri.endswith("Property"):
        return "property"
    return known
