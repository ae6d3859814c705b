"""Derived links say what the asserted statements say, cost little, stay out of ordinary queries, and follow a change.

The first organisations of a made-up country are published once; what its rules derive is held to questions that are
written here, over the asserted statements alone.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store
from starlette.testclient import TestClient

from benchmarks.generate import BASE, generate
from planvev.engines.snapshot import Shelf, Snapshot
from planvev.errors import StateUnusable
from planvev.library import Library
from planvev.names import Base
from planvev.publishing import derived_check
from planvev.publishing.publish import Manner, publish
from planvev.queries import derivation
from planvev.queries.derivation import COUNTS, LINK_FROM, LINK_TO, OTHERS
from planvev.settings import Settings
from planvev.web.app import create_app
from tests.conftest import TOP
from tests.library.copies import NATURE, SHAPES, copied
from tests.library.copies import PREFIXES as SHAPE_PREFIXES

SIZE = 45_000  # the first municipalities come after a directorate and their county
COUNTRY = Base(BASE)
RULES = derivation.read(TOP / "ontology")
PREFIXES = """
PREFIX plan: <https://w3id.org/planvev/ns#>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX eli: <http://data.europa.eu/eli/ontology#>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
"""
# What leads from an element of a plan to each kind of thing, said once more and not as the rules say it.
TOP_OF = "FILTER NOT EXISTS { ?to eli:is_part_of ?above }"
ASKED = {
    "provision": "?element plan:legalBasis ?basis . ?basis eli:is_part_of* ?to . ?to eli:is_part_of ?above .",
    "law": f"?element plan:legalBasis ?basis . ?basis eli:is_part_of* ?to . {TOP_OF}",
    "guidance": "{ ?element plan:guidedBy ?to } UNION { ?element plan:buildsOn ?to } ?to a plan:Guidance .",
    "target-group": "{ ?element plan:targets ?to } UNION { ?element dct:audience ?to }",
    "goal": "?element plan:pursues ?to .",
}
FLAGSHIP = f"""{PREFIXES} PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name (COUNT(DISTINCT ?plan) AS ?plans) (COUNT(DISTINCT ?s) AS ?strategies) (COUNT(DISTINCT ?m) AS ?measures) {{
  ?owner dct:type <https://w3id.org/planvev/id/code/organisation-type/kommune> ; skos:prefLabel ?name .
  FILTER(LANG(?name) = "nb")
  OPTIONAL {{
    ?element plan:legalBasis/eli:is_part_of* <%s> ; dct:isPartOf? ?plan .
    ?plan a plan:Plan ; dct:publisher ?owner ; dct:temporal [ dcat:startDate ?start ; dcat:endDate ?end ] .
    FILTER(STR(?start) <= STR(YEAR(NOW())) && STR(?end) >= STR(YEAR(NOW())))
    OPTIONAL {{ ?element a plan:Strategy BIND(?element AS ?s) }}
    OPTIONAL {{ ?element a plan:Measure BIND(?element AS ?m) }}
  }}
}} GROUP BY ?name"""
LEVELS = {
    "plan": "BIND(?plan AS ?from)",
    "organisation": "?plan dct:publisher|dct:creator ?from .",
    "county": """?plan dct:publisher|dct:creator ?body .
        { ?body plan:inCounty ?from } UNION { ?any plan:inCounty ?from . BIND(?from AS ?body) }""",
}


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The made-up country, published."""
    home = tmp_path_factory.mktemp("country")
    generate(home / "library", SIZE)
    shapes = home / "library" / "shapes" / "core" / "plan.ttl"  # one shape: what is judged here is not the data
    shapes.parent.mkdir(parents=True)
    shapes.write_text(SHAPE_PREFIXES + SHAPES["core/plan"], "utf-8")
    done = publish(Library(home / "library", COUNTRY), home / "state", Manner(1))
    return Snapshot(done.folder)


