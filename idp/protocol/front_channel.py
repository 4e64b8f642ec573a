"""Tokens in the authorization response: implicit and hybrid (OIDC Core 3.2, 3.3)."""

from collections.abc import Mapping

from idp.domain.account import Account
from idp.domain.client import Client
from idp.domain.grant import Grant
from idp.domain.interaction import AuthorizationContext
from idp.domain.response_types import CODE, ID_TOKEN, TOKEN, is_front_channel
from idp.domain.session import Session
from idp.ports import ClockAstray, KeysBroken, Work
from idp.protocol import claims, code, release_log
from idp.protocol.errors import Redirected, ResponseTarget
from idp.protocol.liveness import find_live_account
from idp.protocol.surroundings import Surroundings
from idp.protocol.tokens import BesideIt, Tokens

BEARER = "Bearer"


class Granted:
    """Makes the parameters of a successful authorization response."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._at = surroundings
        self._tokens = Tokens(surroundings)

    def parameters(
        self, context: AuthorizationContext, target: ResponseTarget, session: Session
    ) -> Mapping[str, str]:
        """Return what was asked for; for a code alone nothing is written.

        Raises:
            Redirected: ``login_required`` when the session has just ended, or
                ``temporarily_unavailable`` when nothing can be signed now.
        """
        words = context.response_type.split()
        new_code = code.new(self._at, context, target.redirect, session)
        sealed = {CODE: code.seal(self._at, new_code)} if CODE in words else {}
        if not is_front_channel(context.response_type):
            return sealed
        grant = code.front_channel_grant(new_code, self._at)
        try:
            with self._at.begin() as work:
                account = self._visit(work, grant, target)
                return sealed | self._sign(work, context, target.client, (grant, account), sealed)
        except (KeysBroken, ClockAstray):
            raise Redirected(target, "temporarily_unavailable") from None

    def _visit(self, work: Work, grant: Grant, target: ResponseTarget) -> Account:
        """Note that the portal learnt of the session, as the token endpoint does (attack C05)."""
        now = self._at.clock()
        account = find_live_account(work, grant, now)
        if account is None or not work.sessions.visit(grant.session_id, grant.client_id, now):
            raise Redirected(target, "login_required")
        return account

    def _sign(
        self,
        work: Work,
        context: AuthorizationContext,
        client: Client,
        granted: tuple[Grant, Account],
        sealed: Mapping[str, str],
    ) -> dict[str, str]:
        words, (grant, account) = context.response_type.split(), granted
        made: dict[str, str] = {}
        if TOKEN in words:
            work.grants.add(grant)
            made["access_token"] = self._tokens.access_token(grant, client, grant.scopes)
            made["token_type"] = BEARER
            made["expires_in"] = str(int(self._at.lifetimes.access_token.total_seconds()))
            made["scope"] = " ".join(grant.scopes)
        if ID_TOKEN in words:
            by_scope = grant.scopes if words == [ID_TOKEN] else ()
            beside = BesideIt(made.get("access_token"), sealed.get(CODE), context.nonce, by_scope)
            made["id_token"] = self._tokens.id_token(grant, client, account, beside)
            names = claims.id_token_names(client, grant.requested_claims, by_scope)
            told = claims.released(account, names)
            release_log.note_in(work, self._at, account.id, client.client_id, told)
        return made
