"""RDF as bytes and as triples: the only parser, the only serialiser, and the digest of a graph.

Parsing and writing are pyoxigraph's (RDF 1.1 Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD 1.1); it never opens a
connection. The digest is SHA-256 over the canonical N-Quads of RDFC-1.0, so it does not depend on how a file is laid
out or how its blank nodes are named. Nothing here knows which triples are ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from planvev.errors import SyntaxFault
from planvev.formats import turtle_faults
from planvev.names import PREFIXES

Term = NamedNode | BlankNode | Literal | Triple

__all__ = [
    "FORMATS",
    "BlankNode",
    "Canonical",
    "Literal",
    "NamedNode",
    "Quad",
    "Term",
    "Triple",
    "canonical",
    "digest",
    "lines_digest",
    "marked",
    "packed",
    "read_turtle",
    "subjects",
    "transcribed",
    "unpacked",
    "with_stable_blanks",
    "write",
]

FORMATS = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
    "nq": RdfFormat.N_QUADS,
}


def read_turtle(data: bytes, file: str) -> list[Triple]:
    """The triples of a Turtle file, its blank nodes renamed so that two files never share one.

    Args:
        data: the bytes of the file, UTF-8.
        file: how messages name the file.

    Raises:
        SyntaxFault: with line and column, counted from 1.
    """
    data = data.removeprefix(b"\xef\xbb\xbf")  # the mark some editors put first; Turtle has no place for it
    if other := turtle_faults.no_turtle(data):
        raise SyntaxFault(other, file, 1, 1)
    try:
        data.decode("utf-8")  # the parser lets anything stand in a comment
        triples = [quad.triple for quad in parse(data, RdfFormat.TURTLE, rename_blank_nodes=True)]
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        raise SyntaxFault(turtle_faults.not_utf8(), file, line, column) from None
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        stands = "".join(data.decode("utf-8").split("\n")[line - 1 :][:1]).rstrip("\r")
        words = turtle_faults.misread(_plain(str(error.msg)), stands, column)
        raise SyntaxFault(words, file, line, column) from None
    newer = any(mark in data for mark in _NEWER)  # else nobody need look at each object
    if newer and any(isinstance(t.object, Triple) or getattr(t.object, "direction", None) for t in triples):
        marked = re.search(rb"<<|\{\||--(?:ltr|rtl)", data)
        line, column = _place(data, marked.start() if marked else 0)
        raise SyntaxFault(turtle_faults.newer(), file, line, column)
    return triples


_NEWER = (b"<<", b"{|", b"~", b"--")  # without one of these nothing is RDF 1.2 (Turtle 1.2, section 6.5)


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].decode("utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _plain(message: str) -> str:
    """The parser's message without its own place, which we print ourselves."""
    one, two = r"at line \d+ (?:between )?columns? [\d and]+", r"between line \d+ column \d+ and line \d+ column \d+"
    return re.sub(rf"^Parser error (?:{one}|{two}):? ?", "", message)


def write(
    triples: Iterable[Triple],
    suffix: str,
    first: str | None = None,
    graph: str | None = None,
    known: Mapping[str, str] = PREFIXES,
) -> bytes:
    """Triples in the format of a suffix of `FORMATS`, in a stable order, with our prefixes.

    Args:
        triples: what to write; blank nodes keep their labels within the answer.
        suffix: `ttl`, `jsonld`, `rdf`, `nt`, `trig` or `nq`.
        first: IRI of the subject to begin with.
        graph: IRI of the graph the triples stand in, for TriG and N-Quads.
        known: prefixes to write names with; those that are needed are declared.
    """
    kind = FORMATS[suffix]
    top = NamedNode(first) if first else None
    ordered = sorted(triples, key=lambda triple: (triple.subject != top, *_order(triple)))
    prefixes = {} if suffix in ("nt", "nq") else _used_prefixes(ordered, known)
    if suffix in ("trig", "nq") and graph is not None:  # in JSON-LD a reader of triples would find nothing
        name = NamedNode(graph)
        quads = [Quad(t.subject, t.predicate, t.object, name) for t in ordered]
        return serialize(quads, format=kind, prefixes=prefixes) or b""
    return serialize(ordered, format=kind, prefixes=prefixes) or b""


def _order(triple: Triple) -> tuple[bool, str, bool, str, str]:
    """Named subjects first, each subject's types first: the order in which a person reads."""
    predicate = triple.predicate.value
    return (
        isinstance(triple.subject, BlankNode),
        str(triple.subject),
        predicate != PREFIXES["rdf"] + "type",
        predicate,
        str(triple.object),
    )


def packed(triples: Iterable[Triple]) -> bytes:
    """Triples on their way to another process: a tenth of the time that pickling them one by one takes."""
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


def unpacked(data: bytes) -> tuple[Triple, ...]:
    """What `packed` gave; blank nodes keep their labels."""
    return tuple(quad.triple for quad in parse(data, RdfFormat.N_TRIPLES, lenient=True))


