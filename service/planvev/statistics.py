"""What the default graph of a snapshot consists of, in numbers: how many statements, by property, class and graph.

Gathered at publish (`tally`) and kept in the snapshot as JSON. Of them are made the size of an answer before it is
computed (`optimise`), answers that are nothing but such a number (`certain`), and descriptions of the dataset (VoID:
`triples`, `distinctSubjects`, `distinctObjects`, property and class partitions). All numbers are exact. Nothing here
counts anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

STATISTICS = "statistics.json"


@dataclass(frozen=True)
class Use:
    """How one property is used: statements, different subjects, different objects.

    `floats`: whether an object is an xsd:float or xsd:double, whose sum depends on the order of adding.
    """

    triples: int
    subjects: int
    objects: int
    floats: bool = False


@dataclass(frozen=True)
class Statistics:
    """The default graph in numbers: by property (IRI), by class (IRI: its instances), and the size of each named graph.

    `subjects` and `objects` count different terms, blank nodes too. Classes without an IRI are not in `classes`.
    """

    triples: int = 0
    subjects: int = 0
    objects: int = 0
    properties: Mapping[str, Use] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    graphs: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Statistics:
        """From a file.

        Raises:
            OSError, ValueError, KeyError, TypeError: it is not there or not of this form.
        """
        raw = json.loads(path.read_text("utf-8"))
        raw["properties"] = {name: Use(**use) for name, use in raw["properties"].items()}
        return cls(**raw)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), sort_keys=True), "utf-8")
