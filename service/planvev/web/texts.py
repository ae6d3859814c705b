"""Which language a reader gets, and the words of the pages in it.

The source of the words is English, in the templates; `locale/<language>/messages.po` holds bokmål and nynorsk and is
read as it stands, so that a changed translation needs no compiling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from markupsafe import Markup

LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}

# What to fall back to where something is not said in the reader's language: the nearest one, then whatever there is.
NEAREST = {"nb": ("nb", "no", "nn", "en"), "nn": ("nn", "nb", "no", "en"), "en": ("en", "nb", "no", "nn")}


@dataclass(frozen=True)
class Reader:
    """The language of one reader; `chosen` when the address says so, and links must keep it."""

    language: str
    chosen: bool

    @property
    def languages(self) -> tuple[str, ...]:
        """The reader's languages, best first."""
        return NEAREST[self.language]


def reader(lang: str | None, accept_language: str | None, default: str) -> Reader:
    """The reader's language: `?lang=` wins, then Accept-Language (RFC 9110, section 12.5.4), then the default."""
    if lang in LANGUAGES:
        return Reader(lang, True)
    ranked = sorted((_range(part) for part in (accept_language or "").split(",") if part.strip()), key=lambda r: -r[1])
    for tag, weight in ranked:
        language = {"no": "nb"}.get(tag.partition("-")[0], tag.partition("-")[0])
        if weight > 0 and language in LANGUAGES:
            return Reader(language, False)
    return Reader(default, False)


def _range(part: str) -> tuple[str, float]:
    tag, _, parameter = part.partition(";")
    name, _, value = parameter.strip().partition("=")
    try:
        return tag.strip().lower(), float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return tag.strip().lower(), 0.0


@cache
def messages(language: str) -> dict[str, str | tuple[str, ...]]:
    """The translations of a language, by English text; empty for English."""
    path = Path(__file__).parent / "locale" / language / "messages.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        (entry.id if isinstance(entry.id, str) else entry.id[0]): (
            entry.string if isinstance(entry.string, str) else tuple(entry.string)
        )
        for entry in catalogue
        if entry.id and entry.string
    }


def translator(language: str) -> tuple[Callable[[str], str], Callable[[str, str, int], str]]:
    """`gettext` and `ngettext` for a language."""
    words = messages(language)

    def gettext(text: str) -> str:
        found = words.get(text, text)
        return found if isinstance(found, str) else found[0]

    def ngettext(one: str, many: str, count: int) -> str:
        found = words.get(one, (one, many))
        return found if isinstance(found, str) else found[0 if count == 1 else -1]

    return gettext, ngettext


def phrases(language: str) -> tuple[Callable[..., Markup], Callable[..., Markup]]:
    """`_` and `ngettext` of templates: what is put into a phrase by name is escaped, `num` is the count of the second.

    Jinja2's own translate as well, but look for the context each time and make a new text where nothing is put in.
    """
    gettext, ngettext = translator(language)

    @cache
    def plain(text: str) -> Markup:
        return Markup(gettext(text)) % {}  # noqa: S704  from our catalogue

    def phrase(text: str, /, **values: object) -> Markup:
        return Markup(gettext(text)) % values if values else plain(text)  # noqa: S704

    def number(one: str, many: str, count: int, /, **values: object) -> Markup:
        return Markup(ngettext(one, many, count)) % {"num": count, **values}  # noqa: S704

    return phrase, number
