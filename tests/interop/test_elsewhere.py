"""A store on the network holds what is published here, and is read as if it stood here: Oxigraph, Fuseki, Virtuoso.

`planvev publish --to` and `planvev serve` run as anybody runs them, against engines that are started empty.
"""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from planvev.engines.snapshot import Shelf
from tests.interop import engines
from tests.interop.faults import standing_before
from tests.library.copies import CULTURE, ID, NATURE, Copy, copied
from tests.web import serving

pytestmark = pytest.mark.timeout(400)

PAGES = (
    "/",
    "/all/plans",
    "/matrix?rows=law&columns=all&status=any&every=1",
    "/matrix.csv?columns=all&status=any",
    "/timeline",
    "/gaps",
    "/compare",
    f"/doc/{NATURE}.html",
    f"/doc/{NATURE}.ttl",
    f"/doc/{NATURE}.jsonld",
    f"/doc/{NATURE}.rdf",
    f"/doc/{NATURE}.nt",
    f"/graph/{NATURE}.ttl",
    f"/graph/{NATURE}",
    "/ns",
    "/shapes",
    "/healthz",
    "/sparql?query=SELECT%20%3Fp%20%7B%20%3Fp%20a%20plan%3APlan%20%7D%20ORDER%20BY%20%3Fp&format=csv",
    "/sparql?query=SELECT%20%3Fp%20%7B%20%3Fp%20a%20plan%3APlan%20%7D%20ORDER%20BY%20%3Fp&format=xml",
    "/sparql?query=ASK%20%7B%20%3Fp%20a%20plan%3APlan%20%7D&format=json",
    f"/resource?iri=https%3A%2F%2Fw3id.org%2Fplanvev%2Fid%2F{NATURE.replace('/', '%2F')}",
)
# What Virtuoso 7 gives back otherwise than it was given, in the texts compared here.
REWRITTEN = re.compile(r'"?(?:true|1|P\d+Y|\d+)"?(?:\^\^(?:xsd:|<[^>]*#)(?:boolean|duration)>?)')
ADVICE = re.compile(r'<section aria-labelledby="missing">.*?</section>', re.DOTALL)
BLANK = re.compile(r"_:\w+")


@dataclass
class Elsewhere:
    """An engine, a library that is published to it, a service that reads from it, and one that reads what is here."""

    engine: engines.Engine
    copy: Copy
    server: serving.Server
    near: serving.Server

    @property
    def auth(self) -> httpx2.Auth | None:
        return httpx2.DigestAuth(self.engine.user, self.engine.password) if self.engine.user else None

    def publish(self, *more: str, to: str = "", update: str = "") -> subprocess.CompletedProcess[str]:
        who = {name.removeprefix("PLANVEV_"): value for name, value in self.engine.settings.items()}
        who.pop("ENGINE")
        to, update = to or self.engine.endpoint, update or self.engine.update
        return self.copy.run("publish", "--to", to, "--update", update, *more, **who)

    def ask(self, query: str) -> list[dict[str, dict[str, str]]]:
        """The rows the engine itself gives, past our service."""
        answer = httpx2.post(
            self.engine.endpoint,
            data={"query": query},
            headers={"Accept": "application/sparql-results+json"},
            auth=self.auth,
            timeout=60,
            trust_env=False,
        )
        assert answer.is_success, answer.text
        rows: list[dict[str, dict[str, str]]] = answer.json()["results"]["bindings"]
        return rows

    def count(self, where: str) -> int:
        return int(self.ask(f"SELECT (COUNT(*) AS ?n) WHERE {{ {where} }}")[0]["n"]["value"])

    def fresh(self, path: str) -> httpx2.Response:
        """The page as it is when the store has been asked again which edition it holds."""
        return self.server.get(path, cache_control="no-cache", accept_language=f"nb, x-{next(_NUMBERS)};q=0.1")


_NUMBERS = iter(range(1_000_000))


@contextlib.contextmanager
def started(name: str, tool, folder: Path):
    if name == "oxigraph":
        running = engines.oxigraph(str(Path(sys.executable).with_name("oxigraph")), folder)
    elif name == "fuseki":
        running = engines.fuseki(tool("fuseki"), folder)
    else:
        running = engines.virtuoso(tool("virtuoso"), tool("isql"), folder)
    with running as engine:
        yield engine


@pytest.fixture(scope="module", params=["oxigraph", "fuseki", "virtuoso"])
def there(request, tool, tmp_path_factory):
    """The tiny library, published to an engine."""
    folder = tmp_path_factory.mktemp(request.param)
    copy = copied(folder / "copy")
    with (
        started(request.param, tool, folder) as engine,
        serving.another(folder / "state", **engine.settings) as server,
        serving.another(copy.state, PLANVEV_LIBRARY=str(copy.root)) as near,
    ):
        place = Elsewhere(engine, copy, server, near)
        answer = server.get("/all/plans", accept="application/json")
        assert answer.status_code == 503, "an empty store is said to be one"
        done = place.publish()
        assert done.returncode == 0, done.stderr
        assert "graph by graph" in done.stderr
        yield place


