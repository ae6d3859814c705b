"""What is wrong with a Turtle text, in the words of who writes plans: the parser's complaint as what to do about it.

The parser (pyoxigraph) is right about the place and says in English what it waited for. What a writer most often did is
said here in nb, nn and en; of everything else the parser's own words are passed on. Nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from planvev.names import PREFIXES

Words = Mapping[str, str]

_CURLY = "“”„‘’‚«»"

# What the parser says, and what that means in nb, nn and en; `{0}` is the pattern's group.
_MEANINGS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    (
        r"Line jumps are not allowed in string",
        (
            (
                "Anførselstegnet som avslutter teksten, mangler på linja; "
                'går teksten over flere linjer, skriv """ før og etter.'
            ),
            (
                "Hermeteiknet som avsluttar teksten, manglar på linja; "
                'går teksten over fleire linjer, skriv """ før og etter.'
            ),
            (
                "The quotation mark that ends the text is missing on the line; "
                'for a text of several lines write """ around it.'
            ),
        ),
    ),
    (
        r"A dot is expected",
        (
            "Det mangler et punktum, eller et semikolon, foran dette; se også på linja over.",
            "Det manglar eit punktum, eller eit semikolon, framfor dette; sjå òg på linja over.",
            "A full stop, or a semicolon, is missing before this; look at the line above too.",
        ),
    ),
    (
        r"should end with a '\]'",
        (
            "En [ er ikke lukket; skriv ] der det som står i den, er slutt.",
            "Ein [ er ikkje lukka; skriv ] der det som står i han, er slutt.",
            "A [ is not closed; write ] where what stands in it ends.",
        ),
    ),
    (
        r"Invalid IRI code point ' '",
        (
            "En adresse mellom < og > kan ikke ha mellomrom; skriv %20, eller se etter en > som mangler.",
            "Ei adresse mellom < og > kan ikkje ha mellomrom; skriv %20, eller sjå etter ein > som manglar.",
            "An address between < and > cannot have a space; write %20, or look for a > that is missing.",
        ),
    ),
    (
        r"Invalid IRI code point '(.+)'",
        (
            "En adresse mellom < og > kan ikke ha tegnet {0}; rett adressen.",
            "Ei adresse mellom < og > kan ikkje ha teiknet {0}; rett adressa.",
            "An address between < and > cannot have the character {0}; mend the address.",
        ),
    ),
    (
        r"No scheme found",
        (
            "Adressen er ikke hel; begynn den med https://, eller skriv @base <https://…/id/> . øverst i filen.",
            "Adressa er ikkje heil; byrj ho med https://, eller skriv @base <https://…/id/> . øvst i fila.",
            (
                "The address is not whole; "
                "begin it with https://, or write @base <https://…/id/> . at the top of the file."
            ),
        ),
    ),
    (
        r"^([.;,\])]) is not a valid (?:RDF object|predicate)",
        (
            (
                "Det mangler noe foran «{0}»; "
                "skriv det som skulle stå der, eller se etter en klamme eller parentes som ikke er lukket."
            ),
            (
                "Det manglar noko framfor «{0}»; "
                "skriv det som skulle stå der, eller sjå etter ein klamme eller parentes som ikkje er lukka."
            ),
            "Something is missing before “{0}”; write what belongs there, or look for a bracket that is not closed.",
        ),
    ),
    (
        r"(?s)^(.+) is not a valid RDF object",
        (
            "«{0}» er ingen verdi; sett tekst i anførselstegn og adresser mellom < og >.",
            "«{0}» er ingen verdi; set tekst i hermeteikn og adresser mellom < og >.",
            "“{0}” is no value; put text in quotation marks and addresses between < and >.",
        ),
    ),
    (
        r"(?s)^(.+) is not a valid predicate",
        (
            "Her skulle det stå en egenskap, ikke «{0}»; se etter et punktum som mangler eller er ett for mye.",
            "Her skulle det stå ein eigenskap, ikkje «{0}»; sjå etter eit punktum som manglar eller er eitt for mykje.",
            "A property belongs here, not “{0}”; look for a full stop that is missing, or one too many.",
        ),
    ),
    (
        r"^-\d+ is not a valid subject",
        (
            'Er dette en dato, skriv den med anførselstegn og datatype: "2025-01-31"^^xsd:date.',
            'Er dette ein dato, skriv han med hermeteikn og datatype: "2025-01-31"^^xsd:date.',
            'If this is a date, write it with quotation marks and a datatype: "2025-01-31"^^xsd:date.',
        ),
    ),
    (
        r"(?s)^(.+) is not a valid subject",
        (
            (
                "Her begynner noe nytt, og det kan ikke være «{0}»; "
                "se etter et punktum for mye, eller et anførselstegn som mangler."
            ),
            (
                "Her byrjar noko nytt, og det kan ikkje vere «{0}»; "
                "sjå etter eit punktum for mykje, eller eit hermeteikn som manglar."
            ),
            (
                "Something new begins here, and it cannot be “{0}”; "
                "look for a full stop too many, or a missing quotation mark."
            ),
        ),
    ),
    (
        rf"'([{_CURLY}])' is not allowed",
        (
            'Anførselstegnet {0} er ikke et rett anførselstegn; skriv ".',
            'Hermeteiknet {0} er ikkje eit rett hermeteikn; skriv ".',
            'The quotation mark {0} is not a straight one; write ".',
        ),
    ),
    (
        r"(?s)'(.)' is not allowed",
        (
            "Tegnet {0!r} kan ikke stå her; sett tekst i anførselstegn og adresser mellom < og >.",
            "Teiknet {0!r} kan ikkje stå her; set tekst i hermeteikn og adresser mellom < og >.",
            "The character {0!r} cannot stand here; put text in quotation marks and addresses between < and >.",
        ),
    ),
    (
        r"Unexpected escape character",
        (
            r"Skråstreken \ i en tekst må skrives \\.",
            r"Skråstreken \ i ein tekst må skrivast \\.",
            r"The backslash \ in a text must be written \\.",
        ),
    ),
    (
        r"subtag|language tag",
        (
            "Språket bak @ er ikke skrevet rett; skriv @nb, @nn eller @en.",
            "Språket bak @ er ikkje skrive rett; skriv @nb, @nn eller @en.",
            "The language behind @ is not written right; write @nb, @nn or @en.",
        ),
    ),
)

