"""What a query's text says of it before it runs, and that nothing gets past which must not reach the engine."""

from __future__ import annotations

import bisect
import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from planvev.errors import BodyTooLarge, Problem, QueryRefused, QuerySyntax
from planvev.names import COMMON, NS, PREFIXES
from planvev.queries.complaints import explained
from planvev.queries.sparql import BASE, DEPTH, LINKS, place, read

KIB = 256 * 1024


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * { ?s ?p ?o }", "SELECT"),
        ("ask {}", "ASK"),
        ("# SELECT\nPREFIX select: <https://e.org/> CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("BASE <https://ask.org/> PREFIX : <#> Describe :x", "DESCRIBE"),
        ("PREFIX ask: <https://e.org/>SELECT(1 AS ?x){}", "SELECT"),
    ],
)
def test_the_kind_of_a_query_is_its_first_word_of_code(text, kind):
    assert read(text, KIB).kind == kind


@pytest.mark.parametrize("text", ["", "   ", "# SELECT * {}", "hei", "PREFIX ex: <https://e.org/>", "'SELECT'"])
def test_a_text_without_a_query_is_a_mistake(text):
    with pytest.raises(QuerySyntax, match="There is no SELECT"):
        read(text, KIB)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:b> <a:c> 1 }",
        "PREFIX ex: <https://e.org/> delete where { ?s ?p ?o }",
        "LOAD <http://127.0.0.1/>",
        "CLEAR ALL",
        "drop graph <a:b>",
        "CREATE GRAPH <a:b>",
        "ADD <a:b> TO <a:c>",
        "MOVE <a:b> TO <a:c>",
        "COPY <a:b> TO <a:c>",
        "WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_an_update_is_refused_by_its_name(text):
    with pytest.raises(QueryRefused, match="only reads") as refused:
        read(text, KIB)
    assert refused.value.advice


def test_a_text_longer_than_permitted_is_not_read():
    read("ASK {}" + " " * (1024 - 6), 1024)
    with pytest.raises(BodyTooLarge, match="1 KiB"):
        read("ASK {}" + " " * (1024 - 5), 1024)
    with pytest.raises(BodyTooLarge):
        read("ASK {}#" + "å" * 512, 1024)  # bytes are counted, not characters


@pytest.mark.parametrize("pair", ["{}", "()", "[]"])
def test_nesting_is_read_to_a_depth_and_no_deeper(pair):
    def nested(depth):
        return "SELECT *" + pair[0] * depth + pair[1] * depth

    read(nested(DEPTH), KIB)
    with pytest.raises(QueryRefused, match=f"more than {DEPTH} deep .line 1, column {9 + DEPTH}.") as refused:
        read(nested(DEPTH + 1), KIB)
    assert refused.value.advice


ROWS_OF = {
    "operators": lambda n: "ASK { FILTER(" + "!" * n + "true) }",
    "terms of a sum": lambda n: "ASK { FILTER(" + "+".join(["?x"] * n) + ") }",
    "steps of a path": lambda n: "ASK { ?s " + "/".join(["<a:b>"] * n) + " ?o }",
    "branches": lambda n: "ASK { " + "UNION".join(["{}"] * n) + " }",
    "groups": lambda n: "ASK { " + "OPTIONAL{?s ?p ?o}" * n + " }",
    "statements": lambda n: "ASK { " + "?s ?p ?o." * n + " }",
    "objects": lambda n: "ASK { ?s ?p " + ",".join(["?o"] * n) + " }",
    "items of a collection": lambda n: "ASK { ?s ?p (" + "1 " * n + ") }",
    "quoted statements": lambda n: "ASK { " + "<< " * n + "?s ?p ?o" + " >> ?p ?o" * n + " }",
    "annotations": lambda n: "ASK { ?s ?p ?o " + "{| ?p ?o |}" * n + " }",
    "things described": lambda n: "DESCRIBE" + "<a:b>" * n,
    "orders": lambda n: "SELECT * {} ORDER BY" + "(1)" * n,
    "blocks of values": lambda n: "ASK { " + "VALUES ?x{1}" * n + " }",
}


