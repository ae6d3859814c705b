"""What the default graph of a snapshot consists of, in numbers: how many statements, by property, class and graph.

Gathered at publish (`tally`) and kept in the snapshot as JSON. Of them are made the size of an answer before it is
computed (`optimise`), answers that are nothing but such a number (`certain`), and descriptions of the dataset (VoID:
`triples`, `distinctSubjects`, `distinctObjects`, property and class partitions). All numbers are exact. Nothing here
counts anything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from planvev.names import PREFIXES

STATISTICS = "statistics.json"
COLUMNS = "columns"  # the folder of its columns, where a snapshot has them
XSD = PREFIXES["xsd"]
FLOATS = (XSD + "double", XSD + "float")
SETTLED = tuple(XSD + name for name in ("integer", "decimal", "boolean", "date", "gYear", "gYearMonth", "dateTime"))


@dataclass(frozen=True)
class Use:
    """How one property is used: statements, different subjects, different objects, and what types its values have.

    `types` are the datatypes (IRIs, sorted) of its literals, but for plain text and text in a language; `…#dateTime Z`
    is a type of its own, a moment that says its zone. `most_objects` are the most objects that one subject has,
    `most_subjects` the most subjects that one object has, and `longest` is the longest of its terms as N-Triples spell
    it, in bytes; 0 where nobody has looked.
    """

    triples: int
    subjects: int
    objects: int
    types: tuple[str, ...] = ()
    most_objects: int = 0
    most_subjects: int = 0
    longest: int = 0

    @property
    def exact(self) -> bool:
        """Whether a sum of its values is the same in any order of adding."""
        return not any(kind in FLOATS for kind in self.types)

    @property
    def settled(self) -> bool:
        """Whether values that are equal are written alike, so that the least of them is the same in any order."""
        return len(self.types) <= 1 and all(kind in SETTLED for kind in self.types)


@dataclass(frozen=True)
class Statistics:
    """The default graph in numbers: by property (IRI), by class (IRI: its instances), and the size of each named graph.

    `subjects` and `objects` count different terms, blank nodes too. Classes without an IRI are not in `classes`.
    `derived` is the same by property of each graph of derived links, which stand outside the default graph.
    """

    triples: int = 0
    subjects: int = 0
    objects: int = 0
    properties: Mapping[str, Use] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    graphs: Mapping[str, int] = field(default_factory=dict)
    derived: Mapping[str, Mapping[str, Use]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Statistics:
        """From a file.

        Raises:
            OSError, ValueError, KeyError, TypeError: it is not there or not of this form.
        """
        raw = json.loads(path.read_text("utf-8"))
        raw["properties"] = _uses(raw["properties"])
        raw["derived"] = {graph: _uses(uses) for graph, uses in raw.get("derived", {}).items()}
        return cls(**raw)

    def with_derived(self) -> Statistics:
        """The same with the properties of the derived graphs, as they are called among columns."""
        links = {column(name, graph): use for graph, uses in self.derived.items() for name, use in uses.items()}
        return replace(self, properties={**self.properties, **links})

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), sort_keys=True), "utf-8")


def column(name: str, graph: str = "") -> str:
    """What a property is called among the columns of a snapshot; one of a named graph by both IRIs."""
    return f"{graph} {name}" if graph else name


def _uses(raw: Mapping[str, Any]) -> dict[str, Use]:
    return {name: Use(**{**use, "types": tuple(use["types"])}) for name, use in raw.items()}


@dataclass(frozen=True)
class Size:
    """How many solutions, and how many different values each variable has among them; both are estimates."""

    rows: float
    different: Mapping[str, float]

    @classmethod
    def capped(cls, rows: float, different: Mapping[str, float]) -> Size:
        """No variable has more values than there are solutions."""
        return cls(rows, {name: min(number, max(rows, 1.0)) for name, number in different.items()})

    def less(self, share: float) -> Size:
        return self.capped(self.rows * share, self.different)

    def joined(self, other: Size) -> Size:
        """The solutions that agree, where values are met as often in one as in the other."""
        rows = self.rows * other.rows
        both = {**self.different, **other.different}
        for name in self.different.keys() & other.different.keys():
            here, there = self.different[name], other.different[name]
            rows /= max(here, there, 1.0)
            both[name] = min(here, there)
        return self.capped(rows, both)

    def only(self, names: frozenset[str]) -> Size:
        """Different solutions over these variables alone."""
        kept = {name: number for name, number in self.different.items() if name in names}
        return self.capped(min(self.rows, math.prod(kept.values())), kept)
