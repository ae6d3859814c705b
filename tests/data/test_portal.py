"""Everything the portal's page «Forankring» lists is in the data, with the kind, publisher and period it states.

The tables here are written from the page (../shared/seeds/004_…txt), not from the data. A dash means that the page
states nothing, and then the data may not either.
"""

from __future__ import annotations

import pytest

from tests.data.conftest import ID, Graph, Quotation, full, short, value

PAGE = f"{ID}document/moss/oppvekstportal-forankring"
IS_2826 = f"{ID}guidance/helsedirektoratet/is-2826"
UNSTATED = "–"

# What the page calls it · the kind it gives it · who has issued it.
STATE = [
    (
        "Nasjonal faglig retningslinje for tidlig oppdagelse av utsatte barn og unge",
        "nasjonal faglig retningslinje",
        UNSTATED,
    ),
    ("Svangerskapsomsorgen", "nasjonal faglig retningslinje", "Helsedirektoratet"),
    (
        "Helsestasjon, skolehelsetjeneste og helsestasjon for ungdom",
        "nasjonal faglig retningslinje",
        "Helsedirektoratet",
    ),
    ("Bruker- og pårørendemedvirkning i rus- og psykisk helsefeltet", "nasjonalt faglig råd", "Helsedirektoratet"),
    (
        "Nasjonalt forløp for barnevern – implementering og erfaringer",
        "nasjonalt forløp",
        "Barne-, ungdoms- og familiedirektoratet",
    ),
    ("Psykisk helsevern for barn og unge", "prioriteringsveileder", "Helsedirektoratet"),
    ("Psykisk helsearbeid barn og unge", "veileder", "Helsedirektoratet"),
    (
        "Tidlig samtale om alkohol og levevaner – Veiviser for helsepersonell i svangerskapsomsorgen",
        "veileder",
        UNSTATED,
    ),
    ("Nasjonal veileder for forebygging av radikalisering og voldelig ekstremisme", "nasjonal veileder", UNSTATED),
    ("Barnets beste – veileder for NAV ansatte", "veileder", UNSTATED),
    ("Pårørendeveilederen", "veileder", UNSTATED),
    ("Fra bekymring til handling", "veileder", UNSTATED),
    ("Samarbeid om tjenester til barn, unge og deres familier", "nasjonal veileder", UNSTATED),
    ("Barnevern og helse-og omsorgstjenestenes – samarbeid til barnets beste", "rundskriv", UNSTATED),
    (
        "Taushetsplikt, opplysningsrett og opplysningsplikt i forvaltningen – en veileder",
        "veileder",
        UNSTATED,
    ),
    ("Taushetsplikt og opplysningsplikt", "veileder til lov og forskrift", "Helsedirektoratet"),
]

# Words of the title · kind · first and last year · as the page writes the period.
PLANS = [
    ("Planstrategi for Moss", "kommunal planstrategi", "2024", "2027", "2024-2027"),
    ("Økonomiplan 2025-2028", "økonomiplan", "2025", "2028", "2025-2028"),
    ("Medvirkningsplan 2024-2030", UNSTATED, "2024", "2030", "2024-2030"),
    ("Boligpolitisk plan 2024-2035", UNSTATED, "2024", "2035", "2024-2035"),
    ("SLT handlingsplan", "handlingsplan", "2020", "2024", "2020 til 2024"),
    (
        "Handlingsplan mot vold i nære relasjoner i Mosseregionen Moss, Råde og Våler 2022 – 2025",
        "handlingsplan",
        "2022",
        "2025",
        "2022 – 2025",
    ),
    ("habilitering og rehabilitering", "temaplan", "2020", "2024", "2020-2024"),
    ("pårørendearbeid", "strategisk plan", "2022", "2026", "2022-2026"),
    ("Strategisk plan for psykisk helse", "strategisk plan", "2023", "2027", "2023-2027"),
    ("Kvalitetsplan barnehage", "kvalitetsplan", UNSTATED, UNSTATED, UNSTATED),
    ("Strategiplan skole", "strategisk plan", UNSTATED, UNSTATED, UNSTATED),
    ("amfunnsdel", "kommuneplanens samfunnsdel", "2020", "2030", "2020-2030"),
    ("Levekår og livskvalitet i et livsløpsperspektiv", "kommunedelplan", "2020", "2032", "2020-2032"),
    (
        "Strategisk plan for kommunalområdet kultur, oppvekst og aktivitet",
        "strategisk plan",
        "2022",
        "2026",
        "2022-2026",
    ),
    ("Opptrappingsplan for psykisk helse (2023–2033)", "opptrappingsplan", "2023", "2033", "2023–2033"),
]

