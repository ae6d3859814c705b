"""The change feed over HTTP: whoever follows it from zero has what is published, and later gets only what changed."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from planvev.engines.snapshot import Shelf
from planvev.settings import Settings
from planvev.versions import feed
from planvev.web.app import create_app
from tests.interop.follower import Follower
from tests.library.copies import CULTURE, NATURE, Copy, copied

HOST = "http://127.0.0.1"
WORDS = "Vi åpner bekken."
ATOM = "{http://www.w3.org/2005/Atom}"


class Followed:
    """A published library in small pages, and consumers of its feed."""

    def __init__(self, copy: Copy, client: TestClient) -> None:
        self.copy = copy
        self.client = client

    def get(self, address: str) -> tuple[bytes, str, str]:
        answer = self.client.get(address, headers={"Accept": "application/n-quads"})
        assert answer.status_code == 200, answer.text
        return answer.content, answer.headers["content-type"], answer.headers["cache-control"]

    def published(self) -> dict[str, str]:
        """The digest of each graph of data that is served."""
        graphs = Shelf(self.copy.state).current().manifest.graphs
        return {entry.graph: entry.digest for entry in graphs if entry.role == "data"}


@pytest.fixture
def followed(tmp_path, monkeypatch):
    monkeypatch.setattr(feed, "PAGE", 4)
    monkeypatch.setattr(feed, "VOLUME", 2)
    copy = copied(tmp_path)
    copy.publish()
    with TestClient(create_app(Settings.load(copy.environment())), base_url=HOST) as client:
        yield Followed(copy, client)


def test_who_follows_from_zero_has_what_is_published_and_later_gets_only_what_changed(followed):
    copy, root = followed.copy, f"{HOST}/feed"
    follower = Follower(followed.get)
    assert follower.follow(root) > 2 * feed.PAGE * feed.VOLUME
    assert follower.graphs() == followed.published()
    assert {thing.kind for thing in follower.things.values()} == {"Create"}
    full = {address: followed.get(address) for address in follower.kept}
    assert len(full) > feed.VOLUME
    assert follower.follow(root) == 0
    assert all(caching == "public, max-age=60" for *_, caching in map(followed.get, follower.fetched))

    copy.edit(NATURE, WORDS, "Vi åpner hele bekken.")
    copy.publish()
    assert follower.follow(root) == 1
    assert len(follower.fetched) <= 4, "what is full is not fetched again"
    assert follower.graphs() == followed.published()

    text = copy.file(CULTURE).read_text("utf-8")
    copy.file(CULTURE).unlink()
    copy.publish()
    assert copy.run("rollback").returncode == 0
    copy.edit(NATURE, "Vi åpner hele bekken.", WORDS)
    copy.publish()
    follower.follow(root)
    assert follower.graphs() == followed.published()
    assert follower.things[f"https://w3id.org/planvev/id/{CULTURE}"].kind == "Delete"
    copy.add(CULTURE, text)
    copy.publish()
    follower.follow(root)
    late = Follower(followed.get)
    late.follow(root)
    assert late.graphs() == follower.graphs() == followed.published()
    assert late.seen == follower.seen
    assert {address: followed.get(address) for address in full} == full, "a full page never changes"


def test_the_feed_comes_in_every_format_that_names_graphs_and_in_no_other(followed):
    client = followed.client
    for asked, given in {"*/*": "application/trig", "application/ld+json": "application/ld+json"}.items():
        answer = client.get("/feed/page/1", headers={"Accept": asked})
        assert answer.headers["content-type"] == given
        again = client.get("/feed/page/1", headers={"Accept": asked, "If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        other, plain = Follower(followed.get), Follower(followed.get)
        other.take(parse(answer.content, RdfFormat.from_media_type(given)))
        plain.take(parse(followed.get("/feed/page/1")[0], RdfFormat.N_QUADS))
        assert other.graphs() == plain.graphs() != {}
    assert client.get("/feed/page/1", headers={"Accept": "text/turtle"}).status_code == 406
    assert client.get("/feed/member/0").headers["cache-control"].endswith("immutable")
    for missing in ("page/0", "page/999", "volume/999", "member/9999", "other/1"):
        assert client.get(f"/feed/{missing}").status_code == 404


def test_a_browser_at_the_feed_is_shown_what_changed_and_a_machine_the_stream(followed):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    answer = followed.client.get("/feed", headers=browser, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/changes")
    for accept in ("*/*", "application/trig, text/html;q=0.5"):
        assert followed.client.get("/feed", headers={"Accept": accept}).headers["content-type"] == "application/trig"
    chosen = followed.client.get("/feed?format=jsonld", headers=browser)
    assert chosen.headers["content-type"] == "application/ld+json"


def test_people_read_what_changed_in_their_language_and_of_one_publisher(followed):
    copy, client = followed.copy, followed.client
    copy.edit(NATURE, WORDS, "Vi åpner hele bekken.")
    copy.file(CULTURE).unlink()
    copy.publish()
    top = ET.fromstring(client.get("/feed.atom", headers={"Accept-Language": "nb"}).content)
    titles = [entry.findtext(f"{ATOM}title") for entry in top.iter(f"{ATOM}entry")]
    assert titles[:2] == ["Endret: Naturplan 2024–2027 (oppdiktet)", "Trukket tilbake: Kulturplan (oppdiktet)"]
    assert len({entry.findtext(f"{ATOM}id") for entry in top.iter(f"{ATOM}entry")}) == len(titles)
    for entry in list(top.iter(f"{ATOM}entry"))[:2]:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert client.get(link.attrib["href"], follow_redirects=False).status_code in (200, 302)
    mine = ET.fromstring(client.get("/feed/proevestad.atom?lang=en").content)
    first = next(entry.findtext(f"{ATOM}title") for entry in mine.iter(f"{ATOM}entry"))
    assert first == "Changed: Nature plan 2024–2027 (invented)"
    assert client.get("/feed/nobody.atom").status_code == 404
    assert 'type="application/atom+xml"' in client.get("/", headers={"Accept": "text/html"}).text