def _used_prefixes(triples: Iterable[Triple], known: Mapping[str, str]) -> dict[str, str]:
    text = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    return {prefix: iri for prefix, iri in known.items() if f"<{iri}".encode() in text}


@dataclass(frozen=True)
class Canonical:
    """A graph in its canonical form: equal graphs have equal bytes, however they were written.

    `lines` are its statements as sorted N-Triples, blank nodes named by their place in the form (RDFC-1.0) behind a
    mark of the graph's own, so that no two graphs share one. `digest` is of the form without that mark.
    """

    digest: str
    lines: bytes
    count: int

    def triples(self) -> list[Triple]:
        """The statements, read back."""
        return [quad.triple for quad in parse(self.lines, RdfFormat.N_TRIPLES)]


def canonical(triples: Iterable[Triple], seed: str) -> Canonical:
    """The canonical form of one graph.

    Args:
        triples: one graph.
        seed: what no other graph has, such as its IRI; keeps blank nodes of two graphs apart.
    """
    plain, blank = _lines(triples)
    mark = b"_:b" + hashlib.sha256(seed.encode()).hexdigest()[:12].encode()
    digest = hashlib.sha256(b"".join(sorted([*plain, *blank]))).hexdigest()
    # A literal ends in a quote, a language or a type, so that a label before the full stop is a node and never words.
    marked = [_BLANK_AT_END.sub(rb" " + mark + rb"\1", _BLANK_AT_START.sub(mark + rb"\1", line)) for line in blank]
    return Canonical(digest, b"".join(sorted([*plain, *marked])), len(plain) + len(blank))


_BLANK_AT_START = re.compile(rb"^_:(c14n[0-9]+)")
_BLANK_AT_END = re.compile(rb" _:(c14n[0-9]+)(?= \.\n$)")


def _lines(triples: Iterable[Triple]) -> tuple[set[bytes], set[bytes]]:
    """The canonical lines of a graph, those without blank nodes and those with.

    Only statements with a blank node decide how blank nodes are named (RDFC-1.0, section 4.4), so that the others need
    not pass through the algorithm.
    """
    plain: list[Triple] = []
    blank: list[Quad] = []
    for t in triples:
        if isinstance(t.subject, BlankNode) or isinstance(t.object, BlankNode):
            blank.append(Quad(t.subject, t.predicate, t.object, DefaultGraph()))
        else:
            plain.append(t)
    dataset = Dataset(blank)
    if blank:
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    written = (serialize(plain, format=RdfFormat.N_TRIPLES), serialize(dataset, format=RdfFormat.N_QUADS))
    ground, named = (set((text or b"").splitlines(keepends=True)) for text in written)
    return ground, named


# A literal ends in a quote, a language or a type, so that a label before the full stop is a node and never words.
_MARK = re.compile(rb"^_:b[0-9a-f]{12}(?=c14n[0-9]+ )", re.MULTILINE)
_MARK_AT_END = re.compile(rb" _:b[0-9a-f]{12}(?=c14n[0-9]+ \.$)", re.MULTILINE)


def marked(lines: bytes, mark: str) -> bytes:
    """The lines of a canonical form with another mark before the labels of its blank nodes, or with none."""
    label = b"_:" + mark.encode()
    return _MARK_AT_END.sub(b" " + label, _MARK.sub(label, lines))


def lines_digest(lines: bytes) -> str:
    """The digest of a graph from the `lines` of its canonical form, without naming its blank nodes again."""
    return hashlib.sha256(b"".join(sorted(marked(lines, "").splitlines(keepends=True)))).hexdigest()


def transcribed(quads: bytes, suffix: str, known: Mapping[str, str] = PREFIXES) -> bytes:
    """N-Quads in another format that knows graphs, in their order, with the prefixes that are needed."""
    if suffix == "nq":
        return quads
    prefixes = {prefix: iri for prefix, iri in known.items() if f"<{iri}".encode() in quads}
    return serialize(parse(quads, RdfFormat.N_QUADS, lenient=True), format=FORMATS[suffix], prefixes=prefixes) or b""


def digest(triples: Iterable[Triple]) -> str:
    """SHA-256 (hexadecimal) of the graph's canonical form, RDFC-1.0: equal for equal graphs, however written."""
    return canonical(triples, "").digest


def with_stable_blanks(triples: Iterable[Triple], seed: str) -> list[Triple]:
    """The graph with its blank nodes named by their place in its canonical form, so that it is served alike each time.

    Args:
        triples: one graph.
        seed: what no other graph has, such as its IRI; keeps blank nodes of two graphs apart.
    """
    return canonical(triples, seed).triples()


def subjects(triples: Iterable[Triple]) -> set[str]:
    """The IRIs that the triples speak about; blank nodes are not counted."""
    return {t.subject.value for t in triples if isinstance(t.subject, NamedNode)}
