"""The database: one instance a process."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from sqlalchemy import QueuePool, text

from idp.domain.clients.refusal import Refusal
from idp.ports import (
    Clock,
    HashCosts,
    Operator,
    PepperUse,
    PoolUse,
    Resealed,
    TableSize,
    Vault,
)
from idp.store.account.bulk import BulkAccounts
from idp.store.account.hash_costs import hash_costs
from idp.store.account.peppers import pepper_uses
from idp.store.backup.mass_ending import MassEnding
from idp.store.clients.client_cache import ClientCache
from idp.store.clients.refusals import Refusals
from idp.store.clients.releases import NotedReleases
from idp.store.development.clock_shift import SqlClockShift
from idp.store.development.mail_inbox import SqlMailInbox
from idp.store.development.registry_people import SqlRegistryPeople
from idp.store.development.sms_inbox import SqlSmsInbox
from idp.store.protection.ephemeral import SqlEphemeral
from idp.store.sql.engines import POOL_WAIT, READING, VANISHING, build_engines
from idp.store.sql.sealing import Sealing
from idp.store.sql.statement_spans import record_statements
from idp.store.sql.transactions import Transactions
from idp.store.unit_of_work import Memory, UnitOfWork
from idp.store.upkeep.clock_watch import ClockWatch
from idp.store.upkeep.long_transactions import (
    LongTransaction,
    database_bytes,
    long_transactions,
)
from idp.store.upkeep.reseal import Reseal
from idp.store.upkeep.server_facts import ServerFacts, server_facts
from idp.store.upkeep.sizes import table_sizes


class Database:
    """Opens units of work, and gives access to the rows outside of them.

    No connection is opened before the first transaction. A process has at most ``pool_size`` that
    write, as many that read, and half as many for ``ephemeral``. When none is free within
    ``pool_wait``, callers get ``DatabaseUnavailable``.
    """

    def __init__(
        self,
        url: str,
        vault: Vault,
        *,
        pool_size: int = 5,
        pool_wait: timedelta = POOL_WAIT,
        machine_clock: Clock | None = None,
    ) -> None:
        """``machine_clock`` is compared with PostgreSQL's clock; SQLite has none of its own."""
        self._operator: Operator | None = None
        self._sealing = Sealing(vault)
        engines = build_engines(url, pool_size=pool_size, pool_wait=pool_wait)
        self._pools = {bind or "writing": engine for bind, engine in engines.items()}
        self._transactions = Transactions(engines[None], engines[READING])
        self._vanishing = Transactions(engines[VANISHING], engines[READING])
        self.clients = ClientCache(self._transactions, monotonic)
        self._memory = Memory(self.clients, NotedReleases())
        self._clock_watch: ClockWatch | None = None
        if machine_clock is not None and engines[None].name == "postgresql":
            self._clock_watch = ClockWatch([engines[None], engines[READING]], machine_clock)

    def works_for(self, operator: Operator | None) -> None:
        """Name ``operator`` in every audit entry from now on."""
        self._operator = operator

    @contextmanager
    def begin(self, *, read_only: bool = False, alone: bool = False) -> Iterator[UnitOfWork]:
        """Yield a unit of work, in one transaction (``Begin``). Raises DatabaseUnavailable."""
        with self._transactions.begin(read_only=read_only, alone=alone) as connection:
            work = UnitOfWork(connection, self._sealing, self._memory, self._operator)
            yield work
            work.finish()
        work.committed()

    def ephemeral(self, clock: Clock) -> SqlEphemeral:
        """Return the port ``Ephemeral`` over a table; every call is a transaction of its own."""
        return SqlEphemeral(self._vanishing, clock)

    def write_refusals(self, refusals: Sequence[Refusal]) -> None:
        """Count the refusals in the clients' logs, without waiting for the disk.

        Raises DatabaseUnavailable.
        """
        with self._vanishing.begin() as connection:
            log = Refusals(connection)
            for refusal in refusals:
                log.add(refusal)

    def registry_people(self) -> SqlRegistryPeople:
        """Return the embedded registry's people."""
        return SqlRegistryPeople(self._transactions, self._sealing)

    def sms_inbox(self) -> SqlSmsInbox:
        """Return the development gateway's messages."""
        return SqlSmsInbox(self._transactions, self._sealing)

    def mail_inbox(self) -> SqlMailInbox:
        """Return the development mail server's mails."""
        return SqlMailInbox(self._transactions, self._sealing)

    def reseal(
        self, *, write: bool, looked: Callable[[int], None] = lambda _: None
    ) -> Iterator[Resealed]:
        """Reseal rows of older keys under the newest, or count them; yield each table's result.

        ``looked`` is told how many rows were looked at, batch by batch.
        """
        return Reseal(self._transactions, self._sealing).run(write=write, looked=looked)

    def pepper_uses(self, peppers: Sequence[str]) -> list[PepperUse]:
        """Return how many stored hashes were made with each of these peppers."""
        with self._transactions.begin(read_only=True) as connection:
            return pepper_uses(connection, peppers)

    def hash_costs(self) -> HashCosts:
        """Return what the stored hashes of accounts cost. Raises DatabaseUnavailable."""
        with self._transactions.begin(read_only=True) as connection:
            return hash_costs(connection)

    def server_facts(self) -> ServerFacts | None:
        """Return what PostgreSQL says about itself; None for SQLite. Raises DatabaseUnavailable."""
        with self._transactions.begin() as connection:
            return server_facts(connection) if connection.dialect.name == "postgresql" else None

    def bulk_accounts(self) -> BulkAccounts:
        """Return what writes very many accounts."""
        return BulkAccounts(self._transactions, self._sealing)

    def table_sizes(self) -> Sequence[TableSize]:
        """Return how large the tables are. Raises DatabaseUnavailable."""
        return table_sizes(self._transactions)

    def mass_ending(self) -> MassEnding:
        """Return what ends the rights of everybody."""
        return MassEnding(self._transactions)

    def long_transactions(self) -> list[LongTransaction]:
        """Return who keeps rows or tables for long; none on SQLite. Raises DatabaseUnavailable."""
        with self._transactions.begin(read_only=True) as connection:
            return long_transactions(connection)

    def size(self) -> int | None:
        """Return the bytes of PostgreSQL's database; None for SQLite."""
        with self._transactions.begin(read_only=True) as connection:
            return database_bytes(connection)

    def clock_shift(self) -> SqlClockShift:
        """Return the shift of the demo's clock."""
        return SqlClockShift(self._transactions)

    def require_agreeing_clocks(self) -> None:
        """Raise ClockSkew when the machine's clock is too far from the database's to sign.

        The last comparison counts: at each connect, and each minute in use.
        """
        if self._clock_watch is not None:
            self._clock_watch.require_agreement()

    def clock_ahead(self) -> timedelta | None:
        """Return by how much the machine's clock is ahead of the database's, compared now.

        None for SQLite, which has no clock of its own. Raises DatabaseUnavailable.
        """
        if self._clock_watch is None:
            return None
        self._transactions.close()
        self.check()
        return self._clock_watch.ahead()

    def check(self) -> None:
        """Run ``SELECT 1``. Raises DatabaseUnavailable."""
        with self._transactions.begin(read_only=True) as connection:
            connection.execute(text("SELECT 1"))

    def record_statements(self) -> None:
        """Record a span for every statement of this process from now on."""
        record_statements(self._pools.values())

    def pool_uses(self) -> Sequence[PoolUse]:
        """Return how many connections of each pool of this process are in use."""
        return [
            PoolUse(name, engine.pool.checkedout(), engine.pool.size())
            for name, engine in self._pools.items()
            if isinstance(engine.pool, QueuePool)
        ]

    def close(self) -> None:
        """Close the idle connections."""
        self._transactions.close()
        self._vanishing.close()

    def forget_connections(self) -> None:
        """Drop the parent's connections unclosed; for a worker process, right after the fork."""
        self._transactions.forget_connections()
        self._vanishing.forget_connections()
