"""Advice that is kept with a snapshot: what the shapes advised about each file when it was judged, for its owner.

One file for each owner, `remarks/<owner>.json`, so that a page about one reads little and a publish writes what
changed; the others are linked. Sentences and severities stand with the shapes; where a remark stands in its file is
found when somebody looks. An owner is the second word of a place (`plan/moss/…` is of `moss`); law, treaties and codes,
which nobody owns, stand under those words.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from planvev.checking.findings import Remark

REMARKS = "remarks"
SHARED = ("law", "treaty", "code")

ByPlace = Mapping[str, Sequence[Remark]]


def owner_of(place: str) -> str:
    """Who is told about the file at a place."""
    kind, owner, *_ = place.split("/")
    return kind if kind in SHARED else owner


def keep(folder: Path, places: Iterable[str], judged: ByPlace, before: Path | None) -> None:
    """Write what is advised about the files at some places.

    Args:
        folder: where; made here.
        places: all places of the library that hold data.
        judged: the remarks on each file that was judged now, also on those with none.
        before: the folder of the snapshot before, where the remarks on the other files are.
    """
    folder.mkdir()
    owned: dict[str, list[str]] = {}
    for place in places:
        owned.setdefault(owner_of(place), []).append(place)
    for owner, own in owned.items():
        had = read(before, owner) if before else {}
        if before and not (set(own) & judged.keys()) and had.keys() <= set(own):
            if had:
                os.link(_file(before, owner), _file(folder, owner))
            continue
        now = {place: judged.get(place, had.get(place, ())) for place in own}
        said = {place: [list(vars(one).values()) for one in dict.fromkeys(some)] for place, some in now.items() if some}
        if said:
            _file(folder, owner).write_text(json.dumps(said, ensure_ascii=False), "utf-8")


def read(folder: Path, owner: str) -> dict[str, list[Remark]]:
    """The remarks on the files of an owner, by place; empty where there is none."""
    if not re.fullmatch(r"[a-z0-9-]+", owner) or not _file(folder, owner).is_file():
        return {}
    said = json.loads(_file(folder, owner).read_text("utf-8"))
    return {place: [Remark(*one) for one in some] for place, some in said.items()}


def _file(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.json"
