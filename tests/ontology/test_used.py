"""No word is used that nobody declared: ours stand in plan.ttl, those of others in their own vocabularies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.ontology.conftest import (
    ALIGN,
    NS,
    ONTOLOGY,
    PLAN,
    PROFILES,
    REUSED,
    TOP,
    files,
    full,
    short,
    terms,
    triples,
    value,
)

OWN = {term.removeprefix(NS) for term in terms(PLAN)}
# How our terms are written where they are not RDF statements: `plan:x`, the whole address, and in Python.
WRITTEN = re.compile(r"(?<![\w/-])plan:([A-Za-z]\w*)|https://w3id\.org/planvev/ns#([A-Za-z]\w*)")
PYTHON = re.compile(r"""NS \+ f?["']([A-Za-z]\w*)["']|\(["']plan["'], ["']([A-Za-z]\w*)["']\)""")
# Words that are not terms: what tests invent to see it refused stays in tests/, which is not read here.
TEXTS = {
    "shapes": ("shapes", "*.ttl"),
    "service": ("service/planvev", "*.py"),
    "templates": ("service/planvev", "*.html"),
    "queries": ("queries", "*.rq"),
    "questions": ("tests/ontology/questions", "*.rq"),
    "documentation": ("docs", "*.md"),
}


def found(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    for pattern in (WRITTEN, PYTHON) if path.suffix == ".py" else (WRITTEN,):
        for match in pattern.finditer(text):
            yield next(group for group in match.groups() if group)


@pytest.mark.parametrize("where", sorted(TEXTS))
def test_texts_use_only_declared_terms(where):
    folder, pattern = TEXTS[where]
    undeclared = {
        f"{path.relative_to(TOP)}: plan:{name}"
        for path in (TOP / folder).rglob(pattern)
        for name in found(path)
        if name not in OWN
    }
    assert not sorted(undeclared)


def used(path: Path) -> Iterator[str]:
    """The terms a Turtle file uses: its properties, its classes, and our terms wherever they stand."""
    for _, p, o in triples(path):
        yield p.value
        if p.value == full("rdf:type") or value(o).startswith(NS):
            yield value(o)


@pytest.mark.parametrize("path", [*files(), REUSED, ALIGN], ids=lambda path: path.relative_to(TOP).as_posix())
def test_a_file_uses_only_terms_of_ours_that_are_declared(path):
    assert not sorted({short(term) for term in used(path) if term.startswith(NS) and term.removeprefix(NS) not in OWN})


def test_the_data_use_only_terms_that_have_a_name_here():
    """A page shows a name for every property and class; a term without one is a typing error or was forgotten."""
    named = {value(s) for s, p, _ in triples(REUSED) if p.value == full("rdfs:label")} | {NS + name for name in OWN}
    assert not sorted({short(term) for path in files() for term in used(path)} - {short(term) for term in named})


# Where the terms of others are defined: a file beside the project, or the closed list rdflib keeps of a vocabulary.
FIBO = "https://spec.edmcouncil.org/fibo/ontology/FND"
DEFINED = {
    "http://data.europa.eu/eli/ontology#": "eli/eli-1.5-and-eli-dl.ttl",
    "http://data.europa.eu/eli/eli-draft-legislation-ontology#": "eli/eli-1.5-and-eli-dl.ttl",
    "http://www.w3.org/ns/dcat#": "vocab/dcat3.ttl",
    "http://www.w3.org/ns/adms#": "vocab/adms.ttl",
    "http://purl.org/vocab/cpsv#": "cpsv-ap-3.2.0/cpsv-ap.ttl",
    "http://data.europa.eu/m8g/": "cpov-2.1.2/core-public-organisation-ap.ttl cpsv-ap-3.2.0/cpsv-ap.ttl",
    "http://metadata.un.org/sdg/ontology#": "sdg/sdgs-ontology.ttl",
    "https://ontology.commonapproach.org/cids#": "cids/cids.ttl",
    f"{FIBO}/GoalsAndObjectives/Objectives/": "vocab/fibo-fnd-GoalsAndObjectives-Objectives.rdf",
}
LISTED = ("DCTERMS", "FOAF", "ORG", "OWL", "PROV", "RDF", "RDFS", "SDO", "SKOS", "VANN")
YOUNGER = {"https://schema.org/StatisticalVariable", "https://schema.org/funding"}  # than the list that rdflib keeps
# Defined by their owners in documents that are not here; the names are those that DCAT-AP-NO and CPOV themselves use.
ELSEWHERE = ("http://www.w3.org/ns/oa#", "http://www.w3.org/ns/regorg#", "http://spdx.org/rdf/terms#")


@cache
def vocabulary(names: str) -> frozenset[str]:
    from rdflib import Graph, URIRef

    graph = Graph()
    for name in names.split():
        graph.parse(PROFILES / name)
    return frozenset(str(s) for s in graph.subjects() if isinstance(s, URIRef))


def others() -> dict[str, set[str]]:
    """The terms of other vocabularies that our files name, by namespace."""
    everything = {term for path in (*files(), *ONTOLOGY.glob("*.ttl")) for term in used(path)}
    everything |= {value(s) for s, p, _ in triples(REUSED) if p.value == full("rdfs:label")}
    everything |= {value(o) for _, _, o in triples(ALIGN) if isinstance(o, ox.NamedNode)}
    spaces: dict[str, set[str]] = {}
    for term in everything:
        namespace = re.sub(r"[^#/]*$", "", term)
        spaces.setdefault(namespace, set()).add(term)
    return spaces


@pytest.mark.parametrize("namespace", sorted(DEFINED))
def test_a_term_of_others_stands_in_their_vocabulary(namespace, shared):
    assert shared.is_dir()
    assert not sorted(others().get(namespace, set()) - vocabulary(DEFINED[namespace]))


@pytest.mark.parametrize("name", LISTED)
def test_a_term_of_w3c_dublin_core_or_schema_org_exists(name):
    import rdflib.namespace

    listed = getattr(rdflib.namespace, name)
    mine = others().get(str(listed), set()) - YOUNGER
    assert not sorted(term for term in mine if term.removeprefix(str(listed)) not in listed)


RULES = sorted((ONTOLOGY / "rules").glob("*.rq"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_a_rule_says_in_three_languages_what_it_is_for_and_writes_terms_that_are_declared(path):
    said = dict(re.findall(r"^#\+\s*(\w+):\s*(\S.*)$", path.read_text("utf-8"), re.MULTILINE))
    wanted = {f"{what}_{language}" for what in ("name", "question", "definition") for language in ("nb", "nn", "en")}
    assert wanted | {"level", "writes"} == said.keys()
    assert {full(term).removeprefix(NS) for term in said["writes"].split()} <= OWN


def test_every_link_term_is_written_by_a_rule():
    written = {term for path in RULES for term in re.findall(r"\bplan:link\w+", path.read_text("utf-8"))}
    assert {full(term) for term in written} == {term for term in terms(PLAN) if term.startswith(NS + "link")}
