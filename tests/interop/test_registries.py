"""Programs of others harvest what registries are given: the portal's own parser, readers of RDF, schema.org's types.

The service runs with an owner and a contact point that are made up and say so; everything else is the real library.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from pyoxigraph import RdfFormat, parse

from planvev.formats.rdf import NamedNode, Triple, read_turtle
from planvev.names import COMMON
from planvev.registries import dumps
from planvev.registries.registry import full
from tests.conformance.capture import run
from tests.library.copies import Copy, copied
from tests.web import serving

HOME = Path(__file__).parents[2]
DOCUMENTS = ("catalogue", "concepts", "model", "organisations", "codes")
OWNER = {
    "PLANVEV_OWNER": "991825827",  # Digitaliseringsdirektoratet's number stands in for a real owner's
    "PLANVEV_CONTACT_NAME": "Prøvekontakt (oppdiktet)",
    "PLANVEV_CONTACT_EMAIL": "proeve@example.no",
    "PLANVEV_WEB_PROCESSES": "1",
}


@pytest.fixture(scope="module")
def owned(server: serving.Server):
    """The service of all these tests, with an owner and a contact point."""
    with serving.another(server.state, **OWNER) as other:
        yield other


def harvested(server: serving.Server, path: str) -> httpx2.Response:
    """As the national harvester fetches: one GET with one type, a plain 200."""
    answer = server.get(f"/{path}", accept="text/turtle", accept_encoding="gzip, deflate")
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, None)
    return answer


def portal(server: serving.Server, path: str) -> dict[str, dict[str, dict]]:
    """What data.norge.no makes of a document."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(HOME / "tests" / "interop" / "portal.py")],
        input=harvested(server, path).text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, dict]] = json.loads(done.stdout)
    return found


# ── the portal ──


def test_the_portal_finds_every_dataset_with_all_that_its_page_shows(owned):
    found = portal(owned, "catalogue")
    document = read_turtle(harvested(owned, "catalogue").content, "catalogue")
    kind = NamedNode(full("dcat:Dataset"))
    assert set(found["datasets"]) == {t.subject.value for t in document if t.object == kind}  # type: ignore[union-attr]
    assert set(found["services"]) == {f"{COMMON}/catalogue#sparql", f"{COMMON}/catalogue#pages"}
    moss = found["datasets"][f"{COMMON}/catalogue/moss#dataset"]
    assert moss["title"] == {
        "nb": "Planer fra Moss kommune",
        "nn": "Planar frå Moss kommune",
        "en": "Plans of Moss Municipality",
    }
    assert (moss["publisher"]["id"], moss["publisher"]["name"]) == ("920817521", "Moss kommune")
    assert moss["contactPoint"][0]["email"] == "proeve@example.no"
    assert [theme["code"] for theme in moss["theme"]] == ["GOVE"]
    assert {theme["code"] for theme in moss["losTheme"]} >= {"temaplan", "kommunedelplan"}
    assert moss["temporal"][0]["startDate"] < moss["temporal"][0]["endDate"]
    assert "https://data.geonorge.no/administrativeEnheter/kommune/id/172985172791" in {
        place["uri"] for place in moss["spatial"]
    }
    assert moss["legalBasisForProcessing"] is None


def test_the_portal_counts_the_data_as_open_and_offers_every_file(owned):
    for iri, dataset in portal(owned, "catalogue")["datasets"].items():
        assert dataset["accessRights"]["uri"].endswith("/access-right/PUBLIC"), iri
        files = dataset["distribution"]
        assert len(files) >= 3
        for file in files:
            assert any("CC_BY_4_0" in str(licence) for licence in file["license"]), iri
            assert file["downloadURL"]
            assert file["fdkFormat"]


def test_the_portal_reads_the_vocabulary_as_an_information_model(owned):
    (model,) = portal(owned, "model")["models"].values()
    assert model["publisher"]["id"] == OWNER["PLANVEV_OWNER"]
    assert set(model["title"]) == {"nb", "nn", "en"}
    assert len(model["modelElements"]) > 30


# ── readers of RDF, each with its own Accept ──


def counted(server: serving.Server, name: str) -> int:
    return len(read_turtle(harvested(server, name).content, name))


