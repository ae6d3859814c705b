"""The W3C's tests of SPARQL 1.1 queries, each as the only content of a snapshot: with its numbers, over its columns.

The suite's own way (`test_w3c_sparql`) names a dataset with each query, of which no numbers are known; here the data of
a test are the default graph, so that counts from numbers, joins over columns and joins by hashing answer what they are
permitted to, whatever it costs. Which tests those are is written down: a reader that understands less would be noticed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox

from planvev.answering import joining, planning
from planvev.answering.columns import NoRows
from planvev.answering.joining import Task
from planvev.answering.planning import Setting
from planvev.errors import Problem
from planvev.queries import sparql
from tests.conformance import sparql_results
from tests.conformance.sparql_manifest import FORMATS, HOME, Case
from tests.conformance.sparql_service import SUITE
from tests.conformance.test_w3c_sparql import CASES
from tests.conftest import missing
from tests.differential.test_joined import gathered
from tests.differential.test_rewritten import CEILING, numbers

EVALUATED = [case for case in CASES if case.kind == "QueryEvaluationTest" and case.default]
EXPECTED = {
    "counted": {f"aggregates/agg{n}" for n in ("01", "02", "04", "05", "-empty-group-count-2")},
    "joined": {"aggregates/agg08b", *(f"project-expression/projexp0{n}" for n in (1, 2, 3))},
    "rewritten": {"functions/plus-1-corrected", "functions/plus-2-corrected"},
}


def stored(case: Case) -> ox.Store:
    """The data of a test: its default graph, and its named graphs."""
    store = ox.Store()
    for file in case.default:
        store.load(SUITE.path(file).read_bytes(), FORMATS[Path(file).suffix], base_iri=HOME + file)
    for file in case.named:
        name = ox.NamedNode(HOME + file)
        store.load(SUITE.path(file).read_bytes(), FORMATS[Path(file).suffix], base_iri=HOME + file, to_graph=name)
    return store


def nothing_found(*_: Any) -> Any:
    raise AssertionError("no test of the suite searches for words")


def answered(case: Case, folder: Path) -> str:
    """How a test was answered; its answer is compared with the suite's where it was not as it is written."""
    store = stored(case)
    columns, statistics = gathered(store, folder, numbers(store))
    text = f"BASE <{case.base}>\n{SUITE.text(case.query)}"
    try:
        plan = planning.chosen(sparql.read(text, CEILING), Setting(statistics, True, "always", True), nothing_found)
    except Problem:
        return "refused"
    text = plan.text
    if plan.task and plan.otherwise:
        try:
            rows, ordered = joining.rows(columns, Task.read(plan.task))
            text = f"{plan.task['before']}{b' '.join(rows).decode()}{plan.task['ordered' if ordered else 'after']}"
        except NoRows:  # nodes without a name, which no text can hold
            plan = plan.otherwise()
            text = plan.text
    if plan.how == "as written":
        return plan.how
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    ours = sparql_results.read(found.serialize(format=ox.QueryResultsFormat.JSON) or b"", "json")
    theirs = sparql_results.expected(SUITE, str(case.result))
    assert isinstance(ours, tuple)
    assert isinstance(theirs, tuple)
    assert ours[0] == theirs[0], case.name
    assert sparql_results.same_rows(ours[1], theirs[1], "ORDER BY" in text), (case.name, ours[1], theirs[1])
    return plan.how


def test_what_is_not_run_as_written_answers_what_the_suite_expects(tmp_path: Path):
    if not EVALUATED:
        missing("the W3C's suite in ../shared is not here")
    ways: dict[str, set[str]] = {}
    for n, case in enumerate(EVALUATED):
        ways.setdefault(answered(case, tmp_path / str(n)), set()).add(case.name)
    assert {how: ways[how] for how in ways.keys() - {"as written", "refused"}} == EXPECTED
