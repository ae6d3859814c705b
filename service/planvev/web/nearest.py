"""What somebody may have meant who asked for an address where nothing is: the things nearest to its words."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from urllib.parse import unquote

from starlette.requests import Request

from planvev.errors import Problem
from planvev.finding.search import Ask, Hit
from planvev.web.desk import Desk

MOST = 5
# Words of our addresses that say nothing of what was looked for.
OURS = {"id", "doc", "plan", "graph", "all", "resource", "html", "ttl", "jsonld", "rdf", "nt", "https", "http", "www"}


def nearest(desk: Desk, request: Request, languages: tuple[str, ...], today: date) -> tuple[Hit, ...]:
    """At most `MOST` things, the best first; nothing where there is no index or no word to go by."""
    asked = request.query_params.get("iri", "") or request.url.path
    words = [word for word in re.split(r"[\W_]+", unquote(asked)[:200]) if len(word) > 1 and word.lower() not in OURS]
    if not words:
        return ()
    with contextlib.suppress(Problem):
        index = desk.index(desk.shelf.current())
        return index.find(Ask(" ".join(words[-6:]), today, languages, size=MOST)).hits
    return ()
