"""A plan that is kept for a shape is that of every query of the shape, and a shape is told by the text alone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from random import Random

import pytest

from planvev.answering import planning
from planvev.answering.optimise import Plan
from planvev.answering.shapes import Shapes
from planvev.engines.snapshot import Snapshot
from planvev.errors import Problem
from planvev.queries import glance, sparql
from tests.library.copies import ID, NATURE

THING = f"<{ID}{NATURE}>"


def chosen(snapshot: Snapshot, text: str, shapes: Shapes | None) -> Plan:
    setting = planning.Setting(snapshot.statistics, True, "on", True, shapes)
    return planning.chosen(sparql.read(text, 100_000), setting, lambda _words, _most: (0, []))


KEPT = [  # a query, and another one of its shape
    ("# <a:b>\nSELECT ?p { <a:1> ?p ?o }", "\nSELECT ?p { <a:2> ?p ?o } # one <a:c>\n# and more, <a:d>"),
    ("SELECT ?p {# {\n<a:1#x> ?p ?o }", "SELECT ?p {\n<a:1#y> ?p ?o }"),
    ("SELECT ?p ?o { <a:1> ?p ?o }", "SELECT ?p ?o { <a:2> ?p ?o }"),
    ("SELECT ?p { ?p plan:legalBasis <a:1> } LIMIT 5", "SELECT ?p { ?p plan:legalBasis <a:2> } LIMIT 5"),
    ("ASK { <a:1> a plan:Plan }", f"ASK {{ {THING} a plan:Plan }}# <b:1> and <b:2>"),
    (f"ASK {{ {THING} a plan:Plan }} # 1", "ASK { <a:1/../2> a plan:Plan }"),
    ("ASK { <a:1> ?p <a:2> }", f"ASK {{ {THING} ?p <{NATURE}> }}"),
    (
        "SELECT ?t { ?a dct:isPartOf <a:1> ; dct:title ?t } ORDER BY ?t",
        f"SELECT ?t {{ ?a dct:isPartOf {THING} ; dct:title ?t }} ORDER BY ?t",
    ),
    (
        "CONSTRUCT { ?s <a:p> <a:1> } { ?s ?p ?o . <a:2> ?p ?o }",
        f"CONSTRUCT {{ ?s <a:q> <a:1> }} {{ ?s ?p ?o . {THING} ?p ?o }}",
    ),
    ("SELECT ?s { ?s ?p <a:1> OPTIONAL { ?s <a:p> ?o } }", f"SELECT ?s {{ ?s ?p {THING} OPTIONAL {{ ?s <a:q> ?o }} }}"),
    (
        "SELECT ?t { <a:1> dct:isPartOf ?x . ?x dct:title ?t }",
        f"SELECT ?t {{ {THING} dct:isPartOf ?x . ?x dct:title ?t }}",
    ),
]


@pytest.mark.parametrize(("first", "second"), KEPT)
def test_the_plan_of_another_thing_is_the_one_that_it_would_have_got(snapshot: Snapshot, first: str, second: str):
    shapes = Shapes()
    assert shapes.find(first) is None
    chosen(snapshot, first, shapes)
    found = shapes.find(second)
    assert found
    query, plan = found
    assert replace(plan, why="") == replace(chosen(snapshot, second, None), why="")
    assert (query.text, query.kind, query.graphs) == (second, sparql.read(second, 1000).kind, ())
    assert [token.text for token in query.tokens] == [token.text for token in sparql.read(second, 1000).tokens]


OTHERS = [  # a query, and one that is of another shape, or whose plan may be another one
    ("SELECT ?o { <a:1> dct:title ?o }", "SELECT ?o { <a:1> dct:isPartOf ?o }"),
    ("SELECT ?x { ?x a <a:1> ; dct:title ?t }", "SELECT ?x { ?x a <a:2> ; dct:title ?t }"),
    ("SELECT ?x { <a:1> ^a ?x . ?x dct:title ?t }", "SELECT ?x { <a:2> ^a ?x . ?x dct:title ?t }"),
    ("SELECT ?t { <a:1> <a:p> ?x . ?x dct:title ?t }", "SELECT ?t { <a:1> <a:q> ?x . ?x dct:title ?t }"),
    ("PREFIX e: <a:> SELECT ?o { e:1 ?p ?o }", "PREFIX e: <b:> SELECT ?o { e:1 ?p ?o }"),
    ("SELECT ?t { <a:1> dct:title ?t FILTER(?t != <a:2>) }", "SELECT ?t { <a:1> dct:title ?t FILTER(?t != <a:3>) }"),
    ("SELECT ?t { <a:1> dct:title ?t FILTER(?t = 1) }", "SELECT ?t { <a:1> dct:title ?t FILTER(?t = 2) }"),
    ("SELECT ?t { <a:1> dct:title ?t } LIMIT 5", "SELECT ?t { <a:1> dct:title ?t } LIMIT 6"),
    ("SELECT ?p { <a:1> ?p ?o }", "SELECT ?p { <a:1\\u0031> ?p ?o }"),
    ("SELECT ?p { <a:1> ?p ?o }", "SELECT ?p { <a: 1> ?p ?o }"),
    ("SELECT ?p { <a:1> ?p ?o }", "SELECT ?p { <a:1> ?p ?o } # '"),
    ("SELECT ?p { <a:1> ?p ?o }", "SELECT ?p { <a:1> # } # }\n?p ?o"),
    ("SELECT ?p { <a:1> ?p ?o }", "SELECT ?p { <a:1> ?p ?o }" + "#" * 5000),
]


@pytest.mark.parametrize(("first", "second"), OTHERS)
def test_what_may_have_another_plan_is_not_found(snapshot: Snapshot, first: str, second: str):
    shapes = Shapes()
    chosen(snapshot, first, shapes)
    assert shapes.find(first)
    assert shapes.find(second) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x dct:title ?t FILTER(?x<5&&?t>3) }",  # no IRI, but it looks like one
        f"SELECT ?p FROM {THING} {{ ?x ?p ?o }}",
        f"SELECT ?p {{ {THING} ?p 'a' }}",
        "SELECT (COUNT(?s) AS ?n) { ?s a ?class }",
    ],
)
def test_what_has_no_shape_or_no_plan_of_its_own_is_not_kept(snapshot: Snapshot, text: str):
    shapes = Shapes()
    chosen(snapshot, text, shapes)
    assert shapes.find(text) is None


def test_a_place_that_is_a_thing_beside_one_property_tells_beside_another(snapshot: Snapshot):
    shapes = Shapes()
    dct = "http://purl.org/dc/terms/"
    part, kind = (f"SELECT ?t {{{{ ?x <{name}> <{{}}> ; <{dct}title> ?t }}}}" for name in (f"{dct}isPartOf", TYPE))
    chosen(snapshot, part.format("a:1"), shapes)
    assert shapes.find(part.format("a:2"))
    chosen(snapshot, kind.format("a:1"), shapes)
    assert shapes.find(kind.format("a:1"))
    assert shapes.find(kind.format("a:2")) is None
    assert shapes.find(part.format("a:2")) is None, "what was kept before is no longer sure"


TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PIECES = (
    "<a:1>",
    "<a:2>",
    "<",
    ">",
    "<>",
    "<b",
    "c>",
    "?x",
    "?p",
    "?o",
    "{",
    "}",
    "(",
    ")",
    "&&",
    "5",
    " ",
    " ",
    "#",
    "\n",
    ".",
)


def test_a_text_of_a_kept_shape_is_read_as_the_first_one_was():
    random, shapes, found = Random(5), Shapes(), 0
    for _ in range(20_000):
        text = (
            "SELECT ?p { <a:0> ?p ?o . " + "".join(random.choice(PIECES) for _ in range(random.randrange(1, 9))) + " }"
        )
        try:
            query = sparql.read(text, 1000)
        except Problem:
            assert shapes.find(text) is None, "what is refused must not pass by its shape"
            continue
        kept = shapes.find(text)
        if kept:
            assert [t.kind for t in kept[0].tokens] == [t.kind for t in query.tokens]
            assert kept[1].why == str([t.kind for t in query.tokens]), text
            found += 1
        places = frozenset(n for n, token in enumerate(query.tokens) if token.kind == "iri")
        shapes.keep(query, places, Plan(text, why=str([t.kind for t in query.tokens])))
    assert found > 1000


def test_what_may_be_a_search_has_no_shape(snapshot: Snapshot):
    shapes = Shapes()
    text = "SELECT ?s { ?s <a:p> <a:1> } LIMIT 3"
    chosen(snapshot, text, shapes)
    assert shapes.find(text)
    assert shapes.find(text.replace("<a:1>", "<https://w3id.org/planvev/search#matches>")) is None


def test_no_more_is_kept_than_there_is_room_for(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("planvev.answering.shapes.MOST", 5)
    shapes = Shapes()
    for n, more in itertools.product(range(8), range(8)):
        text = f"SELECT ?o {{ <a:1> <a:{n}> ?o{more} }}"
        shapes.keep(sparql.read(text, 1000), frozenset(), Plan(text))
        assert shapes.find(text)
    assert len(shapes._shapes) <= 5
    assert all(len(shape.plans) <= 5 for shape in shapes._shapes.values())


def test_an_ask_of_another_thing_is_about_that_thing(snapshot: Snapshot):
    shapes = Shapes()
    for text, there in (
        ("ASK { <a:1> a plan:Plan }", False),
        (f"ASK {{ {THING} a plan:Plan }}", True),
        (f"ASK {{ <{NATURE}> a plan:Plan }}", False),  # it is relative to another base
        (f"ASK {{ <a:1> ?p {THING} }}", False),
        (f"ASK {{ ?s ?p {THING} }}", True),
        ("ASK { ?s ?p <a:9> }", False),
    ):
        for plan in (chosen(snapshot, text, shapes), chosen(snapshot, text, shapes)):
            body = glance.answer(snapshot.store, plan.text, "csv", 100, plan.asks)
            assert body == (b"true" if there else b"false"), text
