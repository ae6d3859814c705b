"""A thing and its neighbours, in the reader's language, each list in its own order and counted."""

from __future__ import annotations

from datetime import date

import pytest

from planvev.engines.snapshot import Shelf
from planvev.insight.lookup import Lookup
from planvev.insight.things import Text
from planvev.names import NS, PREFIXES
from planvev.periods import Period, day
from tests.library.copies import CULTURE, ID, NATURE

PLAN, OTHER = ID + NATURE, ID + CULTURE
DCT = PREFIXES["dct"]


@pytest.fixture
def look(snapshot):
    """Look-ups for a reader of Norwegian bokmål."""
    return Lookup(snapshot, ("nb", "nn", "en"))


@pytest.mark.parametrize(
    ("languages", "iri", "label"),
    [
        (("nb", "nn", "en"), PLAN, Text("Naturplan 2024–2027 (oppdiktet)", "nb")),
        (("en", "nb", "nn"), PLAN, Text("Nature plan 2024–2027 (invented)", "en")),
        (("nn", "nb", "en"), PLAN, Text("Naturplan 2024–2027 (oppdiktet)", "nb")),
        (("nn", "nb", "en"), OTHER, Text("Kulturplan (oppdikta)", "nn")),
        (("en", "nn", "nb"), OTHER, Text("Kulturplan (oppdikta)", "nn")),
        (("nb",), f"{PLAN}/strategy/1-1", Text("Vi åpner bekken.", "nb")),
        (("nb",), ID + "law/proevelov/p1", Text("prøveloven § 1", "nb")),
        (("nb",), f"{PLAN}/quote/title", Text("«Naturplan 2024–2027»")),
        (("nb",), "https://example.org/things/last-words/", Text("last-words")),
        (("nb",), "https://example.org/ns#Term", Text("Term")),
    ],
)
def test_a_thing_is_called_what_the_reader_understands_best(snapshot, languages, iri, label):
    assert Lookup(snapshot, languages).node(iri).label == label


def test_the_order_of_names_is_the_same_whatever_stands_first_in_the_file(copy):
    copy.edit(CULTURE, '"Kulturplan (oppdiktet)"@nb , "Kulturplan (oppdikta)"@nn', '"B"@nb , "A"@nb , "C"@nn')
    copy.publish()
    assert Lookup(Shelf(copy.state).current(), ("nb",)).node(OTHER).label.value in ("A", "B")


def test_a_page_about_a_plan_has_what_it_needs(look):
    thing = look.thing(PLAN)
    assert thing.types == (NS + "Plan",)
    assert thing.label.value == "Naturplan 2024–2027 (oppdiktet)"
    assert thing.label_predicate == DCT + "title"
    assert thing.descriptions == (Text("Ei øy, en ås og en bekk: planen er oppdiktet for testene.", "nb"),)
    assert thing.graphs == (f"https://w3id.org/planvev/graph/{NATURE}",)
    outgoing = {group.predicate: group for group in thing.outgoing}
    assert not {DCT + "title", DCT + "description", NS + "quotedFrom"} & outgoing.keys(), "said elsewhere on the page"
    (publisher,) = outgoing[DCT + "publisher"].values
    assert publisher.node is not None
    assert publisher.node.label.value == "Prøvestad kommune (oppdiktet)"


def test_incoming_statements_are_grouped_by_relation_and_kind(look):
    thing = look.thing(PLAN)
    groups = {(group.predicate, group.kind): group for group in thing.incoming}
    strategies = groups[DCT + "isPartOf", NS + "Strategy"]
    assert [value.node.iri for value in strategies.values] == [f"{PLAN}/strategy/1-1", f"{PLAN}/strategy/1-2"]
    assert strategies.count == 2
    assert groups[NS + "derivedFrom", NS + "Plan"].values[0].node.iri == OTHER
    assert not thing.incoming_more


def test_the_trail_leads_from_whoever_publishes_down_to_the_thing(look):
    trail = [node.iri.removeprefix(ID) for node in look.thing(f"{PLAN}/strategy/1-1").trail]
    assert trail == ["org/proevestad", NATURE, f"{NATURE}/area/1"]


