"""Every shape is proved twice: it lets the good through, and it bites what it should.

A case is a named graph in a TriG file beside this one. `case:ok/words` must raise nothing, not even advice;
`case:not/Shape-what/words` must raise that shape and no other: of core and links when the shape refuses, and of advice,
with no refusal, when it advises. `case:given` holds what the cases of its file may lean on in other files. As in
`planvev check`, ontology and facts are merged into one graph and only what is said about the case's own things counts.
A shape that no case names has never been seen to bite: that fails too. Both engines say the same of every case:
tests/checks/test_engines_agree.py.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from itertools import chain
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import OWL, RDF, RDFS, SH

from planvev.checking import judging
from planvev.checking.validation import AUTO, PYSHACL, Result, validate
from planvev.formats.rdf import NamedNode, Triple, read_turtle

TOP = Path(__file__).parents[2]
PS = "https://w3id.org/planvev/shapes#"
REFUSING, ADVISING = ("core", "links"), ("advice",)
SEVERITIES = {"core": {SH.Violation}, "links": {SH.Violation}, "advice": {SH.Warning, SH.Info}}


def read(*files: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in files:
        graph.parse(file, format="turtle")
    return graph


FILES = {name: sorted((TOP / "shapes" / name).glob("*.ttl")) for name in (*REFUSING, *ADVISING)}
SETS = {name: read(*files) for name, files in FILES.items()}
TRIPLES = {
    name: [triple for file in files for triple in read_turtle(file.read_bytes(), file.name)]
    for name, files in FILES.items()
}
SHAPES = sum(SETS.values(), rdflib.Graph())
VOCABULARY = read(TOP / "ontology" / "plan.ttl", TOP / "ontology" / "reused.ttl")
WORDS = [
    triple
    for file in ("plan.ttl", "reused.ttl")
    for triple in read_turtle((TOP / "ontology" / file).read_bytes(), file)
    if triple.predicate.value in (str(RDF.type), str(RDFS.subClassOf), str(RDFS.label))
]


def vocabulary(triples: list[Triple]) -> list[Triple]:
    """What the vocabulary says of the words that are used; all of it would make each case ten times slower."""
    used = {term for triple in triples for term in (triple.predicate, triple.object)}
    return [t for t in WORDS if t.subject in used or t.predicate.value == str(RDFS.subClassOf)]


def plain(triples: list[Triple]) -> rdflib.Graph:
    graph = rdflib.Graph()
    graph.parse(data=pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES), format="nt")
    return graph


def short(shape: object) -> str:
    return str(shape).removeprefix(PS)


def rules(graph: rdflib.Graph) -> set[str]:
    """The shapes that can raise something: those with a message. A node shape without one is a table of contents."""
    return {short(shape) for shape in graph.subjects(SH.message) if isinstance(shape, rdflib.URIRef)}


RULES = {name: rules(graph) for name, graph in SETS.items()}
EVERY = sorted(set().union(*RULES.values()))


class Case:
    """One named graph: what it says, what it may lean on, and what it expects."""

    def __init__(self, file: str, name: str, own: list[Triple], given: list[Triple]) -> None:
        self.name = f"{file}:{name}"
        self.own = plain(own)
        self.subjects = {triple.subject for triple in own}
        self.triples = [*own, *given, *vocabulary([*own, *given])]
        verdict, _, rest = name.partition("/")
        assert verdict in ("ok", "not"), f"{self.name}: a case is ok/words or not/Shape-what/words"
        self.bites = rest.split("/")[0] if verdict == "not" else None
        self.expected = {self.bites} if self.bites else set()
        self.refuses = self.bites is not None and self.bites not in RULES["advice"]

    def raised(self, shapes: list[Triple]) -> set[str]:
        """The shapes with something to say about the case's own things, as `planvev check` would report them."""
        found = judging.asked(validate(self.triples, shapes), self.triples)
        return {short(result.shape) for result in found if result.focus in self.subjects}