@pytest.mark.needs("rapper")
@pytest.mark.parametrize("name", [*DOCUMENTS, ".well-known/void"])
def test_rapper_reads_a_harvest_document(owned, tool, name):
    done = run(tool("rapper"), "-q", "-g", "-o", "ntriples", f"{owned.url}/{name}")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len({*parse(done.stdout.encode(), RdfFormat.N_TRIPLES)}) == counted(owned, name)


@pytest.mark.needs("riot")
def test_riot_reads_every_harvest_document_and_finds_no_fault_in_any_syntax(owned, tool):
    names = [*DOCUMENTS, ".well-known/void"]
    endings = [f"catalogue.{ending}" for ending in ("ttl", "rdf", "jsonld", "nt", "trig", "nq")]
    done = run(tool("riot"), "--count", *(f"{owned.url}/{name}" for name in [*names, *endings]))
    assert done.returncode == 0, done.stderr[-2000:]
    assert not re.search("WARN|ERROR", done.stderr), done.stderr[-2000:]
    numbers = [
        int(one.replace(",", "")) for one in re.findall(r"(?:Triples|Quads) = ([\d,]+)", done.stdout + done.stderr)
    ]
    # It says nothing of a document that is empty, as the one of concepts is, and that is no fault either.
    expected = [counted(owned, name) for name in names] + [counted(owned, "catalogue")] * len(endings)
    assert numbers == [number for number in expected if number]


def test_rdflib_reads_a_harvest_document(owned):
    program = "import rdflib, sys; print(*(len(rdflib.Graph().parse(address)) for address in sys.argv[1:]))"
    addresses = [f"{owned.url}/{name}" for name in DOCUMENTS]
    done = run(sys.executable, "-c", program, *addresses)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [str(counted(owned, name)) for name in DOCUMENTS]


@pytest.mark.needs("comunica")
def test_comunica_finds_the_files_of_a_catalogue(owned, tool):
    query = f"SELECT ?file {{ ?dataset <{full('dcat:distribution')}>/<{full('dcat:downloadURL')}> ?file }}"
    done = run(tool("comunica"), f"{owned.url}/catalogue", query, "-t", "application/json")
    assert done.returncode == 0, done.stderr[-2000:]
    files = read_turtle(harvested(owned, "catalogue").content, "catalogue")
    expected = [t for t in files if t.predicate.value == full("dcat:downloadURL")]
    assert len(json.loads(done.stdout)) == len(expected)


# ── schema.org ──

PAGES = {
    "/catalogue.html": "DataCatalog",
    "/catalogue/moss.html?lang=nn": "DataCatalog",
}
LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def linked(server: serving.Server, path: str) -> list[str]:
    """The JSON-LD in a page, as a crawler finds it."""
    return LINKED.findall(server.get(path, accept="text/html").text)


@pytest.mark.needs("node", "typescript")
def test_what_pages_tell_search_engines_is_of_the_types_of_schema_org(owned, tool, tmp_path):
    lines = []
    for number, (path, kind) in enumerate(PAGES.items()):
        (found,) = linked(owned, path)
        assert json.loads(found)["@type"] == kind
        lines.append(f"export const page{number}: WithContext<{kind}> = {found};")
    wrong = lines[0].replace('"name":', '"nane":', 1)
    found = typed(tool, tmp_path, {"pages.ts": lines, "wrong.ts": [wrong]})
    assert "wrong.ts" in found, "a word that schema.org does not know is noticed"
    assert "pages.ts" not in found, found


def typed(tool, folder: Path, files: dict[str, list[str]]) -> str:
    """What TypeScript says of values that are declared to be of types of schema.org (schema-dts)."""
    compiler = Path(tool("typescript"))
    (folder / "node_modules").symlink_to(compiler.parents[2])
    for name, lines in files.items():
        kinds = ", ".join(sorted({*re.findall(r"WithContext<(\w+)>", "".join(lines))}))
        text = f'import type {{ {kinds}, WithContext }} from "schema-dts";\n' + "\n".join(lines)
        (folder / name).write_text(text, "utf-8")
    command = [tool("node"), str(compiler), "--noEmit", "--skipLibCheck", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=110)
    assert done.stdout or done.returncode == 0, done.stderr
    return done.stdout


