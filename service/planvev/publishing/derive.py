"""Derived links, written at publish: shortcuts with counts from plans, organisations and counties to what they rest on.

The questions this service exists for join every plan with every other one. Rules (`derivation`) answer that part once,
for each plan by itself; organisations and counties are sums of their plans. Links stand in graphs of their own, outside
the default graph, so that no ordinary query meets them; each is a blank node named by what it links, so that the same
links are the same statements however they came about. Whether a plan is in force is not among them: its first and last
day are, and a query compares them with the day it is asked.

After a change, only the links of the plans it bears on (`reach`) and of their owners are written anew; all of them
where that cannot be told or is most of the library. `derived_check` asks the original questions of the finished store
and compares.
"""

from __future__ import annotations

import gc
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from planvev import periods
from planvev.engines.snapshot import GraphEntry, Snapshot
from planvev.names import PREFIXES, Base
from planvev.publishing.build import Change
from planvev.publishing.reach import touched
from planvev.queries.derivation import (
    COUNTS,
    DERIVED,
    LEVELS,
    LINK_END,
    LINK_FROM,
    LINK_OWNER,
    LINK_START,
    LINK_TO,
    LINKS_TO,
    OTHERS,
    Rule,
    graph,
    place,
)

_DAY, _NUMBER = NamedNode(PREFIXES["xsd"] + "date"), NamedNode(PREFIXES["xsd"] + "integer")
_FROM, _TO, _DIRECT = NamedNode(LINK_FROM), NamedNode(LINK_TO), NamedNode(LINKS_TO)
_OWNER, _START, _END = NamedNode(LINK_OWNER), NamedNode(LINK_START), NamedNode(LINK_END)
_WHOLE = 1 << 256

# Links of one thing: for each thing it leads to, how many elements of each kind (IRI of the counting property).
Links = dict[str, Counter[str]]


@dataclass
class Tally:
    """What a derived graph consists of while it is being written: how many statements, and the sum of their digests.

    A sum, so that it follows a change without reading the rest, and does not depend on any order.
    """

    triples: int = 0
    sum: int = 0

    def count(self, quads: Iterable[Quad], sign: int = 1) -> None:
        for quad in quads:
            self.triples += sign
            self.sum = (self.sum + sign * int(hashlib.sha256(str(quad.triple).encode()).hexdigest(), 16)) % _WHOLE


