"""The invented plan in docs/example/: every invented example of a term is true of it, and it passes every check."""

from __future__ import annotations

import pytest

from planvev.checking.findings import ERROR
from planvev.checking.sources import try_quotations
from planvev.library import Library
from planvev.names import Base
from planvev.queries.derivation import COUNTS, LINK_END, LINK_FROM, LINK_OWNER, LINK_START, LINK_TO, LINKS_TO, OTHERS
from tests.checks.conftest import Whole, whole
from tests.ontology.conftest import NS, PLAN, TOP, files, full, prologue, short, store, terms, triples, value

EXAMPLE = TOP / "docs" / "example"
FILES = tuple(sorted((EXAMPLE / "data" / "ttl").rglob("*.ttl")))
TERMS = terms(PLAN)
EXAMPLES = {term: min(said[full("skos:example")]) for term, said in TERMS.items()}
# Written by publishing, so no file holds them: tests/flows/test_derived.py.
DERIVED = {LINK_FROM, LINK_TO, LINKS_TO, LINK_OWNER, LINK_START, LINK_END, *COUNTS.values(), OTHERS}
INVENTED = sorted(term for term, example in EXAMPLES.items() if "eksempel" in example and term not in DERIVED)
# These say something of the vocabulary's own terms, so no plan uses them.
OF_TERMS = {f"{NS}core", f"{NS}inverseLabel"}


@pytest.fixture(scope="module")
def example() -> Whole:
    return whole(Library(EXAMPLE, Base()))


@pytest.mark.parametrize("term", INVENTED, ids=short)
def test_an_invented_example_is_true_of_the_worked_example(term):
    assert store(*FILES).query(f"{prologue()} ASK {{ {EXAMPLES[term]} }}"), EXAMPLES[term]


def test_every_term_that_no_plan_here_uses_is_shown_at_work():
    def used(*paths):
        return {value(t) for path in paths for triple in triples(path) for t in triple if value(t).startswith(NS)}

    unused = TERMS.keys() - used(*files()) - OF_TERMS - DERIVED
    assert unused
    assert not sorted(short(term) for term in unused - used(*FILES))


def test_the_worked_example_is_refused_by_no_shape(example: Whole):
    mine = [place for place, text in example.data.items() if EXAMPLE in text.source.path.parents]
    assert len(mine) == len(FILES)
    assert [str(finding) for finding in example.check(*mine) if finding.severity == ERROR] == []


def test_every_word_it_quotes_stands_in_its_texts_and_no_sentence_is_left_without_a_reason(example: Whole):
    texts = [text for text in example.data.values() if EXAMPLE in text.source.path.parents]
    findings, coverage = try_quotations(texts, EXAMPLE / "texts")
    assert findings == []
    assert {source.document.rsplit("/", 1)[-1]: source.unquoted for source in coverage} == {
        "kulturplan": (),
        "oekonomiplan": (),
    }
    assert any(source.left_out for source in coverage)


def test_every_file_of_it_says_that_it_is_invented():
    texts = tuple((EXAMPLE / "texts").iterdir())
    assert not [path.name for path in (*FILES, *texts) if "ppdikt" not in path.read_text("utf-8")]
