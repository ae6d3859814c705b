"""How a library is cut for judging does not change what is found."""

from __future__ import annotations

import time

import pytest

from planvev import checks, judges
from planvev.errors import CheckTimeout, EngineFault
from planvev.judges import Judges

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
    monkeypatch.setattr("os.cpu_count", lambda: 2)
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
    assert not [one for one in pool._all if one.process.poll() is None]


def test_a_judge_that_is_killed_is_said_to_have_ended(real):
    with Judges(60) as pool:
        pool._all[0].process.kill()
        with pytest.raises(EngineFault, match="ended with -9"):
            real.check(MOSS, each=pool.each)
