"""What overviews read, remembered for the edition: organisations, all or of a kind or county, and derived links."""

from __future__ import annotations

from planvev.engines import shortcuts
from planvev.engines.engine import Edition
from planvev.engines.shortcuts import Shortcut
from planvev.errors import BadRequest
from planvev.insight import bodies
from planvev.insight.bodies import MUNICIPALITY, Body
from planvev.insight.lookup import Lookup
from planvev.insight.things import Node
from planvev.names import Base
from planvev.queries.derivation import graph
from planvev.web.rolls import Rolls

EVERY = "all"


class Columns:
    """One for each application. A choice is a kind or a county of organisations (IRI), or `EVERY`."""

    def __init__(self, base: Base, rolls: Rolls) -> None:
        self.base = base
        self.rolls = rolls

    def bodies(self, snapshot: Edition) -> tuple[Body, ...]:
        def made() -> tuple[Body, ...]:
            return bodies.read(snapshot, self.owned(snapshot))

        return self.rolls.kept(snapshot, ("bodies",), made)

    def owned(self, snapshot: Edition) -> frozenset[str]:
        """The organisations that have any plan here."""
        return frozenset(owner for plan in self.rolls.plans(snapshot) for owner in plan.owners)

    def options(self, snapshot: Edition) -> dict[str, int]:
        """The kinds and counties of organisations that have plans (IRIs), and how many organisations each has."""
        every, owned = self.bodies(snapshot), self.owned(snapshot)
        found = dict.fromkeys(choice for body in every if body.iri in owned for choice in (*body.kinds, *body.counties))
        return {choice: sum(1 for body in every if choice in (*body.kinds, *body.counties)) for choice in found}

    def named_options(self, snapshot: Edition, lookup: Lookup) -> list[tuple[Node, int]]:
        """The same as links, kinds first."""
        options = self.options(snapshot)
        snapshot.ready(options)
        named = [(lookup.node(iri), count) for iri, count in options.items()]
        return sorted(named, key=_kinds_first)

    def read(self, snapshot: Edition, said: str | None, otherwise: str | None = None) -> str:
        """The choice that an address makes; without one `otherwise`, or municipalities where they have plans.

        Raises:
            BadRequest: there is no such kind or county.
        """
        options = self.options(snapshot)
        chosen = said or otherwise or (MUNICIPALITY if MUNICIPALITY in options else EVERY)
        if chosen != EVERY and self.base.meant(chosen) not in options:
            raise BadRequest(f"There are no columns {chosen[:80]!r}.", "Choose in the form at /matrix.")
        return chosen if chosen == EVERY else self.base.meant(chosen)

    def named(self, snapshot: Edition, choice: str, lookup: Lookup) -> list[Node]:
        """The organisations of a choice, those with plans here first, by name."""
        owned = self.owned(snapshot)

        def made() -> list[Node]:
            chosen = [
                body.iri
                for body in self.bodies(snapshot)
                if (body.iri in owned if choice == EVERY else choice in (*body.kinds, *body.counties))
            ]
            snapshot.ready(chosen)
            return sorted(
                map(lookup.node, chosen), key=lambda node: (node.iri not in owned, node.label.value.casefold())
            )

        return self.rolls.kept(snapshot, ("columns", choice, *lookup.languages), made)

    def links(self, snapshot: Edition, kind: str) -> tuple[Shortcut, ...]:
        """The derived links from plans to things of a kind (a key of `matrix.KINDS`)."""
        name = graph(self.base, "plan", kind)
        return self.rolls.kept(snapshot, ("links", kind), lambda: shortcuts.gathered(snapshot.graph(name)))

    def any(self, snapshot: Edition, kind: str) -> bool:
        """Whether plans of organisations lead to anything of a kind: a derived graph without links is not there."""
        return graph(self.base, "organisation", kind) in snapshot.graphs

    def said_by(self, snapshot: Edition, choice: str) -> tuple[str, ...]:
        """The property and the value that the organisations of a choice have in common."""
        if choice == EVERY:
            return ()
        counties = {county for body in self.bodies(snapshot) for county in body.counties}
        return (bodies.IN_COUNTY if choice in counties else bodies.TYPE, choice)


def _kinds_first(option: tuple[Node, int]) -> tuple[bool, str]:
    return not option[0].iri.startswith(bodies.KINDS), option[0].label.value.casefold()
