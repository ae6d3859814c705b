"""How a library is cut for judging does not change what is found."""

from __future__ import annotations

import pytest

from planvev import checks


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
    assert len(list(checks._portions(list(real.data.values())))) >= 16  # enough that processes are started
    assert real.check() == few
