"""Plans in a few facts: whose they are and when they run. One question for all of them, whichever engine answers it.

Members of classes are counted here too, likewise by a question: that takes a fraction of the time of reading them.
Lists and timelines choose among thousands of plans by these facts and read only those they show. Days are as the data
writes them; what they mean is known by `periods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from planvev.names import PREFIXES, WITHDRAWN

TYPE = PREFIXES["rdf"] + "type"
EXACTLY = 2000
_DCT, _DCAT = PREFIXES["dct"], PREFIXES["dcat"]


@dataclass(frozen=True)
class Dated:
    """A plan: its publishers and makers (IRIs, sorted), and the first and last day of its period as written."""

    iri: str
    owners: tuple[str, ...]
    start: str
    end: str


def question(classes: Iterable[str], hidden: str | None = None) -> str:
    """The query for the things of some classes, one row or more for each.

    Args:
        classes: IRIs; subclasses are not followed.
        hidden: where the default graph is not the union of what is published, the graphs to leave out, as a list for
            FILTER; None to ask the default graph.
    """
    stated = (
        f"?thing <{TYPE}> ?class . FILTER(isIRI(?thing)) FILTER NOT EXISTS {{ ?thing <{WITHDRAWN}> ?withdrawn }} "
        f"OPTIONAL {{ ?thing <{_DCT}publisher>|<{_DCT}creator> ?owner . FILTER(isIRI(?owner)) }} "
        f"OPTIONAL {{ ?thing <{_DCT}temporal> ?time . OPTIONAL {{ ?time <{_DCAT}startDate> ?start }} "
        f"OPTIONAL {{ ?time <{_DCAT}endDate> ?end }} }}"
    )
    if hidden is not None:
        stated = f"GRAPH ?g {{ {stated} }} FILTER(?g NOT IN ({hidden}))"
    values = " ".join(f"<{iri}>" for iri in classes)
    return f"SELECT ?thing ?owner ?start ?end WHERE {{ VALUES ?class {{ {values} }} {stated} }}"


def gathered(rows: Iterable[Mapping[str, Any]]) -> list[Dated]:
    """The answer to `question`, one entry for each thing, by IRI."""
    owners: dict[str, set[str]] = {}
    days: dict[str, tuple[str, str]] = {}
    for row in rows:
        iri = row["thing"].value
        mine = owners.setdefault(iri, set())
        if row.get("owner") is not None:
            mine.add(row["owner"].value)
        start, end = (row[name].value if row.get(name) is not None else "" for name in ("start", "end"))
        days[iri] = max(days.get(iri, ("", "")), (start, end))  # a plan with two periods: the later one
    return [Dated(iri, tuple(sorted(owners[iri])), *days[iri]) for iri in sorted(owners)]


def read(store: Any, classes: Iterable[str]) -> list[Dated]:
    """The things of some classes in a store of this process, by IRI."""
    rows = store.query(question(classes))
    names = [variable.value for variable in rows.variables]
    return gathered({name: row[name] for name in names} for row in rows)


def count(store: Any, classes: Iterable[str]) -> int:
    """How many named things of some classes a store of this process has, each counted once.

    Beyond `EXACTLY` things without a name count too: looking whether each has one takes seven times as long.
    """
    values = " ".join(f"<{iri}>" for iri in classes)

    def answer(only: str) -> int:
        text = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ VALUES ?c {{ {values} }} ?s <{TYPE}> ?c . {only} }}"
        return next(int(row["n"].value) for row in store.query(text))

    found = answer("")
    if found <= EXACTLY:
        found = answer("FILTER(isIRI(?s))")
    if store.query(f"ASK {{ ?s <{WITHDRAWN}> ?when }}"):
        found -= answer(f"?s <{WITHDRAWN}> ?when FILTER(isIRI(?s))")
    return found