@pytest.mark.parametrize("row", ROWS_OF)
def test_a_row_so_long_that_the_engine_would_die_of_it_is_refused(row):
    """Most of these end the process at 10,000, some at 3,000."""
    with pytest.raises(QueryRefused, match=f"more than {LINKS} patterns and operators .line 1, column") as refused:
        read(ROWS_OF[row](LINKS + 1), KIB)
    assert refused.value.advice
    read(ROWS_OF[row](LINKS // 10), KIB)


def engine_lives(text: str) -> bool:
    """Whether a process of its own lives through a query; one that runs on is ended, as its deadline would end it."""
    program = "import sys, pyoxigraph as ox; ox.Store().query(sys.stdin.read())"
    try:
        done = subprocess.run([sys.executable, "-c", program], input=text, text=True, capture_output=True, timeout=10)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode >= 0


def longest(row: str) -> int:
    """The longest row of a kind that is let through."""

    def let_through(n: int) -> bool:
        with contextlib.suppress(QueryRefused):
            return bool(read(ROWS_OF[row](n), KIB))
        return False

    return bisect.bisect_left(range(1, LINKS + 1), True, key=lambda n: not let_through(n))


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS_OF)
def test_the_longest_row_that_is_let_through_does_not_end_the_engine(row):
    assert longest(row) >= LINKS // 5
    assert engine_lives(ROWS_OF[row](longest(row)))


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(
    row=st.sampled_from(
        ["operators", "terms of a sum", "steps of a path", "branches", "groups", "items of a collection"]
    ),
    around=st.lists(
        st.sampled_from(["{%s}", "{?s ?p [?q ?r] %s}", "{}UNION{%s}", "OPTIONAL{%s}", "MINUS{%s}"]), max_size=190
    ),
    length=st.integers(1, LINKS),
)
def test_what_is_let_through_does_not_end_the_engine_however_it_is_nested(row, around, length):
    inner = ROWS_OF[row](length).removeprefix("ASK {").removesuffix("}")
    for wrap in around:
        inner = wrap.replace("%s", inner)
    text = f"ASK {{ {inner} }}"
    with contextlib.suppress(Problem):
        assert engine_lives(read(text, KIB).text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { VALUES ?x {" + "1 " * 20_000 + "} }",
        "ASK { VALUES (?x ?y) {" + "('a'@nb 'b'^^<a:b>) " * 8_000 + "} }",
        "ASK { FILTER(?x IN(" + ",".join(["<a:b>"] * 20_000) + ")) }",
        "ASK { FILTER(?x = CONCAT(" + ",".join(["'a'"] * 20_000) + ")) }",
    ],
    ids=lambda text: text[:24],
)
def test_many_values_are_flat_and_may_be_given(text):
    read(text, KIB)
    ox.Store().query(text)


def test_the_engine_still_answers_a_select_inside_a_graph_variable_wrongly():
    """When this fails, pyoxigraph is mended: let such queries pass, and the W3C's tests of them with it."""
    store = ox.Store()
    for n, graph in enumerate(("a:g", "a:h")):
        store.add(ox.Quad(ox.NamedNode(f"a:{n}"), ox.NamedNode("a:p"), ox.NamedNode("a:o"), ox.NamedNode(graph)))
    rows = store.query("SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }")
    assert isinstance(rows, ox.QuerySolutions)
    assert [(row["g"], row["n"].value) for row in rows] == [(None, "2")]  # right: a:g with 1, and a:h with 1


@pytest.mark.parametrize(
    ("inside", "right"),
    [
        ("?s ?p ?o MINUS { ?x ?y ?z }", [("<a:g>", "<a:0>"), ("<a:h>", "<a:1>")]),
        ("VALUES ?s { <a:0> }", [("<a:g>", "<a:0>"), ("<a:h>", "<a:0>")]),
        ("GRAPH <a:h> { ?s ?p ?o }", [("<a:g>", "<a:1>"), ("<a:h>", "<a:1>")]),
    ],
)
def test_the_engine_still_answers_wrongly_what_is_refused_inside_a_graph_variable(inside, right):
    """When this fails, pyoxigraph is mended: let such queries pass, and take them out of docs/analysts.md."""
    store = ox.Store()
    for n, graph in enumerate(("a:g", "a:h")):
        store.add(ox.Quad(ox.NamedNode(f"a:{n}"), ox.NamedNode("a:p"), ox.NamedNode("a:o"), ox.NamedNode(graph)))
    text = f"SELECT ?g ?s {{ GRAPH ?g {{ {inside} }} }}"
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    assert sorted(tuple(map(str, row)) for row in rows) != right
    with pytest.raises(QueryRefused, match="inside GRAPH"):
        read(text, KIB)


