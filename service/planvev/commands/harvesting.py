"""`planvev registry check`: the service as a national registry meets it; `registry links`: what the data leads to.

Each document is fetched as the harvester of data.norge.no does it (one GET with one media type, 200, no compression, at
most 75 MB, absolute IRIs, no members without a name), held to the official shapes where a folder with them is given,
scored as the portal scores, and each file it names is fetched and compared with its size and SHA-256. Links outward are
listed from the files; whether they still lead anywhere is only asked when the operator says so.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from planvev import __version__
from planvev.checking import terminal
from planvev.errors import SyntaxFault
from planvev.formats import rdf
from planvev.formats.rdf import BlankNode, Literal, NamedNode, Triple
from planvev.library import Library, read
from planvev.names import Base, short
from planvev.registries import calling, profiles, quality
from planvev.registries.calling import Manners
from planvev.registries.outward import Outward, outward
from planvev.registries.registry import full
from planvev.settings import Settings, page_address

HERE = "http://127.0.0.1:8000"
DOCUMENTS = ("catalogue", "concepts", "model", "organisations", "codes")
MOST = 75 * 1024 * 1024  # bytes that the harvester takes
MEMBERS = ("dcat:dataset", "dcat:service", "modelldcatno:model", "skos:member")
PIECE = 1 << 20


def add(commands: Any) -> None:
    """Add the command to the command line."""
    command = commands.add_parser(
        "registry",
        help="see the service as national registries do",
        description="Fetch what national registries harvest from a running service and check it.",
    )
    what = command.add_subparsers(dest="what", required=True, metavar="check|links")
    _add_links(what)
    checking = what.add_parser(
        "check",
        help="check the harvest documents",
        description="Fetch the harvest documents as the harvester of data.norge.no does, check them, print the quality "
        "score of each dataset, and compare every file with what the catalogue says of it. "
        "Exit code 1: a registry would meet a fault.",
    )
    checking.add_argument(
        "--url", type=page_address, default=HERE, metavar="URL", help=f"the service (default: {HERE})"
    )
    checking.add_argument(
        "--profiles", type=Path, metavar="DIR", help="also hold the documents to the official shapes in this folder"
    )
    checking.add_argument(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds for each fetch (default: 30)"
    )
    checking.set_defaults(run=_check)


def _add_links(what: Any) -> None:
    manners = Manners()
    links = what.add_parser(
        "links",
        help="list the links to others, or test them",
        description="List every link of the files to things of others: where it stands, how it is meant, and who says "
        "that it is right (stated, summary, editorial, machine). With --check each address is asked, "
        "politely and from this machine, whether it still answers. "
        "Exit code 1: a link has no basis, or an address does not answer.",
    )
    links.add_argument("--check", action="store_true", help="ask each address; without it nothing leaves this machine")
    links.add_argument("--host", action="append", default=[], metavar="NAME", help="only links to this host")
    links.add_argument(
        "--delay", type=float, default=manners.pause, metavar="S", help="seconds between two requests to a host (1)"
    )
    links.add_argument("--timeout", type=float, default=manners.timeout, metavar="S", help="seconds for each (20)")
    links.add_argument("--most", type=int, default=manners.most, metavar="N", help="addresses asked at most (500)")
    links.add_argument(
        "--also-private", action="store_true", help="also ask addresses that are not on the public network"
    )
    links.set_defaults(run=_links)


@dataclass(frozen=True)
class Fetched:
    """What an address answered; `fault` says what is wrong with it, empty for nothing."""

    status: int = 0
    type: str = ""
    encoding: str = ""
    size: int = 0
    sha256: str = ""
    body: bytes = b""
    fault: str = ""


def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    del settings
    url, faults = str(chosen.url).rstrip("/"), 0
    for name in DOCUMENTS:
        document, wrong = _document(f"{url}/{name}", chosen.timeout)
        wrong += _against(name, document, chosen.profiles)
        faults += len(wrong)
        print(f"{name}: {len(document)} statements, {terminal.count(len(wrong), 'fault')}")
        for line in (*wrong, *(_missing(document) if name in ("catalogue", "concepts", "model") else ())):
            print(f"    {line}")
        if name == "catalogue":
            faults += _files(document, url, chosen.timeout, wrong)
    terminal.tell(terminal.count(faults, "fault"))
    return 1 if faults else 0


def _links(chosen: argparse.Namespace, settings: Settings) -> int:
    library = Library(settings.library, Base(settings.base))
    found = outward([read(source) for source in library.sources()], library.base)
    found = [link for link in found if not chosen.host or urlsplit(link.address).hostname in chosen.host]
    unmarked = sum(not link.basis for link in found)
    if not chosen.check:
        for link in found:
            print(_as_line(link, link.basis or "unmarked"))
        terminal.tell(f"{terminal.count(len(found), 'link')}, {unmarked} unmarked; none was asked (--check asks them)")
        return 1 if unmarked else 0
    who = settings.contact_email or settings.site
    agent = f"planvev/{__version__} (link check{'; ' + who if who else ''})"
    manners = Manners(chosen.delay, chosen.timeout, chosen.most, agent, chosen.also_private)
    numbers, bad = Counter[str](), 0
    for answer in calling.call((link.address for link in found), manners):
        numbers[answer.verdict] += 1
        bad += answer.verdict in calling.BAD
        if answer.verdict != calling.FINE:
            said = " ".join(part for part in (answer.verdict, str(answer.status or ""), answer.why) if part)
            for link in found:
                if urldefrag(link.address).url == answer.address:
                    print(_as_line(link, said), flush=True)
    terminal.tell(", ".join(f"{number} {verdict}" for verdict, number in sorted(numbers.items())) or "no links")
    return 1 if bad or unmarked else 0


def _as_line(link: Outward, said: str) -> str:
    basis = f" ({link.basis})" if link.basis and link.basis != said else ""
    return f"{link.file}:{link.line}: {said}: {short(link.relation)} {link.address}{basis}"


def _document(address: str, seconds: float) -> tuple[list[Triple], list[str]]:
    """A harvest document, and what the harvester would stumble on."""
    got = _fetch(address, "text/turtle", seconds, keep=True)
    if got.fault:
        return [], [got.fault]
    wrong = []
    if got.encoding:
        wrong.append(f"{address} is sent with Content-Encoding {got.encoding}, which the harvester takes for a charset")
    if got.type.partition(";")[0] != "text/turtle":
        wrong.append(f"{address} was asked for text/turtle and sent {got.type}")
    if got.size > MOST:
        wrong.append(f"{address} has {got.size} bytes; the harvester takes {MOST}")
    try:
        triples = rdf.read_turtle(got.body, address)
    except SyntaxFault as fault:
        return [], [*wrong, f"{address}:{fault.line}:{fault.column} {fault.detail}"]
    members = {full(name) for name in MEMBERS}
    nameless = [t for t in triples if t.predicate.value in members and isinstance(t.object, BlankNode)]
    if nameless:
        wrong.append(f"{terminal.count(len(nameless), 'member')} without an IRI, which the harvester drops")
    return triples, wrong


def _against(name: str, document: Sequence[Triple], folder: Path | None) -> list[str]:
    """What the official shapes refuse; what is known to be missing is not said twice."""
    if folder is None or not document:
        return []
    missing = {str(t.subject) for t in document if t.predicate.value == full("rdfs:comment")}
    wrong = []
    for profile in profiles.PROFILES:
        if profile.document != name:
            continue
        found = profiles.violations(profile, folder, document)
        found = [one for one in found if one.value is not None or str(one.focus) not in missing]
        wrong += [f"{profile.name}: {one.focus} {one.path or ''} {one.value or 'is missing'}" for one in found]
        print(f"    {profile.name}: {terminal.count(len(found), 'violation')}")
        for path, why in profile.aside:
            print(f"        set aside: {path} ({why})")
    return wrong


def _missing(document: Iterable[Triple]) -> list[str]:
    """What a catalogue itself says is missing, in English, once."""
    words = (t.object for t in document if t.predicate.value == full("rdfs:comment"))
    said = {term.value for term in words if isinstance(term, Literal) and term.language == "en"}
    return [f"missing: {sentence}" for sentence in sorted(said)]


def _files(document: Sequence[Triple], url: str, seconds: float, faults: Sequence[str]) -> int:
    """Fetch every file the catalogue names, say what differs, and print the scores."""
    about: dict[str, dict[str, str]] = {}
    for t in document:
        if isinstance(t.subject, NamedNode):
            about.setdefault(t.subject.value, {})[t.predicate.value] = str(getattr(t.object, "value", ""))
    files = {said[full("dcat:downloadURL")]: said for said in about.values() if full("dcat:downloadURL") in said}
    fine: dict[str, bool] = {}
    for address, said in sorted(files.items()):
        fault = _file(address, said, about, url, seconds)
        fine[address] = not fault
        if fault:
            print(f"    {fault}")
    wrong = len(files) - sum(fine.values())
    print(f"    {terminal.count(len(files), 'file')} fetched, {wrong} not as stated")

    def answered(address: str) -> bool:
        if address not in fine:
            fine[address] = not _fetch(address, "*/*", seconds).fault
        return fine[address]

    def conforms(dataset: str) -> bool:
        return not any(dataset in fault for fault in faults)

    for score in quality.scores(document, answered, conforms):
        print(f"    {score.percent:5.1f} % {'excellent' if score.excellent else 'not excellent'}  {score.dataset}")
        print(f"            short in: {', '.join(score.short) or 'nothing'}")
    return wrong


def _file(
    address: str, said: Mapping[str, str], about: Mapping[str, Mapping[str, str]], url: str, seconds: float
) -> str:
    """What is not as the catalogue says of a file; empty when all is."""
    if not address.startswith(url + "/"):
        return f"{address} is not at {url}: set PLANVEV_SITE, or check the service at its own address"
    got = _fetch(address, "*/*", seconds)
    if got.fault:
        return got.fault
    packed = said.get(full("dcat:compressFormat"), "") or said.get(full("dcat:mediaType"), "")
    expected = packed.partition("media-types/")[2]
    if got.type.partition(";")[0] != expected:
        return f"{address} is {got.type}, not {expected}"
    if str(got.size) != said.get(full("dcat:byteSize")):
        return f"{address} has {got.size} bytes, not {said.get(full('dcat:byteSize'))}"
    checksum = about.get(said.get(full("spdx:checksum"), ""), {}).get(full("spdx:checksumValue"))
    return "" if got.sha256 == checksum else f"{address} has SHA-256 {got.sha256}, not {checksum}"


def _fetch(address: str, accept: str, seconds: float, keep: bool = False) -> Fetched:
    """GET an address; the body is only kept when asked for."""
    headed = {"Accept": accept, "User-Agent": "planvev registry check"}
    request = urllib.request.Request(address, headers=headed)  # noqa: S310  http(s) alone: `page_address`, `_file`
    digest, size, kept = hashlib.sha256(), 0, []
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            while piece := answer.read(PIECE):
                digest.update(piece)
                size += len(piece)
                if keep and size <= MOST:
                    kept.append(piece)
            headers = answer.headers
            kind, encoding = headers.get("Content-Type", ""), headers.get("Content-Encoding", "")
            return Fetched(answer.status, kind, encoding, size, digest.hexdigest(), b"".join(kept))
    except urllib.error.HTTPError as error:
        return Fetched(error.code, fault=f"{address} answered {error.code}, not 200")
    except (OSError, http.client.HTTPException) as error:
        return Fetched(fault=f"{address} did not answer: {getattr(error, 'reason', error)}")
