"""What has been measured, one JSON file a cell, so that a run that is stopped goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Measured = dict[str, Any]


class OutOfTime(Exception):
    """The budget is spent; what is not measured yet waits for the next start."""


@dataclass
class Cells:
    """The cells of one size, below its folder, and until when new ones may be begun."""

    folder: Path
    until: float  # time.monotonic()
    tell: Callable[[str], None]

    def get(self, name: str) -> Measured | None:
        """A cell that is finished."""
        path = self._path(name)
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def once(self, name: str, measure: Callable[[], Measured]) -> Measured:
        """The cell, measured now unless it was before.

        Raises:
            OutOfTime: it was not, and the time is up.
        """
        if (kept := self.get(name)) is not None:
            return kept
        if time.monotonic() > self.until:
            raise OutOfTime(name)
        self.tell(name)
        found = measure()
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self._path(f".{name}")
        scratch.write_text(json.dumps(found, ensure_ascii=False) + "\n", "utf-8")
        scratch.rename(self._path(name))
        return found

    def every(self, start: str) -> list[Measured]:
        """The finished cells whose names begin so, in the order of their names."""
        paths = sorted(self.folder.glob(f"{start}*.json"))
        return [json.loads(path.read_text("utf-8")) for path in paths]

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
