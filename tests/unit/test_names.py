"""A file's place, its graph, its things and their addresses are the same words."""

from __future__ import annotations

import pytest

from planvev.errors import Misplaced
from planvev.names import COMMON, KINDS, PREFIXES, Base, place_of, places_above, short

OURS = Base()
OTHER = Base("https://planer.example.no")
KOA = f"{COMMON}/id/plan/moss/koa"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("plan/moss/koa-2022-2026.ttl", "plan/moss/koa-2022-2026"),
        ("org/moss.ttl", "org/moss"),
        ("law/2021-06-18-97.ttl", "law/2021-06-18-97"),
        ("code/plan-type.ttl", "code/plan-type"),
        ("plan/moss/koa/del/to.ttl", "plan/moss/koa/del/to"),
    ],
)
def test_a_file_names_its_place(path, place):
    assert place_of(tuple(path.split("/"))) == place


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("plan/moss/koa.trig", "not a .ttl file"),
        ("plan/moss/koa.ttl.bak", "not a .ttl file"),
        ("notes.ttl", "stands in no folder we know"),
        ("plan.ttl", "stands in no folder we know"),
        ("plans/moss/koa.ttl", "stands in no folder we know"),
        ("plan/moss/Koa.ttl", "'Koa' cannot stand in an address"),
        ("plan/våler/koa.ttl", "'våler' cannot stand in an address"),
        ("plan/moss/koa 2.ttl", "'koa 2' cannot stand in an address"),
        ("plan/moss/koa--2.ttl", "'koa--2' cannot stand in an address"),
        ("plan/-moss/koa.ttl", "'-moss' cannot stand in an address"),
        ("plan/moss/koa.v2.ttl", "'koa.v2' cannot stand in an address"),
        ("plan/moss/.ttl", "'' cannot stand in an address"),
    ],
)
def test_a_file_at_a_wrong_place_is_told_so_by_its_own_name(path, says):
    with pytest.raises(Misplaced) as refused:
        place_of(tuple(path.split("/")))
    assert says in refused.value.detail
    assert f"data/ttl/{path}" in refused.value.detail
    assert refused.value.advice


def test_graph_and_thing_are_the_place_under_the_base():
    assert OURS.graph("plan/moss/koa") == f"{COMMON}/graph/plan/moss/koa"
    assert OURS.thing("plan/moss/koa") == KOA


@pytest.mark.parametrize("kind", KINDS)
def test_what_all_share_has_one_name_whoever_publishes_it(kind):
    shared = kind in ("org", "law", "treaty", "guidance", "code")
    assert OTHER.thing(f"{kind}/x").startswith(COMMON if shared else OTHER.iri)
    assert OTHER.graph(f"{kind}/x").startswith(COMMON if shared else OTHER.iri)


def test_a_file_may_speak_about_its_thing_and_what_stands_below_it():
    assert OURS.owns("plan/moss/koa", KOA)
    assert OURS.owns("plan/moss/koa", f"{KOA}/strategy/1-1")


def test_a_file_may_not_speak_about_a_name_that_only_begins_alike():
    assert not OURS.owns("plan/moss/koa", f"{KOA}-2022")
    assert not OURS.owns("plan/moss/koa", f"{KOA}#part")
    assert not OURS.owns("plan/moss/koa", f"{COMMON}/id/plan/moss")
    assert not OURS.owns("plan/moss/koa", f"{COMMON}/graph/plan/moss/koa")


def test_strangers_are_named_once_and_in_order():
    there = [f"{KOA}/a", "https://b.example/", "https://a.example/", "https://b.example/"]
    assert OURS.strangers("plan/moss/koa", there) == ["https://a.example/", "https://b.example/"]


def test_only_what_is_under_a_base_is_local():
    assert OURS.local(KOA) == "/id/plan/moss/koa"
    assert OURS.local(f"{COMMON}x/id/plan") is None
    assert OTHER.local(f"{COMMON}/id/org/moss") == "/id/org/moss"
    assert OTHER.local(f"{OTHER.iri}/id/plan/x") == "/id/plan/x"
    assert OURS.local("https://example.org/id/plan") is None


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (KOA, "/doc/plan/moss/koa.html"),
        (f"{KOA}/strategy/1-1", "/doc/plan/moss/koa/strategy/1-1.html"),
        (f"{COMMON}/id/plan/moss/blåbær", "/doc/plan/moss/bl%C3%A5b%C3%A6r.html"),
        (f"{COMMON}/id/plan/moss/bl%C3%A5", "/doc/plan/moss/bl%C3%A5.html"),
        (f"{COMMON}/ns#Plan", "/ns#Plan"),
        (f"{COMMON}/shapes#Plan-title", "/shapes#Plan-title"),
        (f"{COMMON}/graph/org/moss", "/graph/org/moss"),
        ("https://example.org/a?b=c&d#e", "/resource?iri=https%3A%2F%2Fexample.org%2Fa%3Fb%3Dc%26d%23e"),
        (f"{COMMON}/elsewhere", "/resource?iri=https%3A%2F%2Fw3id.org%2Fplanvev%2Felsewhere"),
    ],
)
def test_every_iri_has_an_address_here(iri, address):
    assert OURS.address(iri) == address


def test_a_host_with_another_base_shows_common_things_as_resources():
    assert OTHER.address(f"{COMMON}/id/org/moss").startswith("/resource?iri=https%3A%2F%2Fw3id.org")
    assert OTHER.address(f"{OTHER.iri}/id/plan/x") == "/doc/plan/x.html"


def test_a_path_stands_for_the_iri_as_written_and_as_encoded():
    decoded, encoded = OURS.spoken("/id/plan/moss/blåbærøy")
    assert decoded == f"{COMMON}/id/plan/moss/blåbærøy"
    assert encoded == f"{COMMON}/id/plan/moss/bl%C3%A5b%C3%A6r%C3%B8y"


def test_a_plain_path_stands_for_one_iri():
    assert OURS.spoken("/id/plan/moss/koa") == (KOA,)


def test_the_places_above_come_nearest_first_and_stop_below_the_kind():
    assert list(places_above("plan/moss/koa/strategy/1")) == [
        "plan/moss/koa/strategy/1",
        "plan/moss/koa/strategy",
        "plan/moss/koa",
        "plan/moss",
    ]


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        (f"{COMMON}/ns#Strategy", "plan:Strategy"),
        (f"{COMMON}/shapes#Plan-title", "ps:Plan-title"),
        ("http://purl.org/dc/terms/title", "dct:title"),
        ("http://purl.org/dc/terms/", "http://purl.org/dc/terms/"),
        ("https://schema.org/a/b", "https://schema.org/a/b"),
        (KOA, KOA),
    ],
)
def test_an_iri_is_written_short_only_where_a_prefix_fits(iri, name):
    assert short(iri) == name


def test_no_two_prefixes_name_the_same_namespace():
    assert len(set(PREFIXES.values())) == len(PREFIXES)
