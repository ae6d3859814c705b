"""Publishing only what has changed ends where publishing everything anew would: the same quads, the same verdict."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode

from planvev.answering.columns import Columns
from planvev.checking.gate import GateClosed
from planvev.engines.snapshot import Shelf, Snapshot
from planvev.publishing.publish import INCREMENTS, Manner, publish
from planvev.queries.derivation import DERIVED
from planvev.queries.statistics import COLUMNS
from tests.library.copies import CULTURE, ID, NATURE, Copy, copied

HEAD = """@base <https://w3id.org/planvev/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
"""
SLUGS = ("plan/proevestad/a", "plan/proevestad/b", "plan/proevestad/c")


def everything(copy: Copy) -> set[str]:
    """All quads of the published store, default graph and names of blank nodes included."""
    return {str(quad) for quad in Shelf(copy.state).current().store}


def anew(copy: Copy) -> Copy:
    """The same files, published from nothing into a state folder of its own."""
    other = Copy(copy.root, Path(tempfile.mkdtemp(dir=copy.root.parent)))
    other.publish()
    return other


def columns_of(snapshot: Snapshot) -> set[str]:
    """The statements that a snapshot's columns hold, those of named graphs with their graph."""
    columns = Columns(snapshot.folder / COLUMNS)
    terms = [term.decode() for term in columns.texts(np.arange(columns.terms))]
    pairs = {name: zip(*columns.of(name)[:2].tolist(), strict=True) for name in columns.properties}
    named = {name: name.rpartition(" ") for name in pairs}
    return {
        f"{graph and f'<{graph}> '}{terms[a]} <{predicate}> {terms[b]}"
        for name, (graph, _, predicate) in named.items()
        for a, b in pairs[name]
    }


def in_store(snapshot: Snapshot) -> set[str]:
    """The statements of its default graph and of its derived ones."""
    found = {str(quad.triple) for quad in snapshot.store.quads_for_pattern(None, None, None, DefaultGraph())}
    for graph in (NamedNode(entry.graph) for entry in snapshot.manifest.graphs if entry.role == DERIVED):
        found |= {f"{graph} {quad.triple}" for quad in snapshot.store.quads_for_pattern(None, None, None, graph)}
    return found


def same_as_anew(copy: Copy) -> None:
    other = anew(copy)
    ours, theirs = Shelf(copy.state).current(), Shelf(other.state).current()
    assert everything(copy) == everything(other)
    assert ours.id == theirs.id
    assert ours.manifest.triples == theirs.manifest.triples
    assert ours.manifest.advice == theirs.manifest.advice
    assert ours.manifest.graphs == theirs.manifest.graphs
    assert ours.statistics == theirs.statistics
    in_columns = columns_of(ours)
    assert in_columns == columns_of(theirs)
    assert in_columns == in_store(ours)


# --- the same quads ---

# What a plan file may say: shared blank-node shapes, statements that other files make too, and nothing at all.
SENTENCES = st.sampled_from(
    [
        'dct:title "Plan A"@nb',
        'dct:title "Plan B"@nn , "Plan B"@en',
        "plan:anchoredIn [ a dct:PeriodOfTime ]",
        "plan:anchoredIn [ a dct:PeriodOfTime ; dct:title 'x' ] , [ a dct:PeriodOfTime ; dct:title 'x' ]",
        "plan:derivedFrom <plan/proevestad/b>",
        "plan:derivedFrom <plan/proevestad/c>",
        # What derived links are made of: owners, periods, and parts that rest on something.
        "a plan:Plan ; dct:publisher <org/proevestad>",
        "a plan:Plan ; dct:creator <org/eksempelvik> ; plan:legalBasis <law/proevelov/p1>",
        "a plan:Plan ; dct:temporal [ a dct:PeriodOfTime ; <http://www.w3.org/ns/dcat#endDate> '2027' ]",
        "a plan:Plan ; dct:temporal [ a dct:PeriodOfTime ; <http://www.w3.org/ns/dcat#endDate> '2028' ]",
        "a plan:Measure ; dct:isPartOf <plan/proevestad/b> ; plan:legalBasis <law/proevelov/p1>",
        "a plan:Goal ; dct:isPartOf <plan/proevestad/a> ; plan:pursues <plan/proevestad/c/del/1>",
        'dct:description "_:c14n0 .\\n<a> "',
        "plan:cost 1.5e0 , 2",
        "plan:cost 2 , 2.50 ; a dct:Policy",
        "dct:issued '2020-01-01Z'^^<http://www.w3.org/2001/XMLSchema#date>",
    ]
)
EDITS = st.lists(st.tuples(st.sampled_from(SLUGS), st.none() | st.lists(SENTENCES, max_size=4)), min_size=1, max_size=4)
# Statements that several files make: about a part of a plan, which the plan's own file may make too.
SHARED = st.lists(st.sampled_from(["", 'dct:title "Felles"@nb', 'dct:title "Felles"@nn']), min_size=1, max_size=2)


