"""By how much the demo's clock is ahead: one row."""

from sqlalchemy import select

from idp.store.development.tables import clock_shift
from idp.store.sql.transactions import Transactions
from idp.store.sql.upserts import insert_into

_ONLY = 1


class SqlClockShift:
    """The port ``ClockShift``."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def seconds(self) -> int:
        """Return the shift, 0 when the clock was never moved."""
        with self._transactions.begin(read_only=True) as connection:
            return connection.execute(select(clock_shift.c.seconds)).scalar_one_or_none() or 0

    def move_to(self, seconds: int) -> None:
        """Set the shift."""
        with self._transactions.begin() as connection:
            statement = insert_into(connection, clock_shift).values(id=_ONLY, seconds=seconds)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["id"], set_={"seconds": seconds})
            )
