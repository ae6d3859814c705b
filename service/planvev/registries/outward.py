"""Links from the files to things of others: where each stands, and who says that it is right.

A link outward is a statement whose object is an address on the web that is neither under our bases nor a term of a
vocabulary. Who says it (`plan:basis`) is found in this order: a `plan:Link` in the same file that names the statement;
a quotation that is evidence for it, or a source named in words beside it (`stated`); a summary beside it (`summary`).
What none of these tells is unmarked. Nothing here asks anybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planvev.formats.lines import locate
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.library import DATA, Text
from planvev.names import COMMON, NS, PREFIXES, Base

BASES = f"{COMMON}/id/code/basis/"
STATED, SUMMARY, UNMARKED = "stated", "summary", ""

_RDF, _DCT = PREFIXES["rdf"], PREFIXES["dct"]
_PLAN_LINK = NamedNode(NS + "Link")
# What these lead to is a class, a property or part of a statement about a statement, not a thing of somebody else.
_INNER = {_RDF + name for name in ("type", "subject", "predicate", "object")} | {NS + "evidenceFor", NS + "aspect"}
# Vocabularies whose terms are no things either. A code of an authority is one, and is not among them.
_TERMS = (*PREFIXES.values(), "http://data.europa.eu/eli/", "http://purl.org/vocab/", "http://www.w3.org/")

Link = tuple[str, str, str]  # subject, property, address


@dataclass(frozen=True)
class Outward:
    """A link outward: its three parts, the file and line it stands on, and its basis (empty when unmarked)."""

    subject: str
    relation: str
    address: str
    file: str
    line: int
    basis: str


def outward(texts: Iterable[Text], base: Base) -> list[Outward]:
    """Every link outward in the data of a library, in the order of files and lines; not of files lent by planvev.

    Raises:
        SyntaxFault: a file is not Turtle.
    """
    return [
        link for text in texts if text.source.role == DATA and not text.source.lent for link in _of_file(text, base)
    ]


def _of_file(text: Text, base: Base) -> list[Outward]:
    triples = text.triples
    links = [link for triple in triples if (link := _link(triple, base))]
    if not links:
        return []
    said: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        said[triple.subject][triple.predicate.value].append(triple.object)
    marked = _marked(said)
    lines = locate(text.data.decode("utf-8"))
    found = [
        Outward(
            subject,
            relation,
            address,
            text.source.file,
            lines.of(subject, relation, address).number,
            marked.get((subject, relation, address)) or _basis(said, subject, relation),
        )
        for subject, relation, address in links
    ]
    return sorted(found, key=lambda link: (link.line, link.address))


def _link(triple: Triple, base: Base) -> Link | None:
    subject, relation, thing = triple.subject, triple.predicate.value, triple.object
    if relation in _INNER or not isinstance(thing, NamedNode) or not isinstance(subject, NamedNode):
        return None
    address = thing.value
    if not address.startswith(("http://", "https://")) or address.startswith(_TERMS) or base.local(address) is not None:
        return None
    return subject.value, relation, address


def _marked(said: Mapping[Term, Mapping[str, list[Term]]]) -> dict[Link, str]:
    """The basis that each `plan:Link` of a file gives the statement it names."""
    found = {}
    for about in said.values():
        if _PLAN_LINK in about.get(_RDF + "type", ()):
            parts = [_value(about.get(name, ())) for name in (_RDF + "subject", _RDF + "predicate", _RDF + "object")]
            found[parts[0], parts[1], parts[2]] = _value(about.get(NS + "basis", ())).removeprefix(BASES)
    return found


def _basis(said: Mapping[Term, Mapping[str, list[Term]]], subject: str, relation: str) -> str:
    about = said[NamedNode(subject)]
    for quotation in about.get(NS + "quotedFrom", ()):
        if NamedNode(relation) in said[quotation].get(NS + "evidenceFor", ()):
            return STATED
    sources = about.get(_DCT + "source", ())
    if any(isinstance(source, Literal) for source in sources):
        return STATED
    return SUMMARY if any("/id/document/" in str(source) for source in sources) else UNMARKED


def _value(terms: Iterable[Term]) -> str:
    return next((str(term.value) for term in terms if not isinstance(term, BlankNode | Triple)), "")
