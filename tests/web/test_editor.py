"""The page of the endpoint: downloads, short links, code to copy, drawings, and where a query goes wrong."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys

import pytest

from planvev.web.samples import samples
from tests.unit.test_sheet import read
from tests.web.pages import Page

COUNTED = """SELECT ?kind (COUNT(*) AS ?n) WHERE {
  ?thing a ?kind . FILTER(?kind IN (plan:Plan, plan:Strategy, plan:FocusArea))
}
GROUP BY ?kind ORDER BY DESC(?n)"""
# What would do harm if any of it were more than text.
HOSTILE = """SELECT ("a'b\\"c" AS ?a) ("$(exit 3)`exit 4`\\\\" AS ?b) WHERE {
}
# SPARQL
#)-" \"\"\" ''' %27"""


def page(server, query: str, **parameters) -> str:
    return str(
        server.client.get("/sparql", params={"query": query, **parameters}, headers={"Accept": "text/html"}).text
    )


def test_an_answer_is_fetched_as_a_workbook_with_numbers_as_numbers(server):
    answer = server.client.get("/sparql", params={"query": COUNTED, "format": "xlsx"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    head, *rows = read(answer.content)
    assert head == [("inlineStr", "kind"), ("inlineStr", "n")]
    assert len(rows) == 3
    assert [kind for kind, _ in rows[0]] == ["inlineStr", "n"]
    lookup = server.client.get("/sparql", params={"query": "SELECT * { ?s a plan:Plan } LIMIT 2", "format": "xlsx"})
    assert len(read(lookup.content)) == 3


@pytest.mark.parametrize("query", ["ASK {}", "CONSTRUCT WHERE { ?s a plan:Plan }"])
def test_what_has_no_rows_is_no_workbook(server, query):
    answer = server.client.get("/sparql", params={"query": query, "format": "xlsx"})
    assert (answer.status_code, "xlsx" in answer.json()["advice"]) == (400, False)


def test_a_text_too_long_for_a_cell_is_422_and_names_a_format_that_holds_it(server):
    long = "x" * 40_000
    answer = server.client.post("/sparql", data={"query": f'SELECT ("{long}" AS ?x) {{}}', "format": "xlsx"})
    assert answer.status_code == 422
    assert "CSV" in answer.json()["advice"]


def test_the_short_link_on_the_page_leads_to_the_same_answer_in_any_format(server):
    link = re.search(r"<code[^>]*>([^<]*/q/[\w-]+)</code>", page(server, COUNTED))
    assert link
    there = server.client.get(link[1], headers={"Accept": "text/html"})
    assert there.status_code == 307
    shown = server.client.get(there.headers["location"], headers={"Accept": "text/html"})
    assert html.escape(COUNTED) in shown.text
    rows = server.client.get(f"{link[1]}?format=csv", follow_redirects=True)
    assert rows.text.splitlines()[0] == "kind,n"


def test_a_damaged_short_link_is_400_and_says_what_to_do(server):
    answer = server.get("/q/1nonsense", accept="application/json")
    assert answer.status_code == 400
    assert "Copy it again" in answer.json()["advice"]


def test_an_answer_that_can_be_drawn_is_drawn_beside_its_table(server):
    text = page(server, COUNTED)
    assert text.count('<rect class="bar"') == 3
    assert text.count("<tr>") == 4
    assert 'class="chart"' not in page(server, "SELECT ?s WHERE { ?s a plan:Plan }")


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("SELECT ?plan { ?plan a }", "}"),
        ("SELECT ?plan {\n  ?plan a plan:Plan .\n  ?plan nope:thing ?x\n}", "nope:thing"),
        ("SELECT ?plan {\n  ?plan a plan:Plan", " "),
    ],
)
def test_the_line_that_could_not_be_read_is_shown_and_the_place_in_it_marked(server, query, marked):
    shown = page(server, query).partition('<pre class="faulty"')[2].partition("</pre>")[0]
    assert re.findall(r'<span class="at">(.*?)</span>', shown) == [marked]
    line = re.search(r'<span class="number">(\d+)</span><mark>(.*?)</mark>', shown)
    assert line
    said = re.sub("<[^>]*>", "", line[2])
    assert said.rstrip() == query.splitlines()[int(line[1]) - 1].rstrip()


