"""The command line: `planvev check | publish | serve | status | query | new | quote | registry | iris`.

Says what it does in one line a step, on standard error; what it found, on standard output. Exit code 0 when all is
well, 1 when the data is refused, 2 when the command could not do its work.

What only some commands need is imported where they begin: a planner waits for `planvev check` and for nothing else.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from planvev import __version__
from planvev.checking import terminal
from planvev.checking.checks import verdict
from planvev.checking.findings import ERROR, Finding
from planvev.checking.judges import Judges
from planvev.checking.reports import FORMS
from planvev.errors import Halt, Misplaced, NoSnapshot, PortTaken, Problem
from planvev.library import DATA, Library, Text, read
from planvev.names import Base
from planvev.settings import PREFIX, SETTINGS, Settings

LOOPBACK = "127.0.0.1"


def parser(command: str = "") -> argparse.ArgumentParser:
    """The commands and their options; the documentation is checked against it.

    Args:
        command: the only one that is needed, or none of `COMMANDS` for all: the modules behind the others take four
            times as long to load as a check does.
    """
    top = argparse.ArgumentParser(
        prog="planvev",
        description="Check, publish and serve public plans as linked data.",
        epilog="Settings are environment variables:\n" + "\n".join(_setting_lines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"planvev {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    wanted = [COMMANDS[command]] if command in COMMANDS else dict.fromkeys(COMMANDS.values())
    for add in wanted:
        add(commands)
    return top


def _add_check(commands: Any) -> None:
    command = commands.add_parser(
        "check",
        help="check files against the shapes",
        description="Check files (default: all under data/ttl) against the shapes. "
        "Prints file:line: severity rule message. "
        "Exit code 0: nothing refused; 1: something is refused; 2: the check could not run.",
    )
    command.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="a .ttl file below data/ttl, or a folder of them"
    )
    command.add_argument(
        "--lang", choices=("nb", "nn", "en"), help="language of the messages (default: PLANVEV_LANGUAGE)"
    )
    command.add_argument(
        "--format", choices=("text", *FORMS), default="text", help="form of the findings (default: text)"
    )
    command.add_argument("--output", type=Path, metavar="FILE", help="write the findings to a file instead")
    command.add_argument(
        "--sources",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="also hold every quotation to the source texts in this folder, and report what is not quoted",
    )
    command.add_argument("--no-advice", action="store_true", help="leave out what is advice only")
    command.set_defaults(run=_check)


def _add_serve(commands: Any) -> None:
    command = commands.add_parser(
        "serve",
        help="serve the published snapshot over HTTP",
        description="Serve the published snapshot. Stop with Ctrl-C.",
    )
    command.add_argument(
        "--host", default=LOOPBACK, help=f"address to listen on (default: {LOOPBACK}, this machine only)"
    )
    command.add_argument("--port", type=_port, default=8000, help="port to listen on (default: 8000; 0: any free one)")
    command.set_defaults(run=_serve)


def _add_new(commands: Any) -> None:
    command = commands.add_parser(
        "new",
        help="begin a plan",
        description="Write the first files of a plan: the plan, the text it was read in, and its owner. "
        "They pass the check as they are. Nothing is overwritten.",
    )
    command.add_argument("place", metavar="plan/OWNER/NAME", help="where the plan stands: a-z, 0-9 and hyphens")
    command.add_argument("--title", required=True, help="the plan's title, as it stands in the text")
    command.add_argument("--owner", required=True, help="the owner's name, such as 'Moss kommune'")
    command.add_argument("--source", required=True, type=Path, metavar="FILE", help="the plan's text, UTF-8")
    command.set_defaults(run=_new)


def _add_quote(commands: Any) -> None:
    command = commands.add_parser(
        "quote",
        help="write a quotation in Turtle",
        description="Find words in a text and print the quotation: what stands around them, where, and their digest.",
    )
    command.add_argument("words", nargs="+", help="the words, as they stand in the text")
    command.add_argument("--source", required=True, type=Path, metavar="FILE", help="the text, UTF-8")
    command.add_argument("--iri", default="…/quote/words", help="the quotation's address, relative to @base")
    command.add_argument("--document", default="document/…", help="the source document's address")
    command.add_argument("--evidence", default="plan:text", help="what the words support (default: plan:text)")
    command.add_argument("--header", action="append", default=[], help="a running header to leave out of the text")
    command.set_defaults(run=_quote)


def _add_publishing(commands: Any) -> None:
    from planvev.commands import publishing

    publishing.add(commands)


def _add_query(commands: Any) -> None:
    from planvev.commands import elsewhere

    elsewhere.add_query(commands)


def _add_registry(commands: Any) -> None:
    from planvev.commands import harvesting

    harvesting.add(commands)


def _add_promise(commands: Any) -> None:
    from planvev.commands import promise

    promise.add(commands)


COMMANDS: Mapping[str, Callable[[Any], None]] = {
    "check": _add_check,
    "publish": _add_publishing,
    "rollback": _add_publishing,
    "status": _add_publishing,
    "serve": _add_serve,
    "new": _add_new,
    "quote": _add_quote,
    "query": _add_query,
    "registry": _add_registry,
    "iris": _add_promise,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    chosen = parser("".join(arguments[:1])).parse_args(arguments)
    if chosen.command != "check":  # which is waited for and has nothing to log
        _log()
    run: Callable[[argparse.Namespace, Settings], int] = chosen.run
    language = "en"
    try:
        settings = Settings.load()
        language = getattr(chosen, "lang", None) or settings.language
        code = run(chosen, settings)
        sys.stdout.flush()  # here, where a pipe that nobody reads any more is still ours to handle
    except Problem as problem:
        terminal.complain(problem, language)
        return problem.exit_code if isinstance(problem, Halt) else 2
    except KeyboardInterrupt:
        terminal.clear()
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _log() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    library = Library(settings.library, Base(settings.base))
    with Judges(settings.check_seconds) as judges:  # before the files are looked for, because it takes time to start
        sources = library.sources()
        judged = library.named(chosen.files, sources)
        texts = [read(source) for source in sources]
        among = {text.source.place: text for text in texts if text.source.role == DATA}
        vocabulary = [text for text in texts if text.source.role != DATA]
        wanted = [among[source.place] for source in judged if source.place in among]
        wanted = wanted or [text for text in among.values() if not text.source.lent]
        terminal.tell(f"Checking {terminal.count(len(wanted), 'file')} against the shapes")
        findings = verdict(
            wanted,
            among,
            vocabulary,
            library.base,
            settings.shacl,
            terminal.bar(),
            judges.each,
            advice=not chosen.no_advice,
        ).findings
    for folder in chosen.sources:
        findings += _try_sources(list(among.values()), folder)
    if chosen.no_advice:
        findings = [finding for finding in findings if finding.severity == ERROR]
    language = chosen.lang or settings.language
    form = FORMS.get(chosen.format, terminal.as_text)
    if chosen.output:
        _put(chosen.output, form(findings, language))
    elif chosen.format == "text":
        terminal.show(findings, language)
    else:
        print(form(findings, language))
    return terminal.sum_up(findings)


def _put(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n" if text else "", "utf-8")
    except OSError as error:
        why = f"The findings cannot be written to {path}: {error.strerror or error}."
        raise Misplaced(why, "Give --output a file in a folder that exists and is yours.") from None


def _new(chosen: argparse.Namespace, settings: Settings) -> int:
    from planvev.commands import drafts

    files = drafts.new_plan(settings.library, chosen.place, chosen.title, chosen.owner, chosen.source)
    drafts.write(files)
    for path in files:
        terminal.tell(f"Wrote {path}")
    terminal.tell("Now run planvev check, edit the plan, and planvev publish when nothing is refused.")
    return 0


def _quote(chosen: argparse.Namespace, settings: Settings) -> int:
    from planvev.checking.sources import joined
    from planvev.commands import drafts

    del settings
    if not chosen.source.is_file():
        raise Misplaced(f"There is no text {chosen.source}.", "Give the path of a UTF-8 text with --source.")
    text = joined(chosen.source.read_text("utf-8"), chosen.header)
    print(drafts.quotation(chosen.iri, chosen.document, text, " ".join(chosen.words), chosen.evidence), end="")
    return 0


def _try_sources(texts: Sequence[Text], folder: Path) -> list[Finding]:
    from planvev.checking.sources import try_quotations

    if not folder.is_dir():
        raise Misplaced(f"There is no folder {folder}.", "Give --sources the folder that holds the source texts.")
    findings, coverage = try_quotations(texts, folder)
    for source in coverage:
        share = 100 * source.quoted / max(source.characters, 1)
        terminal.tell(f"{source.document}: {share:.1f} % of {source.characters} characters are quoted")
        for sentence in source.unquoted:
            terminal.tell(f"    not quoted: {sentence}")
        for words, why in source.left_out:
            terminal.tell(f"    left out: {words} ({why})")
    return findings


def _serve(chosen: argparse.Namespace, settings: Settings) -> int:
    from planvev.engines.snapshot import Shelf
    from planvev.web import serving

    listening = _listen(chosen.host, chosen.port)
    host, port = listening.getsockname()[:2]
    try:
        served = "what PLANVEV_ENGINE names" if settings.engine else f"snapshot {Shelf(settings.state).current().id}"
    except NoSnapshot as problem:
        terminal.complain(problem)
        served = "nothing until then; every page answers 503"
    shown = f"[{host}]" if ":" in host else host
    terminal.tell(f"Serving {served} at http://{shown}:{port}/  (stop with Ctrl-C)")
    serving.serve(settings, listening)
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {error.strerror or error}.",
            "Stop what uses it, or choose another with --port (make serve PORT=8001).",
        ) from None
    return listening


def _setting_lines() -> list[str]:
    return [f"  {PREFIX + row.name:<26}{row.help} [{row.default or '…'}]" for row in SETTINGS]


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)
