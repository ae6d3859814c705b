"""The vocabulary speaks three languages: every term of ours and every name we give to a term of others."""

from __future__ import annotations

from collections import defaultdict

import pyoxigraph as ox
import pytest

from tests.data.conftest import TOP, full, short, triples, value

PLAN, REUSED = TOP / "ontology" / "plan.ttl", TOP / "ontology" / "reused.ttl"
NS = full("plan:")
THREE = {"nb", "nn", "en"}


def said(path, predicate):
    """The languages in which each subject of a file has `predicate`, as a list, so that a doubled one shows."""
    languages = defaultdict(list)
    for s, p, o in triples(path):
        if p.value == full(predicate) and isinstance(o, ox.Literal):
            languages[value(s)].append(o.language)
    return languages


def kinds(path):
    return {value(s): value(o) for s, p, o in triples(path) if p.value == full("rdf:type") and value(s).startswith(NS)}


OWN = sorted(kinds(PLAN))
NAMED = [(path, term) for path in (PLAN, REUSED) for term in sorted(said(path, "rdfs:label"))]


@pytest.mark.parametrize(("path", "term"), NAMED, ids=lambda x: short(x) if isinstance(x, str) else x.stem)
def test_a_term_has_one_name_in_each_language(path, term):
    assert sorted(said(path, "rdfs:label")[term]) == sorted(THREE)


@pytest.mark.parametrize("term", OWN, ids=short)
def test_a_term_of_ours_is_defined_in_each_language(term):
    assert sorted(said(PLAN, "skos:definition")[term]) == sorted(THREE)


@pytest.mark.parametrize("term", OWN, ids=short)
def test_a_term_of_ours_says_why_it_was_made(term):
    assert said(PLAN, "skos:scopeNote")[term] == ["en"]


def test_every_term_of_ours_says_where_it_is_defined():
    defined = {
        value(s) for s, p, o in triples(PLAN) if p.value == full("rdfs:isDefinedBy") and value(o) == NS.rstrip("#")
    }
    assert defined == set(OWN)


def test_every_relation_can_be_named_from_the_other_side():
    relations = {term for term, kind in kinds(PLAN).items() if kind == full("owl:ObjectProperty")}
    inverse = said(PLAN, "plan:inverseLabel")
    assert not sorted(short(term) for term in relations if sorted(inverse[term]) != sorted(THREE))
    assert not sorted(
        short(term)
        for term, languages in said(REUSED, "plan:inverseLabel").items()
        if sorted(languages) != sorted(THREE)
    )


def test_no_two_terms_of_ours_have_the_same_name():
    """Pages group by the name; two properties of one name could not be told apart."""
    names = defaultdict(set)
    for s, p, o in triples(PLAN):
        if p.value == full("rdfs:label") and isinstance(o, ox.Literal):
            names[o.value, o.language, kinds(PLAN)[value(s)] == full("owl:Class")].add(short(value(s)))
    assert not {name: terms for name, terms in names.items() if len(terms) > 1}


def test_reused_names_only_what_others_define():
    assert not [short(term) for term in said(REUSED, "rdfs:label") if term.startswith(NS)]


def test_what_our_terms_build_on_is_declared():
    """A superclass, superproperty, domain or range is ours and defined, or named in reused.ttl."""
    links = {full(name) for name in ("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range")}
    wanted = {value(o) for _, p, o in triples(PLAN) if p.value in links and isinstance(o, ox.NamedNode)}
    known = (
        set(OWN)
        | set(said(REUSED, "rdfs:label"))
        | {full(name) for name in ("rdf:langString", "xsd:date", "xsd:duration", "xsd:hexBinary", "xsd:integer")}
    )
    assert not sorted(short(term) for term in wanted - known)
