"""Other publishers than Moss: Løten, Råde, five municipalities in Nordmøre, and the guide of four directorates.

The expectations are written from ../shared/plans/ (facts that somebody retold from public pages), not from the data.
Nothing of it is quoted, because those texts are not the pages' own words; each fact says which summary it is from, the
summary which pages it retells, and the page where it stands and when it was read.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.data.conftest import ID, Graph, full, short, value

LOETEN, RAADE, NORDMOERE = "plan/loeten", "plan/raade", "plan/kristiansund/vold-i-naere-relasjoner-2023-2027"
GUIDE = f"{ID}guidance/helsedirektoratet/samarbeid-om-tjenester-til-barn-unge-og-deres-familier"
AMENDMENT = f"{ID}law/lovendringer-velferdstjenestelover-2022-08-01"
FIVE = {"org/averoey", "org/kristiansund", "org/aure", "org/tingvoll", "org/smoela"}
WITH = f"{full('prov:')}wasAssociatedWith"

# Which text · the addresses it gives.
SUMMARIES = {
    "document/loeten/sammendrag-2026-11": "01-loten.txt",
    "document/raade/sammendrag-2026-11": "02-rade.txt",
    "document/kristiansund/sammendrag-2026-11": "03-kristiansund-nordmore.txt",
    "document/helsedirektoratet/sammendrag-2026-11": "04-samarbeid-veileder-helsedirektoratet.txt",
}

# Which plan · its title · first and last year · adopted on · adopted by.
PLANS = [
    (f"{LOETEN}/samfunnsdel-2019-2030", "Kommuneplanens samfunnsdel 2019-2030", "2019", "2030", "2019-05-22", "loeten"),
    (f"{LOETEN}/samfunnsdel-2005-2016", "Samfunnsdel 2005-2016", "2005", "2016", "2005-05-25", None),
    (f"{LOETEN}/planstrategi-2020-2024", "Kommunal planstrategi 2020 - 2024", "2020", "2024", "2020-09-16", None),
    (f"{LOETEN}/barn-og-unge-2022-2023", "Strategisk plan for barn og unge 2022-2023", "2022", "2023", None, None),
    (
        f"{LOETEN}/forebyggende-plan-2024-2027",
        "Forebyggende plan for omsorgssvikt og atferdsvansker",
        "2024",
        "2027",
        "2024-05-29",
        "loeten",
    ),
    (
        f"{LOETEN}/vold-i-naere-relasjoner-2023-2026",
        "Handlingsplan mot vold i nære relasjoner 2023-2026",
        "2023",
        "2026",
        None,
        None,
    ),
    (f"{RAADE}/samfunnsdel-2020-2037", "Kommuneplanens samfunnsdel 2020-2037", "2020", "2037", "2020-06-11", "raade"),
    (f"{RAADE}/planstrategi-2015-2019", "Planstrategi 2015-2019", "2015", "2019", "2016-10-20", None),
    (NORDMOERE, "Handlingsplan mot vold i nære relasjoner 2023-2027", "2023", "2027", None, None),
    ("plan/nasjonal/frihet-fra-vold-2021-2024", "Frihet fra vold", "2021", "2024", None, None),
]

# The fourteen acts in the order of the list, as it names them · the act · its provisions on cooperation, coordination,
# individual plan and children's coordinator (../shared/reference/registries.md, 3.2).
ACTS = [
    ("helse- og omsorgstjenesteloven", "2011-06-24-30", {"3-4", "7-1", "7-2a"}),
    ("spesialisthelsetjenesteloven", "1999-07-02-61", {"2-1e", "2-5"}),
    ("psykisk helsevernloven", "1999-07-02-62", {"4-1"}),
    ("tannhelsetjenesteloven", "1983-06-03-54", {"1-4a"}),
    ("pasient- og brukerrettighetsloven", "1999-07-02-63", {"2-5", "2-5c"}),
    ("barnevernloven", "2021-06-18-97", {"15-8", "15-9"}),
    ("barnehageloven", "2005-06-17-64", {"2b"}),
    ("opplæringsloven", "2023-06-09-30", {"24-1"}),
    ("privatskoleloven", "2003-07-04-84", {"3-6a"}),
    ("sosialtjenesteloven", "2009-12-18-131", {"13", "28"}),
    ("NAV-loven", "2006-06-16-20", {"15", "15a"}),
    ("krisesenterloven", "2009-06-19-44", {"4"}),
    ("familievernkontorloven", "1997-06-19-62", {"1a"}),
    ("integreringsloven", "2020-11-06-127", {"50"}),
]


def shorts(graph: Graph, thing: str, predicate: str) -> list[str]:
    return [short(v) for v in graph.values(ID + thing.removeprefix(ID), predicate)]


def names(graph: Graph, things: list[str], predicate: str = "skos:prefLabel") -> list[str]:
    """The bokmål names of these things, in their own order where they have one."""
    order = {thing: int((graph.values(thing, "plan:order") or ["0"])[0]) for thing in things}
    return [
        value(o)
        for thing in sorted(things, key=lambda t: order[t])
        for o in graph.each(thing, predicate)
        if getattr(o, "language", None) == "nb"
    ]


def parts(graph: Graph, kind: str, plan: str) -> list[str]:
    return [part for part in graph.of(kind) if ID + plan.removeprefix(ID) in graph.values(part, "dct:isPartOf")]


def events(graph: Graph, plan: str) -> dict[str, str]:
    """What happened to a plan: kind → the event."""
    found = [
        e for e in graph.of("plan:Decision") + graph.of("plan:PlanEvent") if ID + plan in graph.values(e, "plan:about")
    ]
    return {short(graph.one(e, "dct:type")).removeprefix("code/event-kind/"): e for e in found}


def told(shared: Path, name: str) -> str:
    path = shared / "plans" / name
    if not path.is_file():
        missing(f"the text ../shared/plans/{name} is not here, so what rests on it was not compared")
    return path.read_text("utf-8")


@pytest.mark.parametrize(("summary", "name"), SUMMARIES.items(), ids=SUMMARIES.values())
def test_a_summary_is_known_by_its_digest_and_leads_to_every_address_it_retells(summary, name, graph: Graph, shared):
    text = told(shared, name)
    checksum = graph.one(ID + summary, "spdx:checksum")
    assert graph.one(checksum, "spdx:checksumValue") == hashlib.sha256(text.encode()).hexdigest()
    pages = graph.values(ID + summary, "plan:summarises")
    addresses = [line.removeprefix("url: ").strip() for line in text.splitlines() if line.startswith("url: ")]
    assert [graph.one(page, "schema:url") for page in pages] == addresses
    assert {graph.one(page, "plan:readOn") for page in pages} == {"2026-11"}
    for page in [ID + summary, *pages]:
        assert {getattr(o, "language", None) for o in graph.each(page, "dct:title")} == {"nb", "nn", "en"}


def test_nothing_retold_is_given_out_as_a_quotation(graph: Graph):
    retellings = set(graph.of("plan:SourceSummary"))
    assert {short(s) for s in retellings} == set(SUMMARIES)
    pages = {page for s in retellings for page in graph.values(s, "plan:summarises")}
    assert not [q for q in graph.of("plan:Quotation") if set(graph.values(q, "oa:hasSource")) & (retellings | pages)]


def test_words_given_as_a_retold_things_own_stand_in_the_text(graph: Graph, shared):
    """Titles, words and descriptions, unless the title was made here."""
    for summary, name in SUMMARIES.items():
        text = told(shared, name).replace("«", "").replace("»", "").casefold()
        for thing in (s for s in graph.about if ID + summary in graph.values(s, "dct:source")):
            made = "code/basis/editorial" in [short(v) for v in graph.values(thing, "plan:titleBasis")]
            quoted = bool(graph.each(thing, "plan:quotedFrom"))
            for predicate in ("dct:title", "plan:text", "plan:legalEffect", "plan:hedge", "plan:caseNumber"):
                for o in graph.each(thing, predicate):
                    if getattr(o, "language", "nb") in ("nb", None) and not (
                        predicate == "dct:title" and (made or quoted)
                    ):
                        assert value(o).casefold() in text, f"{short(thing)}: {value(o)}"


@pytest.mark.parametrize(("plan", "title", "first", "last", "adopted", "by"), PLANS, ids=[p[0] for p in PLANS])
def test_a_plan_has_title_period_and_adoption_as_told(plan, title, first, last, adopted, by, graph: Graph):
    assert names(graph, [ID + plan], "dct:title") == [title]
    period = graph.one(ID + plan, "dct:temporal")
    assert [graph.one(period, f"dcat:{end}Date") for end in ("start", "end")] == [first, last]
    assert graph.values(ID + plan, "dct:dateAccepted") == ([adopted] if adopted else [])
    assert shorts(graph, plan, "plan:adoptedBy") == ([f"org/{by}/kommunestyret"] if by else [])


def test_what_a_plan_says_of_its_adoption_is_what_the_decision_says(graph: Graph):
    """The plan's own date and body are the short form of its decision."""
    for decision in graph.of("plan:Decision"):
        if short(graph.one(decision, "dct:type")) == "code/event-kind/vedtatt":
            plan = graph.one(decision, "plan:about")
            assert graph.values(plan, "dct:dateAccepted") == graph.values(decision, "dct:date")
            assert graph.values(plan, "plan:adoptedBy") == graph.values(decision, WITH)


