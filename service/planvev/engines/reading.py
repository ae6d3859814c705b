"""The published state in a SPARQL 1.1 engine on the network, read as pages and documents read it.

A `Reading` lasts one request. It fetches a thing with its blank nodes in one question, the things around it in another,
and remembers all of it; `confirm` then asks whether the store still holds the edition that was read. Every question
names graphs by `GRAPH ?g`, never the default graph, which each engine fills by a rule of its own.

What an engine cannot give back is bounded here: blank nodes are followed `DEPTH` deep, since they have no names by
which to ask on. Blank nodes of different answers never share a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

from planvev.engines import answers, dated, leads, ledger, statements
from planvev.engines.dated import Dated
from planvev.engines.leads import Incoming, Lead
from planvev.engines.ledger import RECORD
from planvev.engines.remote import Line
from planvev.engines.snapshot import GraphEntry, Manifest
from planvev.errors import EngineAnswer, Switched
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Quad, Term, Triple
from planvev.library import DATA, ONTOLOGY
from planvev.names import NS, PREFIXES, WITHDRAWN
from planvev.queries.derivation import DERIVED

DEPTH = 4  # blank nodes below blank nodes of a thing; the data has two
NEAR = 2  # … and of what stands around it, of which a page shows a name and a period
BATCH = 150  # IRIs in one question: some 15 kB of it
TYPE = PREFIXES["rdf"] + "type"
STANDING = f"FILTER NOT EXISTS {{ ?s <{WITHDRAWN}> ?when }}"  # what was withdrawn is in no list


@dataclass
class Held:
    """An edition, shared by all requests that read it, with the graphs of the vocabulary that many pages need whole."""

    token: str
    manifest: Manifest
    graphs: dict[str, GraphEntry] = field(default_factory=dict)
    kept: dict[str, list[Triple]] = field(default_factory=dict)
    gone: bool = False  # somebody has found another edition in its place

    def __post_init__(self) -> None:
        self.graphs = {entry.graph: entry for entry in self.manifest.graphs}
        self.shown = {entry.graph for entry in self.manifest.graphs if entry.role in (DATA, ONTOLOGY)}

    @property
    def hidden(self) -> str:
        """The graphs that the default graph of a snapshot leaves out, as a list for FILTER."""
        rest = [RECORD, *(graph for graph in self.graphs if graph not in self.shown)]
        return ", ".join(f"<{graph}>" for graph in rest)


class Reading:
    """One edition, for the length of one request. Fulfils `engine.Edition`, which says what each method answers."""

    def __init__(self, held: Held, line: Line) -> None:
        self.held = held
        self.line = line
        self.manifest = held.manifest
        self.graphs: Mapping[str, GraphEntry] = held.graphs
        self._said: dict[str, list[Triple]] = {}  # by IRI, and by "_:" and label
        self._graphs: dict[str, list[str]] = {}
        self._holders: dict[str, str] = {}
        self._pointing: dict[tuple[str, str], list[str]] = {}
        self._members: dict[str, list[str]] = {}
        self._answers = count()

    @property
    def id(self) -> str:
        return self.manifest.id

    def holds(self, iri: str) -> bool:
        if self.speaks_of(iri):
            return True
        node = ledger.node(iri)
        if node is None:
            return False
        where = f"{{ GRAPH ?g {{ ?s ?p {node} }} }} UNION {{ GRAPH ?g {{ ?s {node} ?o }} }} FILTER(?g != <{RECORD}>)"
        return bool(self._ask(f"SELECT ?g WHERE {{ {where} }} LIMIT 1"))

    def speaks_of(self, iri: str) -> bool:
        return bool(self.about(iri))

    def about(self, iri: str) -> list[Triple]:
        if iri not in self._said:
            self._fetch([iri])
        return self._said[iri]

    def said(self, node: NamedNode | BlankNode) -> list[Triple]:
        return self.about(node.value) if isinstance(node, NamedNode) else self._said.get(str(node), [])

    def below(self, node: BlankNode) -> list[Triple]:
        return statements.below(node, self.said)

    def holder(self, node: Term) -> str | None:
        return node.value if isinstance(node, NamedNode) else self._holders.get(str(node))

    def pointing(self, iri: str, predicate: str, ceiling: int) -> list[str]:
        if (iri, predicate) not in self._pointing:
            self._fetch_pointing([iri], [predicate], ceiling)
        return self._pointing[iri, predicate][:ceiling]

    def incoming(self, iri: str, ceiling: int = 500, count_to: int = 10_000) -> Incoming:
        del count_to  # counting costs there as much as fetching
        node = ledger.node(iri)
        if node is None:
            return Incoming((), 0, False)
        everywhere = iri.startswith(NS)  # shapes speak of our terms, and a term's page should show it
        rows = self._pointers(node, RECORD if everywhere else "", ceiling)
        if not rows and not everywhere:
            rows = self._pointers(node, RECORD, ceiling)
        quads = dict.fromkeys(Quad(row["s"], row["p"], node) for row in rows)
        more = len(quads) > ceiling or len(rows) > 2 * ceiling
        return Incoming(tuple(islice(quads, ceiling)), len(quads), more)

    def describe(self, iri: str, incoming: int = 500) -> list[Triple]:
        triples = list(self.about(iri))
        for triple in tuple(triples):
            if isinstance(triple.object, BlankNode):
                triples += self.below(triple.object)
        triples += [quad.triple for quad in self.incoming(iri, incoming).quads]
        return rdf.with_stable_blanks(dict.fromkeys(triples), iri)

    def graph(self, iri: str) -> list[Triple]:
        entry = self.graphs.get(iri)
        if entry is None:
            return []
        if iri not in self.held.kept:
            rows = self._ask(f"SELECT ?s ?p ?o WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}")
            triples = [Triple(row["s"], row["p"], row["o"]) for row in rows]
            if len(triples) != entry.triples:
                self.confirm()
                raise EngineAnswer(
                    f"The engine gave {len(triples)} of the {entry.triples} triples of {iri}.",
                    "It cuts its answers, or somebody else has written in it: `planvev publish --to` puts it right.",
                )
            if entry.role == DATA:
                return rdf.with_stable_blanks(triples, iri)
            self.held.kept[iri] = rdf.with_stable_blanks(triples, iri)
        return self.held.kept[iri]

    def graphs_about(self, iri: str) -> list[str]:
        self.about(iri)
        entries = self.held.graphs
        return [name for name in self._graphs.get(iri, []) if name not in entries or entries[name].role != DERIVED]

    def values(self, iri: str, predicate: str) -> list[Term]:
        return [triple.object for triple in self.about(iri) if triple.predicate.value == predicate]

    def members(self, class_iri: str) -> Iterator[str]:
        if class_iri not in self._members:
            self._fetch_members([class_iri])
        return iter(self._members[class_iri])

    def counts(self, lists: Mapping[str, Iterable[str]]) -> dict[str, int]:
        pairs = [(name, node) for name, classes in lists.items() for iri in classes if (node := ledger.node(iri))]
        listed = " ".join(f"({Literal(name)} {node})" for name, node in pairs)
        rows = self._ask(
            f"SELECT ?l (COUNT(DISTINCT ?s) AS ?n) WHERE {{ VALUES (?l ?c) {{ {listed} }} "
            f"GRAPH ?g {{ ?s <{TYPE}> ?c {STANDING} }} "
            f"FILTER(isIRI(?s) && ?g NOT IN ({self.held.hidden})) }} GROUP BY ?l"
        )
        found = {row["l"].value: int(row["n"].value) for row in rows if row["l"]}
        return {name: found.get(name, 0) for name in lists}

    def dated(self, classes: Iterable[str]) -> list[Dated]:
        return dated.gathered(self._ask(dated.question(classes, self.held.hidden)))

    def leads(self, graph: str, iri: str, towards: bool, ceiling: int) -> list[Lead]:
        node = ledger.node(iri)
        if node is None or graph not in self.graphs:
            return []
        return leads.gathered(self._ask(leads.question(graph, node, towards, ceiling)), towards)

    def ready(
        self, iris: Iterable[str] = (), pointing: Iterable[str] = (), members: Iterable[str] = (), ceiling: int = 1000
    ) -> None:
        wanted, predicates = list(dict.fromkeys(iris)), list(pointing)
        self._fetch([iri for iri in wanted if iri not in self._said])
        if predicates:
            self._fetch_pointing(wanted, predicates, ceiling)
        self._fetch_members([iri for iri in dict.fromkeys(members) if iri not in self._members])

    def confirm(self) -> None:
        if ledger.read_edition(self.line).edition != self.held.token:
            self.held.gone = True
            raise Switched("The store was switched to another edition while this was read.", "Ask again.")

    def _ask(self, query: str) -> list[dict[str, Any]]:
        """The rows of an answer, with blank nodes that no other answer has."""
        mark = f"a{next(self._answers)}"
        names: dict[str, BlankNode] = {}

        def own(term: Any) -> Any:
            if not isinstance(term, BlankNode):
                return term
            return names.setdefault(term.value, BlankNode(f"{mark}b{len(names)}"))

        return [{name: own(term) for name, term in row.items()} for row in answers.ask(self.line, query)]

    def _fetch(self, iris: Sequence[str]) -> None:
        """What is said about things and below them, and where: one question for each `BATCH`."""
        self._said |= {iri: [] for iri in iris}
        nodes = [node for iri in iris if (node := ledger.node(iri))]
        for start in range(0, len(nodes), BATCH):
            values = f"VALUES ?t {{ {' '.join(map(str, nodes[start : start + BATCH]))} }}"
            steps = [f"{{ {values} GRAPH ?g {{ ?t ?p ?o }} BIND(?t AS ?s) }}"]
            for depth in range(DEPTH if len(nodes) == 1 else NEAR):
                links = [f"?b{n} ?q{n} ?b{n + 1} . " for n in range(depth)]
                blank = "".join(f"FILTER(isBlank(?b{n})) " for n in range(depth + 1))
                last = f"?b{depth} ?p ?o . "
                path = f"?t ?q ?b0 . {''.join(links)}{last}{blank}"
                steps.append(f"{{ {values} GRAPH ?g {{ {path} }} BIND(?b{depth} AS ?s) }}")
            self._remember(self._ask(f"SELECT ?g ?s ?p ?o WHERE {{ {' UNION '.join(steps)} }}"))

    def _remember(self, rows: Sequence[Mapping[str, Any]]) -> None:
        shown: dict[str, dict[Triple, None]] = {}
        rest: dict[str, dict[Triple, None]] = {}
        graphs: dict[str, set[str]] = {}
        for row in (row for row in rows if row["g"].value != RECORD):
            subject, graph = row["s"], row["g"].value
            name = subject.value if isinstance(subject, NamedNode) else str(subject)
            triple = Triple(subject, row["p"], row["o"])
            (shown if graph in self.held.shown else rest).setdefault(name, {})[triple] = None
            graphs.setdefault(name, set()).add(graph)
        self._said |= {name: sorted(found, key=str) for name, found in {**rest, **shown}.items()}  # in one order always
        self._graphs |= {name: sorted(found) for name, found in graphs.items()}

    def _pointers(self, node: NamedNode, hidden: str, ceiling: int) -> list[dict[str, Any]]:
        """The statements whose object is a node, with the named thing that a blank subject hangs on."""
        leaves_out = f"<{hidden}>" if hidden else self.held.hidden
        steps = (
            f"GRAPH ?g {{ ?s ?p {node} }}",
            f"GRAPH ?g {{ ?s ?p {node} . ?h ?q ?s FILTER(isBlank(?s)) FILTER(isIRI(?h)) }}",
            f"GRAPH ?g {{ ?s ?p {node} . ?b ?q ?s . ?h ?r ?b FILTER(isBlank(?s)) FILTER(isBlank(?b)) }}",
        )
        every = " UNION ".join(f"{{ {step} FILTER(?g NOT IN ({leaves_out})) }}" for step in steps)
        rows = self._ask(f"SELECT ?s ?p ?h WHERE {{ {every} }} LIMIT {2 * ceiling + 1}")
        named = ((row["s"], row["h"]) for row in rows if isinstance(row["h"], NamedNode))
        self._holders |= {str(blank): above.value for blank, above in named if isinstance(blank, BlankNode)}
        return rows

    def _fetch_pointing(self, iris: Sequence[str], predicates: Sequence[str], ceiling: int) -> None:
        nodes = [node for iri in iris if (node := ledger.node(iri))]
        self._pointing |= {(iri, predicate): [] for iri in iris for predicate in predicates}
        by = f"VALUES ?p {{ {' '.join(f'<{predicate}>' for predicate in predicates)} }}"
        size = BATCH if len(nodes) > 1 else 1
        for start in range(0, len(nodes), size):
            values = f"VALUES ?t {{ {' '.join(map(str, nodes[start : start + size]))} }}"
            most = ceiling * size
            rows = self._ask(
                f"SELECT DISTINCT ?t ?p ?s WHERE {{ {values} {by} GRAPH ?g {{ ?s ?p ?t }} "
                f"FILTER(isIRI(?s) && ?g NOT IN ({self.held.hidden})) }} LIMIT {most}"
            )
            for row in rows:
                self._pointing[row["t"].value, row["p"].value].append(row["s"].value)

    def _fetch_members(self, classes: Sequence[str]) -> None:
        nodes = [node for iri in classes if (node := ledger.node(iri))]
        self._members |= {iri: [] for iri in classes}
        if nodes:
            rows = self._ask(
                f"SELECT DISTINCT ?c ?s WHERE {{ VALUES ?c {{ {' '.join(map(str, nodes))} }} "
                f"GRAPH ?g {{ ?s <{TYPE}> ?c {STANDING} }} FILTER(isIRI(?s) && ?g NOT IN ({self.held.hidden})) }}"
            )
            for row in rows:
                self._members[row["c"].value].append(row["s"].value)
