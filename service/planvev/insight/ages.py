"""Whom a definition means by age: its rules on a scale, with their conditions and the words they are read from.

The numbers are those of the data (`schema:suggestedMinAge`, `schema:suggestedMaxAge`, both years counted); how words
were read is the data's to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from planvev.insight.figures import Scale, Span, scale
from planvev.insight.lookup import Lookup
from planvev.insight.said import Said, by_property, literals, unnamed
from planvev.insight.things import Text
from planvev.names import NS, PREFIXES

_SCHEMA, _RDFS = PREFIXES["schema"], PREFIXES["rdfs"]
AGE_RULE = NS + "ageRule"


@dataclass(frozen=True)
class Age:
    """One rule: the first and last year of age that it counts in, where stated, and its words; `condition` for whom it
    is where it is an exception."""

    first: int | None
    last: int | None
    written: Text | None
    condition: Text | None
    comment: Text | None
    span: Span


@dataclass(frozen=True)
class Ages:
    """The rules of a definition: those for all first, then the exceptions; and the scale they are drawn on."""

    scale: Scale
    rules: tuple[Age, ...]


def ages(lookup: Lookup, iri: str) -> Ages | None:
    """Whom a definition means by age; None where it does not say."""
    said = [by_property(lookup.snapshot.said(node)) for node in unnamed(lookup.said(iri), AGE_RULE)]
    ends = [(_number(one, "suggestedMinAge"), _number(one, "suggestedMaxAge")) for one in said]
    if not any(end is not None for pair in ends for end in pair):
        return None
    line = scale(end for pair in ends for end in pair if end is not None)
    rules = [_rule(lookup, one, first, last, line) for one, (first, last) in zip(said, ends, strict=True)]
    return Ages(line, tuple(sorted(rules, key=lambda rule: (rule.condition is not None, rule.last or 0))))


def _rule(lookup: Lookup, said: Said, first: int | None, last: int | None, line: Scale) -> Age:
    written, condition, comment = (
        lookup.text(literals(said, predicate)) for predicate in (NS + "asWritten", NS + "condition", _RDFS + "comment")
    )
    return Age(first, last, written, condition, comment, line.span(first, last))


def _number(said: Said, local: str) -> int | None:
    found = (literal.value for literal in literals(said, _SCHEMA + local))
    return next((int(text) for text in found if text.isdecimal() and len(text) < 4), None)