@pytest.mark.parametrize(
    ("plan", "case"),
    [
        (f"{LOETEN}/samfunnsdel-2019-2030", ["0019/19"]),
        (f"{LOETEN}/forebyggende-plan-2024-2027", ["18/24"]),
        (f"{LOETEN}/planstrategi-2020-2024", []),
        (f"{RAADE}/samfunnsdel-2020-2037", []),
    ],
)
def test_a_decision_has_the_case_number_told_and_no_other(plan, case, graph: Graph):
    assert graph.values(events(graph, plan)["vedtatt"], "plan:caseNumber") == case


# ── Løten ──


def test_loeten_has_three_themes_and_the_first_of_three_goals(graph: Graph):
    plan = f"{LOETEN}/samfunnsdel-2019-2030"
    themes = ["Kommunen som samfunnsutvikler", "Løten for barn og unge", "Helse og livskvalitet"]
    assert names(graph, parts(graph, "plan:FocusArea", plan), "dct:title") == themes
    goals = parts(graph, "plan:Goal", plan)
    assert names(graph, goals, "plan:text") == ["Løtens fortrinn skal brukes til å skape vekst og utvikling"]
    assert graph.values(ID + plan, "plan:statedNumberOfGoals") == ["3"]
    (gap,) = [c for c in graph.of("plan:SourceConflict") if ID + plan in graph.values(c, "plan:about")]
    assert short(graph.one(gap, "dct:type")) == "code/conflict-kind/gap"


