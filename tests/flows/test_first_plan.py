"""A planner's first plan, from an empty folder to a published page, by the commands that docs/publishers.md shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from planvev.engines.snapshot import Shelf

TEXT = """Klimaplan for Eksempelvik 2026-2030

Vi kutter utslipp
Kommunen vår skal kutte utslipp fra egen
drift.
"""
PLACE = "plan/eksempelvik/klimaplan"
PLAN = f"https://w3id.org/planvev/id/{PLACE}"


class Desk:
    """The folder somebody works in, and the command as they run it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "klimaplan.txt").write_text(TEXT, "utf-8")

    def planvev(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PLANVEV_LIBRARY": str(self.folder), "PLANVEV_STATE": str(self.folder / "state")}
        command = [sys.executable, "-m", "planvev", *arguments]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=100)

    def begin(self) -> subprocess.CompletedProcess[str]:
        return self.planvev(
            "new",
            PLACE,
            "--title",
            "Klimaplan for Eksempelvik 2026-2030",
            "--owner",
            "Eksempelvik kommune",
            "--source",
            "klimaplan.txt",
        )

    @property
    def plan(self) -> Path:
        return self.folder / "data" / "ttl" / f"{PLACE}.ttl"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_new_plan_passes_the_check_and_is_published(desk: Desk) -> None:
    assert desk.begin().returncode == 0
    assert desk.planvev("check", "--no-advice").returncode == 0
    published = desk.planvev("publish")
    assert published.returncode == 0, published.stderr
    assert Shelf(desk.folder / "state").current().speaks_of(PLAN)


def test_a_quotation_that_planvev_wrote_holds_to_the_letter(desk: Desk) -> None:
    desk.begin()
    tried = desk.planvev("check", "--no-advice", "--sources", ".")
    assert tried.returncode == 0, tried.stdout
    desk.plan.write_text(desk.plan.read_text("utf-8").replace("2026-2030", "2026-2031"), "utf-8")
    tried = desk.planvev("check", "--no-advice", "--sources", ".")
    assert tried.returncode == 1
    assert "source-missing" in tried.stdout


def test_a_strategy_with_its_quotation_can_be_added_and_rest_on_a_law_that_came_with_planvev(desk: Desk) -> None:
    desk.begin()
    iri = f"{PLACE}/strategy/1"
    quoted = desk.planvev(
        "quote",
        "--source",
        "klimaplan.txt",
        "--document",
        "document/eksempelvik/klimaplan",
        "--iri",
        f"{iri}/quote/words",
        "--evidence",
        "plan:text , plan:mentionsLaw",
        "Kommunen vår skal kutte utslipp fra egen drift.",
    )
    strategy = f"""
<{iri}>
    a plan:Strategy ;
    plan:text "Kommunen vår skal kutte utslipp fra egen drift."@nb ;
    dct:isPartOf <{PLACE}> ;
    plan:order 1 ;
    plan:mentionsLaw <law/2008-06-27-71> ;
    plan:quotedFrom <{iri}/quote/words> .
"""
    desk.plan.write_text(desk.plan.read_text("utf-8") + strategy + quoted.stdout, "utf-8")
    checked = desk.planvev("check", "--no-advice", "--sources", ".")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_nothing_that_is_there_is_overwritten(desk: Desk) -> None:
    desk.begin()
    before = desk.plan.read_bytes()
    again = desk.begin()
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert desk.plan.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("plan/x", "--title", "T", "--owner", "O", "--source", "klimaplan.txt"), "no place for a plan"),
        (("plan/Å/b", "--title", "T", "--owner", "O", "--source", "klimaplan.txt"), "cannot stand in an address"),
        ((PLACE, "--title", "Another title", "--owner", "O", "--source", "klimaplan.txt"), "do not stand in the text"),
        ((PLACE, "--title", "T", "--owner", "O", "--source", "none.txt"), "There is no text"),
    ],
)
def test_what_cannot_be_begun_is_said_in_plain_words(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    done = desk.planvev("new", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert not (desk.folder / "data").exists()
