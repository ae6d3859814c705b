"""`planvev registry links`: lists what the data leads to, and asks others only when told to, and politely.

The host that is asked is one of the test's own, on the loopback, which writes down who came and when.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from planvev.registries import calling
from planvev.registries.calling import Answer, Manners
from tests.library.copies import CULTURE, ID

ROBOTS = "User-agent: *\nDisallow: /closed\n"


@dataclass
class Fake:
    """A host: what it answers by path, and every request that came."""

    url: str
    robots: tuple[int, str] = (200, ROBOTS)
    asked: list[tuple[str, str, str, float]] = field(default_factory=list)

    def paths(self, method: str = "") -> list[str]:
        return [path for one, path, _, _ in self.asked if method in ("", one)]


def answer(fake: Fake, method: str, path: str) -> tuple[int, str]:
    """The status, and where it redirects to."""
    if path.startswith("/moved"):
        return 301, "/fine"
    if path == "/see-other":
        return 303, "/gone"
    if path == "/round":
        return 302, "/round"
    statuses = {"/gone": 404, "/withdrawn": 410, "/broken": 500, "/slow-down": 429, "/robots.txt": fake.robots[0]}
    if path == "/no-head":
        return (405 if method == "HEAD" else 200), ""
    return statuses.get(path, 200), ""


@pytest.fixture(name="fake")
def _fake(monkeypatch) -> Iterator[Fake]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    class Room(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append((self.command, self.path, self.headers["User-Agent"], time.monotonic()))
            status, to = answer(fake, self.command, self.path)
            body = fake.robots[1].encode() if self.path == "/robots.txt" else b"x" * 10
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if to:
                self.send_header("Location", to)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Room)
    fake = Fake(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


def called(fake: Fake, *paths: str, **manners: float) -> dict[str, Answer]:
    chosen = Manners(**{"pause": 0.0, "timeout": 5.0, "private": True} | manners)  # type: ignore[arg-type]
    found = calling.call([f"{fake.url}{path}" for path in paths], chosen)
    return {one.address.removeprefix(fake.url): one for one in found}


@pytest.mark.parametrize(
    ("path", "verdict", "status"),
    [
        ("/fine", calling.FINE, 200),
        ("/no-head", calling.FINE, 200),
        ("/moved", calling.MOVED, 200),
        ("/see-other", calling.GONE, 404),
        ("/gone", calling.GONE, 404),
        ("/withdrawn", calling.GONE, 410),
        ("/broken", calling.FAULT, 500),
        ("/round", calling.FAULT, 0),
        ("/closed/page", calling.NOT_ASKED, 0),
    ],
)
def test_an_address_is_told_by_what_it_answers(fake, path, verdict, status):
    found = called(fake, path)[path]
    assert (found.verdict, found.status) == (verdict, status)


def test_a_new_address_is_said(fake):
    assert called(fake, "/moved")["/moved"].why == f"for good to {fake.url}/fine"


def test_what_robots_txt_disallows_is_not_asked(fake):
    called(fake, "/closed/a", "/fine")
    assert fake.paths() == ["/robots.txt", "/fine"]


def test_a_host_whose_robots_txt_fails_is_left_alone_and_one_without_is_asked(fake):
    fake.robots = (503, "")
    assert called(fake, "/fine")["/fine"].verdict == calling.NOT_ASKED
    assert fake.paths() == ["/robots.txt"]
    fake.robots = (404, "")
    assert called(fake, "/fine")["/fine"].verdict == calling.FINE


def test_a_host_that_asks_to_wait_is_asked_no_more(fake):
    found = called(fake, "/slow-down", "/z")
    assert [found[path].verdict for path in ("/slow-down", "/z")] == [calling.NOT_ASKED, calling.NOT_ASKED]
    assert "/z" not in fake.paths()


def test_an_address_is_asked_once_whatever_its_fragment_and_by_head_alone_where_that_is_enough(fake):
    called(fake, "/fine#a", "/fine#b")
    assert [(method, path) for method, path, _, _ in fake.asked] == [("GET", "/robots.txt"), ("HEAD", "/fine")]


def test_there_is_a_pause_between_two_requests_to_a_host(fake):
    called(fake, "/a", "/b", "/no-head", pause=0.15)
    times = [at for _, _, _, at in fake.asked]
    assert len(times) == 5
    # Measured where they arrive, a moment after they were sent.
    assert all(later - earlier > 0.1 for earlier, later in pairwise(times))


def test_a_pause_that_robots_txt_asks_for_is_kept_or_the_host_is_left_alone(fake):
    fake.robots = (200, f"User-agent: *\nCrawl-delay: {calling.LONGEST_PAUSE + 1:.0f}\n")
    found = called(fake, "/fine")["/fine"]
    assert (found.verdict, "seconds between" in found.why) == (calling.NOT_ASKED, True)


def test_no_more_addresses_are_asked_than_allowed(fake):
    found = called(fake, "/a", "/b", "/c", most=2)
    assert [one.verdict for one in found.values()] == [calling.FINE, calling.FINE, calling.NOT_ASKED]


def test_a_machine_that_is_not_on_the_public_network_is_not_asked_unless_told_to(fake):
    found = called(fake, "/fine", private=False)["/fine"]
    assert (found.verdict, "public network" in found.why) == (calling.NOT_ASKED, True)
    assert fake.asked == []


def test_nobody_at_an_address_is_said_and_the_others_are_not_tried_for_long():
    found = list(calling.call([f"http://127.0.0.1:9/{n}" for n in range(9)], Manners(0, 1, private=True)))
    assert {one.verdict for one in found} == {calling.SILENT}
    assert "refused" in found[0].why


@pytest.fixture
def linked(copy, fake):
    """A library with two links to the host: one that answers, one that does not, with who says so."""
    with copy.file(CULTURE).open("a", encoding="utf-8") as file:
        file.write(
            "@prefix plan: <https://w3id.org/planvev/ns#> .\n"
            "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
            "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
            f"<{ID}{CULTURE}> rdfs:seeAlso <{fake.url}/fine> ,\n    <{fake.url}/gone> .\n"
            f"<{ID}{CULTURE}/link/1> a plan:Link ; rdf:subject <{ID}{CULTURE}> ; rdf:predicate rdfs:seeAlso ;\n"
            f"    rdf:object <{fake.url}/gone> ; plan:basis <{ID}code/basis/editorial> .\n"
        )
    return copy


def run(copy, *arguments: str):
    return copy.run("registry", "links", "--host", "127.0.0.1", *arguments)


def test_the_command_asks_nobody_unless_told_to(linked, fake):
    done = run(linked)
    assert done.returncode == 1, "one of the two has no basis"
    assert f"{CULTURE}.ttl:{linked.line(CULTURE, '/gone> .')}: editorial: rdfs:seeAlso {fake.url}/gone" in done.stdout
    assert f"unmarked: rdfs:seeAlso {fake.url}/fine" in done.stdout
    assert fake.asked == []


def test_the_command_names_the_file_and_line_of_a_link_that_leads_nowhere(linked, fake):
    done = run(linked, "--check", "--delay", "0", "--also-private")
    assert done.returncode == 1
    line = linked.line(CULTURE, "/gone> .")
    assert done.stdout == f"data/ttl/{CULTURE}.ttl:{line}: gone 404: rdfs:seeAlso {fake.url}/gone (editorial)\n"
    assert "1 fine, 1 gone" in done.stderr
    assert {agent for _, _, agent, _ in fake.asked} == {fake.asked[0][2]}
    assert fake.asked[0][2].startswith("planvev/")
