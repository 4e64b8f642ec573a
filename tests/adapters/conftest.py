"""Simulated services on loopback, and the log as a list."""

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.simulators.http import Handler, Simulator, simulated

Logged = list[MutableMapping[str, Any]]


@pytest.fixture
def simulate() -> Iterator[Callable[[Handler], Simulator]]:
    with ExitStack() as running:
        yield lambda handler: running.enter_context(simulated(handler))


@pytest.fixture
def logged() -> Iterator[Logged]:
    with capture_logs() as entries:
        yield entries
