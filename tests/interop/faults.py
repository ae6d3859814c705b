"""A stand between planvev and a real engine that passes everything on, or does to one kind of exchange what bad servers
and bad networks do. The engine behind it is real, and so is what it is asked; only the way back is broken."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import httpx2

DRIP = 0.1  # seconds between bytes


@dataclass
class Stand:
    """What it does now: `fault` is the name of a method of `_Handler`, or empty; `stall_after` counts updates."""

    url: str
    engine: httpx2.Client
    targets: dict[str, str]
    fault: str = ""
    stall_after: int | None = None
    updates: int = 0
    open: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        stand = self.server.stand
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = parse_qs(body.decode())
        if "update" in asked:
            stand.updates += 1
            if stand.stall_after is not None and stand.updates > stand.stall_after:
                stand.stalled.set()
                stand.open.wait(30)
                self.close_connection = True
                return
        of_the_record = "/record>" in asked.get("query", [""])[0].partition("SELECT ?p ?o")[2]
        whole = "SELECT ?s ?p ?o WHERE { GRAPH <https://w3id.org/planvev/record>" in asked.get("query", [""])[0]
        if stand.fault and not of_the_record and not whole and "update" not in asked:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                getattr(self, stand.fault)(body)
            return
        self._answer(*self._forwarded(body))

    def _forwarded(self, body: bytes) -> tuple[int, str, bytes]:
        kept = {name: self.headers[name] for name in ("content-type", "accept") if name in self.headers}
        answer = self.server.stand.engine.post(self.server.stand.targets[self.path], content=body, headers=kept)
        return answer.status_code, answer.headers.get("content-type", ""), answer.content

    def _answer(self, status: int, kind: str, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def drips(self, body: bytes) -> None:
        _, kind, answer = self._forwarded(body)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer) + 1000))
        self.end_headers()
        for n in range(300):
            self.wfile.write(answer[n : n + 1] or b" ")
            self.wfile.flush()
            time.sleep(DRIP)

    def is_silent(self, _body: bytes) -> None:
        self.server.stand.open.wait(20)
        self.close_connection = True

    def redirects(self, _body: bytes) -> None:
        self._answer(302, "text/plain", b"there", Location="http://127.0.0.1:9/elsewhere")

    def sends_a_page(self, _body: bytes) -> None:
        self._answer(200, "text/html", b"<html><body>Welcome to my shop</body></html>")

    def lies_about_the_type(self, _body: bytes) -> None:
        self._answer(200, "application/sparql-results+json", b"<html><body>Welcome to my shop</body></html>")

    def breaks_the_text(self, body: bytes) -> None:
        _, kind, answer = self._forwarded(body)
        self._answer(200, kind, answer[: len(answer) * 2 // 3] + b"The operation has been cancelled")

    def stops_half_way(self, body: bytes) -> None:
        _, kind, answer = self._forwarded(body)
        self._answer(200, kind, answer[: len(answer) // 2], length=len(answer))
        self.close_connection = True

    def says_nothing(self, body: bytes) -> None:
        _, kind, _ = self._forwarded(body)
        self._answer(200, kind, b"")

    def hangs_up(self, _body: bytes) -> None:
        self.close_connection = True

    def never_ends(self, body: bytes) -> None:
        _, kind, answer = self._forwarded(body)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = answer + b" " * 1_000_000
        for _ in range(200):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def is_out_of_order(self, _body: bytes) -> None:
        self._answer(500, "text/plain", b"java.lang.NullPointerException")

    def wants_a_password(self, _body: bytes) -> None:
        self._answer(401, "text/plain", b"no", WWW_Authenticate='Basic realm="x"')

    def is_busy(self, _body: bytes) -> None:
        self._answer(503, "text/plain", b"overloaded")

    def cuts_rows(self, body: bytes) -> None:
        _, kind, answer = self._forwarded(body)
        self._answer(200, kind, answer, X_SPARQL_MaxRows="10000")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the standard library's
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stand: Stand

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that lets go is what these tests are about."""


@contextlib.contextmanager
def standing_before(query: str, update: str = "", auth: httpx2.Auth | None = None) -> Iterator[Stand]:
    """A stand before an engine's two addresses, passing everything on until it is told otherwise; it lets itself in."""
    server = _Server(("127.0.0.1", 0), _Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    with httpx2.Client(trust_env=False, timeout=60, auth=auth) as engine:
        server.stand = Stand(url, engine, {"/query": query, "/update": update or query})
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.stand
        finally:
            server.stand.open.set()
            server.shutdown()
            thread.join()
            server.server_close()
