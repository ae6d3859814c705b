"""Whether addresses of others still answer, asked politely: for an operator who wants to know, never while serving.

One host after another, a pause between two requests to the same, HEAD before GET, a name and an address in User-Agent.
robots.txt is read first (RFC 9309): what it disallows is not asked, a longer pause is kept, and a host whose robots.txt
fails is left alone. So is one that asks to wait (429, 503) or does not answer three times in a row. Addresses that are
not on the public network are not asked unless somebody says so: a link in the data may name any machine.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.robotparser import RobotFileParser

FINE, MOVED, GONE, FAULT, SILENT, NOT_ASKED = "fine", "moved", "gone", "fault", "silent", "not asked"
BAD = (GONE, FAULT, SILENT)  # what somebody ought to look at

HOPS = 5  # redirects followed
PATIENCE = 3  # times in a row that a host may fail to answer
LONGEST_PAUSE = 60.0  # seconds; a robots.txt that wants more is not asked on
PERMANENT, REDIRECTS, WAIT = (301, 308), (301, 302, 303, 307, 308), (429, 503)
MOST_ROBOTS = 512 * 1024  # bytes of robots.txt that are read (RFC 9309, section 2.5, asks for at least 500 KiB)


@dataclass(frozen=True)
class Manners:
    """How to ask: seconds between two requests to a host and for each, how many addresses at most, and as whom."""

    pause: float = 1.0
    timeout: float = 20.0
    most: int = 500
    agent: str = "planvev registry links"
    private: bool = False  # also ask machines that are not on the public network


@dataclass(frozen=True)
class Answer:
    """What became of an address: one of the words above, the last status (0: none), and why, in words."""

    address: str
    verdict: str
    status: int = 0
    why: str = ""


@dataclass
class _Host:
    """What is known of a host while it is being asked."""

    robots: RobotFileParser | None = None
    shut: str = ""  # why it is not asked any more
    dead: str = ""  # why it cannot be reached at all
    pause: float = 0.0
    asked: float = 0.0
    silent: int = 0


def call(addresses: Iterable[str], manners: Manners) -> Iterator[Answer]:
    """Ask each address once, without its fragment, host by host; answers come as they are found."""
    documents = sorted({urllib.parse.urldefrag(address).url for address in addresses}, key=_by_host)
    caller = _Caller(manners)
    for number, address in enumerate(documents):
        if number < manners.most:
            yield caller.visit(address)
        else:
            yield Answer(address, NOT_ASKED, why=f"{manners.most} addresses are asked at most")


class _Caller:
    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.hosts: dict[str, _Host] = {}
        self.opener = urllib.request.build_opener(_Stay)

    def visit(self, address: str) -> Answer:
        """Ask an address, and those it redirects to, until one tells how it is."""
        at, moved = address, ""
        for _ in range(HOPS + 1):
            if dead := self._host(at).dead:
                return Answer(address, SILENT, why=dead)
            if shut := self._shut(at):
                return Answer(address, NOT_ASKED, why=shut)
            status, to, failure = self._asked(at)
            if failure:
                return Answer(address, SILENT, why=failure)
            if status not in REDIRECTS or not to:
                return _judged(address, status, moved)
            target = urllib.parse.urldefrag(urllib.parse.urljoin(at, to)).url
            if not target.startswith(("http://", "https://")):
                return Answer(address, FAULT, status, f"redirects to {target[:80]}")
            moved = moved or (target if at == address and status in PERMANENT else "")
            at = target
        return Answer(address, FAULT, why=f"redirects more than {HOPS} times")

    def _shut(self, address: str) -> str:
        """Why an address is not asked; empty when it may be."""
        host = self._host(address)
        if host.shut:
            return host.shut
        if host.robots and not host.robots.can_fetch(self.manners.agent, address):
            return f"robots.txt of {_host_of(address)} does not allow it"
        return ""

    def _host(self, address: str) -> _Host:
        """The host of an address; its robots.txt is read when it is met first."""
        name = _host_of(address)
        if name not in self.hosts:
            host = self.hosts[name] = _Host(pause=self.manners.pause)
            host.shut = "" if self.manners.private or _proxied(address) else _not_public(name)
            if not host.shut:
                self._read_robots(address, host)
        return self.hosts[name]

    def _read_robots(self, address: str, host: _Host) -> None:
        at = urllib.parse.urljoin(address, "/robots.txt")
        status, to, body, host.dead = self._fetch(at, "GET", host, MOST_ROBOTS)
        for _ in range(HOPS):
            if status not in REDIRECTS or not to:
                break
            at = urllib.parse.urljoin(at, to)
            if _host_of(at) != _host_of(address):  # what stands elsewhere was not written for this host
                break
            status, to, body, host.dead = self._fetch(at, "GET", host, MOST_ROBOTS)
        if status >= 500:
            host.shut = f"its robots.txt cannot be read ({status})"
        elif status == 200:
            host.robots = RobotFileParser()
            host.robots.parse(body.decode("utf-8", "replace").splitlines())
            wanted = float(host.robots.crawl_delay(self.manners.agent) or 0)
            host.pause = max(host.pause, wanted)
            if wanted > LONGEST_PAUSE:
                host.shut = f"its robots.txt asks for {wanted:.0f} seconds between two requests"

    def _asked(self, address: str) -> tuple[int, str, str]:
        """HEAD, and GET where that is refused: some servers know no HEAD."""
        host = self._host(address)
        status, to, _, failure = self._fetch(address, "HEAD", host)
        if not failure and status >= 400 and status not in WAIT:
            status, to, _, failure = self._fetch(address, "GET", host)
        host.silent = host.silent + 1 if failure else 0
        if host.silent >= PATIENCE:
            host.shut = f"{_host_of(address)} did not answer {PATIENCE} times"
        if status in WAIT:
            host.shut = f"{_host_of(address)} asked us to wait (it answered {status})"
        return status, to, failure

    def _fetch(self, address: str, method: str, host: _Host, keep: int = 0) -> tuple[int, str, bytes, str]:
        """One request, after the pause of its host: status, where it redirects to, body, and why there is none."""
        left = host.asked + host.pause - time.monotonic()
        if host.asked and left > 0:
            time.sleep(left)
        headers = {"User-Agent": self.manners.agent, "Accept": "*/*"}
        try:
            request = urllib.request.Request(address, method=method, headers=headers)  # noqa: S310  http(s): `visit`
            with self._opened(request) as answer:
                body = answer.read(keep) if keep else b""
                return int(answer.status), answer.headers.get("Location", ""), body, ""
        except (OSError, http.client.HTTPException, ValueError) as error:
            return 0, "", b"", f"{getattr(error, 'reason', error) or type(error).__name__}"
        finally:
            host.asked = time.monotonic()

    @contextlib.contextmanager
    def _opened(self, request: urllib.request.Request) -> Iterator[Any]:
        try:
            answer = self.opener.open(request, timeout=self.manners.timeout)
        except urllib.error.HTTPError as error:  # an answer all the same
            answer = error
        with contextlib.closing(answer):
            yield answer


class _Stay(urllib.request.HTTPRedirectHandler):
    """Does not follow: each step is judged first."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _judged(address: str, status: int, moved: str) -> Answer:
    if 200 <= status < 300:
        return Answer(address, MOVED if moved else FINE, status, f"for good to {moved}" if moved else "")
    if status in (404, 410):
        return Answer(address, GONE, status)
    if status in WAIT:
        return Answer(address, NOT_ASKED, status, "the host asks us to wait")
    return Answer(address, FAULT, status, "it may answer others" if status in (401, 403) else "")


def _host_of(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc.lower()


def _by_host(address: str) -> tuple[str, str]:
    return _host_of(address), address


def _proxied(address: str) -> bool:
    """Whether a proxy stands between, which then resolves the name and decides where we may go."""
    parts = urllib.parse.urlsplit(address)
    return parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(parts.hostname or "")


def _not_public(netloc: str) -> str:
    """Why a host is not asked, by where its name leads; empty when it is on the public network."""
    host = urllib.parse.urlsplit(f"//{netloc}").hostname or ""
    try:
        found = {str(row[4][0]).partition("%")[0] for row in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        return ""  # whoever asks will see that it has no address
    inner = sorted(one for one in found if not ipaddress.ip_address(one).is_global)
    return f"{host} is {inner[0]}, which is not on the public network" if inner else ""