def write(copy: Copy, place: str, sentences: list[str] | None, shared: str) -> None:
    copy.file(place).unlink(missing_ok=True)
    copy.file(place + "/del").unlink(missing_ok=True)
    if sentences is None:
        return
    text = HEAD + f"<{place}> a plan:Plan ; dct:title 'Alltid' " + "".join(f"; {said} " for said in sentences) + ".\n"
    part = f"<{place}/del/1> a plan:Goal ; {shared} .\n"
    copy.add(place, text + (part if shared else ""))
    if shared:
        copy.add(place + "/del", HEAD + part)


@pytest.mark.timeout(400)  # some dozens of publishes, which a crowded machine makes long
@settings(
    max_examples=4,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # shrinking would publish for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rounds=st.lists(st.tuples(EDITS, SHARED), min_size=1, max_size=3))
def test_any_edits_published_one_after_another_give_what_a_publish_from_nothing_gives(tmp_path, rounds):
    home = Path(tempfile.mkdtemp(dir=tmp_path))
    copy = copied(home)
    copy.publish()
    for edits, shared in rounds:
        for number, (place, sentences) in enumerate(edits):
            write(copy, place, sentences, shared[number % len(shared)])
        judged_alike(copy)
    shutil.rmtree(home)


def test_a_statement_leaves_the_default_graph_with_the_last_file_that_makes_it(copy):
    part = f"<{SLUGS[0]}/del/1> a plan:Goal .\n"
    copy.add(SLUGS[0], HEAD + f"<{SLUGS[0]}> a plan:Plan ; dct:title 'A' .\n" + part)
    copy.add(SLUGS[0] + "/del", HEAD + part)
    copy.publish()
    said = f"ASK {{ <{ID}{SLUGS[0]}/del/1> a ?type }}"
    copy.file(SLUGS[0] + "/del").unlink()
    copy.publish()
    assert Shelf(copy.state).current().store.query(said), "the plan's own file still says it"
    copy.file(SLUGS[0]).unlink()
    copy.publish()
    assert not Shelf(copy.state).current().store.query(said)
    same_as_anew(copy)


def test_a_rebuild_gives_the_same_id_and_the_same_quads(copy):
    copy.publish()
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken helt.")
    one = copy.publish()
    before = everything(copy)
    two = copy.publish(rebuild=True)
    assert two.new
    assert two.snapshot.id == one.snapshot.id
    assert (one.snapshot.increments, two.snapshot.increments) == (1, 0)
    assert everything(copy) == before


def test_the_store_before_is_not_touched(copy):
    first = copy.publish().folder

    def state() -> dict[str, tuple[int, int, int]]:
        found = {path.name: path.stat() for path in (first / "store").iterdir()}
        return {name: (stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in found.items()}

    before = state()
    copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken helt.")
    second = copy.publish().folder
    assert state() == before
    shared = {stat.st_ino for stat in map(Path.stat, (first / "store").iterdir())} & {
        stat.st_ino for stat in map(Path.stat, (second / "store").iterdir())
    }
    assert shared, "what has not changed is the same file on disk"


def test_after_many_extensions_a_publish_builds_from_nothing_and_a_watcher_does_not(copy, monkeypatch):
    monkeypatch.setattr("planvev.publishing.publish.INCREMENTS", 2)
    copy.publish()
    found = []
    for number in range(4):
        copy.edit(NATURE, "Vi åpner bekken" + "!" * number + ".", "Vi åpner bekken" + "!" * (number + 1) + ".")
        tidy = number < 3
        found.append(publish(copy.library, copy.state, Manner(5, tidy=tidy)).snapshot.increments)
    assert found == [1, 2, 0, 1]
    assert INCREMENTS == 100
    for number in range(4, 6):
        copy.edit(NATURE, "Vi åpner bekken" + "!" * number + ".", "Vi åpner bekken" + "!" * (number + 1) + ".")
        found.append(publish(copy.library, copy.state, Manner(5, tidy=False)).snapshot.increments)
    assert found[-2:] == [2, 3]
    same_as_anew(copy)


# --- the same verdict ---


def judged_alike(copy: Copy) -> list[str]:
    """What a publish of only what changed refuses; the same as one of everything, or the test fails."""

    def refused(rebuild: bool) -> list[str]:
        try:
            copy.publish(rebuild=rebuild)
        except GateClosed as closed:
            return sorted(f"{f.file} {f.shape} {f.focus}" for f in closed.findings)
        return []

    found = refused(False)
    if found:  # nothing was published, so that the whole check sees the same files
        assert refused(True) == found
    else:
        same_as_anew(copy)
    return found


def remove_what_is_referred_to(copy: Copy) -> None:
    copy.file(NATURE).unlink()


def change_what_is_referred_to(copy: Copy) -> None:
    text = copy.file(NATURE).read_text("utf-8")
    copy.file(NATURE).write_text(text.replace("a plan:Plan ;", "a plan:Strategy ;"), "utf-8")


def move_what_is_referred_to_into_a_file_below(copy: Copy) -> None:
    copy.add(f"{NATURE}/vedlegg", HEAD + f"<{NATURE}/vedlegg/1> a plan:Strategy .")
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", f"plan:derivedFrom <{NATURE}> , <{NATURE}/vedlegg/1>")


@pytest.mark.parametrize("change", [remove_what_is_referred_to, change_what_is_referred_to])
def test_a_file_that_did_not_change_is_refused_when_what_it_rests_on_does(copy, change):
    copy.publish()
    folder = Shelf(copy.state).target()
    change(copy)
    found = judged_alike(copy)
    assert [line for line in found if CULTURE in line and "Plan-derived" in line]
    assert Shelf(copy.state).target() == folder


def test_a_thing_is_known_from_every_file_that_may_speak_of_it(copy):
    part = f"<{NATURE}-2/x/1> a plan:Plan ; dct:title 'B' ."
    copy.add(NATURE + "-2", HEAD + f"<{NATURE}-2> a plan:Plan ; dct:title 'A' . {part}")
    copy.edit(CULTURE, f"plan:derivedFrom <{NATURE}>", f"plan:derivedFrom <{NATURE}-2/x/1>")
    assert not judged_alike(copy)
    copy.add(f"{NATURE}-2/x", HEAD + f"<{NATURE}-2/x/2> a plan:Plan ; dct:title 'C' .")
    assert not judged_alike(copy), "a file below does not take a thing from the one above"


def test_what_rests_on_a_change_through_another_file_is_judged_again(copy, monkeypatch):
    shape = copy.root / "shapes" / "core" / "plan.ttl"
    shape.write_text(
        shape.read_text("utf-8") + "ps:Plan-twice a sh:PropertyShape ; sh:targetClass plan:Plan ;\n"
        "  sh:path ( plan:derivedFrom plan:derivedFrom ) ; sh:class plan:Plan ; sh:message 'To ledd.'@nb .\n",
        "utf-8",
    )
    a, b, c = SLUGS
    copy.add(a, HEAD + f"<{a}> a plan:Plan ; dct:title 'A' ; plan:derivedFrom <{b}> .")
    copy.add(b, HEAD + f"<{b}> a plan:Plan ; dct:title 'B' ; plan:derivedFrom <{c}> .")
    copy.add(c, HEAD + f"<{c}> a plan:Plan ; dct:title 'C' .")
    assert not judged_alike(copy)
    copy.add(c, HEAD + f"<{c}> a plan:Strategy ; dct:title 'C' .")
    found = judged_alike(copy)
    assert [line for line in found if f"{a}.ttl" in line and "Plan-twice" in line]
    assert [line for line in found if f"{b}.ttl" in line and "Plan-derived" in line]


def add_a_rule(copy: Copy) -> None:
    shape = copy.root / "shapes" / "core" / "plan.ttl"
    rule = "ps:Plan-never a sh:NodeShape ; sh:targetClass plan:Plan ; sh:not [ sh:class plan:Plan ] ;"
    shape.write_text(shape.read_text("utf-8") + rule + " sh:message 'Nei.'@nb .", "utf-8")


def take_a_rule_away(copy: Copy) -> None:
    (copy.root / "shapes" / "links" / "plan.ttl").unlink()


def test_a_new_rule_is_held_to_every_file(copy):
    copy.publish()
    add_a_rule(copy)
    found = judged_alike(copy)
    assert {line.split()[0] for line in found} >= {f"data/ttl/{NATURE}.ttl", f"data/ttl/{CULTURE}.ttl"}


@pytest.mark.parametrize(
    "change",
    [
        take_a_rule_away,
        move_what_is_referred_to_into_a_file_below,
        lambda copy: copy.file(CULTURE).unlink(),
        lambda copy: copy.edit(CULTURE, "a plan:Plan ;", "a plan:Plan ; dct:type <code/plan-type/temaplan> ;"),
        lambda copy: copy.edit(NATURE, "# Satsingsområdet.\n", "# Andre ord.\n\n"),
    ],
    ids=["rule", "move", "removal", "advice", "comment"],
)
def test_the_count_of_advice_stays_right(copy, change: Callable[[Copy], object]):
    copy.publish()
    change(copy)
    judged_alike(copy)


def test_only_what_changed_and_what_rests_on_it_is_judged(copy):
    everybody = copy.publish().judged
    copy.edit(CULTURE, "a plan:Plan ;", "a plan:Plan ; dct:alternative 'Et navn til'@nb ;")
    assert copy.publish().judged == 1, "nobody rests on it"
    copy.edit(NATURE, "a plan:Plan ;", "a plan:Plan ; dct:alternative 'Et navn til'@nb ;")
    assert 1 < copy.publish().judged < everybody
    copy.file(NATURE).write_text("# Samme.\n" + copy.file(NATURE).read_text("utf-8"), "utf-8")
    assert copy.publish().judged == 0, "written otherwise, saying the same"


def test_a_change_of_program_has_everything_judged_and_built_again(copy, monkeypatch):
    first = copy.publish()
    monkeypatch.setattr("planvev.__version__", "0.0.0")
    second = copy.publish()
    assert second.new
    assert second.judged == first.judged
    assert second.snapshot.increments == 0
    assert Snapshot(second.folder).id == first.snapshot.id
