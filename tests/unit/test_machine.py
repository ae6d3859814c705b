"""All query processes together stay below half of what there is."""

from __future__ import annotations

import pytest

from planvev import machine


@pytest.fixture
def container(tmp_path, monkeypatch):
    """Says what a container permits."""

    def permits(**limits: str) -> None:
        for name, text in limits.items():
            (tmp_path / name.replace("_", ".")).write_text(text + "\n")

    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    return permits


def test_a_container_is_believed_where_it_gives_less_than_the_machine(container):
    whole, cores = machine.memory_mb(), machine.cores()
    container(memory_max="max", cpu_max="max 100000")
    assert (machine.memory_mb(), machine.cores()) == (whole, cores)
    container(memory_max=str(2 * 2**30), cpu_max="50000 100000")
    assert (machine.memory_mb(), machine.cores()) == (2048, 1)


@pytest.mark.parametrize("processes", [1, 2, 5, 10])
@pytest.mark.parametrize("keeps", [0, 32])
def test_all_processes_at_work_together_have_at_most_half(container, processes, keeps):
    container(memory_max=str(4 * 2**30))
    assert processes * (machine.share_mb(processes, keeps) + keeps) <= 2048


def test_a_wish_can_only_lower_it(container):
    container(memory_max=str(4 * 2**30))
    assert machine.share_mb(4, 32, 100) == 100
    assert machine.share_mb(4, 32, 100_000) == machine.share_mb(4, 32)
