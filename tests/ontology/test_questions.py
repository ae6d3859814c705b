"""Questions the vocabulary and the data must answer: queries over the real library, with the answers the texts give.

`questions/NN-words.rq` begins with the question in Norwegian, the question in English and where the answer stands;
`questions/NN-words.csv` is the answer, written down from the text. Rows count as a bag unless the query has ORDER BY.
The store is filled as publishing fills it: each file its own graph, data and vocabulary once more in the default graph.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from planvev.formats import rdf
from planvev.library import SHAPES, Library, read
from planvev.names import Base
from planvev.queries.sparql import read as read_query
from tests.conftest import missing
from tests.data.conftest import SEEDS, short, words

TOP = Path(__file__).parents[2]
QUESTIONS = sorted((Path(__file__).parent / "questions").glob("*.rq"), key=lambda path: int(path.name.split("-")[0]))
AT_LEAST = 60
CEILING = 1 << 16

# What stands behind a question: one of our source documents, or an input beside the project.
PLACE = re.compile(r"(document/[a-z0-9/-]+|\.\./shared/[^\s:,]+)[:,] (.+)")


@pytest.fixture(scope="session")
def store() -> ox.Store:
    """The real library as it is published."""
    store = ox.Store()
    for source in Library(TOP, Base()).sources():
        graph = ox.NamedNode(source.graph)
        for triple in rdf.with_stable_blanks(read(source).triples, source.graph):
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
            if source.role != SHAPES:
                store.add(ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()))
    return store


def head(question: Path, key: str) -> list[str]:
    """What the comments at the top of a query say after a key."""
    comments = question.read_text("utf-8").split("\n\n", 1)[0].splitlines()
    return [line.removeprefix(f"# {key}: ") for line in comments if line.startswith(f"# {key}: ")]


def expected(question: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    """The columns and rows that the texts give."""
    columns, *rows = csv.reader(io.StringIO(question.with_suffix(".csv").read_text("utf-8")))
    return columns, [tuple(row) for row in rows]


@cache
def said(place: str) -> str | None:
    """The text of a place behind questions, white space collapsed; None where it is not here."""
    document = f"https://w3id.org/planvev/id/{place}"
    if document in SEEDS:
        return words(document)
    path = TOP / place
    return re.sub(r"\s+", " ", path.read_text("utf-8")) if path.is_file() else None


def test_there_are_questions_enough_and_no_number_stands_twice():
    numbers = Counter(path.name.split("-")[0] for path in QUESTIONS)
    assert len(QUESTIONS) >= AT_LEAST
    assert not [number for number, count in numbers.items() if count > 1]


def test_every_answer_has_its_question():
    folder = Path(__file__).parent / "questions"
    assert {path.stem for path in folder.glob("*.csv")} == {path.stem for path in QUESTIONS}
    assert not [path.name for path in folder.iterdir() if path.suffix not in (".rq", ".csv")]


def test_no_question_is_asked_twice():
    asked = Counter(head(path, "Spørsmål")[0] for path in QUESTIONS)
    assert not [question for question, count in asked.items() if count > 1]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_says_what_it_asks_in_two_languages_and_where_the_answer_stands(question: Path):
    first, second, *rest = question.read_text("utf-8").splitlines()
    assert re.fullmatch(r"\d{2,3}(-[a-z0-9]+)+\.rq", question.name)
    assert first.startswith("# Spørsmål: ")
    assert second.startswith("# Question: ")
    assert rest[0].startswith("# Kilde: ")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_the_words_a_question_points_at_stand_in_its_source(question: Path):
    for line in head(question, "Kilde"):
        place = PLACE.fullmatch(line)
        assert place, f"“{line}” names no source"
        text = said(place[1])
        if text is None:
            missing(f"{place[1]} is not here, so the words were not compared")
        assert not [quoted for quoted in re.findall(r"«([^»]+)»", place[2]) if quoted not in text], short(place[1])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_the_data_give_the_answer_of_the_texts(question: Path, store: ox.Store):
    query = question.read_text("utf-8")
    assert read_query(query, CEILING).kind == "SELECT"
    answer = store.query(query)
    assert isinstance(answer, ox.QuerySolutions)
    columns, rows = expected(question)
    assert [variable.value for variable in answer.variables] == columns
    found = [
        tuple("" if term is None else getattr(term, "value", str(term)) for term in solution) for solution in answer
    ]
    if re.search(r"^ORDER BY", query, re.MULTILINE):
        assert found == rows
    assert Counter(found) == Counter(rows)


# An answer of nothing is also what a query gives that asks about what is not there.
NAMED = re.compile(r"<([^>\s]+)>")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda path: path.stem)
def test_a_question_asks_about_what_is_there(question: Path, store: ox.Store):
    query = question.read_text("utf-8")
    body = query[query.index("SELECT") :]
    prefixes = dict(re.findall(r"PREFIX (\w+): <([^>]+)>", query))
    base = next(iter(re.findall(r"^BASE <([^>]+)>", query, re.MULTILINE)), "")
    named = [iri if ":" in iri else base + iri for iri in NAMED.findall(body)]
    unquoted = re.sub(r'"[^"\n]*"|<[^>]*>', " ", body)
    named += [
        prefixes[prefix] + local for prefix, local in re.findall(r"\b(\w+):(\w+)", unquoted) if prefix in prefixes
    ]

    def there(iri: str) -> bool:
        node = ox.NamedNode(iri)
        found = (
            store.quads_for_pattern(node, None, None),
            store.quads_for_pattern(None, node, None),
            store.quads_for_pattern(None, None, node),
        )
        return any(next(quads, None) for quads in found)

    assert not [iri for iri in named if not there(iri)]
