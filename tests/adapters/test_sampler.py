"""The gauges of a process are set at its start, and again every few seconds."""

from threading import Event

import pytest

from idp.adapters import sampler
from idp.adapters.sampler import Sampler
from idp.telemetry.catalogue import PROCESS_CPU, PROCESS_MEMORY
from tests.counted import counting


def test_memory_and_cpu_of_the_process_are_set():
    with counting() as counted:
        Sampler("web", []).sample()
    assert counted.gauges[PROCESS_MEMORY, ("web",)] > 2**20
    assert counted.gauges[PROCESS_CPU, ("web",)] > 0


def test_samples_are_taken_until_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sampler, "EVERY", 0.01)
    stop, thrice, taken = Event(), Event(), []

    def sample() -> None:
        taken.append("")
        if len(taken) == 3:
            thrice.set()

    Sampler("web", [sample]).start(stop)
    assert thrice.wait(10)
    stop.set()
