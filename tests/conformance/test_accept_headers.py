"""Every client gets what it can read: the table of literal Accept headers replayed, and held against the tools."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.conformance.capture import COMMANDS, SELECT, capture
from tests.conftest import TOOLS
from tests.web.rdfread import TYPES, quads

TABLE = tomllib.loads((Path(__file__).parent / "accept_headers.toml").read_text("utf-8"))["client"]
BY_NAME = {client["name"]: client for client in TABLE}
MEDIA = {
    **TYPES,
    "html": "text/html",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
CONCEPT = "/resource?iri=http://www.w3.org/2004/02/skos/core%23Concept"
KOA = "/id/plan/moss/koa-2022-2026"
SLOW = {"arq-data", "comunica-construct", "rapper-guess"}  # the same program, started once more


@pytest.mark.parametrize("name", BY_NAME)
def test_a_client_gets_the_format_it_can_read(server, name):
    client = BY_NAME[name]
    if client["to"] == "id":
        answer = server.get(KOA, accept=client["sends"])
        assert answer.status_code == 303
        assert answer.headers["location"].endswith(f".{client['gets']}")
        answer = server.get(answer.headers["location"], accept=client["sends"])
    else:
        query = SELECT if client["to"] == "select" else f"DESCRIBE <https://w3id.org/planvev{KOA}>"
        answer = server.client.get("/sparql", params={"query": query}, headers={"Accept": client["sends"]})
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == MEDIA[client["gets"]]
    if client["gets"] in TYPES:
        assert quads(answer, client["gets"])


@pytest.mark.parametrize("name", [client["name"] for client in TABLE if client["to"] == "id"])
@pytest.mark.parametrize("path", ["/ns", "/graph/plan/moss/koa-2022-2026", CONCEPT])
def test_a_client_gets_the_vocabulary_a_graph_and_somebody_elses_term_in_a_format_it_accepts(server, name, path):
    answer = server.get(path, accept=BY_NAME[name]["sends"])
    assert answer.status_code == 200
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in BY_NAME[name]["sends"] or "*/*" in BY_NAME[name]["sends"]


def cases() -> list:
    found = []
    for name, (tool, _) in COMMANDS.items():
        marks = [pytest.mark.needs(tool)] if tool in TOOLS else []
        found.append(pytest.param(name, marks=[*marks, *([pytest.mark.long] if name in SLOW else [])]))
    return found


@pytest.mark.parametrize("name", cases())
def test_the_table_holds_what_the_installed_tool_sends(name, tool):
    program = COMMANDS[name][0]
    if program in ("curl", "wget") and not shutil.which(program):
        pytest.skip(f"{program} is not on this machine")
    heard = capture(name, tool(program) if program in TOOLS else program)
    client = BY_NAME[name]
    if client.get("moves"):
        assert heard
        assert heard[0].split(",")[:2] == client["sends"].split(",")[:2]
    else:
        assert set(heard) == {client["sends"]}, f"take over what {name} sends now: {heard}"


def test_every_client_of_the_table_says_where_its_header_is_from():
    for client in TABLE:
        assert client["from"] in ("captured", "source")
        assert client["by"]
        assert (client["from"] == "captured") == (client["name"] in COMMANDS)
