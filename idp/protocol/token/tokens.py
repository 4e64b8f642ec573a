"""The only module that makes ID tokens and access tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authlib.oidc.core.util import create_half_hash

from idp.domain.authorization.grant import Grant
from idp.domain.clients.client import Client
from idp.protocol.clients.response_encryption import Recipient
from idp.protocol.core.access_token_formats import OPAQUE
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.subjects import session_identifier, subject
from idp.protocol.jose.jws import sign
from idp.protocol.token import opaque
from idp.store.account.stored_account import StoredAccount

ID_TOKEN_TYPE = "JWT"  # noqa: S105 (the value of a header)
ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105
GRANT_CLAIM = "gid"
"""Names the grant: revoking the grant makes its access tokens inactive."""


@dataclass(frozen=True, slots=True)
class BesideIt:
    """What is issued beside an ID token, and its recipient; ``scopes``: whose claims it has."""

    access_token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    nonce: str | None = None
    scopes: tuple[str, ...] = ()
    recipient: Recipient | None = None

    def claims(self, alg: str) -> dict[str, str]:
        """Return ``at_hash``, ``c_hash`` and ``nonce`` (OIDC Core 3.1.3.6, 3.2.2.10, 3.3.2.11)."""
        hashed = {"at_hash": self.access_token, "c_hash": self.code}
        made = {name: create_half_hash(text, alg).decode() for name, text in hashed.items() if text}
        return made if self.nonce is None else {**made, "nonce": self.nonce}


class Tokens:
    """Signs tokens of a grant."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def access_token(
        self, grant: Grant, client: Client, scopes: tuple[str, ...], audience: Sequence[str]
    ) -> str:
        """Return an access token: ten minutes, no personal data. Raises NoSigningKey, ClockSkew.

        ``audience``: the result of ``idp.protocol.token.resources.audience``; it decides whether
        the token is a JWT, signed with which algorithm, or opaque.

        Source: RFC 9068 2; RFC 9700 2.3.
        """
        sub = subject(self._provider.vault, client, grant.account_id)
        payload = self._access_claims(client, sub, scopes, audience)
        return self._formed({**payload, GRANT_CLAIM: grant.id}, audience)

    def service_token(
        self, client: Client, scopes: tuple[str, ...], audience: Sequence[str]
    ) -> str:
        """Return an access token of the client's own; no row is kept for it.

        It has no grant, and its ``sub`` is the client's id, which no citizen's equals (attack C26).
        Raises NoSigningKey, ClockSkew.

        Source: RFC 6749 4.4.3, RFC 9068 2.2.
        """
        payload = self._access_claims(client, client.client_id, scopes, audience)
        return self._formed(payload, audience)

    def _access_claims(
        self, client: Client, sub: str, scopes: tuple[str, ...], audience: Sequence[str]
    ) -> dict[str, Any]:
        now = self._provider.timestamp()
        granted = {"scope": " ".join(scopes)} if scopes else {}
        return {
            "iss": self._provider.issuer,
            "sub": sub,
            "aud": audience[0] if len(audience) == 1 else list(audience),
            "client_id": client.client_id,
            **granted,
            "iat": now,
            "exp": now + int(self._provider.lifetimes.access_token.total_seconds()),
            "jti": self._provider.randomness.token(),
        }

    def _formed(self, payload: Mapping[str, Any], audience: Sequence[str]) -> str:
        form = self._provider.access_token_formats.of(audience, self._provider.keys.algorithms())
        if form == OPAQUE:
            return opaque.seal(payload, self._provider.vault)
        return sign(payload, self._provider.keys.signer(form), typ=ACCESS_TOKEN_TYPE)

    def id_token(
        self, grant: Grant, client: Client, account: StoredAccount, beside: BesideIt
    ) -> str:
        """Return an ID token with protocol claims, and those that ``claims.id_token`` asked for.

        The algorithm is the client's, and only one that the hub has a key for (attacks J11, J15).
        Raises NoSigningKey, ClockSkew.

        Source: OIDC Core 2, 3.1.3.6, 5.5; attack J10.
        """
        key = self._provider.keys.signer(client.id_token_signed_response_alg)
        now = self._provider.timestamp()
        payload: dict[str, Any] = {
            # First, so that no personal claim can replace a protocol claim.
            **self.released(grant, client, account, beside.scopes),
            "iss": self._provider.issuer,
            "sub": subject(self._provider.vault, client, grant.account_id),
            "aud": client.client_id,
            "azp": client.client_id,
            "iat": now,
            "exp": now + int(self._provider.lifetimes.id_token.total_seconds()),
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": grant.acr,
            "amr": list(grant.amr),
            "sid": session_identifier(self._provider.vault, client, grant.session_id),
            **beside.claims(key.alg),
        }
        signed = sign(payload, key, typ=ID_TOKEN_TYPE)
        return beside.recipient.encrypt(signed) if beside.recipient else signed

    def released(
        self, grant: Grant, client: Client, account: StoredAccount, scopes: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the personal claims of an ID token; without any, the account stays sealed.

        ``scopes``: see ``Claims.id_token_names``.
        """
        claims = self._provider.claims
        names = claims.id_token_names(client, grant.requested_claims, scopes)
        if not names:
            return {}
        sub = subject(self._provider.vault, client, grant.account_id)
        return claims.released(account.open(), names, sub)


def audience_list(payload: Mapping[str, Any]) -> list[str]:
    """Return ``aud`` as a list."""
    value = payload.get("aud")
    return [value] if isinstance(value, str) else list(value or ())
