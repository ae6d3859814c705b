"""What is published is found, and nothing else: search follows the pointer, and says so when it has no index."""

from __future__ import annotations

import shutil

from planvev.engines.snapshot import Shelf
from planvev.finding.search_index import SEARCH
from tests.library.copies import NATURE
from tests.web import serving


def iris(server, words: str) -> list[str]:
    return [hit["iri"] for hit in server.get(f"/search?q={words}&format=json").json()["hits"]]


def test_search_follows_what_is_published(copy):
    copy.publish()
    with serving.another(copy.state, PLANVEV_LIBRARY=str(copy.root)) as server:
        assert iris(server, "bekker")
        assert iris(server, "vulkaner") == []
        before = iris(server, "naturplan")
        copy.edit(NATURE, '"Bekker"@nb', '"Vulkaner"@nb')
        copy.publish()
        assert iris(server, "vulkaner")
        assert iris(server, "naturplan") == before


def test_without_an_index_search_says_what_to_do_and_the_rest_answers(copy):
    copy.publish()
    shutil.rmtree(Shelf(copy.state).current().folder / SEARCH)
    with serving.another(copy.state, PLANVEV_LIBRARY=str(copy.root)) as server:
        answer = server.get("/search?q=natur", accept="application/json")
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("/problem/no-index")
        assert "planvev publish --rebuild" in answer.json()["advice"]
        assert answer.headers["retry-after"]
        assert server.get("/", accept="text/html").status_code == 200
        copy.publish(rebuild=True)
        assert iris(server, "natur")
