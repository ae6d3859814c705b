"""Flat queries over much data, written anew so that the engine answers them by hash joins in a good order.

pyoxigraph joins triple patterns one solution at a time, in an order that it takes from fixed numbers. It joins
sub-SELECTs by hashing, and `LATERAL { }` makes it keep an order. So a flat query (`flat`) is estimated as the engine
would run it, by the numbers of the snapshot (`statistics`); where another way is promised to be much faster, the same
question is written in that way: each step a sub-SELECT that carries the variables still needed, and, where no
aggregate counts repetitions, only different solutions. What the two texts answer is the same multiset of solutions.

Whatever is not fully understood is passed on as it was written. docs/decisions/0014-optimiser.md has the rules, the
measurements that the costs here were taken from, and what was tried besides. Nothing here runs a query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from planvev.queries.flat import RDF_TYPE, Filter, Flat, NotFlat, Pattern
from planvev.queries.glance import Asks
from planvev.queries.statistics import Size, Statistics

GAIN = 1.5  # how many times faster it must promise to be
WORTH = 100.0  # ms that it must promise to save
MOST = 12  # patterns; with more, thinking costs more than it may

# What a step costs, in µs of a processor's time for each solution or statement.
SEEK = 11.0  # to look up what belongs to one solution
ROW = 0.7  # to read a statement that was found
BUILD, PROBE = 1.2, 0.5  # to put a solution into a hash table, to look for it there
DIFFERENT = 0.6  # to see whether a solution was there before
TEST = 3.0  # a filter
FEW = 3000  # solutions
# Which share of solutions a filter may leave, at the least: what makes the query as written look as cheap as it can be.
LEAVES = {"!=": 0.9, "LANG": 0.3, "=": 0.02}
LEAVES_OTHERWISE = 0.1


@dataclass(frozen=True)
class Plan:
    """What became of a query: the text to be run, and why.

    `how` is "as written", "rewritten", "joined", "counted" or "searched"; `written` and `run` are the milliseconds that
    the two texts are estimated to take, None where nothing was estimated; `why` says why it was left as it is; `steps`
    are the joins in order. `original` is the text as it was written, where another is run.

    `little` is whether it is certain to be over in a few milliseconds (`bounds`), so that it needs no process. `asks`
    are subject, predicate and object of an ASK that is one look-up. `task` is what is joined over the columns of the
    snapshot instead of running the text (`columnar`), and `otherwise` finds the plan for when that cannot be done.
    """

    text: str
    how: str = "as written"
    why: str = ""
    written: float | None = None
    run: float | None = None
    steps: tuple[str, ...] = ()
    original: str = ""
    little: bool = False
    asks: Asks | None = None
    task: Mapping[str, Any] | None = None
    otherwise: Callable[[], Plan] | None = field(default=None, compare=False)

    @property
    def written_text(self) -> str:
        """The query as it was written."""
        return self.original or self.text

    @property
    def as_is(self) -> Plan:
        """The plan to run it as it was written, where that can be."""
        if self.how in ("as written", "searched"):
            return self
        return Plan(self.written_text, why="the engine does not take it otherwise", written=self.written)


@dataclass(frozen=True)
class Way:
    """Some patterns joined: the text of the group, its size, its cost in µs, and the filters not tested yet.

    `guess` is the size that the engine takes it for, by which it chooses what of two to build a hash table of.
    """

    members: frozenset[int]
    text: str
    size: Size
    guess: float
    cost: float
    untested: tuple[Filter, ...]
    steps: tuple[str, ...]


def plan(flat: Flat, statistics: Statistics | None, always: bool = False) -> Plan:
    """The way to run a flat query.

    Args:
        flat: the query.
        statistics: of the default graph that it is asked of; None where they are unknown.
        always: whether to write it anew wherever that is permitted, whatever it costs; for tests.

    Raises:
        NotFlat: it must not be written anew; the text says why.
    """
    numbers = statistics or Statistics()
    if flat.graph or any(pattern.graph for pattern in flat.patterns):
        raise NotFlat("it asks a graph, and only the numbers of the default graph are known")
    refuse(flat, numbers)
    sizes = [_size(pattern, numbers) for pattern in flat.patterns]
    written = _as_written(flat, sizes) / 1000
    if not always and written < WORTH:
        return Plan(flat.text, why="it is a quick one", written=written)
    best = min(_ways(flat, sizes), key=lambda way: way.cost)
    run = best.cost / 1000
    if not always and (written < GAIN * run or written < run + WORTH):
        return Plan(flat.text, why="another way promises too little", written=written, run=run)
    tests = "".join(f" {test.text}" for test in best.untested)
    text = f"{flat.head} {best.text}{tests} {flat.tail}"
    return Plan(text, "rewritten", "", written, run, best.steps, flat.text)


def cost(flat: Flat, statistics: Statistics) -> float:
    """What a query is estimated to take as it is written, in milliseconds."""
    return _as_written(flat, [_size(pattern, statistics) for pattern in flat.patterns]) / 1000


def refuse(flat: Flat, statistics: Statistics) -> None:
    """Refuse what would not surely answer the same.

    Raises:
        NotFlat: with the reason.
    """
    bound = flat.variables
    if flat.binds:
        raise NotFlat("it has a BIND")
    if not 2 <= len(flat.patterns) <= MOST:
        raise NotFlat(f"it has fewer than two patterns, or more than {MOST}")
    if flat.cut and not flat.ordered:
        raise NotFlat("LIMIT without ORDER BY takes any solutions, and the first ones come soonest as it is written")
    for pattern in flat.patterns:
        if pattern.predicate.variable:
            raise NotFlat(f"the property in “{pattern.text}” is a variable")
        if not pattern.variables or len(set(pattern.variables)) < len(pattern.variables):
            raise NotFlat(f"“{pattern.text}” has no variable, or the same one twice")
    if any(not test.variables or not test.variables <= bound for test in flat.filters):
        raise NotFlat("a FILTER speaks of what no pattern binds")
    if not connected(flat.patterns):
        raise NotFlat("its patterns do not all belong together")
    _refuse_order(flat, statistics)


def _refuse_order(flat: Flat, statistics: Statistics) -> None:
    """Refuse aggregates whose value depends on the order of what they are made of.

    Raises:
        NotFlat: with the reason.
    """
    values = {p.object.variable: statistics.properties.get(p.predicate.iri) for p in flat.patterns if p.object.variable}
    things = {p.subject.variable for p in flat.patterns if p.subject.variable}
    for call in flat.aggregates:
        use = values.get(call.of)
        if call.name in ("SUM", "AVG") and not (use and use.exact):
            raise NotFlat(f"a {call.name} of what may be floating numbers depends on the order of adding")
        if call.name in ("MIN", "MAX") and call.of not in things and not (use and use.settled):
            raise NotFlat(f"a {call.name} of values that may be equal and written differently depends on their order")


def connected(patterns: Sequence[Pattern]) -> bool:
    """Whether none of them stands apart, sharing no variable with the others."""
    reached, waiting = set(patterns[0].variables), list(patterns[1:])
    while near := [pattern for pattern in waiting if reached & set(pattern.variables)]:
        reached.update(name for pattern in near for name in pattern.variables)
        waiting = [pattern for pattern in waiting if pattern not in near]
    return not waiting


def _size(pattern: Pattern, statistics: Statistics) -> Size:
    """How many statements answer to a pattern; by the average where it names a subject or an object."""
    use = statistics.properties.get(pattern.predicate.iri)
    if use is None:
        return Size(0.0, dict.fromkeys(pattern.variables, 0.0))
    rows, subjects, objects = float(use.triples), float(use.subjects), float(use.objects)
    if not pattern.object.variable:
        rows = float(use.triples) / objects
        if pattern.predicate.iri == RDF_TYPE and pattern.object.iri:
            rows = float(statistics.classes.get(pattern.object.iri, 0))
        subjects = rows
    elif not pattern.subject.variable:
        rows = objects = float(use.triples) / subjects
    different = {pattern.subject.variable: subjects, pattern.object.variable: objects}
    return Size.capped(rows, {name: number for name, number in different.items() if name})


def _as_written(flat: Flat, sizes: Sequence[Size]) -> float:
    """What the engine's own way costs, in µs: its order (sparopt 0.3, `reorder_joins`), its filters at their best."""
    bound = frozenset[str]()
    size, cost, tests = Size(1.0, {}), 0.0, list(flat.filters)
    for place in in_order(flat.patterns):
        before, size = size, size.joined(sizes[place])
        cost += (before.rows * SEEK if bound else 0.0) + size.rows * ROW
        bound |= set(flat.patterns[place].variables)
        for test in [test for test in tests if test.variables <= bound]:
            tests.remove(test)
            cost += size.rows * TEST
            size = size.less(_leaves(test))
    return cost


