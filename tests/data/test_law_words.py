"""The wording of provisions is that of the law as it was read (../shared/profiles/lovdata/), letter by letter."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import missing
from tests.data.conftest import Graph, short

LAW = re.compile(r"law/(\d{4}-\d{2}-\d{2}(?:-\d+)?)/p([0-9a-z-]+)/l(\d+)")


def test_a_paragraph_of_the_law_says_what_the_law_says(graph: Graph, shared: Path):
    path = shared / "profiles" / "lovdata" / "noekkelbestemmelser.json"
    if not path.is_file():
        missing(f"{path.name} is not here, so the wording of the law was not compared")
    read = {
        (entry["refid"].removeprefix("lov/"), entry["provision_ref"].removeprefix("§ ")): entry["text"].split("\n")
        for entry in json.loads(path.read_text("utf-8"))
    }
    said = {
        found.groups(): graph.values(provision, "plan:text")
        for provision in graph.of("eli:LegalResourceSubdivision")
        if (found := LAW.fullmatch(short(provision))) and graph.values(provision, "plan:text")
    }
    compared = {
        (act, section, number): read[act, section][int(number) - 1]
        for act, section, number in said
        if (act, section) in read
    }
    assert len(compared) >= 10
    assert {place: said[place] for place in compared} == {place: [words] for place, words in compared.items()}