@dataclass
class Deriving:
    """Rules over one store that is being built. `told` hears of each statement that is written (1) or removed (-1)."""

    rules: Sequence[Rule]
    base: Base
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    told: Callable[[Quad, int], None] = lambda _quad, _sign: None

    def follow(self, path: Path, before: Snapshot, changes: Sequence[Change]) -> set[str] | None:
        """Bring the links in a store that was made from an older one to what its statements say now.

        Returns:
            The plans whose links were looked at; None when all were.
        """
        if not self.rules:
            return set()
        store = Store(str(path))
        plans = touched(changes, before.store, store)
        if plans is None:
            for name in (NamedNode(graph(self.base, level, rule.slug)) for level, rule in self._graphs()):
                for quad in before.store.quads_for_pattern(None, None, None, name):
                    self.told(quad, -1)
                store.remove_graph(name)
            self.into(store)
        else:
            self._again(store, before, plans)
        store.flush()
        del store
        gc.collect()  # the store closes with its last reference
        return plans

    def whole(self, path: Path) -> None:
        """Write all links into a store that has none."""
        store = Store(str(path))
        self.into(store)
        store.flush()
        del store
        gc.collect()

    def into(self, store: Store) -> None:
        """The same, into a store that is open."""
        if self.rules:
            store.bulk_extend(self._every(store))  # in one go: each bulk load writes files of its own

    def _every(self, store: Store) -> Iterator[Quad]:
        owners = self.owners(store)
        above = {county: _plans(members, owners) for county, members in self.counties(store).items()}
        yield from self._counted(self._period(), self._periods(store, owners))
        for rule in self.link_rules():
            plans = links(store, rule)
            for level, found in zip(LEVELS, (plans, summed(plans, owners), summed(plans, above)), strict=True):
                name = graph(self.base, level, rule.slug)
                quads = (quad for start, each in sorted(found.items()) for quad in _quads(name, level, start, each))
                yield from self._counted(name, quads)

    def _again(self, store: Store, before: Snapshot, plans: Set[str]) -> None:
        """Write anew the links of plans that changed, and of their owners."""
        for entry in before.manifest.graphs:
            if entry.role == DERIVED:
                self.tallies[entry.graph] = Tally(entry.triples, int(entry.digest, 16))
        mine = {body for plan in plans for at in (before.store, store) for body in self._owners_of(at, plan)}
        for plan in plans:
            self._replace(store, self._period(), plan, self.period_of(store, plan))
        counties = {county: members for county, members in self.counties(store).items() if members & mine}
        owned = {body: self._plans_of(store, body) for body in mine}
        had, has = ({plan: self._owners_of(at, plan) for plan in plans} for at in (before.store, store))
        for rule in self.link_rules():
            name = graph(self.base, "plan", rule.slug)
            for plan in plans:
                found = links(store, rule, plan).get(plan, {})
                self._replace(store, name, plan, _quads(name, "plan", plan, found))
            self._replace_sums(store, rule, owned)
            for county, members in counties.items():
                left, entered = ({plan for plan in plans if owner[plan] & members} for owner in (had, has))
                self._move_sum(before.store, store, rule, county, (left, entered))

    def entries(self) -> list[GraphEntry]:
        """What a manifest says of the derived graphs; of those that hold nothing, nothing."""
        found = []
        for level, rule in self._graphs():
            name = graph(self.base, level, rule.slug)
            tally = self.tallies[name]
            if tally.triples:
                spot, digest = place(level, rule.slug), f"{tally.sum:064x}"
                found.append(GraphEntry(name, spot, DERIVED, rule.file, rule.sha256, digest, tally.triples))
        return found

    def _graphs(self) -> list[tuple[str, Rule]]:
        periods = [("period", rule) for rule in self.rules if rule.level == "period"]
        return [*periods, *((level, rule) for rule in self.link_rules() for level in LEVELS)]

    def link_rules(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.level == "plan"]

    def rule(self, level: str) -> Rule:
        return next(rule for rule in self.rules if rule.level == level)

    def _period(self) -> str:
        return graph(self.base, "period", self.rule("period").slug)

    def owners(self, store: Store) -> dict[str, set[str]]:
        """The plans of each organisation."""
        return _gathered(_rows(store, self.rule("owner")))

    def _owners_of(self, store: Store, plan: str) -> set[str]:
        return {row[0] for row in _rows(store, self.rule("owner"), ("plan", plan))}

    def _plans_of(self, store: Store, body: str) -> set[str]:
        return {row[1] for row in _rows(store, self.rule("owner"), ("from", body))}

    def counties(self, store: Store) -> dict[str, set[str]]:
        """The organisations of each county, itself among them."""
        return {county: members | {county} for county, members in _gathered(_rows(store, self.rule("county"))).items()}

    def period_of(self, store: Store, plan: str) -> list[Quad]:
        """What is to be said of one plan's owners and its first and last day."""
        return self._periods(store, {body: {plan} for body in self._owners_of(store, plan)}, plan)

    def _periods(self, store: Store, owners: Mapping[str, Set[str]], plan: str | None = None) -> list[Quad]:
        name = NamedNode(self._period())
        found = {
            Quad(NamedNode(plan), _OWNER, NamedNode(body), name) for body, plans in owners.items() for plan in plans
        }
        for start, *written in _rows(store, self.rule("period"), ("from", plan)):
            for relation, day in zip((_START, _END), map(periods.day, written, (False, True)), strict=True):
                if day:
                    found.add(Quad(NamedNode(start), relation, Literal(day.isoformat(), datatype=_DAY), name))
        return sorted(found, key=str)

    def _counted(self, name: str, quads: Iterable[Quad]) -> Iterator[Quad]:
        tally = self.tallies[name]
        for quad in quads:
            tally.count((quad,))
            self.told(quad, 1)
            yield quad

    def _replace(self, store: Store, name: str, start: str, quads: Iterable[Quad]) -> None:
        """Put these statements in the place of those a graph has about one thing."""
        old, new = set(standing(store, name, start)), set(quads)
        for quad in old - new:
            store.remove(quad)
            self.told(quad, -1)
        for quad in new - old:
            self.told(quad, 1)
        store.extend(new - old)
        self.tallies[name].count(old - new, -1)
        self.tallies[name].count(new - old)

    def _replace_sums(self, store: Store, rule: Rule, groups: Mapping[str, Set[str]]) -> None:
        plans = {plan for some in groups.values() for plan in some}
        each = {plan: read(store, graph(self.base, "plan", rule.slug), plan) for plan in plans}
        sums = summed(each, groups)
        name = graph(self.base, "organisation", rule.slug)
        for start in groups:
            self._replace(store, name, start, _quads(name, "organisation", start, sums.get(start, {})))

    def _move_sum(self, before: Store, store: Store, rule: Rule, county: str, moved: Sequence[Set[str]]) -> None:
        """Bring a county's links to what its plans have now: less what those that changed had, and what they have.

        A county has hundreds of plans, of which the others are not read. Which organisations it has did not change,
        or everything would be derived anew (`reach`).
        """
        name, where = graph(self.base, "county", rule.slug), graph(self.base, "plan", rule.slug)
        total: Links = defaultdict(Counter, read(before, name, county))
        for at, plans, sign in ((before, moved[0], -1), (store, moved[1], 1)):
            for to, counts in ((to, counts) for plan in plans for to, counts in read(at, where, plan).items()):
                for kind, count in counts.items():
                    total[to][kind] += sign * count
        left = {to: some for to, counts in total.items() if (some := +counts)}
        self._replace(store, name, county, _quads(name, "county", county, left))