def test_loetens_plans_follow_and_replace_what_is_told(graph: Graph):
    assert shorts(graph, f"{LOETEN}/samfunnsdel-2019-2030", "dct:replaces") == [f"{LOETEN}/samfunnsdel-2005-2016"]
    assert shorts(graph, f"{LOETEN}/barn-og-unge-2022-2023", "plan:followsUp") == [f"{LOETEN}/samfunnsdel-2019-2030"]
    (before,) = graph.values(f"{ID}{LOETEN}/vold-i-naere-relasjoner-2023-2026", "dct:replaces")
    period = graph.one(before, "dct:temporal")
    assert [graph.one(period, f"dcat:{end}Date") for end in ("start", "end")] == ["2015", "2019"]
    assert not graph.each(before, "dct:creator"), "the text does not say which municipalities"
    assert names(
        graph, graph.values(f"{ID}{LOETEN}/vold-i-naere-relasjoner-2023-2026", "dct:references"), "dct:title"
    ) == ["Meld. St. 15 (2012-2013)", "Frihet fra vold"]
    assert shorts(graph, f"{LOETEN}/forebyggende-plan-2024-2027", "plan:buildsOn") == [
        "project/nasjonal/barnevernsreformen"
    ]


def test_the_preventive_plan_is_of_the_kind_the_act_demands_only_by_our_own_judgement(graph: Graph):
    plan = f"{ID}{LOETEN}/forebyggende-plan-2024-2027"
    assert not graph.each(plan, "plan:legalBasis")
    (link,) = [k for k in graph.of("plan:Link") if plan in graph.values(k, "rdf:subject")]
    assert short(graph.one(link, "plan:basis")) == "code/basis/editorial"


