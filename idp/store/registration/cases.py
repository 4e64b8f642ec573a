"""Registration cases as rows."""

from builtins import list as list_of
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, literal, literal_column, select, update

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application, Person
from idp.domain.registration.case import BRANCH_WAITS, OPEN_STATES, AcceptedNotice, Case, CaseSource
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.known_device import RegisteringDevice
from idp.domain.sign_in.origin import Origin
from idp.ports import BATCH
from idp.store.account.accounts import NOT_CLOSED, Accounts
from idp.store.sql.batches import delete_some, some_of
from idp.store.sql.parts import Part
from idp.store.sql.prepared import Prepared, Row, is_one_of, numbered
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import accounts, cases
from idp.store.sql.upserts import insert_new

REMNANTS_KEPT = BRANCH_WAITS
"""How long the remnants of an erased case stay: id, keyed hashes, reason codes and times."""

PURPOSE = "case"
# In the words of the index, as NOT_CLOSED.
_OPEN = cases.c.state.in_([literal_column(f"'{state}'") for state in sorted(OPEN_STATES)])
_ACCOUNT, _CASE = Part(accounts), Part(cases)


@lru_cache(maxsize=8)
def _with_account(national_ids: int, mobiles: int) -> Prepared:
    """Return the look-up of an open case beside an account, by so many digests."""
    is_account = is_one_of(accounts.c.national_id_hash, "national_id", national_ids) & NOT_CLOSED
    is_case = (
        is_one_of(cases.c.national_id_hash, "national_id", national_ids)
        & is_one_of(cases.c.mobile_hash, "mobile", mobiles)
        & _OPEN
    )
    # One row at least, so that the case comes without an account too.
    one = select(literal(1).label("one")).subquery()
    either = one.outerjoin(accounts, is_account).outerjoin(cases, is_case)
    return Prepared(lambda _: select(*_ACCOUNT.columns, *_CASE.columns).select_from(either))


