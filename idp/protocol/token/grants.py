"""The two grants of the token endpoint, on Authlib's skeletons (docs/develop/decisions/0004)."""

import hmac
import re
from dataclasses import dataclass, field
from typing import Any

import structlog
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge

from idp.domain.authorization.grant import Grant, RefreshToken
from idp.domain.clients.client import Client
from idp.domain.clients.refusal_reasons import Reason
from idp.domain.clients.response_types import CLIENT_CREDENTIALS_GRANT
from idp.domain.clients.scopes import OFFLINE_ACCESS
from idp.domain.wire import words
from idp.ports import (
    AuditEntry,
    RefreshOutcome,
)
from idp.protocol.clients.authentication import METHODS, Authenticated
from idp.protocol.clients.response_encryption import Recipient
from idp.protocol.core import granted_scopes
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.refusal_notes import because
from idp.protocol.core.request_parameters import Parameters
from idp.protocol.token import code as codes
from idp.protocol.token.code import Code
from idp.protocol.token.resources import audience
from idp.store.account.stored_account import StoredAccount
from idp.store.clients.standing import Standing
from idp.store.unit_of_work import UnitOfWork

REFRESH_PURPOSE = "refresh_token"
SUCCESSOR_PURPOSE = "refresh_successor"

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class GrantingClient:
    """A client with the methods that Authlib's skeletons call."""

    record: Client

    def check_grant_type(self, grant_type: str) -> bool:
        """Return whether the client is registered for the grant type (attack C13)."""
        if grant_type == CLIENT_CREDENTIALS_GRANT:
            return self.record.is_service
        return grant_type in self.record.grant_types


@dataclass(frozen=True, slots=True)
class FoundRefresh:
    """A refresh token and its grant, with the methods that Authlib's skeleton calls."""

    token: RefreshToken = field(repr=False)
    standing: Standing
    scopes: tuple[str, ...]

    @property
    def grant(self) -> Grant:
        """The grant of its family."""
        return self.standing.grant

    def check_client(self, client: GrantingClient) -> bool:
        """Return whether the token was issued to this client."""
        return self.grant.client_id == client.record.client_id

    def get_scope(self) -> str:
        """Return the allowed scopes: granted, and still on the allow-list (attack C15)."""
        return " ".join(self.scopes)


@dataclass(frozen=True, slots=True)
class Issued:
    """The grant whose tokens a request issues, their audience, and a new refresh token."""

    grant: Grant
    audience: tuple[str, ...]
    refresh_token: str | None = field(default=None, repr=False)


class TokenRequest(OAuth2Request):
    """A parsed token request."""

    def __init__(self, uri: str, parameters: Parameters, authenticated: Authenticated) -> None:
        super().__init__("POST", uri)
        self.payload = BasicOAuth2Payload(dict(parameters.single))
        self.resources = parameters.all("resource")
        self.authenticated = authenticated
        self.recipient: Recipient | None = None  # whom the ID token is encrypted to
        self.code: Code | None = None  # of the client, until it is redeemed
        self.issued: Any = None  # an Issued, once the skeleton has called for the tokens
        self.told: tuple[str, ...] | None = None  # claims whose release must be written

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self.payload.data