def test_the_planning_strategy_has_no_direct_legal_effect_for_inhabitants(graph: Graph):
    (effect,) = graph.values(f"{ID}{LOETEN}/planstrategi-2020-2024", "plan:legalEffect")
    assert effect == "har ingen direkte rettsvirkning for innbyggerne"


def test_slt_is_mainly_for_those_between_12_and_18_and_their_guardians(graph: Graph):
    slt = f"{ID}org/loeten/slt"
    groups = sorted(graph.values(slt, "plan:targets"), key=lambda g: graph.one(g, "plan:order"))
    assert [graph.values(group, "plan:hedge") for group in groups] == [["i hovedsak"], ["i hovedsak"]]
    (rule,) = graph.values(groups[0], "plan:ageRule")
    assert [graph.one(rule, f"schema:suggested{end}Age") for end in ("Min", "Max")] == ["12", "18"]
    units = [u for u in graph.of("org:OrganizationalUnit") if slt in graph.values(u, "org:unitOf")]
    levels = [u for u in units if shorts(graph, u, "org:classification") == ["code/organisation-type/samarbeidsnivaa"]]
    assert [name.split()[0] for name in names(graph, levels)] == ["styrende", "koordinerende", "utførende"]
    (steering,) = set(units) - set(levels)
    assert names(graph, graph.values(steering, "plan:hasSeatFor")) == [
        "ordfører",
        "rådmann",
        "lensmann",
        "kommunalsjef Velferd",
        "ruskoordinator",
        "SLT-koordinator",
    ]


def test_loetens_projects(graph: Graph):
    hopp = f"{ID}project/loeten/hopp"
    assert names(graph, [hopp], "dct:alternative") == ["helsefremmende oppvekst"]
    assert graph.values(graph.one(hopp, "dct:temporal"), "dcat:startDate") == ["2017"]
    (effort,) = graph.values(f"{ID}org/loeten", "plan:takesPartIn")
    assert names(graph, [effort], "dct:title") == ["Inkluderende barnehage- og skolemiljø"]
    assert shorts(graph, effort, "plan:responsible") == ["org/utdanningsdirektoratet"]
    assert graph.values(graph.one(effort, "dct:temporal"), "dcat:startDate") == ["2022"]


# ── Råde ──


def test_raades_master_plan_went_from_programme_through_consultation_to_adoption(graph: Graph):
    plan = f"{RAADE}/samfunnsdel-2020-2037"
    steps = events(graph, plan)
    dates = [graph.one(steps[kind], "dct:date") for kind in ("planprogram-fastsatt", "lagt-ut-til-hoering", "vedtatt")]
    assert dates == ["2019-04-04", "2020-01-30", "2020-06-11"]
    assert all(earlier < later for earlier, later in pairwise(dates))
    consultation = steps["lagt-ut-til-hoering"]
    assert graph.values(consultation, "plan:deadline") == ["2020-03-27"]
    assert shorts(graph, consultation, WITH) == ["org/raade/formannskapet"]
    assert shorts(graph, consultation, "plan:legalBasis") == ["law/2008-06-27-71/p5-1"]
    assert not graph.each(steps["planprogram-fastsatt"], WITH), "the text does not say who settled it"


