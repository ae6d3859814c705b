"""The service's end of the socket to a query process: one request out, one frame back."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, cast


class Pipe(asyncio.Protocol):
    """Our end of a socket pair: one request out, one frame back.

    A frame is its length and its header's length, four bytes each, then the header as JSON, then an answer's bytes.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None  # uvloop's is not a subclass of it
        self._received = bytearray()
        self._awaited: asyncio.Future[tuple[dict[str, Any], bytes]] | None = None
        self._over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._deliver()

    def connection_lost(self, _error: Exception | None) -> None:
        self._over = True
        if self._awaited and not self._awaited.done():
            self._awaited.set_exception(EOFError("the process has ended"))

    def ask(self, request: bytes) -> asyncio.Future[tuple[dict[str, Any], bytes]]:
        """Send a request; what is returned ends with its frame, or with EOFError when the process does."""
        assert self._transport
        if not self._over:
            self._transport.write(struct.pack(">I", len(request)) + request)
        return self.frame()

    def frame(self) -> asyncio.Future[tuple[dict[str, Any], bytes]]:
        """The next frame."""
        self._awaited = asyncio.get_running_loop().create_future()
        if self._over:
            self._awaited.set_exception(EOFError("the process has ended"))
        else:
            self._deliver()
        return self._awaited

    def close(self) -> None:
        if self._awaited:
            self._awaited.cancel()  # nobody waits for it any more, and nobody would hear how it ended
        if self._transport:
            self._transport.abort()

    def _deliver(self) -> None:
        if self._awaited is None or self._awaited.done() or len(self._received) < 8:
            return
        length, head = struct.unpack_from(">II", self._received)
        if len(self._received) >= length:
            header = json.loads(self._received[8 : 8 + head])
            body = bytes(self._received[8 + head : length])
            del self._received[:length]
            self._awaited.set_result((header, body))