def test_brackets_in_strings_and_comments_are_not_nesting():
    read(f"ASK {{ ?s ?p '{'{' * 500}' }} # {'(' * 500}", KIB)


def test_brackets_behind_less_than_are_nesting():
    with pytest.raises(QueryRefused, match="deep"):
        read(f"ASK {{ FILTER(?a<{'(' * 300}1>2{')' * 300}) }}", KIB)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { GRAPH ?g { SELECT ?s { ?s ?p ?o } } }",
        "SELECT * { graph $g { ?s ?p ?o { sElEcT ?s { ?s ?p ?o } } } }",
        "SELECT * { GRAPH?g{ FILTER EXISTS { { SELECT ?s { ?s ?p ?o } } } } }",
        "SELECT * { GRAPH <a:b> { GRAPH ?g { { SELECT ?s { ?s ?p ?o } } } } }",
        "SELECT * { GRAPH # ?\n ?g # {\n { SELECT ?s { ?s ?p ?o } } }",
    ],
)
def test_a_select_inside_a_graph_variable_is_refused(text):
    with pytest.raises(QueryRefused, match="sub-SELECT inside GRAPH"):
        read(text, KIB)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { { SELECT ?g { GRAPH ?g { ?s ?p ?o } } } }",
        "SELECT * { GRAPH ?g { ?s ?p 'SELECT' } { SELECT ?s { ?s ?p ?o } } }",
        "SELECT * { GRAPH <a:b> { SELECT ?s { ?s ?p ?o } } }",
        "SELECT ?select { GRAPH ?g { ?select ?p ?o } }",
        "SELECT * { GRAPH ?g { ?s ?p ?o MINUS { ?s ?p 1 } } MINUS { ?x ?y ?z } }",
        "SELECT * { GRAPH ?g { ?s ?p ?o VALUES ?s { 1 } } VALUES ?x { 1 } GRAPH ?h { ?s ?p ?o } }",
        "SELECT * { GRAPH ?g { VALUES (?s ?p) { (1 2) } ?s ?p ?o } }",
    ],
)
def test_a_select_elsewhere_is_not(text):
    assert read(text, KIB).kind == "SELECT"


def test_the_graphs_of_from_are_named_whole_or_by_prefix():
    query = read(
        "PREFIX g: <https://e.org/graph/> PREFIX : <https://e.org/> SELECT * FROM <https://e.org/a>"
        "from named g:b\nFROM\n:c FROM nope:d WHERE { ?from ?p 'FROM <https://e.org/no>' }",
        KIB,
    )
    assert query.graphs == ("https://e.org/a", "https://e.org/graph/b", "https://e.org/c")


@pytest.mark.parametrize(
    ("text", "graph"),
    [
        ("ASK FROM <graph/law/x> {}", f"{COMMON}/graph/law/x"),
        ("BASE <https://e.org/a/b> ASK FROM <c> {}", "https://e.org/a/c"),
        ("BASE <https://e.org/a/> BASE <b/> PREFIX p: <c/> ASK FROM p:d {}", "https://e.org/a/b/c/d"),
        ("ASK FROM plan:x {}", f"{NS}x"),  # a prefix of ours, known without being declared
        ("PREFIX p: <https://e.org/> ASK FROM p:a\\,b {}", "https://e.org/a,b"),
        ("ASK FROM <https://e.org/\\u00e5> {}", "https://e.org/å"),
        ("ASK FROM <urn:a:b> {}", "urn:a:b"),
    ],
)
def test_a_graph_of_from_is_the_one_that_the_engine_takes(text, graph):
    assert read(text, KIB).graphs == (graph,)
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.NamedNode("a:o"), ox.NamedNode(graph)))
    assert store.query(text.replace("{}", "{ ?s ?p ?o }"), base_iri=BASE, prefixes=PREFIXES)


