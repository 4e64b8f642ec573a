"""Tokens in the authorization response: implicit and hybrid (OIDC Core 3.2, 3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from idp.domain.authorization.grant import Grant
from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.clients.client import Client
from idp.domain.clients.response_types import CODE, ID_TOKEN, TOKEN, is_front_channel
from idp.domain.sign_in.session import Session
from idp.domain.wire import words
from idp.ports import (
    ClockSkew,
    KeyStoreError,
)
from idp.protocol.clients.response_encryption import (
    NO_KEY,
    NoRecipientKey,
    Recipient,
    ResponseEncryption,
)
from idp.protocol.core import release_log
from idp.protocol.core.errors import Redirected, ResponseTarget
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.token import code
from idp.protocol.token.resources import audience
from idp.protocol.token.tokens import BesideIt, Tokens
from idp.store.account.stored_account import StoredAccount
from idp.store.unit_of_work import UnitOfWork


class Granted:
    """Makes the parameters of a successful authorization response."""

    def __init__(self, provider: ProviderContext, recipients: ResponseEncryption) -> None:
        self._provider = provider
        self._tokens = Tokens(provider)
        self._recipients = recipients

    def parameters(
        self, context: AuthorizationContext, target: ResponseTarget, session: Session
    ) -> Mapping[str, str]:
        """Return the parameters of the response type; for a code alone nothing is written.

        Raises:
            Redirected: ``login_required`` when session or account has just ended,
                ``temporarily_unavailable`` when nothing can be signed now, or ``invalid_request``
                when the ID token is to be encrypted and no key of the client is known.
        """
        wanted = words(context.response_type)
        new_code = code.new(self._provider, context, target.redirect, session)
        made = {CODE: code.seal(self._provider, new_code)} if CODE in wanted else {}
        if not is_front_channel(context.response_type):
            return made
        beside = BesideIt(
            code=made.get(CODE),
            nonce=context.nonce,
            scopes=context.scopes if wanted == (ID_TOKEN,) else (),
            recipient=self._recipient(target, wanted),
        )
        grant = code.front_channel_grant(new_code, self._provider)
        try:
            with self._provider.begin() as work:
                account = self._visit(work, grant, target)
                if TOKEN in wanted:
                    made |= self._access_token(work, grant, target.client)
                if ID_TOKEN in wanted:
                    tied = replace(beside, access_token=made.get("access_token"))
                    made |= self._id_token(work, (grant, account), target.client, tied)
        except (KeyStoreError, ClockSkew):
            raise Redirected(target, "temporarily_unavailable") from None
        return made

    def _recipient(self, target: ResponseTarget, wanted: Sequence[str]) -> Recipient | None:
        try:
            return self._recipients.of_id_token(target.client) if ID_TOKEN in wanted else None
        except NoRecipientKey:
            raise Redirected(target, "invalid_request", NO_KEY) from None

    def _visit(self, work: UnitOfWork, grant: Grant, target: ResponseTarget) -> StoredAccount:
        """Record that the portal knows the session, as the token endpoint does (attack C05)."""
        now = self._provider.clock()
        account = work.accounts.stored(grant.account_id)
        if account is None or not account.standing.lets_live(grant.account_epoch):
            raise Redirected(target, "login_required")
        if not work.sessions.visit(grant.session_id, grant.client_id, now):
            raise Redirected(target, "login_required")
        return account

    def _access_token(self, work: UnitOfWork, grant: Grant, client: Client) -> dict[str, str]:
        work.grants.add(grant)
        return {
            "access_token": self._tokens.access_token(
                grant,
                client,
                grant.scopes,
                audience(self._provider.issuer, client, grant.resources),
            ),
            "token_type": "Bearer",
            "expires_in": str(int(self._provider.lifetimes.access_token.total_seconds())),
            "scope": " ".join(grant.scopes),
        }

    def _id_token(
        self,
        work: UnitOfWork,
        granted: tuple[Grant, StoredAccount],
        client: Client,
        beside: BesideIt,
    ) -> dict[str, str]:
        """Return the ID token, and write its claims to the release log."""
        grant, account = granted
        told = self._tokens.released(grant, client, account, beside.scopes)
        release_log.note_in(work, self._provider, account.id, client.client_id, told)
        return {"id_token": self._tokens.id_token(grant, client, account, beside)}
