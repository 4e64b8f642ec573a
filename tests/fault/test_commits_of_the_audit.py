"""Writers of the audit wait for the disk side by side, and nobody is told before it has the entry.

The disk is a synchronous standby here that nobody has started: every commit waits for it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from idp.ports import AuditEntry
from idp.services.upkeep.anchor_audit import AnchorAudit
from idp.store.database import Database
from tests.fakes import NOON, PlainVault, kernel
from tests.migrated import migrated
from tests.services.laboratory import KeptHeads
from tests.simulators.postgres import Cluster, cluster, eventually

pytestmark = pytest.mark.slow

WRITERS = 3
HELD = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as running:
        running.run("CREATE DATABASE hub")
        migrated(running.url("hub"))
        yield running


@pytest.fixture
def database(server: Cluster) -> Iterator[Database]:
    opened = Database(server.url("hub"), PlainVault(), pool_size=WRITERS + 1)
    yield opened
    opened.close()


@contextmanager
def commits_held(server: Cluster) -> Iterator[None]:
    """Let every commit wait."""
    server.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()")
    with ThreadPoolExecutor(1) as pool:
        try:
            # The setting is in force when the checkpointer has heard of it.
            eventually(lambda: holds_one(server, pool), "commits do not wait")
            yield
        finally:
            server.run("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")


def holds_one(server: Cluster, pool: ThreadPoolExecutor) -> bool:
    if not held(server):
        pool.submit(server.run, "CREATE TABLE held ()", "DROP TABLE held")
    return held(server) == 1


def held(server: Cluster) -> int:
    """Return how many commits wait."""
    return len(server.run(HELD))


def act(database: Database) -> None:
    """Do what the audit has an entry of."""
    with database.begin() as work:
        work.audit.add(AuditEntry(at=NOON, actor="o-17", action="act", subject="s-1"))


def test_writers_of_the_audit_wait_for_the_disk_side_by_side(server: Cluster, database: Database):
    with ThreadPoolExecutor(WRITERS) as pool:
        with commits_held(server):
            acts = [pool.submit(act, database) for _ in range(WRITERS)]
            eventually(lambda: held(server) == 1 + WRITERS, "one waits for another")
        assert [done.result() for done in acts] == [None] * WRITERS


def test_nobody_is_told_of_an_act_before_the_disk_has_it(server: Cluster, database: Database):
    with ThreadPoolExecutor(1) as pool:
        with commits_held(server):
            acting = pool.submit(act, database)
            eventually(lambda: held(server) == 2, "the act does not wait")
            was_told = acting.done()
        acting.result()
    assert not was_told


def test_attack_OP13_an_anchor_is_told_of_no_entry_that_a_crash_may_take_back(
    server: Cluster, database: Database
):
    anchor = KeptHeads()
    anchoring = AnchorAudit(kernel(database.begin, lambda: NOON), [anchor])
    with ThreadPoolExecutor(2) as pool:
        with commits_held(server):
            acting = pool.submit(act, database)
            eventually(lambda: held(server) == 2, "the act does not wait")
            telling = pool.submit(anchoring.run)
            eventually(lambda: held(server) == 3, "the anchor does not wait")
            told = list(anchor.kept)
        assert (acting.result(), telling.result()) == (None, None)
    assert (told, len(anchor.kept)) == ([], 1)
