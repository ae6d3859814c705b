"""The vocabulary as tests read it: its files, its terms, its releases. Nothing of the service is imported."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from tests.data.conftest import PREFIXES, TOP, files, full, short, triples, value

ONTOLOGY = TOP / "ontology"
PLAN, REUSED, ALIGN = (ONTOLOGY / name for name in ("plan.ttl", "reused.ttl", "align.ttl"))
RELEASES = ONTOLOGY / "releases"
NS = full("plan:")
PROFILES = TOP.parent / "shared" / "profiles"

__all__ = [
    "ALIGN",
    "NS",
    "ONTOLOGY",
    "PLAN",
    "PROFILES",
    "RELEASES",
    "REUSED",
    "TOP",
    "files",
    "full",
    "short",
    "triples",
    "value",
]

KINDS = {full(f"owl:{kind}") for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}


def stated(plan: Path) -> tuple[int, int, int]:
    """The version that a plan.ttl states of itself."""
    found = [o.value for _, p, o in triples(plan) if p.value == full("owl:versionInfo") and isinstance(o, ox.Literal)]
    assert len(found) == 1, f"{plan} states {len(found)} versions"
    assert re.fullmatch(r"\d+\.\d+\.\d+", found[0])
    major, minor, patch = (int(part) for part in found[0].split("."))
    return major, minor, patch


def terms(plan: Path) -> dict[str, dict[str, frozenset[str]]]:
    """Every term of ours in a plan.ttl: what is said of it, by property, literals with their language."""
    said: dict[str, dict[str, set[str]]] = {}
    for s, p, o in triples(plan):
        if value(s).startswith(NS):
            text = f"{o.value}@{o.language}" if isinstance(o, ox.Literal) and o.language else value(o)
            said.setdefault(value(s), {}).setdefault(p.value, set()).add(text)
    return {
        term: {p: frozenset(values) for p, values in about.items()}
        for term, about in said.items()
        if about.get(full("rdf:type"), set()) & KINDS
    }


@cache
def store(*paths: Path) -> ox.Store:
    """The statements of some Turtle files in one store."""
    filled = ox.Store()
    for path in paths:
        filled.bulk_extend(ox.Quad(s, p, o) for s, p, o in triples(path))
    return filled


def prologue() -> str:
    """What stands before the examples of the vocabulary, which write addresses below /id/ and leave prefixes out."""
    prefixes = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
    return f"BASE <https://w3id.org/planvev/id/>\n{prefixes}"


def circle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """One way through the edges that comes back to where it began; empty where there is none."""
    onward: dict[str, set[str]] = {}
    for start, end in edges:
        onward.setdefault(start, set()).add(end)
    done: set[str] = set()

    for first in sorted(onward):
        way, ahead = [first], [iter(sorted(onward[first]))]
        while ahead:
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                done.add(way.pop())
            elif following in way:
                return [*way[way.index(following) :], following]
            elif following not in done:
                way.append(following)
                ahead.append(iter(sorted(onward.get(following, ()))))
    return []
