"""What a store on the network says of itself: which snapshot stands in it, graph by graph, and whether it is whole.

The record is one named graph. `edition` is there only while everything stands in the store that the snapshot has;
whoever fills the store takes it away first and puts the new one last, in the same request where the engine carries out
a request at once. A reader that finds the same edition before and after reading has read that edition and nothing else
(the writer and the readers of a sequence lock). Each graph has an entry while it stands there whole, so that filling
can go on where it was broken off. The names are ours; nobody else has use for them. Nothing here writes.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from planvev.engines import answers
from planvev.engines.remote import Line
from planvev.engines.snapshot import GraphEntry, Manifest
from planvev.errors import EngineAnswer
from planvev.formats.rdf import Literal, NamedNode
from planvev.names import COMMON

RECORD = f"{COMMON}/record"
EDITION, MANIFEST, ENTRY, UNDER_WAY = (f"{RECORD}#{name}" for name in ("edition", "manifest", "entry", "underWay"))

READ = f"SELECT ?s ?p ?o WHERE {{ GRAPH <{RECORD}> {{ ?s ?p ?o }} }}"
READ_EDITION = (
    f"SELECT ?p ?o WHERE {{ GRAPH <{RECORD}> {{ <{RECORD}> ?p ?o FILTER(?p IN (<{EDITION}>, <{UNDER_WAY}>)) }} }}"
)


@dataclass(frozen=True)
class Ledger:
    """The record as it was found. `edition` is empty while the store is being filled, or was never; `under_way` names
    the filling; `manifest` is that of the edition, without its graphs."""

    edition: str = ""
    under_way: str = ""
    manifest: Manifest | None = None
    entries: Mapping[str, GraphEntry] | None = None

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> Ledger:
        """The record in the rows that `READ` gives."""
        said = {row["p"].value: row["o"].value for row in rows if row["s"].value == RECORD}
        entries, listed = {}, [row for row in rows if row["p"].value == ENTRY]
        for row in listed:
            # Written by another planvev: what it knew more is left out; where it knew less, the graph is written anew.
            with contextlib.suppress(TypeError):
                entries[row["s"].value] = GraphEntry(**_known(GraphEntry, json.loads(row["o"].value)))
        manifest = None
        if MANIFEST in said:
            raw = json.loads(said[MANIFEST])
            count = raw.pop("count")
            manifest = Manifest(**_known(Manifest, raw), graphs=tuple(sorted(entries.values(), key=_place)))
            if len(listed) != count and EDITION in said:  # an engine that cuts its answers
                raise ValueError(f"the record names {count} graphs, and {len(listed)} came")
        return cls(said.get(EDITION, ""), said.get(UNDER_WAY, ""), manifest, entries)

    @property
    def graphs(self) -> Mapping[str, GraphEntry]:
        return self.entries or {}


def _known(kind: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in raw.items() if name in names}


def _place(entry: GraphEntry) -> tuple[str, str]:
    return entry.role, entry.place


def read(line: Line) -> Ledger:
    """The whole record of a store.

    Raises:
        EngineAnswer: it cannot be read as one.
    """
    try:
        return Ledger.of(answers.ask(line, READ))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineAnswer(
            f"The record <{RECORD}> in the store cannot be read: {error}.", "Run `planvev publish --to` again."
        ) from None


def read_edition(line: Line) -> Ledger:
    """The first lines of a store's record: which edition stands, and whether it is being filled."""
    said = {row["p"].value: row["o"].value for row in answers.ask(line, READ_EDITION)}
    return Ledger(said.get(EDITION, ""), said.get(UNDER_WAY, ""))


def begin(token: str) -> str:
    """The update by which a filling begins: from here on readers wait."""
    return (
        f"DELETE WHERE {{ GRAPH <{RECORD}> {{ <{RECORD}> <{EDITION}> ?edition }} }} ;\n"
        f"DELETE WHERE {{ GRAPH <{RECORD}> {{ <{RECORD}> <{UNDER_WAY}> ?token }} }} ;\n"
        f"INSERT DATA {{ GRAPH <{RECORD}> {{ <{RECORD}> <{UNDER_WAY}> {_text(token)} }} }}"
    )


def forget(graph: str) -> str:
    """The update that says a graph is not whole any more."""
    return f"DELETE WHERE {{ GRAPH <{RECORD}> {{ <{graph}> <{ENTRY}> ?entry }} }}"


def enter(entry: GraphEntry) -> str:
    """The update that says a graph stands there whole."""
    said = json.dumps(asdict(entry), ensure_ascii=False)
    return f"INSERT DATA {{ GRAPH <{RECORD}> {{ <{entry.graph}> <{ENTRY}> {_text(said)} }} }}"


def end(edition: str, manifest: Manifest) -> str:
    """The update that ends a filling: from here on readers read the new edition."""
    head = asdict(replace(manifest, graphs=())) | {"count": len(manifest.graphs)}
    del head["graphs"]
    said = json.dumps(head, ensure_ascii=False)
    return (
        f"DELETE WHERE {{ GRAPH <{RECORD}> {{ <{RECORD}> <{MANIFEST}> ?manifest }} }} ;\n"
        f"DELETE WHERE {{ GRAPH <{RECORD}> {{ <{RECORD}> <{UNDER_WAY}> ?token }} }} ;\n"
        f"INSERT DATA {{ GRAPH <{RECORD}> {{ <{RECORD}> <{MANIFEST}> {_text(said)} ; <{EDITION}> {_text(edition)} }} }}"
    )


def node(iri: str) -> NamedNode | None:
    """An IRI as it may stand in a query; None for a text that could end it and go on as code (SPARQL 1.1, IRIREF)."""
    if not iri or any(character in '<>"{}|^`\\' or character <= " " for character in iri):
        return None
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _text(value: str) -> str:
    return str(Literal(value))
