"""Consents as rows, one per account and client."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from idp.domain.authorization.grant import Consent
from idp.store.sql.tables import consents
from idp.store.sql.upserts import insert_into


class Consents:
    """Consents of citizens to clients."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, account_id: str, client_id: str) -> Consent | None:
        """Return the consent, revoked ones too, or None."""
        statement = select(consents).where(
            consents.c.account_id == account_id, consents.c.client_id == client_id
        )
        row = self._connection.execute(statement).mappings().first()
        return _consent(row) if row else None

    def save(self, consent: Consent) -> None:
        """Insert or replace."""
        key = {"account_id": consent.account_id, "client_id": consent.client_id}
        rest = {
            "scopes": sorted(consent.scopes),
            "claims": sorted(consent.claims),
            "client_version": consent.client_version,
            "text_version": consent.text_version,
            "given_at": consent.given_at,
            "revoked_at": consent.revoked_at,
        }
        statement = insert_into(self._connection, consents).values(key | rest)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[*key], set_=rest))

    def of_account(self, account_id: str) -> Sequence[Consent]:
        """Return the account's consents by client, revoked ones too."""
        statement = (
            select(consents)
            .where(consents.c.account_id == account_id)
            .order_by(consents.c.client_id)
        )
        return [_consent(row) for row in self._connection.execute(statement).mappings()]

    def revoke_of_account(self, account_id: str, now: datetime) -> int:
        """Revoke every consent of the account; return how many were in force."""
        mine = (consents.c.account_id == account_id) & consents.c.revoked_at.is_(None)
        return self._connection.execute(
            update(consents).where(mine).values(revoked_at=now)
        ).rowcount

    def revoke(self, account_id: str, client_id: str, now: datetime) -> bool:
        """Revoke the consent; False when none was in force."""
        statement = (
            update(consents)
            .where(
                consents.c.account_id == account_id,
                consents.c.client_id == client_id,
                consents.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
        return bool(self._connection.execute(statement).rowcount)


def _consent(row: RowMapping) -> Consent:
    return Consent(
        account_id=row["account_id"],
        client_id=row["client_id"],
        scopes=frozenset(row["scopes"]),
        claims=frozenset(row["claims"]),
        client_version=row["client_version"],
        text_version=row["text_version"],
        given_at=row["given_at"],
        revoked_at=row["revoked_at"],
    )
