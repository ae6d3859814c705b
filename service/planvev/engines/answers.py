"""What an engine of others has sent, read and held to the standard: SPARQL 1.1 Query Results JSON, and RDF.

A status of 200 proves nothing. Rows are asked for as JSON alone, since half a CSV is also a CSV; every answer is read
to its end before it is believed. What engines are known to add or to write in their own way is put right here, and
what they are known to cut is refused: Virtuoso marks an answer cut by its own ceilings in a header and sends 200.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import IO, Any

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from planvev.engines.remote import Line, Reply
from planvev.errors import EngineAnswer, EngineTimeout, ResultTooLarge
from planvev.media import JSON, NTRIPLES, TURTLE, Media

ROWS = f"{JSON.type}, application/json;q=0.5"
ROWS_TYPES = (JSON.type, "application/json")
GRAPHS = {TURTLE.type: RdfFormat.TURTLE, NTRIPLES.type: RdfFormat.N_TRIPLES, "text/plain": RdfFormat.N_TRIPLES}


def accept_graph(wanted: Media) -> str:
    """What to ask for where RDF is wanted: the format itself where we can check it, else the plainest."""
    if wanted is TURTLE:
        return f"{TURTLE.type}, {NTRIPLES.type};q=0.9"
    return f"{NTRIPLES.type}, {TURTLE.type};q=0.9"


def checked(reply: Reply) -> IO[bytes]:
    """The answer to a SELECT or ASK, as JSON that is well-formed to its end.

    Raises:
        EngineAnswer: it is of another kind, or broken.
    """
    _refuse_cut(reply)
    if reply.type not in ROWS_TYPES:
        raise EngineAnswer(f"The engine sent {reply.type or 'no media type'} where SPARQL results were asked for.")
    reply.file.seek(0)
    with broken():
        return _mended(reply.file)


def parsed(file: IO[bytes]) -> QuerySolutions | QueryBoolean:
    """What `checked` has passed, to be read row by row."""
    file.seek(0)
    with broken():
        return parse_query_results(file, QueryResultsFormat.JSON)


def ask(line: Line, query: str) -> list[dict[str, Any]]:
    """Ask a SELECT; the rows of its answer, as `table` gives them."""
    reply = line.ask(query, ROWS)
    with reply.file:
        return table(reply)


def table(reply: Reply) -> list[dict[str, Any]]:
    """Every row of the answer to a SELECT, as terms by the names of their variables.

    Raises:
        EngineAnswer: as `checked`, and also when it is the answer to an ASK.
    """
    found = parsed(checked(reply))
    if isinstance(found, QueryBoolean):
        raise EngineAnswer("The engine answered yes or no where rows were asked for.")
    names = [variable.value for variable in found.variables]
    with broken():
        return [{name: row[name] for name in names} for row in found]


def triples(reply: Reply) -> Iterator[Triple]:
    """The answer to a CONSTRUCT or DESCRIBE; read as it is taken.

    Raises:
        EngineAnswer: it is neither Turtle nor N-Triples, or not well-formed to its end.
    """
    _refuse_cut(reply)
    kind = GRAPHS.get(reply.type)
    if kind is None:
        raise EngineAnswer(f"The engine sent {reply.type or 'no media type'} where Turtle or N-Triples was asked for.")
    reply.file.seek(0)
    with broken():
        for quad in parse(reply.file, kind):
            yield quad.triple


@contextlib.contextmanager
def broken() -> Iterator[None]:
    """What the reader finds wrong, as the engine's fault."""
    try:
        yield
    except (SyntaxError, ValueError) as error:
        raise EngineAnswer(
            f"The engine's answer is broken: {error}.", "Nothing of it is shown. Try again in a while."
        ) from None


def _refuse_cut(reply: Reply) -> None:
    if "x-sparql-maxrows" in reply.headers:
        raise ResultTooLarge(
            f"The engine cut its answer at {reply.headers['x-sparql-maxrows']} rows, and nothing is ever cut here.",
            "Add LIMIT and OFFSET; the operator raises ResultSetMaxRows in Virtuoso.",
        )
    if reply.headers.get("x-sql-state", "").startswith("S1TAT"):
        raise EngineTimeout("The engine ended the query and sent the part it had.", "Ask for less.")
    if reply.size == 0:
        raise EngineAnswer("The engine sent an empty answer.")


def _mended(file: IO[bytes]) -> IO[bytes]:
    """The JSON as the standard has it; as it came, where the first reading finds nothing wrong.

    Seen: blank nodes named by addresses, yes and no as a row or none (Virtuoso), and keys after the rows, which the
    standard allows and the strict reader does not (QLever's `meta`).
    """
    try:
        found = parse_query_results(file, QueryResultsFormat.JSON)
        if isinstance(found, QuerySolutions):
            some = sum(1 for _ in found) > 0  # to its end
            if [variable.value for variable in found.variables] == ["__ASK_RETVAL"]:
                return io.BytesIO(json.dumps({"head": {}, "boolean": some}).encode())
    except (SyntaxError, ValueError):
        file.seek(0)
        answer = json.load(file)  # a ValueError here is the end of it
        if not isinstance(answer, dict) or not isinstance(answer.get("head"), dict):
            raise
        kept = {key: answer[key] for key in ("head", "boolean", "results") if key in answer}
        _name_blanks(kept)
        return io.BytesIO(json.dumps(kept).encode())
    file.seek(0)
    return file


def _name_blanks(answer: dict[str, Any]) -> None:
    names: dict[str, str] = {}
    for row in answer.get("results", {}).get("bindings", ()):
        for cell in row.values():
            if cell.get("type") == "bnode":
                cell["value"] = names.setdefault(cell["value"], f"b{len(names)}")
