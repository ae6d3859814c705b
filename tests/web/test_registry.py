"""What national registries harvest is served as their harvesters read it, valid by the official shapes, and honest."""

from __future__ import annotations

import gzip
import hashlib
import re
import subprocess
from dataclasses import replace

import httpx2
import pytest
from pyoxigraph import RdfFormat, parse

from planvev.formats.rdf import BlankNode, Literal, NamedNode, Quad, Term, Triple, read_turtle
from planvev.names import COMMON, NS
from planvev.registries import catalogue, concepts, dumps, profiles, quality
from planvev.registries.holdings import Holdings, Notion, Told
from planvev.registries.registry import Document, Owner, full
from planvev.settings import Settings
from tests.web import serving

DOCUMENTS = ("catalogue", "concepts", "model", "organisations", "codes")
# A fixture, marked as such: Digitaliseringsdirektoratet's number stands in for the owner that a real service names.
OWNER = {
    "PLANVEV_OWNER": "991825827",
    "PLANVEV_CONTACT_NAME": "Prøvekontakt (oppdiktet)",
    "PLANVEV_CONTACT_EMAIL": "proeve@example.no",
}


@pytest.fixture(scope="module")
def plain(request: pytest.FixtureRequest) -> serving.Server:
    """The service as it is without any of the settings that catalogues need."""
    return serving.shared(request.config)


@pytest.fixture(scope="module")
def owned(plain: serving.Server):
    """The same with an owner and a contact point."""
    server = serving.start(plain.state, PLANVEV_WEB_PROCESSES="1", **OWNER)
    yield server
    server.stop()


def harvested(server: serving.Server, path: str) -> list[Triple]:
    """A document as the national harvester fetches it."""
    answer = server.get(f"/{path}", accept="text/turtle", accept_encoding="gzip, deflate")
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers
    return read_turtle(answer.content, path)


def value(term: Term) -> str:
    assert not isinstance(term, Triple)
    return term.value


def said(triples: list[Triple], subject: str, predicate: str) -> set[str]:
    about, relation = NamedNode(subject), full(predicate)
    return {value(t.object) for t in triples if t.subject == about and t.predicate.value == relation}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("accept", [None, "*/*", "text/turtle", "application/rdf+xml", "application/ld+json"])
def test_a_document_is_a_plain_200_in_the_syntax_asked_for(plain, name, accept):
    answer = plain.get(f"/{name}", **({"accept": accept} if accept else {}))
    expected = accept if accept and accept != "*/*" else "text/turtle"
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, expected)
    same = {"text/turtle": RdfFormat.TURTLE, "application/rdf+xml": RdfFormat.RDF_XML}.get(expected, RdfFormat.JSON_LD)
    parsed = [quad.triple for quad in parse(answer.content, same)]  # no base: every IRI is absolute
    assert len(parsed) == len(harvested(plain, name))


@pytest.mark.parametrize("name", DOCUMENTS[:3])
def test_no_member_is_without_an_iri(owned, name):
    assert not [t for t in harvested(owned, name) if isinstance(t.object, BlankNode)]


def test_a_catalogue_names_what_nobody_has_said_instead_of_making_it_up(plain):
    triples = harvested(plain, "catalogue")
    assert not [t for t in triples if t.predicate.value == full("dcat:contactPoint")]
    assert not said(triples, f"{COMMON}/catalogue", "dct:publisher")
    lacking = " ".join(said(triples, f"{COMMON}/catalogue", "rdfs:comment"))
    assert "PLANVEV_OWNER" in lacking
    assert "PLANVEV_CONTACT_EMAIL" in lacking
    assert said(triples, f"{COMMON}/catalogue/loeten#dataset", "rdfs:comment")  # whose number no source gives


def test_a_publisher_is_named_by_its_number_and_one_without_by_its_own_iri(owned):
    triples = harvested(owned, "catalogue")
    (moss,) = said(triples, f"{COMMON}/catalogue/moss#dataset", "dct:publisher")
    assert moss == "https://organization-catalog.fellesdatakatalog.digdir.no/organizations/920817521"
    assert said(triples, moss, "dct:identifier") == {"920817521"}
    assert said(triples, f"{COMMON}/catalogue/loeten#dataset", "dct:publisher") == {f"{COMMON}/id/org/loeten"}
    assert not said(triples, f"{COMMON}/id/org/loeten", "dct:identifier")


