"""What the commands do with engines and endpoints on the network: `publish --to`, and `query`.

Options and what they mean; the work is done by `transfer` and `asking`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planvev.checking import terminal
from planvev.commands import asking
from planvev.engines.snapshot import Shelf
from planvev.errors import Misplaced
from planvev.settings import Settings, remote_address

if TYPE_CHECKING:
    from planvev.engines.transfer import Transferred

HERE = "http://127.0.0.1:8000/sparql"
MB = 1024 * 1024


def add_target(command: Any) -> None:
    """The options of `publish` for a store on the network."""
    command.add_argument(
        "--to",
        type=_address,
        metavar="URL",
        help="then bring the store whose SPARQL endpoint this is to the same state",
    )
    command.add_argument(
        "--update", type=_address, metavar="URL", help="where that store takes updates (default: --to)"
    )
    command.add_argument(
        "--graph-store", type=_address, metavar="URL", help="where it takes whole graphs; used when much has changed"
    )
    command.add_argument(
        "--at-once-mb", type=int, default=4, metavar="N", help="largest change sent as one update (default: 4 MiB)"
    )


def add_query(commands: Any) -> None:
    command = commands.add_parser(
        "query",
        help="ask a SPARQL endpoint",
        description="Ask a SPARQL endpoint the query in a file, and write its answer when it is whole. "
        "Exit code 2: refused, too late, too large or not reached; nothing was written.",
    )
    command.add_argument("file", metavar="FILE.rq", help="the query; - reads it from standard input")
    command.add_argument("--endpoint", default=HERE, metavar="URL", help=f"whom to ask (default: {HERE})")
    command.add_argument(
        "--format",
        choices=(*asking.ROWS, *asking.GRAPHS),
        default="",
        help="form of the answer (default: csv for rows, ttl for a graph)",
    )
    command.add_argument("--output", type=Path, metavar="FILE", help="write the answer to a file instead")
    command.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds to wait (default: 60)")
    command.add_argument("--max-mb", type=int, default=64, metavar="N", help="largest answer taken (default: 64 MiB)")
    command.set_defaults(run=_query)


def send(chosen: argparse.Namespace, settings: Settings) -> int:
    """Bring the store that `publish --to` names to the state that is published here."""
    # Here, because every command knows these options and few use the HTTP client, a fifth of a second to import.
    from planvev.engines.remote import Access, Line
    from planvev.engines.transfer import Target, transfer

    began = time.monotonic()
    access = Access(chosen.to, settings.engine_user, settings.engine_password, settings.engine_auth)
    line = Line(access, 60.0, settings.result_mb * MB)
    target = Target(line, chosen.update or chosen.to, chosen.graph_store or "", chosen.at_once_mb * MB)
    snapshot = Shelf(settings.state).current()
    terminal.tell(f"Bringing {chosen.to} to snapshot {snapshot.id}")
    try:
        done = transfer(snapshot, target, terminal.bar())
    finally:
        line.close()
    terminal.tell(f"{_told(done)} ({time.monotonic() - began:.1f} s)")
    return 0


def _told(done: Transferred) -> str:
    if not done.written and not done.removed:
        return "Nothing differs there"
    how = "in one request" if done.at_once else "graph by graph; readers waited meanwhile"
    gone = f", removed {terminal.count(len(done.removed), 'graph')}" if done.removed else ""
    return f"Wrote {terminal.count(len(done.written), 'graph')}{gone}, {how}"


def _query(chosen: argparse.Namespace, settings: Settings) -> int:
    del settings
    if chosen.file != "-" and not Path(chosen.file).is_file():
        raise Misplaced(f"There is no file {chosen.file}.", "Give the path of a query, or - for standard input.")
    text = sys.stdin.read() if chosen.file == "-" else Path(chosen.file).read_text("utf-8")
    question = asking.Question(chosen.endpoint, text, chosen.format)
    answer = asking.ask(question, chosen.timeout, chosen.max_mb * MB)
    if chosen.output:
        chosen.output.write_bytes(answer)
    else:
        sys.stdout.buffer.write(answer)
    return 0


def _address(text: str) -> str:
    try:
        return remote_address(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
