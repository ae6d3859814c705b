"""How a library is cut for judging does not change what is found."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planvev.checking import checks, judges
from planvev.checking.judges import Judges
from planvev.errors import CheckTimeout, EngineFault, SyntaxFault

MOSS = "plan/moss/koa-2022-2026"
TARGET = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<about:own-shape> a sh:NodeShape ;
    sh:target <about:own-target> ;
    sh:property [ sh:path <about:own> ; sh:maxCount 0 ] .
<about:own-target> a sh:SPARQLTarget ;
    sh:select "%s" .
"""
# Every four statements of a plan together, each time another answer: more than an engine goes through in a day.
ENDLESS = "SELECT ?this WHERE { ?this ?a ?b . ?c ?d ?e . ?f ?g ?h . ?i ?j ?k . FILTER(?b != ?e || ?h = ?k) }"


def test_the_whole_finds_what_its_files_find_one_by_one(real):
    whole = set(real.check())
    single = {finding for place in real.data for finding in real.check(place)}
    assert whole - single == set()
    assert single - whole == set()


@pytest.mark.timeout(300)
def test_many_small_portions_over_all_cores_find_the_same(real, monkeypatch):
    few = real.check()
    monkeypatch.setattr(checks, "PORTION", 200)
    monkeypatch.setattr("planvev.machine.cores", lambda: 2)
    assert len(list(checks._portions(list(real.data.values())))) >= judges.WORTH  # so that there are two processes
    with Judges(100) as pool:
        assert real.check(each=pool.each) == few
        assert len(pool._all) == 2


def test_a_portion_that_takes_too_long_is_ended_and_named(real):
    slow = real.with_shapes(TARGET % ENDLESS)
    began = time.monotonic()
    with Judges(1.5) as pool, pytest.raises(CheckTimeout) as ended:
        slow.check(MOSS, each=pool.each)
    assert time.monotonic() - began < 20
    assert "data/ttl/plan/moss/koa-2022-2026.ttl took more than 1.5 seconds" in ended.value.detail
    assert "in the targets of about:own-shape, ps:" in ended.value.advice
    assert not [one for one in pool._all if one.process.poll() is None]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("signal_", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_check_that_is_ended_says_nothing_more_and_leaves_no_process_behind(copy, signal_, code):
    (copy.root / "shapes" / "core" / "own.ttl").write_text(TARGET % ENDLESS, "utf-8")
    with copy.start("check") as process:
        assert process.stderr
        assert "against the shapes" in process.stderr.readline()
        (child,) = _children(process.pid)
        process.send_signal(signal_)
        assert process.wait(30) == code
        assert process.stderr.read() == ""
    assert not _lives(child)


def _children(process: int) -> list[str]:
    stats = [path.read_text("ascii") for path in Path("/proc").glob("[0-9]*/stat") if path.exists()]
    return [stat.split()[0] for stat in stats if stat.rpartition(")")[2].split()[1] == str(process)]


def _lives(process: str) -> bool:
    """Whether it still runs a second from now: whoever collects the dead may need a moment."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.01)
    return True


def test_what_a_process_refuses_is_said_as_if_it_were_judged_here(real):
    refused = []
    with Judges(60) as pool:
        for each in (None, pool.each):
            with pytest.raises(SyntaxFault) as fault:
                real.with_shapes(TARGET % "SELECT ?this WHERE { SERVICE <about:x> { } }").check(MOSS, each=each)
            refused.append((fault.value.args, vars(fault.value)))
    assert refused[0] == refused[1]
    assert refused[0][1]["line"] == 6


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the memory of a process has no ceiling")
def test_shapes_that_take_all_memory_end_their_process_and_not_the_machine(real, monkeypatch):
    monkeypatch.setattr("planvev.machine.memory_mb", lambda: 1600)
    monkeypatch.setattr("planvev.machine.cores", lambda: 2)
    slow = real.with_shapes(TARGET % ENDLESS)
    with Judges(100) as pool, pytest.raises(EngineFault, match=r"koa-2022-2026\.ttl ended with") as ended:
        slow.check(MOSS, each=pool.each)
    assert "It may take 400 MiB" in ended.value.advice


def test_a_module_in_the_folder_of_a_library_is_not_taken_for_ours(copy):
    for name in ("pyoxigraph", "planvev"):
        (copy.root / f"{name}.py").write_text("raise SystemExit('a module of theirs')", "utf-8")
    command = [str(Path(sys.executable).with_name("planvev")), "check"]
    done = subprocess.run(command, cwd=copy.root, env=copy.environment(), capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


def test_a_judge_that_is_killed_is_said_to_have_ended(real):
    with Judges(60) as pool:
        pool._all[0].process.kill()
        with pytest.raises(EngineFault, match="ended with -9"):
            real.check(MOSS, each=pool.each)
