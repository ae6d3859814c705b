"""The repository is the same everywhere: no file in it knows a machine's folders or a package registry's addresses."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

# Written so that this file does not hold what it looks for. A path inside an address (…kommune.no/home/) is not ours.
PATTERNS = {
    "a machine's folder": r"(?<![\w.~:%-])/(?:work|root|home|Users)/\w",
    "a package registry": r"\b(?:pypi\.(?:org)|files\.pythonhosted\.|registry\.(?:npmjs|yarnpkg)\.|repo1?\.maven\."
    r"|deb\.debian\.|proxy\.golang\.|static\.crates\.)",
    "an npm download address": r'"resolved"\s*:',
    "a download": r"https?://\S+\.(?:whl|tar\.gz|tgz|tar\.bz2|jar)\b",
    "a pip index": r"^\s*--(?:extra-)?index[-]url|^\s*--find[-]links",
}
WRONG = re.compile("|".join(f"({pattern})" for pattern in PATTERNS.values()), re.MULTILINE)


@pytest.mark.needs("git")
def test_no_file_names_a_machine_or_a_registry():
    # Files not yet added count too, so that this is seen before the commit and not after it.
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=TOP, capture_output=True, check=True).stdout.decode()
    found = []
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = TOP / name
        if not path.is_file() or b"\0" in (content := path.read_bytes()):
            continue
        for match in WRONG.finditer(content.decode("utf-8")):
            line = content[: match.start()].count(b"\n") + 1
            found.append(f"{name}:{line}: {list(PATTERNS)[(match.lastindex or 1) - 1]}: {match.group()}")
    assert not found, "\n".join(found)