def links(store: Store, rule: Rule, plan: str | None = None) -> dict[str, Links]:
    """What a rule finds in the default graph, for each plan or for one."""
    found: dict[str, Links] = defaultdict(lambda: defaultdict(Counter))
    for start, to, kind, count in _rows(store, rule, ("from", plan)):
        if start and to:
            found[start][to][COUNTS.get(kind, OTHERS)] += int(count)
    return found


def summed(plans: Mapping[str, Links], groups: Mapping[str, Set[str]]) -> dict[str, Links]:
    """The links of each group of plans, added up."""
    sums: dict[str, Links] = {}
    for start, members in groups.items():
        total: Links = defaultdict(Counter)
        for plan in members:
            for to, counts in plans.get(plan, {}).items():
                total[to].update(counts)
        if total:
            sums[start] = dict(total)
    return sums


def _quads(name: str, level: str, start: str, links: Links) -> Iterator[Quad]:
    """The statements of one thing's links. Organisations and counties have a direct one too, for joins to follow."""
    where, begin = NamedNode(name), NamedNode(start)
    for to, counts in sorted(links.items()):
        node = BlankNode(hashlib.sha256(f"{name} {start} {to}".encode()).hexdigest()[:31] + "d")
        end = NamedNode(to)
        yield Quad(node, _FROM, begin, where)
        yield Quad(node, _TO, end, where)
        if level != "plan":
            yield Quad(begin, _DIRECT, end, where)
        for kind, count in sorted(counts.items()):
            yield Quad(node, NamedNode(kind), Literal(str(count), datatype=_NUMBER), where)


def standing(store: Store, name: str, start: str) -> Iterator[Quad]:
    """What a graph says of one thing's links."""
    where, begin = NamedNode(name), NamedNode(start)
    yield from store.quads_for_pattern(begin, None, None, where)
    for link in store.quads_for_pattern(None, _FROM, begin, where):
        yield from store.quads_for_pattern(link.subject, None, None, where)


def read(store: Store, name: str, start: str) -> Links:
    """One thing's links, as a graph has them."""
    said: dict[Any, dict[NamedNode, Any]] = defaultdict(dict)
    for quad in standing(store, name, start):
        said[quad.subject][quad.predicate] = quad.object
    return {
        _value(about[_TO]): Counter(
            {kind.value: int(_value(count)) for kind, count in about.items() if kind not in (_FROM, _TO)}
        )
        for about in said.values()
        if _TO in about
    }


def _plans(bodies: Iterable[str], owners: Mapping[str, Set[str]]) -> set[str]:
    """The different plans of some organisations."""
    return {plan for body in bodies for plan in owners.get(body, ())}


def _gathered(rows: Iterable[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for start, other in rows:
        found[start].add(other)
    return dict(found)


def _rows(store: Store, rule: Rule, given: tuple[str, str | None] = ("", None)) -> list[tuple[str, ...]]:
    """What a rule's query finds; where a variable and its value are given, the rows with that value."""
    name, iri = given
    answer = store.query(rule.text if iri is None else rule.given(name, iri))
    assert isinstance(answer, QuerySolutions)
    return [tuple(map(_value, row)) for row in answer]


def _value(term: object) -> str:
    return str(getattr(term, "value", "")) if isinstance(term, NamedNode | Literal) else ""
