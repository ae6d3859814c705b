"""A finding names the file, the line of the statement, and the thing a person would look for."""

from __future__ import annotations

import pytest

from planvev.checking.checks import check
from planvev.checking.findings import ADVICE, ERROR
from planvev.checking.gate import GateClosed
from planvev.library import DATA, read
from tests.library.copies import CULTURE, ID, NATURE


@pytest.fixture(params=["auto", "pyshacl"])
def findings(request, copy):
    """What a check of all files, or of some, finds."""

    def found(*places):
        texts = [read(source) for source in copy.library.sources()]
        data = {text.source.place: text for text in texts if text.source.role == DATA}
        judged = [data[place] for place in places] or list(data.values())
        vocabulary = [text for text in texts if text.source.role != DATA]
        return check(judged, data, vocabulary, copy.library.base, request.param)

    return found


def errors(found):
    return [finding for finding in found if finding.severity == ERROR]


def test_sound_files_are_refused_nothing_and_only_advised(findings):
    found = findings()
    assert {finding.severity for finding in found} == {ADVICE}
    assert {finding.shape for finding in found} == {"ps:Plan-type-unknown"}
    assert {finding.file for finding in found} == {f"data/ttl/{NATURE}.ttl", f"data/ttl/{CULTURE}.ttl"}


def test_advice_never_refuses(copy):
    published = copy.publish()
    assert published.new
    assert published.snapshot.advice > 0


def test_what_is_missing_is_shown_where_the_thing_stands(copy, findings):
    copy.edit(CULTURE, '    dct:title "Kulturplan (oppdiktet)"@nb , "Kulturplan (oppdikta)"@nn ;\n', "")
    (finding,) = errors(findings())
    assert (finding.file, finding.line) == (f"data/ttl/{CULTURE}.ttl", 10)
    assert (finding.shape, finding.focus, finding.path) == ("ps:Plan-title", ID + CULTURE, "dct:title")
    assert finding.value is None


def test_the_offending_statement_is_shown_on_its_own_line(copy, findings):
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", f"plan:derivedFrom <{NATURE}> ,\n        <org/proevestad>")
    (finding,) = errors(findings())
    assert (finding.line, finding.exact) == (copy.line(CULTURE, "        <org/proevestad>"), True)
    assert (finding.shape, finding.path) == ("ps:Plan-derived", "plan:derivedFrom")
    assert finding.value == ID + "org/proevestad"


def test_a_mistake_inside_brackets_is_shown_at_the_thing_they_hang_on(copy, findings):
    copy.edit(CULTURE, '"2020-05-01"^^xsd:date', '"mai 2020"')
    (finding,) = errors(findings())
    assert (finding.focus, finding.path) == (ID + CULTURE, "dct:temporal")
    assert finding.line == copy.line(CULTURE, "dct:temporal [")
    assert finding.shape == "ps:Period-start"


def test_a_message_comes_in_the_readers_language_or_the_nearest(copy, findings):
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad>")
    (finding,) = errors(findings())
    assert finding.message("en") == "What the plan is derived from is no plan."
    assert finding.message("nb") == "Det planen bygger på, er ingen plan."
    assert finding.message("nn") == finding.message("nb")


def test_a_plan_that_speaks_about_another_plans_things_is_refused_where_it_does(copy, findings):
    with copy.file(CULTURE).open("a", encoding="utf-8") as file:
        file.write(f"\n<{NATURE}/strategy/1-1>\n    plan:responsible <org/eksempelvik> .\n")
    (finding,) = errors(findings(CULTURE))
    assert (finding.shape, finding.file) == ("stranger", f"data/ttl/{CULTURE}.ttl")
    assert finding.line == copy.line(CULTURE, "/strategy/1-1>")
    assert finding.focus == f"{ID}{NATURE}/strategy/1-1"
    assert f"data/ttl/{CULTURE}.ttl" in finding.message("en")
    with pytest.raises(GateClosed) as refused:
        copy.publish()
    assert "Nothing was changed" in refused.value.detail
    assert finding.shape in {found.shape for found in refused.value.findings}


def test_one_file_is_judged_beside_the_facts_it_refers_to(findings):
    assert errors(findings(CULTURE)) == []
    assert {finding.file for finding in findings(CULTURE)} == {f"data/ttl/{CULTURE}.ttl"}


def test_one_file_is_not_blamed_for_another(copy, findings):
    copy.edit(NATURE, 'dct:title "Naturplan 2024–2027 (oppdiktet)"@nb , "Nature plan 2024–2027 (invented)"@en ;\n', "")
    assert errors(findings(CULTURE)) == []
    assert [finding.file for finding in errors(findings())] == [f"data/ttl/{NATURE}.ttl"]


def test_findings_come_by_file_and_line(copy, findings):
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", "plan:derivedFrom <org/proevestad> , <org/eksempelvik>")
    copy.edit(NATURE, '"2024"^^xsd:gYear', '"2024"')
    found = findings()
    assert [(f.file, f.line) for f in found] == sorted((f.file, f.line) for f in found)
    assert len(found) == len(set(found)) == 5


def test_a_file_that_does_not_parse_is_named_before_anything_is_judged(copy, findings):
    copy.edit(NATURE, "plan:Plan ;", "plan:Plan ;;; nope:x 1 ;")
    copy.edit(CULTURE, '"2020-05-01"^^xsd:date', "2020-05-01")
    first, second = findings()
    assert (first.file, first.line, first.shape, first.severity) == (f"data/ttl/{CULTURE}.ttl", 17, "syntax", ERROR)
    assert (second.file, second.line, second.value) == (f"data/ttl/{NATURE}.ttl", 11, "11:21")
    assert "skriv @prefix nope: <…> . øverst i filen" in second.message("nb")


@pytest.mark.parametrize(
    "value",
    ['"2025-13-45"^^xsd:date', '"\\u0000\\r\\u2028"', "<javascript:alert(1)>", '"x"^^<a:b>', '"x"@x-a-b', "_:æ..b"],
)
def test_odd_but_legal_turtle_ends_in_findings_and_not_in_a_crash(copy, findings, value, capfd):
    copy.edit(CULTURE, '"2020-05-01"^^xsd:date', value)
    assert {finding.shape for finding in errors(findings())} == {"ps:Period-start"}
    assert "Traceback" not in capfd.readouterr().err


def test_an_empty_library_has_no_findings(copy, findings):
    for path in copy.library.data.rglob("*.ttl"):
        path.unlink()
    assert findings() == []
