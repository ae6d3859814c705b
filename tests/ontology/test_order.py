"""Whatever leads upwards leads to an end: no class, concept, part, goal or plan comes back to itself."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tests.ontology.conftest import ONTOLOGY, circle, files, full, short, triples, value

UPWARD = (
    ("rdfs:subClassOf",),
    ("rdfs:subPropertyOf",),
    ("skos:broader",),
    ("dct:isPartOf", "plan:inFocusArea", "eli:is_part_of", "org:unitOf", "org:subOrganizationOf"),
    ("plan:subGoalOf",),
    ("plan:derivedFrom", "plan:anchoredIn"),
    ("plan:buildsOn", "plan:legalBasis", "plan:informedBy"),
    ("dct:replaces",),
    ("plan:takesPrecedenceOver",),
    ("plan:prevailsOver",),
)


@pytest.mark.parametrize("relations", UPWARD, ids=" ".join)
def test_a_hierarchy_has_no_circle(relations):
    """Statements of the data and of the vocabulary together, the relations of one row followed as one."""
    wanted = {full(relation) for relation in relations}
    edges = [
        (value(s), value(o))
        for path in (*files(), *ONTOLOGY.glob("*.ttl"))
        for s, p, o in triples(path)
        if p.value in wanted and not isinstance(o, ox.Literal)
    ]
    assert [short(step) for step in circle(edges)] == []


def test_a_circle_is_found():
    assert circle([("a", "b"), ("b", "c"), ("c", "b")]) == ["b", "c", "b"]
    assert circle([("a", "a")]) == ["a", "a"]
    assert circle([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) == []
