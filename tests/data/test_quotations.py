"""What is quoted stands in the source, character by character, in one place; and the source is the one we know."""

from __future__ import annotations

import hashlib

import pytest

from tests.data.conftest import SEEDS, Graph, Quotation, full, seed, short, value, words

Quotations = dict[str, Quotation]


@pytest.mark.parametrize("document", SEEDS, ids=short)
def test_a_source_document_is_known_by_the_digest_of_its_bytes(document, graph: Graph):
    checksum = graph.one(document, "spdx:checksum")
    assert graph.one(checksum, "spdx:algorithm") == full("spdx:checksumAlgorithm_sha256")
    assert graph.one(checksum, "spdx:checksumValue") == hashlib.sha256(seed(document)).hexdigest()
    assert graph.one(document, "plan:fileName") == SEEDS[document]


def test_every_quotation_is_from_a_source_document_we_have(quotations: Quotations):
    assert not {short(q.iri): short(q.document) for q in quotations.values() if q.document not in SEEDS}


@pytest.mark.parametrize("document", SEEDS, ids=short)
def test_quoted_words_stand_in_the_source(document, quotations: Quotations):
    text = words(document)
    assert not {short(q.iri): q.exact for q in quotations.values() if q.document == document and q.exact not in text}


@pytest.mark.parametrize("document", SEEDS, ids=short)
def test_a_quotation_with_the_words_around_it_points_at_one_place(document, quotations: Quotations):
    text = words(document)
    found = {
        short(q.iri): text.count(q.prefix + q.exact + q.suffix) for q in quotations.values() if q.document == document
    }
    assert not {iri: count for iri, count in found.items() if count != 1}


@pytest.mark.parametrize("document", SEEDS, ids=short)
def test_a_quotation_has_words_around_it(document, quotations: Quotations):
    assert not [short(q.iri) for q in quotations.values() if q.document == document and not (q.prefix or q.suffix)]


def test_every_quotation_is_evidence_for_something(graph: Graph, quotations: Quotations):
    quoted = {value(o) for said in graph.about.values() for p, o in said if p == full("plan:quotedFrom")}
    assert not sorted(short(iri) for iri in quotations.keys() - quoted)
    assert not sorted(short(q.iri) for q in quotations.values() if not q.evidence_for)


def test_a_quotation_is_evidence_only_for_what_is_said(graph: Graph, quotations: Quotations):
    """Each property a quotation supports is one that the thing quoting it has, or the thing whose value quotes it.

    The reading of a conflict may also support the property in conflict, which is said of another thing or of none.
    """
    above = {value(o): s for s, said in graph.about.items() for _, o in said if value(o).startswith("_:")}
    said_by: dict[str, set[str]] = {iri: set() for iri in quotations}
    for s in graph.about:
        for quote in graph.values(s, "plan:quotedFrom"):
            for thing in (s, above.get(s, s)):
                said_by[quote] |= {p for p, _ in graph.about[thing]} | set(graph.values(thing, "plan:aspect"))
    stray = {short(q.iri): sorted(map(short, q.evidence_for - said_by[q.iri])) for q in quotations.values()}
    assert not {iri: properties for iri, properties in stray.items() if properties}


@pytest.mark.parametrize("predicate", ["plan:text", "plan:degree", "plan:backing", "plan:condition"])
def test_words_said_to_be_the_sources_own_stand_in_a_source(predicate, graph: Graph, quotations: Quotations):
    texts = [words(document) for document in SEEDS]
    sourced = {s for s in graph.about if graph.each(s, "dct:source")}
    wrong = {
        short(s): word
        for s in graph.about.keys() - sourced
        for word in graph.values(s, predicate)
        if not any(word in text for text in texts)
    }
    assert not wrong


def test_a_wording_is_inside_the_quotation_that_supports_it(graph: Graph, quotations: Quotations):
    wrong = {}
    for s in graph.about:
        support = [quotations[q] for q in graph.values(s, "plan:quotedFrom") if q in quotations]
        support = [q for q in support if full("plan:text") in q.evidence_for]
        for text in graph.values(s, "plan:text"):
            if support and not any(text in q.exact for q in support):
                wrong[short(s)] = text
    assert not wrong
