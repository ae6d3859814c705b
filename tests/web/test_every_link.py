"""Nothing leads nowhere: every IRI of ours in the data, and every link on every page, answers 200."""

from __future__ import annotations

import re
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

import httpx2
import pytest

from planvev.names import COMMON
from tests.web.pages import Page

HTML = {"Accept": "text/html"}
# Other languages; downloads of answers, each of which is a query: test_sparql_protocol and test_editor fetch them; and
# past versions, which test_memento fetches.
LEFT = re.compile(r"lang=|/(?:sparql|queries/)[^#]*[?&]format=|/timemap/|[?&]version=")
MANY = 6000  # addresses; the crawl of this library is well below, a growing one is sampled breadth first


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def leads_to(server, path: str, accept: str = "text/html") -> int:
    """The status at the end of the redirects that a reader follows."""
    answer: httpx2.Response = server.client.get(path, headers={"Accept": accept}, follow_redirects=True)
    return answer.status_code


@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_every_iri_in_the_data_that_is_ours_dereferences(server, pool, accept):
    paths = sorted({iri.removeprefix(COMMON).partition("#")[0] or "/" for iri in server.ours})
    assert len(paths) > 500
    statuses = pool.map(lambda path: leads_to(server, path, accept), paths)
    assert [(path, status) for path, status in zip(paths, statuses, strict=True) if status != 200] == []


def test_every_term_of_ours_in_the_data_stands_on_the_page_of_the_vocabulary(server):
    ids = set(Page(server.url, server.get("/ns", accept="text/html").text).ids)
    terms = {iri.partition("#")[2] for iri in server.ours if iri.startswith(f"{COMMON}/ns#")}
    assert terms - ids == set()


def test_every_shape_with_a_message_stands_on_the_page_of_the_shapes(server):
    ids = set(Page(server.url, server.get("/shapes", accept="text/html").text).ids)
    message = "http://www.w3.org/ns/shacl#message"
    shapes = {q.subject.value for q in server.snapshot.store if q.predicate.value == message}
    assert {iri.partition("#")[2] for iri in shapes} - ids == set()


def test_every_iri_of_others_has_a_page_here(server, pool):
    foreign = [iri for iri in server.iris if not iri.startswith(COMMON)]
    paths = [f"/resource?iri={quote(iri, safe='')}" for iri in foreign]
    statuses = pool.map(lambda path: leads_to(server, path), paths)
    assert [(iri, status) for iri, status in zip(foreign, statuses, strict=True) if status != 200] == []


@pytest.mark.parametrize("kind", ["id", "doc"])
def test_an_iri_with_norwegian_letters_is_looked_for_in_both_its_forms(server, kind):
    """The data has none today; the answer must be a clean 404 for both forms and name the same thing."""
    for path in ("plan/moss/gjennomføring", "plan/moss/gjennomf%C3%B8ring"):
        answer = server.get(f"/{kind}/{path}", accept="application/json")
        assert answer.status_code == 404
        assert "gjennomføring" in unquote(answer.json()["detail"])


class Crawl:
    """Every address that can be reached from the front page by links on this host, breadth first, up to a number."""

    def __init__(self, server, pool: ThreadPoolExecutor) -> None:
        self.server = server
        self.pages: dict[str, Page] = {}
        self.broken: list[str] = []
        self.seen = {server.url + "/"}
        self.outside: set[str] = set()
        waiting = deque([(server.url + "/", "")])
        while waiting:
            batch = [waiting.popleft() for _ in range(min(64, len(waiting)))]
            for (address, source), answer in zip(batch, pool.map(lambda one: self.fetch(one[0]), batch), strict=True):
                waiting.extend(self.read(address, source, answer))

    def fetch(self, address: str) -> httpx2.Response:
        """The answer; a page that runs a query comes back when there is room, for other tests ask too."""
        answer: httpx2.Response = self.server.client.get(address, headers=HTML, follow_redirects=True)
        for _ in range(30):
            if answer.status_code not in (429, 503):
                break
            time.sleep(int(answer.headers["retry-after"]))
            answer = self.server.client.get(address, headers=HTML, follow_redirects=True)
        return answer

    def read(self, address: str, source: str, answer: httpx2.Response) -> list[tuple[str, str]]:
        if answer.status_code != 200:
            self.broken.append(f"{answer.status_code} {address} (on {source})")
            return []
        if not answer.headers["content-type"].startswith("text/html"):
            return []
        page = self.pages[address] = Page(str(answer.url), answer.text)
        self.outside |= {link for link in page.links if urlsplit(link).netloc != urlsplit(self.server.url).netloc}
        found = []
        for link in page.internal:
            if link not in self.seen and len(self.seen) < MANY and not LEFT.search(link):
                self.seen.add(link)
                found.append((link, address))
        return found


@pytest.fixture(scope="module")
def crawl(server, pool) -> Crawl:
    return Crawl(server, pool)


@pytest.mark.timeout(400)
def test_every_link_from_the_front_page_on_leads_to_200(crawl):
    assert len(crawl.pages) > 500
    assert crawl.broken == []


@pytest.mark.timeout(400)
def test_everything_that_is_ours_can_be_reached_from_the_front_page(crawl, server):
    reached = {urlsplit(address).path for address in crawl.pages}
    things = {iri.removeprefix(COMMON) for iri in server.ours if iri.startswith(f"{COMMON}/id/")}
    lost = {path for path in things if f"{path.replace('/id/', '/doc/', 1)}.html" not in reached}
    assert sorted(lost) == []


@pytest.mark.timeout(400)
def test_pages_link_to_others_only_by_http_and_load_nothing_from_them(crawl):
    assert {urlsplit(link).scheme for link in crawl.outside} <= {"http", "https"}
    for address, page in crawl.pages.items():
        assert not re.search(r'src="(?!/[^/])|srcset=|rel="stylesheet" href="http', page.text), address


@pytest.mark.timeout(400)
def test_every_page_is_well_formed(crawl):
    assert {address: page.faults for address, page in crawl.pages.items() if page.faults} == {}


@pytest.mark.timeout(400)
def test_every_fragment_that_is_linked_to_on_a_page_of_ours_is_there(crawl, server):
    missing = set()
    for address, page in crawl.pages.items():
        for link in page.links:
            target, _, fragment = link.partition("#")
            if fragment and target in crawl.pages and fragment not in crawl.pages[target].ids:
                missing.add((address, link))
    assert sorted(missing)[:20] == []


@pytest.mark.timeout(400)
def test_every_page_has_one_h1_a_title_of_its_own_and_no_gap_in_its_headings(crawl):
    for address, page in crawl.pages.items():
        levels = [level for level, _ in page.headings]
        assert levels.count(1) == 1, address
        assert levels[0] == 1, address
        assert all(words for _, words in page.headings), address
        jumps = [(one, two) for one, two in pairwise(levels) if two > one + 1]
        assert not jumps, (address, page.headings)
        assert page.title, address


@pytest.mark.timeout(400)
def test_no_id_stands_twice_on_a_page(crawl):
    for address, page in crawl.pages.items():
        assert len(page.ids) == len(set(page.ids)), (address, {i for i in page.ids if page.ids.count(i) > 1})
