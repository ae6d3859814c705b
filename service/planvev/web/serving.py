"""The processes that answer HTTP: how many, over one socket, and that none outlives the one that started them.

uvicorn's own supervisor starts them, replaces one that dies, and ends them together. They share a folder for places and
large answers; the first process makes it and removes it. What a service left that was killed goes at the next start.
"""

from __future__ import annotations

import gc
import shutil
import signal
import socket
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from planvev import confined, machine
from planvev.answering.workers import spool_folder
from planvev.settings import Settings
from planvev.web.app import create_app
from planvev.web.express import protocol

MOST = 4  # processes when nobody says how many; past that, queries and not pages want the cores
# How many objects come before Python looks for those that only point at each other (gc.set_threshold): an answer leaves
# few, and looking through everything stops a process for as long as two pages take.
COLLECTED = (10_000, 20, 20)
PATIENCE = 30  # seconds in which a process must say that it is alive, on a machine under load


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve on a socket until SIGINT or SIGTERM."""
    shared = spool_folder()
    processes = settings.web_processes or min(machine.cores(), MOST)
    config = uvicorn.Config(
        partial(_alone if processes == 1 else _among_others, settings, shared),
        factory=True,
        http=protocol(),
        workers=processes,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # uvicorn believes whoever is on this machine; whom we believe is a setting (`web.client`)
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_worker_healthcheck=PATIENCE,
    )
    try:
        if processes == 1:
            uvicorn.Server(config).run(sockets=[listening])
        else:
            Multiprocess(config, [listening]).run()
    finally:
        shutil.rmtree(shared, ignore_errors=True)


def _among_others(settings: Settings, shared: Path) -> FastAPI:
    """The application in a process that ends when the first process does, however that ends."""
    confined.end_with_parent(signal.SIGTERM)
    return _alone(settings, shared)


def _alone(settings: Settings, shared: Path) -> FastAPI:
    """The application; what it consists of stays for good, and is never looked through for what could go.

    That is before any snapshot is open: one that was looked away from would never be given back.
    """
    app = create_app(settings, shared)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    return app
