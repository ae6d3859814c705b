"""The overviews: numbers that lead to what they count, and the same numbers by SPARQL and as a table to take away."""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile

import pytest

from planvev.media import XLSX
from planvev.names import NS, Base

HTML = "text/html"
MATRIX = "/matrix?columns=all&status=any"


def counts(text: str) -> list[tuple[str, int]]:
    """The numbers of a matrix, and where each leads."""
    found = re.findall(r'<td[^>]*><a href="(/matrix/cell\?[^"]+)">(\d+)</a>', text)
    return [(html.unescape(address), int(count)) for address, count in found]


def table(server, path: str) -> tuple[list[str], list[list[str]]]:
    answer = server.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    return head, rows


@pytest.mark.parametrize("count", ["plans", "strategies"])
def test_every_number_of_the_matrix_leads_to_as_many(server, count):
    found = counts(server.get(f"{MATRIX}&count={count}", accept=HTML).text)
    assert found
    for address, number in found:
        text = server.get(address, accept=HTML).text
        assert f": <strong>{number}</strong>" in text, address
        assert (
            len(re.findall(r'<h2 class="small">' if count == "plans" else r"<li>.*<span class=.count.>", text))
            == number
        )


@pytest.mark.parametrize("choice", ["rows=target-group", "rows=target-group&count=strategies"])
def test_the_table_to_take_away_has_the_numbers_of_the_query_that_the_page_shows(server, choice):
    page = server.get(f"{MATRIX}&{choice}", accept=HTML).text
    told = re.search(r"<code>(PREFIX.*?)</code>", page, re.DOTALL)
    assert told
    query = html.unescape(told[1])
    answer = server.get(
        "/sparql?" + str(server.client.build_request("GET", "/", params={"query": query}).url.query, "ascii")
    )
    asked = {
        (row["row"]["value"], row["organisation"]["value"]): row["count"]["value"]
        for row in answer.json()["results"]["bindings"]
    }
    head, rows = table(server, f"{MATRIX.replace('matrix', 'matrix.csv')}&{choice}")
    shown = {
        (row[1], name): number for row in rows for name, number in zip(head[4:], row[4:], strict=True) if number != "0"
    }
    assert len(shown) == len(asked) > 0
    assert sorted(shown.values()) == sorted(asked.values())
    assert {row for row, _ in shown} == {row for row, _ in asked}


def test_which_plans_count_is_decided_for_the_day_that_is_asked_about(server):
    def some(day: str) -> int:
        return len(counts(server.get(f"/matrix?rows=target-group&columns=all&on={day}", accept=HTML).text))

    assert some("2022-06-01") > some("2040-01-01") == 0


def test_rows_that_no_plan_leads_to_can_be_seen_and_lead_nowhere(server):
    page = server.get(f"{MATRIX}&rows=law&every=1", accept=HTML).text
    assert page.count('<tr><th scope="row">') > 20
    assert counts(page) == []


@pytest.mark.parametrize(
    "wrong", ["rows=moons", "columns=org/moss", "status=dead", "on=2026-02-30", "sort=x", "count=all"]
)
def test_what_the_matrix_does_not_know_is_refused_with_a_way_on(server, wrong):
    answer = server.get(f"/matrix?{wrong}", accept="application/json")
    assert answer.status_code == 400
    assert answer.json()["advice"]


def test_an_iri_is_written_short_in_addresses_and_read_in_full():
    for base in (Base(), Base("https://example.org/her")):
        for iri in (base.thing("plan/moss/koa"), base.thing("law/2021-06-18-97/p15-1"), "https://elsewhere.example/x"):
            assert base.meant(base.spelled(iri)) == iri
        assert base.spelled(base.thing("org/moss")) == "org/moss"


def test_the_time_line_shows_every_plan_under_each_owner_as_drawing_as_table_and_to_take_away(server):
    plans = set(server.snapshot.members(f"{NS}Plan"))
    head, rows = table(server, "/timeline.csv")
    assert head[:2] == ["organisation", "plan"]
    assert {row[6] for row in rows} == plans
    drawing, text = (server.get(f"/timeline{end}", accept=HTML).text for end in ("", "?as=table"))
    assert drawing.count('class="row-bar') == text.count('<th scope="row">') == len(rows)
    assert drawing.count('class="row-bar expired"') == sum(row[4] == "expired" for row in rows) > 3
    some = server.get("/timeline?status=expired&columns=code/organisation-type/kommune", accept=HTML).text
    assert 'class="row-bar expired"' in some
    assert 'class="row-bar in-force"' not in some
    assert server.get("/timeline?status=dead", accept=HTML).status_code == 400


