"""What is written anew and what is left as it was written, by a snapshot's numbers; nothing is run here."""

from __future__ import annotations

import pytest

from planvev.answering import optimise
from planvev.names import NS
from planvev.queries import flat_text, sparql
from planvev.queries.flat import NotFlat
from planvev.queries.statistics import XSD, Statistics, Use

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LARGE = Statistics(
    1_000_000,
    400_000,
    500_000,
    {
        NS + "legalBasis": Use(100_000, 80_000, 1_000),
        NS + "within": Use(300_000, 300_000, 4_000),
        NS + "publisher": Use(4_000, 4_000, 100),
        NS + "cost": Use(50_000, 50_000, 900, (XSD + "integer",)),
        NS + "share": Use(50_000, 50_000, 900, (XSD + "double",)),
        NS + "year": Use(50_000, 50_000, 20, (XSD + "gYear",)),
        TYPE: Use(400_000, 400_000, 40),
    },
    {NS + "Strategy": 100_000},
)
JOIN = "?part plan:legalBasis ?provision ; plan:within ?plan . ?plan plan:publisher ?who"
COUNT = "SELECT ?who (COUNT(DISTINCT ?provision) AS ?n) WHERE {{ {} }} GROUP BY ?who"


def planned(text: str, always: bool = False) -> optimise.Plan:
    return optimise.plan(flat_text.read(sparql.read(text, 1 << 20)), LARGE, always)


def test_a_large_join_is_joined_by_hashing():
    plan = planned(COUNT.format(JOIN))
    assert plan.how == "rewritten"
    assert "join by hashing" in plan.steps
    assert plan.written
    assert plan.run
    assert plan.written > 1.5 * plan.run
    assert plan.written > plan.run + 100


def test_what_comes_twice_goes_on_once_where_it_counts_once():
    text = f"SELECT (COUNT(DISTINCT ?who) AS ?n) {{ {JOIN} }}"
    assert "SELECT DISTINCT ?who {" in planned(text).text
    assert "DISTINCT" not in planned(text.replace("DISTINCT", "")).text


NOTHING = COUNT.format(JOIN + " . ?who plan:none 1")


@pytest.mark.parametrize("text", [NOTHING, "SELECT ?a { ?a plan:within <a:p> ; plan:cost ?c }"])
def test_a_quick_query_is_left_as_it_is(text: str):
    plan = planned(text)
    assert plan.how == "as written"
    assert plan.text == text
    assert plan.why


