"""What a page may ask while it is filled: addresses, names of terms, languages and dates, all for one reader.

The pieces that stand hundreds of times on a page, a link and a text marked with its language, are written here and not
by macros, which cost several times as much (decision 0021).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import babel.dates
import babel.numbers
from markupsafe import Markup, escape
from starlette.requests import Request

from planvev.insight import figures, markup
from planvev.insight.figures import Tree
from planvev.insight.lineage import Kin, Lineage
from planvev.insight.things import Group, Node, Text, Thing, Value
from planvev.insight.vocabulary import Vocabulary
from planvev.names import NS, PREFIXES, Base, short
from planvev.web.desk import VERSION
from planvev.web.texts import Reader, translator

# What people ask first about a thing, in this order.
FIRST = tuple(
    PREFIXES[prefix] + local
    for prefix, local in (
        ("plan", "text"),
        ("plan", "degree"),
        ("plan", "claimedBy"),
        ("plan", "requirement"),
        ("plan", "purpose"),
        ("dct", "type"),
        ("dct", "publisher"),
        ("dct", "creator"),
        ("plan", "responsible"),
        ("dct", "temporal"),
        ("plan", "horizon"),
        ("plan", "inFocusArea"),
        ("dct", "isPartOf"),
        ("plan", "anchoredIn"),
        ("plan", "derivedFrom"),
        ("plan", "followsUp"),
        ("plan", "legalBasis"),
        ("plan", "mentionsLaw"),
        ("plan", "guidedBy"),
        ("plan", "informedBy"),
        ("plan", "targets"),
        ("dct", "audience"),
    )
)
LAST = (NS + "alsoWritten",)
UNSAID = (NS + "order",)  # the place of a part is seen, not read


class View:
    """What templates may ask."""

    def __init__(
        self, base: Base, site: str, request: Request, who: Reader, today: date, vocabulary: Vocabulary | None
    ) -> None:
        """Args:
        base: of the addresses of our own things.
        site: where the service is, as the operator says it: never the name a request calls us by, because pages are
            kept for all.
        request: whom the page answers.
        who: its reader.
        today: the day that status is computed for.
        vocabulary: what terms are called; None where there is no snapshot.
        """
        self.base = base
        self.site = site.rstrip("/")
        self.request = request
        self.reader = who
        self.today = today
        self.vocabulary = vocabulary

    def href(self, address: str) -> str:
        """An address on this host, keeping the language when the reader chose one."""
        if not self.reader.chosen:
            return address
        path, hash_, fragment = address.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={self.reader.language}{hash_}{fragment}"

    def to(self, iri: str) -> str:
        """The address of the page about an IRI."""
        return self.href(self.base.address(iri))

    def here(self, language: str) -> str:
        """This page in another language."""
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != "lang"]
        return f"{self.request.url.path}?{urlencode([*kept, ('lang', language)])}"

    def now(self) -> str:
        """The address of this page without the version it names."""
        kept = [(key, value) for key, value in self.request.query_params.multi_items() if key != VERSION]
        return self.request.url.path + (f"?{urlencode(kept)}" if kept else "")

    def then(self) -> str:
        """What follows the address of another format of this page, so that it is of the same version."""
        asked = self.request.query_params.get(VERSION)
        return f"?{urlencode({VERSION: asked})}" if asked else ""

    def outward(self, iri: str) -> str | None:
        """The address of somebody else's thing, when it is one a browser may follow."""
        return iri if iri.startswith(("http://", "https://")) and self.base.local(iri) is None else None

    def term(self, iri: str, inverse: bool = False) -> Text:
        """What a term is called, with its language where that is not the reader's."""
        if self.vocabulary is None:
            return Text(short(iri))
        words, language = self.vocabulary.label(iri, self.reader.languages, inverse)
        return Text(words, language)

    def kind(self, node: Node) -> Text | None:
        """What kind of thing a node is."""
        return self.term(node.types[0]) if node.types else None

    def markup(self, thing: Thing, owners: Sequence[Node], document: str | None) -> dict[str, Any] | None:
        """A thing as search engines read it."""
        page = f"{self.site}{document}.html?lang={self.reader.language}" if self.site and document else ""
        return markup.markup(thing, owners, page)

    def tree(self, thing: Thing, lineage: Lineage) -> Tree:
        """A plan's place among plans as a drawing."""
        above = [[self._leaf(kin, False) for kin in step] for step in reversed(lineage.above)]
        below = [[self._leaf(kin, True) for kin in lineage.below]] if lineage.below else []
        joins = [(kin.node.iri, kin.of) for step in lineage.above for kin in step]
        joins += [(kin.of, kin.node.iri) for kin in lineage.below]
        return figures.tree([*above, [(thing.iri, thing.label.value, "")], *below], joins)

    def _leaf(self, kin: Kin, inverse: bool) -> tuple[str, str, str]:
        return kin.node.iri, kin.node.label.value, self.term(kin.by[0], inverse).value

    def ordered(self, groups: Sequence[Group]) -> list[Group]:
        """Statements in the order that people ask for them; the rest by name, numbers for sorting last."""
        shown = (group for group in groups if group.predicate not in UNSAID)
        return sorted(shown, key=lambda group: (_rank(group.predicate), self.term(group.predicate).value.casefold()))

    def said_of(self, properties: Sequence[str]) -> list[str]:
        """The properties that a reader is told about."""
        return [iri for iri in properties if iri not in UNSAID]

    def literal(self, value: Value) -> Text:
        """A value's words; dates and durations as people write them."""
        assert value.text is not None
        kind, text = value.datatype.removeprefix(PREFIXES["xsd"]), value.text.value
        if kind == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return Text(self.day(date.fromisoformat(text)))
        if kind == "duration" and (years := re.fullmatch(r"P(\d+)Y", text)):
            _, ngettext = translator(self.reader.language)
            count = int(years[1])
            return Text(ngettext("%(num)s year", "%(num)s years", count) % {"num": count})
        return value.text

    def foreign(self, text: Text) -> str | None:
        """The language to mark a text with: none where it is the page's own."""
        return text.language if text.language and text.language != self.reader.language else None

    def words(self, text: Text) -> Markup:
        """A text, marked with its language where that is not the page's."""
        other = self.foreign(text)
        return _html(f'<span lang="{escape(other)}">{_set(text.value)}</span>') if other else _set(text.value)

    def link(self, node: Node) -> Markup:
        """A thing by its name, leading to its page."""
        other = self.foreign(node.label)
        marked = f' lang="{escape(other)}"' if other else ""
        return _html(f'<a href="{escape(self.to(node.iri))}"{marked}>{_set(node.label.value)}</a>')

    def said(self, texts: Mapping[str, str]) -> Markup:
        """Of a text in several languages the reader's best; nothing where it is in none of them."""
        code = next((code for code in self.reader.languages if code in texts), None)
        if code is None:
            return _html("")
        marked = "" if code == self.reader.language else f' lang="{code}"'
        return _html(f"<span{marked}>{escape(texts[code])}</span>")

    def number(self, number: int) -> str:
        """A whole number as people write it: 12 345, and in English 12,345."""
        return babel.numbers.format_decimal(number, locale=self.reader.language)

    def day(self, day: date) -> str:
        return babel.dates.format_date(day, "long", locale=self.reader.language)


def typeset(text: str) -> str:
    """A text from the data as print sets it: a section sign never parts from its number at the end of a line."""
    return re.sub(r"(§+) (?=\d)", "\\1\N{NO-BREAK SPACE}", text) if "§" in text else text


def _set(text: str) -> Markup:
    return escape(typeset(text))


def _html(text: str) -> Markup:
    """What was put together here of escaped pieces."""
    return Markup(text)  # noqa: S704


def _rank(predicate: str) -> int:
    if predicate in FIRST:
        return FIRST.index(predicate)
    return len(FIRST) + (LAST.index(predicate) + 1 if predicate in LAST else 0)
