"""Whatever an engine on the network does, the service never calls it an answer: a true status, in time, and then on.

A real Oxigraph stands behind a stand that breaks its answers in one way at a time (`faults`).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from planvev.engines.remote import Access, Line
from planvev.engines.snapshot import Shelf
from planvev.engines.transfer import Target, transfer
from tests.interop.engines import oxigraph
from tests.interop.faults import standing_before
from tests.library.copies import NATURE, copied
from tests.web import serving

SECONDS = 2.0
THING = f"/id/{NATURE}"
PAGE = f"/doc/{NATURE}.html"
DOCUMENT = f"/doc/{NATURE}.ttl"
ROWS = "/sparql?query=SELECT%20*%20%7B%20GRAPH%20%3Fg%20%7B%20%3Fs%20a%20%3Fo%20%7D%20%7D&format="
GRAPH = "/sparql?query=CONSTRUCT%20%7B%20%3Fs%20a%20%3Fo%20%7D%20WHERE%20%7B%20%3Fs%20a%20%3Fo%20%7D&format="
ASKED = (PAGE, DOCUMENT, *(ROWS + form for form in ("json", "xml", "csv", "xlsx")), *(GRAPH + f for f in ("ttl", "nt")))

# What the stand does, and the statuses that are true of it.
FAULTS = {
    "drips": {504},
    "is_silent": {504},
    "redirects": {502},
    "sends_a_page": {502},
    "lies_about_the_type": {502},
    "breaks_the_text": {502},
    "stops_half_way": {502},
    "says_nothing": {502},
    "hangs_up": {502},
    "never_ends": {422, 502},  # too large, or broken where the extra bytes begin
    "is_out_of_order": {502},
    "wants_a_password": {502},
    "is_busy": {503},
    "cuts_rows": {422},
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    """The stand, and a service that reads through it from an engine that holds the tiny library."""
    folder = tmp_path_factory.mktemp("faults")
    copy = copied(folder / "copy")
    copy.publish()
    with oxigraph(str(Path(sys.executable).with_name("oxigraph")), folder) as engine:
        line = Line(Access(engine.endpoint), 30, 1 << 26)
        transfer(Shelf(copy.state).current(), Target(line, engine.update))
        line.close()
        with standing_before(engine.endpoint, engine.update) as before:
            settings = {"PLANVEV_ENGINE": f"{before.url}/query", "PLANVEV_RESULT_MB": "1"}
            settings |= {"PLANVEV_ENGINE_SECONDS": str(SECONDS), "PLANVEV_QUERY_SECONDS": str(SECONDS)}
            with serving.another(folder / "state", **settings) as server:
                yield before, server


@pytest.mark.parametrize("path", ASKED)
def test_an_engine_that_works_is_passed_on(stand, path):
    before, server = stand
    before.fault = ""
    assert server.get(path).status_code == 200


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_engine_is_never_an_answer_of_ours(stand, fault):
    before, server = stand
    before.fault = fault
    try:
        for number, path in enumerate(ASKED):
            began = time.monotonic()
            answer = server.get(f"{path}{'&' if '?' in path else '?'}try={fault}{number}", accept="application/json")
            took = time.monotonic() - began
            assert answer.status_code in FAULTS[fault], (path, answer.status_code, answer.text[:300])
            if path != PAGE:
                assert answer.headers["content-type"] == "application/problem+json", path
                assert answer.json()["detail"], path
            assert took < 2 * SECONDS + 3, f"{path} took {took:.1f} s"
    finally:
        before.fault = ""
    assert server.get(DOCUMENT).status_code == 200, "it did not recover"


def test_a_password_is_in_no_log_and_no_answer(stand, tmp_path):
    before, _ = stand
    before.fault = "wants_a_password"
    settings = {"PLANVEV_ENGINE": f"{before.url}/query", "PLANVEV_ENGINE_USER": "reader"}
    try:
        with serving.another(tmp_path, PLANVEV_ENGINE_PASSWORD="grisgrendt-hage", **settings) as server:
            answer = server.get(DOCUMENT, accept="application/json")
            assert answer.status_code == 502
            assert answer.json()["type"].endswith("/engine-refused")
            assert "grisgrendt" not in answer.text + "".join(server.said)
    finally:
        before.fault = ""


def test_a_dead_engine_is_said_to_be_dead(tmp_path):
    with serving.another(tmp_path, PLANVEV_ENGINE="http://127.0.0.1:9/sparql") as server:
        answer = server.get(DOCUMENT, accept="application/json")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (502, "engine-unreachable")
