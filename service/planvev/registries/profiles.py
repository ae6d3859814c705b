"""The official shapes of the national profiles, read from a folder, with what must be known to use them.

The shapes assume things that are not in a catalogue: that the concepts of the EU's tables stand in the data, and the
class trees of vocabularies. What is needed of them is added from the reference data beside the shapes. Rules that
contradict a newer version of the same profile are set aside, each with its reason; advice is not a violation.

The shapes of DCAT-AP-NO 3.0 are marked experimental and partly cannot fire (`dcatap:` lacks its last slash), so 3.0 is
held to by the table of its requirements: class, property, how many, in languages or as an IRI.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from planvev.checking.validation import PYSHACL, Result, validate
from planvev.errors import Misplaced
from planvev.formats import rdf
from planvev.formats.rdf import Literal, NamedNode, Term, Triple
from planvev.registries.registry import NAMESPACES, full

_SH = NAMESPACES["sh"]
_IN_SCHEME = NamedNode(NAMESPACES["skos"] + "inScheme")
_TYPE = NAMESPACES["rdf"] + "type"
_SUBCLASS = NAMESPACES["rdfs"] + "subClassOf"


@dataclass(frozen=True)
class Profile:
    """A profile: its shapes below the folder, the documents it is for, what is set aside and why."""

    name: str
    shapes: tuple[str, ...]
    document: str
    aside: tuple[tuple[str, str], ...] = ()
    classes: str = ""  # a vocabulary whose class tree the shapes assume
    table: str = ""  # a table of requirements, in place of shapes


PROFILES = (
    Profile("DCAT-AP 3.0.1", ("dcat-ap-3.0.1/shapes.ttl", "dcat-ap-3.0.1/shapes_recommended.ttl"), "catalogue"),
    Profile(
        "DCAT-AP-NO 2.0",
        ("dcat-ap-no/DCAT-AP-NO-shacl_shapes_2.00.ttl",),
        "catalogue",
        (
            ("dcat:byteSize", "2.0 wants xsd:decimal, 3.0 xsd:nonNegativeInteger"),
            ("adms:status", "2.0 wants the ADMS table, 3.0 the EU's distribution-status"),
            ("spdx:algorithm", "2.0 knows SHA-1 only"),
            ("dct:type", "2.0 wants the EU's resource-type for law, 3.0 legal-resource-type of data.norge.no"),
        ),
    ),
    Profile(
        "DCAT-AP-NO 3.0",
        (),
        "catalogue",
        table="profile-requirements/dcat-ap-no-3-core-shapes-2025-01-30.tsv",
    ),
    Profile("SKOS-AP-NO-Begrep 2.0", ("skos-ap-no-begrep/SKOS-AP-NO-Begrep-shape_shape_v2.ttl",), "concepts"),
    Profile(
        "ModellDCAT-AP-NO 1",
        ("modelldcat-ap-no/modelldcat-ap-no_v1_SHACL-shapes.ttl",),
        "model",
        (("dct:type", "the table of information model types is not in the reference data"),),
        "modelldcat-ap-no/modelldcatno.ttl",
    ),
)


def violations(profile: Profile, folder: Path, document: Sequence[Triple]) -> list[Result]:
    """What a profile's shapes refuse in a document, by the reference engine.

    Args:
        profile: which.
        folder: where the official shapes and the reference data stand.
        document: what is harvested.

    Raises:
        Misplaced: the folder does not hold the shapes.
        EngineFault: they cannot be used.
    """
    if profile.table:
        return list(_against(_rows(folder / profile.table), document))
    own = {triple.subject for triple in document}
    around = [*_tables(document, _known(folder)), *(_classes(folder / profile.classes) if profile.classes else ())]
    aside = {full(path) for path, _ in profile.aside}
    shapes = [triple for file in profile.shapes for triple in _mended(_read(folder / file))]
    found = validate([*document, *around], shapes, PYSHACL)
    return [result for result in found if result.focus in own and result.path not in aside]


Row = tuple[str, str, str, str]  # classes, properties (alternatives with |), level M, R or O, what is asked of values


def _rows(file: Path) -> list[Row]:
    lines = _text(file).decode("utf-8").splitlines()[1:]
    cells = [(line + "\t" * 3).split("\t") for line in lines if line.strip()]
    return [(row[0], row[1], row[2], row[3]) for row in cells]


def _against(rows: Sequence[Row], document: Sequence[Triple]) -> Iterable[Result]:
    """What a document lacks of the requirements of a table, or says otherwise than they ask."""
    said: dict[tuple[Term, str], list[Term]] = defaultdict(list)
    for triple in document:
        said[triple.subject, triple.predicate.value].append(triple.object)
    kinds = {subject: {str(kind) for kind in found} for (subject, path), found in said.items() if path == _TYPE}
    for classes, paths, level, asked in rows:
        prefix = classes.partition(":")[0]
        names = {f"<{full(one if ':' in one else f'{prefix}:{one}')}>" for one in classes.split("|")}
        for subject in (one for one, its in kinds.items() if its & names and not isinstance(one, Triple)):
            found = {path: said.get((subject, full(path)), []) for path in paths.split("|")}
            first = full(next(iter(found)))
            if level == "M" and not any(found.values()):
                yield Result(subject, first, None, classes)
            yield from (
                Result(subject, first, wrong, classes) for terms in found.values() for wrong in _odd(asked, terms)
            )


def _odd(asked: str, terms: Sequence[Term]) -> Iterable[Term]:
    """Values that are not as asked: one too many, without a language, two in one language, a literal for an IRI."""
    wanted = asked.split(",")
    if wanted[0].endswith("..1"):
        yield from terms[1:]
    if "lang" in wanted:
        yield from (term for term in terms if not (isinstance(term, Literal) and term.language))
    if "uniqueLang" in wanted:
        tags = [term.language for term in terms if isinstance(term, Literal)]
        yield from (
            term for place, term in enumerate(terms) if isinstance(term, Literal) and term.language in tags[:place]
        )
    if "IRI" in wanted:
        yield from (term for term in terms if not isinstance(term, NamedNode))


def _tables(document: Iterable[Triple], known: frozenset[str]) -> list[Triple]:
    """For each code of an authority table that a document uses and the table has: that it stands in the table."""
    used = {triple.object.value for triple in document if isinstance(triple.object, NamedNode)}
    return [Triple(NamedNode(iri), _IN_SCHEME, NamedNode(iri.rpartition("/")[0])) for iri in sorted(used & known)]


@lru_cache(maxsize=2)
def _known(folder: Path) -> frozenset[str]:
    """Every code of the reference data."""
    return frozenset(
        triple.subject.value
        for file in sorted((folder / "reference-data").glob("*.ttl"))
        for triple in _read(file)
        if isinstance(triple.subject, NamedNode)
    )


def _classes(file: Path) -> list[Triple]:
    return [triple for triple in _read(file) if triple.predicate.value == _SUBCLASS]


def _mended(shapes: Sequence[Triple]) -> list[Triple]:
    """Shapes with those switched off that only warn or inform, and without node kinds that are none.

    ModellDCAT-AP-NO says `sh:nodeKind vcard:Organization` where it means a class, which nothing could ever be.
    """
    soft = {_SH + "Warning", _SH + "Info"}
    kept = [t for t in shapes if t.predicate.value != _SH + "nodeKind" or str(t.object).startswith(f"<{_SH}")]
    off = [t.subject for t in shapes if t.predicate.value == _SH + "severity" and str(t.object).strip("<>") in soft]
    true = Literal("true", datatype=NamedNode(NAMESPACES["xsd"] + "boolean"))
    return [*kept, *(Triple(subject, NamedNode(_SH + "deactivated"), true) for subject in off)]


def _read(file: Path) -> list[Triple]:
    return rdf.read_turtle(_text(file), file.name)


def _text(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misplaced(
            f"The official shapes cannot be read: {error}.", "Give --profiles the folder that holds dcat-ap-no/ …"
        ) from None
