"""A publish counts advice without finding its lines: it counts what a check shows, and what is refused is whole."""

from __future__ import annotations

from collections import Counter

import pytest

from planvev.checking.checks import check, verdict
from planvev.checking.findings import ADVICE, ERROR
from planvev.formats import lines
from planvev.library import DATA, SHAPES, Source, Text, read
from tests.library.copies import CULTURE, ID, NATURE

OWN = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<about:advised> a sh:PropertyShape ;
    sh:targetSubjectsOf <about:p> ; sh:path <about:p> ; sh:nodeKind sh:BlankNode .
"""


@pytest.fixture
def both(copy):
    """What a check of the tiny library finds, with one more shape that advises, and what counting finds."""

    def found():
        texts = [read(source) for source in copy.library.sources()]
        data = {text.source.place: text for text in texts if text.source.role == DATA}
        own = Source("shapes/advice/own", copy.root / "own.ttl", "shapes/advice/own.ttl", "about:own", SHAPES)
        vocabulary = [*(text for text in texts if text.source.role != DATA), Text(own, OWN.encode())]
        arguments = (list(data.values()), data, vocabulary, copy.library.base)
        return check(*arguments), verdict(*arguments, advice=False)

    return found


def agree(shown, counted):
    advice = Counter(finding.file for finding in shown if finding.severity == ADVICE)
    assert counted.counted == advice
    assert counted.findings == [finding for finding in shown if finding.severity == ERROR]
    return advice


def test_advice_is_counted_as_it_is_shown_and_what_is_refused_is_placed_alike(copy, both):
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad> , <org/eksempelvik>")
    shown, counted = both()
    assert agree(shown, counted).total() == 2
    assert len(counted.findings) == 2


@pytest.mark.parametrize(("between", "times"), [(" ", 1), ("\n        ", 2)])
def test_a_value_of_a_thing_and_of_a_node_below_it_is_one_finding_only_where_they_share_a_line(
    copy, both, between, times
):
    with copy.file(CULTURE).open("a", encoding="utf-8") as file:
        file.write(f'\n<{CULTURE}> <about:p> [ <about:p> "v" ] ,{between}"v" .\n')
    shown, counted = both()
    assert agree(shown, counted)[f"data/ttl/{CULTURE}.ttl"] == times + 1  # and one that the tiny library has
    assert {finding.focus for finding in shown if finding.value == "v"} == {ID + CULTURE}


def test_nobody_looks_for_lines_where_nothing_is_refused(copy, monkeypatch):
    def locate(_text):
        raise AssertionError("a file was searched")

    monkeypatch.setattr(lines, "locate", locate)
    assert copy.publish().snapshot.advice == 2
