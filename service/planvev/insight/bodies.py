"""Organisations as overviews choose them: what kind each is of, and in which county.

Kinds are the codes of `code/organisation-type`; counties are what the data says by `plan:inCounty`. A register of all
organisations is not kept here, so whoever is missing may be missing from the data alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from planvev.engines.engine import Edition
from planvev.formats.rdf import NamedNode
from planvev.names import COMMON, NS, PREFIXES

TYPE = PREFIXES["dct"] + "type"
IN_COUNTY = NS + "inCounty"
IN_SCHEME = PREFIXES["skos"] + "inScheme"
KINDS = f"{COMMON}/id/code/organisation-type"
MUNICIPALITY = f"{KINDS}/kommune"
MOST = 5000  # organisations of one kind


@dataclass(frozen=True)
class Body:
    """An organisation: its kinds and its counties, IRIs."""

    iri: str
    kinds: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()


def read(edition: Edition, owners: Iterable[str]) -> tuple[Body, ...]:
    """Every organisation that has a kind, and those that own plans, by IRI."""
    kinds = edition.pointing(KINDS, IN_SCHEME, 200)
    edition.ready(kinds, pointing=(TYPE,), ceiling=MOST)
    of: dict[str, list[str]] = {iri: [] for iri in owners}
    for kind in kinds:
        for iri in edition.pointing(kind, TYPE, MOST):
            of.setdefault(iri, []).append(kind)
    edition.ready(of)
    counties = {
        iri: [value.value for value in edition.values(iri, IN_COUNTY) if isinstance(value, NamedNode)] for iri in of
    }
    return tuple(Body(iri, tuple(sorted(of[iri])), tuple(sorted(counties[iri]))) for iri in sorted(of))