# The sections in order, and how many things each lists.
SECTIONS = {
    "Forankring": 0,
    "Nasjonal faglig retningslinje for tidlig oppdagelse av utsatte barn og unge": 0,
    "I Moss oppvekstportal brukes retningslinjens begreper:": 5,
    "Statlige føringer": 0,
    "Barns rettigheter": 6,
    "Forebygging og tidlig innsats": 0,
    "Nasjonal faglig retningslinje": 2,
    "Nasjonale faglige råd": 1,
    "Nasjonalt forløp": 1,
    "Prioriteringsveileder": 1,
    "Veileder": 3,
    "Nasjonale satsninger / prosjekter:": 2,
    "Samarbeid og samordning": 3,
    "Taushetsplikt": 2,
    "Kommunale føringer": 1,
    "Kommuneplanens samfunnsdel 2020-2030": 1,
    "Folkehelseoversikt": 2,
    "Overordnede planer": 5,
    "Planer innen levekår og folkehelse": 6,
    "Planer for skole og barnehage": 2,
}

FILES = [
    "slt-handlingsplan-2020-2024-endelig-vedtatt-kommunestyret-170920.pdf",
    "uten-vold-handlingsplan-0922.pdf",
    "temaplan-for-habilitering-rehabilitering-nye-moss-2019-2024_260819.pdf",
    "strategisk-plan-for-parorendearbeid-for-kommunalomradet-helse-og-mestring-2022-2026.pdf",
    "strategisk-plan-for-psykisk-helse-moss-kommune-2023-2027.pdf",
    "Tidlig samtale om alkohol og levevaner – Veiviser for helsepersonell i svangerskapsomsorgen.pdf",
]

# Word · the age limits and the conditions on them · the source in brackets after it.
DEFINITIONS = {
    "barn og unge": ({17, 23, 24}, UNSTATED),
    "utsatte barn og unge": (set(), "Strategi 0-24 samarbeid, 2018"),
    "foreldre og foresatte": (set(), UNSTATED),
    "bekymring": (set(), UNSTATED),
    "risikofaktorer": (set(), "Helsedirektoratet, 2018"),
    "beskyttelsesfaktorer": (set(), "Helsedirektoratet, 2018"),
}


def bokmaal(graph: Graph, thing: str, predicate: str) -> list[str]:
    """The words of a property in bokmål."""
    return [value(o) for o in graph.each(thing, predicate) if getattr(o, "language", None) == "nb"]


def names(graph: Graph, things: list[str]) -> list[str]:
    """The bokmål names of codes and organisations."""
    return [name for thing in things for name in bokmaal(graph, thing, "skos:prefLabel")] or [UNSTATED]


def titled(graph: Graph, kind: str, words: str) -> str:
    """The one quoted thing of a class whose title holds these words; a title of exactly these words comes first."""
    quoted = [thing for thing in graph.of(kind) if graph.each(thing, "plan:quotedFrom")]
    titles = {thing: bokmaal(graph, thing, "dct:title") for thing in quoted}
    found = [thing for thing, title in titles.items() if words in title]
    found = found or [thing for thing, title in titles.items() if any(words in each for each in title)]
    assert len(found) == 1, f"{words}: {[short(thing) for thing in found]}"
    return found[0]


@pytest.mark.parametrize(("title", "kind", "publisher"), STATE, ids=[title for title, *_ in STATE])
def test_the_states_guidance_has_the_kind_and_publisher_the_page_states(title, kind, publisher, graph: Graph):
    thing = titled(graph, "plan:Guidance", title)
    assert names(graph, graph.values(thing, "dct:type")) == [kind]
    assert names(graph, graph.values(thing, "dct:publisher")) == [publisher]


def test_there_is_no_guidance_but_what_the_page_names(graph: Graph):
    assert len(graph.of("plan:Guidance")) == len(STATE)


@pytest.mark.parametrize(("title", "kind", "first", "last", "written"), PLANS, ids=[title for title, *_ in PLANS])
def test_a_plan_has_the_kind_and_period_the_page_states(title, kind, first, last, written, graph: Graph):
    thing = titled(graph, "plan:Plan", title)
    assert kind in names(graph, graph.values(thing, "dct:type"))
    periods = graph.values(thing, "dct:temporal")
    found = [
        tuple(graph.values(period, name) for name in ("dcat:startDate", "dcat:endDate", "plan:asWritten"))
        for period in periods
    ]
    assert found == ([] if first == UNSTATED else [([first], [last], [written])])


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Oppvekstreform", "schema:Project"),
        ("Barnevernsreformen", "plan:Programme"),
        ("Nasjonalt program for rusforebyggende arbeid blant barn og unge", "plan:Programme"),
        ("Tilskudd til systematisk identifikasjon og oppfølging av utsatte barn", "schema:Grant"),
        ("Moss oppvekstportal", "schema:WebSite"),
        ("Folkehelseoversikt", "plan:KnowledgeBase"),
    ],
)
def test_projects_reforms_grants_and_knowledge_bases_are_there(title, kind, graph: Graph):
    assert titled(graph, kind, title)


