"""What a publish leaves in the history, by the real commands: nothing twice, and nothing that readers never saw."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from planvev.engines.snapshot import Shelf
from planvev.versions.history import History
from tests.library.copies import CULTURE, NATURE, Copy

WORDS = "Vi åpner bekken."


def same_as_served(copy: Copy) -> bool:
    """Whether the history ends in what is served, version by version, and each can be read and is whole."""
    history, manifest = History(copy.state), Shelf(copy.state).current().manifest
    newest = {graph: version for graph, version in history.graphs().items() if version.digest}
    for version in newest.values():
        history.lines(version.place, version.digest)
    kept = {entry.graph: entry.digest for entry in manifest.graphs if entry.role != "derived"}
    return {graph: version.digest for graph, version in newest.items()} == kept


def test_editing_publishing_rolling_back_and_building_anew_leave_a_history_of_what_was_served(copy):
    copy.publish()
    first = History(copy.state).size()
    copy.publish()
    copy.publish(rebuild=True)
    assert History(copy.state).size() == first, "the same content adds nothing, however it is built"
    copy.edit(NATURE, WORDS, "Vi åpner hele bekken.")
    copy.file(CULTURE).unlink()
    second = copy.publish()
    assert same_as_served(copy)
    assert copy.run("rollback").returncode == 0
    assert same_as_served(copy)
    history = History(copy.state)
    assert [len(edition.changes) for edition in history.editions()] == [len(history.graphs()), 2, 2]
    assert history.size()[0] == len(history.graphs()) + 1, "one version more than there are graphs"
    assert [len(history.versions(f"https://w3id.org/planvev/graph/{place}")) for place in (NATURE, CULTURE)] == [3, 3]
    shown = copy.run("status", "--history").stdout.splitlines()
    assert [line.partition("  ")[0] for line in shown] == [
        "edition 3",
        "edition 2",
        "edition 1",
        "kept",
        "kept",
        "kept",
    ]
    assert f"{CULTURE} (withdrawn)" in shown[1]
    assert second.snapshot.id in shown[1]
    assert "history   3 editions" in copy.run("status").stdout


def test_a_history_that_is_gone_begins_again_with_what_is_served(copy):
    copy.publish()
    for path in sorted((copy.state / "history").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    copy.publish()
    assert same_as_served(copy)
    assert len(History(copy.state).editions()) == 1


def test_a_damaged_version_keeps_nobody_from_publishing_and_is_put_back_from_what_is_served(copy):
    copy.publish()
    history, graph = History(copy.state), f"https://w3id.org/planvev/graph/{NATURE}"
    (first,) = history.versions(graph)
    copy.edit(NATURE, WORDS, "Vi åpner hele bekken.")
    (copy.state / "history" / "graphs" / NATURE / f"{first.digest}.nq.gz").write_bytes(b"not gzip")
    copy.publish()
    assert same_as_served(copy)
    assert history.lines(NATURE, first.digest)
    (change,) = history.editions()[-1].changes
    assert (change.things, change.gone) == (1, ())


@pytest.mark.parametrize(
    ("step", "seen"), [("Recorder.record", 1), ("folder_of.point", 1), ("folder_of.prune", 2), ("Recorder.served", 2)]
)
def test_a_publisher_who_is_killed_leaves_a_history_of_what_readers_saw(copy, step, seen):
    copy.publish()
    copy.edit(NATURE, WORDS, "Etter krasjet.")
    program = (
        "import os, signal, planvev.publishing.publish as p, planvev.cli as c\n"
        f"p.{step} = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "c.main(['publish'])\n"
    )
    dead = subprocess.run(
        [sys.executable, "-c", program], env=copy.environment(), cwd=copy.root, capture_output=True, timeout=90
    )
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert len(History(copy.state).editions()) == seen
    assert same_as_served(copy)
    copy.edit(NATURE, "Etter krasjet.", WORDS)
    copy.publish()
    assert same_as_served(copy)
    assert len(History(copy.state).editions()) == (1 if seen == 1 else 3)
