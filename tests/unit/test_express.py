"""What is at hand is answered at once, in its turn, and only where nothing else goes on with the connection."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from planvev.web import express
from planvev.web.express import Express, protocol
from planvev.web.layers import AT_HAND

GET = b"GET /kept HTTP/1.1\r\nHost: a\r\n\r\n"
OTHER = b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n"


class Wire(asyncio.Transport):
    """The far end of a connection: keeps what is written, and does nothing by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = self.resting = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 9), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.resting = True

    def resume_reading(self) -> None:
        self.resting = False


class Connection:
    """A connection to an application that answers everything as `made`, with one address in memory, as `kept`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.wire = Wire()
        state = ServerState()
        state.default_headers = [(b"date", b"today")]
        config = uvicorn.Config(self._app, log_config=None, interface="asgi3", proxy_headers=False)
        self.express = Express(config, state, {AT_HAND: self._kept})
        self.express.connection_made(self.wire)

    async def _app(self, scope: Any, _receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"made"})

    @staticmethod
    def _kept(scope: Any) -> tuple[bytes, bytes] | None:
        return (b"content-length: 4\r\n", b"kept") if scope["path"] == "/kept" else None

    async def said(self, *parts: bytes) -> list[bytes]:
        """What has been answered when all is done."""
        for part in parts:
            self.express.data_received(part)
        while self.express.tasks:
            await asyncio.wait(self.express.tasks)
            await asyncio.sleep(0)  # in which uvicorn takes them off its list
        return re.findall(rb"kept|made", self.wire.written)


@pytest.fixture
def ask():
    def asked(*parts: bytes) -> tuple[list[bytes], Connection]:
        async def test() -> tuple[list[bytes], Connection]:
            connection = Connection()
            found = await connection.said(*parts)
            if connection.express.timeout_keep_alive_task:
                connection.express.timeout_keep_alive_task.cancel()
            return found, connection

        return asyncio.run(test())

    return asked


def test_the_uvicorn_that_is_installed_is_known_here():
    assert protocol() is Express


def test_another_uvicorn_is_left_as_it_is(monkeypatch):
    monkeypatch.setitem(express.INSIDE, HttpToolsProtocol, {"something it does not have"})
    assert protocol() is HttpToolsProtocol
    monkeypatch.undo()
    monkeypatch.setattr(HttpToolsProtocol, "_start_asgi_task", lambda _self, _cycle: None)
    assert protocol() is HttpToolsProtocol


def test_what_is_at_hand_is_answered_without_the_application(ask):
    found, connection = ask(GET)
    assert (found, connection.asked) == ([b"kept"], [])
    assert re.fullmatch(
        rb"HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 4\r\nx-request-id: [0-9a-f]{12}\r\n\r\nkept",
        connection.wire.written,
    )
    assert connection.express.server_state.total_requests == 1
    assert not connection.wire.closed


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((GET[:9], GET[9:]), [b"kept"]),
        ((GET * 3,), [b"kept"] * 3),
        ((GET, GET, GET), [b"kept"] * 3),
        # In its turn: what waits behind another request is answered behind it.
        ((OTHER + GET,), [b"made", b"kept"]),
        ((OTHER + GET * 3000,), [b"made"] * 3000 + [b"kept"]),  # only the last has the connection to itself
        ((GET + OTHER + GET,), [b"kept", b"made", b"kept"]),
        # What looks like a request is the body of another one.
        ((OTHER.replace(b"a\r\n", b"a\r\nContent-Length: %d\r\n" % len(GET)), GET), [b"made"]),
        ((GET.replace(b"a\r\n", b"a\r\nContent-Length: %d\r\n" % len(GET)), GET, OTHER), [b"kept", b"made"]),
        ((GET.replace(b"a\r\n", b"a\r\nTransfer-Encoding: chunked\r\n"), b"4\r\nGET \r\n0\r\n\r\n", OTHER), None),
    ],
)
def test_requests_are_answered_one_after_another_as_they_were_sent(ask, parts, expected):
    found, connection = ask(*parts)
    assert found == (expected or [b"kept", b"made"])
    assert not connection.wire.resting


@pytest.mark.parametrize(
    "request_",
    [GET.replace(b"1.1", b"1.0"), GET.replace(b"a\r\n", b"a\r\nConnection: close\r\n")],
)
def test_a_connection_that_is_to_close_is_closed_by_uvicorn(ask, request_):
    found, connection = ask(request_)
    assert (found, connection.asked) == ([b"made"], ["/kept"])
    assert connection.wire.closed
    assert b"connection: close" in connection.wire.written


def test_whoever_waits_to_be_told_to_go_on_is_left_to_uvicorn(ask):
    _, connection = ask(GET.replace(b"a\r\n", b"a\r\nExpect: 100-continue\r\n"))
    assert connection.asked == ["/kept"]


def test_to_whoever_reads_slowly_nothing_is_written_on():
    async def test() -> None:
        connection = Connection()
        connection.express.pause_writing()
        connection.express.data_received(GET)
        await asyncio.sleep(0.01)
        assert connection.wire.written == b""
        connection.express.resume_writing()
        assert await connection.said() == [b"made"]
        assert connection.express.timeout_keep_alive_task
        connection.express.timeout_keep_alive_task.cancel()

    asyncio.run(test())


def test_an_idle_connection_is_closed_in_the_end():
    async def test() -> None:
        connection = Connection()
        connection.express.timeout_keep_alive = 0
        assert await connection.said(GET) == [b"kept"]
        await asyncio.sleep(0.01)
        assert connection.wire.closed

    asyncio.run(test())


def test_a_stop_of_the_service_closes_the_connection_at_once(ask):
    _, connection = ask(GET)
    connection.express.shutdown()
    assert connection.wire.closed