def test_each_publisher_has_a_catalogue_of_its_own_with_nothing_of_others(owned):
    triples = harvested(owned, "catalogue/moss")
    assert said(triples, f"{COMMON}/catalogue/moss", "dcat:dataset") == {f"{COMMON}/catalogue/moss#dataset"}
    assert not [t for t in triples if "raade" in str(t.subject)]
    answer = owned.get("/catalogue/ingen", accept="text/turtle")
    assert (answer.status_code, "ingen" in answer.text) == (404, True)


def test_the_period_of_a_dataset_spans_its_plans(owned):
    triples = harvested(owned, "catalogue/raade")
    (period,) = said(triples, f"{COMMON}/catalogue/raade#dataset", "dct:temporal")
    assert said(triples, period, "dcat:startDate") == {"2011-01-01"}
    assert said(triples, period, "dcat:endDate") == {"2037-12-31"}


def test_every_file_of_the_catalogue_is_as_it_says(owned):
    triples = harvested(owned, "catalogue")
    files = {value(t.subject): value(t.object) for t in triples if t.predicate.value == full("dcat:downloadURL")}
    assert len(files) >= 12
    for iri, address in files.items():
        answer = httpx2.get(address, trust_env=False)
        assert said(triples, iri, "dcat:byteSize") == {str(len(answer.content))}
        (checksum,) = said(triples, iri, "spdx:checksum")
        assert said(triples, checksum, "spdx:checksumValue") == {hashlib.sha256(answer.content).hexdigest()}
        assert answer.headers["content-type"] == "application/gzip"
        assert said(triples, iri, "dcat:compressFormat") == {
            "https://www.iana.org/assignments/media-types/application/gzip"
        }


def test_the_dump_of_a_publisher_is_its_part_of_the_whole(owned):
    def quads(name: str) -> set[Quad]:
        return set(parse(gzip.decompress(owned.get(f"/dump/latest/{name}.nq.gz").content), RdfFormat.N_QUADS))

    moss, own = quads("moss"), re.compile("/graph/(?:plan|concept|document|project|guidance)/moss/")
    assert moss == {quad for quad in quads("all") if own.search(str(quad.graph_name))}
    turtle = gzip.decompress(owned.get("/dump/latest/moss.ttl.gz").content)
    assert {q.triple for q in parse(turtle, RdfFormat.TURTLE)} == {q.triple for q in moss}


def test_a_concept_without_a_name_in_both_languages_stays_out_and_is_said_to_lack_one(owned):
    assert harvested(owned, "concepts") == []
    page = owned.get("/concepts.html?lang=en").text
    assert "No name in nynorsk" in page
    assert f"{COMMON}/id/concept/moss/barn-og-unge" in page


@pytest.mark.parametrize("profile", profiles.PROFILES, ids=lambda profile: profile.name)
def test_the_official_shapes_find_nothing_but_what_is_said_to_be_missing(owned, shared, profile):
    document = harvested(owned, profile.document)
    lacking = {t.subject for t in document if t.predicate.value == full("rdfs:comment")}
    found = profiles.violations(profile, shared / "profiles", document)
    assert not [one for one in found if one.value is not None or one.focus not in lacking]


def test_the_official_shapes_notice_a_dataset_without_a_title(owned, shared):
    document = [t for t in harvested(owned, "catalogue") if t.predicate.value != full("dct:title")]
    for profile in profiles.PROFILES[:2]:
        assert any(one.path == full("dct:title") for one in profiles.violations(profile, shared / "profiles", document))


THREE = next(profile for profile in profiles.PROFILES if profile.table)


@pytest.mark.parametrize("path", ["dct:publisher", "dct:title", "dcat:endpointURL", "vcard:fn", "spdx:checksumValue"])
def test_what_version_3_requires_is_missed_where_it_is_not(owned, shared, path):
    document = [t for t in harvested(owned, "catalogue") if t.predicate.value != full(path)]
    assert full(path) in {one.path for one in profiles.violations(THREE, shared / "profiles", document)}


