"""The numbers kept with a snapshot are those that counting its statements one by one would give."""

from __future__ import annotations

from collections import Counter

from pyoxigraph import DefaultGraph, Literal, Quad, Store

from planvev import tally
from planvev.rdf import NamedNode
from planvev.snapshot import Snapshot
from planvev.statistics import STATISTICS, Statistics, Use


def test_every_number_is_what_counting_one_by_one_gives(snapshot: Snapshot):
    triples = [quad.triple for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())]
    found = snapshot.statistics
    assert found
    assert found.triples == len(triples) == snapshot.manifest.triples
    assert found.subjects == len({t.subject for t in triples})
    assert found.objects == len({t.object for t in triples})
    for name in {t.predicate for t in triples}:
        mine = [t for t in triples if t.predicate == name]
        use = Use(len(mine), len({t.subject for t in mine}), len({t.object for t in mine}))
        assert found.properties[name.value] == use, name
    assert found.properties.keys() == {t.predicate.value for t in triples}
    classes = [t.object for t in triples if t.predicate == tally.RDF_TYPE]
    kinds = Counter(kind.value for kind in classes if isinstance(kind, NamedNode))
    assert found.classes == kinds
    named = Counter(quad.graph_name.value for quad in snapshot.store if quad.graph_name != DefaultGraph())
    assert found.graphs == named


def test_they_come_back_from_their_file_as_they_were(snapshot: Snapshot):
    assert Statistics.read(snapshot.folder / STATISTICS) == snapshot.statistics


def test_a_property_with_a_floating_number_says_so():
    lines = (
        b'<a:s> <a:exact> "1.5"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
        b'<a:s> <a:double> "1.5E0"^^<http://www.w3.org/2001/XMLSchema#double> .\n'
        b'_:b <a:float> "1"^^<http://www.w3.org/2001/XMLSchema#float> .\n'
        b'<a:s> <a:text> "\\"1\\"^^<http://www.w3.org/2001/XMLSchema#float> ." .\n'
    )
    floats = tally.floating(lines)
    assert floats == {"a:double", "a:float"}
    store = Store()
    for name in ("exact", "double"):
        store.add(Quad(NamedNode("a:s"), NamedNode(f"a:{name}"), Literal(1)))
    uses = tally.gathered(store, {}, floats).properties
    assert uses["a:double"].floats
    assert not uses["a:exact"].floats
