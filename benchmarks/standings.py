"""The tables of the country: ratios first, every figure a median with its smallest and largest round.

A ratio is planvev's figure by the other's, so above 1 the other is faster; it is made inside a round, where both stood
beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.peers import LEFT_OUT
from benchmarks.race import AGAIN, ALONE, CLIENTS, CROWDED, OURS, Question, Race, questions

Cell = Mapping[str, Any]
PEERS = ("Oxigraph", "Virtuoso", "Fuseki", "rdflib-endpoint")


def tables(
    races: Sequence[tuple[str, Race]], about: Mapping[str, str], more: Callable[[Race], list[str]] = lambda _: []
) -> str:
    """Everything measured so far, as Markdown; `more` makes further tables of a size."""
    lines = [f"- {name}: {value}" for name, value in about.items()]
    for name, race in races:
        cells = race.cells
        made = cells.get("generate") or {}
        if not made:
            continue
        lines += [f"\n### {name}: {int(made['triples']):,} triples in {int(made['files']):,} files\n"]
        lines += [*_not_run(race), *_loads(race), *_starts(race), *_first(race), *_warm(race), *_crowds(race)]
        lines += [*_pages(race), *_commands(race), *_differences(race), *more(race)]
    return "\n".join(lines)


def numbers(races: Sequence[tuple[str, Race]], about: Mapping[str, str]) -> dict[str, Any]:
    """Every cell, by size, to be kept beside the tables."""
    kept: dict[str, Any] = {"about": about}
    for name, race in races:
        paths = sorted(race.cells.folder.glob("*.json"))
        kept[name] = [{"cell": path.stem, **(race.cells.get(path.stem) or {})} for path in paths]
    return kept


def _not_run(race: Race) -> list[str]:
    return [f"Not run: {name}, because {why}.\n" for name, why in (race.missing | LEFT_OUT).items()]


def _loads(race: Race) -> list[str]:
    ours = race.cells.get("publish-full")
    if not ours:
        return []
    triples = (race.cells.get("generate") or {})["triples"]
    lines = ["| loading | planvev ÷ it, seconds | seconds | CPU s | thousand triples/s | MiB on disk |"]
    lines += ["|---|--:|--:|--:|--:|--:|"]
    rows = [("planvev: check, publish, verify", ours)]
    rows += [(name, cell) for name in PEERS if (cell := race.cells.get(f"load-{name}")) and "wall" in cell]
    limits = {"limit-bare-load": "limit: pyoxigraph's bulk load", "limit-read": "limit: reading the bytes"}
    rows += [(words, cell) for name, words in limits.items() if (cell := race.cells.get(name))]
    for name, cell in rows:
        rate = triples / cell["wall"] / 1000
        disk = f"{cell['disk']:.0f}" if "disk" in cell else ""
        lines.append(
            line(
                name,
                _number(ours["wall"] / cell["wall"]) + "×",
                f"{cell['wall']:.1f}",
                f"{cell['cpu']:.1f}",
                f"{rate:.0f}",
                disk,
            )
        )
    return [*lines, ""]


def _starts(race: Race) -> list[str]:
    lines = ["| start | planvev ÷ it | seconds to the first answer | CPU s | RSS MiB | PSS MiB | PSS MiB after all |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|"]
    ours = _started(race, OURS)
    after = race.cells.get("memory-after") or {}
    for name in (OURS, *PEERS):
        found = _started(race, name)
        if found:
            ratio = _spread([a["seconds"] / b["seconds"] for a, b in zip(ours, found, strict=False)], "×")
            last = f"{after[name]['pss']:.0f}" if name in after else ""
            figures = (_spread([cell[key] for cell in found]) for key in ("seconds", "cpu", "rss", "pss"))
            lines.append(line(name, ratio, *figures, last))
    return [*lines, ""] if ours else []


def _started(race: Race, name: str) -> list[Cell]:
    found = [race.cells.get(f"start-{number}-{name}") for number in range(1, race.rounds + 1)]
    return [cell for cell in found if cell and "seconds" in cell]


def _first(race: Race) -> list[str]:
    """Every question for the first time after a start."""
    names = [name for name in (OURS, *PEERS) if _started(race, name)]
    if not names:
        return []
    lines = [f"Cold: the first time after a start, milliseconds.\n\n{line('question', *_ratios(names), *names)}"]
    lines += ["|---|" + "--:|" * (2 * len(names) - 1)]
    for question in questions():
        samples = {name: [cell["questions"][question.name] for cell in _started(race, name)] for name in names}
        lines.append(line(question.words, *beside(samples, names, "ms", 1)))
    return [*lines, ""]


def _warm(race: Race) -> list[str]:
    rounds = [{q.name: race.cells.get(f"warm-{n}-{q.name}") for q in questions()} for n in range(1, race.rounds + 1)]
    return _asked("Warm, one client, every query new: p50 in milliseconds.", rounds, questions(), "p50", 1)


def _crowds(race: Race) -> list[str]:
    lines = []
    for clients in CLIENTS:
        chosen = [question for question in questions() if question.name in CROWDED]
        names = {q.name: f"crowd-{{}}-{q.name}-{clients:02}" for q in chosen}
        rounds = [{q: race.cells.get(n.format(i)) for q, n in names.items()} for i in range(1, race.rounds + 1)]
        who = f"{clients} client{'s' if clients > 1 else ''}"
        head = f"{who}, every query new: answers a second (ratio: its by ours)."
        lines += _asked(head, rounds, chosen, "rate", -1)
        lines += _asked(f"{who}, CPU: microseconds an answer.", rounds, chosen, "cpu_us", 1)
    return lines


def _asked(
    head: str, rounds: Sequence[Mapping[str, Cell | None]], chosen: Sequence[Question], key: str, power: int
) -> list[str]:
    """One table of questions by engines, of one measure."""
    seen = [cell for each in rounds for cell in each.values() if cell]
    if not seen:
        return []
    names = [name for name in (OURS, *PEERS) if any(name in cell for cell in seen)]
    extra = [ALONE, AGAIN] if key != "cpu_us" else [AGAIN]
    lines = [f"{head}\n\n{line('question', *_ratios(names), *names, *extra)}"]
    lines += ["|---|" + "--:|" * (2 * len(names) - 1 + len(extra))]
    for question in chosen:
        cells = [cell for each in rounds if (cell := each.get(question.name))]
        samples = {name: [cell[name] for cell in cells if name in cell] for name in [*names, *extra]}
        if not cells:
            continue
        lines.append(
            line(question.words, *beside(samples, names, key, power), *(_values(samples[e], key) for e in extra))
        )
    return [*lines, ""]


def _ratios(names: Sequence[str]) -> list[str]:
    return [f"planvev ÷ {name}" for name in names if name != OURS]


def beside(samples: Mapping[str, Sequence[Cell]], names: Sequence[str], key: str, power: int) -> list[str]:
    """The ratios of ours to each other engine, then every engine's figure."""
    ratios = []
    for name in names:
        if name == OURS:
            continue
        pairs = zip(samples[OURS], samples[name], strict=False)
        both = [(a[key] / b[key]) ** power for a, b in pairs if a.get(key) and b.get(key)]
        ratios.append(_spread(both, "×"))
    return [*ratios, *(_values(samples[name], key) for name in names)]


