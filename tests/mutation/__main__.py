"""Every mutation of every statement (`make mutate`): prints what nobody notices or accepted, and then exits with 1."""

from __future__ import annotations

import sys

from tests.conftest import TOP
from tests.mutation.mutations import Mutants
from tests.mutation.test_mutations import accepted


def main() -> int:
    known, mutants = accepted(), Mutants(TOP)
    tried = missed = 0
    for mutation in mutants.all():
        tried += 1
        if mutation.name not in known and not mutants.noticed(mutation):
            missed += 1
            sys.stdout.write(f"{mutation.name}: {mutation.statement}\n")
    sys.stdout.write(f"{tried} mutations; {missed} that no shape notices and accepted.toml does not name\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
