"""Runs visit.mjs: pages in, what Chromium says of them out."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.conftest import find_tool

HERE = Path(__file__).parent
QUERY = """SELECT ?område ?strategi WHERE {
  ?s a plan:Strategy ; plan:text ?strategi ; plan:inFocusArea ?a ; plan:order ?nr .
  ?a dct:title ?område .
}
ORDER BY ?område ?nr"""
DRAWN = """SELECT ?kind (COUNT(*) AS ?n) WHERE { ?thing a ?kind }
GROUP BY ?kind ORDER BY DESC(?n) LIMIT 12"""

PAGES = {
    "front": "/",
    "plans": "/all/plans",
    "law-list": "/all/law",
    "matrix": "/matrix?columns=all&status=any",
    "matrix-cell": "/matrix/cell?rows=target-group&row=plan/moss/koa-2022-2026/group/barn-og-unge&column=org/moss",
    "timeline": "/timeline",
    "timeline-table": "/timeline?as=table&status=expired",
    "compare-choose": "/compare",
    "compare": "/compare?a=org/moss&b=org/raade&status=any",
    "gaps": "/gaps",
    "about": "/about",
    "accessibility": "/accessibility",
    "plan": "/doc/plan/moss/koa-2022-2026.html",
    "area": "/doc/plan/moss/koa-2022-2026/area/1.html",
    "strategy": "/doc/plan/moss/koa-2022-2026/strategy/1-1.html",
    "law": "/doc/law/2021-06-18-97.html",
    "provision": "/doc/law/2021-06-18-97/p15-1.html",
    "treaty": "/doc/treaty/barnekonvensjonen.html",
    "code": "/doc/code/plan-type/kommunedelplan.html",
    "guidance": "/doc/guidance/helsedirektoratet/is-2826.html",
    "concept": "/doc/concept/moss/barn-og-unge.html",
    "group": "/doc/plan/moss/koa-2022-2026/group/barn.html",
    "organisation": "/doc/org/moss.html",
    "health": "/health/moss",
    "health-all": "/health",
    "document": "/doc/document/moss/oppvekstportal-forankring.html",
    "graph": "/graph/plan/moss/koa-2022-2026",
    "foreign": "/resource?iri=" + quote("http://www.w3.org/2004/02/skos/core#Concept", safe=""),
    "vocabulary": "/ns",
    "shapes": "/shapes",
    "search": "/search?" + urlencode({"q": "barnevern"}),
    "search-nothing": "/search?" + urlencode({"q": "xqzwvk"}),
    "search-empty": "/search",
    "questions": "/queries",
    "sparql": "/sparql",
    "answer": "/sparql?" + urlencode({"query": QUERY}),
    "drawn": "/sparql?" + urlencode({"query": DRAWN}),
    "graph-answer": "/sparql?" + urlencode({"query": "DESCRIBE <https://w3id.org/planvev/id/org/moss>"}),
    "fault": "/sparql?" + urlencode({"query": "SELECT ?plan { ?plan a }"}),
    "catalogue": "/catalogue",
    "publisher": "/catalogue/moss",
    "concepts": "/concepts",
    "changes": "/changes",
    "versions": "/changes/plan/moss/koa-2022-2026",
    "past": "/doc/plan/moss/koa-2022-2026.html?version=1",
    "missing": "/id/plan/moss/finnes-ikke",
    "english": "/doc/plan/moss/koa-2022-2026.html?lang=en",
}

# Made by the templates of others among them: looked at in pictures, not judged once more at every run of the gate.
ALIKE = {
    *("law-list", "timeline-table", "area", "concept", "treaty", "code", "publisher", "concepts"),
    *("answer", "search-empty", "english"),
}
TELLING = {name: path for name, path in PAGES.items() if name not in ALIKE}


def visit(url: str, pages: dict[str, str], shots: dict[str, str] | None = None, seconds: int = 550) -> dict[str, Any]:
    """What Chromium finds on the pages of a server; with `shots`, pictures of them."""
    return _run(
        "visit.mjs",
        {"axe": find_tool("axe"), "url": url, "pages": pages, **({"shots": shots} if shots else {})},
        seconds,
    )


def travel(url: str) -> dict[str, Any]:
    """What four visitors meet at a server (journeys.mjs)."""
    return _run("journeys.mjs", {"url": url}, 280)


def weigh(url: str, pages: dict[str, str], rounds: int = 5) -> dict[str, Any]:
    """What pages of a server weigh, and when they are first painted (weigh.mjs)."""
    return _run("weigh.mjs", {"url": url, "pages": pages, "rounds": rounds}, 280)


def _run(script: str, task: dict[str, Any], seconds: int) -> dict[str, Any]:
    """Give a task to one of our scripts for Chromium; what it says."""
    tools = {"chromium": find_tool("chromium"), "modules": str(Path(find_tool("playwright")).parent)}
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [find_tool("node"), str(HERE / script)],
        input=json.dumps({**tools, **task}),
        capture_output=True,
        text=True,
        timeout=seconds,
        env=clean,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found