def plain(place: Elsewhere, text: str) -> list[str]:
    """The lines of a text without what is free: the names of blank nodes, what Virtuoso rewrites, and the advice on a
    plan, which is kept beside the embedded engine alone."""
    text = ADVICE.sub("", BLANK.sub("_:", text))
    lines = (REWRITTEN.sub("…", text) if place.engine.name == "virtuoso" else text).splitlines()
    return sorted(line for line in lines if line)


def test_every_graph_arrives_whole_and_by_its_public_name(there):
    manifest = Shelf(there.copy.state).current().manifest
    rows = there.ask("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    found = {row["g"]["value"]: int(row["n"]["value"]) for row in rows}
    assert {entry.graph: entry.triples for entry in manifest.graphs}.items() <= found.items()


def test_a_default_graph_of_its_own_is_filled_as_a_snapshot_fills_it(there):
    if there.engine.name == "virtuoso":
        assert there.count("<https://w3id.org/planvev/record> ?p ?o") > 0, "its default graph is the union"
    else:
        assert there.count("?s ?p ?o") == Shelf(there.copy.state).current().manifest.triples


def test_nothing_differs_the_second_time(there):
    done = there.publish()
    assert done.returncode == 0
    assert "Nothing differs there" in done.stderr


@pytest.mark.parametrize("path", PAGES)
def test_a_page_from_there_is_the_page_from_here(there, path):
    here, far = there.near.get(path), there.fresh(path)
    assert (far.status_code, far.headers["content-type"]) == (here.status_code, here.headers["content-type"])
    if path.endswith("format=json"):
        assert far.json()["boolean"] == here.json()["boolean"]  # laid out as the engine does
    elif path.endswith((".jsonld", ".rdf")):
        assert len(far.text) == pytest.approx(len(here.text), rel=0.02)  # blank nodes are named and placed otherwise
    else:
        assert plain(there, far.text) == plain(there, here.text)


def test_a_page_costs_few_questions(there):
    from planvev.engines.remote import Access, Line
    from planvev.engines.remote_shelf import RemoteShelf
    from planvev.insight.lookup import Lookup
    from planvev.insight.outline import outline

    iri = f"https://w3id.org/planvev/id/{NATURE}"
    line = Line(Access(there.engine.endpoint, there.engine.user, there.engine.password, there.engine.auth), 60, 1 << 26)
    reading = RemoteShelf(line).current()
    before = line.count
    lookup = Lookup(reading, ("nb", "nn", "en"))
    assert reading.holds(iri)
    assert outline(lookup, iri)
    assert lookup.thing(iri).outgoing
    reading.confirm()
    asked = line.count - before
    line.close()
    assert asked <= 12


@pytest.mark.parametrize(
    "path",
    [
        "/search?q=natur",
        "/search/suggest?q=natur",
        "/sparql?query=SELECT%20*%20%7B%3Fs%20search%3Amatches%20%22natur%22%7D&format=json",
        "/catalogue",
        "/concepts.ttl",
        "/.well-known/void",
        f"/timemap/doc/{NATURE}",
    ],
)
def test_what_needs_the_embedded_engine_says_so(there, path):
    answer = there.server.get(path, accept="application/json")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (501, "needs-embedded")


def test_one_file_changed_is_one_graph_written_in_one_request(there):
    title = re.search(r'dct:title\s+"([^"]+)"', there.copy.file(CULTURE).read_text("utf-8"))
    assert title
    there.copy.file(CULTURE).write_text(
        there.copy.file(CULTURE).read_text("utf-8").replace(title[1], "Kulturplan, ny utgave"), "utf-8"
    )
    done = there.publish()
    assert done.returncode == 0, done.stderr
    assert "Wrote 1 graph, in one request" in done.stderr
    graph = f"https://w3id.org/planvev/graph/{CULTURE}"
    assert there.count(f'GRAPH <{graph}> {{ ?p ?q ?t FILTER(STR(?t) = "Kulturplan, ny utgave") }}') >= 1
    assert there.count(f'GRAPH <{graph}> {{ ?p ?q ?t FILTER(STR(?t) = "{title[1]}") }}') == 0
    threading.Event().wait(1.1)  # for as long as an edition found is taken to stand
    assert "Kulturplan, ny utgave" in there.fresh(f"/doc/{CULTURE}.html").text
    test_a_default_graph_of_its_own_is_filled_as_a_snapshot_fills_it(there)


def test_what_the_shapes_refuse_never_leaves_the_house(there):
    record = there.ask("SELECT ?o WHERE { GRAPH <https://w3id.org/planvev/record> { ?s ?p ?o } }")
    text = there.copy.file(NATURE).read_text("utf-8")
    there.copy.file(NATURE).write_text(text.replace("dct:title", "dct:alternative"), "utf-8")
    done = there.publish()
    there.copy.file(NATURE).write_text(text, "utf-8")
    assert done.returncode == 1
    assert sorted(map(str, record)) == sorted(
        map(str, there.ask("SELECT ?o WHERE { GRAPH <https://w3id.org/planvev/record> { ?s ?p ?o } }"))
    )


HALTS = {"oxigraph": 2, "fuseki": 1, "virtuoso": 2}  # requests that arrive before the publisher is killed


def test_a_filling_that_is_killed_goes_on_and_nobody_reads_half(there):
    after = HALTS[there.engine.name]
    for place in (NATURE, CULTURE):  # a change of both, larger than one request may be
        with there.copy.file(place).open("a", encoding="utf-8") as file:
            file.write(
                f'\n<https://w3id.org/planvev/id/{place}> <http://purl.org/dc/terms/alternative> "ny {after}"@nb .\n'
            )
    with standing_before(there.engine.endpoint, there.engine.update, there.auth) as stand:
        stand.stall_after = after
        running = there.copy.start(
            "publish", "--to", f"{stand.url}/query", "--update", f"{stand.url}/update", "--at-once-mb", "0"
        )
        assert stand.stalled.wait(60), "it never came so far"
        running.send_signal(signal.SIGKILL)
        running.communicate(timeout=20)
    threading.Event().wait(1.1)
    answer = there.server.get(f"/doc/{NATURE}.ttl?{after}", accept="application/json")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "switching")
    done = there.publish()
    assert done.returncode == 0, done.stderr
    threading.Event().wait(1.1)
    assert f"ny {after}" in there.fresh(f"/doc/{NATURE}.ttl").text
    assert f"ny {after}" in there.fresh(f"/doc/{CULTURE}.ttl").text
    test_every_graph_arrives_whole_and_by_its_public_name(there)
    test_a_default_graph_of_its_own_is_filled_as_a_snapshot_fills_it(there)


