"""`planvev query` writes a whole answer or none, and says why in plain words."""

from __future__ import annotations

import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.web import serving

PRODUCT = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> serving.Server:
    return serving.shared(request.config)


def query(endpoint: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*serving.COMMAND, "query", "-", "--endpoint", endpoint, *options]
    return subprocess.run(
        command, input=text, env=serving.settings(Path("/nonexistent")), capture_output=True, text=True, timeout=60
    )


def test_rows_come_as_csv_and_a_graph_as_turtle(server):
    rows = query(f"{server.url}/sparql", "SELECT ?p WHERE { ?p a plan:Plan } LIMIT 2")
    assert (rows.returncode, len(rows.stdout.split())) == (0, 3), rows.stderr
    graph = query(f"{server.url}/sparql", "CONSTRUCT { ?p a plan:Plan } WHERE { ?p a plan:Plan } LIMIT 2")
    assert "a plan:Plan" in graph.stdout, graph.stderr


def test_an_answer_can_go_to_a_file(server, tmp_path):
    out = tmp_path / "answer.json"
    done = query(f"{server.url}/sparql", "ASK {}", "--format", "json", "--output", str(out))
    assert (done.returncode, done.stdout) == (0, "")
    assert '"boolean":true' in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("SELECT * { ?s", (), "the query ends too early"),
        ("SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }", (), "SERVICE is not carried out here"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", (), "INSERT is no question"),
        ("SELECT * {}", ("--format", "ttl"), "SELECT has no answer in the format ttl"),
        (PRODUCT, ("--timeout", "1.5"), "did not answer in full within 1.5 seconds"),
        ("SELECT * { ?s ?p ?o }", ("--max-mb", "1"), "larger than 1 MiB; nothing of it was written"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_written(server, text, options, said):
    done = query(f"{server.url}/sparql", text, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_endpoint_that_is_not_there_is_said_to_be_so():
    done = query("http://127.0.0.1:9/sparql", "ASK {}")
    assert done.returncode == 2
    assert "it cannot be reached" in done.stderr


class _Bad(BaseHTTPRequestHandler):
    """Answers every POST in the bad way that its path names."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/redirects":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"p\nhalf")
        if self.path == "/drips":
            for _ in range(100):
                time.sleep(0.1)
                try:
                    self.wfile.write(b".")
                    self.wfile.flush()
                except OSError:
                    return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the standard library's
        pass


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ("redirects", "redirects are not followed"),
        ("drips", "did not answer in full within 2 seconds"),
        ("breaks-off", "broke off its answer"),
    ],
)
def test_a_bad_server_gets_nothing_written(way, said):
    bad = HTTPServer(("127.0.0.1", 0), _Bad)
    thread = threading.Thread(target=bad.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        began = time.monotonic()
        done = query(f"http://127.0.0.1:{bad.server_port}/{way}", "SELECT * {}", "--timeout", "2")
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert time.monotonic() - began < 20
    finally:
        bad.shutdown()
        thread.join()
        bad.server_close()
