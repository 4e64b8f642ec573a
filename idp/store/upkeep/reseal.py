"""Resealing rows under the newest keys, and renewing their look-up digests (D13)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Connection, RowMapping, Table, select, update
from sqlalchemy.exc import IntegrityError

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.physician import DatedClaim
from idp.ports import BrokenSeal, Resealed
from idp.store.account import mobile_changes, recoveries, stored_account
from idp.store.messages import outbox
from idp.store.registration import cases, step_ones
from idp.store.sign_in import devices, pending_sign_ins, sessions
from idp.store.sql import tables
from idp.store.sql.sealing import Sealing
from idp.store.sql.transactions import Transactions

ROWS_AT_ONCE = 500
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRows:
    """A column of sealed values: the row's key, what the seals are bound to, and their purpose.

    ``lookups`` returns the look-up columns of a row under the newest key; ``beside`` updates those
    in rows of other tables, and those that hold more than what is sealed.
    """

    table: Table
    purpose: str
    sealed: str = "sealed"
    bound_to: str = "id"
    lookups: Callable[[Sealing, Values], dict[str, str]] = lambda _sealing, _values: {}
    beside: Callable[[Connection, Sealing, RowMapping, Values], None] = lambda *_: None

    @property
    def key(self) -> Column[Any]:
        """The row's key, in whose order the table is read."""
        return self.table.c.id

    @property
    def seal(self) -> Column[Any]:
        """The sealed column."""
        return self.table.c[self.sealed]


def _account_lookups(sealing: Sealing, values: Values) -> dict[str, str]:
    national_id = NationalId(values["national_id"])
    return {"national_id_hash": sealing.national_id_hashes(national_id)[0]}


def _case_lookups(sealing: Sealing, values: Values) -> dict[str, str]:
    application = values["application"]
    if application is None:
        return {}
    mobile = Mobile(application["mobile"])
    return {
        **_account_lookups(sealing, application),
        "mobile_hash": sealing.mobile_hashes(mobile)[0],
    }


def _council_number(
    connection: Connection, sealing: Sealing, row: RowMapping, values: Values
) -> None:
    if values["physician"] is None:
        return
    number = DatedClaim.from_json(values["physician"]).claim.number
    newest, *older = sealing.council_number_hashes(number)
    held = tables.council_numbers.c
    connection.execute(
        update(tables.council_numbers)
        .where(held.account_id == row["id"], held.number_hash.in_(older))
        .values(number_hash=newest)
    )


def _tracking_hash(
    connection: Connection, sealing: Sealing, row: RowMapping, values: Values
) -> None:
    if values["application"] is None:
        return
    mobile = Mobile(values["application"]["mobile"])
    digest = sealing.tracking_hashes(row["tracking_number"], mobile)[0]
    statement = update(tables.cases).where(tables.cases.c.id == row["id"])
    connection.execute(statement.values(tracking_hash=digest))


EVERYTHING = (
    SealedRows(
        table=tables.accounts,
        purpose=stored_account.PURPOSE,
        lookups=_account_lookups,
        beside=_council_number,
    ),
    SealedRows(
        table=tables.cases, purpose=cases.PURPOSE, lookups=_case_lookups, beside=_tracking_hash
    ),
    SealedRows(table=tables.sessions, purpose=sessions.ORIGIN_PURPOSE, sealed="sealed_origin"),
    SealedRows(table=tables.known_devices, purpose=devices.PURPOSE),
    SealedRows(table=tables.mobile_changes, purpose=mobile_changes.PURPOSE),
    SealedRows(
        table=tables.jobs,
        purpose=outbox.PURPOSE,
        sealed="sealed_message",
        bound_to="unique_key",
    ),
    SealedRows(table=tables.step_ones, purpose=step_ones.PURPOSE),
    SealedRows(table=tables.recoveries, purpose=recoveries.PURPOSE),
    SealedRows(table=tables.pending_sign_ins, purpose=pending_sign_ins.PURPOSE),
)
"""Left out: contexts (two hours), successors of refresh tokens (a minute), rows of the demo."""


class Reseal:
    """Reseals every row with sealed values, in transactions of 500 rows.

    The hub may run meanwhile: a row that it writes between the read and the write here stays as the
    hub wrote it, which is under the newest keys.
    """

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def run(
        self, *, write: bool, looked: Callable[[int], None] = lambda _: None
    ) -> Iterator[Resealed]:
        """Yield the result of each table; with ``write``, rows of older keys are resealed.

        ``looked`` is told after each transaction how many rows were looked at.
        """
        for rows in EVERYTHING:
            found, after = Resealed(table=rows.table.name), None
            while True:
                with self._transactions.begin(read_only=not write) as connection:
                    batch = self._read(connection, rows, after)
                    for row in batch:
                        found = self._look(connection, rows, row, found, write=write)
                looked(len(batch))
                if len(batch) < ROWS_AT_ONCE:
                    break
                after = batch[-1][rows.key.name]
            yield found

    def _read(self, connection: Connection, rows: SealedRows, after: object) -> list[RowMapping]:
        statement = select(rows.table).where(rows.seal.is_not(None)).order_by(rows.key)
        if after is not None:
            statement = statement.where(rows.key > after)
        return list(connection.execute(statement.limit(ROWS_AT_ONCE)).mappings())

    def _look(
        self,
        connection: Connection,
        rows: SealedRows,
        row: RowMapping,
        found: Resealed,
        *,
        write: bool,
    ) -> Resealed:
        found = replace(found, rows=found.rows + 1)
        try:
            values = self._sealing.open(
                row[rows.sealed], purpose=rows.purpose, bound_to=row[rows.bound_to]
            )
        except BrokenSeal:
            return replace(found, unreadable=found.unreadable + 1)
        lookups = rows.lookups(self._sealing, values)
        is_found = all(row[name] == value for name, value in lookups.items())
        if is_found and self._sealing.is_newest(row[rows.sealed]):
            return found
        if write and not self._write(connection, rows, row, values, lookups):
            return replace(found, in_the_way=found.in_the_way + 1)
        return replace(found, older=found.older + 1)

    def _write(
        self,
        connection: Connection,
        rows: SealedRows,
        row: RowMapping,
        values: Values,
        lookups: Mapping[str, str],
    ) -> bool:
        sealed = self._sealing.seal(values, purpose=rows.purpose, bound_to=row[rows.bound_to])
        as_read = (rows.key == row[rows.key.name], rows.seal == row[rows.sealed])
        statement = update(rows.table).where(*as_read).values({rows.sealed: sealed, **lookups})
        try:
            with connection.begin_nested():
                connection.execute(statement)
                rows.beside(connection, self._sealing, row, values)
        except IntegrityError:
            return False
        return True
