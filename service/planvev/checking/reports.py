"""Findings in the forms that other tools read: SARIF 2.1.0, GitHub annotations, JSON, and a SHACL validation report.

Each takes the findings and a language and gives text. The lines for people are the command line's own business.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from planvev.checking.findings import ERROR, Finding
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple
from planvev.names import PREFIXES, SHAPES

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def as_json(findings: Sequence[Finding], language: str) -> str:
    """An array of objects; `message` in the language, `messages` in all there are."""
    rows = [
        {
            "file": f.file,
            "line": f.line,
            "exact": f.exact,
            "severity": f.severity,
            "shape": f.shape,
            "focus": f.focus,
            "path": f.path,
            "value": f.value,
            "message": f.message(language),
            "messages": dict(f.messages),
        }
        for f in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def as_github(findings: Sequence[Finding], language: str) -> str:
    """Workflow commands, which GitHub shows beside the line of the change."""
    lines = []
    for f in findings:
        level = "error" if f.severity == ERROR else "notice"
        place = f"file={_property(f.file)},line={f.line},title={_property(f.shape)}"
        lines.append(f"::{level} {place}::{_escaped(f.message(language))}")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Sequence[Finding], language: str) -> str:
    """Static Analysis Results Interchange Format, as code hosts and editors read it."""
    rules: dict[str, Finding] = {}
    for f in findings:
        rules.setdefault(f.shape, f)
    order = list(rules)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "planvev",
                "rules": [{"id": name, "shortDescription": {"text": rules[name].message(language)}} for name in order],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(f, order.index(f.shape), language) for f in findings],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1)


def _sarif_result(finding: Finding, rule: int, language: str) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": finding.file}, "region": {"startLine": finding.line}}
    return {
        "ruleId": finding.shape,
        "ruleIndex": rule,
        "level": "error" if finding.severity == ERROR else "note",
        "message": {"text": finding.message(language)},
        "locations": [{"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": finding.focus}]}],
    }


def as_turtle(findings: Sequence[Finding], language: str) -> str:
    """A `sh:ValidationReport` (SHACL, section 3.6), with all languages of each message; `language` is not used."""
    del language
    sh, rdf_type = PREFIXES["sh"], NamedNode(PREFIXES["rdf"] + "type")
    report = BlankNode("report")
    conforms = "false" if any(f.severity == ERROR for f in findings) else "true"
    boolean = NamedNode(PREFIXES["xsd"] + "boolean")
    triples = [
        Triple(report, rdf_type, NamedNode(sh + "ValidationReport")),
        Triple(report, NamedNode(sh + "conforms"), Literal(conforms, datatype=boolean)),
    ]
    for number, f in enumerate(findings):
        result = BlankNode(f"result{number:05}")
        severity = "Violation" if f.severity == ERROR else "Info"
        said: list[tuple[str, NamedNode | Literal]] = [
            ("focusNode", NamedNode(f.focus)),
            ("resultSeverity", NamedNode(sh + severity)),
            ("sourceShape", NamedNode(_whole(f.shape))),
            *(("resultPath", NamedNode(_whole(path))) for path in [f.path] if path),
            *(("value", Literal(value)) for value in [f.value] if value is not None),
            *(
                ("resultMessage", Literal(text, language=tag) if tag else Literal(text))
                for tag, text in f.messages.items()
            ),
        ]
        triples += [
            Triple(report, NamedNode(sh + "result"), result),
            Triple(result, rdf_type, NamedNode(sh + "ValidationResult")),
            *(Triple(result, NamedNode(sh + name), value) for name, value in said),
        ]
    return rdf.write(triples, "ttl").decode()


def _whole(name: str) -> str:
    """The IRI behind a short name; a rule that is not a shape, such as `stranger`, is named beside the shapes."""
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    return name if colon else SHAPES + name


FORMS: dict[str, Callable[[Sequence[Finding], str], str]] = {
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
    "ttl": as_turtle,
}