def in_order(patterns: Sequence[Pattern]) -> Iterator[int]:
    """The places of patterns that belong together, in the order in which the engine joins them."""
    left, bound = list(range(len(patterns))), frozenset[str]()
    while left:
        near = [n for n in left if bound & set(patterns[n].variables)] or left
        place = min(near, key=lambda n: engine_guess(patterns[n], bound))
        left.remove(place)
        bound |= set(patterns[place].variables)
        yield place


def engine_guess(pattern: Pattern, bound: frozenset[str]) -> int:
    """The number by which the engine chooses the next pattern (sparopt, `estimate_query_expression_size`)."""
    subject = not pattern.subject.variable or pattern.subject.variable in bound
    value = not pattern.object.variable or pattern.object.variable in bound
    size = (1 if value else 10) if subject else (1000 if value else 1_000_000)
    return size + (pattern.predicate.iri == RDF_TYPE)


def _leaves(test: Filter) -> float:
    return next((share for sign, share in LEAVES.items() if sign in test.text.upper()), LEAVES_OTHERWISE)


def _ways(flat: Flat, sizes: Sequence[Size]) -> Iterator[Way]:
    """From each pattern on, at each step what costs least; and from all at once, always the two that leave fewest."""
    leaves = [_leaf(n, flat, size) for n, size in enumerate(sizes)]
    for first in leaves:
        way, left = _tested(first), [leaf for leaf in leaves if leaf is not first]
        while left:
            near = [leaf for leaf in left if _meet(way, leaf)]
            way, place = min(
                ((step, leaf) for leaf in near for step in _steps(way, leaf, flat)), key=lambda found: found[0].cost
            )
            way = _thinned(way, flat)
            left.remove(place)
        yield way
    while len(leaves) > 1:
        pairs = [(a, b) for n, a in enumerate(leaves) for b in leaves[n + 1 :] if _meet(a, b)]
        found = [(min(_steps(a, b, flat), key=lambda way: way.cost), a, b) for a, b in pairs]
        way, a, b = min(found, key=lambda one: (one[0].size.rows, one[0].cost))
        leaves = [*(leaf for leaf in leaves if leaf is not a and leaf is not b), _thinned(way, flat)]
    yield leaves[0]


