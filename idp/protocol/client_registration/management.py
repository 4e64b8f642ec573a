"""A client that registered itself reads, updates and removes its registration (RFC 7592).

Authlib's endpoint is not used: it merges updates and answers half of the methods with a 500.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from idp.domain.clients.client import (
    REGISTRATION_PURPOSE,
    SECRET_PURPOSE,
    Client,
    ClientSecret,
    SelfRegistration,
)
from idp.domain.clients.metadata import CLIENT_ID, OWN_SECTOR
from idp.domain.clients.problems import InvalidClientMetadata, Problem
from idp.domain.clients.registration import NOT_FOR_CLIENTS, parse_registration
from idp.ports import (
    AuditEntry,
)
from idp.protocol.client_registration.documents import with_documents
from idp.protocol.client_registration.form import (
    REALM,
    Refused,
    allowed,
    answer,
    error,
    invalid,
    invalid_token,
    metadata_in,
    require,
    shown_token,
)
from idp.protocol.clients.credentials import is_one_of, rotated, secret_of
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import about
from idp.protocol.core.replies import Empty, Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token.bearer import refused
from idp.store.unit_of_work import UnitOfWork

ACTOR = "client"


@dataclass(frozen=True, slots=True)
class _Managed:
    """An authenticated client, with the token that it sent and the stored digest."""

    client: Client
    registration: SelfRegistration
    shown: str
    stored: ClientSecret


Act = Callable[[ProtocolRequest, _Managed], Json | Empty]


class RegistrationManagement:
    """The client configuration endpoint, one address a client."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def answer(self, request: ProtocolRequest, client_id: str) -> Json | Empty:
        """Answer GET, PUT or DELETE at ``registration_client_uri`` (RFC 7592 2)."""
        acts: Mapping[str, Act] = {"GET": self._read, "PUT": self._update, "DELETE": self._delete}
        try:
            return acts[request.method](request, self._authenticated(request, client_id))
        except Refused as refusal:
            return refusal.answer
        except InvalidClientMetadata as wrong:
            return invalid(wrong)

    def _authenticated(self, request: ProtocolRequest, client_id: str) -> _Managed:
        """Return the client; an unknown one gets the answer for a wrong token (RFC 7592 3)."""
        shown = shown_token(request)
        if shown is None:
            raise Refused(refused(REALM, 401))
        client = self._find(client_id)
        if client is not None:
            about(client_id)
        registration = client.registration if client else None
        known = registration.tokens if registration else ()
        stored = is_one_of(self._provider, shown, known, purpose=REGISTRATION_PURPOSE)
        if client is None or registration is None or stored is None or not client.is_active:
            raise Refused(invalid_token())
        about(client_id, proven=True)
        return _Managed(client, registration, shown, stored)

    def _find(self, client_id: str) -> Client | None:
        if not CLIENT_ID.fullmatch(client_id):
            return None
        with self._provider.begin(read_only=True) as work:
            return work.clients.find(client_id)

    def _hold(self, work: UnitOfWork, managed: _Managed) -> None:
        """Lock the client's row until the transaction ends; the client must be unchanged.

        An administrator may have changed it while its server was slow (attack A15).

        Raises Refused: the client is removed, suspended or changed since it authenticated, or made
        too many changes within the hour; nothing may be written.
        """
        client = work.clients.lock(managed.client.client_id)
        if client is None or not client.is_active:
            raise Refused(invalid_token())
        if client.version != managed.client.version:
            why = "The registration was changed meanwhile: read it, and send the update again."
            raise Refused(error(409, "registration_changed", why))
        now = self._provider.clock()
        require(self._provider.registration_limits.take_change(work, client.client_id, now))

    def _read(self, _: ProtocolRequest, managed: _Managed) -> Json:
        return answer(self._provider, 200, managed.client, token=managed.shown)

    def _update(self, request: ProtocolRequest, managed: _Managed) -> Json:
        """Replace the registration; omitted members return to their default (RFC 7592 2.2)."""
        if managed.registration.is_reviewed:
            why = "An administrator granted this client more: administrators change it now."
            raise Refused(error(403, "access_denied", why))
        client, metadata = managed.client, metadata_in(request)
        self._check(metadata, client)
        wanted = parse_registration(
            metadata,
            client.client_id,
            replace(
                allowed(self._provider, frozenset(client.scopes)),
                is_own_sector=client.sector == OWN_SECTOR + client.client_id,
            ),
        )
        wanted = with_documents(self._provider, wanted, client)
        secret, secrets = secret_of(self._provider, wanted, client.secrets)
        token, tokens = rotated(self._provider, managed.stored)
        changed = replace(
            wanted,
            secrets=secrets,
            registration=replace(managed.registration, tokens=tokens),
            created_at=client.created_at,
            updated_at=self._provider.clock(),
            version=client.version + 1,
        )
        with self._provider.begin() as work:
            self._hold(work, managed)
            work.clients.save(changed)
            self._audit(work, "client.updated_itself", client.client_id)
        return answer(self._provider, 200, changed, token=token, secret=secret)

    def _check(self, metadata: Mapping[str, Any], client: Client) -> None:
        if metadata.get("client_id") != client.client_id:
            raise InvalidClientMetadata([Problem("client_id", "must be this client's")])
        for member in sorted(NOT_FOR_CLIENTS & metadata.keys()):
            raise InvalidClientMetadata([Problem(member, "must be left out (RFC 7592 2.2)")])
        secret = metadata.get("client_secret")
        if secret is not None and not self._is_secret(client, secret):
            raise InvalidClientMetadata([Problem("client_secret", "must be this client's")])

    def _is_secret(self, client: Client, secret: object) -> bool:
        if not isinstance(secret, str) or not secret.isascii():
            return False
        return is_one_of(self._provider, secret, client.secrets, purpose=SECRET_PURPOSE) is not None

    def _delete(self, _: ProtocolRequest, managed: _Managed) -> Empty:
        """Remove the client, and revoke its grants (RFC 7592 2.3)."""
        client_id = managed.client.client_id
        with self._provider.begin() as work:
            self._hold(work, managed)
            work.grants.revoke_of_client(client_id, self._provider.clock())
            work.clients.remove(client_id)
            self._audit(work, "client.removed_itself", client_id)
        return Empty(204)

    def _audit(self, work: UnitOfWork, action: str, client_id: str) -> None:
        work.audit.add(
            AuditEntry(at=self._provider.clock(), actor=ACTOR, action=action, subject=client_id)
        )
