"""SPARQLWrapper, the client that analysts use, against the endpoint: every kind of query in every format it knows."""

from __future__ import annotations

import json
from urllib.error import HTTPError
from xml.dom.minidom import Document

import pytest
import rdflib
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDF, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from planvev.names import COMMON

KOA = f"{COMMON}/id/plan/moss/koa-2022-2026"
PREFIX = f"PREFIX plan: <{COMMON}/ns#>\nPREFIX dct: <http://purl.org/dc/terms/>\n"
SELECT = PREFIX + f"SELECT ?text WHERE {{ <{KOA}/strategy/1-1> plan:text ?text }}"
CONSTRUCT = (
    PREFIX + f"CONSTRUCT {{ ?s a plan:Strategy }} WHERE {{ ?s a plan:Strategy ; plan:inFocusArea <{KOA}/area/1> }}"
)
WARNS = "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"  # rdflib, when SPARQLWrapper hands it JSON-LD


def client(server, query: str, form: str | None, method: str = GET, direct: bool = False) -> SPARQLWrapper:
    wrapper = SPARQLWrapper(f"{server.url}/sparql")
    wrapper.setQuery(query)
    wrapper.setMethod(method)
    if direct:
        wrapper.setRequestMethod(POSTDIRECTLY)
    if form:
        wrapper.setReturnFormat(form)
    return wrapper


def fetched(wrapper: SPARQLWrapper):
    """The converted answer; its connection is closed, which SPARQLWrapper leaves to its users."""
    result = wrapper.query()
    try:
        return result.convert()
    finally:
        result.response.close()


@pytest.mark.parametrize(("method", "direct"), [(GET, False), (POST, False), (POST, True)])
@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_select_in_every_format_and_by_every_method(server, form, method, direct):
    answer = fetched(client(server, SELECT, form, method, direct))
    words = json.dumps(answer, ensure_ascii=False) if form == JSON else answer
    text = words.toxml() if isinstance(words, Document) else words.decode() if isinstance(words, bytes) else words
    (expected,) = server.snapshot.values(f"{KOA}/strategy/1-1", f"{COMMON}/ns#text")
    assert expected.value in text.replace("&quot;", '"')


@pytest.mark.parametrize("form", [JSON, XML, None])
def test_ask_is_true_or_false(server, form):
    answer = fetched(client(server, PREFIX + "ASK { ?s a plan:Plan }", form))
    truth = answer["boolean"] if form == JSON else answer.getElementsByTagName("boolean")[0].firstChild.data == "true"
    assert truth is True


@pytest.mark.filterwarnings(WARNS)
@pytest.mark.parametrize(("method", "direct"), [(GET, False), (POST, False), (POST, True)])
@pytest.mark.parametrize("form", [RDFXML, XML, TURTLE, N3, JSONLD, None])
def test_construct_in_every_format_and_by_every_method(server, form, method, direct):
    answer = fetched(client(server, CONSTRUCT, form, method, direct))
    graph = answer if isinstance(answer, rdflib.Graph) else rdflib.Graph().parse(data=answer, format="turtle")
    strategies = {str(subject) for subject in graph.subjects()}
    assert len(strategies) >= 3
    assert all(f"{KOA}/strategy/1-" in iri for iri in strategies)


@pytest.mark.filterwarnings(WARNS)
@pytest.mark.parametrize("form", [RDFXML, XML, JSONLD])
def test_describe_gives_the_thing_with_its_title(server, form):
    graph = fetched(client(server, f"DESCRIBE <{KOA}>", form))
    titles = set(graph.objects(rdflib.URIRef(KOA), rdflib.DCTERMS.title))
    assert titles == {
        rdflib.Literal(v.value, lang=v.language) for v in server.snapshot.values(KOA, str(rdflib.DCTERMS.title))
    }


@pytest.mark.filterwarnings("ignore:Sending Accept header:RuntimeWarning")
def test_construct_with_the_format_that_leaves_the_choice_to_us(server):
    answer = client(server, CONSTRUCT, RDF).query()
    assert answer.response.status == 200
    answer.response.close()


def test_query_and_convert_and_bindings_work_as_in_its_documentation(server):
    wrapper = client(server, PREFIX + "SELECT ?plan ?title { ?plan a plan:Plan ; dct:title ?title }", JSON)
    rows = fetched(wrapper)["results"]["bindings"]
    assert len(rows) > 10
    assert {"plan", "title"} <= set(rows[0])


def test_default_and_named_graphs_can_be_given_as_parameters(server):
    graph = f"{COMMON}/graph/law/2021-06-18-97"
    wrapper = client(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", JSON)
    wrapper.addParameter("default-graph-uri", graph)
    assert int(fetched(wrapper)["results"]["bindings"][0]["n"]["value"]) == server.snapshot.graphs[graph].triples


def test_a_faulty_query_raises_its_own_exception_with_our_sentence(server):
    with pytest.raises(QueryBadFormed, match="Line 1, column"):
        client(server, "SELECT * { ?s ?p", JSON).query()


def test_a_query_that_takes_too_long_raises_an_error_with_the_status(server):
    wrapper = client(server, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", JSON)
    wrapper.addParameter("timeout", "1")
    with pytest.raises(HTTPError, match="504") as caught:
        wrapper.query()
    caught.value.close()
