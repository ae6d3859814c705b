"""`planvev registry check` believes nothing that it has not fetched: a service that lies is told so, word for word."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from planvev.commands import harvesting
from planvev.registries.registry import IANA, full

BODY = b"planvev"
Answering = Callable[..., str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A service that answers everything with one body, of a type it is told to state; gives its address."""
    stated = {"Content-Type": "application/gzip"}
    sent = [BODY]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in stated.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent[0])))
            self.end_headers()
            self.wfile.write(sent[0])

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def at(body: bytes = BODY, **headers: str) -> str:
            sent[0] = body
            stated.update({name.replace("_", "-"): value for name, value in headers.items()})
            return f"http://127.0.0.1:{server.server_port}"

        yield at
        server.shutdown()


def judged(url: str, size: int = len(BODY), digest: str = hashlib.sha256(BODY).hexdigest()) -> str:
    address = f"{url}/dump/all.nq.gz"
    said = {
        full("dcat:compressFormat"): f"{IANA}application/gzip",
        full("dcat:byteSize"): str(size),
        full("spdx:checksum"): f"{address}#sum",
    }
    return harvesting._file(address, said, {f"{address}#sum": {full("spdx:checksumValue"): digest}}, url, 5.0)


def test_a_file_that_is_as_stated_is_fine(answering):
    assert judged(answering()) == ""


def test_another_media_type_is_told(answering):
    assert judged(answering(Content_Type="text/turtle")).endswith("is text/turtle, not application/gzip")


def test_another_size_and_another_checksum_are_told(answering):
    assert judged(answering(), size=8).endswith("has 7 bytes, not 8")
    assert "has SHA-256" in judged(answering(), digest="0" * 64)


def test_a_document_that_the_harvester_would_not_take_is_told(answering, monkeypatch):
    turtle = b"<about:a> <about:b> <about:c> ."
    assert harvesting._document(answering(turtle, Content_Type="text/turtle; charset=utf-8"), 5.0)[1] == []
    assert (
        "sent application/rdf+xml"
        in harvesting._document(answering(turtle, Content_Type="application/rdf+xml"), 5.0)[1][0]
    )
    packed = harvesting._document(answering(turtle, Content_Type="text/turtle", Content_Encoding="gzip"), 5.0)[1]
    assert "takes for a charset" in packed[0]
    monkeypatch.setattr(harvesting, "MOST", len(turtle) - 1)
    said = harvesting._document(answering(turtle, Content_Encoding=""), 5.0)[1]
    assert f"has {len(turtle)} bytes; the harvester takes {len(turtle) - 1}" in said[0]
