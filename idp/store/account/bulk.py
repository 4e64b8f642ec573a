"""Writing very many accounts: COPY on PostgreSQL, executemany on SQLite."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert

from idp.domain.people.account import Account
from idp.store.account.accounts import account_row
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts
from idp.store.sql.transactions import Transactions

ROWS_AT_ONCE = 20_000
_COLUMNS = [column.name for column in accounts.columns]
_COPY = f"COPY accounts ({', '.join(_COLUMNS)}) FROM STDIN"


class BulkAccounts:
    """Inserts accounts in transactions of 20,000 rows."""

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def add(self, wanted: Iterable[Account], advance: Callable[[int], None]) -> None:
        """Insert all, telling how many after each transaction.

        What was committed stays when a later transaction fails. Raises DatabaseUnavailable, and
        IntegrityError when a national ID has an account.
        """
        rows = (account_row(one, self._sealing) for one in wanted)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            with self._transactions.begin() as connection:
                _insert(connection, batch)
            advance(len(batch))


def _insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.execute(insert(accounts), list(rows))
        return
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for values in _driver_values(rows):
            copy.write_row(values)


def _driver_values(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[object]]:
    for row in rows:
        values = {**row, "roles": json.dumps(row["roles"])}
        yield [values[name] for name in _COLUMNS]
