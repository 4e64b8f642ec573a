"""Metrics of several processes become one, and nothing that was counted is lost or doubled."""

import os
import subprocess
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict

from idp.adapters.metric_files import MOST_SERIES, MetricFiles
from idp.adapters.metric_folder import MetricFolder
from idp.telemetry.metrics import Counter, Gauge, Histogram

DOORS = Counter("doors_total", "Doors that were opened.", ("colour",))
WALKS = Histogram("walk_seconds", "How long a walk took.", ("way",), (1.0, 10.0))
PEOPLE = Gauge("people", "Who is in.", ("room",))
EACH = Gauge("bytes", "Of each process.", (), "each")
DEAD = 2**22 + 1
"""No process has this id: more than the kernel gives."""


def samples(folder: Path) -> dict[str, float]:
    """Return the samples as Prometheus reads them."""
    return {
        sample.name + "".join(f",{value}" for _, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in MetricFolder(folder).families()
        for sample in family.samples
    }


def end(folder: Path, pid: int = DEAD) -> None:
    """Let the files be those of a process that has ended."""
    for file in folder.glob(f"*_{os.getpid()}.db"):
        file.rename(file.with_name(file.name.replace(str(os.getpid()), str(pid))))


@pytest.fixture
def files(tmp_path):
    made = MetricFiles(tmp_path)
    yield made
    made.close()


def test_a_counter_adds(files, tmp_path):
    files.add(DOORS, ("red",), 1)
    files.add(DOORS, ("red",), 2)
    files.add(DOORS, ("blue",), 1)
    assert samples(tmp_path) == {"doors_total,red": 3, "doors_total,blue": 1}


def test_a_histogram_counts_by_buckets(files, tmp_path):
    for value in (0.5, 1.0, 5.0, 50.0):
        files.observe(WALKS, ("home",), value)
    assert samples(tmp_path) == {
        "walk_seconds_sum,home": 56.5,
        "walk_seconds_count,home": 4,
        "walk_seconds_bucket,1.0,home": 2,
        "walk_seconds_bucket,10.0,home": 3,
        "walk_seconds_bucket,+Inf,home": 4,
    }


def test_a_gauge_is_what_was_set_last(files, tmp_path):
    files.set(PEOPLE, ("kitchen",), 4)
    files.set(PEOPLE, ("kitchen",), 3)
    assert samples(tmp_path) == {"people,kitchen": 3}


def test_a_gauge_of_each_process_names_it(files, tmp_path):
    files.set(EACH, (), 7)
    assert samples(tmp_path) == {f"bytes,{os.getpid()}": 7}


def test_what_an_ended_process_counted_stays(files, tmp_path):
    files.add(DOORS, ("red",), 5)
    files.observe(WALKS, ("home",), 0.5)
    end(tmp_path)
    assert samples(tmp_path) == samples(tmp_path)
    assert samples(tmp_path)["doors_total,red"] == 5
    assert samples(tmp_path)["walk_seconds_bucket,+Inf,home"] == 1


def test_processes_that_ended_are_added_to_those_that_run(tmp_path):
    for number in range(3):
        files = MetricFiles(tmp_path)
        files.add(DOORS, ("red",), 5)
        files.close()
        if number < 2:
            end(tmp_path, DEAD + number)
            samples(tmp_path)
    assert samples(tmp_path)["doors_total,red"] == 15


def test_the_gauges_of_an_ended_process_go(files, tmp_path):
    files.set(PEOPLE, ("kitchen",), 4)
    end(tmp_path)
    assert samples(tmp_path) == {}


def test_ended_processes_leave_no_files(files, tmp_path):
    files.add(DOORS, ("red",), 1)
    files.set(PEOPLE, ("kitchen",), 4)
    end(tmp_path)
    samples(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["counter_0.db"]


def test_a_file_that_was_cut_short_is_dropped(tmp_path):
    (tmp_path / f"counter_{DEAD}.db").write_bytes(b"\xff" * 12)
    assert samples(tmp_path) == {}


def test_a_merge_that_was_cut_short_counts_nothing_twice(tmp_path):
    left = MmapedDict(str(tmp_path / f"counter_{DEAD}.ended"))
    left.write_value('["doors", "doors_total", {"colour": "red"}, "x"]', 5.0, 0.0)
    left.close()
    assert samples(tmp_path) == {}


def test_a_process_that_runs_is_not_taken_over(files, tmp_path):
    files.add(DOORS, ("red",), 1)
    other = subprocess.Popen(["sleep", "60"])
    try:
        end(tmp_path, other.pid)
        samples(tmp_path)
        assert (tmp_path / f"counter_{other.pid}.db").exists()
    finally:
        other.kill()
        other.wait()


def test_labels_without_end_become_one_series(files, tmp_path):
    for number in range(MOST_SERIES + 10):
        files.add(DOORS, (str(number),), 1)
    found = samples(tmp_path)
    assert (len(found), found["doors_total,other"]) == (MOST_SERIES + 1, 10)


def test_histograms_without_end_become_one_series(files, tmp_path, monkeypatch):
    monkeypatch.setattr("idp.adapters.metric_files.MOST_SERIES", 2)
    for number in range(5):
        files.observe(WALKS, (str(number),), 1)
    assert samples(tmp_path)["walk_seconds_count,other"] == 3
