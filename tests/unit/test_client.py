"""Whose request it is: the peer, or what trusted proxies say, and never what anybody may write."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from planvev.web.client import client_of, scheme_of

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


@pytest.mark.parametrize(
    ("peer", "told", "counted"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "javascript", "http"),
        ("10.0.0.1", None, "http"),
        ("192.0.2.1", "https", "http"),  # no proxy of ours
        (None, "https", "http"),
    ],
)
def test_how_a_client_came_is_said_by_a_trusted_proxy_alone(peer, told, counted):
    headers = [(b"x-forwarded-proto", told.encode())] if told else []
    scope = {"client": (peer, 1) if peer else None, "headers": headers, "scheme": "http"}
    assert scheme_of(scope, PROXIES) == counted