def test_gaps_tell_apart_what_is_expired_what_is_none_and_what_the_law_demands(server):
    page = server.get("/gaps?lang=en", accept=HTML).text
    required = page.partition('id="required"')[2].partition('id="kinds"')[0]
    assert "/doc/law/2021-06-18-97/p15-1/l2/duty/1.html" in required
    assert required.count("<h3>") == 1  # of no other kind of plan a source restates that the law demands it
    row = re.search(r'<th scope="row"><a href="/doc/org/loeten.html.*?</tr>', page, re.DOTALL)
    assert row
    assert "status expired" in row[0]
    assert "none here" in row[0]
    ended = page.partition('id="ended"')[2]
    assert "/doc/plan/moss/slt-handlingsplan" in ended
    assert "/doc/plan/loeten/samfunnsdel-2005-2016" not in ended  # another says that it replaces it


def test_two_organisations_or_plans_stand_beside_each_other(server):
    bare = server.get("/compare", accept=HTML).text
    assert bare.count("<select") == 2
    page = server.get("/compare?a=org/moss&b=org/raade&status=any&lang=en", accept=HTML).text
    assert page.count("<select") == 4
    together = page.partition('id="together"')[2].partition("</section>")[0]
    assert together.count("<li>") == 1  # the plan that the two have with a third
    assert "Only Moss" in page
    plans = server.get(
        "/compare?a-plan=plan/moss/koa-2022-2026&b=org/moss&b-plan=plan/moss/loll-2020-2032", accept=HTML
    )
    assert plans.status_code == 200
    assert len(re.findall(r'<option value="plan/[^"]+" selected>', plans.text)) == 2


@pytest.mark.parametrize(
    ("wrong", "status"),
    [("a=org/moss&b=org/moss", 400), ("a=org/nobody&b=org/moss", 404), ("a-plan=plan/x/y", 404)],
)
def test_what_cannot_be_compared_is_said(server, wrong, status):
    assert server.get(f"/compare?{wrong}", accept=HTML).status_code == status


def test_gaps_to_take_away_have_a_row_for_each_organisation_and_kind_of_plan(server):
    head, rows = table(server, "/gaps.csv?columns=all")
    assert head[:4] == ["organisation", "kind of plan", "status", "plan"]
    assert len(rows) == len({row[4] for row in rows}) * len({row[5] for row in rows})
    page = server.get("/gaps?columns=all&lang=en", accept=HTML).text
    assert 'href="/gaps.csv?columns=all' in page
    shown = page.partition('id="kinds"')[2].partition("</section>")[0]
    for status in ("in-force", "expired"):
        assert shown.count(f"status {status}") == sum(row[2] == status for row in rows) > 0
    assert all(bool(row[6]) is (row[2] != "none here") for row in rows)


def test_a_comparison_to_take_away_has_all_that_the_page_counts(server):
    asked = "a=org/moss&b=org/raade&status=any"
    _, rows = table(server, f"/compare.csv?{asked}&lang=en")
    page = server.get(f"/compare?{asked}&lang=en", accept=HTML).text
    assert f'href="/compare.csv?{asked}' in html.unescape(page)
    leading = [row for row in rows if not row[7]]
    counted = re.findall(r'<span class="count">(\d+)</span>', page.partition('id="rests"')[2].partition('id="meet"')[0])
    assert len(leading) == sum(map(int, counted)) > 0
    assert {row[2] for row in leading} <= {"both", "Moss kommune", "Råde kommune"} | {row[2] for row in rows}
    assert server.get("/compare.csv?a=org/moss", accept="application/json").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/matrix.xlsx?columns=all&status=any",
        "/timeline.xlsx",
        "/gaps.xlsx?columns=all",
        "/compare.xlsx?a=org/moss&b=org/raade&status=any",
    ],
)
def test_a_table_can_be_had_as_a_workbook_and_in_no_format_that_is_not_made(server, path):
    answer = server.get(path)
    assert answer.headers["content-type"] == XLSX.type
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        text = book.read("xl/worksheets/sheet1.xml").decode()
    assert text.count("<row ") == len(table(server, path.replace("xlsx", "csv"))[1]) + 1
    assert server.get(path.replace("xlsx", "ods")).status_code == 404
