"""`python -m tests.browser.screenshots`: the pictures of the README, docs/images/*.png, from the library as it is."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.visiting import PAGES, visit
from tests.web import serving

IMAGES = serving.TOP / "docs" / "images"
NAMES = (
    *("front", "plans", "plan", "strategy", "law", "provision", "guidance", "concept", "group", "organisation"),
    *("treaty", "code", "document", "graph", "vocabulary", "shapes", "catalogue", "changes", "versions", "health"),
    *("matrix", "timeline", "compare", "gaps", "search", "questions", "about", "accessibility", "missing"),
)
SHOTS = {name: f"{name}.png" for name in NAMES} | {"drawn": "sparql.png"}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="planvev-screenshots-") as folder:
        serving.publish(Path(folder))
        with serving.another(Path(folder)) as server:
            visit(server.url, PAGES, {name: str(IMAGES / file) for name, file in SHOTS.items()})
    sys.stdout.write("".join(f"{(IMAGES / file).relative_to(serving.TOP)}\n" for file in SHOTS.values()))


if __name__ == "__main__":
    main()
