"""The KOA strategy is here whole: every area, state and point once and in its own words, and nothing it does not say.

The text is read anew in this file, line by line, so that a mistake in how the data were made cannot hide in the test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.data.conftest import ID, Graph, Quotation, words

KOA = f"{ID}plan/moss/koa-2022-2026"
COMMUNITY_PART = f"{ID}plan/moss/samfunnsdel-2020-2030"
LOLL = f"{ID}plan/moss/loll-2020-2032"
VISION = f"{ID}org/moss/vision"
BEST_INTERESTS = f"{ID}treaty/barnekonvensjonen/principle/barnets-beste"

HERE, WANTED, HOW = "Her er vi", "Slik vil vi ha det", "Slik gjør vi det"
RUNNING_HEADER = re.compile(r"\s*STRATEGISK PLAN FOR KOMMUNALOMRÅDE .*")
BULLET = re.compile(r"\s*•\s+(?P<words>.*)")


def squeezed(text: str) -> str:
    """Wrapped lines joined as they stand, white space collapsed: the one freedom taken with the words."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Area:
    """One satsingsområde as the strategy's own text has it."""

    title: str
    introduction: str
    here: str
    wanted: str
    points: tuple[str, ...]


def read(shared: Path, name: str) -> list[str]:
    path = shared / "seeds" / name
    if not path.is_file():
        missing(f"the source text ../shared/seeds/{name} is not here, so the data were not compared with it")
    return [line for line in path.read_text("utf-8").splitlines() if not RUNNING_HEADER.fullmatch(line)]


def opening(lines: list[str]) -> int:
    """Where title and introduction begin: the last lines given, back to an empty line or to a new page (" X")."""
    last = max(n for n, line in enumerate(lines) if line.strip())
    return next(n for n in range(last, -1, -1) if re.match(r" \S", lines[n]) or not lines[n - 1].strip())


def listed(lines: list[str]) -> tuple[str, ...]:
    """The bulleted points of these lines. An empty line ends nothing: the text has them inside its wrapped points."""
    points: list[str] = []
    for line in lines:
        bullet = BULLET.fullmatch(line)
        if bullet:
            points.append(bullet["words"])
        elif line.strip():
            points[-1] += f" {line}"
    return tuple(squeezed(point) for point in points)


@pytest.fixture(scope="module")
def lines(shared: Path) -> list[str]:
    """The strategy's own text."""
    return read(shared, "000_5c96d066d4f8a452.txt")


@pytest.fixture(scope="module")
def strategy(lines: list[str]) -> str:
    """The same as running text."""
    return squeezed(" ".join(lines))


@pytest.fixture(scope="module")
def portal(shared: Path) -> str:
    """The portal's page about anchoring."""
    return squeezed(" ".join(read(shared, "004_5b033b7385747e16.txt")))


@pytest.fixture(scope="module")
def areas(lines: list[str]) -> tuple[Area, ...]:
    """The areas as this file reads them out of the text."""
    at = {heading: [n for n, line in enumerate(lines) if line.strip() == heading] for heading in (HERE, WANTED, HOW)}
    starts = [opening(lines[:here]) for here in at[HERE]]
    ends = [*starts[1:], len(lines)]
    return tuple(
        Area(
            title=squeezed(lines[start]),
            introduction=squeezed(" ".join(lines[start + 1 : here])),
            here=squeezed(" ".join(lines[here + 1 : wanted])),
            wanted=squeezed(" ".join(lines[wanted + 1 : how])),
            points=listed(lines[how + 1 : end]),
        )
        for start, here, wanted, how, end in zip(starts, *at.values(), ends, strict=True)
    )


def in_order(graph: Graph, kind: str, whole: str, part_of: str = "dct:isPartOf") -> list[str]:
    """The parts of a kind, as their plan orders them."""
    parts = [part for part in graph.of(kind) if whole in graph.values(part, part_of)]
    return sorted(parts, key=lambda part: int(graph.one(part, "plan:order")))


def test_the_text_has_four_areas_with_four_five_five_and_five_points(areas):
    assert [len(area.points) for area in areas] == [4, 5, 5, 5]


def test_the_areas_stand_in_order_with_title_and_introduction(areas, graph: Graph):
    found = in_order(graph, "plan:FocusArea", KOA)
    said = [(graph.one(area, "dct:title"), graph.one(area, "plan:text")) for area in found]
    assert said == [(area.title, area.introduction) for area in areas]