def test_raades_master_plan_has_three_areas_and_rests_on_vision_goals_and_agreement(graph: Graph):
    plan = f"{RAADE}/samfunnsdel-2020-2037"
    areas = ["Leve hele livet i Råde", "Attraktive Råde", "Grønne Råde"]
    assert names(graph, parts(graph, "plan:FocusArea", plan), "dct:title") == areas
    assert not parts(graph, "plan:Goal", plan), "the text says there are goals, and gives none"
    assert set(shorts(graph, plan, "plan:buildsOn")) == {
        "org/raade/vision",
        "http://metadata.un.org/sdg",
        "treaty/parisavtalen",
    }
    assert graph.values(f"{ID}org/raade/vision", "dct:dateAccepted") == ["2013"]
    assert shorts(graph, f"{RAADE}/arealdel", "plan:guidedBy") == [plan]


def test_raades_planning_strategy_called_for_revision_of_the_plan_before(graph: Graph):
    (before,) = graph.values(f"{ID}{RAADE}/planstrategi-2015-2019", "plan:callsForRevisionOf")
    period = graph.one(before, "dct:temporal")
    assert [graph.one(period, f"dcat:{end}Date") for end in ("start", "end")] == ["2011", "2022"]


def test_raade_also_stands_behind_the_joint_plan_that_moss_lists(graph: Graph):
    assert "org/raade" in shorts(graph, "plan/moss/vold-i-naere-relasjoner-2022-2025", "dct:creator")


# ── Nordmøre ──


def test_five_municipalities_stand_behind_one_plan_and_own_the_crisis_centre(graph: Graph):
    assert set(shorts(graph, NORDMOERE, "dct:creator")) == FIVE
    assert shorts(graph, NORDMOERE, "dct:contributor") == ["org/nordmoere-krisesenter-iks"]
    assert set(shorts(graph, "org/nordmoere-krisesenter-iks", "plan:ownedBy")) == FIVE


def test_the_goals_of_the_joint_plan_are_in_the_summarys_words_and_say_so(graph: Graph):
    goals = parts(graph, "plan:Goal", NORDMOERE)
    assert names(graph, goals, "dct:title") == [
        "sette søkelys på vold i nære relasjoner",
        "sikre nødvendig og koordinert hjelp",
    ]
    for goal in goals:
        assert shorts(graph, goal, "plan:titleBasis") == ["code/basis/summary"]
        assert not graph.each(goal, "plan:text")


def test_the_grant_is_315_000_kroner_from_the_county_governor_for_training_days(graph: Graph):
    (grant,) = [g for g in graph.of("schema:Grant") if graph.each(g, "schema:amount")]
    amount = graph.one(grant, "schema:amount")
    assert (graph.one(amount, "schema:value"), graph.one(amount, "schema:currency")) == ("315000", "NOK")
    assert shorts(graph, grant, "schema:funder") == ["org/statsforvalteren-i-moere-og-romsdal"]
    (days,) = graph.values(grant, "schema:fundedItem")
    assert set(shorts(graph, days, "plan:appliesTo")) == FIVE


@pytest.mark.parametrize("place", ["loeten", "averoey", "kristiansund", "aure", "tingvoll", "smoela"])
def test_no_number_is_given_that_nobody_has_verified(place, graph: Graph):
    for predicate in ("dct:identifier", "plan:municipalityNumber", "dct:spatial"):
        assert not graph.each(f"{ID}org/{place}", predicate)


# ── The guide and the fourteen acts ──


def test_four_directorates_made_the_guide_and_one_coordinated(graph: Graph):
    assert set(names(graph, graph.values(GUIDE, "dct:creator"))) == {
        "Helsedirektoratet",
        "Utdanningsdirektoratet",
        "Barne-, ungdoms- og familiedirektoratet",
        "Arbeids- og velferdsdirektoratet",
    }
    assert graph.values(GUIDE, "plan:statedNumberOfMakers") == ["4"]
    assert shorts(graph, GUIDE, "plan:coordinatedBy") == ["org/helsedirektoratet"]
    assert graph.values(GUIDE, "dct:issued") == ["2022-09-15"]
    assert len(graph.values(GUIDE, "plan:targets")) == 2