def test_a_trail_that_goes_round_ends(copy):
    copy.edit(NATURE, "    plan:legalBasis", f"    dct:isPartOf <{NATURE}/area/1> ;\n    plan:legalBasis")
    copy.publish()
    trail = Lookup(Shelf(copy.state).current(), ("nb",)).thing(f"{PLAN}/area/1").trail
    assert len(trail) < 5


def test_a_quotation_shows_its_words_what_stands_around_them_and_what_they_support(look):
    (quote,) = look.thing(PLAN).quotes
    assert (quote.before, quote.exact.value, quote.after) == (
        "Prøvestad kommune. ",
        "Naturplan 2024–2027",
        " Enhet for natur",
    )
    assert quote.source is not None
    assert quote.source.iri == ID + "document/proevestad/naturplan"
    assert quote.supports == (DCT + "temporal", DCT + "title")


def test_what_hangs_in_brackets_is_shown_with_its_parts(look):
    thing = look.thing(OTHER)
    (value,) = next(group for group in thing.outgoing if group.predicate == DCT + "temporal").values
    assert {group.predicate for group in value.parts} == {
        PREFIXES["dcat"] + "startDate",
        PREFIXES["dcat"] + "endDate",
        NS + "asWritten",
    }


def test_a_thing_of_somebody_else_is_shown_by_what_points_at_it(look):
    thing = look.thing(PREFIXES["spdx"] + "checksumAlgorithm_sha256")
    assert thing.incoming
    node = thing.incoming[0].values[0].node
    assert node is not None
    assert node.iri == ID + "document/proevestad/naturplan" or node.iri.startswith("https://w3id.org/planvev/shapes")


@pytest.mark.parametrize("iri", ["", "no iri at all", "https://e.org/<>"])
def test_what_is_no_iri_is_a_thing_nobody_knows(look, iri):
    thing = look.thing(iri)
    assert (thing.outgoing, thing.incoming, thing.quotes, thing.trail) == ((), (), (), ())


def test_all_plans_come_by_name(look):
    assert [node.iri for node in look.nodes([NS + "Plan"])] == [OTHER, PLAN]


def test_the_owners_of_a_plan_are_its_publisher(look):
    assert [node.iri.removeprefix(ID) for node in look.owners(PLAN)] == ["org/proevestad"]


# --- periods ---


def test_a_period_in_years_runs_from_new_year_to_new_years_eve(look):
    period = look.period(PLAN)
    assert period == Period(date(2024, 1, 1), date(2027, 12, 31), "2024–2027")
    assert period.years() == "2024–2027"


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (date(2020, 4, 30), "coming"),
        (date(2020, 5, 1), "in-force"),
        (date(2022, 4, 30), "in-force"),
        (date(2022, 5, 1), "expired"),
    ],
)
def test_a_period_in_days_holds_on_its_first_and_last_day(look, today, status):
    period = look.period(OTHER)
    assert (period.start, period.end) == (date(2020, 5, 1), date(2022, 4, 30))
    assert period.status(today) == status


@pytest.mark.parametrize(
    ("start", "end", "status", "years"),
    [
        (None, None, "unknown", ""),
        (date(2024, 1, 1), None, "in-force", "2024–"),
        (None, date(2024, 12, 31), "in-force", "–2024"),
        (None, date(2023, 12, 31), "expired", "–2023"),
        (date(2025, 1, 1), None, "coming", "2025–"),
        (date(2024, 1, 1), date(2024, 12, 31), "in-force", "2024"),
    ],
)
def test_an_open_period_is_open(start, end, status, years):
    period = Period(start, end, "")
    assert period.status(date(2024, 6, 1)) == status
    assert period.years() == years


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-12", date(2023, 12, 1), date(2023, 12, 31)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29)),
        ("2023-02-29", None, None),
        ("2023-13", None, None),
        ("2023-00", None, None),
        ("0000", None, None),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
        ("2024–2027", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_day_is_read_from_what_dates_years_and_months_look_like(text, first, last):
    assert day(text, last=False) == first
    assert day(text, last=True) == last


def test_a_plan_without_a_period_has_none(look):
    assert look.period(ID + "org/proevestad") is None
