"""Past versions over HTTP: Memento (RFC 7089), addresses that name an edition, and what was withdrawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx2
import pytest
from starlette.testclient import TestClient

from planvev.formats import rdf
from planvev.settings import Settings
from planvev.versions.annals import Version
from planvev.versions.history import History
from planvev.web.app import create_app
from tests.library.copies import CULTURE, NATURE, Copy, copied

WORDS = ["Vi åpner bekken.", "Vi åpner hele bekken.", "Vi åpner bekken til våren."]
GRAPH = f"https://w3id.org/planvev/graph/{NATURE}"
STRATEGY = f"{NATURE}/strategy/1-1"


@dataclass
class Seen:
    """A library that was published four times, and a client that follows nothing."""

    client: TestClient
    copy: Copy
    history: History

    def get(self, path: str, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=named, follow_redirects=False)

    def versions(self) -> list[Version]:
        return list(self.history.versions(GRAPH))


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    copy = copied(tmp_path_factory.mktemp("memento"))
    copy.publish()
    copy.edit(NATURE, WORDS[0], WORDS[1])
    copy.publish()
    copy.edit(NATURE, WORDS[1], WORDS[0])  # the same content again is another version, with another time
    copy.publish()
    copy.edit(NATURE, WORDS[0], WORDS[2])
    replaced = "<https://w3id.org/planvev/id/plan/eksempelvik/kulturplan> <http://purl.org/dc/terms/isReplacedBy>"
    copy.file(CULTURE).write_text(
        f"{copy.file(CULTURE).read_text('utf-8')}\n{replaced} <https://w3id.org/planvev/id/{NATURE}> .\n", "utf-8"
    )
    copy.publish()
    copy.file(CULTURE).unlink()
    copy.publish()
    with TestClient(create_app(Settings.load(copy.environment())), base_url="http://127.0.0.1") as client:
        yield Seen(client, copy, History(copy.state))


def links(answer: httpx2.Response, text: str = "") -> dict[str, list[tuple[str, str]]]:
    """The links of an answer, or of a TimeMap: addresses and times by relation."""
    found: dict[str, list[tuple[str, str]]] = {}
    for address, rest in re.findall(r"<([^>]*)>((?:;\s*\w+=\"[^\"]*\")*)", text or answer.headers["link"]):
        named = dict(re.findall(r"(\w+)=\"([^\"]*)\"", rest))
        for name in named["rel"].split():
            found.setdefault(name, []).append((address, named.get("datetime", "")))
    return found


def http(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


@pytest.mark.parametrize("address", [f"/graph/{NATURE}.ttl", f"/doc/{STRATEGY}.ttl", f"/doc/{STRATEGY}.html"])
def test_a_document_and_a_graph_lead_to_the_version_of_a_time(seen, address):
    now = seen.get(address)
    assert now.status_code == 200
    assert "Accept-Datetime" in now.headers["vary"]
    assert links(now)["timegate"][0][0] == links(now)["original"][0][0] == address
    timemap = seen.get(links(now)["timemap"][0][0])
    assert timemap.headers["content-type"] == "application/link-format"
    listed = links(timemap, timemap.text)
    editions = [version.edition for version in seen.versions()]
    assert [found.partition("?")[2] for found, _ in listed["memento"]] == [f"version={n}" for n in editions]
    assert (listed["first"][0], listed["last"][0]) == (listed["memento"][0], listed["memento"][-1])
    for wanted, edition in [
        (seen.versions()[0].when - timedelta(days=400), editions[0]),  # before the first: the first
        (seen.versions()[-1].when + timedelta(days=400), editions[-1]),
    ]:
        gate = seen.get(address, accept_datetime=http(wanted))
        assert gate.status_code == 302
        assert gate.headers["location"] == f"{address}?version={edition}"
        assert "Accept-Datetime" in gate.headers["vary"]
        assert links(gate)["memento"][0][0] == gate.headers["location"]
        memento = seen.get(gate.headers["location"], accept_datetime=http(wanted))
        assert memento.status_code == 200
        said = next(version.when for version in seen.versions() if version.edition == edition)
        assert parsedate_to_datetime(memento.headers["memento-datetime"]) == said.replace(microsecond=0)
        assert links(memento)["original"] == links(now)["original"]
    assert seen.get(address).status_code == 200, "the version is not remembered as the answer of now"


def test_the_time_of_every_version_leads_to_it_or_to_a_later_one_of_that_second(seen):
    for version in seen.versions():
        second = version.when.replace(microsecond=0)
        last = [v for v in seen.versions() if v.when.replace(microsecond=0) == second][-1]
        gate = seen.get(f"/graph/{NATURE}.nt", accept_datetime=http(version.when))
        assert gate.headers["location"].endswith(f"version={last.edition}")


def test_a_version_is_what_was_published_then_byte_by_byte_and_kept_for_ever(seen):
    for version, words in zip(seen.versions(), [*WORDS[:2], WORDS[0], WORDS[2]], strict=True):
        answer = seen.get(f"/graph/{NATURE}.ttl?version={version.edition}")
        assert words in answer.text
        assert rdf.digest(rdf.read_turtle(answer.content, "graph")) == version.digest
        assert "immutable" in answer.headers["cache-control"]
        document = seen.get(f"/doc/{STRATEGY}.html?version={version.edition}&lang=nb")
        assert words in document.text
        assert "Slik ble det publisert" in document.text
        assert "immutable" not in document.headers["cache-control"], "its names of others are those of today"


def test_a_version_may_be_asked_for_by_digest_by_a_later_edition_or_without_a_format(seen):
    first, second, third, _ = seen.versions()
    by_digest = seen.get(f"/graph/{NATURE}.ttl?version={first.digest}")
    assert (by_digest.status_code, by_digest.headers["location"]) == (
        302,
        f"/graph/{NATURE}.ttl?version={third.edition}",
    )
    later = seen.get(f"/graph/{CULTURE}.ttl?version={second.edition}")
    assert later.headers["location"] == f"/graph/{CULTURE}.ttl?version=1"
    seen_other = seen.get(f"/doc/{STRATEGY}?version=2", accept="text/turtle")
    assert (seen_other.status_code, seen_other.headers["location"]) == (303, f"/doc/{STRATEGY}.ttl?version=2")
    assert seen.get(f"/graph/{NATURE}?version=2", accept="application/n-triples").status_code == 200


def test_a_document_has_only_the_versions_that_say_something_else_of_its_thing(seen):
    timemap = seen.get(f"/timemap/doc/{NATURE}.ttl")
    assert [address.partition("?")[2] for address, _ in links(timemap, timemap.text)["memento"]] == ["version=1"]


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        (f"/doc/{STRATEGY}.ttl", "yesterday", 400),
        (f"/doc/{STRATEGY}.ttl", "Sat, 31 Feb 2026 12:00:00 GMT", 400),
        (f"/graph/{NATURE}.ttl", "2026-11-28T12:00:00Z", 400),
        (f"/graph/{NATURE}.ttl?version=next", "", 400),
        (f"/graph/{NATURE}.ttl?version=0", "", 404),
        (f"/graph/{NATURE}.ttl?version={'0' * 64}", "", 404),
        (f"/graph/{CULTURE}.ttl?version=5", "", 410),
        ("/timemap/doc/plan/nowhere/plan.ttl", "", 404),
        ("/timemap/search", "", 404),
    ],
)
def test_what_is_no_date_and_no_version_is_said(seen, path, header, status):
    answer = seen.get(path, **({"accept_datetime": header} if header else {}))
    assert answer.status_code == status
    assert answer.json()["advice"]


def test_what_was_withdrawn_is_gone_with_what_replaces_it_and_its_versions_stay(seen):
    thing, gone = (seen.get(address).json() for address in (f"/id/{CULTURE}", f"/doc/{CULTURE}.ttl"))
    assert thing == gone
    assert (gone["status"], gone["replacedBy"]) == (410, [f"https://w3id.org/planvev/id/{NATURE}"])
    last = seen.get(gone["lastVersion"])
    assert (last.status_code, "Kulturplan" in last.text) == (200, True)
    page = seen.get(f"/doc/{CULTURE}.html", accept="text/html", accept_language="nn")
    assert page.status_code == 410
    assert gone["lastVersion"] in page.text
    graph = seen.get(f"/graph/{CULTURE}.ttl")
    assert graph.status_code == 410
    assert seen.get(graph.json()["lastVersion"], accept="text/turtle").status_code == 200
    then = seen.get(f"/doc/{CULTURE}.ttl", accept_datetime=http(seen.versions()[0].when))
    assert then.status_code == 302
    assert seen.get("/doc/plan/eksempelvik/aldri.ttl").status_code == 404


def said(page: str, tag: str) -> list[str]:
    """What stands between marks of one kind, without the marks inside."""
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", part).split()) for part in found]


def test_people_read_what_differs_between_two_versions_in_words_and_in_their_language(seen):
    page = seen.get(f"/changes/{NATURE}?from=3&to=4&lang=nb").text
    assert (said(page, "del"), said(page, "ins")) == ([f"Før: {WORDS[0]}"], [f"Nå: {WORDS[2]}"])
    assert "strategi" in page
    for language, before, now in [("nn", "Før:", "No:"), ("en", "Before:", "Now:")]:
        page = seen.get(f"/changes/{NATURE}?from=4&to=2&lang={language}").text
        assert (said(page, "del"), said(page, "ins")) == ([f"{before} {WORDS[2]}"], [f"{now} {WORDS[1]}"])
    same = seen.get(f"/changes/{NATURE}?from=1&to=3&lang=nb").text
    assert "Disse to sier det samme." in same
    by_default = seen.get(f"/changes/{NATURE}?lang=nb").text
    assert said(by_default, "ins") == [f"Nå: {WORDS[2]}"]


def test_what_was_withdrawn_is_told_with_all_it_said(seen):
    page = seen.get(f"/changes/{CULTURE}?lang=nb", accept="text/html").text
    assert page.count("Trukket tilbake") >= 3
    assert "Før: Vi synger ved bekken." in said(page, "del")
    assert not said(page, "ins")
    first = seen.get(f"/changes/{CULTURE}?to=1&lang=nb").text
    assert "Først publisert" in first
    assert not said(first, "del")


def test_every_edition_is_listed_with_what_it_changed(seen):
    page = seen.get("/changes?lang=en").text
    assert [int(number) for number in re.findall(r'id="edition-(\d+)"', page)] == [5, 4, 3, 2, 1]
    assert f"/changes/{CULTURE}?to=5" in page
    assert "Withdrawn" in page
    for missing, status in [("?from=x&to=2", 400), ("?to=0", 404), ("?to=" + "9" * 10, 400)]:
        assert seen.get(f"/changes/{NATURE}{missing}").status_code == status
    assert seen.get("/changes/plan/eksempelvik/aldri").status_code == 404


def test_a_service_that_asks_another_engine_says_that_it_has_no_past(seen):
    elsewhere = seen.copy.environment(ENGINE="http://127.0.0.1:9/sparql")  # nobody listens there, and nobody is asked
    with TestClient(create_app(Settings.load(elsewhere)), base_url="http://127.0.0.1") as client:
        for path in ("/feed", "/feed.atom", "/feed/page/1", "/changes", f"/timemap/graph/{NATURE}"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["advice"]) == (501, "Ask the service that publishes.")
