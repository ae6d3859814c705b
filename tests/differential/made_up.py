"""Small random datasets and flat queries over them, the same for the same seed: what a rewriter may get wrong.

The data is dense, so that joins find each other, and holds terms that are equal and not the same: 1, 1.0 and 1.0e0,
NaN and negative zero, texts with and without a language, two ways to write a moment, nodes without a name. The
queries join two to five patterns in chains, stars and circles, some of them as paths, with filters, aggregates,
DISTINCT, HAVING and cuts under a total order.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

EX = "https://example.org/x/"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LINKS = ("knows", "has", "in")  # properties between things
VALUES = ("size", "said")  # properties with values
CLASSES = ("A", "B")
GRAPHS = ("g1", "g2", "g3")
ODD = (
    Literal(1),
    Literal("1.0", datatype=NamedNode(XSD + "decimal")),
    Literal(2),
    Literal("1.0E0", datatype=NamedNode(XSD + "double")),
    Literal("NaN", datatype=NamedNode(XSD + "double")),
    Literal("-0.0", datatype=NamedNode(XSD + "double")),
    Literal("0.0", datatype=NamedNode(XSD + "double")),
    Literal("a"),
    Literal("a", language="nb"),
    Literal("a", language="en"),
    Literal("2020-01-01T00:00:00Z", datatype=NamedNode(XSD + "dateTime")),
    Literal("2020-01-01T01:00:00+01:00", datatype=NamedNode(XSD + "dateTime")),
)
PLAIN = tuple(Literal(n) for n in range(5))
PROLOGUE = f"PREFIX x: <{EX}>\nPREFIX xsd: <{XSD}>\n"


def dataset(random: Random, statements: int = 240, odd: bool = True, blank: bool = True) -> list[Quad]:
    """Quads in three named graphs, and all of them once more in the default graph; `blank`, whether odd ones may have
    nodes without a name."""
    things = [NamedNode(f"{EX}t{n}") for n in range(9)]
    nodes: list[NamedNode | BlankNode] = (
        [*things, *(BlankNode(f"b{n}") for n in range(3))] if odd and blank else [*things]
    )
    quads: set[Quad] = set()
    for _ in range(statements):
        graph, subject = NamedNode(EX + random.choice(GRAPHS)), random.choice(nodes)
        name = random.choice((*LINKS, *LINKS, *VALUES, "a"))
        if name == "a":
            quads.add(Quad(subject, RDF_TYPE, NamedNode(EX + random.choice(CLASSES)), graph))
        elif name in LINKS:
            quads.add(Quad(subject, NamedNode(EX + name), random.choice(nodes), graph))
        else:
            value = random.choice(ODD if odd and name == "said" else PLAIN)
            quads.add(Quad(subject, NamedNode(EX + name), value, graph))
    everything = {Quad(q.subject, q.predicate, q.object, DefaultGraph()) for q in quads}
    return sorted(quads | everything, key=str)


def stored(quads: list[Quad]) -> Store:
    store = Store()
    store.bulk_extend(quads)
    return store


def shuffled(random: Random, patterns: list[str], filters: list[str]) -> str:
    """Patterns and filters in one group, in any order."""
    parts = [*(f"{pattern} ." for pattern in patterns), *filters]
    random.shuffle(parts)
    return " ".join(parts)


def query(
    random: Random,
    odd: bool = True,
    filtered: bool = True,
    group: Callable[[Random, list[str], list[str]], str] = shuffled,
    paths: bool = True,
) -> str:
    """A flat query; `filtered`, whether it may have filters, and `paths` paths; `group`, how it is written of both."""
    names = [f"v{n}" for n in range(random.randint(2, 5))]
    patterns = _patterns(random, names, odd)
    if paths and random.random() < 0.4:  # one, for it can multiply the solutions
        walked = random.randrange(len(patterns))
        patterns[walked] = _walked(random, patterns[walked])
    bound = sorted({name for name in names if f"?{name}" in " ".join(patterns)})
    filters = [_filter(random, bound) for _ in range(random.choice((0, 0, 1, 1, 2)) if filtered else 0)]
    where = f"WHERE {{ {group(random, patterns, filters)} }}"
    shape = random.random()
    if shape < 0.55:
        return PROLOGUE + _aggregated(random, bound, where)
    shown = random.sample(bound, random.randint(1, len(bound)))
    different = "DISTINCT " if random.random() < 0.4 else ""
    text = f"SELECT {different}{' '.join(f'?{name}' for name in shown)} {where}"
    if random.random() < 0.3:
        text += f" ORDER BY {' '.join(f'?{name}' for name in shown)}"
        text += random.choice(("", "", f" LIMIT {random.randint(1, 9)}" if not odd else ""))
    return PROLOGUE + text


def _patterns(random: Random, names: list[str], odd: bool) -> list[str]:
    """Patterns that belong together: each after the first has a variable that was there before."""
    patterns = []
    met = [names[0]]
    for n in range(random.randint(2, 5)):
        subject = random.choice(met)
        fresh = [name for name in names if name not in met]
        kind = random.random()
        if kind < 0.15 and n:
            patterns.append(f"?{subject} a x:{random.choice(CLASSES)}")
            continue
        if kind < 0.25 and n:
            patterns.append(f"?{subject} x:{random.choice(LINKS)} x:t{random.randrange(9)}")
            continue
        value = random.choice(fresh) if fresh and random.random() < 0.75 else random.choice(names)
        name = random.choice((*LINKS, *LINKS, *VALUES)) if odd or value not in met else random.choice(LINKS)
        if value == subject:
            patterns.append(f"?{subject} x:{name} {random.choice(('1', '2', 'x:t3', '1.0', 'true'))}")
            continue
        turned = random.random() < 0.4 and name in LINKS
        patterns.append(f"?{value} x:{name} ?{subject}" if turned else f"?{subject} x:{name} ?{value}")
        met.append(value)
    return patterns


def _walked(random: Random, pattern: str) -> str:
    """A pattern with a path in the place of its property, where that is a link: a step more, or another way round."""
    subject, name, value = pattern.split(" ")
    if name.removeprefix("x:") not in LINKS or not value.startswith("?"):
        return pattern
    more = random.choice(LINKS)
    ways = (f"{name}/x:{more}", f"^{name}", f"{name}/^x:{more}", f"^{name}/^x:{more}")
    return f"{subject} {random.choice(ways)} {value}"


def _filter(random: Random, bound: list[str]) -> str:
    a, b = random.choice(bound), random.choice(bound)
    ways = (
        f"FILTER(?{a} != ?{b})",
        f"FILTER(?{a} = ?{b} || ?{a} > 1)",
        f"FILTER(isIRI(?{a}))",
        f'FILTER(LANG(?{a}) = "nb" || ?{b} <= 2.0)',
        f'FILTER CONTAINS(STR(?{a}), "t1")',
        f"FILTER(!BOUND(?{a}) || sameTerm(?{a}, ?{a}))",
        f"FILTER(?{a} IN (x:t1, x:t2, x:t5, 1, 2))",
        f"FILTER(STR(?{a}) < STR(?{b}))",
    )
    return random.choice(ways)


def _aggregated(random: Random, bound: list[str], where: str) -> str:
    by = random.sample(bound, random.randint(0, min(2, len(bound))))
    counted = random.choice(bound)
    different = random.choice(("", "DISTINCT "))
    calls = (
        f"COUNT({different}?{counted})",
        f"COUNT({different}?{counted})",
        "COUNT(*)",
        f"SUM({different}?{counted})",
        f"MIN(?{counted})",
        f"MAX(STR(?{counted}))",
        f"AVG({different}?{counted})",
    )
    chosen = random.sample(calls, random.randint(1, 2))
    head = [f"?{name}" for name in by] + [f"({call} AS ?n{n})" for n, call in enumerate(chosen)]
    text = f"SELECT {' '.join(head)} {where}"
    if by:
        text += " GROUP BY " + " ".join(f"?{name}" for name in by)
    if random.random() < 0.2:
        text += f" HAVING (COUNT({different}?{counted}) > 1)"
    if by and random.random() < 0.3:
        text += " ORDER BY " + " ".join(f"?{name}" for name in by)
    return text
