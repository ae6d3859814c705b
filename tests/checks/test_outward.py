"""Whatever shapes say, a check calls nobody: each test listens on a port of this machine meanwhile."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys

import pytest

from planvev.checking import bridge
from planvev.checking.validation import ENGINES, PYSHACL, validate
from planvev.errors import EngineFault, SyntaxFault
from planvev.formats.rdf import read_turtle

MOSS = "plan/moss/koa-2022-2026"
HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
TARGET = HEAD + '<about:own> a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select """\n%s""" ] .\n'
SPARQL = HEAD + '<about:own> a sh:NodeShape ; sh:targetClass owl:Thing ; sh:sparql [ sh:select """\n%s""" ] .\n'
RULE = HEAD + '<about:own> a sh:NodeShape ; sh:rule [ a sh:SPARQLRule ; sh:construct """\n%s""" ] .\n'
ASK = HEAD + '<about:own> a sh:SPARQLAskValidator ; sh:ask """\n%s""" .\n'
DECLARED = HEAD + '<about:own> sh:declare [\n sh:prefix "%s" ; sh:namespace "%s" ] .\n'
CALL = "SERVICE <http://127.0.0.1:{port}/> {{ ?this ?p ?o }}"


@pytest.fixture
def port():
    """A port that nobody may call while the test runs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
        server.settimeout(0.05)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("shapes", "query", "says"),
    [
        (TARGET, f"SELECT ?this WHERE {{{{ {CALL} }}}}", "SERVICE"),
        (SPARQL, f"SELECT $this WHERE {{{{ {CALL.lower()} }}}}", "SERVICE"),
        (RULE, f"CONSTRUCT {{{{ $this a $this }}}} WHERE {{{{ {CALL} }}}}", "SERVICE"),
        (ASK, f"ASK {{{{ {CALL} }}}}", "SERVICE"),
        (TARGET, "SELECT ?this FROM <http://127.0.0.1:{port}/> WHERE {{ ?this ?p ?o }}", "FROM"),
        # As rdflib reads it: a letter, the end of a string, the end of a comment.
        (SPARQL, f"SELECT $this WHERE {{{{ {CALL.replace('I', chr(92) * 2 + 'u0049')} }}}}", "u0049"),
        (SPARQL, f"SELECT $this WHERE {{{{ {CALL.replace('S', chr(92) * 2 + 'u017f')} }}}}", "SERVICE"),
        (SPARQL, f"SELECT $this WHERE {{{{ FILTER('a\\\\u0027) {CALL} #')\n}}}}", "u0027"),
        (SPARQL, f"SELECT $this WHERE {{{{ #\\\\u000a {CALL}\n}}}}", "u000a"),
        (SPARQL, f"SELECT $this WHERE {{{{ # \\r '''\n{CALL} # '''\n}}}}", "SERVICE"),
        (TARGET, "# service\nSELECT 'this", "does not end"),
    ],
)
def test_a_query_that_would_leave_the_machine_is_refused_with_file_line_and_shape(real, port, shapes, query, says):
    asking = real.with_shapes(shapes % query.format(port=port))
    with pytest.raises(SyntaxFault) as refused:
        asking.check(MOSS)
    assert refused.value.detail.startswith("about:own: The query ")
    assert says in refused.value.detail
    assert refused.value.file == "shapes/core/own.ttl"
    lines = asking.vocabulary[-1].data.decode().upper().split("\n")
    assert refused.value.line == next((n for n, line in enumerate(lines, 1) if says.upper() in line), 3)
    assert refused.value.advice


@pytest.mark.parametrize(
    ("prefix", "namespace"),
    [
        ("e", f"http://e/> SELECT ?this WHERE {{{{ {CALL} #"),
        (f"e: <http://e/> SELECT ?this WHERE {{{{ {CALL} #", "http://e/"),
    ],
)
def test_a_prefix_that_is_half_a_query_is_refused(real, port, prefix, namespace):
    asking = real.with_shapes(DECLARED % (prefix.format(port=port), namespace.format(port=port)))
    with pytest.raises(SyntaxFault, match=r"^about:own: “.*” is no ") as refused:
        asking.check(MOSS)
    assert (refused.value.file, refused.value.line) == ("shapes/core/own.ttl", 3)


