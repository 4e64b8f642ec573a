"""Invitations to register clients, as rows."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from idp.domain.clients.invitation import Invitation
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.tables import invitations


class Invitations:
    """Invitations to register clients (initial access tokens), looked up by digest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, invitation: Invitation) -> None:
        """Insert."""
        self._connection.execute(insert(invitations).values(**asdict(invitation)))

    def find(self, digest: str, now: datetime) -> Invitation | None:
        """Return the invitation when it may be used at ``now``, else None."""
        usable = select(invitations).where(
            invitations.c.digest == digest,
            invitations.c.expires_at > now,
            invitations.c.uses_left > 0,
        )
        row = self._connection.execute(usable).mappings().first()
        return Invitation(**row) if row else None

    def take(self, invitation_id: str) -> bool:
        """Count one use, in one statement; False when no use is left.

        Call it in the transaction that writes the client.
        """
        used = (
            update(invitations)
            .where(invitations.c.id == invitation_id, invitations.c.uses_left > 0)
            .values(uses_left=invitations.c.uses_left - 1)
        )
        return bool(self._connection.execute(used).rowcount)

    def list(self) -> Sequence[Invitation]:
        """Return all, the newest first."""
        statement = select(invitations).order_by(invitations.c.created_at.desc(), invitations.c.id)
        return [Invitation(**row) for row in self._connection.execute(statement).mappings()]

    def remove(self, invitation_id: str) -> bool:
        """Delete; False when there is no such invitation."""
        statement = delete(invitations).where(invitations.c.id == invitation_id)
        return bool(self._connection.execute(statement).rowcount)

    def forget_expired(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` invitations expired by ``before``; return how many."""
        return delete_some(self._connection, invitations, invitations.c.expires_at <= before, limit)
