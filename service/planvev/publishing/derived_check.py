"""Whether the derived links of a finished snapshot are what their rules' questions answer, for a sample.

A plan's links are asked for by the rule itself, for that plan alone, which the engine carries out in another order than
for all plans at once. What organisations and counties have is added up again from the links of their plans. The
sample is whatever changed, and some things more that the snapshot's id chooses: others at each publish, so that in time
each is looked at, and the same ones whenever a publish is repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from planvev.engines.snapshot import Snapshot
from planvev.errors import StateUnusable
from planvev.formats.rdf import NamedNode
from planvev.names import Base
from planvev.publishing.derive import Deriving, Links, links, read, standing, summed
from planvev.queries.derivation import LINKS_TO, Rule, graph

SAMPLE = 8  # plans, organisations and counties that are looked at after everything was made
FEWER = 2  # beside those that changed, after a change

_DIRECT = NamedNode(LINKS_TO)


def verify(snapshot: Snapshot, rules: Sequence[Rule], base: Base, changed: Iterable[str] | None = None) -> None:
    """Compare the links that stand in a snapshot with the answers to their questions.

    Args:
        snapshot: the finished snapshot, as readers will find it.
        rules: by which it was made.
        base: of its IRIs.
        changed: the plans that changed since the one before; None when everything was made.

    Raises:
        StateUnusable: a link is missing, too many or counted otherwise.
    """
    if not rules:
        return
    store, deriving, sample = snapshot.store, Deriving(rules, base), SAMPLE if changed is None else FEWER
    owners = deriving.owners(store)
    plans = {plan for some in owners.values() for plan in some}
    sampled = {*_few(plans, sample, snapshot.id), *(changed or ())}
    mine = {body for body, some in owners.items() if some & sampled}
    counties = {
        county: {plan for body in members for plan in owners.get(body, ())}
        for county, members in deriving.counties(store).items()
    }
    groups = {body: owners[body] for body in {*mine, *_few(owners, sample, snapshot.id)}}
    # After a change one county is enough, one that it bears on if any: each has hundreds of plans to be read.
    near = [county for county, some in counties.items() if changed is not None and some & sampled]
    above = {
        county: counties[county] for county in _few(near or counties, sample if changed is None else 1, snapshot.id)
    }
    period = deriving.rule("period")
    for plan in sampled:
        if set(standing(store, graph(base, "period", period.slug), plan)) != set(deriving.period_of(store, plan)):
            raise _differs(period, plan)
    for rule in deriving.link_rules():
        where = graph(base, "plan", rule.slug)
        for plan in sampled:
            _compare(rule, plan, read(store, where, plan), links(store, rule, plan).get(plan, {}))
        for level, some in (("organisation", groups), ("county", above)):
            each = {plan: read(store, where, plan) for members in some.values() for plan in members}
            sums = summed(each, some)
            name = graph(base, level, rule.slug)
            for start in some:
                stands, asked = read(store, name, start), sums.get(start, {})
                _compare(rule, start, stands, asked)
                direct = store.quads_for_pattern(NamedNode(start), _DIRECT, None, NamedNode(name))
                if {str(getattr(quad.object, "value", "")) for quad in direct} != set(asked):
                    raise _differs(rule, start)


def _compare(rule: Rule, start: str, stands: Links, asked: Links) -> None:
    if stands != asked:
        raise _differs(rule, start)


def _differs(rule: Rule, start: str) -> StateUnusable:
    return StateUnusable(
        f"The links that {rule.file} derives for {start} are not what its question answers. Nothing was changed.",
        "Run `planvev publish --rebuild`; if it repeats, the rule or the engine is at fault.",
    )


def _few(things: Iterable[str], sample: int, seed: str) -> list[str]:
    return sorted(things, key=lambda iri: hashlib.sha256(f"{seed} {iri}".encode()).digest())[:sample]
