"""A flat query's patterns joined over columns of numbers, and what it groups by counted: exact, because a term is a
number, and two terms are the same exactly when their numbers are.

Runs in a query process, which is killed when it takes too long; tables are bounded besides. What comes out is not yet
an answer: it is rows for a VALUES in the place of the patterns, so that the engine still does all that is not joining
and counting (names, order, LIMIT, formats). Where something cannot be said as rows (nodes without a name, sums out of
the engine's range), nothing comes out, and the engine is asked without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from planvev.answering import ordering, sums
from planvev.answering.columns import Columns, NoRows, Numbers
from planvev.queries.statistics import Size

MOST = 8_000_000  # solutions in a table on the way, at four bytes a variable
ROWS = 20_000  # for the engine, which takes some µs to read each
CODES = 1 << 62  # what a combination of values may be numbered by
SPARSE = 16  # so many times fewer than there are terms, and searching costs less than counting for each term
SPARSE_PLACES = 64  # … and sorting costs less than a mark for each term
DENSE = 1 << 22  # codes up to which a mark is kept for each, beyond which they are sorted

Codes = npt.NDArray[np.int64]
Places = npt.NDArray[Any]


@dataclass(frozen=True)
class Call:
    """COUNT or SUM of a variable, or COUNT of `*`."""

    name: str
    distinct: bool
    of: str


@dataclass(frozen=True)
class Task:
    """What is to be joined, and what of it is wanted.

    `patterns` are triples of variables (`?x`) and IRIs, the second always an IRI; `columns` are names of variables, or
    calls; `grouped` the variables by which is grouped, None where solutions are wanted and not groups; `once` is
    whether a solution that comes twice answers no more than once; `order` the places of columns by which rows are
    ordered, each with whether the largest comes first.
    """

    patterns: Sequence[Sequence[str]]
    columns: Sequence[str | Call]
    grouped: Sequence[str] | None
    once: bool
    order: Sequence[tuple[int, bool]] = ()

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Task:
        """From plain data."""
        columns = [one if isinstance(one, str) else Call(*one) for one in raw["columns"]]
        return cls(raw["patterns"], columns, raw["grouped"], raw["once"], raw["order"])

    @property
    def wanted(self) -> frozenset[str]:
        """The variables that are asked for when all is joined."""
        named = {one.of if isinstance(one, Call) else one for one in self.columns}
        return frozenset(named | set(self.grouped or ())) - {"*"}


@dataclass(frozen=True)
class Table:
    """Solutions: how many, and of each variable its value in each of them."""

    rows: int
    values: Mapping[str, Numbers]

    def taken(self, places: Places) -> Table:
        """The solutions at these places."""
        return Table(len(places), {name: values[places] for name, values in self.values.items()})


def rows(columns: Columns, task: Task) -> tuple[list[bytes], bool]:
    """The rows of VALUES for a task, each with a value for each of its columns; and whether they are in its order.

    Raises:
        NoRows: it cannot be done so.
    """
    joined = _joined(columns, task)
    if task.grouped is None:
        if joined.rows > ROWS:
            raise NoRows(f"more than {ROWS} solutions")
        found = [_terms(columns, joined.values[name]) for name in task.columns if isinstance(name, str)]
    else:
        found = _counted(columns, joined, task.grouped, task.columns)
    order = ordering.places(found, task.order)
    if order is not None:
        found = [[values[place] for place in order] for values in found]
    return [b"(" + b" ".join(row) + b")" for row in zip(*found, strict=True)], order is not None


def _joined(columns: Columns, task: Task) -> Table:
    """All patterns joined, with the variables that are wanted."""
    leaves = [_leaf(columns, pattern) for pattern in task.patterns]
    sizes = [_size(columns, pattern, leaf) for pattern, leaf in zip(task.patterns, leaves, strict=True)]
    order = min((_order(first, sizes) for first in range(len(sizes))), key=lambda found: found[0])[1]
    table = leaves[order[0]]
    for step, place in enumerate(order):
        if step:
            table = _met(table, leaves[place], columns.of(task.patterns[place][1]), columns.terms)
        later = {name for n in order[step + 1 :] for name in leaves[n].values}
        table = _narrowed(table, task.wanted | later, task.once, columns.terms)
    return table


def _leaf(columns: Columns, pattern: Sequence[str]) -> Table:
    subject, name, value = pattern
    subjects, objects, _ = columns.of(name)
    values: dict[str, Numbers] = {}
    kept: Places | None = None
    for node, numbers in ((subject, subjects), (value, objects)):
        if node.startswith("?"):
            values[node[1:]] = numbers
        else:
            number = columns.number(f"<{node}>".encode())
            kept = numbers == (-1 if number is None else number)
    table = Table(len(subjects), values)
    return table if kept is None else table.taken(np.flatnonzero(kept))


def _size(columns: Columns, pattern: Sequence[str], leaf: Table) -> Size:
    place = columns.properties.get(pattern[1])
    known = {pattern[0][1:]: place.subjects, pattern[2][1:]: place.objects} if place else {}
    return Size(float(leaf.rows), {name: float(min(known.get(name, 0), leaf.rows)) for name in leaf.values})


def _order(first: int, sizes: Sequence[Size]) -> tuple[float, list[int]]:
    """From one pattern on, always the one that leaves fewest solutions: how many there are on the way, and the order.

    Raises:
        NoRows: the patterns do not belong together.
    """
    order, size = [first], sizes[first]
    cost = size.rows
    while len(order) < len(sizes):
        near = [n for n in range(len(sizes)) if n not in order and size.different.keys() & sizes[n].different.keys()]
        if not near:
            raise NoRows("the patterns do not belong together")
        place = min(near, key=lambda n: size.joined(sizes[n]).rows)
        size = size.joined(sizes[place])
        cost += size.rows
        order.append(place)
    return cost, order


def _met(table: Table, leaf: Table, stored: Numbers, terms: int) -> Table:
    """The solutions of a table that agree with a pattern, which has one or two variables; `stored` is its property."""
    shared = [name for name in leaf.values if name in table.values]
    if len(shared) == 2:
        asked, there = (_pairs(one.values[shared[0]], one.values[shared[1]], terms) for one in (table, leaf))
        places = np.searchsorted(there, asked)
        places[places == len(there)] = 0
        return table.taken(np.flatnonzero(there[places] == asked) if len(there) else places[:0])
    wanted = table.values[shared[0]]
    if len(leaf.values) == 1:
        marked = np.zeros(terms, np.bool_)
        marked[leaf.values[shared[0]]] = True
        return table.taken(np.flatnonzero(marked[wanted]))
    (name,) = leaf.values.keys() - {shared[0]}
    subjects, objects, order = stored
    key, values = (subjects, objects) if shared[0] == next(iter(leaf.values)) else (objects[order], subjects[order])
    return _expanded(table, wanted, key, name, values, terms)


def _pairs(a: Numbers, b: Numbers, terms: int) -> Codes:
    return a.astype(np.int64) * terms + b


def _expanded(table: Table, wanted: Numbers, key: Numbers, name: str, values: Numbers, terms: int) -> Table:
    """Each solution as often as there are values for what it has as key, with these values; `key` is in order."""
    if table.rows * SPARSE < terms:
        begins = np.searchsorted(key, wanted)
        each = np.searchsorted(key, wanted, "right") - begins
    else:
        times = np.bincount(key, minlength=terms)
        begins, each = (np.cumsum(times) - times)[wanted], times[wanted]
    total = int(each.sum())
    if total > MOST:
        raise NoRows(f"more than {MOST} solutions on the way")
    if total == table.rows and bool((each == 1).all()):
        return Table(total, {**table.values, name: values[begins]})
    found = table.taken(np.repeat(np.arange(table.rows), each))
    first = np.repeat(begins - (np.cumsum(each) - each), each)
    return Table(total, {**found.values, name: values[first + np.arange(total)]})


def _narrowed(table: Table, names: Iterable[str], once: bool, terms: int) -> Table:
    """The solutions with these variables only; different ones, where that is enough and leaves out many."""
    kept = {name: table.values[name] for name in table.values if name in set(names)}
    narrowed = Table(table.rows, kept)
    if not once or not kept or len(kept) == len(table.values):
        return narrowed
    codes, sizes = _coded(narrowed, list(kept), terms)
    most = int(np.prod([len(size) for size in sizes], dtype=object))
    return Table(*_decoded(_different(codes, most), sizes, list(kept))) if most < 4 * table.rows else narrowed


def _coded(table: Table, names: Sequence[str], terms: int) -> tuple[Codes, list[Numbers]]:
    """A number for each solution, the same for those alike in these variables, and the values of each in order."""
    codes, sizes, most = np.zeros(table.rows, np.int64), [], 1
    for name in names:
        values, places = _places(table.values[name], terms)
        most *= max(len(values), 1)
        if most > CODES:
            raise NoRows("too many combinations")
        codes = codes * len(values) + places
        sizes.append(values)
    return codes, sizes


def _places(numbers: Numbers, terms: int) -> tuple[Numbers, Places]:
    """The different values among some, in order, and of each of them its place there."""
    if len(numbers) * SPARSE_PLACES < terms:
        return np.unique(numbers, return_inverse=True)
    marked = np.zeros(terms, np.bool_)
    marked[numbers] = True
    values = np.flatnonzero(marked).astype(np.int32)
    places = np.empty(terms, np.int32)  # of which only those that are met are written, and read
    places[values] = np.arange(len(values), dtype=np.int32)
    return values, places[numbers]


def _different(codes: Codes, most: int) -> Codes:
    """The different codes, in order."""
    if most > DENSE:
        return np.unique(codes)
    marked = np.zeros(most, np.bool_)
    marked[codes] = True
    return np.flatnonzero(marked)


def _ranked(codes: Codes, keys: Codes, most: int) -> Places:
    """The place of each code among the different ones."""
    if most > DENSE:
        return np.searchsorted(keys, codes)
    places = np.empty(most, np.int64)
    places[keys] = np.arange(len(keys))
    return places[codes]


def _decoded(codes: Codes, sizes: Sequence[Numbers], names: Sequence[str]) -> tuple[int, dict[str, Numbers]]:
    found: dict[str, Numbers] = {}
    rest = codes
    for name, values in zip(reversed(names), reversed(sizes), strict=True):
        found[name] = values[rest % len(values)] if len(values) else values
        rest = rest // max(len(values), 1)
    return len(codes), found


def _counted(columns: Columns, table: Table, grouped: Sequence[str], wanted: Sequence[str | Call]) -> list[list[bytes]]:
    """Of each group what is wanted of it; without GROUP BY there is one group, of nothing too."""
    codes, sizes = _coded(table, grouped, columns.terms)
    most = int(np.prod([len(size) for size in sizes], dtype=object))
    keys = _different(codes, most) if grouped else np.zeros(1, np.int64)
    if len(keys) > ROWS:
        raise NoRows(f"more than {ROWS} groups")
    group = _ranked(codes, keys, most)
    _, values = _decoded(keys, sizes, grouped)
    found = []
    for one in wanted:
        if isinstance(one, str):
            found.append(_terms(columns, values[one]))
            continue
        of = group if one.of == "*" else table.values[one.of]
        mine, theirs = group, of
        if one.distinct:
            mine, theirs = _once(group, of, columns.terms)
        if one.name == "COUNT":
            found.append([b"%d" % number for number in np.bincount(mine, minlength=len(keys)).tolist()])
        else:
            terms, places = np.unique(theirs, return_inverse=True)
            found.append(sums.sums(_terms(columns, terms), mine.tolist(), places.tolist(), len(keys)))
    return found


def _once(group: Codes, values: Places, terms: int) -> tuple[Codes, Codes]:
    """Each value once in each group."""
    pairs = np.unique(group * terms + values)
    return pairs // terms, pairs % terms


def _terms(columns: Columns, numbers: Places) -> list[bytes]:
    """Terms by their numbers, as the text of a query may hold them.

    Raises:
        NoRows: one has no name, or is a statement.
    """
    numbers, places = np.unique(numbers, return_inverse=True)
    terms = columns.texts(numbers)
    if any(term.startswith((b"_:", b"<<")) for term in terms):
        raise NoRows("a node without a name")
    return [terms[place] for place in places.tolist()]
