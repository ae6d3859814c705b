"""What the routes share: the snapshot of a request, its vocabulary and search index, the headers of its answers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from starlette.requests import Request
from starlette.responses import Response

from planvev import __version__
from planvev.answering.permits import Permits
from planvev.answering.relay import Relay
from planvev.answering.workers import Pool
from planvev.engines.engine import Edition, Editions
from planvev.engines.snapshot import Snapshot
from planvev.errors import NeedsEmbedded, NoIndex
from planvev.finding.search import SearchIndex
from planvev.insight.vocabulary import Vocabulary
from planvev.names import Base
from planvev.settings import Settings
from planvev.versions.history import History

# Whoever keeps an answer asks again before using it; asking costs a 304, and nobody sees a plan as it was yesterday.
CACHE = "public, no-cache"
FOREVER = "public, max-age=31536000, immutable"
VARY = "Accept, Accept-Language, Accept-Encoding"

# What is made of the history too: a state that comes back, by a rollback or an edit taken back, has the name it had,
# and more history than then. So these are not kept with the answers of a snapshot.
OF_HISTORY = ("/feed", "/changes", "/timemap/")
VERSION = "version"  # the parameter that asks for a past version

# Made of the last finished dumps, which come after the snapshot: not kept with its answers. And never compressed: a
# dump is gzip already, and the national harvester takes Content-Encoding for a charset.
AS_THEY_ARE = ("/dump/", "/catalogue", "/concepts", "/model", "/organisations", "/codes", "/.well-known/void")


@dataclass
class Desk:
    """One per application. A handler takes `shelf.current()` once and keeps that snapshot to the end."""

    settings: Settings
    base: Base
    shelf: Editions
    pool: Pool
    permits: Permits
    history: History | None = None  # kept beside the embedded engine
    relay: Relay | None = None  # where an engine on the network answers queries instead of the pool
    making: int = 0  # pages and documents that are being made
    _vocabulary: tuple[str, Vocabulary] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _indexes: WeakKeyDictionary[Snapshot, SearchIndex] = field(default_factory=WeakKeyDictionary)

    def index(self, snapshot: Edition) -> SearchIndex:
        """The search index of a snapshot, opened once and dropped with it.

        Raises:
            NeedsEmbedded: the snapshot is kept by an engine on the network.
            NoIndex: it cannot be read.
        """
        if not isinstance(snapshot, Snapshot):
            raise NeedsEmbedded(
                "Search reads an index that is kept beside the embedded engine; this service asks another one.",
                "Ask by SPARQL, or look in the lists on the front page.",
            )
        with self._lock:
            if snapshot not in self._indexes:
                try:
                    self._indexes[snapshot] = SearchIndex(snapshot.folder)
                except OSError as error:
                    raise NoIndex(
                        f"The search index of the snapshot {snapshot.id} cannot be read: {error}.",
                        "Run `planvev publish --rebuild`; the other pages answer meanwhile.",
                    ) from None
            return self._indexes[snapshot]

    def host(self, request: Request) -> str:
        """Where this service is, without a slash at its end: as the operator says it, else as it was asked."""
        return self.settings.site or str(request.base_url).rstrip("/")

    def vocabulary(self, snapshot: Edition) -> Vocabulary:
        """The vocabulary of a snapshot, read once."""
        held = self._vocabulary
        if held is None or held[0] != snapshot.id:
            with self._lock:
                held = self._vocabulary = (snapshot.id, Vocabulary.of(snapshot))
        return held[1]


def etag(snapshot: Edition, *variant: str) -> str:
    """A weak validator: the same content in the same variant, whatever its compression (RFC 9110, section 8.8.1)."""
    return 'W/"' + "-".join((snapshot.id, __version__, *variant)) + '"'


def unchanged(request: Request, tag: str, vary: str = VARY) -> Response | None:
    """The 304 for a client that already has this content; None for one that has not."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    held = [part.strip().removeprefix("W/") for part in asked.split(",")]
    if "*" in held or tag.removeprefix("W/") in held:
        # A cache must not forget what the answer depends on (RFC 9110, section 15.4.5).
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": CACHE, "Vary": vary})
    return None