class S256Challenge(CodeChallenge):
    """PKCE: S256 and nothing else, compared in constant time (RFC 7636 4.6; attacks C09 to C12)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_verifier(self, grant: AuthorizationCodeGrant, _result: Any) -> None:
        """Refuse the exchange unless the verifier belongs to the code. Raises InvalidGrantError.

        A wrong one burns the code: no later verifier can be tried. A code that was requested
        without a challenge accepts no verifier (RFC 9700 4.8.2; attack C11).
        """
        challenge = grant.request.authorization_code.code_challenge
        verifier = grant.request.form.get("code_verifier", "")
        if challenge is None and not verifier:
            return
        if challenge is None or not _VERIFIER.fullmatch(verifier):
            raise InvalidGrantError("The code_verifier is missing or malformed.")
        if not hmac.compare_digest(create_s256_code_challenge(verifier), challenge):
            raise InvalidGrantError("The code_verifier does not match.")


class CodeGrant(AuthorizationCodeGrant):
    """Exchanges a code for tokens, once (RFC 6749 4.1.3)."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(METHODS)

    @property
    def provider(self) -> ProviderContext:
        """What the endpoint works with."""
        return self.server.provider

    def query_authorization_code(self, code: str, client: GrantingClient) -> Code | None:
        """Return the code, or None when it cannot be used.

        The server uses it up in either case: it is redeemed when everything else is right, and
        burnt when something is wrong (``TokenServer``). A try by another client does not use the
        code up: a leaked code must not end a citizen's sign-in.

        Source: RFC 6749 4.1.2, RFC 9700 4.5; attacks C01 to C04, C07.
        """
        found = codes.open_code(self.provider, code)
        if found is None:
            because(Reason.CODE_UNKNOWN)
            return None
        if found.client_id != client.record.client_id:
            log.warning("code_of_another_client", client=client.record.client_id)
            because(Reason.CODE_OF_ANOTHER_CLIENT)
            return None
        self.request.code = found
        if self.provider.clock() < found.expires_at:
            return found
        because(Reason.CODE_EXPIRED)
        return None

    def authenticate_user(self, authorization_code: Code) -> StoredAccount | None:
        """Return the account; None when it has ended (attack C05)."""
        grant = codes.grant_of(authorization_code, self.provider, offline=False)
        with self.provider.begin(read_only=True) as work:
            account = work.accounts.stored(grant.account_id)
            if account is None or not account.standing.lets_live(grant.account_epoch):
                return None
            self.server.look_for_release(work, self.request, grant, account)
        return account

    def generate_token(
        self,
        user: StoredAccount,
        scope: str,
        *,
        include_refresh_token: bool,
    ) -> dict[str, Any]:
        """Return the token response; a refresh token only for ``offline_access`` (OIDC Core 11).

        Raises InvalidTarget.
        """
        code: Code = self.request.authorization_code
        offline = include_refresh_token and OFFLINE_ACCESS in code.scopes
        grant = codes.grant_of(code, self.provider, offline=offline)
        for_whom = _audience(self.provider, self.request, grant)
        refresh = self.provider.randomness.token() if offline else None
        self.request.issued = Issued(grant, for_whom, refresh)
        scopes = granted_scopes.of_citizens(self.request.client.record, grant.scopes)
        return self.server.respond_with(self.request, user, scopes, nonce=grant.nonce)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Do nothing: ``query_authorization_code`` took the code."""


class RefreshGrant(RefreshTokenGrant):
    """Exchanges a refresh token, which works once, for new ones (RFC 6749 6, RFC 9700 4.14)."""

    TOKEN_ENDPOINT_AUTH_METHODS = list(METHODS)

    @property
    def provider(self) -> ProviderContext:
        """What the endpoint works with."""
        return self.server.provider

    def authenticate_refresh_token(self, refresh_token: str) -> FoundRefresh | None:
        """Return the token with its grant; revoke the family of another client's token (C16)."""
        client = self.request.client.record
        with self.provider.begin(read_only=True) as work:
            found = work.standings.of_refresh_token(digest(self.provider, refresh_token))
            if found is None:
                because(Reason.REFRESH_TOKEN_UNKNOWN)
                return None
            token, standing = found
            if standing.account is not None:
                self.server.look_for_release(work, self.request, standing.grant, standing.account)
        if standing.grant.client_id != client.client_id:
            with self.provider.begin() as work:
                why = "refresh_token_of_another_client"
                revoke_family(work, self.provider, standing.grant.id, why)
            because(Reason.REFRESH_TOKEN_OF_ANOTHER_CLIENT)
            return None
        kept = granted_scopes.of_citizens(client, standing.grant.scopes)
        return FoundRefresh(token, standing, kept)

    def _validate_token_scope(self, token: FoundRefresh) -> None:
        """Refuse a scope that the client may have and was not granted (RFC 6749 6; attack C15).

        Unknown scopes, and those that are not in the client's file, are left out, as everywhere.

        Raises InvalidScopeError.
        """
        client, asked = self.request.client.record, self.request.payload.scope
        if not asked:
            return
        kept = granted_scopes.of_citizens(client, words(asked))
        wider = [scope for scope in kept if scope not in token.scopes]
        if wider:
            raise InvalidScopeError(f"scope {wider[0]} was not granted.")
        if not kept:
            raise InvalidScopeError("none of these scopes is in the client's file.")

    def authenticate_user(self, refresh_token: FoundRefresh) -> StoredAccount:
        """Return the account. Raises InvalidGrantError when grant or consent has ended (C20)."""
        client = self.request.client.record
        account = refresh_token.standing.live_account(client, self.provider.clock())
        if account is None:
            raise InvalidGrantError
        return account

    def issue_token(self, user: StoredAccount, refresh_token: FoundRefresh) -> dict[str, Any]:
        """Return the token response with the only successor of the token.

        A narrower scope or resource limits the new tokens only; the family keeps what was granted.
        Raises InvalidTarget before the token is used up.
        """
        asked = words(self.request.payload.scope or refresh_token.get_scope())
        scopes = tuple(scope for scope in refresh_token.scopes if scope in asked)
        for_whom = _audience(self.provider, self.request, refresh_token.grant)
        self.request.issued = Issued(refresh_token.grant, for_whom)
        body = self.server.respond_with(self.request, user, scopes, nonce=None)
        return {**body, "refresh_token": self._rotate(refresh_token)}

    def revoke_old_credential(self, refresh_token: FoundRefresh) -> None:
        """Do nothing: rotation used the token up."""

    def _rotate(self, old: FoundRefresh) -> str:
        """Return the token's only successor; concurrent requests all get the same (C17, C18)."""
        successor = self.provider.randomness.token()
        sealed = self.provider.vault.seal(
            successor.encode(), purpose=SUCCESSOR_PURPOSE, bound_to=old.grant.id
        )
        with self.provider.begin(alone=True) as work:
            is_taken = work.redemptions.rotate(
                old.token.digest,
                sealed_successor=sealed,
                successor=refresh_row(self.provider, old.grant, successor),
                now=self.provider.clock(),
            )
        return successor if is_taken else self._repeated(old)

    def _repeated(self, old: FoundRefresh) -> str:
        """Return the successor of a token just used; later uses revoke the family."""
        with self.provider.begin() as work:
            use = work.grants.find_use(old.token.digest, self.provider.clock())
            if use.outcome is RefreshOutcome.REUSED:
                revoke_family(work, self.provider, old.grant.id, "refresh_token_reused")
        if use.outcome is RefreshOutcome.REPEATED and use.successor is not None:
            return self._opened(old.grant, use.successor)
        because(Reason.REFRESH_TOKEN_USED)
        raise InvalidGrantError

    def _opened(self, grant: Grant, sealed: str) -> str:
        opened = self.provider.vault.open(sealed, purpose=SUCCESSOR_PURPOSE, bound_to=grant.id)
        return opened.decode()


