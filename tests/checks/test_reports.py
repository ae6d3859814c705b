"""Findings in the forms of other tools: SARIF 2.1.0, GitHub annotations, JSON, a SHACL report; and the exit codes."""

from __future__ import annotations

import json

import pytest
import rdflib
from rdflib.namespace import RDF, SH

from planvev.checking.findings import ADVICE, ERROR, Finding
from planvev.checking.reports import FORMS, as_github, as_json, as_sarif, as_turtle
from tests.library.copies import CULTURE

WORDS = {"nb": "50 % feil: a, b\nny linje", "nn": "50 % gale: a, b\nny linje", "en": "50 % wrong: a, b\nnew line"}
HERE = "https://w3id.org/planvev/id/plan/bo/klima"
FINDINGS = [
    Finding("data/ttl/plan/bo/a,b:c.ttl", 7, True, ERROR, "ps:Plan-title", HERE, "dct:title", 'Å "si"\t', WORDS),
    Finding("data/ttl/plan/bo/klima.ttl", 1, False, ADVICE, "ps:Plan-expired", HERE, None, None, WORDS),
    Finding("data/ttl/plan/bo/klima.ttl", 9, True, ERROR, "stranger", HERE, None, None, {"": "Bare dette."}),
    Finding("data/ttl/plan/bo/klima.ttl", 9, True, ERROR, "ps:Plan-title", HERE, "dct:title", None, WORDS),
]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("findings", [FINDINGS, []], ids=["some", "none"])
def test_sarif_has_what_the_standard_demands(findings, language):
    log = json.loads(as_sarif(findings, language))
    assert log["version"] == "2.1.0"  # 3.13.2
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "planvev"  # 3.19.8
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)  # 3.49.3
    assert len(run["results"]) == len(findings)
    for result, finding in zip(run["results"], findings, strict=True):
        assert result["message"]["text"] == finding.message(language)  # 3.27.11
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.shape  # 3.27.6
        assert result["level"] in {"none", "note", "warning", "error"}  # 3.27.10
        (location,) = result["locations"]
        place = location["physicalLocation"]
        assert not place["artifactLocation"]["uri"].startswith(("/", "file:"))  # relative: 3.4.3
        assert place["region"]["startLine"] == finding.line >= 1  # 3.30.5


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_github_reads_one_command_a_line(language):
    lines = as_github(FINDINGS, language).split("\n")
    assert len(lines) == len(FINDINGS)
    words = WORDS[language].replace("%", "%25").replace("\n", "%0A")
    assert lines[0] == f"::error file=data/ttl/plan/bo/a%2Cb%3Ac.ttl,line=7,title=ps%3APlan-title::{words}"
    assert lines[1].startswith("::notice file=data/ttl/plan/bo/klima.ttl,line=1,title=")
    assert as_github([], language) == ""


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_json_gives_every_finding_back(language):
    rows = json.loads(as_json(FINDINGS, language))
    assert [row.pop("message") for row in rows] == [finding.message(language) for finding in FINDINGS]
    assert [Finding(**row) for row in rows] == FINDINGS
    assert [row["messages"] for row in rows] == [finding.messages for finding in FINDINGS]


def test_the_shacl_report_is_one_and_says_all():
    graph = rdflib.Graph().parse(data=as_turtle(FINDINGS, "nb"), format="turtle")
    (report,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(report, SH.conforms) == rdflib.Literal(False)
    results = list(graph.objects(report, SH.result))
    assert len(results) == len(FINDINGS) == len(set(graph.subjects(RDF.type, SH.ValidationResult)))
    for result in results:
        assert graph.value(result, SH.focusNode) == rdflib.URIRef(HERE)
        assert graph.value(result, SH.resultSeverity) in {SH.Violation, SH.Info}
        assert isinstance(graph.value(result, SH.sourceShape), rdflib.URIRef)
        assert {str(m) for m in graph.objects(result, SH.resultMessage)} in ({*WORDS.values()}, {"Bare dette."})


def test_advice_alone_conforms():
    graph = rdflib.Graph().parse(data=as_turtle(FINDINGS[1:2], "nb"), format="turtle")
    assert list(graph.objects(None, SH.conforms)) == [rdflib.Literal(True)]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_goes_to_a_file_or_to_standard_output(copy, form):
    copy.edit(CULTURE, '    dct:title "Kulturplan (oppdiktet)"@nb , "Kulturplan (oppdikta)"@nn ;\n', "")
    shown = copy.run("check", "--format", form, "--lang", "en")
    written = copy.run("check", "--format", form, "--lang", "en", "--output", "found")
    assert (shown.returncode, written.returncode) == (1, 1), shown.stderr
    assert written.stdout == ""
    assert (copy.root / "found").read_text("utf-8") == shown.stdout != ""


def test_exit_codes_say_well_refused_and_unable(copy):
    assert copy.run("check").returncode == 0
    copy.edit(CULTURE, '    dct:title "Kulturplan (oppdiktet)"@nb , "Kulturplan (oppdikta)"@nn ;\n', "")
    assert copy.run("check").returncode == 1
    assert copy.run("check", "nowhere.ttl").returncode == 2
    copy.edit(CULTURE, "plan:Plan ;", "plan:Plan ;;; nope:x 1 ;")
    assert copy.run("check").returncode == 1, "a file that does not parse is refused"
