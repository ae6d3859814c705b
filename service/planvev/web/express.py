"""The shortest road: a query whose answer is at hand is answered as soon as its headers have been read.

At hand is what is in memory, and what is read off an index in less time than a task takes to begin (`web.glances`).

uvicorn makes a task of every request and sends its answer in messages (ASGI), which costs more than the rest of such an
answer. Here it is written to the connection at once. The request is still read by uvicorn's own parser, byte for byte,
and whatever else goes on with the connection (a request before it, a client that reads slowly, one that is to be
closed, HTTP/1.0, `Expect`) takes the usual way. Where the uvicorn that is installed is not the one that is known here,
everything does; `tests/unit/test_express.py` says when that is so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from planvev.web.layers import AT_HAND, number

AtHand = Callable[[Scope], tuple[bytes, bytes] | None]

# What is used here of uvicorn's inside: attributes that are set when one of these is made.
INSIDE: dict[type, set[str]] = {
    HttpToolsProtocol: {"app", "app_state", "flow", "pipeline", "server_state", "transport"},
    RequestResponseCycle: {
        *("keep_alive", "on_response", "response_complete", "response_started", "scope", "waiting_for_100_continue"),
    },
    FlowControl: {"write_paused"},
}


def protocol() -> type[HttpToolsProtocol]:
    """What speaks HTTP on a connection."""
    begun = getattr(HttpToolsProtocol, "_start_asgi_task", None)  # called when it is a request's turn
    same = begun is not None and list(inspect.signature(begun).parameters) == ["self", "cycle", "app"]
    made = [(inspect.unwrap(kind.__init__).__code__.co_names, names) for kind, names in INSIDE.items()]  # type: ignore[misc]
    return Express if same and all(names <= {*found} for found, names in made) else HttpToolsProtocol


class Express(HttpToolsProtocol):
    """uvicorn's protocol with a look at what is at hand before a request becomes a task."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._at_hand: AtHand | None = self.app_state.get(AT_HAND)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        answer = self._at_hand(cast(Scope, cycle.scope)) if self._at_hand and self._alone(cycle, app) else None
        if answer is None:
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        default = b"".join([b"%b: %b\r\n" % header for header in self.server_state.default_headers])
        head, body = answer
        own = number().encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\n%b%bx-request-id: %b\r\n\r\n%b" % (default, head, own, body))
        cycle.on_response()

    def _alone(self, cycle: RequestResponseCycle, app: Any) -> bool:
        """Whether nothing else goes on with the connection, and it stays open."""
        waits = self.pipeline or self.flow.write_paused or self.transport.is_closing()
        return app is self.app and cycle.keep_alive and not cycle.waiting_for_100_continue and not waits
