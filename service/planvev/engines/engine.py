"""What pages, documents and the endpoint ask of a published state, whichever engine keeps it.

Two fulfil it: `snapshot.Snapshot`, a store in this process, and `remote.Reading`, any SPARQL 1.1 endpoint. What costs
microseconds here costs a round trip there, so whoever reads much says first what it is about to read (`ready`): to the
store in this process that is nothing, to the one far away a single question instead of hundreds.

Nothing above this floor knows which engine it reads, and nothing here reads anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from planvev.engines.dated import Dated
from planvev.engines.leads import Incoming, Lead
from planvev.engines.snapshot import GraphEntry, Manifest
from planvev.formats.rdf import BlankNode, NamedNode, Term, Triple


class Edition(Protocol):
    """One published state, as one request reads it from its beginning to its end."""

    @property
    def id(self) -> str: ...

    @property
    def manifest(self) -> Manifest: ...

    @property
    def graphs(self) -> Mapping[str, GraphEntry]: ...

    def holds(self, iri: str) -> bool:
        """Whether anything is said about this IRI, or anything points at it."""

    def speaks_of(self, iri: str) -> bool:
        """Whether anything is said about this IRI."""

    def about(self, iri: str) -> list[Triple]:
        """What is said about this IRI."""

    def said(self, node: NamedNode | BlankNode) -> list[Triple]:
        """The statements whose subject is this node."""

    def below(self, node: BlankNode) -> list[Triple]:
        """What hangs below a blank node, to the end of the blank nodes."""

    def holder(self, node: Term) -> str | None:
        """The IRI of the named thing that a node hangs on; a named node hangs on itself."""

    def pointing(self, iri: str, predicate: str, ceiling: int) -> list[str]:
        """The IRIs of things that point at this one by one property, at most `ceiling` of them."""

    def incoming(self, iri: str, ceiling: int = 500, count_to: int = 10_000) -> Incoming:
        """What points at this IRI; it stops counting at `count_to`."""

    def describe(self, iri: str, incoming: int = 500) -> list[Triple]:
        """The document about a thing: its statements, the blank nodes below them, and what points at it."""

    def graph(self, iri: str) -> list[Triple]:
        """All triples of one named graph."""

    def graphs_about(self, iri: str) -> list[str]:
        """The graphs in which something is said about this IRI."""

    def values(self, iri: str, predicate: str) -> list[Term]:
        """The objects of one property of a thing."""

    def members(self, class_iri: str) -> Iterator[str]:
        """The IRIs of all things of a class, as stated; no subclasses, and nothing that was withdrawn."""

    def counts(self, lists: Mapping[str, Iterable[str]]) -> dict[str, int]:
        """How many things each list of classes has, a thing of two counted once and what was withdrawn not at all."""

    def dated(self, classes: Iterable[str]) -> list[Dated]:
        """Whose the things of some classes are and when they run, by IRI, likewise."""

    def leads(self, graph: str, iri: str, towards: bool, ceiling: int) -> list[Lead]:
        """The derived links of a thing, by the IRI of their other end.

        Args:
            graph: the graph of a rule and level (`derivation.graph`); none or an empty one has no links.
            iri: the thing.
            towards: whether it is the end of the links or their beginning.
            ceiling: how many links to read at most.
        """

    def ready(
        self, iris: Iterable[str] = (), pointing: Iterable[str] = (), members: Iterable[str] = (), ceiling: int = 1000
    ) -> None:
        """Say what is about to be read, so that an engine far away fetches it at once.

        Args:
            iris: things whose statements will be read.
            pointing: properties by which `pointing` will be asked for each of `iris`.
            members: classes whose members will be read.
            ceiling: as in `pointing`.
        """

    def confirm(self) -> None:
        """Called when all is read, before an answer is made of it.

        Raises:
            Switched: what was read may be of two editions; the request begins anew.
        """


class Editions(Protocol):
    """Where the published state is found. Safe to share between threads."""

    def current(self) -> Edition:
        """The state being served.

        Raises:
            NoSnapshot: nothing has been published, or it cannot be reached.
        """

    def at_hand(self) -> Edition | None:
        """The state being served when it is known already; waits for nothing, so it may be asked on an event loop."""

    def name(self) -> str | None:
        """What the state being served is called, for whoever keeps answers made of it; None when there is none."""

    def find(self, snapshot_id: str) -> Path | None:
        """The folder of an older state that is kept here."""