def test_each_area_says_where_we_are_and_how_we_want_it_in_its_own_words(areas, graph: Graph):
    found = in_order(graph, "plan:FocusArea", KOA)
    states = [
        [graph.one(graph.one(area, p), "plan:text") for p in ("plan:currentState", "plan:desiredState")]
        for area in found
    ]
    assert states == [[area.here, area.wanted] for area in areas]


def test_every_point_is_a_strategy_in_its_area_once_and_verbatim(areas, graph: Graph):
    found = in_order(graph, "plan:FocusArea", KOA)
    points = [
        tuple(graph.one(s, "plan:text") for s in in_order(graph, "plan:Strategy", area, "plan:inFocusArea"))
        for area in found
    ]
    assert points == [area.points for area in areas]


def test_no_strategy_stands_outside_the_areas_and_no_point_stands_twice(areas, graph: Graph):
    points = [point for area in areas for point in area.points]
    strategies = [
        graph.one(s, "plan:text") for s in graph.of("plan:Strategy") if KOA in graph.values(s, "dct:isPartOf")
    ]
    assert sorted(strategies) == sorted(points)
    everywhere = [text for subject in graph.subjects() for text in graph.values(subject, "plan:text")]
    assert {point: everywhere.count(point) for point in points} == dict.fromkeys(points, 1)


def test_no_word_of_the_text_is_left_unquoted_but_two_headings(quotations: dict[str, Quotation]):
    document = f"{ID}document/moss/koa-strategi"
    text = words(document)
    quoted = [False] * len(text)
    for quotation in quotations.values():
        if quotation.document == document:
            start = text.index(quotation.prefix + quotation.exact + quotation.suffix) + len(quotation.prefix)
            quoted[start : start + len(quotation.exact)] = [True] * len(quotation.exact)
    left = "".join(" " if done else character for character, done in zip(text, quoted, strict=True))
    assert left.split() == ["Innledning", "Visjon"]


def test_a_need_is_a_sentence_of_the_text_that_is_no_point(areas, strategy, graph: Graph):
    needs = [
        graph.one(need, "plan:text") for need in graph.of("plan:Need") if KOA in graph.values(need, "dct:isPartOf")
    ]
    assert needs
    assert all(need in strategy for need in needs)
    assert not {point for area in areas for point in area.points} & set(needs)


def test_the_strategy_states_no_measures_and_says_where_they_are(graph: Graph):
    assert not [m for m in graph.of("plan:Measure") if KOA in graph.values(m, "dct:isPartOf")]
    assert graph.values(KOA, "plan:measuresDescribedIn") == [f"{ID}plan/moss/oekonomiplan"]


def test_the_vision_and_its_explanation_are_the_municipalitys(strategy, graph: Graph):
    vision, explanation = graph.one(VISION, "plan:text"), graph.one(VISION, "dct:description")
    assert vision == "Mangfoldige Moss - skapende, varmere, grønnere"
    assert f"Visjon {vision} {explanation} Hovedmål og delmål" in strategy
    assert graph.values(VISION, "dct:creator") == [f"{ID}org/moss"]


def test_the_ambition_is_the_sentence_the_text_calls_kongstanken(strategy, graph: Graph):
    (ambition,) = [a for a in graph.of("plan:Ambition") if KOA in graph.values(a, "dct:isPartOf")]
    assert f"Kongstanken uttrykker kommunalområdets ambisjon: {graph.one(ambition, 'plan:text')} Fire" in strategy


def test_the_community_part_has_three_main_goals_in_three_areas(lines, portal, graph: Graph):
    goals = in_order(graph, "plan:Goal", COMMUNITY_PART)
    announced, after = (
        next(n for n, line in enumerate(lines) if words in line)
        for words in ("Planen har tre hovedmål:", "følger opp hovedmålet")
    )
    listed_goals = listed(lines[announced + 1 : after])
    assert len(listed_goals) == 3
    assert tuple(graph.one(goal, "plan:text") for goal in goals) == listed_goals
    titles = [graph.one(graph.one(goal, "plan:inFocusArea"), "dct:title") for goal in goals]
    assert titles == ["Levekår og folkehelse", "Verdiskaping og kompetanse", "Klima og miljø"]
    assert all(f"{title} Hovedmål: {goal}" in portal for title, goal in zip(titles, listed_goals, strict=True))


def test_the_strategy_has_its_place_among_the_plans_and_the_vision(graph: Graph):
    assert set(graph.values(KOA, "plan:anchoredIn")) == {VISION, COMMUNITY_PART, LOLL}
    assert set(graph.values(KOA, "plan:derivedFrom")) == {COMMUNITY_PART, LOLL}
    assert f"{ID}code/plan-type/temaplan" in graph.values(KOA, "dct:type")
    assert graph.values(LOLL, "plan:followsUp") == in_order(graph, "plan:Goal", COMMUNITY_PART)[:1]
    assert graph.values(LOLL, "dct:type") == [f"{ID}code/plan-type/kommunedelplan"]


