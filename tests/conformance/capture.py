"""What a tool sends when it is pointed at an address: its Accept headers, caught by a server on the loopback.

`python -m tests.conformance.capture` prints the Accept header of every tool that is installed here, as the table in
`accept_headers.toml` holds it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.conftest import TOOLS, TOP

SECONDS = 60  # a Java or Node start on a loaded machine

TURTLE = b'<http://example.org/a> <http://example.org/b> "c" .\n'
RDFXML = b"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="http://example.org/a"/></rdf:RDF>
"""
JSON_ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
XML_ROWS = b"""<?xml version="1.0"?>
<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="s"/></head><results/></sparql>
"""


@dataclass
class Ear:
    """A server that remembers which Accept header each request had, and answers so that the tool is content."""

    url: str
    heard: list[str] = field(default_factory=list)


def _answer(path: str, accept: str) -> tuple[str, bytes]:
    if path.startswith("/sparql"):
        if "turtle" in accept and "results" not in accept:
            return "text/turtle", TURTLE
        rows = ("application/sparql-results+json", JSON_ROWS), ("application/sparql-results+xml", XML_ROWS)
        return rows[0] if "json" in accept else rows[1]
    if "turtle" in accept:
        return "text/turtle", TURTLE
    return ("text/html", b"<!doctype html><title>x</title>") if "html" in accept else ("application/rdf+xml", RDFXML)


@contextlib.contextmanager
def listening() -> Iterator[Ear]:
    """An ear on a free port, for as long as the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            accept = ", ".join(self.headers.get_all("Accept", []))
            ear.heard.append(accept)
            if length := int(self.headers.get("Content-Length") or 0):
                self.rfile.read(length)
            kind, body = _answer(self.path, accept)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the names that http.server looks for
        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        ear = Ear(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join(5)


def run(*command: str, seconds: float = SECONDS) -> subprocess.CompletedProcess[str]:
    """A tool, to its end, reached by no proxy of the caller's."""
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=clean, stdin=subprocess.DEVNULL)


def chromium(program: str, address: str) -> subprocess.CompletedProcess[str]:
    """Chromium, headless, with a profile of its own that nothing else writes to."""
    with tempfile.TemporaryDirectory(prefix="planvev-chromium-", ignore_cleanup_errors=True) as profile:
        return run(
            program,
            "--headless",
            "--no-sandbox",
            f"--user-data-dir={profile}",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--dump-dom",
            address,
        )


def _rdflib(address: str) -> None:
    run(sys.executable, "-c", "import rdflib, sys; rdflib.Graph().parse(sys.argv[1])", address)


def _wrapper(address: str, query: str, form: str) -> None:
    program = (
        "import sys, SPARQLWrapper as w; c = w.SPARQLWrapper(sys.argv[1]); c.setQuery(sys.argv[2]);"
        "sys.argv[3] and c.setReturnFormat(sys.argv[3]); c.query()"
    )
    run(sys.executable, "-c", program, address, query, form)


SELECT, CONSTRUCT = "SELECT * { ?s ?p ?o } LIMIT 1", "CONSTRUCT WHERE { ?s ?p ?o }"

# How each tool of the table is made to send its request: the program it needs (of tests/conftest.py; none for what runs
# in Python), then the command at an ear.
COMMANDS: dict[str, tuple[str, Callable[[str, str], object]]] = {
    "chromium": ("chromium", lambda tool, url: chromium(tool, f"{url}/id/x")),
    "curl": ("curl", lambda tool, url: run(tool, "-s", f"{url}/id/x")),
    "wget": ("wget", lambda tool, url: run(tool, "-q", "-O", "-", f"{url}/id/x")),
    "rapper": ("rapper", lambda tool, url: run(tool, "-q", f"{url}/id/x")),
    "rapper-guess": ("rapper", lambda tool, url: run(tool, "-q", "-g", f"{url}/id/x")),
    "riot": ("riot", lambda tool, url: run(tool, f"{url}/id/x")),
    "arq-data": ("arq", lambda tool, url: run(tool, f"--data={url}/id/x", SELECT)),
    "arq-service": ("arq", lambda tool, url: run(tool, f"SELECT * {{ SERVICE <{url}/sparql> {{ ?s ?p ?o }} }}")),
    "rdflib": ("", lambda _, url: _rdflib(f"{url}/id/x")),
    "sparqlwrapper-select": ("", lambda _, url: _wrapper(f"{url}/sparql", SELECT, "")),
    "sparqlwrapper-select-json": ("", lambda _, url: _wrapper(f"{url}/sparql", SELECT, "json")),
    "sparqlwrapper-construct": ("", lambda _, url: _wrapper(f"{url}/sparql", CONSTRUCT, "")),
    "sparqlwrapper-construct-turtle": ("", lambda _, url: _wrapper(f"{url}/sparql", CONSTRUCT, "turtle")),
    "sparqlwrapper-construct-jsonld": ("", lambda _, url: _wrapper(f"{url}/sparql", CONSTRUCT, "json-ld")),
    "comunica": ("comunica", lambda tool, url: run(tool, f"file@{url}/id/x", SELECT)),
    "comunica-select": ("comunica", lambda tool, url: run(tool, f"sparql@{url}/sparql", SELECT)),
    "comunica-construct": ("comunica", lambda tool, url: run(tool, f"sparql@{url}/sparql", CONSTRUCT)),
}


def capture(name: str, program: str) -> list[str]:
    """Every Accept header that a tool sends, in order; `favicon.ico` and its like are not asked for by what we run."""
    with listening() as ear:
        COMMANDS[name][1](program, ear.url)
        return ear.heard


def main() -> None:
    for name, (tool, _) in COMMANDS.items():
        places = (str(TOP / place) if "/" in place else shutil.which(place) for place in TOOLS.get(tool, (tool,)))
        program = next((place for place in places if place and Path(place).exists()), "")
        heard = capture(name, program) if program or not tool else ["(not installed)"]
        sys.stdout.write("\n    ".join([name, *dict.fromkeys(heard)]) + "\n")


if __name__ == "__main__":
    main()
