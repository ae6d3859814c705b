"""Names: prefixes, and how a file's place, its graph, an IRI and an address on this host belong together.

One rule: the file `data/ttl/X.ttl` is the graph `<base>/graph/X` and speaks only about `<base>/id/X` and what stands
below it. So a statement about a thing has one home, and a file's owner cannot speak for another. `X` is the file's
*place*.

Two bases: what all publishers share (organisations, law, treaties, national guidance, codes) has its names under the
common base whatever host serves it; a publisher's own plans, concepts, documents and projects stand under its own.
Nothing here reads a file or a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from planvev.errors import Misplaced

COMMON = "https://w3id.org/planvev"
NS = f"{COMMON}/ns#"
SHAPES = f"{COMMON}/shapes#"

PREFIXES = {
    "plan": NS,
    "ps": SHAPES,
    "adms": "http://www.w3.org/ns/adms#",
    "cv": "http://data.europa.eu/m8g/",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "eli": "http://data.europa.eu/eli/ontology#",
    "elidl": "http://data.europa.eu/eli/eli-draft-legislation-ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rov": "http://www.w3.org/ns/regorg#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
WITHDRAWN = PREFIXES["prov"] + "invalidatedAtTime"  # what a tombstone has and nothing else: since when it is one

SHARED_KINDS = ("org", "law", "treaty", "guidance", "code")
OWN_KINDS = ("plan", "concept", "document", "project")
KINDS = (*SHARED_KINDS, *OWN_KINDS)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True)
class Base:
    """The base of one publisher's IRIs, and all that follows from it."""

    iri: str = COMMON

    def _for(self, place: str) -> str:
        return COMMON if place.partition("/")[0] in SHARED_KINDS else self.iri

    def graph(self, place: str) -> str:
        """The IRI of the graph that the file at `place` is."""
        return f"{self._for(place)}/graph/{place}"

    def thing(self, place: str) -> str:
        """The IRI of what the file at `place` is about."""
        return f"{self._for(place)}/id/{place}"

    def local(self, iri: str) -> str | None:
        """The path of an IRI under one of our bases, from its slash on; None for an IRI of somebody else."""
        for base in (self.iri, COMMON):
            if iri.startswith(base + "/"):
                return iri[len(base) :]
        return None

    def spelled(self, iri: str) -> str:
        """An IRI as short as an address may have it: the place of a thing of ours, or the whole IRI."""
        place = (self.local(iri) or "").removeprefix("/id/")
        return place if place and self.thing(place) == iri else iri

    def meant(self, text: str) -> str:
        """The IRI that somebody means who wrote it as `spelled` does, or in full."""
        return text if ":" in text or not text else self.thing(text)

    def owns(self, place: str, subject: str) -> bool:
        """Whether the file at `place` may speak about `subject`."""
        thing = self.thing(place)
        return subject == thing or subject.startswith(thing + "/")

    def strangers(self, place: str, subjects: Iterable[str]) -> list[str]:
        """Those of `subjects` that the file at `place` may not speak about, sorted."""
        return sorted({subject for subject in subjects if not self.owns(place, subject)})

    def spoken(self, path: str) -> tuple[str, ...]:
        """The IRIs that a path on this host may stand for: as decoded, then percent-encoded.

        An IRI with æ, ø or å may stand in the data in either form (RFC 3987, section 3.1); a browser sends one.
        """
        return tuple(dict.fromkeys((f"{self.iri}{path}", f"{self.iri}{quote(path, safe=_SAFE_IN_PATH)}")))

    @lru_cache(4096)  # noqa: B019  a page has hundreds of links, many to the same; a base is a string that lives on
    def address(self, iri: str) -> str:
        """Where on this host a reader finds `iri`: a path, percent-encoded, always something we answer."""
        path = self.local(iri) if iri.startswith(self.iri + "/") else None
        if path is None or not path.startswith(("/id/", "/ns", "/graph/", "/shapes")):
            return f"/resource?iri={quote(iri, safe='')}"
        path, hash_, fragment = path.partition("#")
        if path.startswith("/id/"):
            path = f"/doc/{path.removeprefix('/id/')}.html"
        encoded = quote(path, safe=_SAFE_IN_PATH + "%")
        return f"{encoded}{hash_}{fragment}"


def place_of(parts: tuple[str, ...]) -> str:
    """The place that a file's path below `data/ttl` names (`("plan", "moss", "koa.ttl")` → `plan/moss/koa`).

    Raises:
        Misplaced: the folder is not one of ours, or a name is not made of a-z, 0-9 and single hyphens.
    """
    shown = "/".join(parts)
    *folders, name = parts
    if not name.endswith(".ttl"):
        raise Misplaced(f"data/ttl/{shown} is not a .ttl file.", "Only Turtle files (.ttl) and README.md stand there.")
    slugs = (*folders, name.removesuffix(".ttl"))
    if len(slugs) < 2 or slugs[0] not in KINDS:
        raise Misplaced(
            f"data/ttl/{shown} stands in no folder we know.",
            f"The folders are {', '.join(KINDS)}; see data/ttl/README.md.",
        )
    for slug in slugs:
        if not _SLUG.fullmatch(slug):
            raise Misplaced(
                f"data/ttl/{shown}: '{slug}' cannot stand in an address.",
                "Use a-z, 0-9 and single hyphens; write æ as ae, ø as oe, å as aa.",
            )
    if slugs[1] == "all":
        raise Misplaced(
            f"data/ttl/{shown}: nobody can be called 'all', the name of everything.", "Choose another name."
        )
    return "/".join(slugs)


def places_above(place: str) -> Iterable[str]:
    """A place and every place above it, nearest first: where the file that owns a thing may stand."""
    parts = place.split("/")
    for length in range(len(parts), 1, -1):
        yield "/".join(parts[:length])


def short(iri: str) -> str:
    """An IRI as people write it: `plan:Strategy`, or the whole IRI when no prefix fits."""
    for prefix, namespace in PREFIXES.items():
        rest = iri.removeprefix(namespace)
        if rest != iri and rest and "/" not in rest and "#" not in rest:
            return f"{prefix}:{rest}"
    return iri
