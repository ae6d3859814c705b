"""A query that comes again is answered from memory as it was answered the first time, byte for byte."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from planvev.names import COMMON
from planvev.settings import Settings
from planvev.web.app import Service, _desk
from planvev.web.glances import Glances
from tests.web import serving
from tests.web.serving import Server

QUERY = "/sparql?query=" + quote("SELECT ?plan { ?plan a plan:Plan } ORDER BY ?plan LIMIT 30 # express")
PLAN = f"{COMMON}/id/plan/moss/koa-2022-2026"
ORIGIN = "Origin: https://example.org\r\n"
CSV = "Accept: text/csv\r\n"


class Wire:
    """A connection on which bytes are sent, and whole answers are read."""

    def __init__(self, server: Server) -> None:
        address = urlsplit(server.url)
        assert address.hostname
        self.socket = socket.create_connection((address.hostname, address.port or 80), timeout=30)
        self.file = self.socket.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def ask(self, headers: str = "", query: str = QUERY, host: str = "127.0.0.1") -> tuple[int, dict[str, str], bytes]:
        self.socket.sendall(f"GET {query} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode())
        status = int(self.file.readline().split()[1])
        found = {}
        while line := self.file.readline().strip().decode():
            name, _, value = line.partition(": ")
            assert name not in found
            found[name] = value
        return status, found, self.file.read(int(found.get("content-length", "0")))


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    found = Wire(server)
    yield found
    found.close()


@pytest.mark.parametrize(
    "headers",
    [
        CSV,
        "",
        CSV + "Origin: https://example.org\r\n",
        CSV + "Accept-Encoding: gzip\r\n",
        "Accept: application/json\r\n",
    ],
)
def test_the_same_question_has_the_same_answer_but_for_its_number(wire, headers):
    answers = [wire.ask(headers) for _ in range(4)]
    assert len({found.pop("x-request-id") for _, found, _ in answers}) == 4
    for _, found, _ in answers:
        del found["date"]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 200
    assert answers[0][1]["x-content-type-options"] == "nosniff"


LOOKUPS = (
    f"ASK {{ <{PLAN}> a plan:Plan }}",
    f"SELECT ?p ?o WHERE {{ <{PLAN}> ?p ?o }}",  # long enough to be packed
    f"SELECT ?title {{ <{PLAN}> dct:title ?title }}",
)


LITTLE = (
    "SELECT ?s { ?s a plan:Plan ; dct:title ?title } LIMIT 1",
    f"SELECT ?a ?w {{ ?a dct:isPartOf <{PLAN}> ; dct:title ?w FILTER(LANG(?w) != 'en') }} ORDER BY ?w",
    "SELECT ?plan ?end { ?plan a plan:Plan ; dct:temporal/dcat:endDate ?year BIND(STR(?year) AS ?end) } ORDER BY ?end",
    "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class",
)
NOT_LITTLE = (
    "SELECT ?s { ?s ?p ?o }",
    "SELECT ?a ?b { ?a a plan:Strategy . ?b a plan:Strategy }",
    "SELECT ?a ?b { ?a plan:inFocusArea ?of . ?b plan:inFocusArea ?of . ?c plan:inFocusArea ?of }",
    "SELECT (REPLACE(?title, 'e', 'eeeeeeeeee') AS ?t) { ?s a plan:Plan ; dct:title ?title }",
    "SELECT ?s { ?s a plan:Plan FILTER(REGEX(STR(?s), '(a+)+$')) }",
    "SELECT ?s ('" + "words " * 600 + "' AS ?t) { ?s a plan:Strategy }",
    "SELECT ?s { ?s a plan:Plan OPTIONAL { ?s dct:title ?title } }",
)


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("headers", [CSV, "", CSV + "Accept-Encoding: gzip\r\n", CSV + "Accept-Encoding: gzip;q=0\r\n"])
def test_a_look_up_is_answered_at_once_as_it_is_by_the_application(wire, lookup, headers):
    asked = "/sparql?query=" + quote(lookup)
    # Who asks from another origin is answered by the application; hosts are answered apart, so neither from memory.
    said = [wire.ask(headers + more, asked, host) for host, more in (("one.example", ""), ("two.example", ORIGIN))]
    (status, straight, body), (other_status, around, other_body) = said
    for found in (straight, around):
        del found["date"], found["x-request-id"]
    for name in [name for name in around if name.startswith("access-control-")]:
        del around[name]
    assert (status, straight, body) == (other_status, around, other_body)
    assert (status, straight["vary"].endswith("Origin")) == (200, True)


def test_what_is_answered_at_once_is_little_and_asked_by_get(server, tmp_path):
    desk, _ = _desk(Settings.load(serving.settings(server.state)), tmp_path)
    glances = Glances(desk)

    def at_once(query: str, more: str = "", accept: bytes = b"text/csv") -> bool:
        asked = {"query_string": f"query={quote(query)}{more}".encode(), "headers": [(b"accept", accept)]}
        return glances.at_hand(asked | {"client": ("127.0.0.1", 9)}) is not None

    assert not at_once(LOOKUPS[0]), "no snapshot is open yet"
    desk.shelf.current()
    assert all(at_once(lookup) for lookup in LOOKUPS)
    assert not at_once(LOOKUPS[0], "&explain=1")
    assert not at_once(LOOKUPS[0], accept=b"text/html")
    assert not at_once(LOOKUPS[0], "&default-graph-uri=" + quote(PLAN))
    assert not at_once("ASK { ?s ?p")

    async def in_turn(query: str) -> bool:
        await asyncio.sleep(0)
        return at_once(query)

    async def asked() -> None:
        for _ in range(2):  # by the text, then by its shape
            for query in LITTLE + NOT_LITTLE:
                assert await in_turn(query) == (query in LITTLE), query

    asyncio.run(asked())
    desk.permits.close()


def test_a_turn_of_the_event_loop_has_few_little_queries(server, tmp_path):
    desk, _ = _desk(Settings.load(serving.settings(server.state)), tmp_path)
    desk.shelf.current()
    glances = Glances(desk)

    def answered(query: str, *clients: int) -> list[bool]:
        asked = {"query_string": f"query={quote(query)}".encode(), "headers": [(b"accept", b"text/csv")]}
        return [glances.at_hand(asked | {"client": (f"127.0.0.{client}", 9)}) is not None for client in clients]

    async def turns() -> None:
        assert answered(LITTLE[0], 1, 1, 1, 2, 2, 3) == [True, True, False, True, True, False]
        assert answered(LOOKUPS[0], 1, 3) == [True, True], "look-ups are not counted"
        await asyncio.sleep(0)
        desk.making = 1
        assert answered(LITTLE[0], 1, 2) == [False, False], "a page is being made"
        await asyncio.sleep(0)
        desk.making = 0
        assert answered(LITTLE[0], 1, 2) == [True, True]

    asyncio.run(turns())
    desk.permits.close()


def test_a_page_counts_as_being_made_until_it_is_sent_however_it_ends(server, tmp_path):
    desk, _ = _desk(Settings.load(serving.settings(server.state)), tmp_path)
    made: list[int] = []

    async def page(request: Request) -> Response:
        made.append(desk.making)
        if request.url.path == "/fails":
            raise LookupError
        return Response()

    app = Service(routes=[Route("/page", page), Route("/fails", page)])
    app.desk = desk
    with TestClient(app) as client:
        client.get("/page")
        with pytest.raises(LookupError):
            client.get("/fails")
    assert made == [1, 1]
    assert desk.making == 0
    desk.permits.close()


def test_another_format_is_another_answer(wire):
    for _ in range(3):
        assert wire.ask(CSV)[1]["content-type"].startswith("text/csv")
        assert wire.ask("Accept: text/tab-separated-values\r\n")[1]["content-type"].startswith("text/tab")


def test_one_who_has_the_answer_is_told_so_every_time(wire):
    tag = wire.ask(CSV)[1]["etag"]
    for _ in range(3):
        assert wire.ask(CSV + f"If-None-Match: {tag}\r\n")[0] == 304
        assert wire.ask(CSV + 'If-None-Match: "another"\r\n')[0] == 200


def test_what_changes_every_time_is_computed_every_time(wire):
    asked = "/sparql?query=" + quote("SELECT (STRUUID() AS ?u) {}")
    assert len({wire.ask(CSV, asked)[2] for _ in range(4)}) == 4


def test_the_endpoint_never_tells_one_host_the_name_of_another(server):
    for host in ("one.example", "another.example", "one.example"):
        described = server.get("/sparql", accept="text/turtle", host=host).text
        assert f"<http://{host}/sparql>" in described
