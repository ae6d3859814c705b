"""The tables: from samples to Markdown, ratios first, every figure a median with its smallest and largest round."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.cases import CANNED, ENGINE, FIXED
from benchmarks.measure import Command, Row, Sample

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
PACKAGES = ("planvev", "pyoxigraph", "uvicorn", "uvloop", "httptools", "starlette", "pyshacl")
DOCUMENT_HEAD = (
    "| what is asked | clients | limit ÷ ours, answers/s | ours ÷ limit, CPU | answers/s | p50 ms | p95 ms | p99 ms "
    "| CPU µs | kB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)
QUERY_HEAD = (
    "| what is asked | clients | engine ÷ ours, answers/s | ours ÷ (HTTP + engine), CPU | answers/s | p50 ms | p95 ms "
    "| p99 ms | CPU µs | engine alone: answers/s | engine alone: CPU µs | kB |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def tables(rows: Sequence[Row], commands: Sequence[Command], memories: Any, about: Mapping[str, str]) -> str:
    """Everything measured, as Markdown."""
    fixed = {row.clients: row for row in rows if row.case.server == FIXED}
    engine = {(row.case.name, row.clients): row for row in rows if row.case.server == ENGINE}
    ours = [row for row in rows if row.case.server != ENGINE]
    documents = [_document(row, fixed[row.clients]) for row in ours if not row.case.query]
    queries = [_query(row, fixed[row.clients], engine[row.case.name, row.clients]) for row in ours if row.case.query]
    return "\n".join(
        [
            "\n".join(f"- {name}: {value}" for name, value in about.items()),
            "\n### Dereferencing\n",
            DOCUMENT_HEAD,
            *sorted(documents, key=_by_name(ours)),
            "\n### SPARQL\n",
            QUERY_HEAD,
            *sorted(queries, key=_by_name(ours)),
            "\n### Commands\n",
            *of_commands(commands),
            "\n### Memory\n",
            *_memory(memories),
        ]
    )


def _by_name(rows: Sequence[Row]) -> Callable[[str], int]:
    """One case's rows beside each other, cases in their order."""
    names = list(dict.fromkeys(row.case.name for row in rows))
    return lambda line: names.index(line.split(" | ")[0].removeprefix("| "))


def _document(row: Row, limit: Row) -> str:
    pairs = list(zip(row.samples, limit.samples, strict=True))
    measures = row.case.server == CANNED or row.case.server == FIXED
    ratios = (
        "" if measures else _spread([b["rate"] / a["rate"] for a, b in pairs], 1, "×"),
        "" if measures else _spread([a["cpu_us"] / b["cpu_us"] for a, b in pairs if b["cpu_us"]], 1, "×"),
    )
    return _line(row.case.name, row.clients, *ratios, *_own(row.samples), f"{row.samples[-1]['bytes'] / 1024:.1f}")


def _query(row: Row, limit: Row, engine: Row) -> str:
    triples = list(zip(row.samples, limit.samples, engine.samples, strict=True))
    bare = [(a["cpu_us"], b["cpu_us"] + c["cpu_us"]) for a, b, c in triples]
    ratios = (
        _spread([c["rate"] / a["rate"] for a, _, c in triples], 1, "×"),
        _spread([a / b for a, b in bare if b], 1, "×"),
    )
    alone = (_spread([s["rate"] for s in engine.samples]), _spread([s["cpu_us"] for s in engine.samples]))
    size = f"{row.samples[-1]['bytes'] / 1024:.1f}"
    return _line(row.case.name, row.clients, *ratios, *_own(row.samples), *alone, size)


def _own(samples: Sequence[Sample]) -> list[str]:
    latencies = [f"{median(s[rank] for s in samples):.2f}" for rank in ("p50", "p95", "p99")]
    return [_spread([s["rate"] for s in samples]), *latencies, _spread([s["cpu_us"] for s in samples])]


def of_commands(commands: Sequence[Command]) -> list[str]:
    """The table of commands; of checks, what share of the CPU goes into importing the SHACL engine."""
    if not commands:
        return ["Not measured in this run."]
    by_name = {command.name: command for command in commands}
    python = median(by_name["starting Python"].cpu)
    lines = ["| command | seconds | CPU seconds | importing its engine, share |", "|---|--:|--:|--:|"]
    for command in commands:
        engine = by_name.get("importing pySHACL" if "by pySHACL" in command.name else "importing the fast SHACL engine")
        share = ""
        if command.name.startswith("check") and engine:
            share = f"{max(median(engine.cpu) - python, 0) / median(command.cpu):.0%}"
        lines.append(_line(command.name, _spread(command.wall, 2), _spread(command.cpu, 2), share))
    return lines


def _memory(memories: Mapping[str, Mapping[str, Sequence[Mapping[str, float]]]]) -> list[str]:
    lines = ["| process | when | RSS MiB | PSS MiB |", "|---|---|--:|--:|"]
    for when, kinds in memories.items():
        for kind, found in kinds.items():
            values = (" + ".join(f"{one[name]:.0f}" for one in found) for name in ("rss", "pss"))
            lines.append(_line(kind, when, *values))
    return lines


def _line(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """`12.3× (11.0–14.1)`: the median, the smallest and the largest."""
    if not values:
        return "–"
    middle, low, high = (f"{number:.{digits}f}" for number in (median(values), min(values), max(values)))
    return f"{middle}{unit}" if len(values) == 1 else f"{middle}{unit} ({low}–{high})"


def machine() -> dict[str, str]:
    """Where and when this is measured."""
    total = re.findall(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text("ascii"))[0]
    model = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    versions = (f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores ({model[0] if model else platform.machine()}), {int(total) // 2**20} GiB, "
        f"Linux {platform.release()}",
        "versions": f"Python {platform.python_version()}, {', '.join(versions)}",
        "load average at the start": load_average(),
    }


def load_average() -> str:
    """Of the last one, five and fifteen minutes."""
    return " ".join(f"{number:.1f}" for number in os.getloadavg())


def write(
    folder: Path, text: str, numbers: Mapping[str, Any], mark: str = "measured", name: str = "results.json"
) -> None:
    """The tables between their marks in README.md, whose other words stay, and the numbers in a file beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "README.md"
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, _, rest = (page.read_text("utf-8") if page.exists() else f"{begin}\n{end}\n").partition(begin)
    after = rest.partition(end)[2] if rest else "\n"
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
    lines = ",\n".join(f" {json.dumps(key)}: {_compact(value)}" for key, value in numbers.items())
    (folder / name).write_text("{\n" + lines + "\n}\n", "utf-8")


def _compact(value: Any) -> str:
    """JSON with one row of a list a line, so that a new run is a readable difference."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False)
