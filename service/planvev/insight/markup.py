"""A thing in the words of schema.org, for search engines: as JSON-LD 1.1 that says no more than the page does.

Only what has a plain counterpart there is said: plans and their parts as creative works, organisations, acts and
provisions, and terms that are defined. The thing keeps its own IRI; nothing is said to be the same as anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from planvev.insight.outline import READING
from planvev.insight.things import Node, Thing
from planvev.names import NS, PREFIXES

_ELI, _ORG, _CV, _SKOS, _DCT = (PREFIXES[prefix] for prefix in ("eli", "org", "cv", "skos", "dct"))
KINDS = {
    NS + "Plan": "CreativeWork",
    NS + "Guidance": "CreativeWork",
    **dict.fromkeys(READING, "CreativeWork"),
    _CV + "PublicOrganisation": "GovernmentOrganization",
    _ORG + "Organization": "Organization",
    _ORG + "OrganizationalUnit": "Organization",
    _ELI + "LegalResource": "Legislation",
    _ELI + "LegalResourceSubdivision": "Legislation",
    NS + "Treaty": "Legislation",
    NS + "TargetGroup": "DefinedTerm",
    _SKOS + "Concept": "DefinedTerm",
}


def markup(thing: Thing, owners: Sequence[Node], address: str) -> dict[str, Any] | None:
    """What a page says of its thing; None for a kind of thing that schema.org has no word for.

    Args:
        thing: as the page shows it, in the page's language.
        owners: whose it is.
        address: of the page, absolute; empty where the service does not know its own name.
    """
    kind = next((KINDS[one] for one in thing.types if one in KINDS), None)
    if kind is None:
        return None
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": thing.iri,
        "@type": kind,
        "name": thing.label.value,
    }
    said |= {"url": address} if address else {}
    if kind in ("CreativeWork", "Legislation") and thing.label.language:
        said["inLanguage"] = thing.label.language
    if thing.descriptions:
        said["description"] = thing.descriptions[0].value
    if kind == "CreativeWork":
        said |= _work(thing, owners)
    for name, predicate in (("legislationIdentifier", _ELI + "id_local"), ("identifier", _DCT + "identifier")):
        if value := next(iter(_texts(thing, predicate)), None):
            said[name] = value
    return said


def _work(thing: Thing, owners: Sequence[Node]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if owners:
        said["publisher"] = [{"@type": "Organization", "@id": node.iri, "name": node.label.value} for node in owners]
    if thing.period and (thing.period.start or thing.period.end):
        start, end = (str(day) if day else ".." for day in (thing.period.start, thing.period.end))
        said["temporalCoverage"] = f"{start}/{end}"
    above = next((node for node in reversed(thing.trail) if NS + "Plan" in node.types), None)
    if above:
        said["isPartOf"] = {"@type": "CreativeWork", "@id": above.iri, "name": above.label.value}
    return said


def _texts(thing: Thing, predicate: str) -> Iterable[str]:
    return (v.text.value for group in thing.outgoing if group.predicate == predicate for v in group.values if v.text)