def dated(text: str) -> str:
    """`{today+60}` is the date 60 days from now: some advice depends on the day it is given."""

    def day(match: re.Match[str]) -> str:
        return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=int(match[1]))).isoformat()

    return re.sub(r"\{today([+-][0-9]+)\}", day, text)


def cases(file: Path) -> list[Case]:
    graphs: dict[str, list[Triple]] = {}
    for quad in pyoxigraph.parse(dated(file.read_text("utf-8")), format=pyoxigraph.RdfFormat.TRIG):
        assert isinstance(quad.graph_name, pyoxigraph.NamedNode), f"{file.name}: {quad} stands in no graph"
        graphs.setdefault(quad.graph_name.value.removeprefix("case:"), []).append(quad.triple)
    given = graphs.pop("given", [])
    return [Case(file.stem, name, triples, given) for name, triples in graphs.items()]


CASES = [case for file in sorted(Path(__file__).parent.glob("*.trig")) for case in cases(file)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case):
    sets = REFUSING if case.refuses else (*REFUSING, *ADVISING)
    assert case.raised([triple for name in sets for triple in TRIPLES[name]]) == case.expected


@pytest.mark.parametrize("shape", EVERY)
def test_every_shape_has_been_seen_to_bite(shape):
    assert shape in {case.bites for case in CASES}, "add a case:not/" + shape + "/words"


def test_every_case_names_a_shape_that_there_is():
    assert {case.bites for case in CASES if case.bites} <= set(EVERY)


def mentioned(node: object) -> set[rdflib.URIRef]:
    """The properties in a path, however it is built."""
    if isinstance(node, rdflib.URIRef):
        return {node}
    assert isinstance(node, rdflib.BNode), node
    if (node, RDF.first, None) in SHAPES:
        return set().union(*(mentioned(part) for part in Collection(SHAPES, node)))
    return set().union(*(mentioned(part) for part in SHAPES.objects(node)))


@cache
def kinds(cls: rdflib.term.Node) -> frozenset[rdflib.term.Node]:
    return frozenset(k for k in VOCABULARY.transitive_subjects(RDFS.subClassOf, cls) if k is not None)


def looked_at(shape: rdflib.URIRef, graph: rdflib.Graph) -> set[rdflib.term.Node]:
    """The things in a graph that a shape looks at, by its own target or that of the node shapes that list it."""
    found: set[rdflib.term.Node] = set()
    for holder in (shape, *SHAPES.subjects(SH.property, shape)):
        for cls in SHAPES.objects(holder, SH.targetClass):
            found |= {thing for kind in kinds(cls) for thing in graph.subjects(RDF.type, kind)}
        for prop in SHAPES.objects(holder, SH.targetSubjectsOf):
            found |= set(graph.subjects(prop))
        for prop in SHAPES.objects(holder, SH.targetObjectsOf):
            found |= set(graph.objects(None, prop))
        if (holder, SH.target, None) in SHAPES:
            found |= set(graph.subjects())
    return found


@pytest.mark.parametrize("shape", EVERY)
def test_every_shape_has_let_something_through(shape):
    node = rdflib.URIRef(PS + shape)
    path = SHAPES.value(node, SH.path)
    properties = mentioned(path) if path is not None else None
    for case in CASES:
        if case.bites is None:
            things = looked_at(node, case.own)
            if any(properties is None or p in properties for thing in things for p in case.own.predicates(thing)):
                return
            if properties and any(o in things for p in properties for o in case.own.objects(None, p)):
                return  # the path leads backwards
    pytest.fail("no case:ok/… holds anything that this shape looks at")


@pytest.mark.parametrize("shape", EVERY)
def test_every_shape_speaks_norwegian_and_english(shape):
    messages = list(SHAPES.objects(rdflib.URIRef(PS + shape), SH.message))
    assert sorted(m.language or "" for m in messages if isinstance(m, rdflib.Literal)) == ["en", "nb", "nn"]
    for message in messages:
        assert re.fullmatch(r"[^\n{}]+\.", str(message)), "one sentence, with a full stop"


