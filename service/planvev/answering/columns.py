"""The default graph of a snapshot as columns of numbers, to read: each property's subjects and objects, and the terms.
The graphs of derived links too, whose properties are called by graph and property (`statistics.column`).

Beside the store of a snapshot stands a folder `columns/` (`columns_built` writes it):

- `pairs`: for each property its statements as pairs of 32-bit numbers, subject and object, ordered by both: first all
  subjects of the property, then all objects, then where its statements stand when they are ordered by object;
- `terms-0` and `terms-1`: the terms, spelled as in N-Triples, one behind another, the second file with those that came
  since the first was written; `ends-…` says where each ends, and `hashes-…` gives the number of each, by its hash;
- `columns.json`: where each property stands among the pairs, and how it is used.

A term's number is its place among the terms. Terms are those that the engine gives back, which keeps numbers by their
value (2.50 as 2.5), so that two terms are the same exactly when their numbers are. Nothing here writes or joins.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CONTENT = "columns.json"

Numbers = npt.NDArray[np.int32]


class NoRows(Exception):
    """What was asked of columns cannot be given as rows for the engine; the text says why."""


@dataclass(frozen=True)
class Place:
    """Where a property stands: its first statement, and how it is used, as `statistics.Use` counts it."""

    begin: int
    triples: int
    subjects: int
    objects: int
    most_objects: int
    most_subjects: int
    longest: int


NOWHERE = Place(0, 0, 0, 0, 0, 0, 0)


class Columns:
    """The columns of one snapshot, as they stand on disk; nothing is read before it is asked for.

    Args:
        folder: `columns/` of a snapshot.

    Raises:
        OSError, ValueError, KeyError, TypeError: they are not there, or not of this form.
    """

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / CONTENT).read_text("utf-8"))
        self.folder = folder
        self.properties = {name: Place(*numbers) for name, numbers in content["properties"].items()}
        self.parts = [Terms(folder, n, begin) for n, begin in enumerate(content["parts"])]
        self.terms = self.parts[-1].begin + len(self.parts[-1].ends)
        self._pairs: Numbers = mapped(folder / "pairs", "<i4")

    def of(self, name: str) -> Numbers:
        """The subjects and the objects of a property, ordered by both, and their places by object; in three rows."""
        place = self.properties.get(name, NOWHERE)
        return self._pairs[3 * place.begin : 3 * (place.begin + place.triples)].reshape(3, place.triples)

    def number(self, term: bytes) -> int | None:
        """The number of a term; None where nothing is said with it."""
        return next((found for part in self.parts if (found := part.number(term)) is not None), None)

    def texts(self, numbers: npt.NDArray[Any]) -> list[bytes]:
        """Terms by their numbers, in ascending order, as N-Triples spell them."""
        found: list[bytes] = []
        for part in self.parts:
            mine = numbers[(numbers >= part.begin) & (numbers < part.begin + len(part.ends))]
            found += part.texts(mine - part.begin)
        return found


class Terms:
    """One file of terms, whose first has the number `begin`."""

    def __init__(self, folder: Path, part: int, begin: int) -> None:
        self.begin = begin
        self.ends: npt.NDArray[np.int64] = mapped(folder / f"ends-{part}", "<i8")
        # Apart, because numpy would copy hashes that stand beside numbers at each search.
        found: npt.NDArray[np.uint8] = mapped(folder / f"hashes-{part}", "u1")
        self.hashes: npt.NDArray[np.uint64] = found[: 8 * len(self.ends)].view("<u8")
        self.numbers: Numbers = found[8 * len(self.ends) :].view("<i4")
        with (folder / f"terms-{part}").open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            self.bytes = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""

    def texts(self, places: npt.NDArray[Any]) -> list[bytes]:
        """Terms by their places in this file."""
        ends = self.ends[places].tolist()
        begins = np.where(places > 0, self.ends[places - 1], 0).tolist() if len(places) else []
        return [self.bytes[begin:end] for begin, end in zip(begins, ends, strict=True)]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """How many bytes each term has."""
        return np.diff(self.ends, prepend=0)

    def every(self) -> list[bytes]:
        """All terms, in order."""
        return self.texts(np.arange(len(self.ends)))

    def number(self, term: bytes) -> int | None:
        """The number of a term; None where it is not here."""
        wanted = hashed(term)
        place = int(np.searchsorted(self.hashes, np.uint64(wanted)))
        while place < len(self.hashes) and int(self.hashes[place]) == wanted:
            found = int(self.numbers[place])
            if self.texts(np.array([found - self.begin])) == [term]:
                return found
            place += 1
        return None


def hashed(term: bytes) -> int:
    """What a term is found by: 64 bits, so that two may share one, and readers compare the term too."""
    return int.from_bytes(hashlib.blake2b(term, digest_size=8).digest(), "little")


def mapped(path: Path, form: Any) -> Any:
    """A file as an array that is read as needed; an empty file has none to map."""
    if not path.stat().st_size:
        return np.zeros(0, form)
    return np.memmap(path, form, "r")
