"""Clients register themselves (RFC 7591, OIDC Registration 1.0).

Authlib's endpoint is not used: it takes any scheme and overlays software statements unchecked. The
rules of metadata are in ``idp.domain.clients.registration``.
"""

from dataclasses import replace

from idp.domain.clients.client import REGISTRATION_PURPOSE, Client, SelfRegistration
from idp.domain.clients.invitation import INVITATION_PURPOSE, Invitation
from idp.domain.clients.problems import InvalidClientMetadata
from idp.domain.clients.registration import parse_registration
from idp.domain.clients.scopes import OPENID, STANDARD_SCOPES
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
from idp.protocol.clients.credentials import fresh, secret_of
from idp.protocol.core.features import WhoRegisters
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import Json
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.token.bearer import refused
from idp.store.unit_of_work import UnitOfWork


class Registration:
    """The client registration endpoint."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def answer(self, request: ProtocolRequest) -> Json:
        """Register a client; only a success uses up an initial access token (RFC 7591 3)."""
        try:
            invitation = self._invitation(request)
            scopes = STANDARD_SCOPES if self._provider.features.suite else (OPENID,)
            client = parse_registration(
                metadata_in(request),
                self._provider.randomness.identifier(),
                allowed(self._provider, frozenset(scopes)),
            )
            return self._add(with_documents(self._provider, client), invitation)
        except Refused as refusal:
            return refusal.answer
        except InvalidClientMetadata as wrong:
            return invalid(wrong)

    def _invitation(self, request: ProtocolRequest) -> Invitation | None:
        """Return the invitation of the token; None without a token in open registration."""
        who = self._provider.features.registration
        if who is WhoRegisters.NOBODY:
            raise Refused(error(403, "access_denied", "Administrators register clients here."))
        shown = shown_token(request)
        if shown is None and who is WhoRegisters.INVITED:
            raise Refused(refused(REALM, 401))
        return None if shown is None else self._find(shown)

    def _find(self, shown: str) -> Invitation:
        digest = self._provider.vault.digest(shown, purpose=INVITATION_PURPOSE)
        with self._provider.begin(read_only=True) as work:
            invitation = work.invitations.find(digest, self._provider.clock())
        if invitation is None:
            raise Refused(invalid_token())
        return invitation

    def _take(self, work: UnitOfWork, invitation_id: str) -> None:
        if not work.invitations.take(invitation_id):
            raise Refused(invalid_token())
        now = self._provider.clock()
        require(self._provider.registration_limits.take_registration(work, invitation_id, now))

    def _add(self, client: Client, invitation: Invitation | None) -> Json:
        now, by = self._provider.clock(), invitation.id if invitation else None
        token, stored = fresh(self._provider, purpose=REGISTRATION_PURPOSE)
        secret, secrets = secret_of(self._provider, client)
        client = replace(
            client,
            secrets=secrets,
            registration=SelfRegistration((stored,), invitation=by),
            created_at=now,
            updated_at=now,
        )
        with self._provider.begin() as work:
            if by is not None:
                self._take(work, by)
            work.clients.add(client)
            work.audit.add(
                AuditEntry(
                    at=now,
                    actor=f"invitation:{by}" if by else "anybody",
                    action="client.registered_itself",
                    subject=client.client_id,
                )
            )
        return answer(self._provider, 201, client, token=token, secret=secret)