def test_the_portal_hangs_together_with_what_it_comes_from(graph: Graph):
    portal, project = (
        titled(graph, "schema:WebSite", "Moss oppvekstportal"),
        titled(graph, "schema:Project", "Oppvekst"),
    )
    grant = titled(graph, "schema:Grant", "Tilskudd til systematisk identifikasjon")
    assert graph.values(portal, "dct:isPartOf") == [project]
    assert graph.values(portal, "schema:funding") == [grant]
    assert names(graph, graph.values(grant, "schema:funder")) == ["Barne-, ungdoms- og familiedirektoratet"]
    assert IS_2826 in graph.values(portal, "plan:buildsOn")
    assert graph.values(project, "plan:respondsTo") == [titled(graph, "plan:Programme", "Barnevernsreformen")]
    period = graph.one(project, "dct:temporal")
    assert (graph.values(period, "dcat:startDate"), graph.values(period, "dcat:endDate")) == (["2022"], ["2024"])


def test_every_section_of_the_page_is_there_with_all_it_lists(graph: Graph):
    sections = {graph.one(s, "dct:title"): s for s in graph.of("plan:PageSection")}
    listed = dict.fromkeys(sections, 0)
    of = {section: title for title, section in sections.items()}
    for entry in graph.of("plan:PageEntry"):
        assert graph.each(entry, "plan:lists"), short(entry)
        listed[of[graph.one(entry, "dct:isPartOf")]] += 1
    assert listed == SECTIONS


def test_what_stands_side_by_side_on_the_page_is_numbered_without_a_gap(graph: Graph):
    beside: dict[str, list[int]] = {}
    for part in graph.of("plan:PageSection") + graph.of("plan:PageEntry"):
        key = f"{graph.one(part, 'rdf:type')} in {graph.one(part, 'dct:isPartOf')}"
        beside.setdefault(key, []).append(int(graph.one(part, "plan:order")))
    assert all(sorted(orders) == list(range(1, len(orders) + 1)) for orders in beside.values())


@pytest.mark.parametrize("name", FILES)
def test_a_file_name_is_kept_as_data_about_a_document(name, graph: Graph):
    holders = [s for s in graph.subjects() if name in graph.values(s, "plan:fileName")]
    assert len(holders) == 1
    assert "foaf:Document" in {short(kind) for kind in graph.values(holders[0], "rdf:type")}


@pytest.mark.parametrize(("word", "ages", "source"), [(w, *rest) for w, rest in DEFINITIONS.items()], ids=DEFINITIONS)
def test_a_definition_has_its_age_limits_and_the_source_it_cites(word, ages, source, graph: Graph):
    (concept,) = [
        c for c in graph.of("skos:Concept") if f"{ID}concept/" in c and word in bokmaal(graph, c, "skos:prefLabel")
    ]
    assert word in bokmaal(graph, concept, "skos:definition")[0].lower()
    rules = graph.values(concept, "plan:ageRule")
    assert {int(graph.one(rule, "schema:suggestedMaxAge")) for rule in rules} == ages
    cited = [graph.one(node, "plan:asWritten") for node in graph.values(concept, "plan:citedSource")]
    assert (cited or [UNSTATED]) == [source]


def test_who_is_over_18_is_covered_only_on_a_condition(graph: Graph):
    for rule in graph.values(f"{ID}concept/moss/barn-og-unge", "plan:ageRule"):
        assert (int(graph.one(rule, "schema:suggestedMaxAge")) > 17) == bool(graph.each(rule, "plan:condition"))


def test_bekymring_is_said_to_be_defined_otherwise_in_the_child_welfare_act(graph: Graph):
    assert graph.values(f"{ID}concept/moss/bekymring", "plan:definedOtherwiseIn") == [f"{ID}law/2021-06-18-97"]


def test_the_guideline_has_its_identifiers_groups_partners_and_background(graph: Graph):
    assert graph.values(IS_2826, "dct:identifier") == ["IS-2826"]
    assert graph.values(IS_2826, "schema:isbn") == ["978-82-8081-601-6"]
    groups = sorted(graph.values(IS_2826, "plan:targets"), key=lambda group: int(graph.one(group, "plan:order")))
    assert names(graph, groups) == [
        "kommunens politiske og administrative ledelse",
        "ledere og ansatte i barnehage og skole",
        "ledere og ansatte i aktuelle tjenester og sektorer",
        "barn og unge mellom 0-24 år og deres foreldre",
    ]
    (rule,) = graph.values(groups[3], "plan:ageRule")
    assert [graph.one(rule, f"schema:suggested{end}Age") for end in ("Min", "Max")] == ["0", "24"]
    assert set(names(graph, graph.values(IS_2826, "plan:alsoAddresses"))) == {
        "politi",
        "private virksomheter",
        "frivillig sektor",
        "andre som jobber med barn og unge",
    }
    background = [thing for thing in graph.values(IS_2826, "plan:followsUp") if graph.each(thing, "dct:identifier")]
    assert [graph.one(thing, "dct:identifier") for thing in background] == ["Prop. 15 S (2015–2016)"]


