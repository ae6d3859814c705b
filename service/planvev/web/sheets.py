"""Tables to take away: the rows that a page shows, all of them, as CSV (RFC 4180) or as a workbook (`sheet`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from planvev.engines.engine import Edition
from planvev.errors import BadRequest, NotFound
from planvev.formats import sheet
from planvev.media import XLSX
from planvev.web.desk import CACHE, etag, unchanged
from planvev.web.texts import Reader

Cell = str | int
TYPES = {"csv": "text/csv", "xlsx": XLSX.type}
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which Excel sees that a file is UTF-8


def table(
    request: Request,
    snapshot: Edition,
    who: Reader,
    name: str,
    suffix: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> Response:
    """A table to take away.

    It depends on what is published, on the reader's language and on what its name says, as its day.

    Args:
        name: of the file, without its ending; two tables of one address must differ in it.
        suffix: of the format, one of `TYPES`.
        columns: the names of the columns.
        rows: taken only when the client has not got the table already.

    Raises:
        NotFound: it is made in no such format.
        BadRequest: a workbook cannot hold it.
    """
    if suffix not in TYPES:
        raise NotFound(f"There is no table as {suffix[:20]!r}.", f"There are {', '.join(TYPES)}.")
    known = unchanged(request, tag := etag(snapshot, suffix, who.language, name))
    if known:
        return known
    content = _csv(columns, rows) if suffix == "csv" else _workbook(columns, rows)
    snapshot.confirm()
    said = {"ETag": tag, "Cache-Control": CACHE, "Vary": "Accept-Language", "Content-Language": who.language}
    said["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    return Response(content, 200, said, TYPES[suffix])


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return (MARK + text.getvalue()).encode()


def _workbook(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    book = io.BytesIO()
    try:
        sheet.write(columns, rows, book)
    except sheet.Unfit as error:
        raise BadRequest(str(error), "Ask for the table as CSV.") from None
    return book.getvalue()
