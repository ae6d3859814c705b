"""What a reader asked for, as clauses for tantivy: words in their forms, fields by what they are worth, filters.

A match is worth what its field says and no more, however often a word stands there or in other documents: the same
thing has the same score in any layout of the index. Nothing here is parsed by tantivy; every term is given as a term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tantivy import FieldType, Occur, Query, Schema

from planvev.finding.search_index import OPEN_END, OPEN_START
from planvev.finding.search_text import FOLDED, SHORTEST_BEGINNING, Unit, beginnings, code, stem, tolerance

# What a word is worth in each field: as itself, and as the beginning of a longer one.
WORTH = {"name": (10.0, 5.0), "also": (7.0, 3.0), "text": (2.0, 1.0), "quote": (1.0, 0.5)}
ENGLISH = {"name_en": 9.0, "text_en": 2.0}
CODE = 40.0
NEARLY = 0.1  # of that, for a word that is nearly right
NAMES = ("name", "also", "name_en")

FIELDS = (*WORTH, *ENGLISH)


@dataclass(frozen=True)
class Clauses:
    """Clauses over one schema."""

    schema: Schema

    def all(
        self, units: Sequence[Unit], fields: Sequence[str], shortest: int = SHORTEST_BEGINNING, near: bool = False
    ) -> Query:
        """Every unit answers; the last may be the beginning of a word."""
        every = [self.unit(unit, fields, 0, near) for unit in units[:-1]]
        every.append(self.unit(units[-1], fields, shortest, near))
        return Query.boolean_query([(Occur.Must, clause) for clause in every])

    def unit(self, unit: Unit, fields: Sequence[str], shortest: int, near: bool) -> Query:
        ways = [] if unit.quoted else [self.term("code", unit.code or code(unit.words[0]), CODE)]
        begun = beginnings(unit, shortest) if shortest else ()
        for name in fields:
            worth, as_beginning = WORTH.get(name, (ENGLISH.get(name, 0.0), 0.0))
            ways.append(Query.const_score_query(self._said(unit, name), worth))
            for term in begun if as_beginning else ():
                longer = Query.fuzzy_term_query(self.schema, name, term, distance=0, prefix=True)
                ways.append(Query.const_score_query(longer, as_beginning))
        if near and len(unit.words) == 1 and not unit.quoted:
            ways += self._nearly(unit)
        return Query.boolean_query([(Occur.Should, way) for way in ways])

    def _nearly(self, unit: Unit) -> Iterator[Query]:
        whole = stem(unit.words[0], FOLDED)
        for name, term in (("word", whole), *((name, unit.stems[0][0]) for name in WORTH)):
            if letters := tolerance(term):
                worth = WORTH.get(name, WORTH["name"])[0] * NEARLY
                yield Query.const_score_query(Query.fuzzy_term_query(self.schema, name, term, letters, True), worth)

    def _said(self, unit: Unit, name: str) -> Query:
        """The unit in one field: its word in one of the forms it may have, or its words one after the other."""
        forms = [(term,) for term in unit.english] if name in ENGLISH else unit.stems
        if len(forms) > 1:
            return Query.phrase_query(self.schema, name, [terms[0] for terms in forms])
        terms = [Query.term_query(self.schema, name, term, index_option="basic") for term in forms[0]]
        return Query.boolean_query([(Occur.Should, term) for term in terms])

    def term(self, name: str, value: str, worth: float = 0.0) -> Query:
        return Query.const_score_query(Query.term_query(self.schema, name, value, index_option="basic"), worth)

    def in_status(self, status: str, today: int) -> Iterator[tuple[Occur, Query]]:
        def days(name: str, first: int, last: int) -> Query:
            return Query.const_score_query(Query.range_query(self.schema, name, FieldType.Integer, first, last), 0.0)

        if status == "coming":
            yield Occur.Must, days("start", today + 1, OPEN_END)
        elif status == "expired":
            yield Occur.Must, days("end", OPEN_START, today - 1)
        elif status == "in-force":
            yield Occur.Must, days("start", OPEN_START, today)
            yield Occur.Must, days("end", today, OPEN_END)
        else:
            yield Occur.MustNot, days("start", OPEN_START, OPEN_END)
