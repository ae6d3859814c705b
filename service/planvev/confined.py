"""What a process gives up before it does a stranger's work: the network, most memory, and outliving its parent.

Linux knows all of them; elsewhere the first is refused only to what is written in Python, the second is the
system's to bound, and the third is left to whoever waits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import socket
import sys
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET, _PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1
_OUTWARD = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostby", "urllib.")


def end_with_parent(how: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """Get this signal when the thread that started this process ends, however it ends (prctl(2), Linux).

    Args:
        how: the signal.
        parent: the process that started this one; where it has ended already, this one ends now.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)
    if parent is not None and os.getppid() != parent:
        sys.exit()


def limit_memory(megabytes: int) -> None:
    """Bound what this process may take beyond what is mapped now; a bomb then ends the process, not the machine.

    Args: `megabytes` in MiB. Nothing is bounded where the system does not say what is mapped (/proc, Linux).
    """
    with contextlib.suppress(OSError, ValueError):
        mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        ceiling = mapped + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))


def leave_network() -> bool:
    """Move into a network namespace that has no way out (unshare(2), Linux); whether that holds.

    To be called before anything starts threads, which would make it impossible.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "unshare"):
        return False
    if libc.unshare(_CLONE_NEWNET) != 0 and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    return [name for _, name in socket.if_nameindex()] in ([], ["lo"])


def forbid_sockets() -> None:
    """Refuse connections and names to everything written in Python, for the rest of this process (PEP 578).

    For where `leave_network` does not hold. Raises there: PermissionError.
    """

    def refuse(event: str, _told: object) -> None:
        if event.startswith(_OUTWARD):
            raise PermissionError(f"{event}: this process may not call anybody")

    sys.addaudithook(refuse)
