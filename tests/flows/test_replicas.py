"""Two replicas of one snapshot behind nginx, as `deploy/nginx.conf` has it: one dies, and nobody who reads notices."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.interop.engines import free_port
from tests.library.copies import NATURE, Copy, copied
from tests.web import serving

pytestmark = pytest.mark.alone

TOP = Path(__file__).parents[2]
READERS = 4
SECONDS = 6.0  # of reading; the replica dies in the middle
MAIN = """
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/planvev.conf;
}}
"""


def moved(state: Path, to: Path) -> Path:
    """A snapshot folder copied as docs/scaling.md has it: the folder first, the pointer last."""
    pointer = (state / "current").readlink()
    shutil.copytree(state / pointer, to / pointer)
    (to / "current").symlink_to(pointer)
    return to


@contextlib.contextmanager
def nginx(program: str, folder: Path, replicas: list[serving.Server]) -> Iterator[str]:
    """nginx with the project's own configuration; only the ports are others."""
    port = free_port()
    text = (TOP / "deploy" / "nginx.conf").read_text("utf-8")
    addresses = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8080"]
    ours = [*(replica.url.removeprefix("http://") for replica in replicas), f"127.0.0.1:{port}"]
    for old, new in zip(addresses, ours, strict=True):
        assert text.count(old) == 1, f"{old} stands {text.count(old)} times in deploy/nginx.conf"
        text = text.replace(old, new)
    folder.mkdir()
    (folder / "planvev.conf").write_text(text, "utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), "utf-8")
    said = "daemon off;" + ("user root;" if os.geteuid() == 0 else "")
    error_log = str(folder / "error.log")
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", error_log, "-g", said]
    )
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(httpx2.TransportError):
                httpx2.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
                break
            assert process.poll() is None, (folder / "error.log").read_text("utf-8")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def published(tmp_path: Path) -> Copy:
    copy = copied(tmp_path / "copy")
    copy.publish()
    return copy


def test_a_replica_dies_under_load_and_no_read_fails(published, tool, tmp_path):
    second = moved(published.state, tmp_path / "second")
    library = str(published.root)
    query = "SELECT ?p WHERE { ?p a plan:Plan } ORDER BY ?p"
    read, failed = [0] * READERS, []
    stop = threading.Event()
    with (
        serving.another(published.state, PLANVEV_LIBRARY=library) as dies,
        serving.another(second, PLANVEV_LIBRARY=library) as lives,
        nginx(tool("nginx"), tmp_path / "nginx", [dies, lives]) as url,
    ):

        def reader(number: int) -> None:
            with httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
                for n in range(100_000):
                    if stop.is_set():
                        return
                    try:
                        if n % 3:
                            answer = client.get(f"/doc/{NATURE}.{('html', 'ttl', 'jsonld')[n % 3]}")
                        else:
                            answer = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
                        if answer.status_code != 200 or not answer.content:
                            failed.append((number, n, answer.status_code, answer.text[:200]))
                    except httpx2.HTTPError as error:
                        failed.append((number, n, 0, repr(error)))
                    read[number] += 1
                    time.sleep(0.02)  # a bounded load: at most 200 a second

        threads = [threading.Thread(target=reader, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        time.sleep(SECONDS / 2)
        before = sum(read)
        dies.process.send_signal(signal.SIGKILL)
        time.sleep(SECONDS / 2)
        stop.set()
        for thread in threads:
            thread.join()
        after = sum(read) - before
        assert not failed, f"{len(failed)} of {sum(read)} failed: {failed[:5]}"
        assert before > 20, "there was a load before"
        assert after > 20, "and after"
        assert lives.get("/healthz").status_code == 200


def test_both_replicas_answer_alike(published, tmp_path):
    second = moved(published.state, tmp_path / "second")
    library = str(published.root)
    with (
        serving.another(published.state, PLANVEV_LIBRARY=library) as one,
        serving.another(second, PLANVEV_LIBRARY=library) as other,
    ):
        for path in (f"/doc/{NATURE}.html", f"/doc/{NATURE}.ttl", "/healthz", "/sparql?query=ASK%7B%7D"):
            here, there = one.get(path), other.get(path)
            assert (here.status_code, here.content) == (there.status_code, there.content)
            assert here.headers.get("etag") == there.headers.get("etag")


READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 77
! touch "$1/x" 2>/dev/null || exit 78
exec "$2" -m planvev serve --port 0
"""


def test_a_copy_is_served_from_a_mount_that_cannot_be_written(published, tmp_path):
    state = moved(published.state, tmp_path / "copied")
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(state), sys.executable],
        env=serving.settings(state, PLANVEV_LIBRARY=str(published.root)),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        line = process.stderr.readline()
        if not line.startswith("Serving"):
            process.wait(10)
            if "unshare" in line or process.returncode == 77:
                pytest.skip(f"this machine lets nobody mount: {line.strip()}")
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line
        page = httpx2.get(f"{found[0]}/doc/{NATURE}.html", trust_env=False, timeout=30)
        rows = httpx2.post(f"{found[0]}/sparql", data={"query": "ASK {}"}, trust_env=False, timeout=30)
        assert (page.status_code, rows.status_code) == (200, 200)
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()
