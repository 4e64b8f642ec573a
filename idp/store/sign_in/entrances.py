"""What a sign-in by password writes, in one statement where the database can."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    exists,
    insert,
    select,
)
from sqlalchemy.sql.dml import ReturningInsert

from idp.domain.people.account import AccountState
from idp.ports import Entrance
from idp.store.protection.counters import Counters, cleared, given_back
from idp.store.sign_in.devices import Devices, renewed
from idp.store.sign_in.sessions import Sessions
from idp.store.sql.prepared import Prepared, Statement
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts, counters, known_devices, sessions


class Entrances:
    """Writes sign-ins."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing
        self._is_postgresql = connection.dialect.name == "postgresql"

    def enter(self, entrance: Entrance) -> bool:
        """Write session, device and counters; False when the account has changed.

        Nothing is written when the account is not active, or its epoch is not the session's. The
        share lock on the account's row waits for a change under way, such as a new password, and a
        later change waits for this transaction: it finds the session that it must end.
        """
        if not self._is_postgresql:
            return self._enter_in_steps(entrance)
        settlement = entrance.settlement
        device = Devices(self._connection, self._sealing).row(entrance.device)
        values = {
            **Sessions(self._connection, self._sealing).row(entrance.session, entrance.token),
            **{f"{_DEVICE}{name}": value for name, value in device.items()},
            "given_back": settlement.given_back,
            "cleared": settlement.cleared,
        }
        entered = _enter(is_new_device=entrance.is_new_device).first(self._connection, **values)
        return entered is not None

    def _enter_in_steps(self, entrance: Entrance) -> bool:
        session, devices = entrance.session, Devices(self._connection, self._sealing)
        whose = {"account_id": session.account_id, "epoch": session.epoch}
        if _ALIVE.first(self._connection, **whose) is None:
            return False
        Sessions(self._connection, self._sealing).add(session, entrance.token)
        (devices.save if entrance.is_new_device else devices.renew)(entrance.device)
        Counters(self._connection).settle(entrance.settlement)
        return True


def _alive() -> Select[tuple[str]]:
    return select(accounts.c.id).where(
        accounts.c.id == bindparam("account_id"),
        accounts.c.epoch == bindparam("epoch"),
        accounts.c.state == AccountState.ACTIVE.value,
    )


_ALIVE = Prepared(lambda _: _alive())


_DEVICE = "device_"
"""Before the names of a device's values: a session has an id, too."""


@lru_cache(maxsize=2)
def _enter(*, is_new_device: bool) -> Prepared:
    return Prepared(lambda _: _entrance(is_new_device=is_new_device))


def _entrance(*, is_new_device: bool) -> Statement:
    """Return the statement. Each part reads ``alive``, so that the account is locked first."""
    alive = _alive().with_for_update(read=True).cte("alive")
    is_alive = exists(select(alive.c.id))
    session = _inserted(sessions, _binds(sessions), alive).cte("session")
    device = _binds(known_devices, _DEVICE)
    if is_new_device:
        kept = _inserted(known_devices, device, alive).cte("device")
    else:
        kept = renewed(device).where(is_alive).returning(known_devices.c.id).cte("device")
    return select(session.c.id).add_cte(
        kept,
        given_back().where(is_alive).returning(counters.c.key).cte("given_back"),
        cleared().where(is_alive).returning(counters.c.key).cte("cleared"),
    )


def _binds(table: Table, prefix: str = "") -> dict[str, ColumnElement[Any]]:
    return {one.name: bindparam(f"{prefix}{one.name}", type_=one.type) for one in table.columns}


def _inserted(
    table: Table, row: Mapping[str, ColumnElement[Any]], alive: CTE
) -> ReturningInsert[Any]:
    statement = insert(table).from_select([*row], select(*row.values()).select_from(alive))
    return statement.returning(table.c.id)
