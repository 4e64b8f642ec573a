"""Known devices as rows; where they came from is sealed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    bindparam,
    delete,
    literal,
    select,
    update,
)

from idp.domain.people.account import Account
from idp.domain.people.national_id import NationalId
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.origin import Origin
from idp.ports import BATCH
from idp.store.account.accounts import NOT_CLOSED, Accounts
from idp.store.sql.batches import delete_some
from idp.store.sql.parts import Part
from idp.store.sql.prepared import Prepared, Row, Statement, is_one_of, numbered
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts, known_devices
from idp.store.sql.upserts import insert_for

PURPOSE = "known_device"
_ACCOUNT, _DEVICE = Part(accounts), Part(known_devices)


def _save(dialect: str) -> Statement:
    row: dict[str, Any] = {one.name: bindparam(one.name) for one in known_devices.columns}
    rest = {name: value for name, value in row.items() if name != "id"}
    statement = insert_for(dialect, known_devices).values(row)
    return statement.on_conflict_do_update(index_elements=["id"], set_=rest)


def renewed(row: Mapping[str, ColumnElement[Any]]) -> Update:
    """Return the UPDATE of a device that exists."""
    rest = {name: value for name, value in row.items() if name != "id"}
    return update(known_devices).where(known_devices.c.id == row["id"]).values(rest)


_SAVE = Prepared(_save)
_RENEW = Prepared(
    lambda _: renewed({one.name: bindparam(one.name) for one in known_devices.columns})
)


@lru_cache(maxsize=64)
def _with_account(hashes: int, devices: int) -> Prepared:
    """Return the look-up of an account by so many digests, beside so many devices."""
    is_it = is_one_of(accounts.c.national_id_hash, "hash", hashes) & NOT_CLOSED
    named = is_one_of(known_devices.c.id, "device", devices)
    # One row at least, so that the devices come without an account too.
    one = select(literal(1).label("one")).subquery()
    either = one.outerjoin(accounts, is_it).outerjoin(known_devices, named)
    return Prepared(lambda _: select(*_ACCOUNT.columns, *_DEVICE.columns).select_from(either))


class Devices:
    """Known devices, on which the owner signs in without the code that a new one needs."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def save(self, device: KnownDevice) -> None:
        """Insert or replace."""
        _SAVE.run(self._connection, **self.row(device))

    def renew(self, device: KnownDevice) -> None:
        """Replace the device; one that was forgotten meanwhile stays forgotten."""
        _RENEW.run(self._connection, **self.row(device))

    def row(self, device: KnownDevice) -> dict[str, Any]:
        """Return the row, for a statement of this package."""
        return {
            "id": device.id,
            "account_id": device.account_id,
            "epoch": device.epoch,
            "turn": device.turn,
            "sealed": seal_origin(self._sealing, device.origin, PURPOSE, device.id),
            "proven_at": device.proven_at,
            "last_at": device.last_at,
            "expires_at": device.expires_at,
        }

    def find_all(self, device_ids: Sequence[str]) -> Sequence[KnownDevice]:
        """Return the devices that exist, in the order of the ids, by one statement."""
        statement = select(known_devices).where(known_devices.c.id.in_(device_ids))
        rows = {row["id"]: row for row in self._connection.execute(statement).mappings()}
        return [self._device(rows[one]) for one in dict.fromkeys(device_ids) if one in rows]

    def owners(self, device_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the account ids of the devices that exist, by one statement."""
        columns = known_devices.c.id, known_devices.c.account_id
        statement = select(*columns).where(known_devices.c.id.in_(device_ids))
        return {row.id: row.account_id for row in self._connection.execute(statement)}

    def find_with_account(
        self, national_id: NationalId | None, device_ids: Sequence[str]
    ) -> tuple[Account | None, Sequence[KnownDevice]]:
        """Return the account that is not closed, and the devices that exist, by one statement.

        It is the same, and opens as much, when nobody has the national ID (attack E01).
        """
        everybodys = Accounts(self._connection, self._sealing)
        hashes = everybodys.hashes(national_id)
        values = {**numbered("hash", hashes), **numbered("device", device_ids)}
        statement = _with_account(len(hashes), len(device_ids))
        rows = statement.all(self._connection, **values)
        account = _ACCOUNT.of(rows[0])
        devices = (_DEVICE.of(row) for row in rows)
        return everybodys.opened(account if account["id"] else None), [
            self._device(row) for row in devices if row["id"]
        ]

    def of_account(self, account_id: str) -> Sequence[KnownDevice]:
        """Return the devices of the account, the most recently used first."""
        statement = (
            select(known_devices)
            .where(known_devices.c.account_id == account_id)
            .order_by(known_devices.c.last_at.desc(), known_devices.c.id)
        )
        return [self._device(row) for row in self._connection.execute(statement).mappings()]

    def forget(self, account_id: str, device_id: str) -> bool:
        """Delete a device of the account; False when it has none of this id."""
        mine = (known_devices.c.account_id == account_id) & (known_devices.c.id == device_id)
        return bool(self._connection.execute(delete(known_devices).where(mine)).rowcount)

    def forget_all(self, account_id: str) -> int:
        """Delete every device of the account; return how many."""
        mine = known_devices.c.account_id == account_id
        return self._connection.execute(delete(known_devices).where(mine)).rowcount

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired devices; return how many."""
        expired = known_devices.c.expires_at <= now
        return delete_some(self._connection, known_devices, expired, limit)

    def _device(self, row: Row) -> KnownDevice:
        return KnownDevice(
            id=row["id"],
            account_id=row["account_id"],
            epoch=row["epoch"],
            turn=row["turn"],
            origin=open_origin(self._sealing, row["sealed"], PURPOSE, row["id"]),
            proven_at=row["proven_at"],
            last_at=row["last_at"],
            expires_at=row["expires_at"],
        )


def seal_origin(sealing: Sealing, origin: Origin, purpose: str, row_id: str) -> str:
    """Return the origin sealed for the row: a network reveals where a citizen lives."""
    values: dict[str, Any] = {
        "browser": origin.browser,
        "platform": origin.platform,
        "network": origin.network,
    }
    return sealing.seal(values, purpose=purpose, bound_to=row_id)


def open_origin(sealing: Sealing, sealed: str, purpose: str, row_id: str) -> Origin:
    """Return what ``seal_origin`` sealed. Raises BrokenSeal."""
    values = sealing.open(sealed, purpose=purpose, bound_to=row_id)
    return Origin(values["browser"], values["platform"], values["network"])
