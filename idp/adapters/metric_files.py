"""Metrics of this process in files that the metrics server reads: Prometheus' multiprocess format.

One memory-mapped file for each kind of metric and process. A counter is one write of 16 bytes into
a page of the process, without a system call. ``prometheus_client`` has the format; its own metric
classes are left out, because they find the folder by an environment variable and look labels up at
three times the cost.
"""

import os
from bisect import bisect_left
from collections import Counter as Tally
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.utils import floatToGoString

from idp.telemetry.metrics import Counter, Gauge, Histogram, Metric

MOST_SERIES = 4000
"""Of one metric in one process; further values of labels count as ``other``."""
OTHER = "other"


@dataclass(slots=True)
class _Cell:
    """One number in a file."""

    file: MmapedDict
    key: str
    value: float

    def write(self, value: float) -> None:
        self.value = value
        self.file.write_value(self.key, value, 0.0)


@dataclass(slots=True)
class _Buckets:
    """The numbers of a histogram."""

    sum: _Cell
    counts: list[_Cell]


class MetricFiles:
    """The port ``Sink`` over the files of this process; made after the fork."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, MmapedDict] = {}
        self._cells: dict[tuple[Metric, tuple[str, ...]], _Cell] = {}
        self._histograms: dict[tuple[Metric, tuple[str, ...]], _Buckets] = {}
        self._series: Tally[Metric] = Tally()
        self._lock = Lock()

    def add(self, metric: Counter, labels: tuple[str, ...], amount: float) -> None:
        """Add to a counter."""
        with self._lock:
            cell = self._cells.get((metric, labels)) or self._counter(metric, labels)
            cell.write(cell.value + amount)

    def observe(self, metric: Histogram, labels: tuple[str, ...], value: float) -> None:
        """Put a value into its bucket."""
        with self._lock:
            cells = self._histograms.get((metric, labels)) or self._histogram(metric, labels)
            count = cells.counts[bisect_left(metric.buckets, value)]
            count.write(count.value + 1)
            cells.sum.write(cells.sum.value + value)

    def set(self, metric: Gauge, labels: tuple[str, ...], value: float) -> None:
        """Set a gauge of this process."""
        with self._lock:
            cell = self._cells.get((metric, labels)) or self._gauge(metric, labels)
            cell.write(value)

    def close(self) -> None:
        """Close the files; they stay for the server to read."""
        with self._lock:
            for file in self._files.values():
                file.close()

    def _counter(self, metric: Counter, labels: tuple[str, ...]) -> _Cell:
        values = self._bounded(metric, labels)
        cell = self._cell("counter", _Sample(metric, metric.name, values))
        return self._cells.setdefault((metric, values), cell)

    def _gauge(self, metric: Gauge, labels: tuple[str, ...]) -> _Cell:
        kind = "gauge_livesum" if metric.over == "sum" else "gauge_liveall"
        cell = self._cell(kind, _Sample(metric, metric.name, labels))
        self._cells[metric, labels] = cell
        return cell

    def _histogram(self, metric: Histogram, labels: tuple[str, ...]) -> _Buckets:
        values = self._bounded(metric, labels)
        known = self._histograms.get((metric, values))
        if known is not None:
            return known
        bounds = [floatToGoString(bound) for bound in (*metric.buckets, float("inf"))]
        bucket = f"{metric.name}_bucket"
        cells = _Buckets(
            self._cell("histogram", _Sample(metric, f"{metric.name}_sum", values)),
            [
                self._cell("histogram", _Sample(metric, bucket, (*values, bound), ("le",)))
                for bound in bounds
            ],
        )
        self._histograms[metric, values] = cells
        return cells

    def _bounded(self, metric: Metric, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels; past ``MOST_SERIES`` each is ``other``."""
        if self._series[metric] >= MOST_SERIES:
            return (OTHER,) * len(labels)
        self._series[metric] += 1
        return labels

    def _cell(self, kind: str, sample: "_Sample") -> _Cell:
        file = self._files.get(kind)
        if file is None:
            path = self._folder / f"{kind}_{os.getpid()}.db"
            file = self._files[kind] = MmapedDict(str(path))
        value, _ = file.read_value(sample.key)
        return _Cell(file, sample.key, value)


@dataclass(frozen=True, slots=True)
class _Sample:
    """A sample's name and labels."""

    metric: Metric
    name: str
    values: tuple[str, ...]
    more: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Return the key that the format gives it; a family of counters has no ``_total``."""
        family, names = self.metric.name.removesuffix("_total"), self.metric.labels + self.more
        return mmap_key(family, self.name, list(names), list(self.values), self.metric.says)
