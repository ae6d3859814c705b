"""Exchanges with one SPARQL 1.1 engine over HTTP: pooled, bounded in time and bytes, and believed only when whole.

The deadline is over the whole exchange, from taking a connection to the last byte, so that a server which drips is
ended like one which is silent. Redirects are refused, certificates verified, proxies of the environment not used:
bytes and credentials go to the one address the operator has set. What came is in memory or in a file that vanishes.

The client lives on an event loop of its own, in a thread of its own, so that handlers in threads, the endpoint on the
service's loop and the command line use one pool of connections alike. Nothing here knows what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine, Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any, TypeVar

import httpx2

from planvev.errors import (
    Busy,
    EngineAnswer,
    EngineRefused,
    EngineTimeout,
    EngineUnreachable,
    QuerySyntax,
    ResultTooLarge,
)

CONNECTIONS = 16  # at once; a query more waits, within its deadline
IN_MEMORY = 1024 * 1024  # bytes of an answer that are kept out of the file system
QUOTED = 300  # characters of an engine's own words that a message repeats

_T = TypeVar("_T")


@dataclass(frozen=True)
class Access:
    """An address and how one gets in: `kind` is basic, digest or bearer; without user and password nothing is sent."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    kind: str = "basic"

    def at(self, url: str) -> Access:
        """Another address of the same engine."""
        return Access(url, self.user, self.password, self.kind)

    @property
    def auth(self) -> httpx2.Auth | None:
        if not self.password:
            return None
        if self.kind == "bearer":
            return _Bearer(self.password)
        return {"basic": httpx2.BasicAuth, "digest": httpx2.DigestAuth}[self.kind](self.user, self.password)


class _Bearer(httpx2.Auth):
    def __init__(self, token: str) -> None:
        self.token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


@dataclass
class Reply:
    """A whole answer with a status below 300: its media type, its headers, and its bytes in a file at their start."""

    type: str
    headers: Mapping[str, str]
    file: IO[bytes]
    size: int

    def read(self) -> bytes:
        self.file.seek(0)
        return self.file.read()


class Line:
    """One engine. Safe to share between threads and event loops."""

    def __init__(self, access: Access, seconds: float, ceiling: int) -> None:
        """Args: `seconds` and `ceiling` (bytes of an answer) bound every exchange that does not name its own."""
        self.access = access
        self.seconds = seconds
        self.ceiling = ceiling
        self.count = 0  # exchanges so far
        self._lock = threading.Lock()

    def ask(self, query: str, accept: str, seconds: float | None = None) -> Reply:
        """The answer to a query; for threads."""
        return self._send(self._query(query, accept, (), (), seconds)).result()

    async def asked(
        self,
        query: str,
        accept: str,
        default: tuple[str, ...] = (),
        named: tuple[str, ...] = (),
        seconds: float | None = None,
    ) -> Reply:
        """The answer to a query over the protocol's dataset; for event loops. Cancelling closes the connection."""
        return await asyncio.wrap_future(self._send(self._query(query, accept, default, named, seconds)))

    def update(self, text: str, url: str, seconds: float) -> None:
        """Carry out a SPARQL update, which is never sent twice."""
        form = {"update": text}
        self._send(self._exchange("POST", url, seconds, self.ceiling, data=form, again=False)).result().file.close()

    def put(self, graph: str, turtle: bytes, url: str, seconds: float) -> None:
        """Replace a named graph (SPARQL 1.1 Graph Store HTTP Protocol, section 5.3)."""
        headers = {"Content-Type": "text/turtle; charset=utf-8"}
        sent = self._exchange(
            "PUT", url, seconds, self.ceiling, params={"graph": graph}, content=turtle, headers=headers
        )
        self._send(sent).result().file.close()

    def close(self) -> None:
        if "_loop" in self.__dict__:
            self._send(self._client.aclose()).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        # The platform's certificates; OpenSSL reads SSL_CERT_FILE itself where an authority is the operator's own.
        return httpx2.AsyncClient(
            auth=self.access.auth,
            verify=ssl.create_default_context(),
            follow_redirects=False,
            trust_env=False,
            timeout=None,
            limits=httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            headers={"User-Agent": "planvev", "Accept-Encoding": "identity"},
        )

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(loop,), name="planvev-remote", daemon=True)
        self._thread.start()
        return loop

    def _send(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        with self._lock:
            loop = self._loop
        return asyncio.run_coroutine_threadsafe(work, loop)

    def _query(
        self, query: str, accept: str, default: tuple[str, ...], named: tuple[str, ...], seconds: float | None
    ) -> Coroutine[Any, Any, Reply]:
        # A form: queries outgrow addresses, and Virtuoso 7 never answers a query that is posted as itself.
        form = {"query": query, "default-graph-uri": list(default), "named-graph-uri": list(named)}
        wanted = {"Accept": accept}
        return self._exchange("POST", self.access.url, seconds or self.seconds, self.ceiling, data=form, headers=wanted)

    async def _exchange(
        self, method: str, url: str, seconds: float, ceiling: int, again: bool = True, **what: Any
    ) -> Reply:
        self.count += 1
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._once(method, url, ceiling, what)
                except _ClosedEarly:
                    if not again:
                        raise
                    return await self._once(method, url, ceiling, what)  # the engine had let go of an idle connection
        except TimeoutError:
            raise EngineTimeout(
                f"The engine did not answer in full within {seconds:g} seconds.",
                "Ask for less, or try again; the operator finds PLANVEV_ENGINE_SECONDS in the settings.",
            ) from None
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.PoolTimeout) as error:
            raise EngineUnreachable(f"The engine cannot be reached: {_plain(error)}.", _LATER) from None
        except (_ClosedEarly, httpx2.HTTPError) as error:
            raise EngineAnswer(f"The engine broke off its answer: {_plain(error)}.", _LATER) from None

    async def _once(self, method: str, url: str, ceiling: int, what: Mapping[str, Any]) -> Reply:
        try:
            response = await self._client.send(self._client.build_request(method, url, **what), stream=True)
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError) as error:
            raise _ClosedEarly(_plain(error)) from None
        # Closed by the client's owner, not a context manager: a server that drips must not hold up its own ending.
        try:
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if not response.is_success:
                raise _refusal(response.status_code, response.headers, await _head(response))
            if response.headers.get("content-encoding", "identity") != "identity":
                raise EngineAnswer("The engine's answer is compressed, which was not asked for.", _LATER)
            file, size = await _collected(response.aiter_raw, ceiling)
            return Reply(kind, response.headers, file, size)
        finally:
            await response.aclose()


