"""Copies of the tiny library for a test to change, check, publish and serve, with commands run as a person runs them.

A copy can bring shapes of its own: three, one of each set, so that a test of publishing does not pay for a hundred.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from planvev.library import Library
from planvev.names import Base
from planvev.publishing.publish import Manner, Published, publish

HERE = Path(__file__).parent
NATURE = "plan/proevestad/naturplan-2024-2027"
CULTURE = "plan/eksempelvik/kulturplan"
ID = "https://w3id.org/planvev/id/"

SHAPES = {
    "core/plan": """
ps:Plan-title a sh:PropertyShape ; sh:targetClass plan:Plan ; sh:path dct:title ; sh:minCount 1 ;
    sh:message "Planen mangler tittel."@nb , "The plan has no title."@en .
ps:Period-start a sh:PropertyShape ; sh:targetClass dct:PeriodOfTime ; sh:path dcat:startDate ; sh:maxCount 1 ;
    sh:or ( [ sh:datatype xsd:date ] [ sh:datatype xsd:gYear ] ) ;
    sh:message "Perioden må begynne med et år eller en dato."@nb , "The period must begin with a year or a date."@en .
""",
    "links/plan": """
ps:Plan-derived a sh:PropertyShape ; sh:targetClass plan:Plan ; sh:path plan:derivedFrom ; sh:class plan:Plan ;
    sh:message "Det planen bygger på, er ingen plan."@nb , "What the plan is derived from is no plan."@en .
""",
    "advice/plan": """
ps:Plan-type-unknown a sh:PropertyShape ; sh:targetClass plan:Plan ; sh:path dct:type ; sh:minCount 1 ;
    sh:severity sh:Info ;
    sh:message "Plantypen er ukjent."@nb , "The type of plan is unknown."@en .
""",
}
PREFIXES = """@prefix ps: <https://w3id.org/planvev/shapes#> .
@prefix plan: <https://w3id.org/planvev/ns#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass(frozen=True)
class Copy:
    """A library of a test's own, and the state folder beside it."""

    root: Path
    state: Path

    @property
    def library(self) -> Library:
        return Library(self.root, Base())

    def file(self, place: str) -> Path:
        return self.root / "data" / "ttl" / f"{place}.ttl"

    def edit(self, place: str, old: str, new: str) -> None:
        """Replace words that stand in a file exactly once."""
        text = self.file(place).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {place}"
        self.file(place).write_text(text.replace(old, new), "utf-8")

    def add(self, place: str, text: str) -> Path:
        self.file(place).parent.mkdir(parents=True, exist_ok=True)
        self.file(place).write_text(text, "utf-8")
        return self.file(place)

    def line(self, place: str, words: str) -> int:
        """The number of the one line of a file that holds the words."""
        lines = self.file(place).read_text("utf-8").splitlines()
        (found,) = [number for number, line in enumerate(lines, 1) if words in line]
        return found

    def publish(self, keep: int = 5, rebuild: bool = False) -> Published:
        return publish(self.library, self.state, Manner(keep, rebuild))

    def environment(self, **settings: str) -> dict[str, str]:
        """What a command is run with: nothing of the developer's own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLANVEV_", "PYTHON"))}
        ours = {"PLANVEV_LIBRARY": str(self.root), "PLANVEV_STATE": str(self.state)}
        return kept | ours | {f"PLANVEV_{name}": value for name, value in settings.items()}

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A command of planvev, to its end."""
        command = [sys.executable, "-m", "planvev", *arguments]
        environment = self.environment(**settings)
        return subprocess.run(command, env=environment, cwd=self.root, capture_output=True, text=True, timeout=90)

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """A command of planvev that goes on until the test ends it."""
        command = [sys.executable, "-m", "planvev", *arguments]
        pipe = subprocess.PIPE
        environment = self.environment(**settings)
        return subprocess.Popen(command, env=environment, cwd=self.root, stdout=pipe, stderr=pipe, text=True)


def copied(folder: Path, own_shapes: bool = True) -> Copy:
    """A fresh copy below `folder`; with the project's shapes when it shall have none of its own."""
    root = folder / "library"
    shutil.copytree(HERE / "data", root / "data")
    if own_shapes:
        for name, text in SHAPES.items():
            path = root / "shapes" / f"{name}.ttl"
            path.parent.mkdir(parents=True)
            path.write_text(PREFIXES + text, "utf-8")
    return Copy(root, folder / "state")
