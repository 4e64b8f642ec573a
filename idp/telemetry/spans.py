"""Spans without their library: layers say what they do, and a tracer of ``idp.adapters`` records.

While no tracer is set, which is the default, nothing is recorded. Attributes are words of the code,
routes, statements without their values, and host names: never a path, a query or anything personal.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Literal, Protocol

from idp.telemetry.trace_context import TraceParent

Kind = Literal["server", "client", "internal"]
Attributes = Mapping[str, str | int]


class Span(Protocol):
    """What is being done."""

    def rename(self, name: str) -> None:
        """Give the span another name: one that is known at its end only."""

    def note(self, name: str, value: str | int) -> None:
        """Set an attribute."""


class Tracer(Protocol):
    """Records spans."""

    def span(
        self, name: str, kind: Kind, attributes: Attributes, parent: TraceParent | None
    ) -> AbstractContextManager[Span]:
        """Record what the block does; spans inside it are its children."""

    def record(self, name: str, began_ns: int, attributes: Attributes) -> None:
        """Record what began then and has ended now, as a child of this thread's span."""

    def here(self) -> TraceParent | None:
        """Return this thread's span; None without one."""


class _Current:
    """Where this process's spans go; None: nowhere."""

    tracer: Tracer | None = None


class _NoSpan:
    def rename(self, name: str) -> None:
        """Do nothing."""

    def note(self, name: str, value: str | int) -> None:
        """Do nothing."""


_NO_SPAN = _NoSpan()


def send_to(tracer: Tracer | None) -> None:
    """Send the spans of this process to ``tracer`` from now on."""
    _Current.tracer = tracer


def is_on() -> bool:
    """Return whether spans are recorded at all."""
    return _Current.tracer is not None


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes | None = None,
    *,
    parent: TraceParent | None = None,
) -> Iterator[Span]:
    """Record what the block does; an exception is noted by its type alone."""
    tracer = _Current.tracer
    if tracer is None:
        yield _NO_SPAN
        return
    with tracer.span(name, kind, attributes or {}, parent) as recorded:
        try:
            yield recorded
        except Exception as error:
            recorded.note("error.type", type(error).__name__)
            raise


def record(name: str, began_ns: int, attributes: Attributes) -> None:
    """Record what began at ``began_ns`` (nanoseconds since 1970) and has ended now."""
    if _Current.tracer is not None:
        _Current.tracer.record(name, began_ns, attributes)


def here() -> TraceParent | None:
    """Return this thread's span; None without one."""
    return None if _Current.tracer is None else _Current.tracer.here()
