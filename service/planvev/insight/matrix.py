"""The matrix: what organisations' plans lead to, counted from derived links, and the elements behind each count.

A count is of plans, or of one kind of element in them; a plan of two organisations counts for each. Which plans count
(those in force on a day, or others) is chosen by whoever asks. `question` is the query that gives the same numbers to
anybody else; `behind` finds the very elements, from what plans say and not from the links.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from planvev.engines.engine import Edition
from planvev.engines.shortcuts import Shortcut
from planvev.formats.rdf import NamedNode
from planvev.names import NS, PREFIXES, Base, short
from planvev.queries.derivation import COUNTS, LINK_END, LINK_FROM, LINK_OWNER, LINK_START, LINK_TO, graph

_DCT = PREFIXES["dct"]
PART_OF, ABOVE = _DCT + "isPartOf", PREFIXES["eli"] + "is_part_of"
TYPE = PREFIXES["rdf"] + "type"
MOST = 5000  # elements of one plan

# What stands in the rows, by the name of the rule that derives it: the properties by which plans lead there.
KINDS: Mapping[str, tuple[str, ...]] = {
    "law": (NS + "legalBasis",),
    "provision": (NS + "legalBasis",),
    "guidance": (NS + "buildsOn", NS + "guidedBy"),
    "theme": (_DCT + "subject",),
    "target-group": (NS + "targets", _DCT + "audience"),
    "sdg": (NS + "contributesTo",),
}
CLIMBING = ("law", "provision")  # what rests on a part rests on the whole

# What is counted: plans themselves, or their elements by the property of the link that counts them.
COUNTED: Mapping[str, str] = {
    "plans": "",
    "goals": NS + "linkedGoals",
    "focus-areas": NS + "linkedFocusAreas",
    "strategies": NS + "linkedStrategies",
    "measures": NS + "linkedMeasures",
}


@dataclass
class Row:
    """What plans lead to: the count for each organisation that has one, and for all of them together.

    `total` counts a plan of several organisations once.
    """

    to: str
    cells: dict[str, int] = field(default_factory=dict)
    total: int = 0


@dataclass(frozen=True)
class Behind:
    """A plan behind a count, and its elements that lead there: IRI and class of each."""

    plan: str
    elements: tuple[tuple[str, str], ...]


def rows(links: Iterable[Shortcut], owners: Mapping[str, Collection[str]], counted: str = "plans") -> dict[str, Row]:
    """The rows of a matrix, by what plans lead to.

    Args:
        links: of one kind.
        owners: the plans that count, each with those of its organisations that have a column.
        counted: a key of `COUNTED`.
    """
    found: dict[str, Row] = {}
    for link in links:
        number = link.counts.get(COUNTED[counted], 0) if COUNTED[counted] else 1
        if not number or not (bodies := owners.get(link.plan)):
            continue
        row = found.setdefault(link.to, Row(link.to))
        row.total += number
        for body in bodies:
            row.cells[body] = row.cells.get(body, 0) + number
    return found


def question(base: Base, kind: str, counted: str, status: str, day: date, columns: Sequence[str] = ()) -> str:
    """The query whose answer is every cell of a matrix that is not empty: row, organisation, count.

    Args:
        base: of the library that is served.
        kind: a key of `KINDS`.
        counted: a key of `COUNTED`.
        status: which plans count, `periods.Status` on the day, or "" for all.
        day: that day.
        columns: the property and the value (IRIs) that the organisations have in common; none where all have columns.
    """
    number = f" ; {short(COUNTED[counted])} ?number" if COUNTED[counted] else ""
    chosen = f"\n    ?organisation <{columns[0]}> <{columns[1]}> ." if columns else ""
    return f"""PREFIX plan: <{NS}>
PREFIX xsd: <{PREFIXES["xsd"]}>

SELECT ?row ?organisation ({"SUM(?number)" if number else "COUNT(?plan)"} AS ?count) WHERE {{
  SELECT DISTINCT ?row ?organisation ?plan{" ?number" if number else ""} WHERE {{
    GRAPH <{graph(base, "plan", kind)}> {{
      ?link {short(LINK_FROM)} ?plan ; {short(LINK_TO)} ?row{number} .
    }}
    GRAPH <{graph(base, "period", "period")}> {{
      ?plan {short(LINK_OWNER)} ?organisation .
      OPTIONAL {{ ?plan {short(LINK_START)} ?start }}
      OPTIONAL {{ ?plan {short(LINK_END)} ?end }}
    }}{chosen}{_period(status, day)}
  }}
}}
GROUP BY ?row ?organisation
ORDER BY ?row ?organisation
"""


def _period(status: str, day: date) -> str:
    """What a plan's first and last day must be, as `periods.Period.status` has it."""
    that = f'"{day.isoformat()}"^^xsd:date'
    begun, ended = (
        f'COALESCE(?start, "0001-01-01"^^xsd:date) <= {that}',
        f'COALESCE(?end, "9999-12-31"^^xsd:date) < {that}',
    )
    conditions = {
        "in-force": f"(BOUND(?start) || BOUND(?end)) && {begun} && !({ended})",
        "coming": f"!({begun})",
        "expired": f"{begun} && {ended}",
        "unknown": "!BOUND(?start) && !BOUND(?end)",
    }
    return f"\n    FILTER({conditions[status]})" if status else ""


def behind(edition: Edition, kind: str, to: str, plans: Sequence[str], counted: str = "plans") -> list[Behind]:
    """The elements of some plans that lead to a thing, each plan itself among them; plans without any are left out."""
    below = _below(edition, to) if kind in CLIMBING else {to}
    edition.ready(plans, pointing=(PART_OF,), ceiling=MOST)
    parts = {plan: [plan, *edition.pointing(plan, PART_OF, MOST)] for plan in plans}
    edition.ready(iri for each in parts.values() for iri in each)
    found = []
    for plan, elements in parts.items():
        mine = [(iri, kind_of) for iri in elements if (kind_of := _leads(edition, iri, KINDS[kind], below, counted))]
        if mine:
            found.append(Behind(plan, tuple(mine)))
    return found


def _leads(edition: Edition, iri: str, properties: Sequence[str], below: Collection[str], counted: str) -> str:
    """The class of an element that leads to one of some things; nothing where it does not, or is not counted."""
    about = edition.about(iri)
    if not any(
        triple.predicate.value in properties and isinstance(triple.object, NamedNode) and triple.object.value in below
        for triple in about
    ):
        return ""
    classes = sorted(t.object.value for t in about if t.predicate.value == TYPE and isinstance(t.object, NamedNode))
    if COUNTED[counted]:
        classes = [name for name in classes if COUNTS.get(name) == COUNTED[counted]]
    return next((name for name in classes if name.startswith(NS)), classes[0] if classes else "")


def _below(edition: Edition, whole: str) -> set[str]:
    """An act or a provision, and everything that is part of it."""
    found, waiting = {whole}, [whole]
    while waiting:
        edition.ready(waiting, pointing=(ABOVE,), ceiling=MOST)
        waiting = [part for top in waiting for part in edition.pointing(top, ABOVE, MOST) if part not in found]
        found.update(waiting)
    return found
