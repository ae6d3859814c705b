"""The settings: one documented table, read once from the environment into a frozen value.

Every setting is an environment variable `PLANVEV_<NAME>`. A wrong value, or a variable with our prefix that is not in
the table, stops the command with a sentence that says what to write instead; nothing is silently ignored.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from planvev.errors import BadSetting

PREFIX = "PLANVEV_"

# Open licences that data.norge.no counts as such, by their code in the EU's authority table.
LICENCES = ("CC_BY_4_0", "NLOD_2_0", "CC0")


@dataclass(frozen=True)
class Setting:
    """One row of the table: the name without prefix, how its text is read, its default as text, and what it means."""

    name: str
    read: Callable[[str], object]
    default: str
    help: str


def _folder(text: str) -> Path:
    try:
        return Path(text).expanduser().resolve()
    except RuntimeError:
        raise ValueError("names the home folder of a user who does not exist") from None


def _positive(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise ValueError("must be a whole number above zero")
    return int(text)


def _auto(text: str) -> int:
    """A number, or 0 where the machine decides."""
    return 0 if text == "auto" else _positive(text)


def _networks(text: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part, strict=False) for part in re.split(r"[,\s]+", text.strip()) if part)
    except ValueError as error:
        raise ValueError(f"must be addresses or networks with commas between ({error})") from None


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or not 0 < float(text) <= 3600:
        raise ValueError("must be a number of seconds above 0 and at most 3600")
    return float(text)


def _base(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`?#]*[^\s<>\"{}|\\^`?#/]", text):
        raise ValueError("must be an address that begins with http:// or https:// and does not end with a slash")
    return text


def _engine(text: str) -> str:
    if text not in ("auto", "shacl", "pyshacl"):
        raise ValueError("must be auto, shacl or pyshacl")
    return text


def remote_address(text: str) -> str:
    """The address of an engine on the network; empty for none. Raises ValueError, whose words end a sentence."""
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError("must be the address of a SPARQL endpoint, https://…")
    if parts.username or parts.password:
        raise ValueError("must not hold a user or password; they have settings of their own")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("must begin with https:// unless it is on this machine (127.0.0.1)")
    return text


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _site(text: str) -> str:
    return _base(text) if text else text


def _number(text: str) -> str:
    if text and not organisation_number(text):
        raise ValueError("must be an organisation number: nine digits, of which the last one checks the others")
    return text


def _email(text: str) -> str:
    if text and not re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", text):
        raise ValueError("must be an e-mail address")
    return text


def page_address(text: str) -> str:
    """An address of a page; empty for none. Raises ValueError, whose words end a sentence."""
    if text and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", text):
        raise ValueError("must be an address that begins with http:// or https://")
    return text


def _publisher(text: str) -> str:
    if text.count("{number}") != 1 or re.search(r"[0-9]{9}", text):
        raise ValueError("must hold {number} once, and no nine digits in a row beside it")
    page_address(text.replace("{number}", "0"))
    return text


def _licence(text: str) -> str:
    if text not in LICENCES:
        raise ValueError(f"must be one of {', '.join(LICENCES)}")
    return text


def _access(text: str) -> str:
    if text not in ("basic", "digest", "bearer"):
        raise ValueError("must be basic, digest or bearer")
    return text


def _language(text: str) -> str:
    if text not in ("nb", "nn", "en"):
        raise ValueError("must be nb, nn or en")
    return text


SETTINGS = (
    Setting(
        "LIBRARY", _folder, ".", "Folder that holds `data/ttl` (and, where it has its own, `ontology` and `shapes`)."
    ),
    Setting(
        "STATE", _folder, "", "Folder for snapshots. Default: under `$XDG_STATE_HOME/planvev`, one for each library."
    ),
    Setting(
        "BASE",
        _base,
        "https://w3id.org/planvev",
        "What every IRI that is ours begins with. Must be the one in the files.",
    ),
    Setting("LANGUAGE", _language, "nb", "Language of pages and findings where the reader states none: nb, nn or en."),
    Setting(
        "SHACL", _engine, "auto", "SHACL engine: shacl (fast), pyshacl (the reference), auto (shacl where installed)."
    ),
    Setting(
        "CHECK_SECONDS",
        _seconds,
        "300",
        "Seconds that checking one portion, of about 4,000 triples or a single larger file, may take.",
    ),
    Setting("WEB_PROCESSES", _auto, "auto", "Processes that answer HTTP; auto: one for each core, at most four."),
    Setting(
        "QUERY_WORKERS",
        _auto,
        "auto",
        "Public SPARQL queries that run at once in their first half second; auto: two for each core.",
    ),
    Setting(
        "SLOW_QUERIES",
        _positive,
        "6",
        "Queries that may run longer than half a second at once. One more is ended with 503.",
    ),
    Setting(
        "QUERY_SECONDS",
        _seconds,
        "20",
        "Deadline of a SPARQL query, in seconds; `timeout=` in a request can only shorten it.",
    ),
    Setting(
        "QUERY_MEMORY_MB",
        _auto,
        "auto",
        "Address space one query process may take beside the engine itself, in MiB; auto: what keeps all of them "
        "together below half the machine's memory, which a number can only lower.",
    ),
    Setting(
        "RESULT_MB", _positive, "64", "Largest SPARQL answer that is sent, in MiB. Larger ones are refused, never cut."
    ),
    Setting("QUERY_KB", _positive, "256", "Longest SPARQL query that is read, in KiB."),
    Setting(
        "ENGINE",
        remote_address,
        "",
        "Address of a SPARQL 1.1 endpoint to read from instead of the snapshot in the state folder; "
        "https, or http on this machine.",
    ),
    Setting("ENGINE_USER", str, "", "Who we are to that engine."),
    Setting("ENGINE_PASSWORD", str, "", "The password, or with bearer the token. Never logged."),
    Setting("ENGINE_AUTH", _access, "basic", "How we say so: basic, digest or bearer."),
    Setting("ENGINE_SECONDS", _seconds, "10", "Deadline of one exchange with that engine for a page, in seconds."),
    Setting(
        "TRUSTED_PROXIES",
        _networks,
        "",
        "Addresses or networks of web servers in front, with commas between: whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` count.",
    ),
    Setting(
        "SITE",
        _site,
        "",
        "Address at which the public reaches this service, for every address that is given whole. "
        "Default: the one of each request.",
    ),
    Setting("OWNER", _number, "", "Organisation number of who publishes the catalogues."),
    Setting("CONTACT_NAME", str, "", "Whom to ask about the data, for catalogues: a name or a unit."),
    Setting("CONTACT_EMAIL", _email, "", "Their e-mail address."),
    Setting("CONTACT_PAGE", page_address, "", "Their page, for instance a form."),
    Setting(
        "PUBLISHER_IRI",
        _publisher,
        "https://organization-catalog.fellesdatakatalog.digdir.no/organizations/{number}",
        "How catalogues name an organisation by its number.",
    ),
    Setting("LICENCE", _licence, "CC_BY_4_0", "Licence of the data, for catalogues: CC_BY_4_0, NLOD_2_0 or CC0."),
    Setting("KEEP", _positive, "5", "How many snapshots stay on disk, the current one among them."),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one process. Units are in the names and in the table above."""

    library: Path
    state: Path
    base: str
    language: str
    shacl: str
    check_seconds: float
    web_processes: int
    query_workers: int
    slow_queries: int
    query_seconds: float
    query_memory_mb: int
    result_mb: int
    query_kb: int
    engine: str
    engine_user: str
    engine_password: str = field(repr=False)
    engine_auth: str
    engine_seconds: float
    trusted_proxies: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    site: str
    owner: str
    contact_name: str
    contact_email: str
    contact_page: str
    publisher_iri: str
    licence: str
    keep: int

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from `environ` (default: the process environment).

        Raises:
            BadSetting: a value cannot be read, or a `PLANVEV_` variable is not in the table.
        """
        environ = os.environ if environ is None else environ
        _refuse_unknown(environ)
        values = {row.name.lower(): _value(row, environ) for row in SETTINGS}
        if not environ.get(PREFIX + "STATE"):
            values["state"] = _default_state(values["library"], environ)
        return cls(**{field.name: values[field.name] for field in fields(cls)})  # type: ignore[arg-type]


def organisation_number(text: str) -> bool:
    """Whether this is an organisation number: nine digits, the last of which checks the others (modulus 11)."""
    if not re.fullmatch(r"[0-9]{9}", text):
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(text, (3, 2, 7, 6, 5, 4, 3, 2), strict=False)) % 11
    return int(text[8]) == (0 if rest == 0 else 11 - rest)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [row.name for row in SETTINGS]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known:
            import difflib  # here, because few settings are misspelt

            near = difflib.get_close_matches(name.removeprefix(PREFIX), known, 1)
            every = ", ".join(PREFIX + row for row in known)
            hint = f"Did you mean {PREFIX}{near[0]}?" if near else f"The settings are: {every}."
            raise BadSetting(f"There is no setting {name}.", hint)


def _value(row: Setting, environ: Mapping[str, str]) -> object:
    text = environ.get(PREFIX + row.name) or row.default
    try:
        return row.read(text)
    except ValueError as error:
        shown = re.sub(r"//[^/@]*@", "//…@", text)  # somebody's password
        raise BadSetting(f"{PREFIX}{row.name} is {shown!r}: {error}.", f"{row.help} Default: {row.default}.") from None


def _default_state(library: object, environ: Mapping[str, str]) -> Path:
    home = environ.get("XDG_STATE_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".local" / "state")
    # Two checkouts must not share snapshots, and the folder's name should still be short enough to type.
    return Path(home) / "planvev" / hashlib.sha256(str(library).encode()).hexdigest()[:10]