@pytest.mark.parametrize(
    ("text", "offset", "where"),
    [("abc", 0, (1, 1)), ("abc", 2, (1, 3)), ("a\nb\nc", 4, (3, 1)), ("å\næø", 3, (2, 2))],
)
def test_a_place_is_counted_from_one(text, offset, where):
    assert place(text, offset) == where


# --- the engine's complaint, in plain words ---


def complaint(text: str) -> QuerySyntax:
    """What the reader of a faulty query is told, by way of the real engine."""
    with pytest.raises(SyntaxError) as fault:
        ox.Store().query(read(text, KIB).text, prefixes=PREFIXES)
    head, _, detail = str(fault.value).removeprefix("error at ").partition(": ")
    line, _, column = head.partition(":")
    return explained(text, QuerySyntax(detail, int(line), int(column)))


def test_an_undeclared_prefix_is_named_with_its_place_and_what_to_add():
    told = complaint("SELECT * {\n  ?s dct:title ?t ; nope:title ?o\n}")
    assert told.detail == "Line 2, column 21: the prefix nope: is not declared. Add PREFIX nope: <…> first."
    assert (told.line, told.column) == (2, 21)


def test_what_was_not_expected_is_quoted_with_its_place():
    told = complaint("SELECT * WHERE { ?s ?p ?o }\nORDER BUY ?s")
    # The engine counts to the middle of the word.
    assert told.detail == "Line 2, column 9: “BUY” was not expected here (expected BY)."


def test_a_string_that_does_not_end_is_shown_where_it_begins():
    with pytest.raises(QuerySyntax, match="Line 2, column 9: the string that begins here does not end") as fault:
        read("SELECT * {\n  ?s ?p 'never\n}", KIB)
    assert (fault.value.line, fault.value.column) == (2, 9)


def test_a_query_that_ends_too_early_or_too_late_says_so():
    for query, column in (("ASK {}}", 7), ("SELECT * { ?s ?p ?o }}", 22)):
        assert f"Line 1, column {column}: “}}” closes nothing." in complaint(query).detail
    assert "the query ends too early" in complaint("SELECT * WHERE { ?s ?p ?o").detail


def test_a_complaint_without_a_place_is_passed_on():
    told = explained("SELECT", QuerySyntax("strange"))
    assert told.detail == "The query could not be read: strange."
    assert (told.line, told.column) == (None, None)


def test_no_complaint_shows_the_parsers_grammar():
    for text in ("SELECT * {", "SELECT ?", "SELECT * { ?s ?p }", "SELECT * { ?s ?p ?o . FILTER }", "ASK { 'a' }"):
        assert "'\\u{" not in complaint(text).detail
        assert len(complaint(text).detail) < 250


# --- SERVICE, and a listener that counts whether the engine called ---


@dataclass
class Listener:
    """A server that counts who connects, and hangs up."""

    port: int
    calls: int = 0

    def runs(self, text: str) -> bool:
        """Whether the engine, given this text, calls here."""
        before = self.calls
        store = ox.Store()
        for o in ("https://e.org/", "https://e.org/a", "https://e.org/a.b", "https://e.org/a#", "https://e.org/a'"):
            store.add(ox.Quad(ox.NamedNode("https://e.org/s"), ox.NamedNode("https://e.org/p"), ox.NamedNode(o)))
        with contextlib.suppress(SyntaxError, ValueError, OSError):
            result = store.query(text)
            if not isinstance(result, ox.QueryBoolean):
                list(result)
        # Our own call comes after every other: when it is counted, all are.
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as last:
            last.recv(1)
        return self.calls > before + 1


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    server = socket.create_server(("127.0.0.1", 0), backlog=64)
    counted = Listener(server.getsockname()[1])

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                counted.calls += 1
                connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield counted
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


CALL = "SERVICE SILENT <http://127.0.0.1:{port}/> {{ ?a ?b ?c }}"
HEAD = "PREFIX ex: <https://e.org/> PREFIX : <https://e.org/> PREFIX y: <http://127.0.0.1:{port}/> "