def test_what_shapes_may_say_is_not_refused(real):
    query = (
        "# a service from elsewhere\nSELECT ?this { ?this a <about:PublicService> FILTER(?this != 'from \\\\u00e6') }"
    )
    good = real.with_shapes(TARGET % query + DECLARED % ("e-1.æ", "https://e.org/service#"))
    assert good.check(MOSS) == real.check(MOSS)


HERE = "<http://127.0.0.1:{port}/>"
DATA = HEAD + f"<about:a> a owl:Thing , owl:Ontology ; owl:imports {HERE} ; sh:shapesGraph {HERE} .\n"
CAREFUL = HEAD + (
    f"<about:own> a sh:NodeShape , owl:Ontology ; sh:targetClass owl:Thing ; owl:imports {HERE} ;\n"
    f" sh:shapesGraph {HERE} ; sh:entailment {HERE} ; sh:property <about:one> .\n"
    "<about:one> sh:path <about:p> ; sh:minCount 1 .\n"
)
SCRIPT = 'a sh:JS%s ; sh:jsFunctionName "f" ; sh:jsLibrary [ sh:jsLibraryURL "http://127.0.0.1:{port}/" ] '
SCRIPTED = CAREFUL + f"<about:own> sh:js [ {SCRIPT % 'Constraint'} ] . <about:f> {SCRIPT % 'Function'} .\n"
SOUGHT = CAREFUL + f"<about:own> sh:target [ {SCRIPT % 'Target'} ] .\n"


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize("shapes", [CAREFUL, SCRIPTED, SOUGHT])
def test_imports_and_scripts_that_shapes_and_data_name_are_not_fetched(engine, shapes, port):
    data = read_turtle((DATA + SCRIPTED.replace("about:own", "about:b")).format(port=port).encode(), "data")
    try:
        found = validate(data, read_turtle(shapes.format(port=port).encode(), "shapes"), engine)
    except EngineFault:  # pySHACL does not know what such a target is, when scripts are off
        assert (engine, shapes) == (PYSHACL, SOUGHT)
        return
    assert [(result.focus.value, result.shape) for result in found] == [("about:a", "about:one")]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_an_engine_that_is_handed_a_query_to_others_does_not_carry_it_out(engine, port):
    data = read_turtle(DATA.format(port=port).encode(), "data")
    asking = SPARQL % f"SELECT $this WHERE {{{{ $this ?p ?o {CALL.replace('S', chr(92) * 2 + 'u0053', 1)} }}}}"
    with pytest.raises(EngineFault):
        validate(data, read_turtle(asking.format(port=port).encode(), "shapes"), engine)


@pytest.mark.parametrize("made", [bridge.plain, bridge.asked])
@pytest.mark.parametrize("bindings", [None, {"x": bridge.theirs(read_turtle(b"<about:a> a 1 .", "x")[0].subject)}])
def test_a_graph_made_for_pyshacl_carries_out_no_service(made, bindings, port):
    graph = made(read_turtle(b"<about:a> <about:b> <about:c> .", "data"))
    with pytest.raises(PermissionError, match="SERVICE is not carried out here"):
        list(graph.query(f"SELECT * WHERE {{ {CALL.format(port=port)} }}", initBindings=bindings))
    with contextlib.suppress(PermissionError):  # rdflib leaves the graph out without a word
        assert not list(graph.query(f"SELECT * FROM <http://127.0.0.1:{port}/> {{ ?s ?p 1 }}", initBindings=bindings))


GIVE_UP = """
import sys, urllib.request
from planvev import confined
from planvev.checking import judging_child
try:
    judging_child.work(None, 1, 1000)
except AttributeError:
    pass  # no portion came
import pyoxigraph
try:
    pyoxigraph.Store().query("SELECT * { SERVICE <" + sys.argv[1] + "> { ?s ?p ?o } }").__next__()
except (OSError, StopIteration):
    print("engine kept in")
try:
    urllib.request.urlopen(sys.argv[1], timeout=2)
except OSError as error:
    print("Python kept in")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere an engine is kept in by the text of its queries alone")
def test_a_process_that_judges_cannot_call_anybody_even_when_it_is_told_to(port):
    done = subprocess.run(
        [sys.executable, "-c", GIVE_UP, f"http://127.0.0.1:{port}/"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines()[-1:] == ["Python kept in"], done.stderr
