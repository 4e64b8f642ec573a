"""PostgreSQL and Redis of one run, and a place for a hub beside them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.migrated import migrated
from tests.performance.hub import Place


@contextmanager
def fresh_place(*, durable: bool = False) -> Iterator[Place]:
    """Start both for as long as this process lives; the tables are the newest, and empty."""
    with tempfile.TemporaryDirectory(prefix="idp-performance-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's user goes through
        for below in ("postgres", "redis", "hub"):
            (folder / below).mkdir(mode=0o700 if below == "hub" else 0o711)
        run = os.getpid()
        database = servers.start_postgres(folder / "postgres", run, durable=durable)
        redis = servers.start_redis(folder / "redis", run).format(0)
        yield Place(folder / "hub", migrated(database.format("postgres")), redis)