def test_completion_gets_our_words_in_the_language_of_the_reader_and_our_prefixes(server):
    answer = server.get("/sparql/terms?lang=nn")
    terms = {term["name"]: term for term in answer.json()["terms"]}
    assert terms["plan:Measure"] == {**terms["plan:Measure"], "kind": "class", "label": "tiltak"}
    assert terms["plan:Measure"]["note"]
    assert terms["dct:title"]["kind"] == "property"
    assert answer.json()["prefixes"]["plan"] == "https://w3id.org/planvev/ns#"
    assert server.get("/sparql/terms?lang=nn", if_none_match=answer.headers["etag"]).status_code == 304


def test_the_page_offers_the_questions_and_each_leads_to_its_answer(server):
    links = Page(server.url, server.get("/sparql", accept="text/html").text).links
    assert sum("/queries/" in link for link in links) > 30


def sample(server, query: str, kind: str, name: str) -> str:
    return {sample.name: sample.code for sample in samples(query, kind, f"{server.url}/sparql")}[name]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
@pytest.mark.parametrize("query", [COUNTED, HOSTILE])
def test_the_command_that_is_offered_gives_the_answer(server, query):
    code = sample(server, query, "SELECT", "curl")
    done = subprocess.run(["sh", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    answer = server.client.get("/sparql", params={"query": query, "format": "csv"})
    assert answer.status_code == 200
    assert done.stdout == answer.content.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("query", "kind"),
    [(COUNTED, "SELECT"), (HOSTILE, "SELECT"), ("ASK { ?s a plan:Plan }", "ASK"), ("DESCRIBE plan:Plan", "DESCRIBE")],
)
def test_the_python_that_is_offered_gives_the_answer(server, query, kind):
    code = sample(server, query, kind, "Python")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answer = server.client.get("/sparql", params={"query": query})
    if kind == "SELECT":
        rows = json.loads(answer.content)["results"]["bindings"]
        assert done.stdout.splitlines() == [str({name: cell["value"] for name, cell in row.items()}) for row in rows]
    else:
        assert ("True" if kind == "ASK" else "plan:Plan") in done.stdout


def test_the_r_that_is_offered_ends_its_text_where_the_query_ends(server):
    code = sample(server, HOSTILE, "SELECT", "R")
    assert code.startswith(f'query <- r"--({HOSTILE})--"\n')


def test_each_question_is_shown_with_the_beginning_of_its_answer(server):
    answers = (server.get("/queries", accept="text/html") for _ in range(10))  # found a few seconds' worth at a time
    answer = next(answer for answer in answers if "etag" in answer.headers)
    found = Page(server.url, answer.text)
    assert found.faults == []
    shown = answer.text.count("<article")
    assert shown == len(server.get("/queries?format=json").json())
    assert answer.text.count("<table>") > shown * 0.8
    assert 'class="chart"' in answer.text
    again = server.get("/queries", accept="text/html", if_none_match=answer.headers["etag"])
    assert again.status_code == 304


def test_a_question_has_a_short_way_to_its_whole_answer_in_any_format(server):
    slug = server.get("/queries?format=json").json()[0]["slug"]
    there = server.get(f"/queries/{slug}?lang=en", accept="text/html")
    assert there.status_code == 307
    assert there.headers["location"].endswith("&lang=en")
    rows = server.client.get(f"/queries/{slug}?format=xlsx", follow_redirects=True)
    assert len(read(rows.content)) > 1
    assert server.get("/queries/nothing", accept="application/json").status_code == 404
