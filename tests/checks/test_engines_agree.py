"""The two SHACL engines say the same: about every case of the shapes, the whole library, and many odd little graphs."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from planvev.checking.validation import PYSHACL, SHACL, Result, validate
from planvev.errors import EngineFault
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple, read_turtle
from planvev.library import SHAPES
from tests.conftest import TOP

CASES = sorted((TOP / "tests" / "shapes").glob("*.trig"))
SEEN = {
    f"http://www.w3.org/{name}" for name in ("1999/02/22-rdf-syntax-ns#type", "2000/01/rdf-schema#subClassOf")
}  # what the shapes look for in the vocabulary


def differences(data: list[Triple], shapes: list[Triple]) -> dict[str, list[Result]]:
    """What one engine finds and the other does not."""
    fast, reference = (Counter(validate(data, shapes, engine)) for engine in (SHACL, PYSHACL))
    found = {"only shacl": [*(fast - reference)], "only pyshacl": [*(reference - fast)]}
    return {who: results for who, results in found.items() if results}


@cache
def shapes() -> list[Triple]:
    files = [file for name in ("core", "links", "advice") for file in sorted((TOP / "shapes" / name).glob("*.ttl"))]
    return [triple for file in files for triple in read_turtle(file.read_bytes(), file.name)]


@cache
def kinds() -> list[Triple]:
    files = sorted((TOP / "ontology").glob("*.ttl"))
    triples = [triple for file in files for triple in read_turtle(file.read_bytes(), file.name)]
    return [triple for triple in triples if triple.predicate.value in SEEN]


def graphs(file: Path) -> dict[str, list[Triple]]:
    """The cases of a file by name, with the days that depend on today."""
    today = dt.datetime.now(dt.UTC).date()
    text = re.sub(r"\{today([+-]\d+)\}", lambda m: str(today + dt.timedelta(days=int(m[1]))), file.read_text("utf-8"))
    found: dict[str, list[Triple]] = {}
    for quad in ox.parse(text, format=ox.RdfFormat.TRIG, rename_blank_nodes=True):
        assert isinstance(quad.graph_name, NamedNode)
        found.setdefault(quad.graph_name.value.removeprefix("case:"), []).append(quad.triple)
    return found


# A file's cases together are one graph with every fault at once; one by one they take minutes.
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
@pytest.mark.timeout(600)
def test_the_cases_of_a_file_together(file, fast_engine):
    triples = [triple for graph in graphs(file).values() for triple in graph]
    assert differences([*triples, *kinds()], shapes()) == {}


@pytest.mark.long
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_each_case(file, fast_engine):
    found = graphs(file)
    given = found.pop("given", [])
    wrong = {name: differences([*graph, *given, *kinds()], shapes()) for name, graph in found.items()}
    assert {name: difference for name, difference in wrong.items() if difference} == {}


@pytest.mark.parametrize(
    "every", [pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(1200)]), pytest.param(6)]
)
def test_the_library_all_of_it_or_a_sixth(real, fast_engine, every):
    places = sorted(real.data)[::every]
    fast, reference = (set(real.check(*places, engine=engine)) for engine in (SHACL, PYSHACL))
    assert fast - reference == set()
    assert reference - fast == set()
    assert fast, "an engine that finds nothing at all proves nothing"


EX = "http://example.org/"
ODD_SHAPES = f"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <{EX}> .
[] a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:one , [ sh:path ex:p ; sh:nodeKind sh:IRI ] , ex:words .
ex:one a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:maxCount 1 ; sh:class ex:C .
ex:back a sh:PropertyShape ; sh:path [ sh:inversePath ex:p ] ; sh:maxCount 1 ; sh:targetSubjectsOf ex:p .
ex:either a sh:PropertyShape ; sh:path ex:q ; sh:targetObjectsOf ex:p ;
    sh:or ( [ sh:datatype xsd:integer ] [ sh:nodeKind sh:BlankNode ] ) .
ex:words a sh:PropertyShape ; sh:path ex:q ; sh:uniqueLang true ; sh:languageIn ( "nb" "nn" ) .
ex:asked a sh:NodeShape ; sh:targetSubjectsOf ex:q ;
    sh:sparql [ sh:select "SELECT $this ?value {{ $this <{EX}q> ?value . FILTER(?value = 'a') }}" ] .
"""


