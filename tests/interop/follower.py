"""A follower of the change feed, as the specifications say and no more: LDES over TREE, read with pyoxigraph alone.

It keeps what it has, as a consumer would between two runs: the pages that will never change, and of each thing the
newest member. What it holds can be put together to the graphs that are published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from planvev.formats import rdf
from planvev.names import PREFIXES

LDES, TREE, AS = "https://w3id.org/ldes#", "https://w3id.org/tree#", "https://www.w3.org/ns/activitystreams#"
TYPE, TIME = PREFIXES["rdf"] + "type", PREFIXES["prov"] + "generatedAtTime"
OF, IN = PREFIXES["dct"] + "isVersionOf", PREFIXES["dct"] + "source"

Get = Callable[[str], tuple[bytes, str, str]]  # an address → the body, its media type, its Cache-Control


@dataclass
class State:
    """What is known of one thing: its newest member, and the statements in it."""

    time: str
    kind: str
    graph: str
    triples: list[Triple]


@dataclass
class Follower:
    """One consumer, over several runs."""

    get: Get
    kept: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    things: dict[str, State] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def follow(self, entry: str) -> int:
        """Read what is new; how many members that is."""
        self.fetched.clear()
        before, waiting = len(self.seen), [entry]
        for address in waiting:  # grows while it is walked
            if address in self.kept:
                continue
            body, kind, caching = self.get(address)
            self.fetched.append(address)
            form = RdfFormat.from_media_type(kind)
            assert form is not None
            quads = list(parse(body, form))
            if "immutable" in caching:
                self.kept.add(address)
            self.take(quads)
            links = [q.object for q in quads if q.predicate.value == TREE + "node"]
            waiting += [link.value for link in links if isinstance(link, NamedNode) and link.value not in waiting]
        return len(self.seen) - before

    def take(self, quads: Iterable[Quad]) -> None:
        """Take in the members among some quads, those that were taken before left out."""
        said: dict[str, dict[str, str]] = defaultdict(dict)
        payload: dict[str, list[Triple]] = defaultdict(list)
        for quad in quads:
            if isinstance(quad.graph_name, NamedNode):
                payload[quad.graph_name.value].append(quad.triple)
            elif isinstance(quad.graph_name, DefaultGraph) and not isinstance(quad.subject, BlankNode):
                said[str(quad.subject.value)][quad.predicate.value] = quad.object.value  # type: ignore[union-attr]
        for member, properties in said.items():
            if OF in properties and member not in self.seen:
                self.seen.add(member)
                new = State(properties[TIME], properties[TYPE].removeprefix(AS), properties[IN], payload[member])
                old = self.things.get(properties[OF])
                if old is None or old.time <= new.time:
                    self.things[properties[OF]] = new

    def graphs(self) -> dict[str, str]:
        """The digest of each graph, put together from the newest member of each thing."""
        found: dict[str, list[Triple]] = defaultdict(list)
        for thing in self.things.values():
            if thing.kind != "Delete":
                found[thing.graph] += thing.triples
        return {graph: rdf.digest(triples) for graph, triples in found.items()}
