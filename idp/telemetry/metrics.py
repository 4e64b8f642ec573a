"""Metrics without their library: each layer counts, and a sink of ``idp.adapters`` keeps.

While no sink is set, which is the default, counting does nothing. Values of labels are words of the
code, ids of registered clients or routes: never a path, a value that somebody sent, or anything
personal.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol


class Sink(Protocol):
    """Keeps what is counted."""

    def add(self, metric: "Counter", labels: tuple[str, ...], amount: float) -> None:
        """Add to a counter."""

    def observe(self, metric: "Histogram", labels: tuple[str, ...], value: float) -> None:
        """Put a value into its bucket."""

    def set(self, metric: "Gauge", labels: tuple[str, ...], value: float) -> None:
        """Set a gauge of this process."""


class _Current:
    """Where this process's metrics go; None: nowhere."""

    sink: Sink | None = None


def send_to(sink: Sink | None) -> None:
    """Send the metrics of this process to ``sink`` from now on."""
    _Current.sink = sink


@contextmanager
def sending_to(sink: Sink) -> Iterator[None]:
    """Send the metrics to ``sink`` inside the block."""
    before = _Current.sink
    _Current.sink = sink
    try:
        yield
    finally:
        _Current.sink = before


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """Name, meaning and labels of a metric; ``eq`` is identity, so that look-ups are quick."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Counter(Metric):
    """Counts what happened; its name ends with ``_total``."""

    def add(self, *labels: str, by: float = 1) -> None:
        """Count one, or ``by``, under the values of the labels."""
        if _Current.sink is not None:
            _Current.sink.add(self, labels, by)


SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram(Metric):
    """Counts values by buckets."""

    buckets: tuple[float, ...] = SECONDS

    def observe(self, value: float, *labels: str) -> None:
        """Count ``value`` under the values of the labels."""
        if _Current.sink is not None:
            _Current.sink.observe(self, labels, value)


@dataclass(frozen=True, slots=True, eq=False)
class Gauge(Metric):
    """What is now. ``over``: the sum over the live processes, or one series for each (``pid``)."""

    over: Literal["sum", "each"] = "sum"

    def set(self, value: float, *labels: str) -> None:
        """Set the value of this process."""
        if _Current.sink is not None:
            _Current.sink.set(self, labels, value)
