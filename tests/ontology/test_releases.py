"""A vocabulary is released, not edited: what was published once stays, and what goes says what replaces it."""

from __future__ import annotations

import hashlib
import shutil
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from itertools import pairwise

import pyoxigraph as ox
import pytest

from tests.ontology.conftest import NS, ONTOLOGY, PLAN, RELEASES, TOP, full, short, stated, store, terms, triples, value

# The digest of each release's SHA256SUMS. A line here is written once, when the release is made, and never again.
RELEASED = {
    "0.1.0": "55558024ed0fae6c75e1b9dc24d523c5e3e0be47d298e27c600185a204aab320",
    "1.0.0": "f4323889e636be1978054f50bb9bbcf0067a6790519b11a1c78c113e554377dd",
    "1.0.1": "c6e1be1b29a83a40bea02808c8f1fa0ba8785f6c7a276e496b501b531dc783e9",
    "1.1.0": "a7c1183cff12ec962e7e59577d4bc5b6c5eeb6f14ab75e8eeef97c64e9d4d3d1",
}

VERSIONS = sorted(RELEASED, key=lambda version: tuple(map(int, version.split("."))))
NEWEST = RELEASES / VERSIONS[-1]
# What a reader of data understands by a term. Labels, notes and examples may be improved at any time.
MEANING = ("rdf:type", "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "rdfs:range", "skos:definition")


def sums(folder):
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def changes():
    """The changelog by version: what stands below each heading."""
    sections = (ONTOLOGY / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]
    return {section.split()[0]: section for section in sections}


def deprecated():
    return {
        value(s)
        for path in ONTOLOGY.glob("*.ttl")
        for s, p, o in triples(path)
        if p.value == full("owl:deprecated") and value(o) == "true"
    }


def test_every_release_is_in_the_table():
    assert sorted(folder.name for folder in RELEASES.iterdir()) == sorted(RELEASED)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_is_what_it_was_the_day_it_was_made(version):
    folder = RELEASES / version
    assert hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest() == RELEASED[version]
    assert sums(folder) == {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.iterdir()
        if file.name != "SHA256SUMS"
    }
    assert stated(folder / "plan.ttl") == tuple(map(int, version.split(".")))


def test_the_version_is_the_newest_release_or_one_step_above():
    major, minor, patch = stated(NEWEST / "plan.ttl")
    steps = {(major, minor, patch), (major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0)}
    assert stated(PLAN) in steps


def test_the_version_has_an_address_and_says_what_came_before():
    about = {(p.value, value(o)) for s, p, o in triples(PLAN) if value(s) == NS.rstrip("#")}
    version = ".".join(map(str, stated(PLAN)))
    before = [older for older in VERSIONS if older != version]
    assert (full("owl:versionIRI"), f"https://w3id.org/planvev/ns/{version}") in about
    assert (full("owl:priorVersion"), f"https://w3id.org/planvev/ns/{before[-1]}") in about
    assert version in changes(), "the changelog does not know this version"


def test_what_carries_a_released_version_is_the_release():
    """After a release the first edit of plan.ttl steps the version up; two texts of one version must not exist.

    The names we give to terms of others, and the mappings, may grow between releases: they change no term of ours.
    """
    if stated(PLAN) == stated(NEWEST / "plan.ttl"):
        assert PLAN.read_bytes() == (NEWEST / "plan.ttl").read_bytes(), (
            "step owl:versionInfo and owl:versionIRI up first"
        )


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        *((RELEASES / a / "plan.ttl", RELEASES / b / "plan.ttl") for a, b in pairwise(VERSIONS)),
        (NEWEST / "plan.ttl", PLAN),
    ],
    ids=lambda path: path.parent.name,
)
def test_no_term_disappears_and_none_changes_its_meaning_in_silence(older, newer):
    """A term stays; when it is given up it says so; when its meaning moves, the changelog names it."""
    then, now = terms(older), terms(newer)
    told = changes().get(".".join(map(str, stated(newer))), "")
    moved = [
        term
        for term in then.keys() & now.keys()
        if any(then[term].get(full(p)) != now[term].get(full(p)) for p in MEANING)
        and value(ox.NamedNode(term)) not in deprecated()
    ]
    assert not sorted(short(term) for term in then.keys() - now.keys())
    assert not sorted(short(term) for term in moved if f"`{short(term)}`" not in told)


def test_a_deprecated_term_says_what_replaces_it():
    every = store(*ONTOLOGY.glob("*.ttl"))
    for term in deprecated():
        following = {
            value(q.object)
            for q in every.quads_for_pattern(ox.NamedNode(term), ox.NamedNode(full("dct:isReplacedBy")), None)
        }
        assert following, f"{short(term)} is deprecated and says nothing of what to use instead"
        assert following <= terms(PLAN).keys() - deprecated()


INVENTED = """
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dct: <http://purl.org/dc/terms/> .
plan:Invented a owl:Class ; owl:deprecated true ; dct:isReplacedBy plan:Goal .
plan:invented a owl:DatatypeProperty ; owl:deprecated true ; dct:isReplacedBy plan:text .
<https://w3id.org/planvev/id/plan/eksempelvik/x/goal/1> a plan:Invented .
<https://w3id.org/planvev/id/plan/eksempelvik/x/goal/2> plan:invented "ord"@nb .
<https://w3id.org/planvev/id/plan/eksempelvik/x/goal/3> a plan:Goal ; plan:text "ord"@nb .
"""


def test_the_advice_on_deprecated_terms_fires():
    import pyshacl
    from rdflib import RDF, SH, Graph, URIRef

    data = Graph().parse(data=INVENTED, format="turtle")
    shapes = Graph().parse(TOP / "shapes" / "advice" / "thing.ttl")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True)
    found = {
        str(report.value(result, SH.focusNode)).rsplit("/", 1)[1]
        for result in report.subjects(RDF.type, SH.ValidationResult)
        if report.value(result, SH.sourceShape) == URIRef("https://w3id.org/planvev/shapes#Thing-deprecated")
    }
    assert found == {"1", "2"}


def load_tool():
    loader = SourceFileLoader("release_ontology", str(TOP / "tools" / "release-ontology"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def tool(monkeypatch):
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    return load_tool()


def test_the_tool_freezes_once_and_refuses_a_second_time(tool, tmp_path):
    folder = tmp_path / "ontology"
    folder.mkdir()
    for file in ONTOLOGY.glob("*.ttl"):
        shutil.copy(file, folder)
    frozen = tool.freeze(folder)
    assert sums(frozen) == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.ttl")}
    before = {file.name: file.read_bytes() for file in frozen.iterdir()}
    (folder / "plan.ttl").write_bytes((folder / "plan.ttl").read_bytes() + b"\n# changed\n")
    with pytest.raises(SystemExit, match="never changes"):
        tool.freeze(folder)
    assert {file.name: file.read_bytes() for file in frozen.iterdir()} == before
    assert [path.name for path in frozen.parent.iterdir()] == [frozen.name]


def test_the_tool_wants_the_address_to_end_in_the_version(tool):
    with pytest.raises(SystemExit, match="versionIRI"):
        tool.stated('owl:versionIRI <https://w3id.org/planvev/ns/1.0.0> ; owl:versionInfo "1.0.1"')
    with pytest.raises(SystemExit, match="versionInfo"):
        tool.stated('owl:versionInfo "1.0"')
