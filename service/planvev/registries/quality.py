"""The quality score that data.norge.no gives a dataset (MQA), from the catalogue and from what its links answered.

The points are those of the national vocabulary of scores. What is said of distributions is averaged over them. What
was not fetched is counted as it stands in the catalogue, and whoever prints the score says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from planvev.formats.rdf import NamedNode, Term, Triple
from planvev.registries.registry import EU, IANA, full

# Points by metric, as https://data.norge.no/vocabulary/dcatno-mqa gives them.
DATASET = {
    "dcat:keyword": 30,
    "dcat:theme": 30,
    "dct:spatial": 20,
    "dct:temporal": 20,
    "dct:accessRights": 10,
    "dcat:contactPoint": 20,
    "dct:publisher": 10,
    "dct:issued": 5,
    "dct:modified": 5,
}
DISTRIBUTION = {
    "dcat:downloadURL": 20,
    "dct:format": 20,
    "dcat:mediaType": 10,
    "dct:license": 20,
    "dct:rights": 5,
    "dcat:byteSize": 5,
}
ANSWERED = {"dcat:accessURL": 50, "dcat:downloadURL": 30}
KNOWN = {"dct:accessRights": 5, "dct:license": 10}  # taken from the EU's authority tables
VOCABULARY, OPEN, READABLE = 10, 20, 20  # format and media type from tables; not proprietary; readable by machines
CONFORMS, CONTENT, SYNTAX = 30, 15, 15
EXCELLENT = 75  # percent, from which the portal calls a score excellent

# All that we offer is RDF, whose formats nobody owns and every machine reads.
RDF_FORMATS = {
    f"{EU}file-type/{name}" for name in ("RDF_TURTLE", "RDF_TRIG", "RDF_N_QUADS", "RDF_N_TRIPLES", "JSON_LD")
}

Said = Mapping[str, Mapping[str, list[Term]]]


@dataclass(frozen=True)
class Score:
    """Of one dataset: points got and points there are; `short`: what gave fewer points than it can, and how many."""

    dataset: str
    points: float
    of: int
    short: Mapping[str, float]

    @property
    def percent(self) -> float:
        return 100 * self.points / self.of

    @property
    def excellent(self) -> bool:
        return self.percent >= EXCELLENT


def scores(triples: Iterable[Triple], answered: Callable[[str], bool], conforms: Callable[[str], bool]) -> list[Score]:
    """The score of every dataset of a catalogue.

    Args:
        triples: the catalogue.
        answered: whether an address answered.
        conforms: whether nothing was found against the profile in a dataset or its distributions.
    """
    said: dict[str, dict[str, list[Term]]] = {}
    for triple in triples:
        if isinstance(triple.subject, NamedNode):
            said.setdefault(triple.subject.value, {}).setdefault(triple.predicate.value, []).append(triple.object)
    datasets = [
        iri for iri, about in said.items() if NamedNode(full("dcat:Dataset")) in about.get(full("rdf:type"), ())
    ]
    return [_score(said, iri, answered, conforms) for iri in sorted(datasets)]


def _score(said: Said, iri: str, answered: Callable[[str], bool], conforms: Callable[[str], bool]) -> Score:
    about = said[iri]
    got: dict[str, tuple[float, int]] = {name: (of * bool(about.get(full(name))), of) for name, of in DATASET.items()}
    got["known access rights"] = (KNOWN["dct:accessRights"] * _from(about, "dct:accessRights", EU), 5)
    files = [said.get(str(node.value), {}) for node in about.get(full("dcat:distribution"), ())]  # type: ignore[union-attr]
    each = [_file(file, answered, conforms(iri)) for file in files] or [_file({}, answered, False)]
    for name, (_, of) in each[0].items():
        got[name] = (sum(file[name][0] for file in each) / len(each), of)
    short = {name: points for name, (points, of) in got.items() if points < of}
    return Score(iri, sum(points for points, _ in got.values()), sum(of for _, of in got.values()), short)


def _file(
    about: Mapping[str, list[Term]], answered: Callable[[str], bool], conforms: bool
) -> dict[str, tuple[float, int]]:
    """The points of one distribution, by metric."""
    got: dict[str, tuple[float, int]] = {
        name: (of * bool(about.get(full(name))), of) for name, of in DISTRIBUTION.items()
    }
    for name, of in ANSWERED.items():
        addresses = [str(node.value) for node in about.get(full(name), ())]  # type: ignore[union-attr]
        got[f"{name} answers"] = (of * (bool(addresses) and all(map(answered, addresses))), of)
    form = _from(about, "dct:format", f"{EU}file-type/")
    ours = {str(node.value) for node in about.get(full("dct:format"), ())} <= RDF_FORMATS  # type: ignore[union-attr]
    got["known licence"] = (KNOWN["dct:license"] * _from(about, "dct:license", f"{EU}licence/"), KNOWN["dct:license"])
    got["format and media type from tables"] = (
        VOCABULARY * (form and _from(about, "dcat:mediaType", IANA)),
        VOCABULARY,
    )
    got["not proprietary"] = (OPEN * (form and ours), OPEN)
    got["machine-readable"] = (READABLE * (form and ours), READABLE)
    got["conforms"] = (CONFORMS * conforms, CONFORMS)
    whole = got["dcat:downloadURL answers"][0] > 0
    got["content as stated"] = (CONTENT * whole, CONTENT)
    got["valid syntax"] = (SYNTAX * whole, SYNTAX)
    return got


def _from(about: Mapping[str, list[Term]], name: str, table: str) -> bool:
    values = about.get(full(name), ())
    return bool(values) and all(isinstance(node, NamedNode) and node.value.startswith(table) for node in values)