# Each of these reaches the engine as a call; several did get past an earlier scanner.
CALLS = [
    "SELECT * {{ " + CALL + " }}",
    "SELECT * {{ service silent<http://127.0.0.1:{port}/>{{}} }}",
    "SELECT * {{ SERVICEy:{{}} }}",
    "SELECT * {{ VALUES ?x {{ true }}SERVICE<http://127.0.0.1:{port}/>{{}} }}",
    "SELECT * {{ ?s ?p ?o.SERVICE<http://127.0.0.1:{port}/>{{}} }}",
    "SELECT * {{ ?s ?p ex:." + CALL + " }}",
    "SELECT * {{ ?s ?p :." + CALL + " }}",
    "SELECT * {{ ?s ?p ex:a.b." + CALL + " }}",
    "SELECT * {{ ?s ?p ex:a\\# . " + CALL + " \n}}",
    "SELECT * {{ ?s ?p ex:a\\' . " + CALL + " FILTER(ex:b\\'=ex:b\\') }}",
    "SELECT * {{ ?s ?p ?o FILTER(1<2)SERVICE#>\n SILENT y: {{ ?a ?b ?c }} }}",
    "SELECT * {{ ?s ?p ?o FILTER(1<2)#>'''\n SERVICE SILENT y: {{ ?a ?b ?c }} #'''\n }}",
    "SELECT * {{ ?s ?p ?o FILTER(1<2#>'''\n) SERVICE SILENT y: {{ ?a ?b ?c }} #'''\n }}",
    "SELECT * {{ VALUES ?x {{'''a'}} SERVICE SILENT y: {{ ?a ?b ?c }} #\\q'''\n}}",
    "SELECT * {{ VALUES ?x {{'''a'}} SERVICE SILENT y: {{ ?a ?b ?c }} #\\uD800'''\n}}",
    "SELECT * {{ ?s ?p ?o FILTER EXISTS {{ " + CALL + " }} }}",
    "CONSTRUCT {{ ?a ?b ?c }} WHERE {{ OPTIONAL {{ " + CALL + " }} }}",
    "SELECT * {{ {{ SELECT * {{ " + CALL + " }} }} }}",
    "DESCRIBE ?a {{ # \r" + CALL + " }}",
]


@pytest.mark.parametrize("text", CALLS)
def test_every_way_to_write_a_call_is_refused_though_the_engine_would_make_it(listener, text):
    query = (HEAD + text).format(port=listener.port)
    assert listener.runs(query), "the engine does not call: this case shows nothing"
    with pytest.raises(QueryRefused) as refused:
        read(query, KIB)
    assert refused.value.advice


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { FILTER(?x=trueSERVICE<http://127.0.0.1/>{} }",
        "SELECT * { FILTER(?x=5e5SERVICE<http://127.0.0.1/>{} }",
        "SELECT * { SERVICEx:{} }",
        "SELECT * { SeRvIcE ?x {} }",
        "SELECT * { BIND(<http://127.0.0.1/> AS ?u) SERVICE?u{} }",
        "PREFIX a.service: <https://e.org/> SELECT * { a.service:b ?p ?o }",
    ],
)
def test_what_could_be_a_call_is_refused(text):
    with pytest.raises(QueryRefused, match="never calls others"):
        read(text, KIB)


def test_the_refusal_of_a_call_says_where_it_stands():
    with pytest.raises(QueryRefused, match="line 2, column 3"):
        read("SELECT * {\n  SERVICE <https://e.org/> {} }", KIB)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://127.0.0.1/>' }",
        'SELECT * { ?s ?p """a "SERVICE" b \\" """ }',
        "SELECT * { ?s ?p '''it's a SERVICE''' }",
        "SELECT * { # SERVICE <http://127.0.0.1/>\n ?s ?p ?o }",
        "SELECT * { ?s a <http://data.europa.eu/m8g/PublicService> }",
        "SELECT * { ?s <https://e.org/SERVICE#SERVICE> ?o }",
        "PREFIX cv: <http://data.europa.eu/m8g/> SELECT * { ?s a cv:PublicService ; cv:service-x _:service }",
        "SELECT ?service { $service ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(?s=<https://e.org/service>) }",
        "SELECT * { VALUES (?a ?b) { (<https://e.org/(service)> <https://e.org/service>) } }",
    ],
)
def test_the_word_itself_is_no_call(text):
    assert read(text, KIB).text == text
    ox.Store().query(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { FILTER(?a<?b)FILTER(?c>?d) }",
        "SELECT * { FILTER((?a<=?b)&&(?c>=?d)) }",
        "SELECT * { FILTER(?a<5&&?b>3) }",
        "BASE <https://e.org/> SELECT * { ?s <#knows> ?o ; <it's> ?x }",
        "SELECT * { ?s (<a:p>|^<a:q>)/<a:r>* ?o }",
        "SELECT * { (<a:b> <https://e.org/c#d> ?x) ?p ?o }",
        "SELECT * { FILTER(?x IN(<a:b#c>,<a:d'e>)) }",
    ],
)
def test_less_than_and_iris_are_told_apart(text):
    assert read(text, KIB).text == text