def test_a_catalogue_for_search_engines_says_what_the_catalogue_says(owned):
    (text,) = linked(owned, "/catalogue/moss.html?lang=nn")
    found = json.loads(text)
    (dataset,) = found["dataset"]
    assert found["publisher"] == dataset["publisher"]
    assert (dataset["name"], dataset["publisher"]["identifier"]) == ("Planar frå Moss kommune", "920817521")
    for file in dataset["distribution"]:
        answer = httpx2.get(file["contentUrl"], trust_env=False)
        assert (file["contentSize"], file["sha256"]) == (
            f"{len(answer.content)} B",
            hashlib.sha256(answer.content).hexdigest(),
        )
        assert answer.headers["content-type"] == file["encodingFormat"][0]


def test_a_title_cannot_break_out_of_the_data_for_search_engines():
    from planvev.settings import Settings
    from planvev.web.render import Pages

    environment = Pages(Settings.load({})).environments["nb"]
    text = environment.from_string("{{ linked|tojson }}").render(linked={"name": "</script><script>alert(1)</script>"})
    assert "<" not in text


# ── one consistent edition ──


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The tiny library, published with its dumps, and served."""
    copy = copied(tmp_path_factory.mktemp("published"))
    assert copy.run("publish").returncode == 0
    with serving.another(copy.state, PLANVEV_LIBRARY=str(copy.root), **OWNER) as running:
        yield copy, running


def grown(copy: Copy, number: int) -> None:
    """One more organisation, one more code, and a plan that is another."""
    copy.add(
        f"org/ny-{number}",
        "@prefix org: <http://www.w3.org/ns/org#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        f'<{COMMON}/id/org/ny-{number}> a org:Organization ; skos:prefLabel "Ny {number}"@nb .\n',
    )
    with copy.file("plan/eksempelvik/kulturplan").open("a", encoding="utf-8") as file:
        file.write(
            f'\n<{COMMON}/id/plan/eksempelvik/kulturplan> <http://purl.org/dc/terms/alternative> "{number}"@nb .\n'
        )


def documents(server: serving.Server) -> tuple[set[str], set[Triple], list[Triple]]:
    """The editions that the documents say they are of; the organisations; the catalogue."""
    answers = {name: harvested(server, name) for name in (*DOCUMENTS, ".well-known/void")}
    editions = {answer.headers["x-planvev-edition"] for answer in answers.values()}
    bodies = {*read_turtle(answers["organisations"].content, "organisations")}
    return editions, bodies, read_turtle(answers["catalogue"].content, "catalogue")


def as_stated(catalogue: list[Triple]) -> list[bool]:
    """Whether each file of a catalogue has the checksum that it gives."""
    said = {(t.subject, t.predicate.value): t.object for t in catalogue}
    files = [t for t in catalogue if t.predicate.value == full("dcat:downloadURL")]
    found = []
    for file in files:
        checksum = said[file.subject, full("spdx:checksum")]
        digest = said[checksum, full("spdx:checksumValue")]  # type: ignore[index]
        content = httpx2.get(file.object.value, trust_env=False).content  # type: ignore[union-attr]
        found.append(hashlib.sha256(content).hexdigest() == digest.value)  # type: ignore[union-attr]
    return found


def test_between_a_switch_and_its_dumps_every_document_is_of_the_edition_before(published):
    copy, server = published
    before = documents(server)
    grown(copy, 1)
    copy.publish()  # switches; the dumps come later
    assert server.get("/healthz").json()["snapshot"] not in "".join(before[0])
    assert documents(server) == before
    dumps.make(copy.state, 5)
    editions, bodies, catalogue = documents(server)
    assert editions != before[0]
    assert {str(t.subject) for t in bodies} - {str(t.subject) for t in before[1]} == {f"<{COMMON}/id/org/ny-1>"}
    assert all(as_stated(catalogue))
    assert all(as_stated(before[2])), "a file that a catalogue named stays where it was"


def test_whoever_harvests_while_it_is_published_gets_one_edition_whole(published):
    copy, server = published
    seen = set()
    for number in (2, 3):
        grown(copy, number)
        publishing = copy.start("publish")
        while publishing.poll() is None:
            catalogue = harvested(server, "catalogue")
            edition = catalogue.headers["x-planvev-edition"]
            seen.add(edition)
            triples = read_turtle(catalogue.content, "catalogue")
            assert {edition in str(t.object) for t in triples if t.predicate.value == full("dcat:downloadURL")} == {
                True
            }
            assert all(as_stated(triples))
        publishing.communicate()
        assert publishing.returncode == 0
        seen.add(harvested(server, "catalogue").headers["x-planvev-edition"])
    assert len(seen) == 3
