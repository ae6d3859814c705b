"""Whose request it is: the peer, or what trusted proxies say, and never what anybody may write."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from planvev.web.client import client_of

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def client(peer: str | None, forwarded: list[str], trusted=PROXIES) -> str:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return client_of({"client": (peer, 1) if peer else None, "headers": headers}, trusted)


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),  # no proxy of ours: anybody may write this
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),  # what stands before the last is hearsay
        ("10.0.0.1", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),  # through two proxies of ours
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::/64"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, unknown"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("::1", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8:0:1:a:b:c:d", [], "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        (None, [], ""),
    ],
)
def test_a_client_is_counted_by(peer, forwarded, counted):
    assert client(peer, forwarded) == counted


def test_without_trusted_proxies_nothing_forwarded_counts():
    assert client("10.0.0.1", ["203.0.113.9"], ()) == "10.0.0.1"
