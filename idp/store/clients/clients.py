"""Clients as rows: columns for what statements compare, one JSON document for the rest."""

from builtins import list as list_of
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from idp.domain.clients.client import (
    ApplicationType,
    Client,
    ClientAuthMethod,
    ClientSecret,
    ClientState,
    SelfRegistration,
)
from idp.domain.later_versions import known_members
from idp.ports import ClientChanged
from idp.store.sql.prepared import Prepared, Row
from idp.store.sql.tables import changes, client_logos, clients
from idp.store.sql.upserts import insert_into, insert_new

_COLUMNS = frozenset({"client_id", "state", "version", "logo"})
_DOCUMENT = tuple(field.name for field in fields(Client) if field.name not in _COLUMNS)
_TUPLES = (
    *("redirect_uris", "post_logout_redirect_uris", "access_token_audience"),
    *("introspection_audience", "contacts", "request_uris"),
)
_SETS = ("scopes", "service_scopes", "grant_types", "response_types")
_TIMES = ("created_at", "updated_at", "service_tokens_since")
_TOPIC = "clients"
_FIND = Prepared(lambda _: select(clients).where(clients.c.client_id == bindparam("client_id")))
_CHANGES = Prepared(lambda _: select(changes.c.number).where(changes.c.topic == _TOPIC))


class Clients:
    """Registered clients."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.have_changed = False

    def find(self, client_id: str) -> Client | None:
        """Return the client, or None."""
        row = _FIND.first(self._connection, client_id=client_id)
        return _client(row) if row else None

    def lock(self, client_id: str) -> Client | None:
        """Return the client, locked until the transaction ends; SQLite locks the whole database."""
        statement = select(clients).where(clients.c.client_id == client_id).with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return _client(row) if row else None

    def add(self, client: Client) -> bool:
        """Insert the client; False when its id exists already."""
        if not insert_new(self._connection, clients, _row(client)):
            return False
        self._save_logo(client)
        self._note_change()
        return True

    def save(self, client: Client) -> None:
        """Replace the client, whose row must have the version before ``client.version``.

        A new logo replaces the stored one; without ``logo_version`` the stored one is deleted.

        Raises ClientChanged: the row has another version, or was removed (attack A15).
        """
        as_it_was = update(clients).where(
            clients.c.client_id == client.client_id, clients.c.version == client.version - 1
        )
        if not self._connection.execute(as_it_was.values(_row(client))).rowcount:
            raise ClientChanged(client.client_id)
        self._save_logo(client)
        self._note_change()

    def remove(self, client_id: str) -> bool:
        """Delete; False when there is no such client."""
        self._connection.execute(delete(client_logos).where(client_logos.c.client_id == client_id))
        statement = delete(clients).where(clients.c.client_id == client_id)
        found = bool(self._connection.execute(statement).rowcount)
        if found:
            self._note_change()
        return found

    def find_logo(self, client_id: str) -> bytes | None:
        """Return the PNG of the client, or None; ``find`` leaves it out."""
        statement = select(client_logos.c.png).where(client_logos.c.client_id == client_id)
        return self._connection.execute(statement).scalar_one_or_none()

    def list(self) -> Sequence[Client]:
        """Return all clients, by id."""
        statement = select(clients).order_by(clients.c.client_id)
        return list_of(map(_client, self._connection.execute(statement).mappings()))

    def changes(self) -> int:
        """Return a number that grows with every change of any client (for caches)."""
        row = _CHANGES.first(self._connection)
        return row["number"] if row else 0

    def _save_logo(self, client: Client) -> None:
        """Store or delete the logo; a client that was read without its PNG leaves it unchanged."""
        if client.logo_version is None:
            gone = delete(client_logos).where(client_logos.c.client_id == client.client_id)
            self._connection.execute(gone)
        elif client.logo is not None:
            statement = insert_into(self._connection, client_logos).values(
                client_id=client.client_id, png=client.logo
            )
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["client_id"], set_={"png": client.logo}
                )
            )

    def _note_change(self) -> None:
        self.have_changed = True
        statement = insert_into(self._connection, changes).values(topic=_TOPIC, number=1)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["topic"], set_={"number": changes.c.number + 1}
            )
        )


def _row(client: Client) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "state": client.state.value,
        "version": client.version,
        "document": {name: _plain(getattr(client, name)) for name in _DOCUMENT},
    }


def _plain(value: object) -> object:
    """Return ``value`` in JSON types."""
    match value:
        case datetime():
            return value.isoformat()
        case ClientSecret():
            return [value.digest, _plain(value.created_at), _plain(value.expires_at)]
        case SelfRegistration():
            return [_plain(value.tokens), value.invitation, value.is_reviewed]
        case tuple():
            return [_plain(one) for one in value]
        case frozenset():
            return sorted(value)
        case _:
            return value


def _client(row: Row) -> Client:
    document = dict(row["document"])
    document.update({name: tuple(document[name]) for name in _TUPLES})
    document.update({name: frozenset(document.get(name, ())) for name in _SETS})
    document.update({name: _time(document.get(name)) for name in _TIMES})
    document.update(
        client_id=row["client_id"],
        state=ClientState(row["state"]),
        version=row["version"],
        application_type=ApplicationType(document["application_type"]),
        auth_method=ClientAuthMethod(document["auth_method"]),
        secrets=tuple(map(_secret, document["secrets"])),
        registration=_registration(document.get("registration")),
    )
    return Client(**known_members(Client, document))


def _secret(stored: Sequence[Any]) -> ClientSecret:
    digest, created_at, expires_at = stored
    return ClientSecret(digest, datetime.fromisoformat(created_at), _time(expires_at))


def _registration(stored: Sequence[Any] | None) -> SelfRegistration | None:
    if stored is None:
        return None
    tokens, invitation, is_reviewed = stored
    return SelfRegistration(tuple(map(_secret, tokens)), invitation, is_reviewed)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
