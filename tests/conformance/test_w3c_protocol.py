"""The W3C's tests of the SPARQL 1.1 Protocol and Service Description, each as the HTTP requests that its manifest says.

Their update operations are not for this service, which only reads; of each it is shown that it is refused and that
nothing has changed. Every other request is sent as it stands, `/sparql` being the path of the endpoint here.
"""

from __future__ import annotations

import httpx2
import pyoxigraph as ox
import pytest

from tests.conformance import sparql_results, sparql_service
from tests.conformance.sparql_manifest import Exchange, ProtocolCase
from tests.conformance.test_w3c_sparql import CASES, PROTOCOL
from tests.conftest import missing
from tests.web.rdfread import OXIGRAPH, TYPES, quads
from tests.web.serving import Server

SD = "http://www.w3.org/ns/sparql-service-description#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
TABLES = {
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
}


def is_update(case: ProtocolCase) -> bool:
    return "update" in case.name and not case.name.startswith("bad_")


@pytest.fixture(scope="module")
def service(request: pytest.FixtureRequest) -> Server:
    """A server over the data of the whole suite."""
    if not CASES:
        missing("the W3C's suite in ../shared is not here")
    return sparql_service.server(request.config, CASES, PROTOCOL)


def send(service: Server, exchange: Exchange) -> httpx2.Response:
    return service.client.request(
        exchange.method,
        exchange.target.replace("/sparql/", "/sparql", 1),
        headers=dict(exchange.headers),
        content=exchange.body,
    )


def media(answer: httpx2.Response) -> str:
    return str(answer.headers["content-type"]).partition(";")[0]


@pytest.mark.parametrize("case", [c for c in PROTOCOL if not is_update(c)], ids=lambda case: case.name)
def test_a_request_is_answered_as_the_suite_expects(service, case: ProtocolCase):
    for exchange in case.exchanges:
        answer = send(service, exchange)
        assert str(answer.status_code)[0] in exchange.statuses, answer.text
        if exchange.boolean is not None:
            assert sparql_results.read(answer.content, "json") is exchange.boolean
        match exchange.format:
            case "RDF":
                suffix = {media: suffix for suffix, media in TYPES.items()}[media(answer)]
                list(ox.parse(answer.content, OXIGRAPH[suffix]))
            case "tabular" | "boolean":
                assert media(answer) in TABLES


@pytest.mark.parametrize("case", [c for c in PROTOCOL if is_update(c)], ids=lambda case: case.name)
def test_an_update_is_refused_in_plain_words(service, case: ProtocolCase):
    update = case.exchanges[0]
    before = service.get("/sparql?query=SELECT+(COUNT(*)+AS+?n)+{+GRAPH+?g+{+?s+?p+?o+}+}").content
    answer = send(service, update)
    assert answer.status_code in (400, 415)
    assert answer.json()["detail"]
    assert answer.json()["advice"]
    assert service.get("/sparql?query=SELECT+(COUNT(*)+AS+?n)+{+GRAPH+?g+{+?s+?p+?o+}+}").content == before


@pytest.fixture(scope="module")
def description(service: Server) -> list[ox.Quad]:
    return quads(service.get("/sparql"), "ttl")


def test_get_on_the_endpoint_returns_rdf(description):
    """W3C: returns-rdf."""
    assert description


def test_the_description_has_the_endpoint_it_was_fetched_from(service, description):
    """W3C: has-endpoint-triple."""
    endpoint = ox.NamedNode(f"{service.url}/sparql")
    assert [q.object for q in description if q.predicate.value == SD + "endpoint"] == [endpoint]


# Domain and range of what the vocabulary defines and a description may use (SPARQL 1.1 Service Description, section 3).
SCHEMA = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "languageExtension": ("Service", None),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultEntailmentRegime": ("Service", None),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("Dataset", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
FEATURES = {"DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"}
LANGUAGES = {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"}


def test_the_description_conforms_to_its_vocabulary(description):
    """W3C: conforms-to-schema."""
    kinds = {(q.subject, q.object.value.removeprefix(SD)) for q in description if q.predicate.value == RDF_TYPE}
    kinds |= {(ox.NamedNode(SD + name), "Feature") for name in FEATURES}
    kinds |= {(ox.NamedNode(SD + name), "Language") for name in LANGUAGES}
    said = [q for q in description if q.predicate.value.startswith(SD)]
    assert len(said) > 20
    for quad in said:
        domain, reach = SCHEMA[quad.predicate.value.removeprefix(SD)]
        assert (quad.subject, domain) in kinds, quad
        assert reach is None or (quad.object, reach) in kinds or _is_graph(kinds, quad.object, reach), quad


def _is_graph(kinds: set, node: object, reach: str) -> bool:
    return reach == "Graph" and any((node, kind) in kinds for kind in ("Graph", "NamedGraph"))
