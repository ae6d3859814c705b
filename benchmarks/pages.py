"""What pages weigh and when they are first painted in Chromium, beside a page of one word on the same machine.

make bench-pages               two minutes; writes its table into benchmarks/README.md, and benchmarks/pages.json
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import table
from tests.browser.visiting import PAGES, weigh
from tests.web import serving

HERE = Path(__file__).parent
SHOWN = ("front", "plans", "plan", "strategy", "law", "organisation", "search", "questions", "sparql", "drawn")
BARE = "a page of one word"
WORD = b"<!doctype html><html lang=en><title>word</title><p>word"
HEAD = (
    "| page | first paint ÷ one word, new visitor | the same, again | first paint ms, new | again "
    "| kB on the wire, new | of it HTML | again | requests |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds in which every page has its turn (default: 5)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder for README.md and pages.json")
    chosen = parser.parse_args()
    about = table.machine()
    with tempfile.TemporaryDirectory(prefix="planvev-pages-") as folder:
        serving.publish(Path(folder))
        with serving.another(Path(folder)) as server, bare() as word:
            pages = {BARE: word, **{name: server.url + PAGES[name] for name in SHOWN}}
            for address in pages.values():
                server.client.get(address, headers={"Accept": "text/html"})  # warm: the service has made it once
            found = weigh("", pages, chosen.rounds)
    about["load average at the end"] = table.load_average()
    about["rounds"] = str(chosen.rounds)
    text = "\n".join([*(f"- {name}: {value}" for name, value in about.items()), "", *rows(found)])
    print(text)
    table.write(chosen.out, text, {"about": about, "pages": found}, "pages", "pages.json")


@contextmanager
def bare() -> Iterator[str]:
    """The address of a page of one word."""

    class Word(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(WORD)))
            self.end_headers()
            self.wfile.write(WORD)

        def log_message(self, *_: Any) -> None:
            """Nothing is said of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Word)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def rows(found: Mapping[str, Any]) -> list[str]:
    """The table: medians over the rounds, ratios first.

    Args:
        found: by page, samples `cold` and `warm` with `painted` in ms, `bytes`, `document` and `requests`.
    """
    middle = {
        name: {way: {key: median(one[key] or 0 for one in ones) for key in ones[0]} for way, ones in ways.items()}
        for name, ways in found.items()
    }
    limit = middle[BARE]
    lines = [HEAD]
    for name, ways in middle.items():
        new, again = ways["cold"], ways["warm"]
        ratios = (ways[way]["painted"] / limit[way]["painted"] for way in ("cold", "warm"))
        sizes = (new["bytes"], new["document"], again["bytes"])
        cells = [f"{ratio:.2f}" for ratio in ratios] + [f"{way['painted']:.0f}" for way in (new, again)]
        cells += [f"{size / 1000:.1f}" for size in sizes] + [f"{new['requests']:.0f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
