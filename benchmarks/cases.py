"""What is asked: the documents and queries of the table, on the KOA plan of Moss, as every visitor may ask them.

A `{n}` in an address is replaced by a number that never repeats, so that no memory of an earlier answer can help:
these are the rows called "first". The others ask for the same again.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

PLAN = "plan/moss/koa-2022-2026"
STRATEGY = f"{PLAN}/strategy/1-1"
CANNED, FIXED, PLANVEV, ENGINE = "canned", "fixed", "planvev", "engine"


@dataclass(frozen=True)
class Case:
    """One row: who is asked (`server`), what, and the status that is right. `query` is set for SPARQL."""

    name: str
    server: str
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200
    query: str = ""
    suffix: str = ""


IRI = f"<https://w3id.org/planvev/id/{PLAN}>"
OUTLINE = f"""SELECT ?area ?nr ?words WHERE {{
  ?area dct:isPartOf {IRI} . ?strategy plan:inFocusArea ?area ; a plan:Strategy ; plan:order ?nr ; plan:text ?words
}} ORDER BY ?area ?nr"""
QUERIES = (
    ("ASK whether the plan is one", "json", f"ASK {{ {IRI} a plan:Plan }}"),
    (
        "SELECT all about one strategy",
        "json",
        f"SELECT ?p ?o WHERE {{ <https://w3id.org/planvev/id/{STRATEGY}> ?p ?o }}",
    ),
    (
        "SELECT the plan's outline, ORDER BY",
        "json",
        OUTLINE,
    ),
    (
        "SELECT a count by class",
        "json",
        "SELECT ?class (COUNT(?thing) AS ?things) WHERE { ?thing a ?class } GROUP BY ?class ORDER BY DESC(?things)",
    ),
    (
        "CONSTRUCT the plan's graph",
        "ttl",
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <https://w3id.org/planvev/graph/" + PLAN + "> { ?s ?p ?o } }",
    ),
)


def documents(etag: str) -> list[Case]:
    """The rows of dereferencing; `etag` is the validator of the plan's page."""
    page, turtle = f"/doc/{PLAN}.html", f"/doc/{PLAN}.ttl"
    small_page, small_turtle = f"/doc/{STRATEGY}.html", f"/doc/{STRATEGY}.ttl"
    gzip = (("Accept-Encoding", "gzip"),)
    return [
        Case("page of the plan, first", PLANVEV, f"{page}?n={{n}}"),
        Case("page of the plan, again", PLANVEV, page),
        Case("page of the plan, again, gzip", PLANVEV, page, gzip),
        Case("page of the plan, 304 by its ETag", PLANVEV, page, (("If-None-Match", etag),), 304),
        Case("page of a strategy, first", PLANVEV, f"{small_page}?n={{n}}"),
        Case("page of a strategy, again", PLANVEV, small_page),
        Case("Turtle of the plan, first", PLANVEV, f"{turtle}?n={{n}}"),
        Case("Turtle of the plan, again", PLANVEV, turtle),
        Case("Turtle of a strategy, first", PLANVEV, f"{small_turtle}?n={{n}}"),
        Case("Turtle of a strategy, again", PLANVEV, small_turtle),
        Case("303 of /id, first", PLANVEV, f"/id/{PLAN}?n={{n}}", (("Accept", "text/turtle"),), 303),
        Case("303 of /id, again", PLANVEV, f"/id/{PLAN}", (("Accept", "text/turtle"),), 303),
    ]


def queries() -> list[Case]:
    """The rows of SPARQL, each over HTTP and in the engine alone; a comment that changes keeps every query new."""
    rows = []
    for name, suffix, text in QUERIES:
        accept = {"json": "application/sparql-results+json", "ttl": "text/turtle"}[suffix]
        path = "/sparql?query=" + quote(f"{text} # ") + "{n}"
        rows.append(Case(name, PLANVEV, path, (("Accept", accept),), query=text, suffix=suffix))
        rows.append(Case(name, ENGINE, query=text, suffix=suffix))
    return rows


def limits() -> list[Case]:
    """The rows that say what this machine could do at best."""
    return [Case("canned bytes: the client's own ceiling", CANNED), Case("fixed 8 KB answer: the limit", FIXED)]
