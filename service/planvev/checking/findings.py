"""What a check is about, as plain data: the rules, what is judged at once, and what was found.

It goes from process to process. Who only waits for findings needs neither shapes nor engines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from planvev.formats.rdf import Triple
from planvev.library import ONTOLOGY, SHAPES, Text

ERROR, ADVICE = "error", "advice"


@dataclass(frozen=True)
class Finding:
    """One line of a check.

    `file` and `line` say where (line from 1; `exact` is false when only the property's first line is known),
    `severity` is ERROR or ADVICE, `shape` the short name of the rule, `focus` the thing, `path` and `value` the
    statement where the rule names one, `messages` the sentence per language.
    """

    file: str
    line: int
    exact: bool
    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    messages: Mapping[str, str] = field(hash=False)

    def message(self, language: str) -> str:
        """The sentence in a language, or in the nearest one there is."""
        for choice in (language, "nb", "nn", "en", ""):
            if choice in self.messages:
                return self.messages[choice]
        return next(iter(self.messages.values()), self.shape)


@dataclass(frozen=True)
class Remark:
    """A piece of advice that nobody has looked for in its file yet: the shape (short), the thing, and the statement.

    `path` is in full; `named` says whether the value stands in one statement with the thing (`lines.Lines.of`).
    """

    shape: str
    focus: str
    path: str | None
    value: str | None
    named: bool


@dataclass(frozen=True)
class Verdict:
    """What was found, and of advice that is only counted, how many pieces there are in each file, by its name, and what
    they are about."""

    findings: list[Finding]
    counted: Counter[str]
    remarks: dict[str, list[Remark]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """What every judgement of a library rests on: the texts of its ontology and shapes, and the engine."""

    ontology: tuple[Text, ...]
    shapes: tuple[Text, ...]
    engine: str

    @classmethod
    def of(cls, vocabulary: Sequence[Text], engine: str) -> Rules:
        """The rules in the texts of a library; what is neither ontology nor shapes is left out."""
        ontology, shapes = (tuple(t for t in vocabulary if t.source.role == role) for role in (ONTOLOGY, SHAPES))
        return cls(ontology, shapes, engine)


@dataclass(frozen=True)
class Portion:
    """What one judgement needs: files, the facts they refer to in other files, and the rules.

    `advice` says whether advice gets its line, or is counted.
    """

    judged: Sequence[Text]
    context: Sequence[Triple]
    rules: Rules
    advice: bool = True


Each = Callable[[Sequence[Portion]], Iterable[Verdict]]
