"""Rules for derived links: SPARQL files that say which shortcut a question deserves.

A file `ontology/rules/NAME.rq` begins with lines `#+ key: value` (level; name, question and definition in nb, nn and
en; the terms it writes); the rest is a SELECT. A rule of level `plan` gives ?from (a plan), ?to, ?kind (the class of
the element that leads there) and ?count; `owner` gives whose a plan is, `county` which organisations a county has,
`period` a plan's first and last day as written. Nothing here runs a query: see `derive`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from planvev.names import NS, Base

DERIVED = "derived"  # the role of such a graph in a manifest, and the first word of its place
LEVELS = ("plan", "organisation", "county")

LINK_FROM, LINK_TO, LINKS_TO = NS + "linkFrom", NS + "linkTo", NS + "linksTo"
LINK_OWNER, LINK_START, LINK_END = NS + "linkOwner", NS + "linkStart", NS + "linkEnd"
# What is counted, by the class of the element. What is none of these counts as another.
COUNTS = {
    NS + "Plan": NS + "linkedPlans",
    NS + "Vision": NS + "linkedGoals",
    NS + "Ambition": NS + "linkedGoals",
    NS + "Goal": NS + "linkedGoals",
    NS + "SubGoal": NS + "linkedGoals",
    NS + "FocusArea": NS + "linkedFocusAreas",
    NS + "Strategy": NS + "linkedStrategies",
    NS + "Measure": NS + "linkedMeasures",
}
OTHERS = NS + "linkedOthers"

_LINE = re.compile(r"^#\+\s*(\w+):\s*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """One rule. `names`, `questions`, `definitions` by language; `text` is the query, `file` how messages name it."""

    slug: str
    level: str
    names: Mapping[str, str]
    questions: Mapping[str, str]
    definitions: Mapping[str, str]
    writes: tuple[str, ...]
    text: str
    file: str

    def given(self, name: str, iri: str) -> str:
        """The same question with a variable known, which then is a value of each row as before.

        Written in, because an engine that is told of it beside the query has ordered the patterns by then: for one plan
        of a million statements 0.7 s, against 4 ms.
        """
        select, where, rest = self.text.partition(" WHERE ")
        rest, group, keys = rest.partition("GROUP BY")
        variable = re.compile(rf"\?{name}\b")
        head = variable.sub(lambda _: f"(<{iri}> AS ?{name})", select)
        return head + where + variable.sub(lambda _: f"<{iri}>", rest) + group + variable.sub("", keys)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read(ontology: Path) -> tuple[Rule, ...]:
    """The rules beside an ontology, by name; none where there is no folder `rules`."""
    return tuple(_parsed(path) for path in sorted((ontology / "rules").glob("*.rq")))


def digest(rules: Sequence[Rule]) -> str:
    """A short name for these rules, which another edition of any of them would not have."""
    return hashlib.sha256("".join(rule.sha256 for rule in rules).encode()).hexdigest()[:8]


def graph(base: Base, level: str, slug: str) -> str:
    """The graph in which the links of a rule stand, for plans, organisations or counties; `period` has one."""
    return base.graph(place(level, slug))


def place(level: str, slug: str) -> str:
    return f"{DERIVED}/{slug if level == slug else f'{level}-{slug}'}"


def _parsed(path: Path) -> Rule:
    text = path.read_text("utf-8")
    said = {match[1]: match[2].strip() for match in _LINE.finditer(text)}
    names, questions, definitions = (
        {key[-2:]: value for key, value in said.items() if key.startswith(f"{word}_")}
        for word in ("name", "question", "definition")
    )
    writes = tuple(said.get("writes", "").split())
    return Rule(path.stem, said["level"], names, questions, definitions, writes, text, f"ontology/rules/{path.name}")
