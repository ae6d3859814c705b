"""What this machine gives: processors and memory, as far as its limits let us have them, and a disk that keeps."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")  # where a container sees its own limits (Linux, cgroup v2)
_ASSUMED = 4096  # MiB, where the system does not say what it has


def cores() -> int:
    """Processors that this process may use, at least 1."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _read(_CGROUP / "cpu.max").partition(" ")
    if quota.isdecimal() and period.strip().isdecimal():
        here = min(here, -(-int(quota) // int(period)))
    return max(here, 1)


def memory_mb() -> int:
    """Memory in MiB: the machine's, or the smaller limit of its container."""
    try:
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        pages, size = -1, -1
    have = pages * size // 2**20 if pages > 0 and size > 0 else _ASSUMED
    limit = _read(_CGROUP / "memory.max").strip()
    return min(have, int(limit) // 2**20) if limit.isdecimal() else have


def share_mb(processes: int, keeps_mb: int, wish_mb: int = 0) -> int:
    """What each of some processes may take so that all of them together stay below half the memory, in MiB.

    Args:
        processes: how many may be at work at once.
        keeps_mb: what one may still hold when its work is done, while others work.
        wish_mb: a smaller share that somebody wants; 0 for none.
    """
    most = max(memory_mb() // 2 // processes - keeps_mb, 64)
    return min(most, wish_mb) if wish_mb else most


def sync(path: Path) -> None:
    """Wait until what stands in a file or a folder has reached the disk (fsync(2))."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError):
        return ""
