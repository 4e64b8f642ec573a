"""Step-one records as rows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from idp.domain.later_versions import known_members
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application
from idp.domain.registration.step_one import ReadyCase, StepOne
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.prepared import Prepared, Row
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import step_ones
from idp.store.sql.upserts import insert_into

PURPOSE = "step_one"
_BY_ID = Prepared(lambda _: _with_id())
_LOCK = Prepared(lambda _: _with_id().with_for_update())


class StepOnes:
    """Step-one records: server side, two hours."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def put(self, record: StepOne) -> None:
        """Insert the record, or replace the one of its id."""
        row = self._row(record)
        statement = insert_into(self._connection, step_ones).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))

    def find(self, record_id: str) -> StepOne | None:
        """Return the record, expired ones too, or None."""
        return self._record(_BY_ID.first(self._connection, id=record_id))

    def lock(self, record_id: str) -> StepOne | None:
        """Return the record, locked until the transaction ends (double clicks wait here)."""
        return self._record(_LOCK.first(self._connection, id=record_id))

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired records; return how many."""
        return delete_some(self._connection, step_ones, step_ones.c.expires_at <= now, limit)

    def _row(self, record: StepOne) -> dict[str, Any]:
        personal = {
            "browser": record.browser,
            "national_id": record.national_id.value,
            "mobile": record.mobile.e164,
            "operator": record.operator,
            "as_physician": record.as_physician,
            "typed": dict(record.typed),
            "typed_at": record.typed_at and record.typed_at.isoformat(),
            "ready": record.ready and _ready_as_json(record.ready),
        }
        return {
            "id": record.id,
            "sealed": self._sealing.seal(personal, purpose=PURPOSE, bound_to=record.id),
            "expires_at": record.expires_at,
            "proven_at": record.proven_at,
            "case_id": record.case_id,
        }

    # Records that an earlier version wrote have no text of step two.
    def _record(self, row: Row | None) -> StepOne | None:
        if row is None:
            return None
        personal = self._sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
        return StepOne(
            id=row["id"],
            browser=personal["browser"],
            national_id=NationalId(personal["national_id"]),
            mobile=Mobile(personal["mobile"]),
            operator=personal["operator"],
            as_physician=personal["as_physician"],
            expires_at=row["expires_at"],
            proven_at=row["proven_at"],
            case_id=row["case_id"],
            typed=personal.get("typed", {}),
            typed_at=_moment(personal.get("typed_at")),
            ready=_ready(personal.get("ready")),
        )


def _with_id() -> Select[*tuple[Any, ...]]:
    return select(step_ones).where(step_ones.c.id == bindparam("id"))


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _ready_as_json(ready: ReadyCase) -> dict[str, Any]:
    return {
        "id": ready.id,
        "application": ready.application.to_json(),
        "password_hash": ready.password_hash,
        "answer_hash": ready.answer_hash,
    }


def _ready(stored: Mapping[str, Any] | None) -> ReadyCase | None:
    if stored is None:
        return None
    application = Application.from_json(stored["application"])
    return ReadyCase(**{**known_members(ReadyCase, stored), "application": application})
