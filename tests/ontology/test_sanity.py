"""The vocabulary and the data can be true together: an OWL 2 RL reasoner finds nothing that contradicts itself.

The reasoner is owlrl (docs/decisions/0004-reasoner.md). It writes an error node into the graph for each contradiction.
Literals that are words are left out of the large runs, and of the quotations of one thing all but the first: no rule
here can contradict a sentence, and most of the time would go there. Datatypes of words are the shapes' affair.
"""

from __future__ import annotations

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from tests.ontology.conftest import ALIGN, PLAN, PROFILES, REUSED, TOP, files, full

PLANVEV = Namespace(full("plan:"))
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")
AXIOMS = TOP / "tests" / "ontology" / "axioms.ttl"
# Vocabularies whose own files lie beside the project, and what they own; SKOS, ORG and PROV-O do not, so axioms.ttl
# stands for them. Only what a vocabulary says of its own terms counts: the SDG ontology declares that whatever has a
# dct:subject is a skos:Concept, which is not for it to say.
FOREIGN = {
    "eli/eli-1.5-and-eli-dl.ttl": "http://data.europa.eu/eli/",
    "vocab/dcat3.ttl": "http://www.w3.org/ns/dcat#",
    "vocab/adms.ttl": "http://www.w3.org/ns/adms#",
    "cpov-2.1.2/core-public-organisation-ap.ttl": "http://data.europa.eu/m8g/",
    "sdg/sdgs-ontology.ttl": "http://metadata.un.org/sdg/ontology#",
}
ELI = "eli/eli-1.5-and-eli-dl.ttl"


def graph(*paths) -> Graph:
    together = Graph()
    for path in paths:
        together.parse(path)
    return together


def of_its_own(name: str) -> Graph:
    """What a vocabulary says of its own terms."""
    kept = Graph()
    for s, p, o in graph(PROFILES / name):
        if not isinstance(s, URIRef) or s.startswith(FOREIGN[name]):
            kept.add((s, p, o))
    return kept


def contradictions(statements: Graph) -> list[str]:
    """What an OWL 2 RL reasoner finds impossible, in its own words."""
    import owlrl  # type: ignore[import-untyped]

    closed = Graph()
    closed += statements
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    return sorted(
        str(words) for node in closed.subjects(RDF.type, ERROR) for words in closed.objects(node) if words != ERROR
    )


def without_words(statements: Graph) -> Graph:
    kept = Graph()
    for s, p, o in statements:
        if not (isinstance(o, Literal) and (o.language or o.datatype is None)):
            kept.add((s, p, o))
    return kept


def with_one_quotation_each(statements: Graph) -> Graph:
    """Quotations are all written alike, and there are more of them than of all else: one stands for each thing."""
    kept, seen = Graph(), set[str]()
    quotations = sorted(statements.subjects(RDF.type, PLANVEV.Quotation), key=str)
    left: set[Node] = set()
    for quotation in quotations:
        thing = str(quotation).rsplit("/quote/", 1)[0]
        if thing in seen:
            left |= {quotation, *statements.objects(quotation, URIRef(full("oa:hasSelector")))}
        seen.add(thing)
    for s, p, o in statements:
        if s not in left and o not in left:
            kept.add((s, p, o))
    return kept


def member(term: Node) -> URIRef:
    return URIRef(f"https://example.org/invented/{str(term).rsplit('#', 1)[1]}")


def invented(vocabulary: Graph) -> Graph:
    """One member of each class, and one pair of things for each relation."""
    made = Graph()
    for term in vocabulary.subjects(RDF.type, OWL.Class):
        if str(term).startswith(PLANVEV):
            made.add((member(term), RDF.type, term))
    for term in vocabulary.subjects(RDF.type, OWL.ObjectProperty):
        if str(term).startswith(PLANVEV):
            made.add((URIRef(f"{member(term)}/from"), URIRef(str(term)), URIRef(f"{member(term)}/to")))
    return made


def test_each_class_can_have_a_member_and_each_relation_a_pair():
    vocabulary = graph(PLAN, REUSED, ALIGN, AXIOMS)
    assert contradictions(vocabulary + invented(vocabulary)) == []


@pytest.mark.parametrize(
    "impossible",
    [
        "<https://example.org/x> a plan:Situation , plan:DesiredState .",
        "<https://example.org/x> a plan:Strategy , plan:Measure .",
        "<https://example.org/x> a plan:Claim , plan:Duty .",
        "<https://example.org/x> a plan:Recommendation , plan:Duty .",
        "<https://example.org/x> a plan:Right , plan:Duty .",
        "<https://example.org/x> a plan:Plan , plan:PlanElement .",
        "<https://example.org/x> a plan:Plan , foaf:Document .",
        "<https://example.org/x> a plan:FocusArea , skos:Concept .",
        "<https://example.org/x> plan:subGoalOf <https://example.org/y> . <https://example.org/y> a plan:Strategy .",
        "<https://example.org/x> plan:targets <https://example.org/y> . <https://example.org/y> a foaf:Agent .",
        "<https://example.org/x> a plan:Plan ; prov:wasAssociatedWith <https://example.org/y> .",
    ],
)
def test_what_must_not_be_is_found(impossible):
    """The reasoner bites: a thing of two forces, or of the wrong kind, is a contradiction."""
    prefixes = "".join(f"@prefix {p}: <{full(p + ':')}> .\n" for p in ("plan", "foaf", "skos", "prov"))
    data = Graph().parse(data=prefixes + impossible, format="turtle")
    assert contradictions(without_words(graph(PLAN, AXIOMS)) + data)


@pytest.mark.timeout(600)
def test_all_data_are_consistent_with_the_vocabularies_they_stand_on(shared):
    """Everything published, with our vocabulary, SKOS, ORG, PROV-O, ELI, DCAT, ADMS, CPOV and the SDG ontology."""
    assert shared.is_dir()
    everything = graph(*files(), PLAN, REUSED, ALIGN, AXIOMS)
    for name in FOREIGN:
        everything += of_its_own(name)
    assert contradictions(without_words(with_one_quotation_each(everything))) == []


def test_no_plan_becomes_law_and_no_act_an_expression(shared):
    """The terms taken from ELI entail nothing we do not mean: looked up in ELI's own domains and ranges."""
    assert shared.is_dir()
    eli = of_its_own(ELI)
    data = graph(*files())
    law = URIRef(full("eli:LegalResource"))
    for kind in ("Plan", "Guidance", "Programme", "KnowledgeBase"):
        for thing in data.subjects(RDF.type, PLANVEV[kind]):
            for predicate in set(data.predicates(thing)):
                assert law not in set(eli.objects(predicate, RDFS.domain)), f"{thing} {predicate} makes it a law"
    expression = URIRef(full("eli:Expression"))
    for predicate in set(data.predicates()):
        assert expression not in set(eli.objects(predicate, RDFS.domain)), f"{predicate} belongs to an expression"