def _values(samples: Sequence[Cell], key: str) -> str:
    found = [sample[key] for sample in samples if key in sample]
    refused = sum(sample.get("refused", 0) for sample in samples if key in sample)
    if found:
        return _spread(found) + (f"; {refused} refused" if refused else "")
    return next((str(sample["wrong"]) for sample in samples if "wrong" in sample), "–")


def _pages(race: Race) -> list[str]:
    lines = ["| document | clients | fixed ÷ it, answers/s | answers/s | p50 ms | p99 ms | CPU µs | kB |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|--:|"]
    rounds = {c: [race.cells.get(f"page-{n}-{c:02}") for n in range(1, race.rounds + 1)] for c in CLIENTS}
    rows = list(dict.fromkeys(row for cells in rounds.values() for cell in cells if cell for row in cell))
    for row in rows:
        for clients, cells in rounds.items():
            samples = [(cell[row], cell["fixed 8 KB answer"]) for cell in cells if cell and row in cell]
            good = [(a, b) for a, b in samples if "rate" in a and "rate" in b]
            if good:
                lines.append(line(row, clients, _spread([b["rate"] / a["rate"] for a, b in good], "×"),
                                   *(_spread([a[key] for a, _ in good]) for key in ("rate", "p50", "p99", "cpu_us")),
                                   f"{good[-1][0]['bytes'] / 1024:.1f}"))  # fmt: skip
            elif samples:
                lines.append(line(row, clients, samples[-1][0].get("wrong", "–"), *[""] * 5))
    return [*lines, ""] if rows else []


def _commands(race: Race) -> list[str]:
    words = {
        "publish-nothing": "publish, nothing changed",
        "publish-one": "publish, one plan changed",
        "check-one": "check of one plan",
    }
    lines = ["| command | seconds | CPU s | most memory, MiB |", "|---|--:|--:|--:|"]
    for start, name in words.items():
        cells = race.cells.every(start)
        if cells:
            lines.append(line(name, *(_spread([cell[key] for cell in cells]) for key in ("wall", "cpu", "rss"))))
    return [*lines, ""] if len(lines) > 2 else []


def _differences(race: Race) -> list[str]:
    """Where answers are not the same, or that they are."""
    told = []
    compared = 0
    for question in questions():
        found: dict[tuple[int, str], list[str]] = {}
        for name in (OURS, *PEERS):
            for cell in _started(race, name)[:1]:
                answer = cell["questions"][question.name]
                if "digest" in answer:
                    found.setdefault((answer["count"], answer["digest"]), []).append(name)
        compared += bool(found)
        if len(found) > 1:
            groups = "; ".join(f"{', '.join(names)}: {count} rows" for (count, _), names in found.items())
            told.append(f"- *{question.words}* is answered differently by {groups}.")
    if not compared:
        return []
    same = compared - len(told)
    return [f"Answers: {same} of {compared} questions are answered alike by all engines that answered.", *told, ""]


def line(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _spread(values: Sequence[float], unit: str = "") -> str:
    """`12.3× (11.0–14.1)`: the median, the smallest and the largest."""
    if not values:
        return "–"
    middle = f"{_number(median(values))}{unit}"
    return middle if len(values) == 1 else f"{middle} ({_number(min(values))}–{_number(max(values))})"


def _number(value: float) -> str:
    """Three digits that mean something, and no more."""
    rounded: Callable[[int], str] = lambda digits: f"{value:.{digits}f}"  # noqa: E731
    return rounded(0) if value >= 100 else rounded(1) if value >= 10 else rounded(2)