@pytest.mark.parametrize(
    ("path", "another"),
    [
        ("dct:publisher", NamedNode("https://example.no/another")),  # one too many
        ("dct:title", Literal("uten språk")),
        ("dct:description", Literal("en til", language="nb")),  # two in one language
        ("dcat:accessURL", Literal("https://example.no/words-for-an-iri")),
    ],
)
def test_what_version_3_does_not_allow_is_noticed(owned, shared, path, another):
    document = harvested(owned, "catalogue")
    first = next(t for t in document if t.predicate.value == full(path))
    found = profiles.violations(
        THREE, shared / "profiles", [*document, Triple(first.subject, first.predicate, another)]
    )
    wrong = {(one.path, one.value) for one in found if one.value is not None}  # what is missing is said elsewhere
    assert wrong == {(full(path), another)}


def test_a_catalogue_names_publishers_in_the_form_that_is_set(plain):
    form = {"PLANVEV_PUBLISHER_IRI": "https://example.no/unit/{number}"}
    held = dumps.held(plain.state)
    assert held
    owner = Owner.of(Settings.load(serving.settings(plain.state, **OWNER, **form)), "http://127.0.0.1")
    made = catalogue.catalogue(owner, *held, "1.0.0")
    assert made
    assert said([*made.triples], f"{COMMON}/catalogue/moss#dataset", "dct:publisher") == {
        "https://example.no/unit/920817521"
    }


def test_organisations_have_their_numbers_places_and_who_says_so(plain):
    triples = harvested(plain, "organisations")
    moss = f"{COMMON}/id/org/moss"
    assert said(triples, moss, "dct:identifier") == {"920817521"}
    assert said(triples, moss, "dct:spatial") == {
        "https://data.geonorge.no/administrativeEnheter/kommune/id/172985172791"
    }
    numbers = said(triples, moss, "adms:identifier")
    assert {one.rpartition("/")[2] for one in numbers} == {"3103", "3002"}
    for number in numbers:
        assert [t for t in triples if t.subject == NamedNode(number) and t.predicate.value == full("dct:temporal")]
    assert said(triples, f"{moss}/link/geonorge", "plan:basis") == {f"{COMMON}/id/code/basis/editorial"}
    assert not [t for t in triples if t.predicate.value == full("oa:exact")], (
        "evidence is for readers, not for registries"
    )


# ── a concept that has all the profile asks for; made up, since none of the real ones has ──

NOTION = Notion(
    f"{COMMON}/id/concept/moss/proeve",
    {"nb": "prøve", "nn": "prøve"},
    {"nb": "Et oppdiktet begrep.", "nn": "Eit oppdikta omgrep."},
    ("https://example.no/source",),
)


def concept_catalogue(plain: serving.Server, notion: Notion) -> Document:
    held = dumps.held(plain.state)
    assert held
    told = {f"concept/moss/proeve {0:064}": Told(notions=(notion,))}
    told |= {key: one for key, one in held[1].told.items() if key.startswith("org/moss ")}
    owner = Owner.of(Settings.load(serving.settings(plain.state, **OWNER)), "http://127.0.0.1")
    return concepts.concepts(owner, Holdings(told))


def test_a_whole_concept_is_valid_by_the_official_shapes_and_in_a_collection(plain, shared):
    made = concept_catalogue(plain, NOTION)
    triples = [*made.triples]
    assert not made.missing
    assert said(triples, f"{COMMON}/concepts#moss", "skos:member") == {NOTION.iri}
    (profile,) = [one for one in profiles.PROFILES if one.document == "concepts"]
    assert profiles.violations(profile, shared / "profiles", triples) == []
    broken = [t for t in triples if t.predicate.value != full("skos:prefLabel")]
    assert profiles.violations(profile, shared / "profiles", broken)


@pytest.mark.parametrize(
    ("lacking", "path"),
    [
        (replace(NOTION, names={"nb": "prøve"}), "skos:prefLabel"),
        (replace(NOTION, definitions={}), "skos:definition"),
    ],
)
def test_a_concept_that_lacks_something_is_left_out_and_named(plain, lacking, path):
    made = concept_catalogue(plain, lacking)
    assert not made.triples
    assert [(one.about, one.property) for one in made.missing] == [(NOTION.iri, path)]


