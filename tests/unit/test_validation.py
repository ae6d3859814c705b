"""Both SHACL engines find the same, in brackets too, where a node has no name to be found by."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planvev.checking.validation import ENGINES, PYSHACL, validate
from planvev.formats.rdf import BlankNode, read_turtle

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <https://e.org/> .
ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:one , ex:or .
ex:one a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 .
ex:or a sh:PropertyShape ; sh:path ex:q ; sh:or ( [ sh:nodeKind sh:IRI ] [ sh:nodeKind sh:BlankNode ] ) .
ex:in a sh:PropertyShape ; sh:targetObjectsOf ex:q ; sh:path ex:p ; sh:in ( 1 2 "tre" ) .
"""
HEAD = "@prefix ex: <https://e.org/> .\n"


def results(data, engine):
    shapes = read_turtle(SHAPES.encode(), "shapes")
    found = validate(data, shapes, engine)
    assert len(found) == len(set(found))
    return {(result.focus, result.path, str(getattr(result.value, "value", None)), result.shape) for result in found}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fault_in_brackets_is_found_and_shown_at_the_right_ones(engine):
    text = HEAD + "ex:a ex:r [ a ex:C ; ex:p 1 ] , [ a ex:C ; ex:n 2 ] , [ ex:n 3 ] ; ex:l ( 1 [ ] ) ."
    data = read_turtle(text.encode(), "data")
    (marked,) = [t.subject for t in data if getattr(t.object, "value", "") == "2"]
    assert isinstance(marked, BlankNode)
    ((focus, _, _, shape),) = results(data, engine)
    assert (focus, shape) == (marked, "https://e.org/one")


nodes = st.sampled_from(["ex:a", "ex:b", "_:x", "_:y", "_:z"])
values = st.one_of(nodes, st.sampled_from(["1", "2", '"tre"', '"tre"@nb', "[]", "[ a ex:C ]", "[ a ex:C ; ex:q 4 ]"]))
said = st.tuples(nodes, st.sampled_from(["ex:p", "ex:q", "ex:r"]), values).map(lambda t: " ".join(t) + " .")
lines = st.lists(st.one_of(said, nodes.map(lambda node: f"{node} a ex:C .")), max_size=8)


@settings(max_examples=60, deadline=None)
@given(lines)
def test_the_engines_find_the_same(text):
    data = read_turtle((HEAD + "\n".join(text)).encode(), "data")
    assert results(data, "auto") == results(data, PYSHACL)
