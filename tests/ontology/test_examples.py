"""Every term is shown at work, and what an example says of a thing in the data is true of it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.ontology.conftest import NS, PLAN, files, full, prologue, short, store, terms

TERMS = terms(PLAN)
INVENTED = ("eksempel", "plan:Plan plan:core", "plan:inverseLabel")


@pytest.mark.parametrize("term", sorted(TERMS), ids=short)
def test_a_term_is_shown_in_one_short_example_that_parses_and_uses_it(term):
    examples = TERMS[term].get(full("skos:example"), frozenset())
    assert len(examples) == 1
    (example,) = examples
    assert len(example) < 400
    found = [quad.triple for quad in ox.parse(prologue().encode() + example.encode(), format=ox.RdfFormat.TURTLE)]
    assert any(ox.NamedNode(term) in (s, p, o) for s, p, o in found)


@pytest.mark.parametrize(
    "term",
    [
        term
        for term in sorted(TERMS)
        if not any(word in min(TERMS[term].get(full("skos:example"), {""})) for word in INVENTED)
    ],
    ids=short,
)
def test_an_example_from_the_data_stands_in_the_data(term):
    (example,) = TERMS[term][full("skos:example")]
    assert store(*files()).query(f"{prologue()} ASK {{ {example} }}"), example


def test_every_term_says_where_it_is_defined():
    assert {t for t in TERMS if NS.rstrip("#") in TERMS[t].get(full("rdfs:isDefinedBy"), ())} == set(TERMS)


def test_the_drawing_has_few_classes_and_only_classes():
    """`plan:core` marks what a diagram begins with; more than twenty boxes show nothing."""
    core = [term for term in TERMS if "true" in TERMS[term].get(full("plan:core"), ())]
    assert 8 <= len(core) <= 20
    assert all(full("owl:Class") in TERMS[term][full("rdf:type")] for term in core)
