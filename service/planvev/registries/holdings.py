"""What each publisher has here, as plain data: the facts that catalogues tell registries.

A publisher is whoever a file's place names (`plan/moss/…` is Moss's), and the organisation `org/moss` where there is
one. What a graph tells is remembered under its digest, so that an edition after a small change reads a small part
again. Nothing is added that no file says: what is missing stays empty, and the catalogue says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from planvev.engines.engine import Edition
from planvev.engines.snapshot import GraphEntry
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple
from planvev.names import NS, PREFIXES

PUBLISHED = ("plan", "concept", "document", "project", "guidance")  # kinds of place whose second word is a publisher
_READ = {
    "plan": "work",
    "guidance": "work",
    "org": "body",
    "law": "law",
    "code": "codes",
    "concept": "terms",
    "document": "",  # nothing but where they lead
    "project": "",
    "treaty": "",
}
# What others have and we lead to: a short name for it, what it is called, and how its addresses begin.
SPACES = (
    ("lovdata", "Lovdata", "https://lovdata.no/"),
    ("los", "Los", "https://psi.norge.no/los/"),
    ("geonorge", "Geonorge", "https://data.geonorge.no/administrativeEnheter/"),
    ("brreg", "Enhetsregisteret", "https://data.brreg.no/enhetsregisteret/"),
    (
        "organisations",
        "Organisasjonskatalogen",
        "https://organization-catalog.fellesdatakatalog.digdir.no/organizations/",
    ),
    ("forms", "Organisasjonsformer", "https://raw.githubusercontent.com/Informasjonsforvaltning/organization-catalog/"),
    ("sdg", "FNs bærekraftsmål", "http://metadata.un.org/sdg"),
    ("eu", "EUs autoritetslister", "http://publications.europa.eu/resource/authority/"),
    ("adms", "ADMS", "http://purl.org/adms/"),
    ("data-norge", "data.norge.no", "https://data.norge.no/vocabulary/"),
)

_DCT, _SKOS, _DCAT, _ELI = (PREFIXES[prefix] for prefix in ("dct", "skos", "dcat", "eli"))
_TYPE, _OBJECT = PREFIXES["rdf"] + "type", PREFIXES["rdf"] + "object"
_MATCHES = [_SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch")]

Names = dict[str, str]  # by language


@dataclass(frozen=True)
class Work:
    """A plan, or guidance: what it is called, its kind, its period as written, and the law it rests on."""

    iri: str
    names: Names
    kind: str = ""
    start: str = ""
    end: str = ""
    law: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Body:
    """An organisation: `number` is its organisation number, `kind` the code of its kind, `places` where it is."""

    iri: str
    names: Names
    number: str = ""
    kind: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """A law: its title, the ELI derived for it, and whether it is an act or a regulation, as data.norge.no names it."""

    iri: str
    names: Names
    eli: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Code:
    """A code: what it is called, and what it matches in the code lists of others, exactly, closely or more widely."""

    iri: str
    names: Names
    matches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notion:
    """A defined concept: its names, and its definitions by language."""

    iri: str
    names: Names
    definitions: Names
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Leads:
    """How many statements of a graph lead to things of one of `SPACES`, by one property."""

    space: str
    relation: str
    number: int


@dataclass(frozen=True)
class Told:
    """What one graph tells."""

    works: tuple[Work, ...] = ()
    bodies: tuple[Body, ...] = ()
    acts: tuple[Act, ...] = ()
    codes: tuple[Code, ...] = ()
    notions: tuple[Notion, ...] = ()
    leads: tuple[Leads, ...] = ()


@dataclass(frozen=True)
class Holding:
    """All of one publisher: `slug` as places name it, and its organisation where there is one."""

    slug: str
    body: Body | None
    works: tuple[Work, ...]
    notions: tuple[Notion, ...]


@dataclass
class Holdings:
    """What every graph tells, by its place and digest."""

    told: dict[str, Told] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Edition, known: Holdings | None = None) -> Holdings:
        """Read what a snapshot holds; what `known` has of an unchanged graph is not read again."""
        told = {}
        for entry in snapshot.manifest.graphs:
            if entry.role == "data" and entry.place.partition("/")[0] in _READ:
                key = _key(entry)
                told[key] = (known.told.get(key) if known else None) or _told(entry, snapshot.graph(entry.graph))
        return cls(told)

    @classmethod
    def read(cls, raw: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> Holdings:
        """From what `plain` gave. Raises KeyError or TypeError for anything else."""
        kinds: dict[str, Any] = {
            "works": Work,
            "bodies": Body,
            "acts": Act,
            "codes": Code,
            "notions": Notion,
            "leads": Leads,
        }
        rows = {
            key: {name: tuple(kinds[name](**_tuples(row)) for row in said) for name, said in parts.items()}
            for key, parts in raw.items()
        }
        return cls({key: Told(**parts) for key, parts in rows.items()})

    def plain(self) -> dict[str, Any]:
        """As JSON shows it, without what is empty."""
        return {
            key: {name: [asdict(row) for row in rows] for name, rows in vars(told).items() if rows}
            for key, told in self.told.items()
        }

    def publishers(self) -> list[Holding]:
        """Every publisher that has something here, by name."""
        works: dict[str, list[Work]] = defaultdict(list)
        notions: dict[str, list[Notion]] = defaultdict(list)
        for key, told in self.told.items():
            if told.works or told.notions:
                slug = key.split(" ")[0].split("/")[1]
                works[slug] += told.works
                notions[slug] += told.notions
        bodies = self.bodies()
        slugs = sorted({slug for slug, some in (*works.items(), *notions.items()) if some})
        return [
            Holding(slug, bodies.get(slug), _sorted(works[slug]), _sorted(notions[slug]))  # type: ignore[arg-type]
            for slug in slugs
        ]

    def bodies(self) -> dict[str, Body]:
        """Every organisation by the last word of its place."""
        return {key.split(" ")[0].split("/")[-1]: body for key, told in self.told.items() for body in told.bodies}

    def acts(self) -> dict[str, Act]:
        """Every law by its IRI."""
        return {act.iri: act for told in self.told.values() for act in told.acts}

    def codes(self) -> dict[str, Code]:
        """Every code by its IRI."""
        return {code.iri: code for told in self.told.values() for code in told.codes}

    def leads(self) -> dict[tuple[str, str], int]:
        """How many statements lead to things of others, by whose they are (`SPACES`) and by the property."""
        found: dict[tuple[str, str], int] = defaultdict(int)
        for told in self.told.values():
            for one in told.leads:
                found[one.space, one.relation] += one.number
        return dict(sorted(found.items()))


def publisher_of(place: str) -> str:
    """Whose a place is, as addresses name publishers; empty for what all share."""
    kind, _, rest = place.partition("/")
    return rest.partition("/")[0] if kind in PUBLISHED and "/" in rest else ""


def _key(entry: GraphEntry) -> str:
    return f"{entry.place} {entry.digest}"


def _sorted(rows: Iterable[Work | Notion]) -> tuple[Work | Notion, ...]:
    return tuple(sorted(rows, key=lambda row: row.iri))


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _told(entry: GraphEntry, triples: Sequence[Triple]) -> Told:
    """What a graph tells that a catalogue asks for."""
    return replace(_told_by_kind(entry, triples), leads=_leads(triples))


def _leads(triples: Iterable[Triple]) -> tuple[Leads, ...]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for triple in triples:
        if isinstance(triple.object, NamedNode) and triple.predicate.value != _OBJECT:
            address = triple.object.value
            if slug := next((slug for slug, _, start in SPACES if address.startswith(start)), ""):
                found[slug, triple.predicate.value] += 1
    return tuple(Leads(slug, relation, number) for (slug, relation), number in sorted(found.items()))


def _told_by_kind(entry: GraphEntry, triples: Iterable[Triple]) -> Told:
    about: dict[NamedNode | BlankNode, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        about[triple.subject][triple.predicate.value].append(triple.object)  # type: ignore[index]
    reader = _READ[entry.place.partition("/")[0]]
    if not reader:
        return Told()
    thing = NamedNode(entry.graph.replace("/graph/", "/id/", 1))
    if reader == "work":
        return Told(works=tuple(_work(thing, about)) if thing in about else ())
    if reader == "body":
        return Told(bodies=(_body(thing.value, about[thing]),) if thing in about else ())
    if reader == "law":
        return Told(acts=(_act(thing.value, about[thing]),) if thing in about else ())
    concepts = [
        (node.value, said)
        for node, said in about.items()
        if isinstance(node, NamedNode) and NamedNode(_SKOS + "Concept") in said[_TYPE]
    ]
    if reader == "codes":
        return Told(codes=tuple(_code(iri, said) for iri, said in concepts))
    return Told(notions=tuple(_notion(iri, said) for iri, said in concepts))


def _work(thing: NamedNode, about: Mapping[Any, Mapping[str, list[Any]]]) -> Iterable[Work]:
    said = about[thing]
    period = next((about[node] for node in said.get(_DCT + "temporal", ()) if node in about), {})
    law = {
        term.value for rows in about.values() for term in rows.get(NS + "legalBasis", ()) if isinstance(term, NamedNode)
    }
    languages = {
        term.language
        for rows in about.values()
        for values in rows.values()
        for term in values
        if isinstance(term, Literal) and term.language
    }
    yield Work(
        thing.value,
        _names(said, _DCT + "title", _SKOS + "prefLabel"),
        _first(said, _DCT + "type"),
        _first(period, _DCAT + "startDate"),
        _first(period, _DCAT + "endDate"),
        tuple(sorted(law)),
        tuple(sorted(str(language) for language in languages)),
    )


def _body(iri: str, said: Mapping[str, list[Any]]) -> Body:
    places = sorted(term.value for term in said.get(_DCT + "spatial", ()) if isinstance(term, NamedNode))
    return Body(
        iri,
        _names(said, _SKOS + "prefLabel"),
        _first(said, _DCT + "identifier"),
        _first(said, _DCT + "type"),
        tuple(places),
    )


def _act(iri: str, said: Mapping[str, list[Any]]) -> Act:
    names = _names(said, _DCT + "title", _SKOS + "prefLabel")
    return Act(iri, names, _first(said, NS + "derivedEli"), _first(said, _DCT + "type"))


def _code(iri: str, said: Mapping[str, list[Any]]) -> Code:
    matches = {term.value for name in _MATCHES for term in said.get(name, ()) if isinstance(term, NamedNode)}
    return Code(iri, _names(said, _SKOS + "prefLabel"), tuple(sorted(matches)))


def _notion(iri: str, said: Mapping[str, list[Any]]) -> Notion:
    sources = sorted(term.value for term in said.get(PREFIXES["prov"] + "wasDerivedFrom", ()))
    return Notion(iri, _names(said, _SKOS + "prefLabel"), _names(said, _SKOS + "definition"), tuple(sources))


def _names(said: Mapping[str, list[Any]], *predicates: str) -> Names:
    """The first of the properties that gives a name, by language."""
    for predicate in predicates:
        found = {term.language or "": term.value for term in said.get(predicate, ()) if isinstance(term, Literal)}
        if found:
            return dict(sorted(found.items()))
    return {}


def _first(said: Mapping[str, list[Any]], predicate: str) -> str:
    """The value of a property that has one; the first by name where it has more."""
    return min((str(term.value) for term in said.get(predicate, ()) if not isinstance(term, BlankNode)), default="")
