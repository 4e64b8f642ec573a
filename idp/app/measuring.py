"""Starts what a process tells of itself: metrics into files, and the server that shows them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGTERM, signal
from threading import Event, Thread
from typing import NoReturn

from idp.adapters.clock import pause
from idp.adapters.host_semaphore import queue_length
from idp.adapters.latest_answer import LatestAnswer
from idp.adapters.sampler import Sampler
from idp.app.outside import Outside, hashing_folder, redis_answers
from idp.ports import Clock, DatabaseState, DatabaseUnavailable
from idp.private_files import private_folder
from idp.settings import Settings, SettingsError
from idp.store.database import Database
from idp.store.state_watch import StateWatch
from idp.telemetry import catalogue, metrics, spans

KEEP = timedelta(seconds=5)
"""Two Prometheis that scrape one after the other cost one look at the database."""
WITHIN = timedelta(seconds=3)
"""Shorter than Prometheus' usual time-out of a scrape, ten seconds."""

NO_TRACES = "traces.endpoint: OpenTelemetry is not installed: pip install 'tamin-account[traces]'"
LOOK_EVERY = timedelta(seconds=1)


def measure(outside: Outside, role: str) -> None:
    """Count into this process's files from now on, if ``metrics.bind`` is set.

    Called after the fork. ``role``: ``web`` or ``worker``. A thread waits to serve the metrics in
    case the process of the machine that does so ends.
    """
    if not outside.settings.metrics.bind:
        return
    # Imported here: a hub whose metrics are off does without the library's memory.
    from idp.adapters.metric_files import MetricFiles  # noqa: PLC0415

    folder, stop = _folder(outside.settings), Event()
    metrics.send_to(MetricFiles(folder))
    for alarm in catalogue.ALARM_NAMES:
        catalogue.ALARMS.add(alarm, by=0)
    Sampler(role, [_pool_sample(outside.database)]).start(stop)
    server = _server(outside.settings, outside.clock)
    Thread(target=server, args=(stop,), name="metrics-server", daemon=True).start()


def trace(outside: Outside) -> bool:
    """Record spans from now on, if ``traces.endpoint`` is set; return whether it is.

    Called after the fork. Raises SettingsError when OpenTelemetry is not installed.
    """
    section = outside.settings.traces
    if not section.endpoint:
        return False
    try:
        # Imported here: a hub without traces neither needs the library nor loads it.
        from idp.adapters.opentelemetry_spans import otlp_spans  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(NO_TRACES) from error
    spans.send_to(otlp_spans(section.endpoint, sample_ratio=section.sample_ratio))
    outside.database.record_statements()
    return True


@contextmanager
def metrics_served(settings: Settings, clock: Clock) -> Iterator[None]:
    """Serve the metrics in a process of its own inside the block, if ``metrics.bind`` is set.

    So a scrape takes nothing from a web process. It ends with its parent, however that ends.
    """
    if not settings.metrics.bind:
        yield
        return
    server = _server(settings, clock)
    here = os.getpid()
    # Not by multiprocessing: web processes are forked later, and each would end it with itself.
    process = os.fork()
    if process == 0:
        _serve_beside(here, server)
    try:
        yield
    finally:
        if os.getpid() == here:  # the block of a forked web process ends here, too
            with suppress(ProcessLookupError):
                os.kill(process, SIGTERM)


def _serve_beside(parent: int, server: Callable[[Event], None]) -> NoReturn:
    """Serve until the parent has ended, and end without what the parent would do at its end."""
    signal(SIGINT, SIG_IGN)  # Ctrl+C reaches the whole group; the parent says when to stop
    Thread(target=server, args=(Event(),), daemon=True).start()
    while os.getppid() == parent:
        pause(LOOK_EVERY)
    os._exit(0)


def _server(settings: Settings, clock: Clock) -> Callable[[Event], None]:
    from idp.adapters.metrics_server import MetricsServer  # noqa: PLC0415 (see above)
    from idp.adapters.state_families import StateFamilies  # noqa: PLC0415 (see above)

    latest = LatestAnswer(_asking(settings, clock), keep=KEEP, within=WITHIN)
    queue = partial(queue_length, hashing_folder(settings))
    families = StateFamilies(latest.get, clock, redis_answers(settings.redis.url), queue)
    return MetricsServer(_folder(settings), settings.metrics.bind, families).run


def _asking(settings: Settings, clock: Clock) -> Callable[[], DatabaseState | None]:
    watch = StateWatch(settings.database.url, clock)

    def ask() -> DatabaseState | None:
        try:
            return watch.state()
        except DatabaseUnavailable:
            return None

    return ask


def _folder(settings: Settings) -> Path:
    folder = settings.server.runtime_folder / "metrics"
    private_folder(settings.server.runtime_folder)
    private_folder(folder)
    return folder


def _pool_sample(database: Database) -> Callable[[], None]:
    def sample() -> None:
        for pool in database.pool_uses():
            catalogue.DATABASE_POOL.set(pool.in_use, pool.name, "in_use")
            catalogue.DATABASE_POOL.set(pool.size, pool.name, "size")

    return sample
