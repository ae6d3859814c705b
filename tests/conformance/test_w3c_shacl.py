"""Both SHACL engines against the W3C's own tests: core and SHACL-SPARQL, each report as a multiset of results.

Compared are focus node, property, value and shape of every result, which is what a Finding is made of. Where shapes are
to be refused, refusing is `EngineFault`. What an engine answers otherwise stands in `DIFFERS`, with the reason; the
project's own shapes keep away from it.
"""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

from planvev.checking import validation
from planvev.errors import EngineFault
from tests.conformance.shacl_manifest import Case, Said, cases, said
from tests.conftest import TOP, missing

SUITE = TOP.parent / "shared" / "suites" / "w3c" / "data-shapes" / "data-shapes-test-suite" / "tests"
ENGINES = {validation.SHACL: validation._by_shacl, validation.PYSHACL: validation._by_pyshacl}

DIFFERS = {
    (
        "core/property/uniqueLang-002",
        "pyshacl",
    ): 'sh:uniqueLang "1"^^xsd:boolean counts as true: rdflib has one value for '
    "both; pySHACL tells them apart only in files that it reads itself",
    ("sparql/node/prefixes-001", "pyshacl"): "sh:prefixes does not follow owl:imports; pySHACL takes prefixes from the "
    "@prefix lines of a file, which triples do not have. Our queries declare theirs",
    ("sparql/pre-binding/shapesGraph-001", "pyshacl"): "$shapesGraph is not implemented, and the shapes are refused",
    (
        "sparql/pre-binding/unsupported-sparql-004",
        "shacl",
    ): "a sub-SELECT that does not return $this is run, not refused",
}

CASES = {case.name: case for case in cases(SUITE)} if SUITE.is_dir() else {}


def result(found: validation.Result) -> Said:
    named = ":" in found.shape and not found.shape.startswith("_:")
    shape = f"<{found.shape}>" if named else "_"
    return said(found.focus), f"<{found.path}>" if found.path else "", said(found.value), shape


def answer(case: Case, engine: str) -> Counter[Said] | None:
    """What an engine finds, each result as often as it says it; None where it refuses the shapes."""
    try:
        return Counter(map(result, ENGINES[engine](case.data, validation.Shapes(case.shapes))))
    except EngineFault:
        return None


@pytest.mark.skipif(not CASES, reason="the W3C's SHACL tests are not in ../shared/suites")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_engine_gives_the_report_of_the_w3c(name, engine, request):
    if importlib.util.find_spec(engine) is None:
        missing(f"the engine {engine} is not installed here")
    if (name, engine) in DIFFERS:
        request.applymarker(pytest.mark.xfail(reason=DIFFERS[name, engine], strict=True))
    assert answer(CASES[name], engine) == CASES[name].expected


def test_the_whole_suite_is_there():
    if not CASES:
        missing("the W3C's SHACL tests are not in ../shared/suites")
    assert Counter(name.split("/")[0] for name in CASES) == {"core": 98, "sparql": 23}
    assert {name for name, _ in DIFFERS} <= set(CASES)
