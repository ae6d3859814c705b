"""A page as a test reads it: its links, its languages, its headings, and the words in each language."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
NO_TEXT = {"script", "style", "code", "textarea"}


@dataclass
class Page(HTMLParser):
    """Parsed strictly: an element that is not closed where it should be is a fault of the page, kept in `faults`."""

    address: str
    text: str
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    spoken: list[tuple[str, str]] = field(default_factory=list)  # (language, words)
    marked: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    language: str = ""
    title: str = ""
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag, _ in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        outer = self._open[-1][1] if self._open else ""
        language = given.get("lang", outer)
        if tag == "html":
            self.language = language
        if "lang" in given:
            self.marked.add(language)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag in ("a", "link") and "href" in given and not given["href"].startswith("data:"):
            self.links.append(urljoin(self.address, given["href"]))
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._open or self._open[-1][0] != tag:
            line, _ = self.getpos()
            self.faults.append(f"</{tag}> in line {line} closes {[name for name, _ in self._open[-3:]]}")
        while self._open:
            name, _ = self._open.pop()
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words or not self._open:
            return
        tags = [tag for tag, _ in self._open]
        if "title" in tags:
            self.title += words
        if self.headings and any(tag == f"h{self.headings[-1][0]}" for tag in tags):
            level, said = self.headings[-1]
            self.headings[-1] = (level, f"{said} {words}".strip())
        if not NO_TEXT & set(tags):
            self.spoken.append((self._open[-1][1], words))

    @property
    def internal(self) -> list[str]:
        """Links to this host, without fragments."""
        host = urlsplit(self.address).netloc
        return [link.partition("#")[0] for link in self.links if urlsplit(link).netloc == host]
