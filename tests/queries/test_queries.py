"""The example queries: each says in three languages what it is, runs anywhere, names what exists, answers at once.

Asked of the real library, filled as publishing fills it. The same holds for every query that the documentation shows.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from planvev.answering import matching
from planvev.finding import search_index
from planvev.finding.search import SearchIndex
from planvev.formats import rdf
from planvev.library import SHAPES, Library, read
from planvev.names import PREFIXES, Base
from planvev.publishing.derive import Deriving
from planvev.queries import derivation
from planvev.queries.sparql import read as read_query

TOP = Path(__file__).parents[2]
EXAMPLES = sorted((TOP / "queries").glob("*.rq"))
KEYS = ("title_nb", "title_nn", "title_en", "about_nb", "about_nn", "about_en", "need")
NEEDS = {
    "begreper",
    "kilder",
    "kvalitet",
    "lovgrunnlag",
    "målgrupper",
    "penger",
    "planer",
    "sammenligning",
    "veiledning",
}
AT_LEAST = 20
SECONDS = 2.0
CEILING = 1 << 16
BUILT_IN = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "xsd", "owl", "sh"))

FENCE = re.compile(r"^```sparql\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = [
    pytest.param(match[1], id=f"{path.relative_to(TOP)}:{path.read_text('utf-8')[: match.start()].count(chr(10)) + 1}")
    for path in sorted((TOP / "docs").rglob("*.md"))
    for match in FENCE.finditer(path.read_text("utf-8"))
]

each_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def sources() -> list[tuple[str, list[ox.Triple]]]:
    """Role and triples of every file, blank nodes named as publishing names them."""
    return [(s.role, rdf.with_stable_blanks(read(s).triples, s.graph)) for s in Library(TOP, Base()).sources()]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The real library as it is published."""
    store = ox.Store()
    for source in Library(TOP, Base()).sources():
        graph = ox.NamedNode(source.graph)
        for triple in rdf.with_stable_blanks(read(source).triples, source.graph):
            store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
            if source.role != SHAPES:
                store.add(ox.Quad(triple.subject, triple.predicate, triple.object, ox.DefaultGraph()))
    Deriving(derivation.read(TOP / "ontology"), Base()).into(store)
    return store


@pytest.fixture(scope="module")
def known(sources: list[tuple[str, list[ox.Triple]]]) -> set[str]:
    """Every term the vocabulary names, every thing of ours that the data describe, and the graphs of derived links."""
    links = [rule.slug for rule in derivation.read(TOP / "ontology") if rule.level == "plan"]
    derived = {derivation.graph(Base(), level, slug) for level in derivation.LEVELS for slug in links}
    derived.add(derivation.graph(Base(), "period", "period"))
    return derived | {iri for role, triples in sources if role != SHAPES for iri in rdf.subjects(triples)}


def head(path: Path) -> dict[str, str]:
    """The `#+ key: value` lines before the query."""
    lines = path.read_text("utf-8").split("\nPREFIX ", 1)[0].splitlines()
    return dict(line.removeprefix("#+ ").split(": ", 1) for line in lines if line)


def named(query: str) -> set[str]:
    """Every IRI in a query, prefixed names written out."""
    code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', re.sub(r"(?m)^\s*#.*$", "", query))
    declared = {**PREFIXES, "search": matching.NAMESPACE, **dict(re.findall(r"PREFIX (\w*): <([^>]*)>", code))}
    body = re.sub(r"PREFIX \w*: <[^>]*>", "", code)
    whole = set(re.findall(r"<([^<>\s]+)>", body))
    body = re.sub(r"<[^<>\s]+>", "", body)
    return whole | {declared[p] + local for p, local in re.findall(r"(?<![?\w:])(\w+):([\w-]+)", body)}


def strange(query: str, known: set[str]) -> set[str]:
    """The terms and things a query names that do not exist."""
    return {iri for iri in named(query) - known if not iri.startswith(BUILT_IN) and iri != matching.MATCHES}


@pytest.fixture(scope="module", autouse=True)
def find(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The search index of the real library, for queries that ask it."""
    folder = tmp_path_factory.mktemp("index")
    texts = [read(source) for source in Library(TOP, Base()).sources()]
    search_index.build(folder / search_index.SEARCH, texts, Base())
    _index.append(SearchIndex(folder))
    yield
    _index.clear()


_index: list[SearchIndex] = []


def answer(store: ox.Store, query: str) -> tuple[list[ox.QuerySolution], float]:
    begun = time.perf_counter()
    asked = read_query(query, CEILING)
    if found := matching.matches(asked):
        query, _ = matching.answered(asked, found, _index[0].matching)
    solutions = store.query(query, prefixes=PREFIXES)
    assert isinstance(solutions, ox.QuerySolutions)
    rows = list(solutions)
    return rows, time.perf_counter() - begun


def test_there_are_examples_enough_and_each_has_its_number():
    assert len(EXAMPLES) >= AT_LEAST
    assert [int(path.name[:2]) for path in EXAMPLES] == list(range(1, len(EXAMPLES) + 1))
    assert not [path.name for path in EXAMPLES if not re.fullmatch(r"\d\d(-[a-z0-9]+)+\.rq", path.name)]


@each_example
def test_an_example_says_what_it_is_in_three_languages(path: Path):
    said = head(path)
    assert set(said) - {"empty"} == set(KEYS)
    assert all(said.values())
    assert said["need"] in NEEDS


@pytest.mark.parametrize("key", ["title_nb", "title_nn", "title_en"])
def test_no_two_examples_have_one_title(key):
    titles = [head(path)[key] for path in EXAMPLES]
    assert len(titles) == len(set(titles))


@each_example
def test_an_example_declares_its_prefixes_and_runs_anywhere(path: Path):
    """It parses with no prefix known beforehand, and nothing in it is beyond SPARQL 1.1 or bound to one host."""
    query = path.read_text("utf-8")
    assert read_query(query, CEILING).kind == "SELECT"
    ox.Store().query(query)
    assert not re.search(r"\bLATERAL\b|<<", query)
    used = {name for name, _ in re.findall(r"PREFIX (\w+): <([^>]*)>", query)}
    assert not [name for name in used if len(re.findall(rf"(?<![\w:]){name}:", query)) < 2], "declared and not used"


@each_example
def test_an_example_that_may_grow_is_limited_or_counts(path: Path):
    query = path.read_text("utf-8")
    assert re.search(r"^(LIMIT \d+|GROUP BY|  VALUES )|body:kommune|plan:Precedence|plan:order", query, re.MULTILINE)


@each_example
def test_an_example_names_only_what_exists(path: Path, known: set[str]):
    assert not strange(path.read_text("utf-8"), known)


@each_example
def test_an_example_answers_in_time_and_with_rows(path: Path, store: ox.Store):
    rows, seconds = answer(store, path.read_text("utf-8"))
    assert seconds < SECONDS
    assert rows or head(path).get("empty")


@each_example
def test_an_example_shows_no_row_twice(path: Path, store: ox.Store):
    rows, _ = answer(store, path.read_text("utf-8"))
    shown = [tuple(map(str, row)) for row in rows]
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("query", SHOWN)
def test_a_query_in_the_documentation_runs_and_answers(query: str, store: ox.Store, known: set[str]):
    assert read_query(query, CEILING).kind
    assert not strange(query, known)
    rows, seconds = answer(store, query)
    assert seconds < SECONDS
    assert rows


def test_the_documentation_shows_queries():
    assert SHOWN
