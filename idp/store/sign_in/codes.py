"""One-time codes as rows."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, case, literal, null, select, update

from idp.domain.sign_in.one_time_code import (
    CODE_LIFE,
    CODE_TRIES,
    CodePurpose,
    CodeTry,
    OneTimeCode,
)
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.tables import codes
from idp.store.sql.upserts import insert_into


class Codes:
    """One-time codes; one live code per flow and purpose."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, code: OneTimeCode, *, is_sent: bool) -> None:
        """Write a request for a code; when it ``is_sent``, the flow's earlier code dies.

        When none is sent, an earlier code without a try stays valid. A tried one dies, because the
        count of tries begins anew and a code gets five in all. One statement serves both cases.
        """
        stays = and_(literal(not is_sent), codes.c.tries == 0, codes.c.used_at.is_(None))
        key = {"flow_id": code.flow_id, "purpose": code.purpose.value}
        asked = {"phone": code.phone, "asked_at": code.asked_at, "tries": 0, "used_at": None}
        secret = {"digest": code.digest, "good_until": code.good_until}
        kept = {name: case((stays, codes.c[name]), else_=new) for name, new in secret.items()}
        statement = insert_into(self._connection, codes).values(key | asked | secret)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[*key], set_={**asked, **kept})
        )

    def find(self, flow_id: str, purpose: CodePurpose) -> OneTimeCode | None:
        """Return the code of the flow, a used or old one too, or None."""
        statement = select(codes).where(
            codes.c.flow_id == flow_id, codes.c.purpose == purpose.value
        )
        row = self._connection.execute(statement).mappings().first()
        return _code(row) if row else None

    def attempt(self, flow_id: str, purpose: CodePurpose, digest: str, now: datetime) -> CodeTry:
        """Count one try and return its result.

        The digest is keyed, so that the timing of the database's comparison reveals nothing.
        """
        is_right = and_(codes.c.digest == digest, codes.c.good_until > now)
        statement = (
            update(codes)
            .where(
                codes.c.flow_id == flow_id,
                codes.c.purpose == purpose.value,
                codes.c.used_at.is_(None),
                codes.c.tries < CODE_TRIES,
                codes.c.asked_at > now - CODE_LIFE,
            )
            .values(
                tries=codes.c.tries + 1,
                used_at=case((is_right, literal(now, Utc)), else_=null()),
            )
            .returning(codes.c.used_at)
        )
        row = self._connection.execute(statement).first()
        if row is None:
            return CodeTry.DEAD
        return CodeTry.WRONG if row.used_at is None else CodeTry.RIGHT

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired codes; return how many."""
        return delete_some(self._connection, codes, codes.c.asked_at <= now - CODE_LIFE, limit)


def _code(row: RowMapping) -> OneTimeCode:
    return OneTimeCode(**{**row, "purpose": CodePurpose(row["purpose"])})
