"""What analysts ask: twenty questions over everything, in each engine, and by planvev in each of its ways.

A question stands in `analysts/NN-slug.rq`: a line `#+ …` in words, then SPARQL that runs anywhere. Where planvev has a
way of its own to ask the same (derived links, text search), that stands beside it as `NN-slug.ours.rq`; its line says
where that is not quite the same question, and begins with *the same* where it is. planvev runs each question as it
chooses (`planvev`), as it is written (`optimise=off`), and in its own way; the engines take turns within a round. The
first answers after the start are timed too and compared: as multisets of rows, across all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import answers, standings
from benchmarks.cells import Measured
from benchmarks.peers import asked
from benchmarks.race import JSON, NO_ANSWER, OURS, PATIENCE, Field, Question, Race

FOLDER = Path(__file__).parent / "analysts"
WRITTEN, OWN = "planvev, as written", "planvev, own way"
SAME = "the same"  # begins the words of an own way that asks nothing else
ENGINES = (OURS, WRITTEN, OWN, *standings.PEERS)


def questions(ending: str = ".rq") -> dict[str, Question]:
    """The questions by name, in order; with `.ours.rq` those that planvev has a way of its own for."""
    found = {}
    for path in sorted(FOLDER.glob("*.rq")):
        name, _, rest = path.name.partition(".")
        if f".{rest}" == ending:
            first, _, text = path.read_text("utf-8").partition("\n")
            found[name] = Question(name, first.removeprefix("#+ "), text)
    return found


def ways(name: str) -> dict[str, tuple[str, Question, str]]:
    """For each way to ask a question: which engine is asked, the query, and what its address ends with."""
    question, own = questions()[name], questions(".ours.rq").get(name)
    found = {OURS: (OURS, question, ""), WRITTEN: (OURS, question, "&optimise=off")}
    if own:
        found[OWN] = (OURS, own, "")
    return found | {peer: (peer, question, "") for peer in standings.PEERS}


def measure(race: Race, names: Sequence[str]) -> None:
    """All cells of one size that are not measured yet, of the questions with these names."""
    todo = list(_todo(race, names))
    if all(race.cells.get(name) is not None for name, _ in todo):
        return
    with Field(race) as field:
        for name, cell in todo:
            race.cells.once(name, lambda cell=cell: cell(field))  # type: ignore[misc]


def _todo(race: Race, names: Sequence[str]) -> Iterator[tuple[str, Callable[[Field], Measured]]]:
    for name in names:
        yield f"analyst-0-{name}", lambda field, name=name: _first(field, name)  # type: ignore[misc]
    for number in range(1, race.rounds + 1):
        for name in names:
            yield f"analyst-{number}-{name}", lambda field, name=name: _warm(field, name)  # type: ignore[misc]


def _first(field: Field, name: str) -> Measured:
    """One question to each for the first time: how long, how many rows, and a digest of them."""
    found: Measured = {}
    for way, (engine, question, ending) in ways(name).items():
        if engine not in field.running:
            continue
        running, began = field.running[engine], time.perf_counter()
        try:
            status, body = asked(running.port, question.path(running.path, fresh=False) + ending, JSON, PATIENCE)
        except OSError as error:
            found[way] = {"wrong": f"{NO_ANSWER} within {PATIENCE:g} s ({type(error).__name__})"}
            field.tired.add((way, name))
            continue
        if status != 200:
            found[way] = {"wrong": f"answered {status}: {body[:100].decode(errors='replace')}"}
            continue
        took = (time.perf_counter() - began) * 1000
        answer = answers.read(body, graph=False)
        found[way] = {"ms": took, "count": answer.count, "digest": answer.digest}
    return found


def _warm(field: Field, name: str) -> Measured:
    """One question to each in turn, every query new."""
    found: Measured = {}
    for way, (engine, question, ending) in ways(name).items():
        if engine not in field.running:
            continue
        if (way, name) in field.tired:
            found[way] = {"wrong": f"{NO_ANSWER} within {PATIENCE:g} s"}
            continue
        running = field.running[engine]
        found[way] = field.turn(running, question.path(running.path, fresh=True) + ending, JSON, 1)
        if "wrong" in found[way]:
            field.tired.add((way, name))
    return found


def table(race: Race) -> list[str]:
    """The questions by engines: p50 warm, ratios first, and where answers differ."""
    rounds = [{q: race.cells.get(f"analyst-{n}-{q}") for q in questions()} for n in range(race.rounds + 1)]
    seen = [cell for each in rounds for cell in each.values() if cell]
    names = [name for name in ENGINES if any(name in cell for cell in seen)]
    if not seen:
        return []
    lines = _lines("Analysts' questions, for the first time after a start: milliseconds.", rounds[:1], names, "ms")
    lines += _lines("Analysts' questions, warm, every query new: p50 in milliseconds.", rounds[1:], names, "p50")
    lines += _lines(
        "Analysts' questions, warm: CPU of all its processes, microseconds an answer.", rounds[1:], names, "cpu_us"
    )
    return [*lines, *_differences(rounds[0])]


def _lines(head: str, rounds: Sequence[Mapping[str, Measured | None]], names: Sequence[str], key: str) -> list[str]:
    ratios = [f"planvev ÷ {name}" for name in names if name != OURS]
    lines = [f"{head}\n\n{standings.line('question', *ratios, *names)}", "|---|" + "--:|" * (2 * len(names) - 1)]
    for name, question in questions().items():
        cells = [cell for each in rounds if (cell := each.get(name))]
        samples = {one: [cell[one] for cell in cells if one in cell] for one in names}
        if cells:
            lines.append(standings.line(question.words, *standings.beside(samples, names, key, 1)))
    return [*lines, ""]


def _differences(firsts: Mapping[str, Measured | None]) -> list[str]:
    """Where engines answer differently; planvev's own way is compared where it says that it asks the same."""
    own = questions(".ours.rq")
    told, compared = [], 0
    for name, cell in firsts.items():
        found: dict[str, list[str]] = {}
        for way, answer in (cell or {}).items():
            if "digest" in answer and (way != OWN or own[name].words.startswith(SAME)):
                found.setdefault(answer["digest"], []).append(f"{way} ({answer['count']} rows)")
        compared += len(found) > 0
        if len(found) > 1:
            told.append(f"- *{questions()[name].words}*: {'; '.join(', '.join(group) for group in found.values())}")
    return [
        f"Answers: {compared - len(told)} of {compared} questions are answered alike by all that answered.",
        *told,
        "",
    ]