def _audience(provider: ProviderContext, request: TokenRequest, grant: Grant) -> tuple[str, ...]:
    return audience(provider.issuer, request.client.record, grant.resources, request.resources)


def digest(provider: ProviderContext, refresh_token: str) -> str:
    """Return the digest under which the store keeps a refresh token."""
    return provider.vault.digest(refresh_token, purpose=REFRESH_PURPOSE)


def refresh_row(provider: ProviderContext, grant: Grant, refresh_token: str) -> RefreshToken:
    """Return a new token of the grant's family, to be stored."""
    now = provider.clock()
    return RefreshToken(
        digest=digest(provider, refresh_token),
        grant_id=grant.id,
        created_at=now,
        expires_at=min(now + provider.lifetimes.refresh_idle, grant.expires_at),
    )


def revoke_family(work: UnitOfWork, provider: ProviderContext, grant_id: str, why: str) -> None:
    """Revoke a grant with all its tokens after a misuse, and write an audit row."""
    revoked = work.grants.revoke(grant_id, provider.clock())
    log.warning("grant_revoked", grant=grant_id, reason=why, was_live=revoked)
    if revoked:
        work.audit.add(
            AuditEntry(
                at=provider.clock(),
                actor="hub",
                action="grant.revoked",
                subject=grant_id,
                details={"reason": why},
            )
        )
