"""What a person sees in a terminal: findings on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from planvev.checking.findings import ADVICE, ERROR, Finding
from planvev.errors import Problem

_CLEAR = "\r\x1b[K"  # to the beginning of the line, and nothing from there on (ECMA-48, EL)


def as_text(findings: Sequence[Finding], language: str) -> str:
    """Two lines for each: where and what, then about which thing."""
    lines = []
    for finding in findings:
        about = "" if finding.exact else " (the line is the first of its kind)"
        where = f"{finding.file}:{finding.line}: {finding.severity} {finding.shape}"
        lines.append(f"{where} {finding.message(language)}{about}")
        lines.append("    " + "  ".join(part for part in (finding.focus, finding.path, finding.value) if part))
    return "\n".join(lines)


def show(findings: Sequence[Finding], language: str) -> None:
    if findings:
        print(as_text(findings, language), flush=True)  # a watcher goes on, and whoever reads its log waits


def sum_up(findings: Sequence[Finding]) -> int:
    """Say how many findings there are; the exit code they deserve."""
    errors = sum(finding.severity == ERROR for finding in findings)
    pieces = sum(finding.severity == ADVICE for finding in findings)
    tell(f"{count(errors, 'error')}, {count(pieces, 'piece')} of advice")
    return 1 if errors else 0


def bar() -> Callable[[int, int], None] | None:
    """A bar on a terminal, gone when all is done; nothing where nobody watches, or where a line cannot be cleared."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None

    def draw(done: int, of: int) -> None:
        # A bar that wraps would leave a line behind at each step.
        columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        width = max(min(30, columns - len(f"  [] {of} of {of} files") - 1), 1)
        filled = width * done // max(of, 1)
        shown = f"  [{'#' * filled}{'.' * (width - filled)}] {done} of {of} files"
        print(_CLEAR + (shown if done < of else ""), end="", file=sys.stderr, flush=True)

    return draw


def clear() -> None:
    """Take away a bar that was left half full."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        print(_CLEAR, end="", file=sys.stderr, flush=True)


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tell(sentence: str) -> None:
    clear()
    print(sentence, file=sys.stderr, flush=True)


def complain(problem: Problem, language: str = "en") -> None:
    said = getattr(problem, "words", {}).get(language) or problem.detail or problem.title
    clear()
    place = "".join(f"{getattr(problem, name)}:" for name in ("file", "line", "column") if hasattr(problem, name))
    print(f"{place + ' ' if place else ''}error {said}", file=sys.stderr)
    if problem.advice:
        print(f"    {problem.advice}", file=sys.stderr)
