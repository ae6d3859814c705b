"""The published shapes as plain data: what each demands, in every language, of which class and property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planvev.engines.engine import Edition
from planvev.formats.rdf import Literal, NamedNode, Term
from planvev.names import COMMON, PREFIXES

_SH = PREFIXES["sh"]
_TARGETS = (_SH + "targetClass", _SH + "targetSubjectsOf", _SH + "targetObjectsOf")


@dataclass
class Rule:
    """A shape that says something: its IRI, its set (core, links or advice), its sentence by language, and the terms
    it binds: classes it is aimed at, and the property it speaks of; `parts` are the shapes it holds, `severity` is
    SHACL's: Violation, Warning or Info."""

    iri: str
    set: str
    messages: dict[str, str] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    severity: str = "Violation"

    @property
    def key(self) -> str:
        """The part of the IRI that people quote."""
        return self.iri.rpartition("#")[2]


def rules(snapshot: Edition) -> list[Rule]:
    """Every shape with a name, by name; those without a message hold others, and `parts` says which."""
    found: dict[str, Rule] = {}
    holders: dict[str, list[str]] = {}  # node shape → property shapes it lists
    for entry in (entry for entry in snapshot.manifest.graphs if entry.role == "shapes"):
        kind = entry.graph.removeprefix(f"{COMMON}/shapes/").partition("/")[0]
        for triple in snapshot.graph(entry.graph):
            if not isinstance(triple.subject, NamedNode):
                continue
            rule = found.setdefault(triple.subject.value, Rule(triple.subject.value, kind))
            _take(rule, triple.predicate.value, triple.object)
            if triple.predicate.value == _SH + "property" and isinstance(triple.object, NamedNode):
                holders.setdefault(rule.iri, []).append(triple.object.value)
    for holder, listed in holders.items():
        for iri in listed:
            if iri in found:
                found[iri].terms += found[holder].terms
        found[holder].parts = sorted(iri for iri in listed if iri in found)
    return sorted(found.values(), key=lambda rule: rule.iri)


def _take(rule: Rule, predicate: str, value: Term) -> None:
    if predicate == _SH + "message" and isinstance(value, Literal):
        rule.messages[value.language or ""] = value.value
    elif predicate == _SH + "severity" and isinstance(value, NamedNode):
        rule.severity = value.value.removeprefix(_SH)
    elif predicate in (*_TARGETS, _SH + "path") and isinstance(value, NamedNode):
        rule.terms.append(value.value)


def by_term(all_rules: list[Rule]) -> Mapping[str, list[Rule]]:
    """The rules that say something, by the terms they bind."""
    bound: dict[str, list[Rule]] = {}
    for rule in (rule for rule in all_rules if rule.messages):
        for term in dict.fromkeys(rule.terms):
            bound.setdefault(term, []).append(rule)
    return bound
