"""First files for a new plan, and quotations made from a text: what a planner would otherwise copy by hand.

A draft says only what its maker has said: the plan's title, its owner's name, and which text it was read in. It passes
the shapes as it is, and its comments say how to go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from planvev.checking.sources import joined
from planvev.errors import Misplaced
from planvev.names import PREFIXES, place_of

AROUND = 40  # characters of the text kept before and after quoted words


def quotation(iri: str, document: str, text: str, words: str, evidence: str) -> str:
    """A `plan:Quotation` in Turtle: the words, what stands around them, and where.

    Args:
        iri: the quotation's own IRI.
        document: the IRI of the source document.
        text: the text of the source, as `sources.joined` gives it.
        words: what is quoted; white space is collapsed.
        evidence: the properties the words support, as they stand in Turtle.

    Raises:
        Misplaced: the words do not stand in the text.
    """
    exact = " ".join(words.split())
    start = text.find(exact)
    if not exact or start < 0:
        raise Misplaced(f"The words “{exact}” do not stand in the text.", "Copy them character by character.")
    end = start + len(exact)
    return f"""<{iri}>
    a plan:Quotation ;
    oa:hasSource <{document}> ;
    oa:hasSelector [
        a oa:TextQuoteSelector ;
        oa:exact {_literal(exact)} ;
        oa:prefix {_literal(text[max(0, start - AROUND) : start])} ;
        oa:suffix {_literal(text[end : end + AROUND])}
    ] , [
        a oa:TextPositionSelector ;
        oa:start {start} ;
        oa:end {end}
    ] ;
    plan:wordsDigest "{hashlib.sha256(exact.encode()).hexdigest()}"^^xsd:hexBinary ;
    plan:evidenceFor {evidence} .
"""


def new_plan(root: Path, place: str, title: str, owner: str, source: Path) -> Mapping[Path, str]:
    """The files of a new plan, by path: the plan, the text it was read in, and its owner where that is not there yet.

    Args:
        root: the library's folder; it need not exist.
        place: `plan/{owner}/{name}`.
        title: the plan's title, as it stands in the text.
        owner: the owner's name in bokmål.
        source: the text of the plan, UTF-8.

    Raises:
        Misplaced: the place cannot be a plan's, the plan exists already, there is no such text, or the title does not
            stand in it.
    """
    parts = place.removesuffix(".ttl").split("/")
    if len(parts) != 3 or parts[0] != "plan":
        raise Misplaced(f"{place} is no place for a plan.", "Write it as plan/OWNER/NAME, such as plan/moss/klimaplan.")
    place_of((*parts[:2], f"{parts[2]}.ttl"))
    _, body, name = parts
    data = root / "data" / "ttl"
    plan, document, organisation = (
        data / kind for kind in (f"plan/{body}/{name}.ttl", f"document/{body}/{name}.ttl", f"org/{body}.ttl")
    )
    if plan.exists():
        raise Misplaced(f"{plan} exists already.", "Edit it, or choose another name.")
    if not source.is_file():
        raise Misplaced(
            f"There is no text {source}.", "Save the plan's text as a UTF-8 file and give its path with --source."
        )
    raw = source.read_bytes()
    files = {
        plan: _plan(body, name, title, joined(raw.decode("utf-8"))),
        document: _document(body, name, title, hashlib.sha256(raw).hexdigest(), source.name),
    }
    if not organisation.exists():
        files[organisation] = _organisation(body, owner)
    return files


def write(files: Mapping[Path, str]) -> None:
    """Write drafts; none replaces a file that is there."""
    for path, text in files.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def _plan(body: str, name: str, title: str, text: str) -> str:
    iri, document = f"plan/{body}/{name}", f"document/{body}/{name}"
    evidence = quotation(f"{iri}/quote/title", document, text, title, "dct:title")
    return f"""{_head("plan", "dct", "oa", "xsd")}
# The plan. One predicate a line; the words of the source are never changed, spelling mistakes included.
<{iri}>
    a plan:Plan ;
    dct:title {_literal(" ".join(title.split()))}@nb ;
    dct:publisher <org/{body}> ;
    plan:quotedFrom <{iri}/quote/title> .

# Where its words stand. `planvev quote` writes such a block for other words.
{evidence}
# Go on like this, taking away the # signs. Say only what the text says, and quote it.
#
# <{iri}/area/1>
#     a plan:FocusArea ;
#     dct:title "…"@nb ;
#     dct:isPartOf <{iri}> ;
#     plan:order 1 ;
#     plan:quotedFrom <{iri}/area/1/quote/title> .
#
# <{iri}/strategy/1-1>
#     a plan:Strategy ;
#     plan:text "…"@nb ;
#     dct:isPartOf <{iri}> ;
#     plan:inFocusArea <{iri}/area/1> ;
#     plan:order 1 ;
#     plan:quotedFrom <{iri}/strategy/1-1/quote/words> .
"""


def _document(body: str, name: str, title: str, digest: str, file: str) -> str:
    return f"""{_head("plan", "dct", "spdx", "xsd")}
# The text the plan was read in, known by the SHA-256 of its bytes.
<document/{body}/{name}>
    a plan:SourceDocument ;
    dct:title {_literal(" ".join(title.split()))}@nb ;
    plan:documentOf <plan/{body}/{name}> ;
    dct:publisher <org/{body}> ;
    plan:fileName {_literal(file)} ;
    spdx:checksum [
        a spdx:Checksum ;
        spdx:algorithm spdx:checksumAlgorithm_sha256 ;
        spdx:checksumValue "{digest}"^^xsd:hexBinary
    ] .
"""


def _organisation(body: str, owner: str) -> str:
    return f"""{_head("dct", "org", "skos")}
# The owner. Add its organisation number (dct:identifier) when you have it from the register.
<org/{body}>
    a org:Organization ;
    skos:prefLabel {_literal(owner)}@nb ;
    dct:source "Name given by the publisher."@en .
"""


def _head(*prefixes: str) -> str:
    lines = ["@base <https://w3id.org/planvev/id/> ."]
    return "\n".join([*lines, *(f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(prefixes))]) + "\n"


def _literal(text: str) -> str:
    escaped = (
        text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'