def test_a_reader_meets_one_edition_or_the_other(there):
    """Two graphs change together, over and over; no answer shows one changed and the other not."""
    iris = [f"https://w3id.org/planvev/id/{place}" for place in (NATURE, CULTURE)]
    query = "SELECT ?t WHERE { " + " UNION ".join(
        f"{{ GRAPH ?g {{ <{iri}> <http://purl.org/dc/terms/alternative> ?t }} FILTER(STRSTARTS(STR(?t), 'par')) }}"
        for iri in iris
    )
    seen, stop, wrong = set(), threading.Event(), []
    client = httpx2.Client(base_url=there.server.url, trust_env=False, timeout=60)

    def read() -> None:
        while not stop.is_set():
            answer = client.post("/sparql", data={"query": query + " }"}, headers={"Accept": "text/csv"})
            rows = tuple(answer.text.split()[1:])
            if answer.status_code == 200 and len(set(rows)) <= 1 and len(rows) in (0, 2):
                seen.add(rows)
            elif answer.status_code != 503:  # a reader may be told to wait
                wrong.append((answer.status_code, answer.text[:200]))

    reader = threading.Thread(target=read)
    reader.start()
    texts = {place: there.copy.file(place).read_text("utf-8") for place in (NATURE, CULTURE)}
    try:
        for number in range(4):
            for place, text in texts.items():
                line = f'\n<{ID}{place}> <http://purl.org/dc/terms/alternative> "par{number}"@nb .\n'
                there.copy.file(place).write_text(text + line, "utf-8")
            done = there.publish()
            assert done.returncode == 0, done.stderr
    finally:
        threading.Event().wait(1.2)
        stop.set()
        reader.join()
        client.close()
        for place, text in texts.items():
            there.copy.file(place).write_text(text, "utf-8")
    assert not wrong
    assert len(seen) >= 2, seen


def test_a_file_taken_away_is_a_graph_taken_away(there):
    there.copy.file(CULTURE).rename(there.copy.root / "kept.ttl")
    done = there.publish()
    assert done.returncode == 0, done.stderr
    assert "removed 1 graph" in done.stderr
    assert there.count(f"GRAPH <https://w3id.org/planvev/graph/{CULTURE}> {{ ?s ?p ?o }}") == 0
    test_a_default_graph_of_its_own_is_filled_as_a_snapshot_fills_it(there)
