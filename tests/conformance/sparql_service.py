"""A real `planvev serve` over the W3C's data: each file is a named graph, and a test names its dataset by the protocol.

So one server holds all of the suite, and yet the dataset of each query is exactly what its manifest says, because the
dataset of the protocol replaces every other (SPARQL 1.1 Protocol, section 2.1.4). A test whose default graph is empty
names `EMPTY`, a graph in which nothing stands.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pyoxigraph as ox
import pytest

from planvev.engines.snapshot import CURRENT, MANIFEST, SNAPSHOTS, STORE, GraphEntry, Manifest
from planvev.names import COMMON
from tests.conformance.sparql_manifest import HOME, Case, ProtocolCase, Suite
from tests.conftest import TOP
from tests.web import serving

FOLDER = TOP.parent / "shared" / "suites" / "w3c" / "rdf-tests" / "sparql" / "sparql11"
SUITE = Suite(FOLDER)
EMPTY = HOME + "nothing"
# The protocol's tests name it and say nothing of what stands in it.
UNSAID = "http://kasei.us/2009/09/sparql/data/data0.rdf"

BY_FROM = {"construct/constructwhere04"}  # its query says by FROM what its dataset is


def lay(state: Path, cases: Iterable[Case], protocol: Iterable[ProtocolCase]) -> None:
    """Write a state folder with one snapshot that holds the data of all these tests."""
    folder = state / SNAPSHOTS / "77336331-1"
    graphs = {HOME + file: SUITE.triples(file) for case in cases for file in case.default + case.named}
    graphs |= {name: SUITE.triples(file) for case in protocol for name, file in case.graphs}
    graphs |= {EMPTY: [], UNSAID: []}
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / STORE))
    for name, triples in graphs.items():
        graph = ox.NamedNode(name)
        store.add_graph(graph)
        store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    store.flush()
    entries = tuple(
        GraphEntry(name, name, "data", "", "", "", len(triples)) for name, triples in sorted(graphs.items())
    )
    manifest = Manifest("77336331", "2020-01-01T00:00:00Z", COMMON, "", "", 0, 0, entries)
    (folder / MANIFEST).write_text(json.dumps(dataclasses.asdict(manifest)), "utf-8")
    (state / CURRENT).symlink_to(folder.relative_to(state))


_running: list[serving.Server] = []


def server(config: pytest.Config, cases: Iterable[Case], protocol: Iterable[ProtocolCase]) -> serving.Server:
    """The one server over the suite's data, until pytest ends."""
    if not _running:
        state = Path(tempfile.mkdtemp(prefix="planvev-w3c-"))
        config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
        lay(state, cases, protocol)
        _running.append(serving.start(state))
        config.add_cleanup(_running[0].stop)
    return _running[0]


def ask(server: serving.Server, case: Case, accept: str, optimise: str = "on") -> httpx2.Response:
    """The query of a test over the dataset of the test, its relative IRIs resolved against its own address.

    With `optimise="always"` it is written anew wherever that is permitted, whatever it costs.
    """
    text = f"BASE <{case.base}>\n{SUITE.text(case.query)}"
    dataset = [("default-graph-uri", HOME + file) for file in case.default]
    dataset += [("named-graph-uri", HOME + file) for file in case.named]
    if not case.default:
        dataset.append(("default-graph-uri", EMPTY))
    if case.name in BY_FROM:
        dataset = []
    dataset.append(("optimise", optimise))
    kind = {"Content-Type": "application/sparql-query", "Accept": accept}
    return server.client.post(f"/sparql?{urlencode(dataset)}", content=text.encode(), headers=kind)