def test_a_less_than_that_could_begin_an_iri_is_refused_with_what_to_write():
    with pytest.raises(QueryRefused, match="can be read in two ways") as refused:
        read("SELECT * { FILTER(?a<?b#>\n) }", KIB)
    assert "space" in refused.value.advice
    read("SELECT * { FILTER(?a < ?b#>\n) }", KIB)


# What meets in odd ways: ends of tokens that begin others; every spelling of quotes, comments, names and operators.
MARKS = [*"{}()[].;,<>=#'\"\\:?$_@^|/-+!*&~% \n\r\t", "\u0301", "·", "²", "\u00a0"]
PIECES = [
    *["'''", '"""', "\\'", "\\#", "\\q", "\\u0041", "\\uD800", "%41", "#>", "<#", "<<", ">>", "{|", "|}", "[]", "@en"],
    *[
        "^^y:",
        "SILENT",
        "y:",
        "ex:",
        ":",
        "ex:a",
        ":a",
        "ex:a.b",
        "_:b",
        "_:b.c",
        "<a:b>",
        "<a:b#c>",
        "?a",
        "?o",
        "?a<",
    ],
    *["1", "1<2", "5e5", ".5", "true", "a", "'a'", "VALUES ?x {", "FILTER(", "BIND(1 AS ?z)", "OPTIONAL {", "UNION {"],
    *["GRAPH ?g {", "EXISTS {", "?s ?p ", "?s ?p ex:", "?s ?p :", "?s ?p ex:a", "FILTER(1<2)", "FILTER(ex:a<1)"],
]
STARTS = ["SELECT * {", "ASK {", "SELECT * { ?s ?p ?o FILTER(1", "SELECT * { ?s ?p ", "SELECT * { VALUES ?x {"]
CALLED = [
    "SERVICE y:{}",
    ".SERVICE SILENT y:{}",
    " . SERVICE y:{}",
    "}SERVICE y:{}",
    ")SERVICE#\ny:{}",
    "SERVICE#>\ny:{}",
]
ENDS = ["}", "\n}", "#'''\n}", "#\\q'''\n}", "'''\n}", ")}", "#>\n}"]
pieces = st.lists(st.one_of(st.sampled_from(MARKS), st.sampled_from(PIECES)), max_size=3).map("".join)
queries = st.tuples(st.sampled_from(STARTS), pieces, st.sampled_from(CALLED), pieces, st.sampled_from(ENDS)).map(
    "".join
)


def never_calls(listener: Listener, text: str) -> None:
    """Either the text is refused, or the engine is shown not to call."""
    query = HEAD.format(port=listener.port) + text
    try:
        read(query, KIB)
    except Problem:
        return
    assert not listener.runs(query)


@settings(max_examples=1_000, deadline=None)
@example("SELECT * { ?s ?p ex:.SERVICE y:{}}")
@given(text=queries)
def test_no_text_that_is_let_through_makes_the_engine_call(listener, text):
    never_calls(listener, text)


@pytest.mark.long
@settings(max_examples=50_000, deadline=None)
@given(text=queries)
def test_however_long_one_tries_no_text_makes_the_engine_call(listener, text):
    never_calls(listener, text)


@pytest.mark.parametrize(
    "text",
    ["a." * 130_000, "a-" * 130_000, "<a" * 130_000, ":" * 250_000, "'" * 250_000, "\\'" * 120_000, "ex:" * 80_000],
    ids=lambda text: text[:4],
)
def test_the_longest_text_is_read_at_a_cost_that_grows_no_faster_than_its_length(text):
    began = time.process_time()
    with contextlib.suppress(Problem):
        read("SELECT * {" + text, 1024 * 1024)
    assert time.process_time() - began < 20  # quadratic reading takes minutes
