"""The numbers kept with a snapshot are those that counting its statements one by one would give."""

from __future__ import annotations

from collections import Counter

from pyoxigraph import BlankNode, DefaultGraph, Literal

from planvev.engines.snapshot import Snapshot
from planvev.formats.rdf import NamedNode
from planvev.publishing import tally
from planvev.queries.statistics import STATISTICS, Statistics, Use


def test_every_number_is_what_counting_one_by_one_gives(snapshot: Snapshot):
    triples = [quad.triple for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())]
    found = snapshot.statistics
    assert found
    assert found.triples == len(triples) == snapshot.manifest.triples
    assert found.subjects == len({t.subject for t in triples})
    assert found.objects == len({t.object for t in triples})
    for name in {t.predicate for t in triples}:
        mine = [t for t in triples if t.predicate == name]
        types = {kind for t in mine for kind in types_of(t.object)}
        subjects, values = (Counter(getattr(t, end) for t in mine) for end in ("subject", "object"))
        use = found.properties[name.value]
        assert (use.triples, use.subjects, use.objects) == (len(mine), len(subjects), len(values)), name
        assert (use.most_objects, use.most_subjects) == (max(subjects.values()), max(values.values())), name
        assert use.types == tuple(sorted(types)), name
        # Nodes without a name are called otherwise in the lines that columns are made of.
        assert use.longest >= max(0 if isinstance(t, BlankNode) else len(str(t).encode()) for t in (*subjects, *values))
    assert found.properties.keys() == {t.predicate.value for t in triples}
    classes = [t.object for t in triples if t.predicate == tally.RDF_TYPE]
    kinds = Counter(kind.value for kind in classes if isinstance(kind, NamedNode))
    assert found.classes == kinds
    named = Counter(quad.graph_name.value for quad in snapshot.store if quad.graph_name != DefaultGraph())
    assert found.graphs == named


def types_of(value: object) -> list[str]:
    if not isinstance(value, Literal) or value.language or value.datatype.value.endswith("#string"):
        return []
    return [value.datatype.value]


def test_they_come_back_from_their_file_as_they_were(snapshot: Snapshot):
    assert Statistics.read(snapshot.folder / STATISTICS) == snapshot.statistics


def test_the_types_of_values_are_read_from_lines():
    xsd = "http://www.w3.org/2001/XMLSchema#"
    lines = (
        f'<a:s> <a:exact> "1.5"^^<{xsd}decimal> .\n'
        f'<a:s> <a:double> "1.5E0"^^<{xsd}double> .\n'
        f'_:b <a:date> "2020-01-01"^^<{xsd}date> .\n'
        f'_:b <a:date> "2020-01-01Z"^^<{xsd}date> .\n'
        f'<a:s> <a:text> "\\"1\\"^^<{xsd}float> ." .\n'
        f'<a:s> <a:text> "1"@nb .\n'
        f"<a:s> <a:thing> <a:o> .\n"
    )
    types = tally.typed(lines.encode())
    expected = {("exact", "decimal"), ("double", "double"), ("date", "date"), ("date", "date Z")}
    assert types == {(f"a:{name}", xsd + one) for name, one in expected}


def test_what_sums_and_least_values_depend_on():
    def use(*types: str) -> Use:
        return Use(1, 1, 1, tuple("http://www.w3.org/2001/XMLSchema#" + one for one in types))

    assert use().exact
    assert use().settled
    assert use("decimal", "integer").exact
    assert not use("decimal", "integer").settled
    assert not use("double").exact
    assert not use("double").settled
    assert use("gYear").settled
    assert not use("date Z").settled
