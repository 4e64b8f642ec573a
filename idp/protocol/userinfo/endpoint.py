"""The userinfo endpoint (OIDC Core 5.3)."""

import json
from collections.abc import Mapping
from typing import Any

from idp.domain.authorization.grant import Grant
from idp.domain.clients.client import Client
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.clients.scopes import OPENID
from idp.ports import ClockSkew, KeyStoreError
from idp.protocol.clients.response_encryption import NO_KEY, NoRecipientKey, ResponseEncryption
from idp.protocol.core import release_log
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import because
from idp.protocol.core.replies import Json, Jwt, unavailable
from idp.protocol.core.request_parameters import FORM_TYPE, Malformed, body_parameters
from idp.protocol.core.requests import ProtocolRequest
from idp.protocol.core.subjects import subject
from idp.protocol.jose.faults import fault_of
from idp.protocol.jose.jws import BadToken, sign
from idp.protocol.token.bearer import AccessToken, bearer_token, read_access_token, refused
from idp.store.account.stored_account import StoredAccount
from idp.store.unit_of_work import UnitOfWork

TYPE = "JWT"
REALM = "userinfo"
FORM = frozenset({"access_token"})


class UserInfo:
    """Answers with the claims of the citizen that a portal may get."""

    def __init__(self, provider: ProviderContext, recipients: ResponseEncryption) -> None:
        self._provider = provider
        self._recipients = recipients

    def answer(self, request: ProtocolRequest) -> Json | Jwt:
        """Answer a GET or POST; the token is in the header or a POSTed form, never in the query.

        The audience must be the hub; grant, account, consent, client and key are checked each time.

        Source: RFC 6750 2.1, 2.2, 3.1; attacks C22, J12, SE08.
        """
        try:
            shown = _shown(request)
            return refused(REALM, 401) if shown is None else self._tell(self._read(shown))
        except BadToken as bad:
            because(Reason.ACCESS_TOKEN_WRONG, why=fault_of(str(bad)))
            return refused(REALM, 401, error="invalid_token")
        except Malformed as malformed:
            return refused(REALM, 400, error="invalid_request", error_description=malformed.why)
        except NoRecipientKey:
            return refused(REALM, 400, error="invalid_request", error_description=NO_KEY)
        except (KeyStoreError, ClockSkew) as error:
            return unavailable(error.retry_after)

    def _read(self, shown: str) -> AccessToken:
        token = read_access_token(self._provider, shown)
        if self._provider.issuer not in token.audience:
            raise BadToken("audience")
        return token

    def _tell(self, token: AccessToken) -> Json | Jwt:
        if token.grant_id is None or OPENID not in token.scopes:
            return refused(REALM, 403, error="insufficient_scope", scope=OPENID)
        client = self._provider.clients.find(token.client_id)
        if client is None or not client.is_active:
            raise BadToken("client")
        with self._provider.begin(read_only=True) as work:
            grant, account = self._standing(work, token.grant_id, client)
            names = self._provider.claims.userinfo_names(
                client, token.scopes, grant.requested_claims
            )
            sub = subject(self._provider.vault, client, grant.account_id)
            told = self._provider.claims.released(account.open(), names, sub)
            is_new = release_log.is_due(work, self._provider, account.id, client.client_id, told)
        # `sub` last: no personal claim can replace it (attack J10).
        answer = self._formed(client, {**told, "sub": sub})
        if is_new:
            with self._provider.begin() as work:
                release_log.note_in(work, self._provider, account.id, client.client_id, told)
        return answer

    def _standing(
        self, work: UnitOfWork, grant_id: str, client: Client
    ) -> tuple[Grant, StoredAccount]:
        """Return the token's grant and account. Raises BadToken: one has ended."""
        standing = work.standings.of_grant(grant_id)
        if standing is None:
            raise BadToken("grant")
        account = standing.live_account(client, self._provider.clock())
        if account is None:
            raise BadToken("grant")
        return standing.grant, account

    def _formed(self, client: Client, told: Mapping[str, Any]) -> Json | Jwt:
        """Return the answer as the client registered it: plain, signed, encrypted, or both.

        Source: OIDC Core 5.3.2: signed answers name issuer and audience.
        """
        recipient = self._recipients.of_userinfo(client)
        alg = client.userinfo_signed_response_alg
        if alg is not None:
            named = {**told, "iss": self._provider.issuer, "aud": client.client_id}
            signed = sign(named, self._provider.keys.signer(alg), typ=TYPE)
            return Jwt(recipient.encrypt(signed) if recipient else signed)
        if recipient is not None:
            return Jwt(recipient.encrypt(json.dumps(told), nested=False))
        return Json(200, told)


def _shown(request: ProtocolRequest) -> str | None:
    """Return the token from the header or the form; None without one.

    Raises:
        Malformed: a token in both, or a malformed form (RFC 6750 3.1).
    """
    in_header = bearer_token(request)
    if not request.is_post or request.media_type != FORM_TYPE:
        return in_header
    in_form = body_parameters(request, FORM).whole().find("access_token")
    if in_header is not None and in_form is not None:
        raise Malformed("the token is shown twice")
    return in_form if in_header is None else in_header
