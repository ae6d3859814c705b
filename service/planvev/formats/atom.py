"""A news feed as Atom (RFC 4287): entries in, bytes out. What is news is not known here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True)
class Entry:
    """One piece of news. `id` is an IRI that never changes, `updated` a time with its zone (RFC 3339)."""

    id: str
    title: str
    updated: str
    page: str
    summary: str


def feed(iri: str, title: str, own: str, page: str, language: str, author: str, entries: Sequence[Entry]) -> bytes:
    """A feed.

    Args:
        iri: what it is called for ever.
        title: what people call it.
        own: its address.
        page: the address of the page that shows the same.
        language: of its words.
        author: who says so.
        entries: newest first; its time is that of the first.
    """
    ET.register_namespace("", ATOM)
    top = ET.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _text(top, "id", iri)
    _text(top, "title", title)
    _text(top, "updated", entries[0].updated if entries else "1970-01-01T00:00:00Z")
    _text(_text(top, "author", ""), "name", author)
    _link(top, "self", own, "application/atom+xml")
    _link(top, "alternate", page, "text/html")
    for entry in entries:
        one = ET.SubElement(top, f"{{{ATOM}}}entry")
        for name in ("id", "title", "updated", "summary"):
            _text(one, name, getattr(entry, name))
        _link(one, "alternate", entry.page, "text/html")
    return bytes(ET.tostring(top, "utf-8", xml_declaration=True))


def _text(above: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(above, f"{{{ATOM}}}{name}")
    element.text = _NOT_XML.sub("", text) or None
    return element


def _link(above: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(above, f"{{{ATOM}}}link", {"rel": rel, "type": kind, "href": href})
