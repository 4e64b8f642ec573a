"""The outbox: jobs beside the facts they act on (D8)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    update,
)

from idp.domain.messages.dead_letter import DeadLetter
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile
from idp.ports import (
    BATCH,
    MAIL,
    BrokenSeal,
    ClaimedJob,
    Job,
    MailMessage,
    SmsMessage,
    StaleLease,
)
from idp.store.sql.batches import counted, delete_some, some_of
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import jobs
from idp.store.sql.upserts import insert_into

WAITING, DONE, DEAD, EXPIRED = "waiting", "done", "dead", "expired"

_COLUMNS = (
    *(column for column in jobs.c if column is not jobs.c.payload),
    cast(jobs.c.payload, Text).label("payload_text"),
)
"""The payload as text: a broken payload must not break the statement that reads it."""

log = structlog.get_logger("idp.sms")

PURPOSE = "message"
_FREE: dict[str, Any] = {"lease_until": None, "worker": None}

# Statements that a worker runs several times a second are built once: building costs more.
_NOW = bindparam("now", type_=jobs.c.run_at.type)
_UNCLAIMED = and_(
    jobs.c.state == WAITING, or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= _NOW)
)
_DUE = and_(
    _UNCLAIMED,
    jobs.c.run_at <= _NOW,
    or_(jobs.c.expires_at.is_(None), jobs.c.expires_at > _NOW),
)
# One that had expired when it was put was not to be sent.
_IS_DEAD_LETTER = or_(
    jobs.c.state == DEAD, and_(jobs.c.state == EXPIRED, jobs.c.expires_at > jobs.c.created_at)
)
_WIPE_EXPIRED = (
    update(jobs)
    .where(some_of(jobs, and_(_UNCLAIMED, jobs.c.expires_at <= _NOW), BATCH))
    .values(state=EXPIRED, sealed_message=None, ended_at=_NOW, reason=EXPIRED, **_FREE)
    .returning(jobs.c.id, jobs.c.kind, jobs.c.subject, jobs.c.created_at, jobs.c.expires_at)
)


@cache
def _longest_due(kinds: tuple[str, ...] | None) -> Select[int]:
    """Return the statement that finds the next job of these kinds, or of any."""
    due = _DUE if kinds is None else _DUE & jobs.c.kind.in_(kinds)
    order = (jobs.c.run_at, jobs.c.id)
    return select(jobs.c.id).where(due).order_by(*order).limit(1).with_for_update(skip_locked=True)


class Outbox:
    """Jobs beside the facts they act on (D8)."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def put(self, job: Job) -> int | None:
        """Insert the job.

        Return its fixed integer id (the SMS message id), or None when ``unique`` exists already.
        """
        statement = (
            insert_into(self._connection, jobs)
            .values(self._row(job))
            .on_conflict_do_nothing(index_elements=["unique_key"])
            .returning(jobs.c.id)
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def finish(self, job: ClaimedJob, now: datetime, *, reason: str | None = None) -> None:
        """Mark the job done, wipe its message. Raises StaleLease when the fence has moved.

        ``reason`` says why nothing had to be done; without it the last failure's stays.
        """
        kept = reason or job.reason
        self._give_back(job, state=DONE, sealed_message=None, ended_at=now, reason=kept)

    def retry(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Release the job until ``run_at``; the try counts. Raises StaleLease."""
        self._give_back(job, run_at=run_at, reason=reason)

    def postpone(self, job: ClaimedJob, *, run_at: datetime, reason: str) -> None:
        """Release the job until ``run_at`` with all its tries, as when a service is unavailable.

        Raises StaleLease.
        """
        self._give_back(job, run_at=run_at, reason=reason, tries=0)

    def bury(self, job: ClaimedJob, now: datetime, *, reason: str) -> None:
        """Make the job a dead letter: keep ids and reason, wipe the message. Raises StaleLease."""
        self._give_back(job, state=DEAD, sealed_message=None, ended_at=now, reason=reason)

    def claim(
        self, worker: str, now: datetime, *, lease: timedelta, kinds: Sequence[str] | None = None
    ) -> ClaimedJob | None:
        """Lease the longest due job to ``worker``; None when none is due.

        PostgreSQL skips rows that another transaction has locked; on SQLite the transaction locks
        the whole database. An expired message is wiped and never handed out.
        """
        self._wipe_expired(now)
        first = _longest_due(kinds if kinds is None else tuple(kinds))
        job_id = self._connection.scalar(first, {"now": now})
        return None if job_id is None else self._lease(job_id, worker, now + lease)

    def take(
        self, uniques: Collection[str], worker: str, now: datetime, *, lease: timedelta
    ) -> Sequence[ClaimedJob]:
        """Lease those of these jobs that no worker holds; for the transaction that put them."""
        named = select(jobs.c.id).where(_UNCLAIMED, jobs.c.unique_key.in_(uniques))
        found = self._connection.scalars(named.order_by(jobs.c.id), {"now": now}).all()
        return [self._lease(job_id, worker, now + lease) for job_id in found]

    def waiting(self, kind: str | None = None) -> int:
        """Return the number of jobs that are neither done, nor dead, nor expired."""
        statement = select(func.count()).select_from(jobs).where(jobs.c.state == WAITING)
        if kind is not None:
            statement = statement.where(jobs.c.kind == kind)
        return self._connection.execute(statement).scalar_one()

    def last_put_at(self, kind: str) -> datetime | None:
        """Return when the newest job of this kind was put, whatever became of it; or None."""
        statement = select(func.max(jobs.c.created_at)).where(jobs.c.kind == kind)
        return self._connection.execute(statement).scalar()

    def dead(self, kind: str | None = None, limit: int = 100) -> Sequence[DeadLetter]:
        """Return the dead letters of the kind, or of all kinds, newest first."""
        columns = [jobs.c[field.name] for field in fields(DeadLetter)]
        statement = select(*columns).where(_IS_DEAD_LETTER)
        if kind is not None:
            statement = statement.where(jobs.c.kind == kind)
        newest = statement.order_by(jobs.c.ended_at.desc(), jobs.c.id.desc()).limit(limit)
        return [DeadLetter(**row) for row in self._connection.execute(newest).mappings()]

    def forget_finished(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` jobs done or expired before ``before``; dead letters stay."""
        finished = jobs.c.state.in_([DONE, EXPIRED]) & (jobs.c.ended_at < before)
        return delete_some(self._connection, jobs, finished, limit)

    def forget_dead(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` dead letters from before ``before``; return how many."""
        dead = (jobs.c.state == DEAD) & (jobs.c.ended_at < before)
        return delete_some(self._connection, jobs, dead, limit)

    def revive(self, kinds: Sequence[str], now: datetime, limit: int = BATCH) -> int:
        """Retry dead letters of these kinds, which may carry no message; return how many."""
        dead = (jobs.c.state == DEAD) & jobs.c.kind.in_(kinds)
        revived = (
            update(jobs)
            .where(some_of(jobs, dead, limit))
            .values(state=WAITING, run_at=now, tries=0, ended_at=None)
        )
        return counted(self._connection, revived.returning(jobs.c.id))

    def _row(self, job: Job) -> dict[str, Any]:
        message = job.sms or job.mail
        return {
            "kind": job.kind,
            "subject": job.subject,
            "unique_key": job.unique,
            "payload": dict(job.payload),
            "message_id": message and message.message_id,
            "sealed_message": message and self._seal(message, job.unique),
            "expires_at": message and message.expires_at,
            "state": WAITING,
            "run_at": job.run_at,
            "fence": 0,
            "tries": 0,
            "created_at": job.run_at,
        }

    def _seal(self, message: SmsMessage | MailMessage, unique: str) -> str:
        # Bound to the unique key: the row's number is not known before it is written.
        if isinstance(message, SmsMessage):
            personal = {"to": message.to.e164, "text": message.text}
        else:
            personal = {
                "to": message.to.value,
                "subject": message.subject,
                "text": message.text,
            }
        return self._sealing.seal(personal, purpose=PURPOSE, bound_to=unique)

    def _wipe_expired(self, now: datetime) -> None:
        for row in self._connection.execute(_WIPE_EXPIRED, {"now": now}):
            # The guide promises the result by SMS, so staff must know of a message that was never
            # sent. One that had expired when it was put was not to be sent.
            if row.expires_at > row.created_at:
                dead = "mail_dead_letter" if row.kind == MAIL else "sms_dead_letter"
                log.error(dead, alarm=dead, job=row.id, subject=row.subject, reason=EXPIRED)

    def _lease(self, job_id: int, worker: str, until: datetime) -> ClaimedJob:
        statement = (
            update(jobs)
            .where(jobs.c.id == job_id)
            .values(
                worker=worker,
                lease_until=until,
                fence=jobs.c.fence + 1,
                tries=jobs.c.tries + 1,
            )
            .returning(*_COLUMNS)
        )
        return self._claimed(self._connection.execute(statement).mappings().one())

    def _give_back(self, job: ClaimedJob, **values: object) -> None:
        ours = and_(jobs.c.id == job.id, jobs.c.fence == job.fence, jobs.c.state == WAITING)
        statement = update(jobs).where(ours, jobs.c.lease_until.is_not(None))
        if not self._connection.execute(statement.values(_FREE | values)).rowcount:
            raise StaleLease(job.id)

    def _claimed(self, row: RowMapping) -> ClaimedJob:
        """Return the job; an unreadable row gets a ``fault`` and stops no worker (F33)."""
        payload, sms, mail, fault = {}, None, None, None
        try:
            payload = json.loads(row["payload_text"])
            if row["kind"] == MAIL:
                mail = self._mail(row)
            else:
                sms = self._sms(row)
        except (BrokenSeal, ValueError, KeyError) as error:
            fault = type(error).__name__
        return ClaimedJob(
            id=row["id"],
            kind=row["kind"],
            subject=row["subject"],
            payload=payload,
            tries=row["tries"],
            fence=row["fence"],
            created_at=row["created_at"],
            lease_until=row["lease_until"] or row["ended_at"],
            sms=sms,
            mail=mail,
            reason=row["reason"],
            fault=fault,
        )

    def _mail(self, row: RowMapping) -> MailMessage | None:
        personal = self._opened(row)
        if personal is None:
            return None
        return MailMessage(
            to=EmailAddress(personal["to"]),
            subject=personal["subject"],
            text=personal["text"],
            message_id=row["message_id"],
            expires_at=row["expires_at"],
        )

    def _opened(self, row: RowMapping) -> dict[str, Any] | None:
        sealed, unique = row["sealed_message"], row["unique_key"]
        if sealed is None:
            return None
        return self._sealing.open(sealed, purpose=PURPOSE, bound_to=unique)

    def _sms(self, row: RowMapping) -> SmsMessage | None:
        personal = self._opened(row)
        if personal is None:
            return None
        return SmsMessage(
            to=Mobile(personal["to"]),
            text=personal["text"],
            message_id=row["message_id"],
            expires_at=row["expires_at"],
        )
