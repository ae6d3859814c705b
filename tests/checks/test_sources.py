"""Quotations held to their sources: the real ones agree; a wrong letter, place, digest or doubtful words are found."""

from __future__ import annotations

import hashlib

import pytest

from planvev.checking.findings import ADVICE, ERROR
from planvev.checking.sources import joined, try_quotations
from planvev.library import DATA, Source, Text

HEADER = "NATURPLAN FOR ØYA"
TEXT = f"""{HEADER}
Havet er blått. Fjellet er
grått! Havet er dypt.
 • Skogen er grønn.
{HEADER}
Slutt på øya.
"""
WORDS = joined(TEXT, [HEADER])


@pytest.fixture
def tried(tmp_path):
    """What is found about one quotation, and the coverage, when the folder holds the text."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "copy.txt").write_text(TEXT, "utf-8")

    def run(exact="Fjellet er grått!", prefix="blått. ", suffix=" Havet", more="", selector=""):
        digest = hashlib.sha256(TEXT.encode()).hexdigest()
        turtle = f"""@base <https://w3id.org/planvev/id/> .
        @prefix oa: <http://www.w3.org/ns/oa#> . @prefix plan: <https://w3id.org/planvev/ns#> .
        @prefix spdx: <http://spdx.org/rdf/terms#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <document/a> plan:runningHeader "{HEADER}" ; spdx:checksum [ spdx:checksumValue "{digest}"^^xsd:hexBinary ] .
        <document/a/quote/1> a plan:Quotation ; oa:hasSource <document/a> {more} ;
            oa:hasSelector [ oa:exact "{exact}" ; oa:prefix "{prefix}" ; oa:suffix "{suffix}" ] {selector} ."""
        place = "document/a"
        source = Source(place, tmp_path / "a.ttl", f"data/ttl/{place}.ttl", "graph:a", DATA)
        return try_quotations([Text(source, turtle.encode())], tmp_path)

    return run


def names(found):
    return [(finding.shape, finding.severity) for finding in found[0]]


def test_words_are_joined_without_headers_and_list_marks():
    assert WORDS == "Havet er blått. Fjellet er grått! Havet er dypt. Skogen er grønn. Slutt på øya."


def test_words_that_stand_there_are_let_through(tried):
    start = WORDS.index("Fjellet")
    digest = hashlib.sha256("Fjellet er grått!".encode()).hexdigest().upper()
    selector = f", [ a oa:TextPositionSelector ; oa:start {start} ; oa:end {start + 17} ]"
    assert names(tried(selector=selector, more=f'; plan:wordsDigest "{digest}"^^xsd:hexBinary')) == []


@pytest.mark.parametrize(
    ("shape", "change"),
    [
        ("source-missing", {"exact": "Fjellet er grøtt!"}),
        ("source-missing", {"exact": ""}),
        ("source-twice", {"exact": "Havet", "prefix": "", "suffix": " er"}),
        ("source-place", {"selector": ", [ oa:start 17 ; oa:end 34 ]"}),
        ("source-place", {"selector": ", [ oa:start 16 ; oa:end 34 ]"}),
        ("source-digest", {"more": '; plan:wordsDigest "00"^^xsd:hexBinary'}),
    ],
)
def test_what_does_not_agree_is_found(tried, shape, change):
    (finding,) = tried(**change)[0]
    assert (finding.shape, finding.severity, finding.file) == (shape, ERROR, "data/ttl/document/a.ttl")
    assert {*finding.messages} == {"nb", "nn", "en"}


def test_a_text_nobody_has_is_told_and_refuses_nothing(tried, tmp_path):
    (tmp_path / "deep" / "copy.txt").write_text(TEXT + "x", "utf-8")
    found = tried()
    assert names(found) == [("source-absent", ADVICE)]
    assert found[1] == []


def test_coverage_lists_exactly_the_sentences_that_no_quotation_touches(tried):
    (coverage,) = tried()[1]
    assert coverage.unquoted == ("Havet er blått.", "Havet er dypt.", "Skogen er grønn.", "Slutt på øya.")
    assert (coverage.characters, coverage.quoted) == (len(WORDS), 17)


def test_the_real_library_quotes_its_sources_rightly(real, shared):
    found, coverage = try_quotations(list(real.data.values()), shared / "seeds")
    assert [f"{f.file}:{f.line} {f.shape}" for f in found if f.severity == ERROR] == []
    assert len(coverage) == 2