def odd_graph(seed: int) -> list[Triple]:
    """A graph mostly of blank nodes, whose labels look like anybody's, in no order."""
    dice = random.Random(seed)
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    blanks: list[NamedNode | BlankNode] = [
        BlankNode(name) for name in ("b0", "b1", "b10", "0", "a", "c14n2", "genid7", "ø", f"{seed:x}f")
    ]
    nodes: list[NamedNode | BlankNode] = [*blanks, *(NamedNode(EX + name) for name in "xyzå")]
    words = [
        Literal("a"),
        Literal("a", language="nb"),
        Literal("ø\n\"\\\t'", language="nb"),
        Literal("b", language="en"),
    ]
    values: list[NamedNode | BlankNode | Literal] = [
        *nodes,
        *words,
        Literal(5),
        Literal("05", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ]
    triples = [Triple(dice.choice(nodes), NamedNode(EX + "p"), dice.choice(values)) for _ in range(dice.randint(1, 14))]
    triples += [
        Triple(dice.choice(nodes), NamedNode(EX + "q"), dice.choice(values)) for _ in range(dice.randint(1, 14))
    ]
    triples += [Triple(dice.choice(nodes), kind, NamedNode(EX + "C")) for _ in range(dice.randint(1, 8))]
    dice.shuffle(triples)
    return list(dict.fromkeys(triples))


def test_blank_nodes_of_odd_graphs_keep_their_names(fast_engine):
    rules = read_turtle(ODD_SHAPES.encode(), "shapes")
    named = 0
    for seed in range(60):
        graph = odd_graph(seed)
        fast, reference = (
            {(r.focus, r.path, r.value, r.shape if r.shape.startswith(EX) else "") for r in validate(graph, rules, e)}
            for e in (SHACL, PYSHACL)
        )
        assert fast == reference, seed
        named += sum(isinstance(focus, BlankNode) for focus, *_ in fast)
    assert named > 200


@pytest.mark.parametrize("engine", [PYSHACL, SHACL])
def test_shapes_that_cannot_be_used_are_refused_by_name(engine, request):
    if engine == SHACL:
        request.getfixturevalue("fast_engine")
    query = """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <a:S> a sh:NodeShape ; sh:targetClass <a:C> ; sh:sparql [ sh:select "SELECT nothing" ] ."""
    data = read_turtle(b"<a:x> a <a:C> .", "data")
    with pytest.raises(EngineFault, match="cannot use the shapes"):
        validate(data, read_turtle(query.encode(), "shapes"), engine)


def test_no_query_of_the_shapes_subtracts_or_divides_twice_in_a_row(real):
    """The fast engine reads `a - b - c` as `a - (b - c)`; parentheses say the same to both."""
    queries = [
        t.object.value
        for text in real.vocabulary
        if text.source.role == SHAPES
        for t in text.triples
        if t.predicate.value == "http://www.w3.org/ns/shacl#select" and isinstance(t.object, Literal)
    ]
    assert queries
    assert [query for query in queries if chained(query)] == []


def chained(query: str) -> bool:
    """Whether two operators that bind to the left follow each other without parentheses between."""
    query = re.sub(r'"[^"]*"|\'[^\']*\'|<[^<>\s]*>', "x", query)
    while (shorter := re.sub(r"\w*:?\w*\([^()]*\)", "x", query)) != query:
        query = shorter
    return bool(re.search(r"[\w?$:]\s*[-/]\s+[\w?$:*+ \n]+?\s[-+/]\s", query))


def test_the_fast_engine_still_subtracts_from_the_right(fast_engine):
    """When this fails the engine has been mended, and the rule about chains can go."""
    shape = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    <a:S> a sh:PropertyShape ; sh:path <a:p> ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:select
        "SELECT DISTINCT ?this { ?this <a:p> ?x . FILTER(20 - 5 - 1 = 14) }" ] ."""
    rules, data = read_turtle(shape.encode(), "shapes"), read_turtle(b"<a:x> <a:p> 1 .", "data")
    assert (len(validate(data, rules, PYSHACL)), len(validate(data, rules, SHACL))) == (1, 0)