class Cases:
    """Cases; at most one open case per (national ID, mobile)."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def add(self, case: Case) -> bool:
        """Insert the case; False when an open case of its national ID and mobile exists.

        Raises:
            ValueError: the case has no application, and so no look-up digests.
        """
        if case.application is None:
            raise ValueError("a new case has an application")
        if self._has_under_older_key(case.application):
            return False
        return insert_new(self._connection, cases, self._row(case))

    def save(self, case: Case) -> None:
        """Write the whole case. Raises KeyError when it does not exist.

        An erased case loses the keyed hash of its mobile. It keeps that of its national ID, and
        that of tracking number with mobile, by which a citizen still learns how it ended.
        """
        statement = update(cases).where(cases.c.id == case.id).values(self._row(case))
        if not self._connection.execute(statement).rowcount:
            raise KeyError(case.id)

    def find(self, case_id: str) -> Case | None:
        """Return the case, or None."""
        return self._first(select(cases).where(cases.c.id == case_id))

    def lock(self, case_id: str) -> Case | None:
        """Return the case, locked until the transaction ends; SQLite locks the whole database."""
        return self._first(select(cases).where(cases.c.id == case_id).with_for_update())

    def find_open_with_account(
        self, national_id: NationalId, mobile: Mobile
    ) -> tuple[Case | None, Account | None]:
        """Return the pair's open case, and the account of the national ID, by one statement.

        Either may be None. It opens as much when nobody has an account (attack E01).
        """
        everybodys = Accounts(self._connection, self._sealing)
        national_ids, mobiles = everybodys.hashes(national_id), self._sealing.mobile_hashes(mobile)
        values = {**numbered("national_id", national_ids), **numbered("mobile", mobiles)}
        row = _with_account(len(national_ids), len(mobiles)).all(self._connection, **values)[0]
        account, case = _ACCOUNT.of(row), _CASE.of(row)
        return (
            self._case(case) if case["id"] else None,
            everybodys.opened(account if account["id"] else None),
        )

    def has_open(self, national_id: NationalId) -> bool:
        """Return whether any open case exists for the national ID, whatever the mobile."""
        found = select(cases.c.id).where(
            _OPEN, cases.c.national_id_hash.in_(self._sealing.national_id_hashes(national_id))
        )
        return self._connection.execute(found.limit(1)).first() is not None

    def find_by_tracking_number(self, number: str) -> Case | None:
        """Return the case that the citizen names at the desk."""
        return self._first(select(cases).where(cases.c.tracking_number == number))

    def find_tracked(self, number: TrackingNumber, mobile: Mobile) -> str | None:
        """Return the id of the case with this tracking number and mobile, also when it is erased.

        Nothing is opened, so that a known number takes as long as an unknown one (attack E12).
        """
        digests = self._sealing.tracking_hashes(number.value, mobile)
        is_it = (cases.c.tracking_number == number.value, cases.c.tracking_hash.in_(digests))
        return self._connection.execute(select(cases.c.id).where(*is_it)).scalar()

    def list(
        self, *, state: str | None = None, overdue: bool | None = None, limit: int = 100
    ) -> Sequence[Case]:
        """Return cases, oldest first."""
        wanted = select(cases).order_by(cases.c.submitted_at, cases.c.id).limit(limit)
        if state is not None:
            wanted = wanted.where(cases.c.state == state)
        if overdue is not None:
            wanted = wanted.where(cases.c.overdue.is_(overdue))
        return [self._case(row) for row in self._connection.execute(wanted).mappings()]

    def forget_remnants(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` remnants of cases decided over 90 days ago; return how many."""
        remnant = cases.c.sealed.is_(None) & ~_OPEN & (cases.c.decided_at <= now - REMNANTS_KEPT)
        return delete_some(self._connection, cases, remnant, limit)

    def erase_expired(self, now: datetime, limit: int = BATCH) -> Sequence[str]:
        """Expire and erase at most ``limit`` cases in ``branch`` for 90 days; return their ids."""
        branch = cases.c.state == CaseState.BRANCH.value
        too_long = branch & (cases.c.decided_at <= now - BRANCH_WAITS)
        expired = (
            update(cases)
            .where(some_of(cases, too_long, limit))
            .values(state=CaseState.EXPIRED.value, decided_at=now)
            .values(sealed=None, password_hash=None, answer_hash=None, mobile_hash=None)
            .returning(cases.c.id)
        )
        return list_of(self._connection.execute(expired).scalars())

    def _first(self, statement: Select[*tuple[Any, ...]]) -> Case | None:
        row = self._connection.execute(statement).mappings().first()
        return self._case(row) if row else None

    def _row(self, case: Case) -> dict[str, Any]:
        return self._hashes(case) | {
            "id": case.id,
            "tracking_number": case.tracking_number,
            "state": case.state.value,
            "source": case.source.value,
            "sealed": self._sealed(case),
            "password_hash": case.password_hash,
            "answer_hash": case.answer_hash,
            "notice_version": case.notice.version,
            "notice_at": case.notice.at,
            "submitted_at": case.submitted_at,
            "phone_proven": case.phone_proven,
            "reasons": [*case.reasons],
            "overdue": case.overdue,
            "decided_at": case.decided_at,
        }

    def _has_under_older_key(self, application: Application) -> bool:
        """Look under older look-up keys: the unique index only compares digests of one key."""
        ids = self._sealing.national_id_hashes(application.national_id)
        if len(ids) == 1:
            return False
        mobiles = self._sealing.mobile_hashes(application.mobile)
        pair = (cases.c.national_id_hash.in_(ids), cases.c.mobile_hash.in_(mobiles))
        return self._connection.execute(select(cases.c.id).where(_OPEN, *pair)).first() is not None

    def _hashes(self, case: Case) -> dict[str, str | None]:
        """Return the look-up columns; an erased case loses that of its mobile alone."""
        if case.application is None:
            return {"mobile_hash": None}
        national_id, mobile = case.application.national_id, case.application.mobile
        return {
            "national_id_hash": self._sealing.national_id_hashes(national_id)[0],
            "mobile_hash": self._sealing.mobile_hashes(mobile)[0],
            "tracking_hash": self._sealing.tracking_hashes(case.tracking_number, mobile)[0],
        }

    def _sealed(self, case: Case) -> str | None:
        if case.application is None and case.person is None:
            return None
        personal = {
            "application": case.application and case.application.to_json(),
            "person": case.person and case.person.to_json(),
            "device": case.device and _device_as_json(case.device),
        }
        return self._sealing.seal(personal, purpose=PURPOSE, bound_to=case.id)

    def _case(self, row: Row) -> Case:
        application, person, device = self._personal(row)
        return Case(
            id=row["id"],
            tracking_number=row["tracking_number"],
            state=CaseState(row["state"]),
            source=CaseSource(row["source"]),
            application=application,
            password_hash=row["password_hash"],
            answer_hash=row["answer_hash"],
            notice=AcceptedNotice(row["notice_version"], row["notice_at"]),
            submitted_at=row["submitted_at"],
            phone_proven=row["phone_proven"],
            person=person,
            device=device,
            reasons=tuple(row["reasons"]),
            overdue=row["overdue"],
            decided_at=row["decided_at"],
        )

    def _personal(
        self, row: Row
    ) -> tuple[Application | None, Person | None, RegisteringDevice | None]:
        if row["sealed"] is None:
            return None, None, None
        personal = self._sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
        application, person, device = (
            personal[name] for name in ("application", "person", "device")
        )
        return (
            Application.from_json(application) if application else None,
            Person.from_json(person) if person else None,
            _device(device) if device else None,
        )


def _device_as_json(device: RegisteringDevice) -> dict[str, Any]:
    times = {"proven_at": device.proven_at.isoformat(), "expires_at": device.expires_at.isoformat()}
    return asdict(device.origin) | times


def _device(stored: dict[str, Any]) -> RegisteringDevice:
    return RegisteringDevice(
        origin=Origin(stored["browser"], stored["platform"], stored["network"]),
        proven_at=datetime.fromisoformat(stored["proven_at"]),
        expires_at=datetime.fromisoformat(stored["expires_at"]),
    )
