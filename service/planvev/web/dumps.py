"""Whole dumps over HTTP: `/dump/`, which lists what there is, and the files, in parts where a client asks so.

A dump is a file of gzip, and is sent as that: without Content-Encoding, so that what is saved is what its SHA-256 says.
The address decides: without `.gz` at its end the same file is sent unpacked, as what is inside. Ranges, If-Range and
the rest of RFC 9110, sections 13 and 14, are Starlette's for files; of what is unpacked one range at a time is given.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from planvev.errors import NotFound
from planvev.registries import dumps
from planvev.web.desk import CACHE, FOREVER, Desk, unchanged
from planvev.web.render import Pages

FORMS = {form.type: form for form in dumps.FORMS}
PARTIAL = 206
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 1 << 18  # bytes unpacked at once


class DumpRoutes:
    """The routes for whoever wants everything."""

    def __init__(self, desk: Desk, _pages: Pages) -> None:
        self.state = desk.settings.state

    def routes(self) -> list[Route]:
        return [Route("/dump/", self.list), Route("/dump/{edition}/{name}", self.file)]

    def list(self, _: Request) -> Response:
        listed = [dumps.listed(self.state, folder.name) for folder in dumps.editions(self.state)]
        content = {"latest": dumps.listed(self.state), "editions": listed}
        return JSONResponse(content, headers={"Cache-Control": CACHE})

    def file(self, request: Request) -> Response:
        name, file = request.path_params["edition"], request.path_params["name"]
        found = dumps.find(self.state, name)
        dump = (
            next((dump for dump in found[1].dumps if file in (dump.name, dump.unpacked and dump.plain)), None)
            if found
            else None
        )
        if found is None or dump is None:
            raise NotFound(f"There is no dump /dump/{name}/{file}.", "What there is, is listed at /dump/.")
        folder, edition = found
        plain = file == dump.plain
        tag = f'"{dump.sha256}{"-unpacked" if plain else ""}"'
        if known := unchanged(request, tag):
            return known
        headers = {
            "ETag": tag,
            "Cache-Control": CACHE if name == dumps.LATEST else FOREVER,
            "Link": f'</dump/{edition.name}/{file}>; rel="canonical"',
        }
        saved_as = f"planvev-{edition.name}-{file}"
        if plain:
            return _unpacked(request, folder / dump.name, dump, {**headers, "Content-Disposition": _saved(saved_as)})
        return FileResponse(folder / dump.name, 200, headers, dumps.GZIP, filename=saved_as)


def _unpacked(request: Request, path: Path, dump: dumps.Dump, headers: dict[str, str]) -> Response:
    """A dump without gzip, or the part of it that is asked for."""
    media, whole = FORMS[dump.media_type], dump.unpacked
    headers = {**headers, "Accept-Ranges": "bytes", "Content-Type": media.content_type}
    asked = request.headers.get("range", "")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        asked = ""  # what the client has the beginning of is not this any more
    part = _part(asked, whole)
    if part is None:
        return Response(None, 416, {**headers, "Content-Range": f"bytes */{whole}"})
    begin, end, status = part
    headers["Content-Length"] = str(end - begin)
    if status == PARTIAL:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{whole}"
    if request.method == "HEAD":
        return Response(None, status, headers)
    return StreamingResponse(_read(path, begin, end - begin), status, headers)


def _read(path: Path, begin: int, count: int) -> Iterator[bytes]:
    """So many bytes of what is inside, from one on. What comes before is unpacked and dropped."""
    with gzip.open(path) as file:
        file.seek(begin)
        while count > 0 and (piece := file.read(min(PIECE, count))):
            count -= len(piece)
            yield piece


def _part(asked: str, whole: int) -> tuple[int, int, int] | None:
    """Where a range begins and ends, and the status; all for what is no single range; None beyond the end."""
    found = RANGE.fullmatch(asked.replace(" ", ""))
    if not found or not (found[1] or found[2]):
        return 0, whole, 200
    if not found[1]:
        begin, end = max(whole - int(found[2]), 0), whole
    else:
        begin, end = int(found[1]), min(int(found[2]) + 1, whole) if found[2] else whole
        if found[2] and int(found[2]) < int(found[1]):
            return 0, whole, 200  # no range at all, and so not looked at
    return (begin, end, PARTIAL) if begin < end else None


def _saved(name: str) -> str:
    return f'attachment; filename="{name}"'