class _ClosedEarly(Exception):
    """The connection ended before an answer began."""


_LATER = "Try again in a while; the operator finds the engine's address in PLANVEV_ENGINE."


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


async def _collected(chunks: Callable[[], Any], ceiling: int) -> tuple[IO[bytes], int]:
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  handed on
    size = 0
    with contextlib.ExitStack() as unless_done:
        unless_done.callback(file.close)
        async for chunk in chunks():
            size += len(chunk)
            if size > ceiling:
                raise ResultTooLarge(
                    f"The answer is larger than {ceiling // (1024 * 1024)} MiB, and nothing is ever cut.",
                    "Add LIMIT and OFFSET, ask for fewer columns, or fetch whole graphs under /graph/.",
                )
            file.write(chunk)
        unless_done.pop_all()
    file.seek(0)
    return file, size


async def _head(response: httpx2.Response) -> str:
    """The first words of an answer that refuses, in one line."""
    head = b""
    async for chunk in response.aiter_raw():
        head += chunk
        if len(head) > 4 * QUOTED:
            break
    text = re.sub(r"<[^>]*>", " ", head.decode("utf-8", "replace"))
    return " ".join(text.split())[:QUOTED]


def _refusal(status: int, headers: Mapping[str, str], said: str) -> Exception:
    """The problem that an engine's status stands for."""
    words = f": {said}" if said else ""
    if 300 <= status < 400:
        return EngineAnswer(
            f"The engine sends us elsewhere (status {status}), and redirects are not followed.",
            "Set PLANVEV_ENGINE to the address that answers itself.",
        )
    if status in (401, 403):
        return EngineRefused(
            f"The engine does not let us in (status {status}){words}.",
            "Check PLANVEV_ENGINE_USER, PLANVEV_ENGINE_PASSWORD and PLANVEV_ENGINE_AUTH.",
        )
    if status == 400:
        return QuerySyntax(f"The engine does not read the query{words}.")
    if status in (429, 503):
        return Busy(f"The engine is busy (status {status}){words}.", "Send it again in a few seconds.")
    if status in (408, 504):
        return EngineTimeout(f"The engine ended the query (status {status}){words}.", "Ask for less.")
    del headers
    return EngineAnswer(f"The engine answered with status {status}{words}.", _LATER)


def _plain(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
