"""What the files say was withdrawn: 410 with the reason in every format, in no list, and its versions stay."""

from __future__ import annotations

import httpx2
import pytest
from pyoxigraph import parse
from starlette.testclient import TestClient

from planvev.media import DOCUMENTS
from planvev.names import COMMON, NS, PREFIXES, WITHDRAWN
from planvev.settings import Settings
from planvev.versions.history import History
from planvev.web.app import create_app
from tests.conftest import TOP
from tests.library.copies import CULTURE, NATURE, Copy, copied
from tests.web.pages import Page
from tests.web.rdfread import OXIGRAPH

OTHER = f"{COMMON}/id/{NATURE}"
THING = f"{COMMON}/id/{CULTURE}"
WHY = "Slått sammen med naturplanen."
# As docs/publishers.md shows it.
TOMBSTONE = f"""@base <{COMMON}/id/> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<{CULTURE}> a plan:Plan ; dct:title "Kulturplan"@nb ;
    prov:invalidatedAtTime "2026-11-28T12:00:00+01:00"^^xsd:dateTime ;
    rdfs:comment "{WHY}"@nb , "Merged into the nature plan."@en ;
    dct:isReplacedBy <{NATURE}> .
"""


class Seen:
    def __init__(self, client: TestClient, copy: Copy) -> None:
        self.client, self.copy = client, copy

    def get(self, path: str, accept: str = "text/html") -> httpx2.Response:
        return self.client.get(path, headers={"accept": accept}, follow_redirects=False)


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A library that was published whole, and then with one plan withdrawn."""
    copy = copied(tmp_path_factory.mktemp("tombstones"))
    copy.publish()
    copy.file(CULTURE).write_text(TOMBSTONE, "utf-8")
    copy.publish()
    with TestClient(create_app(Settings.load(copy.environment())), base_url="http://127.0.0.1") as client:
        yield Seen(client, copy)


def test_people_are_told_why_and_what_replaces_it_in_their_language(seen):
    for language, why in (("nb", WHY), ("nn", WHY), ("en", "Merged into the nature plan.")):
        answer = seen.get(f"/doc/{CULTURE}.html?lang={language}")
        assert answer.status_code == 410
        page = Page(f"/doc/{CULTURE}.html", answer.text)
        assert why in answer.text
        assert "Kulturplan" in answer.text
        assert f"/doc/{NATURE}.html?lang={language}" in page.links
        assert f">{OTHER}<" not in answer.text, "people are told its name"
        assert f"/doc/{CULTURE}.html?version=1&lang={language}" in page.links


@pytest.mark.parametrize("media", [media for media in DOCUMENTS if media.suffix != "html"], ids=lambda m: m.suffix)
def test_programs_get_the_tombstone_itself_with_the_status_that_says_so(seen, media):
    for path in (f"/id/{CULTURE}", f"/doc/{CULTURE}.{media.suffix}"):
        answer = seen.get(path, media.type)
        assert answer.status_code == 410
        assert answer.headers["content-type"].partition(";")[0] == media.type
        stated = parse(answer.content, OXIGRAPH[media.suffix])
        said = {(str(quad.predicate), str(quad.object)) for quad in stated if str(quad.subject) == f"<{THING}>"}
        assert (f"<{PREFIXES['dct']}isReplacedBy>", f"<{OTHER}>") in said
        assert any(predicate == f"<{WITHDRAWN}>" for predicate, _ in said)
    assert seen.client.head(f"/doc/{CULTURE}.{media.suffix}").status_code == 410


def test_at_the_name_itself_people_get_the_page(seen):
    answer = seen.get(f"/id/{CULTURE}")
    assert answer.status_code == 410
    assert WHY in answer.text
    assert seen.client.head(f"/id/{CULTURE}").status_code == 410


def test_its_version_before_stands_as_it_was(seen):
    answer = seen.get(f"/doc/{CULTURE}.html?version=1")
    assert answer.status_code == 200
    assert WHY not in answer.text
    assert History(seen.copy.state).withdrawn(THING) is None, "its graph still speaks of it"


def test_it_is_in_no_list_no_search_no_map_and_no_count(seen):
    plans = seen.get("/all/plans")
    assert f"/doc/{NATURE}.html" in plans.text
    assert f"/doc/{CULTURE}.html" not in plans.text
    for path in ("/timeline", "/", "/sitemap/1.xml", "/search?q=Kulturplan", "/compare", "/gaps?columns=all"):
        answer = seen.get(path)
        assert answer.status_code == 200
        assert f"/doc/{CULTURE}.html" not in answer.text, path


def test_the_graph_the_endpoint_and_the_feed_keep_what_the_files_say(seen):
    assert WITHDRAWN in seen.get(f"/graph/{CULTURE}.nt", "application/n-triples").text
    assert "true" in seen.get("/sparql?query=ASK{?s prov:invalidatedAtTime ?t}", "text/csv").text
    pages: list[str] = []
    while (page := seen.get(f"/feed/page/{len(pages) + 1}", "application/n-quads")).status_code == 200:
        pages.append(page.text)
    assert WITHDRAWN in pages[-1]


def test_whoever_still_leads_there_is_advised(seen):
    seen.copy.edit(NATURE, "Vi åpner bekken.", "Vi åpner bekken nå.")
    text = seen.copy.file(NATURE).read_text("utf-8")
    seen.copy.file(NATURE).write_text(f"{text}\n<{OTHER}> <{NS}buildsOn> <{THING}> .\n", "utf-8")
    rules = seen.copy.root / "shapes" / "advice" / "thing.ttl"  # the tiny library has few rules of its own
    rules.write_bytes((TOP / "shapes" / "advice" / "thing.ttl").read_bytes())
    done = seen.copy.run("check", "--lang", "en")
    assert "What this leads to was withdrawn" in done.stdout
    assert done.returncode == 0
