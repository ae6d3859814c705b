"""The files that pages load: our own style sheet, and what is made of npm packages (tools/assets).

An address changes with its content, so that a browser may keep what it has for ever. Where nothing was made, pages are
served with our own sheet alone: whoever asks for a name gets None and leaves the file out.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

STATIC = Path(__file__).parent / "static"
MADE = "made"  # the folder of what is made, and in it `made.json`: by which name pages ask for which file
TYPES = {".woff2": "font/woff2", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent: its media type and its bytes."""

    type: str
    content: bytes


class Assets:
    """The files of one folder, read when they are first asked for."""

    def __init__(self, folder: Path = STATIC) -> None:
        self.folder = folder

    def address(self, name: str) -> str | None:
        """Where the file that pages call `name` is, on this host; None where it has not been made."""
        file = self._names.get(name)
        return f"/static/{file}" if file else None

    def get(self, file: str) -> Asset | None:
        """The file at /static/…; None when there is none."""
        return self._files.get(file)

    @cached_property
    def _loaded(self) -> tuple[dict[str, str], dict[str, Asset]]:
        """File names by the names that pages use, and files by file name."""
        names, files = {}, {}
        for path in sorted(path for path in self.folder.iterdir() if path.is_file()):
            content = path.read_bytes()
            names[path.name] = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
            files[names[path.name]] = Asset(_type(path), content)
        made = self.folder / MADE
        if (made / "made.json").is_file():
            names |= json.loads((made / "made.json").read_text("utf-8"))
            files |= {path.name: Asset(_type(path), path.read_bytes()) for path in made.iterdir() if path.is_file()}
        return names, files

    @property
    def _names(self) -> dict[str, str]:
        return self._loaded[0]

    @property
    def _files(self) -> dict[str, Asset]:
        return self._loaded[1]


def _type(path: Path) -> str:
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
