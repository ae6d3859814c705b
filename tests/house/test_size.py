"""Small enough to read: a module holds one idea, a function fits a screen. What is longer says here why."""

from __future__ import annotations

import ast
from pathlib import Path

SERVICE = Path(__file__).parents[2] / "service"

MODULE_LINES = 350
FUNCTION_LINES = 60

# "planvev/module.py" or "planvev/module.py::function": the reason it may be longer.
REASONS: dict[str, str] = {}


def test_what_is_long_says_why():
    long = {}
    for path in sorted(SERVICE.rglob("*.py")):
        name, text = path.relative_to(SERVICE).as_posix(), path.read_text("utf-8")
        if (lines := len(text.splitlines())) > MODULE_LINES:
            long[name] = lines
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{name}::{node.name}"] = lines
    unsaid = {name: lines for name, lines in long.items() if name not in REASONS}
    assert not unsaid, f"over {MODULE_LINES} lines a module or {FUNCTION_LINES} a function: {unsaid}"
    assert not REASONS.keys() - long.keys(), "a reason is given for what is not long any more"
