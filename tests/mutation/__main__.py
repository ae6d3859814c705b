"""Every mutation of every statement (`make mutate`): prints what nobody notices or accepted, and then exits with 1.

Some 28,000, in about five minutes of processor time, over all cores.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from tests.conftest import TOP
from tests.mutation.mutations import Mutants
from tests.mutation.test_mutations import accepted

BESIDE = 100  # mutations one after the other that one process takes: they share what was found before


def main() -> int:
    parts = os.cpu_count() or 1
    with ProcessPoolExecutor(parts) as pool:
        done = list(pool.map(part, range(parts), repeat(parts)))
    tried, missed = (sum(numbers) for numbers in zip(*done, strict=True))
    sys.stdout.write(f"{tried} mutations; {missed} that no shape notices and accepted.toml does not name\n")
    return 1 if missed else 0


def part(number: int, of: int) -> tuple[int, int]:
    """Try one part of so many: how many mutations that were, and how many nobody notices; those are printed."""
    known, mutants = accepted() | accepted("sometimes"), Mutants(TOP)
    tried = missed = 0
    for place, mutation in enumerate(mutants.all()):
        if place // BESIDE % of != number:
            continue
        tried += 1
        if mutation.name not in known and not mutants.noticed(mutation):
            missed += 1
            sys.stdout.write(f"{mutation.name}: {mutation.statement}\n")
            sys.stdout.flush()
    return tried, missed


if __name__ == "__main__":
    sys.exit(main())
