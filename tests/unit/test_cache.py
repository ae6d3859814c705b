"""Answers from memory: made once, never stale, never more than fits."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.testclient import TestClient

from planvev.engines.snapshot import CURRENT, Shelf
from planvev.web.cache import CEILING, LARGE, LARGEST, POSTED, Memory


class Maker:
    """An application that says which answer this is, counted from 1, and what a test wants of it."""

    def __init__(self) -> None:
        self.made = 0
        self.status = 200
        self.headers = {"ETag": 'W/"one"'}
        self.size = 0
        self.stream = False
        self.meanwhile: Any = lambda: None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.made += 1
        self.meanwhile()
        text = f"{self.made} {Request(scope).url.path}".ljust(self.size, ".")
        body: Any = StreamingResponse(iter((text[:3], text[3:])), self.status, self.headers)
        answer = body if self.stream else Response(text, self.status, self.headers)
        await answer(scope, receive, send)


@pytest.fixture
def state(tmp_path):
    point(tmp_path, "one-1")
    return tmp_path


def point(state: Path, snapshot: str) -> None:
    (state / CURRENT).unlink(missing_ok=True)
    (state / CURRENT).symlink_to(Path("snapshots") / snapshot)


@pytest.fixture
def maker():
    return Maker()


@pytest.fixture
def day():
    return [date(2025, 3, 1)]


@pytest.fixture
def memory(maker, state, day):
    return Memory(maker, Shelf(state), lambda: day[0], ceiling=100_000)


@pytest.fixture
def client(memory):
    return TestClient(memory)


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_is_made_once(client, maker, stream):
    maker.stream = stream
    first, second = client.get("/doc/a.html"), client.get("/doc/a.html")
    assert first.text == second.text == "1 /doc/a.html"
    assert dict(first.headers) == dict(second.headers)


def test_what_layers_outside_add_is_added_once(memory):
    client = TestClient(CORSMiddleware(memory, allow_origins=["*"], allow_credentials=True))
    answers = [client.get("/doc/a.html", headers={"Origin": "https://a.example", "Cookie": "a=b"}) for _ in range(3)]
    assert answers[0].headers.multi_items() == answers[1].headers.multi_items() == answers[2].headers.multi_items()


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/doc/b.html", {}),
        ("/doc/a.html?lang=nn", {}),
        ("/doc/a.html", {"Accept-Language": "nn"}),
        ("/doc/a.html", {"Accept": "text/turtle"}),
        ("/doc/a.html", {"Accept-Encoding": "identity"}),
        ("/doc/a.html", {"Host": "another.example"}),
        ("https://testserver/doc/a.html", {}),
    ],
)
def test_what_an_answer_varies_by_is_made_anew(client, address, headers):
    client.get("/doc/a.html")
    assert client.get(address, headers=headers).text.startswith("2 ")
    assert client.get("/doc/a.html").text.startswith("1 ")


def test_another_snapshot_is_made_anew_and_the_old_one_is_still_known(client, state):
    client.get("/doc/a.html")
    point(state, "two-2")
    assert client.get("/doc/a.html").text.startswith("2 ")
    point(state, "one-1")
    assert client.get("/doc/a.html").text.startswith("1 ")


def test_another_day_is_made_anew(client, day):
    client.get("/doc/a.html")
    day[0] = date(2025, 3, 2)
    assert client.get("/doc/a.html").text.startswith("2 ")


def test_what_is_published_while_an_answer_is_made_is_not_mistaken(client, maker, state):
    numbers = itertools.count(2)
    maker.meanwhile = lambda: point(state, f"next-{next(numbers)}")
    client.get("/doc/a.html")
    maker.meanwhile = lambda: None
    assert client.get("/doc/a.html").text.startswith("2 ")


def test_who_has_the_answer_is_told_that_it_is_unchanged(client, maker):
    client.get("/doc/a.html")
    answer = client.get("/doc/a.html", headers={"If-None-Match": 'W/"one"'})
    assert (answer.status_code, answer.content, maker.made) == (304, b"", 1)
    assert client.get("/doc/a.html", headers={"If-None-Match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("status", "headers"), [(404, {"ETag": 'W/"one"'}), (200, {}), (303, {"Location": "/"}), (503, {})]
)
def test_only_whole_answers_with_a_validator_are_kept(client, maker, status, headers):
    maker.status, maker.headers = status, headers
    client.get("/doc/a.html", follow_redirects=False)
    client.get("/doc/a.html", follow_redirects=False)
    assert maker.made == 2


@pytest.mark.parametrize(("method", "address"), [("POST", "/doc/a.html"), ("HEAD", "/doc/a.html"), ("HEAD", "/sparql")])
def test_other_methods_pass(client, maker, method, address):
    client.request(method, address)
    client.request(method, address)
    assert maker.made == 2


def test_a_query_is_made_once_however_it_is_sent(client, maker):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(3):
        assert client.get("/sparql?query=ASK{}").text.startswith("1 ")
    for _ in range(3):
        assert client.post("/sparql", content="query=ASK{}", headers=form).text.startswith("2 ")
    assert client.post("/sparql", content="query=ASK{ }", headers=form).text.startswith("3 ")
    assert client.post("/sparql", content="query=ASK{}", headers={"Content-Type": "text/x"}).text.startswith("4 ")


def test_a_post_is_no_get(client):
    assert client.get("/sparql").text.startswith("1 ")
    assert client.post("/sparql").text.startswith("2 ")


@pytest.mark.parametrize("size", [100, POSTED, POSTED + 1, 5 * POSTED])
def test_what_is_posted_reaches_the_handler_whole(state, size):
    async def echo(scope, receive, send):
        await Response(await Request(scope, receive).body())(scope, receive, send)

    client = TestClient(Memory(echo, Shelf(state), date.today))
    body = b"a" * (size - 1) + b"z"
    assert client.post("/sparql", content=iter([body[:70], body[70:]])).content == body


def test_queries_never_push_pages_out(client, maker, memory):
    client.get("/doc/a.html")
    maker.size = 10_000
    for number in range(50):
        client.get(f"/sparql?query={number}")
    assert memory.queries.size <= 100_000
    assert client.get("/doc/a.html").text.startswith("1 ")


def test_without_a_snapshot_nothing_is_kept(client, maker, state):
    (state / CURRENT).unlink()
    client.get("/doc/a.html")
    client.get("/doc/a.html")
    assert maker.made == 2


def test_a_large_answer_passes_whole_and_is_made_each_time(client, maker):
    maker.size = LARGE + 1
    assert len(client.get("/doc/a.ttl").content) == maker.size
    assert client.get("/doc/a.ttl").text.startswith("2 ")


@pytest.mark.parametrize("stream", [False, True])
def test_a_large_answer_to_a_query_is_made_once_and_pushes_no_small_one_out(maker, state, stream):
    memory = Memory(maker, Shelf(state), lambda: date(2025, 3, 1))
    client = TestClient(memory)
    client.get("/sparql?query=small")
    maker.stream, maker.size = stream, LARGEST
    for number in range(CEILING // LARGEST + 1):
        first = client.get(f"/sparql?query={number}")
        assert len(first.content) == LARGEST
        assert client.get(f"/sparql?query={number}").content == first.content
    made = maker.made
    assert memory.large.size <= CEILING
    assert client.get("/sparql?query=small").text.startswith("1 ")
    assert maker.made == made
    assert client.get("/sparql?query=0").text.startswith(f"{made + 1} ")  # the oldest of the large ones has gone


def test_an_answer_larger_than_that_is_made_each_time(maker, state):
    client = TestClient(Memory(maker, Shelf(state), lambda: date(2025, 3, 1)))
    maker.size = LARGEST + 1
    assert len(client.get("/sparql?query=a").content) == maker.size
    assert client.get("/sparql?query=a").text.startswith("2 ")


def test_memory_has_a_ceiling_and_what_is_asked_for_stays(client, memory, maker):
    maker.size = 10_000
    client.get("/often")
    for number in range(50):
        client.get(f"/doc/{number}")
        assert client.get("/often").text.startswith("1 ")
        assert memory.pages.size <= 100_000
    made = maker.made
    client.get("/doc/0")
    assert maker.made == made + 1, "the one not asked for longest had to go"
