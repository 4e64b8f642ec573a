"""A sink that keeps the metrics which a test counts."""

from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from idp.telemetry import metrics
from idp.telemetry.metrics import Counter, Gauge, Histogram


@dataclass
class Counted:
    """What was counted, by metric; labels are tuples."""

    counters: dict[Counter, Tally[tuple[str, ...]]] = field(default_factory=dict)
    observed: dict[Histogram, list[tuple[tuple[str, ...], float]]] = field(default_factory=dict)
    gauges: dict[tuple[Gauge, tuple[str, ...]], float] = field(default_factory=dict)

    def add(self, metric: Counter, labels: tuple[str, ...], amount: float) -> None:
        assert len(labels) == len(metric.labels), metric.name
        self.counters.setdefault(metric, Tally())[labels] += amount

    def observe(self, metric: Histogram, labels: tuple[str, ...], value: float) -> None:
        assert len(labels) == len(metric.labels), metric.name
        self.observed.setdefault(metric, []).append((labels, value))

    def set(self, metric: Gauge, labels: tuple[str, ...], value: float) -> None:
        assert len(labels) == len(metric.labels), metric.name
        self.gauges[metric, labels] = value

    def of(self, metric: Counter) -> dict[tuple[str, ...], float]:
        """Return the counts of a metric by its labels."""
        return dict(self.counters.get(metric, {}))


@contextmanager
def counting() -> Iterator[Counted]:
    """Keep what is counted inside the block."""
    counted = Counted()
    with metrics.sending_to(counted):
        yield counted
