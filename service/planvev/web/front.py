"""Pages for whoever comes by the front door: the front page, what this is, and for whom it works."""

from __future__ import annotations

from collections import Counter
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from planvev.insight import figures
from planvev.insight.lookup import Lookup
from planvev.periods import SOON
from planvev.web.desk import Desk
from planvev.web.render import Pages
from planvev.web.rolls import Planned, Rolls, lines

DRAWN = 24  # plans on the time line of the front page
OWNERS = 24  # organisations named on it
LEADING = {"acts": 8, "guidance": 8, "target-groups": 16}  # of these lists what is most referred to, and how many of it
FIRST = ("plans", "aims", "law")  # the three large figures; the others stand below


class FrontRoutes:
    """The routes that every visitor may begin with."""

    def __init__(self, desk: Desk, pages: Pages, rolls: Rolls) -> None:
        self.desk = desk
        self.pages = pages
        self.rolls = rolls

    def routes(self) -> list[Route]:
        return [
            Route("/", self.front),
            Route("/about", self.about),
            Route("/accessibility", self.accessibility),
            Route("/tilgjengelighet", lambda _: RedirectResponse("/accessibility", 308)),
        ]

    def front(self, request: Request) -> Response:
        snapshot, who, today = self.desk.shelf.current(), self.pages.reader(request), self.pages.today()
        lookup = Lookup(snapshot, who.languages)
        plans = self.rolls.plans(snapshot)
        now = sorted((plan for plan in plans if plan.status(today) == "in-force"), key=_by_end)
        axis = figures.axis([plan.days for plan in now[:DRAWN]], today)
        owned = Counter(owner for plan in plans for owner in plan.owners)
        shown = {owner for owner, _ in owned.most_common(OWNERS)}
        leading = {name: self.rolls.leading(snapshot, name, who.languages, most) for name, most in LEADING.items()}
        snapshot.ready([*shown, *(iri for iris in leading.values() for iri in iris)])
        every = self.rolls.figures(snapshot)
        return self.pages.of_edition(
            request,
            self.desk,
            snapshot,
            "front.html",
            first=[(name, every[name]) for name in FIRST],
            others=[(name, count) for name, count in every.items() if count and name not in (*FIRST, "acts")],
            states=Counter(plan.status(today) for plan in plans),
            soon=sum(1 for plan in now if plan.period and plan.period.end and (plan.period.end - today).days <= SOON),
            axis=axis,
            plans=lines(lookup, now[:DRAWN], today, axis),
            in_force=len(now),
            owners=sorted(
                ((lookup.node(iri), owned[iri]) for iri in shown), key=lambda row: row[0].label.value.casefold()
            ),
            more_owners=len(owned) > OWNERS,
            leading={name: [lookup.node(iri) for iri in iris] for name, iris in leading.items()},
        )

    def about(self, request: Request) -> Response:
        return self.pages.of_edition(
            request, self.desk, self.desk.shelf.current(), "about.html", settings=self.desk.settings
        )

    def accessibility(self, request: Request) -> Response:
        return self.pages.of_edition(
            request, self.desk, self.desk.shelf.current(), "accessibility.html", settings=self.desk.settings
        )


def _by_end(plan: Planned) -> tuple[date, str]:
    """What ends first comes first; what has no end, last."""
    return (plan.period.end if plan.period and plan.period.end else date.max, plan.iri)