def _leaf(place: int, flat: Flat, size: Size) -> Way:
    pattern = flat.patterns[place]
    guess, steps = engine_guess(pattern, frozenset()), (f"read {pattern.text}",)
    return Way(frozenset((place,)), f"{pattern.text} .", size, guess, size.rows * ROW, flat.filters, steps)


def _meet(a: Way, b: Way) -> bool:
    return not a.size.different.keys().isdisjoint(b.size.different)


def _steps(a: Way, b: Way, flat: Flat) -> Iterator[Way]:
    """The ways to join two."""
    size = a.size.joined(b.size)
    yield _tested(_hashed(a, b, size, flat))
    for one, other in ((a, b), (b, a)):
        if len(other.members) == 1 and len(other.untested) == len(flat.filters):
            yield _tested(_looped(one, other, size, flat))


def _looped(a: Way, leaf: Way, size: Size, flat: Flat) -> Way:
    """For each solution, what belongs to it is looked up."""
    pattern = flat.patterns[min(leaf.members)]
    text = f"{a.text} LATERAL {{ {pattern.text} }}"
    cost = a.cost + a.size.rows * SEEK + size.rows * ROW
    guess = a.guess * engine_guess(pattern, _bound(a))
    return Way(a.members | leaf.members, text, size, guess, cost, a.untested, (*a.steps, f"look up {pattern.text}"))


