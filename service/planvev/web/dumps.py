"""Whole dumps over HTTP: `/dump/`, which lists what there is, and the files, in parts where a client asks so.

A dump is a file of gzip, and is sent as that: without Content-Encoding, so that what is saved is what its SHA-256 says.
Ranges, If-Range and the rest of RFC 9110, sections 13 and 14, are Starlette's.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from planvev import dumps
from planvev.errors import NotFound
from planvev.web.desk import CACHE, FOREVER, Desk, unchanged
from planvev.web.render import Pages


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
        dump = next((dump for dump in found[1].dumps if dump.name == file), None) if found else None
        if found is None or dump is None:
            raise NotFound(f"There is no dump /dump/{name}/{file}.", "What there is, is listed at /dump/.")
        folder, edition = found
        tag = f'"{dump.sha256}"'
        if known := unchanged(request, tag):
            return known
        headers = {
            "ETag": tag,
            "Cache-Control": CACHE if name == dumps.LATEST else FOREVER,
            "Link": f'</dump/{edition.name}/{dump.name}>; rel="canonical"',
        }
        saved_as = f"planvev-{edition.name}-{dump.name}"
        return FileResponse(folder / dump.name, 200, headers, dumps.GZIP, filename=saved_as)
