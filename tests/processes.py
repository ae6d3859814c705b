"""The processes of a running service, as the kernel lists them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TICK = os.sysconf("SC_CLK_TCK")


def query_processes(server: int) -> set[int]:
    """The query processes that came of a process, themselves or through others."""
    return {pid for pid in descendants(server) if "planvev.answering.query_worker" in command(pid) and alive(pid)}


def descendants(parent: int) -> set[int]:
    """All that came of a process and is there."""
    folder = Path(f"/proc/{parent}/task")
    if not Path("/proc/self/task").exists():
        pytest.skip("this system does not list the children of a process")
    try:
        children = {int(number) for file in folder.glob("*/children") for number in file.read_text().split()}
    except OSError:  # it ended while we looked
        return set()
    return children.union(*(descendants(child) for child in children))


def command(process: int) -> str:
    """The command line of a process; empty when it has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def alive(process: int) -> bool:
    return _stat(process)[:1] not in ([], ["Z"])


def burnt(process: int) -> float:
    """Seconds of processor time that a process has used; 0 when it has ended."""
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0


def _stat(process: int) -> list[str]:
    """The fields of proc(5) stat behind the name: the state first."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