def test_a_code_that_is_in_no_table_is_noticed(owned, shared):
    document = [
        Triple(t.subject, t.predicate, NamedNode(value(t.object) + "-INVENTED"))
        if t.predicate.value == full("dct:format")
        else t
        for t in harvested(owned, "catalogue")
    ]
    found = profiles.violations(profiles.PROFILES[1], shared / "profiles", document)
    assert any(one.path == full("dct:format") for one in found)


def test_the_description_of_the_dataset_counts_what_the_endpoint_counts(plain):
    assert plain.get("/.well-known/void", accept="text/html").status_code == 406
    triples = harvested(plain, ".well-known/void")
    kind = NamedNode(NS + "Plan")
    dataset = f"{COMMON}/catalogue#dataset"

    def counted(pattern: str, what: str = "*") -> set[str]:
        asked = f"SELECT (COUNT({what}) AS ?n) {{ {pattern} }}"
        return {plain.client.get("/sparql", params={"query": asked, "format": "csv"}).text.split()[1]}

    assert said(triples, dataset, "void:triples") == counted("?s ?p ?o")
    assert said(triples, dataset, "void:distinctSubjects") == counted("?s ?p ?o", "DISTINCT ?s")
    (plans,) = [value(t.subject) for t in triples if t.predicate.value == full("void:class") and t.object == kind]
    assert said(triples, plans, "void:entities") == counted(f"?s a <{NS}Plan>")
    linksets = [value(t.subject) for t in triples if t.object == NamedNode(full("void:Linkset"))]
    assert len(linksets) >= 8
    for linkset in linksets:
        (relation,), (target,) = (
            said(triples, linkset, "void:linkPredicate"),
            said(triples, linkset, "void:objectsTarget"),
        )
        (space,) = said(triples, target, "void:uriSpace")
        pattern = f"?s <{relation}> ?o FILTER(ISIRI(?o) && STRSTARTS(STR(?o), '{space}'))"
        assert said(triples, linkset, "void:triples") == counted(pattern), linkset
    described = read_turtle(plain.get("/sparql", accept="text/turtle").content, "/sparql")
    (same,) = [t.subject for t in described if t.predicate.value == full("void:class") and t.object == kind]
    entities = {value(t.object) for t in described if t.subject == same and t.predicate.value == full("void:entities")}
    assert entities == said(triples, plans, "void:entities"), "the endpoint says of itself what VoID says of the data"
    for address in said(triples, dataset, "void:dataDump"):
        assert httpx2.get(address, trust_env=False).status_code == 200


def test_the_command_sees_the_service_as_a_registry_does(owned, shared):
    done = check(owned, "--profiles", str(shared / "profiles"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100.0 % excellent  https://w3id.org/planvev/catalogue/moss#dataset" in done.stdout
    assert " not as stated" in done.stdout
    assert "not excellent" not in done.stdout


def test_the_real_data_scores_in_the_top_class_and_loses_only_what_nobody_has_said(plain):
    found = quality.scores(harvested(plain, "catalogue"), lambda _: True, lambda _: True)
    assert len(found) >= 8
    for score in found:
        assert score.excellent
        assert score.percent < 100, "without settings there is no contact point, and none is made up"
        assert set(score.short) <= {"dcat:contactPoint", "dct:publisher", "dct:temporal"}


def test_the_command_names_a_file_that_is_not_as_stated(owned):
    name = next((owned.state / "dumps" / "latest").glob("moss.ttl.gz"))
    whole = name.read_bytes()
    name.unlink()
    try:
        name.write_bytes(whole[:-1])
        done = check(owned)
        assert done.returncode == 1
        assert "moss.ttl.gz has " in done.stdout
    finally:
        name.unlink()
        name.write_bytes(whole)


def test_the_command_says_that_nobody_answers():
    done = subprocess.run(
        [*serving.COMMAND, "registry", "check", "--url", "http://127.0.0.1:9", "--timeout", "2"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "http://127.0.0.1:9/catalogue did not answer" in done.stdout
    assert "Traceback" not in done.stderr


def check(server: serving.Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*serving.COMMAND, "registry", "check", "--url", server.url, *arguments],
        env=serving.settings(server.state),
        capture_output=True,
        text=True,
        timeout=100,
    )