def test_five_directorates_are_named_and_six_are_stated(graph: Graph):
    assert set(names(graph, graph.values(IS_2826, "dct:creator"))) == {
        "Helsedirektoratet",
        "Utdanningsdirektoratet",
        "Barne-, ungdoms- og familiedirektoratet",
        "Politidirektoratet",
        "Arbeids- og velferdsdirektoratet",
    }
    assert graph.values(IS_2826, "plan:statedNumberOfMakers") == ["6"]


def test_the_joint_plan_is_one_plan_of_three_municipalities(graph: Graph):
    plan = titled(graph, "plan:Plan", "Handlingsplan mot vold i nære relasjoner")
    assert {short(owner) for owner in graph.values(plan, "dct:creator")} == {
        "org/moss",
        "org/raade",
        "org/vaaler-oestfold",
    }


def test_langt_paa_vei_is_a_claim_and_not_a_fact(graph: Graph):
    (claim,) = graph.of("plan:Claim")
    assert graph.values(claim, "plan:degree") == ["langt på vei"]
    assert graph.values(claim, "plan:requirement") == [f"{ID}law/2021-06-18-97/p15-1/l2"]
    assert graph.values(claim, "plan:claimedBy") == [f"{ID}org/moss"]
    portal = graph.one(claim, "plan:about")
    assert not graph.each(portal, "plan:legalBasis")


def test_the_page_names_none_of_the_fourteen_acts_and_is_evidence_for_none(
    graph: Graph, quotations: dict[str, Quotation]
):
    """The acts are known from another list: each is tied to the amendment by a link that says where it was read."""
    (amendment,) = graph.of("plan:LegalAmendment")
    assert graph.values(amendment, "plan:statedNumberOfActs") == ["14"]
    guide = titled(graph, "plan:Guidance", "Samarbeid om tjenester til barn, unge og deres familier")
    for thing in (amendment, guide):
        assert not graph.each(thing, "plan:legalBasis")
        quoted = {p for quote in graph.values(thing, "plan:quotedFrom") for p in quotations[quote].evidence_for}
        assert full("plan:mentionsLaw") not in quoted
    links = [link for link in graph.of("plan:Link") if amendment in graph.values(link, "rdf:subject")]
    tied = {law for link in links if graph.each(link, "dct:source") for law in graph.values(link, "rdf:object")}
    assert set(graph.values(amendment, "plan:mentionsLaw")) <= tied


def test_grunnloven_and_barnekonvensjonen_go_before_other_law_in_the_pages_words(graph: Graph):
    said = {graph.one(p, "plan:text"): short(graph.one(p, "plan:prevailing")) for p in graph.of("plan:Precedence")}
    assert said == {
        "Grunnloven er overordnet alle andre lover": "law/1814-05-17",
        "barnekonvensjonen gjelder foran annen norsk lov": "treaty/barnekonvensjonen",
    }


@pytest.mark.parametrize(
    ("thing", "aspect", "readings"),
    [
        ("guidance/helsedirektoratet/is-2826", "dct:creator", 2),
        ("law/lovendringer-velferdstjenestelover-2022-08-01", "plan:mentionsLaw", 2),
        ("plan/moss/habilitering-rehabilitering", "dct:temporal", 2),
        ("concept/moss/barn-og-unge", "plan:ageRule", 2),
        ("law/2021-06-18-97", "skos:altLabel", 2),
        ("plan/moss/vold-i-naere-relasjoner-2022-2025", "plan:documentOf", 2),
        ("plan/moss/paaroerendearbeid-2022-2026", "dct:description", 2),
        ("plan/moss/loll-2020-2032", "dct:title", 2),
    ],
)
def test_where_the_sources_disagree_or_fall_silent_it_is_said(thing, aspect, readings, graph: Graph):
    found = [
        conflict
        for conflict in graph.of("plan:SourceConflict")
        if ID + thing in graph.values(conflict, "plan:about")
        and aspect in map(short, graph.values(conflict, "plan:aspect"))
    ]
    assert found
    assert {len(graph.values(conflict, "plan:reading")) for conflict in found} == {readings}


def test_the_page_is_part_of_the_portal(graph: Graph):
    assert graph.values(PAGE, "dct:isPartOf") == [titled(graph, "schema:WebSite", "Moss oppvekstportal")]