@pytest.mark.parametrize("name", SETS)
def test_every_shape_has_the_severity_of_its_set(name):
    for shape in RULES[name]:
        severities = set(SETS[name].objects(rdflib.URIRef(PS + shape), SH.severity))
        assert len(severities) == 1, shape
        assert severities <= SEVERITIES[name], shape


def test_every_shape_that_can_bite_has_a_name_and_stands_in_one_set():
    named = (RDF.type, SH.PropertyShape), (RDF.type, SH.NodeShape), (SH.sparql, None)
    for shape in {shape for predicate, value in named for shape in SHAPES.subjects(predicate, value)}:
        assert isinstance(shape, rdflib.URIRef), f"a shape with {list(SHAPES.objects(shape, SH.path))} has no name"
        assert str(shape).startswith(PS), shape
    assert sum(map(len, RULES.values())) == len(EVERY), "a shape stands in two sets"


def test_every_property_shape_is_reached():
    for shape in EVERY:
        node = rdflib.URIRef(PS + shape)
        targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.target)
        own = any((node, target, None) in SHAPES for target in targets)
        assert own or (None, SH.property, node) in SHAPES, f"{shape} has no target and no node shape lists it"
    for listed in set(SHAPES.objects(None, SH.property)):
        if isinstance(listed, rdflib.URIRef):
            assert short(listed) in EVERY, f"{listed} is listed but stands nowhere"


def test_every_node_shape_is_named_after_its_class():
    for shape in SHAPES.subjects(RDF.type, SH.NodeShape):
        if "-" not in short(shape) and (shape, SH.targetClass, None) in SHAPES:
            assert short(shape) in {re.split(r"[#/]", str(cls))[-1] for cls in SHAPES.objects(shape, SH.targetClass)}


def asked(query: str) -> set[rdflib.URIRef]:
    """The properties and classes in a query, which says each of its prefixes itself."""
    prefixes = dict(re.findall(r"PREFIX (\w+): <([^>]+)>", query))
    bare = re.sub(r'"[^"]*"|<[^>]*>', "", query)
    names = re.findall(r"(?<![\w?$])([a-z]+):([A-Za-z]\w*)", bare)
    return {rdflib.URIRef(prefixes[prefix] + local) for prefix, local in names if prefix != "xsd"}


def test_every_word_the_shapes_use_is_declared():
    declared = set(VOCABULARY.subjects(RDFS.label)) | set(VOCABULARY.subjects(RDF.type))
    targets = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)
    used: set[object] = set()
    for pointer in (*targets, SH["class"], SH.equals, SH.lessThanOrEquals):
        used |= set(SHAPES.objects(None, pointer))
    for path in SHAPES.objects(None, SH.path):
        used |= mentioned(path)
    for query in SHAPES.objects(None, SH.select):
        used |= asked(str(query))
    used -= {RDF.type, OWL.deprecated}
    assert used <= declared, sorted(map(str, used - declared))


def of_shapes(engine: str, *more: Triple) -> list[Result]:
    """What the shapes for shapes of the SHACL recommendation find in ours."""
    meta = Path(pyshacl.__file__).parent / "assets" / "shacl-shacl.ttl"
    return validate([*chain(*TRIPLES.values()), *more], read_turtle(meta.read_bytes(), meta.name), engine)


# pySHACL takes a quarter of a minute for it, the other engine no time.
@pytest.mark.parametrize("engine", [AUTO, pytest.param(PYSHACL, marks=pytest.mark.long)])
def test_the_shapes_are_valid_shacl(engine):
    assert of_shapes(engine) == []
    twice = Triple(NamedNode(f"{PS}Plan-title"), NamedNode(SH.datatype), NamedNode("about:another"))
    assert of_shapes(engine, twice, Triple(twice.subject, twice.predicate, NamedNode("about:one-more")))


def test_every_file_says_what_it_is_for():
    for files in FILES.values():
        for file in files:
            assert file.read_text("utf-8").startswith("# "), f"{file.relative_to(TOP)} begins with a comment"


@pytest.mark.parametrize("name", SETS)
def test_there_is_something_in_every_set(name):
    assert RULES[name]
