"""The request that a thread answers: what each of its log lines says beside the event.

The values are made when a line is written, for most requests write none.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property

from idp.telemetry.trace_context import TraceParent


@dataclass
class RequestContext:
    """Ids of one request; none of them is personal."""

    network_of: Callable[[], str] = lambda: ""
    """Returns a keyed digest of the visitor's network; empty for none."""
    given_id: str = ""
    """The id that the proxy gave the request; empty: it gets one of its own."""
    trace: TraceParent | None = None
    client_id: str = field(default="", init=False)

    @cached_property
    def request_id(self) -> str:
        """Return the id of the request, 32 hexadecimal digits."""
        return self.given_id or os.urandom(16).hex()

    @cached_property
    def network(self) -> str:
        """Return the digest of the visitor's network."""
        return self.network_of()

    def members(self) -> Mapping[str, str]:
        """Return the members of a log line."""
        members = {"request": self.request_id}
        if self.network:
            members["network"] = self.network
        if self.client_id:
            members["client"] = self.client_id
        if self.trace is not None:
            members |= {"trace_id": self.trace.trace_id, "span_id": self.trace.span_id}
        return members


_CURRENT: ContextVar[RequestContext | None] = ContextVar("request", default=None)


@contextmanager
def answering(context: RequestContext) -> Iterator[None]:
    """Let the lines of this thread belong to the request inside the block."""
    before = _CURRENT.set(context)
    try:
        yield
    finally:
        _CURRENT.reset(before)


def current() -> RequestContext | None:
    """Return the request that this thread answers; None outside of one."""
    return _CURRENT.get()


def note_client(client_id: str) -> None:
    """Note which registered client the request is about; the first one counts."""
    context = _CURRENT.get()
    if context is not None and not context.client_id:
        context.client_id = client_id