def test_the_strategy_rests_on_two_knowledge_bases_and_takes_in_the_best_interests_of_the_child(graph: Graph):
    titles = {graph.one(base, "dct:title") for base in graph.values(KOA, "plan:informedBy")}
    assert titles == {"levekårsprofiler i Moss kommune", "oppvekst- og folkehelseprofilen"}
    assert graph.values(KOA, "plan:integrates") == [BEST_INTERESTS]
    assert graph.values(KOA, "plan:revisionAfter") == ["P4Y"]


@pytest.mark.parametrize(
    ("plan", "written", "start", "end"),
    [
        (KOA, "2022-2026", "2022", "2026"),
        (COMMUNITY_PART, "2020-2030", "2020", "2030"),
        (LOLL, "2020-2032", "2020", "2032"),
    ],
    ids=["koa", "samfunnsdel", "loll"],
)
def test_a_period_is_the_portals(plan, written, start, end, portal, graph: Graph):
    period = graph.one(plan, "dct:temporal")
    stated = [graph.one(period, p) for p in ("plan:asWritten", "dcat:startDate", "dcat:endDate")]
    assert stated == [written, start, end]
    assert written in portal


@pytest.mark.parametrize(
    "predicate", ["plan:adoptedBy", "dct:dateAccepted", "dct:issued", "dct:date", "dct:created", "dct:identifier"]
)
@pytest.mark.parametrize("subject", [KOA, f"{ID}document/moss/koa-strategi"], ids=["plan", "document"])
def test_what_the_text_does_not_state_is_not_stated_here(subject, predicate, graph: Graph):
    assert not graph.values(subject, predicate)


def test_those_whom_the_points_name_are_roles_and_not_organisations(graph: Graph):
    named = {
        role
        for strategy in graph.of("plan:Strategy")
        if KOA in graph.values(strategy, "dct:isPartOf")
        for p in ("plan:responsible", "plan:inCooperationWith")
        for role in graph.values(strategy, p)
    }
    assert {label for role in named for label in graph.values(role, "skos:prefLabel")} >= {
        "alle tjenester",
        "barnehager og skoler",
    }
    assert all(graph.values(role, "rdf:type") == ["http://www.w3.org/ns/org#Role"] for role in named)


# Where the sources do not agree, by the conflict's address: the words that must stand there side by side.
CONFLICTS = {
    f"{KOA}/conflict/period": {"de neste fire årene", "2022-2026"},
    f"{KOA}/conflict/derived-from": {"de to første delmålene i kommuneplanens samfunnsdel", "Planen har tre hovedmål:"},
    f"{KOA}/conflict/area-word": {"fire innsatsområder", "fire satsingsområder"},
    f"{KOA}/conflict/strategy-heading": {"slik kommer vi dit", "Slik gjør vi det"},
    f"{KOA}/conflict/causes": {
        "varig endring av årsakene til utenforskap",
        "varig endring av rotårsakene til utenforskap",
    },
    f"{KOA}/conflict/name": {"kultur, oppvekst, aktivitet", "kultur, oppvekst og aktivitet"},
    f"{KOA}/conflict/planverket": {"planverket", "kommunens overordnede planer"},
    f"{COMMUNITY_PART}/conflict/area-name": {"verdiskapning og kompetanse", "Verdiskaping og kompetanse"},
    f"{COMMUNITY_PART}/conflict/sub-goals": {"de to første delmålene i kommuneplanens samfunnsdel"},
    f"{LOLL}/conflict/title": {
        "Levekår og livskvalitet i et livsløpsperspektiv",
        "Leveår og livskvalitet i et livsløpsperspektiv",
    },
    f"{LOLL}/conflict/plan-type": {"delplan", "kommunedelplanen"},
    f"{LOLL}/conflict/period": {"2020-2032", "2020-2030"},
    f"{LOLL}/conflict/parts": {"delmål, strategier og tiltak"},
}


@pytest.mark.parametrize("conflict", CONFLICTS, ids=lambda iri: iri.removeprefix(f"{ID}plan/moss/"))
def test_where_the_sources_differ_every_reading_stands_as_written(conflict, strategy, portal, graph: Graph):
    readings = {
        value for reading in graph.values(conflict, "plan:reading") for value in graph.values(reading, "plan:value")
    }
    assert readings >= CONFLICTS[conflict]
    assert all(value in strategy or value in portal for value in readings)
