"""The client of `planvev query`, in a process of its own: one question by SPARQLWrapper, its answer's bytes to standard
output.

Started by `asking`, never imported by anything. Redirects are refused: a question goes where it was sent. What goes
wrong is one line of JSON on standard error.
"""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any, NoReturn

PIECE = 65536


def main() -> None:
    """Ask the question on standard input."""
    from SPARQLWrapper import POST, SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

    question = json.loads(sys.stdin.buffer.read())
    urllib.request.install_opener(urllib.request.build_opener(_Stay(), urllib.request.ProxyHandler({})))
    client = SPARQLWrapper(question["endpoint"], agent="planvev")
    client.setQuery(question["query"])
    client.setMethod(POST)
    client.setOnlyConneg(True)
    client.setReturnFormat(_format(question["format"], client.queryType or ""))
    try:
        answer = client.query().response
        while piece := answer.read(PIECE):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        if answer.length:  # read piece by piece, the library does not complain of bytes that were promised
            _fail(f"it broke off its answer, {answer.length} bytes before the end")
    except urllib.error.HTTPError as error:
        _fail(_told(error.read(4096)) or f"it answered with status {error.code} {error.reason}")
    except urllib.error.URLError as error:
        _fail(f"it cannot be reached: {error.reason}", "Is it running? `planvev serve` starts the local one.")
    except SPARQLWrapperException as error:
        response = str(error.args[0]) if error.args else ""
        _fail(_told(response.partition("Response:")[2].strip().encode()) or error.msg)
    except (HTTPException, OSError) as error:
        _fail(f"it broke off its answer: {str(error) or type(error).__name__}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *told: Any) -> NoReturn:
        _fail(f"it sends us on to {told[-1]}, and redirects are not followed", "Give that address with --endpoint.")


def _format(wanted: str, kind: str) -> str:
    """SPARQLWrapper's name of a format that suits the kind of query."""
    rows = {"csv": "csv", "tsv": "tsv", "json": "json", "xml": "xml"}
    graphs = {"ttl": "turtle", "rdf": "rdf+xml", "jsonld": "json-ld"}
    offers = rows if kind in ("SELECT", "ASK") else graphs
    if kind not in ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"):
        _fail(f"{kind} is no question", "Ask by SELECT, ASK, CONSTRUCT or DESCRIBE.")
    if wanted and wanted not in offers:
        _fail(f"{kind} has no answer in the format {wanted}", f"There are {', '.join(offers)}.")
    return offers[wanted or next(iter(offers))]


def _told(body: bytes) -> str:
    """What a problem report says (RFC 9457), or the first words of another."""
    if body.startswith((b"b'", b'b"')):  # SPARQLWrapper shows bytes as Python writes them
        with contextlib.suppress(ValueError, SyntaxError):
            body = ast.literal_eval(body.decode())
    text = body.decode("utf-8", "replace").strip()
    try:
        problem = json.loads(text)
        return " ".join(part for part in (problem.get("detail"), problem.get("advice")) if part)
    except (ValueError, AttributeError):
        return " ".join(text.split())[:300]


def _fail(why: str, advice: str = "") -> NoReturn:
    sys.stderr.write(json.dumps({"why": why, "advice": advice}) + "\n")
    sys.stderr.flush()
    raise SystemExit(1)


if __name__ == "__main__":
    main()