def test_the_guide_treats_three_duties_and_two_rights(graph: Graph):
    assert names(graph, parts(graph, "plan:Duty", GUIDE), "dct:title") == [
        "samarbeidsplikt på systemnivå",
        "samarbeidsplikt på individnivå",
        "kommunens samordningsplikt",
    ]
    rights = parts(graph, "plan:Right", GUIDE)
    assert names(graph, rights, "dct:title") == ["rett til barnekoordinator", "rett til individuell plan (IP)"]
    (group,) = [group for right in rights for group in graph.values(right, "plan:targets")]
    (rule,) = graph.values(group, "plan:ageRule")
    assert graph.values(rule, "schema:suggestedMaxAge") == ["17"]


def test_the_list_has_fourteen_acts_in_order_under_the_names_it_uses(graph: Graph):
    links = [
        k for k in graph.of("plan:Link") if AMENDMENT in graph.values(k, "rdf:subject") and graph.each(k, "plan:order")
    ]
    links.sort(key=lambda k: int(graph.one(k, "plan:order")))
    found = [(graph.one(k, "plan:asWritten"), short(graph.one(k, "rdf:object")).removeprefix("law/")) for k in links]
    assert found == [(name, act) for name, act, _ in ACTS]
    assert set(shorts(graph, AMENDMENT, "plan:mentionsLaw")) == {f"law/{act}" for _, act, _ in ACTS}


def test_an_act_younger_than_the_amendment_is_on_the_list_by_our_own_judgement(graph: Graph):
    (period,) = graph.values(AMENDMENT, "dct:temporal")
    start = graph.one(period, "dcat:startDate")
    assert start == "2022-08-01"
    younger = set()
    for link in graph.of("plan:Link"):
        if AMENDMENT in graph.values(link, "rdf:subject") and graph.each(link, "plan:order"):
            act = graph.one(link, "rdf:object")
            if graph.one(act, "eli:first_date_entry_in_force") > start:
                younger.add(short(act))
                assert short(graph.one(link, "plan:basis")) == "code/basis/editorial"
    assert younger == {"law/2021-06-18-97", "law/2023-06-09-30"}


@pytest.mark.parametrize(("act", "provisions"), [(act, p) for _, act, p in ACTS], ids=[act for _, act, _ in ACTS])
def test_an_act_has_its_provisions_on_cooperation(act, provisions, graph: Graph):
    found = [
        p for p in graph.of("eli:LegalResourceSubdivision") if graph.values(p, "eli:is_part_of") == [f"{ID}law/{act}"]
    ]
    assert {graph.one(p, "eli:number") for p in found if graph.each(p, "dct:subject")} == provisions


def test_the_portals_gap_is_not_filled_but_leads_to_the_list(graph: Graph):
    gap = f"{ID}document/moss/oppvekstportal-forankring/conflict/fourteen-acts"
    assert short(graph.one(gap, "dct:type")) == "code/conflict-kind/gap"
    assert AMENDMENT in graph.values(gap, "rdfs:seeAlso")
    assert {graph.one(r, "plan:value") for r in graph.values(gap, "plan:reading")} == {"14 lover", "ingen lover nevnt"}


def test_thirteen_lines_hold_fourteen_acts(graph: Graph):
    (conflict,) = [
        c for c in graph.of("plan:SourceConflict") if "plan:statedNumberOfActs" in shorts(graph, c, "plan:aspect")
    ]
    assert {graph.one(r, "plan:value") for r in graph.values(conflict, "plan:reading")} == {"13 linjer", "14 lover"}
    assert graph.values(conflict, "plan:readHereAs") == ["14 lover"]