def _hashed(a: Way, b: Way, size: Size, flat: Flat) -> Way:
    """Both are computed, and met by hashing."""
    members = a.members | b.members
    untested = tuple(test for test in a.untested if test in b.untested)
    groups = (_select(_needed(way.members, way.untested, flat) & _bound(way), way.text) for way in (a, b))
    text = " ".join(f"{{ {group} }}" for group in groups)
    needed = _needed(members, untested, flat)
    kept = replace(size, different={name: number for name, number in size.different.items() if name in needed})
    small, large = (a, b) if a.guess <= b.guess else (b, a)
    cost = a.cost + b.cost + small.size.rows * BUILD + large.size.rows * PROBE + size.rows * ROW
    guess = a.guess * b.guess / 1000.0 ** len(_bound(a) & _bound(b))
    return Way(members, text, kept, guess, cost, untested, (*a.steps, *b.steps, "join by hashing"))


def _tested(way: Way) -> Way:
    """A way with the filters that can be tested by now; what they leave counts as everything."""
    ready = [test for test in way.untested if test.variables <= _bound(way)]
    if not ready:
        return way
    text = way.text + "".join(f" {test.text}" for test in ready)
    untested = tuple(test for test in way.untested if test not in ready)
    return replace(way, text=text, cost=way.cost + way.size.rows * TEST * len(ready), untested=untested)


def _thinned(way: Way, flat: Flat) -> Way:
    """Where no solution counts twice, a way that goes on with different ones only, if that leaves out many."""
    needed = _needed(way.members, way.untested, flat) & _bound(way)
    size = way.size.only(needed)
    # Few solutions are looked through in any case: an average tells nothing of what is cited most.
    worth = size.rows < 0.7 * way.size.rows or (way.size.rows < FEW and needed != _bound(way))
    if not counts_different(flat) or not needed or not worth:
        return way
    text = f"{{ {_select(needed, way.text, 'DISTINCT ')} }}"
    steps = (*way.steps, f"keep different {' '.join(f'?{name}' for name in sorted(needed))}")
    return replace(way, text=text, size=size, cost=way.cost + way.size.rows * DIFFERENT, steps=steps)


def counts_different(flat: Flat) -> bool:
    """Whether a solution that comes twice answers no more than once."""
    if flat.grouped:
        return all(call.distinct or call.name in ("MIN", "MAX") for call in flat.aggregates)
    return flat.distinct


def _bound(way: Way) -> frozenset[str]:
    return frozenset(way.size.different)


def _needed(members: frozenset[int], untested: Sequence[Filter], flat: Flat) -> frozenset[str]:
    """The variables that anything asks for that comes later."""
    later = [name for n, pattern in enumerate(flat.patterns) if n not in members for name in pattern.variables]
    return flat.shown | frozenset(later) | frozenset(name for test in untested for name in test.variables)


def _select(names: frozenset[str], text: str, different: str = "") -> str:
    return f"SELECT {different}{' '.join(f'?{name}' for name in sorted(names))} {{ {text} }}"