def stated(store: Store, level: str, slug: str) -> dict[tuple[str, str], dict[str, int]]:
    """What the derived graph says, by where from and where to."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    name = NamedNode(derivation.graph(COUNTRY, level, slug))
    for quad in store.quads_for_pattern(None, NamedNode(LINK_FROM), None, name):
        about = {q.predicate.value: q.object for q in store.quads_for_pattern(quad.subject, None, None, name)}
        start, to = about.pop(LINK_FROM), about.pop(LINK_TO)
        found[value(start), value(to)] = {kind: int(value(count)) for kind, count in about.items()}
    return dict(found)


def value(term: object) -> str:
    assert isinstance(term, Literal | NamedNode | BlankNode)
    return term.value


def asked(store: Store, level: str, slug: str) -> dict[tuple[str, str], dict[str, int]]:
    """What the asserted statements answer."""
    query = f"""{PREFIXES} SELECT ?from ?to ?kind (COUNT(DISTINCT ?element) AS ?count) WHERE {{
      {{ ?plan a plan:Plan . BIND(?plan AS ?element) }} UNION {{ ?plan a plan:Plan . ?element dct:isPartOf ?plan }}
      {LEVELS[level]} ?element a ?kind . {ASKED[slug]} }} GROUP BY ?from ?to ?kind"""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for start, to, kind, count in rows(store, query):
        found[start, to][COUNTS.get(kind, OTHERS)] += int(count)
    return {key: dict(counts) for key, counts in found.items()}


def rows(store: Store, query: str) -> set[tuple[str, ...]]:
    answer = store.query(query)
    assert isinstance(answer, QuerySolutions)
    return {tuple(map(value, row)) for row in answer}


@pytest.mark.parametrize("slug", ASKED)
@pytest.mark.parametrize("level", LEVELS)
def test_every_link_is_what_the_asserted_statements_say(country, level, slug):
    links = stated(country.store, level, slug)
    assert links == asked(country.store, level, slug)
    assert links


def test_links_are_less_than_a_quarter_of_what_is_asserted(country):
    derived = sum(entry.triples for entry in country.manifest.graphs if entry.role == derivation.DERIVED)
    assert 0 < derived < country.manifest.triples / 4


def test_the_flagship_question_has_the_same_answer_by_links_and_by_statements(country):
    linked = Counter(to for _, to in stated(country.store, "organisation", "provision"))
    parts = rows(country.store, f"{PREFIXES} SELECT ?part ?above {{ ?part eli:is_part_of ?above }}")
    section = min(above for part, above in parts if {part, above} <= linked.keys())
    text = next((TOP / "queries").glob("35-*.rq")).read_text("utf-8")
    text = text.replace("https://w3id.org/planvev/graph/derived/", f"{BASE}/graph/derived/")
    for provision in (linked.most_common(1)[0][0], section):
        by_links = rows(country.store, text.replace("https://w3id.org/planvev/id/law/2021-06-18-97/p15-1", provision))
        assert by_links == rows(country.store, FLAGSHIP % provision)
        assert {row[1] for row in by_links} > {"0"}, "some rest on it and some do not"


def test_no_ordinary_query_meets_a_link(country):
    assert not country.store.query(f"ASK {{ ?any <{LINK_FROM}> ?thing }}")
    assert country.store.query(f"ASK {{ GRAPH ?g {{ ?any <{LINK_FROM}> ?thing }} }}")


@pytest.mark.parametrize("fault", ["missing", "miscounted", "too many"])
def test_a_link_that_is_wrong_stops_the_publish(country, tmp_path, fault):
    shutil.copytree(country.folder, tmp_path / "copy")
    store = Store(str(tmp_path / "copy" / "store"))
    name = NamedNode(derivation.graph(COUNTRY, "organisation", "provision"))
    for quad in list(store.quads_for_pattern(None, NamedNode(LINK_FROM), None, name)):
        if fault == "missing":
            store.remove(quad)
        elif fault == "too many":
            store.add(Quad(quad.object, NamedNode(derivation.LINKS_TO), NamedNode("about:nothing"), name))  # type: ignore[arg-type]
        else:
            store.add(Quad(quad.subject, NamedNode(OTHERS), Literal(7), name))
    store.flush()
    del store
    with pytest.raises(StateUnusable, match=r"ontology/rules/provision\.rq derives"):
        derived_check.verify(Snapshot(tmp_path / "copy"), RULES, COUNTRY)


def test_a_period_that_is_wrong_stops_the_publish(country, tmp_path):
    shutil.copytree(country.folder, tmp_path / "copy")
    store = Store(str(tmp_path / "copy" / "store"))
    name = NamedNode(derivation.graph(COUNTRY, "period", "period"))
    for quad in list(store.quads_for_pattern(None, NamedNode(derivation.LINK_END), None, name)):
        store.remove(quad)
    store.flush()
    del store
    with pytest.raises(StateUnusable, match=r"ontology/rules/period\.rq derives"):
        derived_check.verify(Snapshot(tmp_path / "copy"), RULES, COUNTRY)


def test_a_changed_rule_has_everything_derived_anew(tmp_path):
    copy = copied(tmp_path)
    shutil.copytree(TOP / "ontology", copy.root / "ontology", ignore=shutil.ignore_patterns("releases"))
    assert copy.publish().new
    assert not copy.publish().new
    rule = copy.root / "ontology" / "rules" / "goal.rq"
    rule.write_text(rule.read_text("utf-8").replace("plan:pursues", "plan:implementsStrategy"), "utf-8")
    assert copy.publish().new


def test_a_derived_graph_has_an_address_and_can_be_a_dataset(tmp_path):
    copy = copied(tmp_path)
    copy.publish()
    assert Shelf(copy.state).current().manifest.graphs
    web = TestClient(create_app(Settings.load(copy.environment())), base_url="http://127.0.0.1")
    with web:
        page = web.get("/graph/derived/period.ttl")
        assert page.status_code == 200
        assert NATURE in page.text
        graph = "https://w3id.org/planvev/graph/derived/period"
        query = f"SELECT (COUNT(*) AS ?n) FROM <{graph}> {{ ?plan <{derivation.LINK_START}> ?day }}"
        answer = web.get("/sparql", params={"query": query, "format": "csv"})
        assert (answer.status_code, int(answer.text.split()[1]) > 0) == (200, True)
