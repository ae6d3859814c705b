"""What is decided about an engine on the network without one: what is believed of its answers, what may stand in a
question, how a store's record reads, and how a graph is taken apart."""

from __future__ import annotations

import io
import json

import pytest
from pyoxigraph import QuerySolutions, Store

from planvev.engines import answers, ledger
from planvev.engines.ledger import Ledger
from planvev.engines.remote import Reply
from planvev.engines.transfer import _chunks, _inserts
from planvev.errors import BadSetting, EngineAnswer, EngineTimeout, ResultTooLarge
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple
from planvev.settings import Settings

JSON = "application/sparql-results+json"
WHOLE = '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"ø"}}]}}'


def reply(text: str, kind: str = JSON, **headers: str) -> Reply:
    data = text.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(kind, named, io.BytesIO(data), len(data))


def test_rows_are_read_with_what_engines_add_and_rename():
    assert answers.table(reply(WHOLE)) == [{"x": Literal("ø")}]
    more = WHOLE[:-1] + ',"meta":{"query-time-ms":3}}'
    assert answers.table(reply(more)) == [{"x": Literal("ø")}]
    cell = '{"type":"bnode","value":"nodeID://b10"}'
    named = WHOLE.replace('{"type":"literal","value":"ø"}', cell)
    (row,) = answers.table(reply(named))
    assert isinstance(row["x"], BlankNode)


@pytest.mark.parametrize(
    ("bindings", "truth"), [("[]", False), ('[{"__ASK_RETVAL":{"type":"literal","value":"1"}}]', True)]
)
def test_a_yes_that_comes_as_a_row_is_a_yes(bindings, truth):
    text = f'{{"head":{{"vars":["__ASK_RETVAL"]}},"results":{{"bindings":{bindings}}}}}'
    assert json.load(answers.checked(reply(text)))["boolean"] is truth


@pytest.mark.parametrize(
    "text", [WHOLE[:-1], WHOLE[:40], WHOLE + "The operation was cancelled", "{}", "null", "[]", "<html>"]
)
def test_what_is_not_whole_is_not_believed(text):
    with pytest.raises(EngineAnswer):
        answers.table(reply(text))


@pytest.mark.parametrize(
    ("text", "kind", "headers", "problem"),
    [
        (WHOLE, "text/html", {}, EngineAnswer),
        (WHOLE, "", {}, EngineAnswer),
        ("", JSON, {}, EngineAnswer),
        (WHOLE, JSON, {"x_sparql_maxrows": "10000"}, ResultTooLarge),
        (WHOLE, JSON, {"x_sql_state": "S1TAT"}, EngineTimeout),
    ],
)
def test_what_engines_cut_or_mistake_is_refused(text, kind, headers, problem):
    with pytest.raises(problem):
        answers.table(reply(text, kind, **headers))


def test_a_graph_is_read_to_its_end():
    good = "<a:s> <a:p> <a:o> .\n"
    assert len(list(answers.triples(reply(good, "text/turtle")))) == 1
    for text, kind in ((good + "<a:s> <a:p>", "text/turtle"), (good, "application/rdf+xml"), ("", "text/turtle")):
        with pytest.raises(EngineAnswer):
            list(answers.triples(reply(text, kind)))


@pytest.mark.parametrize("text", ["", "a:b> } DROP ALL #", "a:b c", 'a:"', "a:{", "a:\n", "a:\\u003E", "no-scheme"])
def test_what_is_no_iri_never_stands_in_a_question(text):
    assert ledger.node(text) is None


def test_a_record_says_what_was_written_in_it(snapshot):
    store, manifest = Store(), snapshot.manifest
    for step in (ledger.begin("one"), *map(ledger.enter, manifest.graphs)):
        store.update(step)
    found = Ledger.of(rows(store))
    assert (found.edition, found.under_way) == ("", "one")
    assert dict(found.graphs) == snapshot.graphs
    store.update(ledger.end("one", manifest))
    found = Ledger.of(rows(store))
    assert (found.edition, found.under_way) == ("one", "")
    assert found.manifest
    assert found.manifest.id == manifest.id
    assert set(found.manifest.graphs) == set(manifest.graphs)
    store.update(ledger.begin("two"))
    assert Ledger.of(rows(store)).edition == ""


def test_a_record_of_another_planvev_is_read_as_far_as_it_is_known(snapshot):
    store = Store()
    entry = snapshot.manifest.graphs[0]
    store.update(ledger.enter(entry).replace('\\"role\\":', '\\"colour\\": \\"blue\\", \\"role\\":'))
    assert Ledger.of(rows(store)).graphs[entry.graph] == entry
    store = Store()
    store.update(ledger.enter(entry).replace('\\"digest\\":', '\\"checksum\\":'))
    assert not Ledger.of(rows(store)).graphs


def test_a_record_that_comes_cut_is_refused(snapshot):
    store = Store()
    for step in (*map(ledger.enter, snapshot.manifest.graphs), ledger.end("one", snapshot.manifest)):
        store.update(step)
    kept = [row for row in rows(store) if row["s"].value != snapshot.manifest.graphs[0].graph]
    with pytest.raises(ValueError, match="graphs, and"):
        Ledger.of(kept)


def rows(store: Store) -> list[dict]:
    found = store.query(ledger.READ)
    assert isinstance(found, QuerySolutions)
    return [{name: row[name] for name in ("s", "p", "o")} for row in found]


def test_a_graph_is_taken_apart_and_no_blank_node_is_parted():
    def statement(n: int, subject, value) -> Triple:
        return Triple(subject, NamedNode(f"a:p{n}"), value)

    plain = [statement(n, NamedNode(f"a:s{n}"), Literal(str(n))) for n in range(95)]
    chain = [statement(n, BlankNode(f"c{n}"), BlankNode(f"c{n + 1}")) for n in range(7)]
    pair = [statement(1, NamedNode("a:s"), BlankNode("x")), statement(2, BlankNode("x"), Literal("x"))]
    whole = [*plain[:50], pair[0], *chain[:4], *plain[50:], pair[1], *chain[4:]]
    chunks = list(_chunks(whole, 10))
    assert sorted(map(str, (triple for chunk in chunks for triple in chunk))) == sorted(map(str, whole))
    assert max(map(len, chunks)) <= 10
    for tied in (chain, pair):
        assert sum(bool({*chunk} & {*tied}) for chunk in chunks) == 1


def test_a_graph_put_in_is_the_graph_that_was_taken_apart(snapshot):
    store = Store()
    for entry in snapshot.manifest.graphs:
        for insert in _inserts(entry.graph, snapshot.graph(entry.graph)):
            store.update(insert)
    for entry in snapshot.manifest.graphs:
        assert len(list(store.quads_for_pattern(None, None, None, NamedNode(entry.graph)))) == entry.triples


@pytest.mark.parametrize(
    "address",
    ["http://engine.example/sparql", "https://who:secret@engine.example/", "ftp://x/", "https://", "x", "https://x/#y"],
)
def test_an_engine_is_reached_safely_or_not_at_all(address):
    with pytest.raises(BadSetting) as raised:
        Settings.load({"PLANVEV_ENGINE": address})
    assert "secret" not in str(raised.value)


def test_a_password_does_not_show():
    settings = Settings.load({"PLANVEV_ENGINE": "http://[::1]:3030/ds/sparql", "PLANVEV_ENGINE_PASSWORD": "gjøkur"})
    assert "gjøkur" not in repr(settings)
