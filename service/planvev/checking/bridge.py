"""Triples as pySHACL wants them: an rdflib graph whose questions without given values pyoxigraph answers.

pySHACL asks the graph for its SPARQL targets and constraints, and there most of its time went: rdflib parses a
question in some 30 ms, each time it is put, and tries every condition in Python. Targets give no values beforehand, so
any engine answers them alike, and pyoxigraph does in less than a millisecond. Constraints give `$this`, and what that
means inside a question is SHACL's own rule (pre-binding, section 5.3.1), which pyoxigraph's substitution does not
follow in all cases of the W3C's suite; those stay with rdflib, each parsed once. SHACL itself stays pySHACL's.

A graph made here calls nobody: what a query says when shapes have put its parts together is read once more before
pyoxigraph gets it, and rdflib is told to carry out no SERVICE and to load no graph that FROM names.

Refuses to know shapes; those with functions of their own need a `plain` graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import pyoxigraph as ox

from planvev.formats.rdf import BlankNode, Literal, NamedNode, Term, Triple
from planvev.names import PREFIXES
from planvev.queries.sparql import outward

_STRING = PREFIXES["xsd"] + "string"


def plain(triples: Iterable[Triple]) -> Any:
    """An `rdflib.Graph` as rdflib makes it."""
    import rdflib

    _close_rdflib()
    return _filled(rdflib.Graph(), triples)


def asked(triples: Sequence[Triple]) -> Any:
    """An `rdflib.Graph` whose SELECTs without given values pyoxigraph answers; nothing is added later."""
    _close_rdflib()
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return _filled(_asked()(store), triples)


def theirs(term: Term) -> Any:
    """A term as rdflib has it."""
    import rdflib

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, Literal):
        # A string is written without its type: rdflib holds "a" and "a"^^xsd:string apart, and a query says "a".
        no_type = term.language or term.datatype.value == _STRING
        datatype = None if no_type else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)
    return rdflib.BNode(str(getattr(term, "value", term)))


def ours(term: object) -> NamedNode | BlankNode | Literal | None:
    """A term of rdflib's as pyoxigraph has it; None for anything else."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return BlankNode(str(term))
    if not isinstance(term, rdflib.Literal):
        return None
    return Literal(
        str(term),
        language=term.language,
        datatype=NamedNode(str(term.datatype)) if term.datatype and not term.language else None,
    )


def _filled(graph: Any, triples: Iterable[Triple]) -> Any:
    for triple in triples:
        graph.add((theirs(triple.subject), theirs(triple.predicate), theirs(triple.object)))
    return graph


@cache
def _close_rdflib() -> None:
    """Once for the process, by rdflib's own switches (its `CUSTOM_EVALS` is asked before each part of a query)."""
    from rdflib.plugins import sparql as theirs

    def refuse(_context: object, part: Any) -> None:
        if part.name == "ServiceGraphPattern":
            raise PermissionError("SERVICE is not carried out here")
        raise NotImplementedError  # which means: go on as always

    theirs.CUSTOM_EVALS["https://w3id.org/planvev/no-service"] = refuse
    theirs.SPARQL_LOAD_GRAPHS = False


@cache
def _asked() -> Any:
    """The class, made when it is first needed: importing rdflib takes a third of a second."""
    import rdflib
    from rdflib.plugins.sparql import prepareQuery
    from rdflib.query import Result

    class Asked(rdflib.Graph):
        def __init__(self, store: ox.Store) -> None:
            super().__init__()
            self.answers = store
            self.parsed: dict[str, Any] = {}

        def query(  # type: ignore[override, unused-ignore]
            self,
            query_object: Any,
            processor: Any = "sparql",
            result: Any = "sparql",
            initNs: Mapping[str, Any] | None = None,  # noqa: N803  # rdflib's name
            initBindings: Mapping[str, Any] | None = None,  # noqa: N803  # rdflib's name
            *others: Any,
            **more: Any,
        ) -> Result:
            prefixes = {name: str(iri) for name, iri in (initNs or dict(self.namespaces())).items()}
            if not initBindings and isinstance(query_object, str):
                if word := outward(query_object):
                    raise PermissionError(f"{word} is not carried out here")
                answer = self.answers.query(query_object, prefixes=prefixes)
                if isinstance(answer, ox.QuerySolutions):
                    return solutions(answer)
            if isinstance(query_object, str):
                if query_object not in self.parsed:
                    self.parsed[query_object] = prepareQuery(query_object, prefixes)
                query_object = self.parsed[query_object]
            return super().query(query_object, processor, result, initNs, initBindings, *others, **more)

    def solutions(answer: ox.QuerySolutions) -> Result:
        said = Result("SELECT")
        said.vars = [rdflib.Variable(variable.value) for variable in answer.variables]
        said.bindings = [
            {v: theirs(term) for v, term in zip(said.vars, row, strict=True) if term is not None} for row in answer
        ]
        return said

    return Asked
