"""Which page suits a thing: by its classes a template, and what the template needs beside the thing itself.

What fits none of them gets the page that suits anything. Nothing is read here: each kind's data is gathered by a module
that knows no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from planvev.checking.remarks import REMARKS, owner_of, read
from planvev.engines.snapshot import Snapshot
from planvev.insight import ages, dossier, health, peers, portfolio, reliance
from planvev.insight.ages import AGE_RULE
from planvev.insight.lookup import Lookup
from planvev.insight.outline import HOMES, READING, below
from planvev.insight.rules import Rule
from planvev.insight.things import Thing
from planvev.insight.vocabulary import Vocabulary
from planvev.names import COMMON, NS, PREFIXES
from planvev.web.rolls import Planned

_ELI, _ORG, _CV, _SKOS = (PREFIXES[prefix] for prefix in ("eli", "org", "cv", "skos"))
ANY = "thing.html"


@dataclass(frozen=True)
class Asked:
    """A thing that somebody asks for: who reads, on which day, and from which entry of a long list on.

    `plans` gives every plan by IRI, `rules` every rule of the shapes; they are asked only by pages that need them.
    """

    lookup: Lookup
    thing: Thing
    vocabulary: Vocabulary
    plans: Callable[[], Mapping[str, Planned]]
    rules: Callable[[], Mapping[str, Rule]]
    today: date
    first: int


@dataclass(frozen=True)
class Kind:
    """A kind of thing: the classes whose members it shows, subclasses too, its template, and its data.

    `first` are the properties told at the top; `says` and `said` those whose statements of the thing, and about it, its
    template tells in a place of their own.
    """

    classes: tuple[str, ...]
    template: str
    data: Callable[[Asked], dict[str, Any]]
    first: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def page(asked: Asked) -> tuple[str, dict[str, Any]]:
    """The template for a thing, and what it needs beside the thing.

    What is told at the top is in `facts`; what the template does not tell in a place of its own is left in `outgoing`
    and `incoming`, and `told` says whether anything is. `whose` are the owners to name at the top.
    """
    thing = asked.thing
    for kind in KINDS:
        family = {below for top in kind.classes for below in asked.vocabulary.family(top)}
        if family & set(thing.types):
            outgoing = tuple(group for group in thing.outgoing if group.predicate not in (*kind.says, *kind.first))
            incoming = tuple(group for group in thing.incoming if group.predicate not in kind.said)
            told = (len(outgoing), len(incoming)) != (len(thing.outgoing), len(thing.incoming))
            by_predicate = {group.predicate: group for group in thing.outgoing}
            facts = [by_predicate[predicate] for predicate in kind.first if predicate in by_predicate]
            whose = asked.lookup.owners(thing.iri)
            left = {"outgoing": outgoing, "incoming": incoming, "told": told, "whose": whose, "facts": facts}
            return kind.template, left | kind.data(asked)
    return ANY, {"outgoing": thing.outgoing, "incoming": thing.incoming, "told": False, "whose": (), "facts": ()}


def _named(*names: str) -> tuple[str, ...]:
    """Properties by their short names: ours, or with a prefix."""
    pairs = (name.partition(":") if ":" in name else ("plan", ":", name) for name in names)
    return tuple(PREFIXES[prefix] + local for prefix, _, local in pairs)


def _plan(asked: Asked) -> dict[str, Any]:
    found = dossier.dossier(asked.lookup, asked.thing.iri, asked.thing.quotes, asked.today)
    snapshot, owner = asked.lookup.snapshot, ""
    missing: tuple[tuple[Rule, int], ...] = ()
    place = next((snapshot.graphs[graph].place for graph in asked.thing.graphs if graph in snapshot.graphs), "")
    if isinstance(snapshot, Snapshot) and place.count("/") > 1:  # advice is kept beside the embedded engine alone
        owner = owner_of(place)
        said = read(snapshot.folder / REMARKS, owner).get(place, ())
        missing = health.missing(said, asked.rules()) if said else ()
    return {"dossier": found, "missing": missing, "owner": owner}


def _part(asked: Asked) -> dict[str, Any]:
    thing = asked.thing
    texts = [group for group in thing.outgoing if group.predicate == NS + "text"]
    words = [value.text for group in texts for value in group.values if value.text and value.text != thing.label]
    return {
        "parts": below(asked.lookup, thing.iri),
        "peers": peers.peers(asked.lookup, thing.iri),
        "exact": [*thing.descriptions, *words],
        "serves": [group for group in thing.outgoing if group.predicate in SERVES],
        "served": [group for group in thing.incoming if group.predicate in SERVES],
    }


def _relied_on(asked: Asked) -> dict[str, Any]:
    iri = asked.thing.iri
    rule = reliance.rule_of(asked.thing.types) or "law"
    found = reliance.reliance(asked.lookup, iri, rule, asked.plans(), asked.today, asked.first)
    return {"reliance": found, "ages": ages.ages(asked.lookup, iri), "step": reliance.PAGE}


def _organisation(asked: Asked) -> dict[str, Any]:
    found = portfolio.portfolio(asked.lookup, asked.thing.iri, asked.plans(), asked.today)
    owner = asked.thing.iri.removeprefix(f"{COMMON}/id/org/")  # its units have no data of their own
    return {
        "portfolio": found,
        "shown": portfolio.SHOWN,
        "owner": owner if owner.isascii() and "/" not in owner else "",
    }


def _concept(asked: Asked) -> dict[str, Any]:
    thing = asked.thing
    groups = (*thing.outgoing, *thing.incoming)
    others = [value.node for group in groups if group.predicate in ELSEWHERE for value in group.values if value.node]
    code = thing.iri.startswith(f"{COMMON}/id/code/")
    return _relied_on(asked) | {"code": code, "elsewhere": list(dict.fromkeys(others))}


SERVES = _named(
    "pursues", "implementsStrategy", "subGoalOf", "followsUp", "derivedFrom", "currentState", "desiredState"
)
PLAN_SAYS = _named(
    *("dct:type", "dct:publisher", "dct:creator", "responsible", "dct:temporal", "adoptedBy", "dct:dateAccepted"),
    *("anchoredIn", "derivedFrom", "legalBasis", "mentionsLaw", "guidedBy", "informedBy", "integrates", "buildsOn"),
    *("dct:audience", "targets"),
)
PART_FIRST = _named("targets", "dct:audience", "responsible", "inCooperationWith", "legalBasis", "guidedBy", "buildsOn")
LAW_FIRST = _named(
    *("dct:title", "text", "eli:id_local", "eli:type_subdivision", "eli:date_document"),
    *("eli:first_date_entry_in_force", "eli:in_force", "rdfs:seeAlso", "eli:is_part_of"),
)
GUIDANCE_FIRST = _named("dct:type", "dct:publisher", "dct:creator", "dct:identifier", "schema:isbn", "targets")
GROUP_FIRST = _named("prov:wasDerivedFrom", "citedSource", "skos:notation", "skos:broader", "skos:inScheme")
LAW = (_ELI + "LegalResource", _ELI + "LegalResourceSubdivision", NS + "Treaty")
GROUP = (NS + "TargetGroup", _SKOS + "Concept")
GROUPED = _named("targets", "dct:audience", "definedOtherwiseIn")
ELSEWHERE = _named("definedOtherwiseIn")
RESTED_ON = _named("legalBasis", "requirement", "mentionsLaw", "buildsOn", "guidedBy", "targets", "dct:audience")
KINDS = (
    Kind((NS + "Plan",), "things/plan.html", _plan, says=PLAN_SAYS, said=_named("dct:isPartOf")),
    Kind(READING, "things/part.html", _part, PART_FIRST, (*SERVES, NS + "text"), (*SERVES, *HOMES)),
    Kind(LAW, "things/law.html", _relied_on, LAW_FIRST, said=(*RESTED_ON, _ELI + "is_part_of")),
    Kind((NS + "Guidance",), "things/guidance.html", _relied_on, GUIDANCE_FIRST, said=_named("buildsOn", "guidedBy")),
    Kind(
        GROUP,
        "things/group.html",
        _concept,
        GROUP_FIRST,
        (AGE_RULE, *ELSEWHERE),
        GROUPED,
    ),
    Kind(
        (_CV + "PublicOrganisation", _ORG + "Organization", _ORG + "OrganizationalUnit"),
        "things/organisation.html",
        _organisation,
        _named("dct:type", "org:classification", "dct:identifier", "municipalityNumber", "org:unitOf"),
        said=_named("dct:publisher", "dct:creator", "responsible", "org:unitOf", "org:subOrganizationOf"),
    ),
)