_PREFIX = (
    "Forkortelsen {0}: er ikke forklart; skriv @prefix {0}: <{1}> . øverst i filen.",
    "Forkortinga {0}: er ikkje forklart; skriv @prefix {0}: <{1}> . øvst i fila.",
    "The prefix {0}: is not declared; write @prefix {0}: <{1}> . at the top of the file.",
)
_OPEN_TEXT = (
    "Teksten som begynner her, slutter ikke; skriv anførselstegnet som avslutter den.",
    "Teksten som byrjar her, sluttar ikkje; skriv hermeteiknet som avsluttar han.",
    "The text that begins here does not end; write the quotation mark that ends it.",
)
_OPEN_ADDRESS = (
    "Adressen som begynner her, slutter ikke; skriv > der den er slutt.",
    "Adressa som byrjar her, sluttar ikkje; skriv > der ho er slutt.",
    "The address that begins here does not end; write > where it ends.",
)
_CUT = (
    "Filen slutter midt i noe; skriv resten, eller punktumet som mangler til slutt.",
    "Fila sluttar midt i noko; skriv resten, eller punktumet som manglar til slutt.",
    "The file ends in the middle of something; write the rest, or the full stop that is missing at the end.",
)
_CONFLICT = (
    "Her står merket som git setter der to har endret det samme; velg det som skal stå, og ta bort alle tre merkene.",
    "Her står merket som git set der to har endra det same; vel det som skal stå, og ta bort alle tre merka.",
    "Here stands git's mark of what two have changed at once; choose what shall stand, and take away all three marks.",
)
_OTHER = (
    (
        "Filen kan ikke leses her. Leseren sier: {0}. Rett det som står her, eller se lenger oppe "
        "etter noe som ikke er avsluttet."
    ),
    (
        "Fila kan ikkje lesast her. Lesaren seier: {0}. Rett det som står her, eller sjå lenger "
        "oppe etter noko som ikkje er avslutta."
    ),
    (
        "The file cannot be read here. The parser says: {0}. Mend what stands here, or look "
        "further up for what does not end."
    ),
)
_BYTES = (
    "Filen er ikke lagret som UTF-8; åpne den i en tekstredigerer og lagre den som UTF-8.",
    "Fila er ikkje lagra som UTF-8; opne ho i ein tekstredigerar og lagre ho som UTF-8.",
    "The file is not UTF-8; open it in a text editor and save it as UTF-8.",
)
_NO_TEXT = (
    "Filen er ikke ren tekst, men {0}; skriv planen som Turtle i en tekstredigerer (`planvev new` begynner en).",
    "Fila er ikkje rein tekst, men {0}; skriv planen som Turtle i ein tekstredigerar (`planvev new` byrjar ein).",
    "The file is not plain text but {0}; write the plan as Turtle in a text editor (`planvev new` begins one).",
)
_MARKED = (
    "En setning om en setning, eller en tekst med skriveretning, er RDF 1.2 og leses ikke her; skriv det uten.",
    "Ei setning om ei setning, eller ein tekst med skriveretning, er RDF 1.2 og blir ikkje lesen her; skriv det utan.",
    "A statement about a statement, or a text with a direction, is RDF 1.2 and not read here; write it without.",
)
# How files begin that people rename to .ttl.
_KINDS = (
    (
        b"PK\x03\x04",
        (
            "et Word- eller Excel-dokument, eller et arkiv",
            "eit Word- eller Excel-dokument, eller eit arkiv",
            "a Word or Excel document, or an archive",
        ),
    ),
    (b"%PDF", ("en PDF", "ein PDF", "a PDF")),
    (
        b"\xd0\xcf\x11\xe0",
        (
            "et gammelt Word- eller Excel-dokument",
            "eit gammalt Word- eller Excel-dokument",
            "an old Word or Excel document",
        ),
    ),
    (b"<html", ("en nettside", "ei nettside", "a web page")),
    (b"<!doctype", ("en nettside", "ei nettside", "a web page")),
    (b"{\\rtf", ("et RTF-dokument", "eit RTF-dokument", "an RTF document")),
)


