"""Plans kept by the shape of a query: the same question about another thing is neither read nor thought about anew.

A plan depends on the words of a query, its properties and classes, and on how often those are used; not on which
thing it asks about, because only averages and maxima are known of things. So a query that differs from an earlier one
in nothing but `<IRIs>` where a pattern has its subject or object, or in comments, is run as it is written where that
one was.

Its form is the text with every `<IRI>` emptied. Two texts of the same form consist of the same tokens but for those:
the scanner (`sparql`) reads each piece as an IRI wherever it may stand, but inside parentheses, where `<` may mean
"less than". So there the piece tells too; and a text with a string, an escape or a search (`matching`) has no form.
`tests/unit/test_shapes.py` holds it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace

from planvev.answering.optimise import Plan
from planvev.queries import glance
from planvev.queries.sparql import Query

MOST = 500  # shapes, and plans of one
LONGEST = 4096  # characters of a query that has a form

Form = tuple[str, Sequence[str]]
_NONE = ("\\", '"', "'", "search")  # where one of these stands there may be an escape, a string, a search
_IRI = re.compile(r"""<[^<>"{}|^`\\\x00-\x20]*>""")
_IRI_OR_COMMENT = re.compile(rf"({_IRI.pattern})|#[^\n\r]*")


@dataclass
class _Shape:
    """The queries of one form: which of their IRIs tell what is to be done, and what that is, by what those are.

    `asks` says of an ASK which of its IRIs are its subject, predicate and object, where they are no names.
    """

    kind: str
    telling: tuple[int, ...]
    asks: tuple[int | None, ...]
    plans: dict[tuple[str, ...], Plan] = field(default_factory=dict)


class Shapes:
    """The plans of one snapshot's queries that are run as they are written."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape] = {}

    def find(self, text: str) -> tuple[Query, Plan] | None:
        """A query and its plan, if one of its shape was kept; then it is one that `sparql.read` would pass."""
        formed = _formed(text)
        shape = self._shapes.get(formed[0]) if formed else None
        if formed is None or shape is None:
            return None
        iris = formed[1]
        plan = shape.plans.get(tuple([iris[place] for place in shape.telling]))
        if plan is None:
            return None
        asks = plan.asks and glance.pattern_with(plan.asks, [None if n is None else iris[n] for n in shape.asks])
        return Query(text, shape.kind), replace(plan, text=text, asks=asks)

    def keep(self, query: Query, things: Container[int], plan: Plan) -> None:
        """Keep the plan of a query; `things` are the places of tokens that stand for things it asks about."""
        formed = _formed(query.text)
        places = [n for n, token in enumerate(query.tokens) if token.kind == "iri"]
        if formed is None or query.graphs or list(formed[1]) != [query.tokens[n].text for n in places]:
            return  # a piece that looks like an IRI is none
        telling = {k for k, n in enumerate(places) if n not in things or _in_parentheses(query, n)}
        shape = self._shapes.get(formed[0])
        if shape is None or not telling.issubset(shape.telling):
            # What is a thing beside one property is a class beside another: then that place tells from now on.
            telling.update(shape.telling if shape else ())
            if len(self._shapes) >= MOST:
                self._shapes.clear()
            asks = tuple(places.index(n) if n in places else None for n in glance.places(query)) if plan.asks else ()
            shape = self._shapes[formed[0]] = _Shape(query.kind, tuple(sorted(telling)), asks)
        if len(shape.plans) >= MOST:
            shape.plans.clear()
        shape.plans[tuple([formed[1][place] for place in shape.telling])] = plan


def _formed(text: str) -> Form | None:
    """The form of a text and its IRIs; None where it has none."""
    if len(text) > LONGEST or any(sign in text for sign in _NONE):
        return None
    form = _IRI.sub("<>", text)
    if "#" not in form:
        return form.rstrip(), _IRI.findall(text)
    pieces = _IRI_OR_COMMENT.findall(text)  # without strings, what is outside an IRI and looks like a comment is one
    form = _IRI_OR_COMMENT.sub(lambda piece: "<>" if piece[1] else "", text)
    return form.rstrip(), [piece for piece in pieces if piece]


def _in_parentheses(query: Query, place: int) -> bool:
    before = [token.text for token in query.tokens[:place] if token.kind in ("open", "close")]
    return before.count("(") > before.count(")")
