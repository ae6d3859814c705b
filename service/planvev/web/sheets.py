"""Tables to take away: the rows that a page shows, all of them, as CSV (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from planvev.engine import Edition
from planvev.web.desk import CACHE, etag, unchanged
from planvev.web.texts import Reader

Cell = str | int


def table(
    request: Request,
    snapshot: Edition,
    who: Reader,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Response:
    """A table under a file name that says its day; it depends on what is published, the reader's language and that day.

    Args:
        name: of the file, without its ending; two tables of one address must differ in it.
        columns: the names of the columns.
        rows: taken only when the client has not got the table already.
    """
    known = unchanged(request, tag := etag(snapshot, "csv", who.language, name))
    if known:
        return known
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    snapshot.confirm()
    said = {"ETag": tag, "Cache-Control": CACHE, "Vary": "Accept-Language", "Content-Language": who.language}
    said["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return Response(text.getvalue(), 200, said, "text/csv")