def misread(message: str, line: str, column: int) -> Words:
    """What a complaint of the parser's means, by language.

    Args:
        message: what the parser says, without the place.
        line: the line of the place; empty behind the end of the file.
        column: of the place, counted from 1.
    """
    if re.match(r"<{7} |={7}$|>{7} ", line):
        return _said(_CONFLICT)
    if prefix := re.search(r"The prefix (\S*): has not been declared", message):
        return _said(_PREFIX, prefix[1], PREFIXES.get(prefix[1], "…"))
    if message.startswith("Unexpected end"):
        return _said({'"': _OPEN_TEXT, "'": _OPEN_TEXT, "<": _OPEN_ADDRESS}.get(line[column - 1 : column], _CUT))
    for pattern, sentences in _MEANINGS:
        if found := re.search(pattern, message):
            return _said(sentences, *(_short(group) for group in found.groups()))
    return _said(_OTHER, message.rstrip("."))


def no_turtle(data: bytes) -> Words | None:
    """What to do about a file that is of another kind, by its first bytes; None when it may be Turtle."""
    for begin, kind in _KINDS:
        if data.startswith(begin) or data[:64].lstrip().lower().startswith(begin):
            return {
                lang: form.format(of) for (lang, form), of in zip(_said(_NO_TEXT, "{0}").items(), kind, strict=True)
            }
    return None


def not_utf8() -> Words:
    """What to do about bytes that are no UTF-8."""
    return _said(_BYTES)


def newer() -> Words:
    """What to do about RDF 1.2."""
    return _said(_MARKED)


def _said(sentences: tuple[str, str, str], *groups: str) -> Words:
    forms = zip(("nb", "nn", "en"), sentences, strict=True)
    return {lang: form.format(*groups) if groups else form for lang, form in forms}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
