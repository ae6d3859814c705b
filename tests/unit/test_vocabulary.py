"""Every relation can be named in words, from either side, in the reader's language."""

from __future__ import annotations

import pytest

from planvev.insight.vocabulary import Vocabulary
from planvev.names import NS, PREFIXES


@pytest.fixture
def vocabulary(snapshot):
    """The vocabulary that was published with the tiny library."""
    return Vocabulary.of(snapshot)


@pytest.mark.parametrize(
    ("languages", "label"), [(("nb",), ("plan", "nb")), (("en",), ("plan", "en")), (("se", "nn"), ("plan", "nn"))]
)
def test_a_class_is_called_what_the_ontology_calls_it(vocabulary, languages, label):
    assert vocabulary.label(NS + "Plan", languages) == label


def test_a_relation_has_one_name_from_each_side(vocabulary):
    there, _ = vocabulary.label(NS + "derivedFrom", ("en",))
    back, language = vocabulary.label(NS + "derivedFrom", ("en",), inverse=True)
    assert language == "en"
    assert there != back
    assert not back.startswith("←")


def test_what_has_no_name_is_shown_by_its_short_iri(vocabulary):
    assert vocabulary.label(NS + "noSuchTerm", ("nb",)) == ("plan:noSuchTerm", "")
    assert vocabulary.label(NS + "noSuchTerm", ("nb",), inverse=True) == ("← plan:noSuchTerm", "")
    assert vocabulary.label("https://example.org/x", ("nb",)) == ("https://example.org/x", "")
    assert vocabulary.label(NS + "Plan", ("se",)) == ("plan:Plan", "")


def test_terms_of_others_have_our_names(vocabulary):
    assert vocabulary.label(PREFIXES["dct"] + "publisher", ("nb",))[1] == "nb"


def test_a_family_is_the_class_and_all_below_it(vocabulary):
    family = vocabulary.family(NS + "PlanElement")
    assert family[0] == NS + "PlanElement"
    assert {NS + "Goal", NS + "SubGoal", NS + "Strategy"} <= set(family)
    assert NS + "Plan" not in family
    assert len(family) == len(set(family))
    assert vocabulary.family("https://example.org/x") == ["https://example.org/x"]


def test_our_classes_and_properties_are_told_apart(vocabulary):
    classes, properties = (vocabulary.ours(kind) for kind in ("class", "property"))
    assert NS + "Plan" in {term.iri for term in classes}
    assert NS + "derivedFrom" in {term.iri for term in properties}
    assert not {term.iri for term in classes} & {term.iri for term in properties}
    assert [term.iri for term in classes] == sorted(term.iri for term in classes)
    for term in (*classes, *properties):
        assert {"nb", "nn", "en"} <= term.labels.keys(), term.name
        assert {"nb", "nn", "en"} <= term.definitions.keys(), term.name