def test_what_stands_outside_the_braces_stays_letter_by_letter():
    head, tail = (
        "# ?\nPREFIX ex: <a:b> BASE <a:c/>\nSELECT ?who (1 + 2 AS ?x) # {\nWHERE",
        "ORDER BY DESC(?who) LIMIT 3 # }",
    )
    text = planned(f"{head} {{ {JOIN} }} {tail}", always=True).text
    assert text.startswith(head)
    assert text.endswith(tail)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {JOIN} }}",
        f"ASK {{ {JOIN} }}",
        f"SELECT REDUCED ?who {{ {JOIN} }}",
        f"SELECT ?who FROM <a:b> {{ {JOIN} }}",
        f"SELECT ?who {{ {JOIN} }} LIMIT 5",
        f"SELECT ?who {{ {JOIN} }} LIMIT5",
        f"SELECT ?who {{ {JOIN} }} OFFSET 5",
        f"SELECT ?who {{ {JOIN} }} VALUES ?who {{ <a:b> }}",
        f"SELECT ?who {{ {JOIN} . OPTIONAL {{ ?who plan:cost ?c }} }}",
        f"SELECT ?who {{ {{ {JOIN} }} UNION {{ {JOIN} }} }}",
        f"SELECT ?who {{ {{ {JOIN} }} }}",
        f"SELECT ?who {{ {JOIN} MINUS {{ ?who plan:cost 1 }} }}",
        f"SELECT ?who {{ {JOIN} FILTER NOT EXISTS {{ ?who plan:cost 1 }} }}",
        f"SELECT ?who {{ {JOIN} FILTER(EXISTS {{ ?who plan:cost 1 }}) }}",
        f"SELECT ?who {{ {JOIN} FILTER(RAND() < 0.5) }}",
        f"SELECT ?who {{ {JOIN} FILTER(?unbound = 1) }}",
        f"SELECT ?who {{ {JOIN} FILTER(?who IN (<a:b?who>)) }}",
        f"SELECT ?who {{ GRAPH <a:g> {{ {JOIN} }} }}",
        f"SELECT ?who {{ GRAPH ?g {{ {JOIN} }} }}",
        f"SELECT ?who {{ {JOIN} BIND(1 AS ?x) }}",
        f"SELECT ?who {{ {JOIN} VALUES ?who {{ <a:b> }} }}",
        f"SELECT ?who {{ {JOIN} {{ SELECT ?who {{ ?who plan:cost 1 }} }} }}",
        f"SELECT ?who {{ {JOIN} . LATERAL {{ ?who plan:cost 1 }} }}",
        "SELECT ?who { ?part plan:within/plan:publisher+ ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part (plan:within/plan:publisher) ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part ^plan:within? ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part ^?p ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part plan:within/?p ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part ^plan:cost 5 . ?part plan:publisher ?who }",
        "SELECT ?who { ?part plan:within/plan:publisher ?who ; plan:cost ?between_1 }",
        f"SELECT ?who {{ BIND(<a:b> AS ?part) {JOIN} }}",
        f"SELECT ?who {{ {JOIN} BIND(?part) }}",
        "SELECT ?who { ?part plan:within* ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part plan:within|plan:cost ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part !plan:within ?who . ?part plan:cost ?cost }",
        "SELECT ?who { ?part plan:within [ plan:publisher ?who ] ; plan:cost ?cost }",
        "SELECT ?who { ?part plan:within _:b . _:b plan:publisher ?who }",
        "SELECT ?who { (?part 1) plan:within ?who . ?who plan:cost ?c }",
        "SELECT ?who { ?part plan:within (1 2) ; plan:publisher ?who }",
        "SELECT ?who { <<?a plan:within ?b>> plan:within ?who . ?who plan:cost ?c }",
        "SELECT ?who { ?part plan:within ?plan . ?other plan:publisher ?who }",
        "SELECT ?who { ?part ?p ?plan . ?plan plan:publisher ?who }",
        "SELECT ?who { ?part plan:within ?part ; plan:publisher ?who }",
        "SELECT ?who { ?part plan:publisher ?who }",
        "SELECT ?who { ?part ex:within ?plan . ?plan plan:publisher ?who }",
        "SELECT ?who { ?part plan:a\\-b ?plan . ?plan plan:publisher ?who }",
        "SELECT ?who { ?part plan:a.b ?plan . ?plan plan:publisher ?who }",
        f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {JOIN} }}",
        f"SELECT (SAMPLE(?who) AS ?n) {{ {JOIN} }}",
        f"SELECT (GROUP_CONCAT(?who) AS ?n) {{ {JOIN} }}",
        f"SELECT (5SAMPLE(?who) AS ?n) {{ {JOIN} }}",
        f"SELECT (SUM(?s) AS ?n) {{ {JOIN} . ?part plan:share ?s }}",
        f"SELECT (SUM(?c * 1.0e0) AS ?n) {{ {JOIN} . ?part plan:cost ?c }}",
        f"SELECT (SUM(?c * 1.0e0) AS ?n) {{ {JOIN} . ?part plan:cost 1 }}",
        f"SELECT (AVG(?s) AS ?n) {{ {JOIN} . ?part plan:share ?s }}",
        f"SELECT (MIN(?s) AS ?n) {{ {JOIN} . ?part plan:share ?s }}",
        f"SELECT (MAX(?s + 1) AS ?n) {{ {JOIN} . ?part plan:share ?s . <a:b> plan:cost ?c . ?c plan:within ?who }}",
        f"SELECT ?who {{ {JOIN} }} GROUP BY ?who HAVING(EXISTS {{ ?who plan:cost 1 }})",
        f"SELECT ?who (EXISTS {{ ?who plan:cost 1 }} AS ?x) {{ {JOIN} }}",
    ],
)  # fmt: skip
def test_whatever_is_not_fully_understood_is_left_as_it_is(text: str):
    with pytest.raises(NotFlat) as refused:
        planned(text, always=True)
    assert str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT (SUM(?c) AS ?n) {{ {JOIN} . ?part plan:cost ?c }}",
        f"SELECT (MIN(?y) AS ?n) {{ {JOIN} . ?part plan:year ?y }}",
        f"SELECT (MAX(?part) AS ?n) {{ {JOIN} }}",
        f"SELECT (COUNT(*) AS ?n) {{ {JOIN} }}",
        f"SELECT ?who {{ {JOIN} }} ORDER BY ?who LIMIT 5",
        f"SELECT ?who {{ {JOIN} FILTER(?part NOT IN (<a:b>, '}}'@nb)) FILTER regex(STR(?who), '^a') . ?part a ?k ;; }}",
        "SELECT ?who { ?part plan:within/plan:publisher ?who ; ^plan:cost/^plan:year ?y , <a:y> }",
        "SELECT$who{?part plan:within ?plan,?other;plan:cost 'x'^^xsd:string.?plan plan:publisher?who}",
    ],
)  # fmt: skip
def test_what_is_understood_is_written_anew(text: str):
    assert planned(text, always=True).how == "rewritten"
