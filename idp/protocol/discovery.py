"""The provider metadata (OIDC Discovery 3, RFC 8414 2), built from the constants of the checks."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from authlib.oidc.discovery import OpenIDProviderMetadata

from idp.domain.clients.crypto import UNSIGNED
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.domain.sign_in.session import ACR_VALUES
from idp.protocol.authorize import authorization_request, authorization_response
from idp.protocol.clients import authentication
from idp.protocol.core import endpoints
from idp.protocol.core.features import WhoRegisters
from idp.protocol.core.provider_context import ProviderContext
from idp.protocol.core.replies import Document, Json, unavailable
from idp.protocol.jose.jwe import CONTENT, KEY_MANAGEMENT
from idp.protocol.jose.signing_keys import ALGORITHMS, NoSigningKey
from idp.protocol.token import token_endpoint

MAX_AGE = 3600
PROTOCOL_CLAIMS = (
    *("iss", "sub", "aud", "azp", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"),
    *("at_hash", "c_hash"),
)


class Discovery:
    """Serves the metadata as prepared bytes, made again when the keys change."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider
        self._prepared: tuple[Sequence[Mapping[str, Any]], Document] | None = None

    def document(self) -> Document | Json:
        """Return the metadata document; both well-known addresses serve the same.

        Without a signing key the answer is 503: caches would keep an empty list for an hour (F22).
        """
        published = self._provider.keys.published()
        if self._prepared is not None and self._prepared[0] is published:
            return self._prepared[1]
        algorithms = self._provider.keys.algorithms()
        if not algorithms:
            return unavailable(NoSigningKey.retry_after)
        document = prepare(metadata(self._provider, algorithms), MAX_AGE)
        self._prepared = (published, document)
        return document


def metadata(provider: ProviderContext, algorithms: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the metadata; ``algorithms`` are those that can sign ID tokens now."""
    confidential = [method.value for method in authentication.CONFIDENTIAL_METHODS]
    every = [method.value for method in authentication.METHODS]
    grants = [*token_endpoint.GRANT_TYPES, *provider.features.front_channel_grants]
    values = OpenIDProviderMetadata(
        issuer=provider.issuer,
        authorization_endpoint=provider.url(endpoints.AUTHORIZE),
        token_endpoint=provider.url(endpoints.TOKEN),
        userinfo_endpoint=provider.url(endpoints.USERINFO),
        jwks_uri=provider.url(endpoints.JWKS),
        revocation_endpoint=provider.url(endpoints.REVOKE),
        introspection_endpoint=provider.url(endpoints.INTROSPECT),
        end_session_endpoint=provider.url(endpoints.END_SESSION),
        scopes_supported=list(KNOWN_SCOPES),
        response_types_supported=list(provider.features.response_types),
        response_modes_supported=list(authorization_response.RESPONSE_MODES),
        grant_types_supported=grants,
        code_challenge_methods_supported=list(authorization_request.CODE_CHALLENGE_METHODS),
        token_endpoint_auth_methods_supported=every,
        revocation_endpoint_auth_methods_supported=every,
        introspection_endpoint_auth_methods_supported=confidential,
        id_token_signing_alg_values_supported=list(algorithms),
        userinfo_signing_alg_values_supported=list(algorithms),
        subject_types_supported=["pairwise", "public"],
        acr_values_supported=list(ACR_VALUES),
        claims_supported=[*PROTOCOL_CLAIMS, *provider.claims.names],
        claim_types_supported=["normal"],
        claims_parameter_supported=True,
        request_parameter_supported=True,
        request_uri_parameter_supported=True,
        require_request_uri_registration=True,
        ui_locales_supported=["fa", "en"],
        claims_locales_supported=["fa"],
        display_values_supported=["page"],
        prompt_values_supported=list(authorization_request.PROMPTS),
        authorization_response_iss_parameter_supported=True,
        backchannel_logout_supported=True,
        backchannel_logout_session_supported=True,
        frontchannel_logout_supported=True,
        frontchannel_logout_session_supported=True,
    )
    if provider.features.registration is not WhoRegisters.NOBODY:
        values["registration_endpoint"] = provider.url(endpoints.REGISTER)
    for endpoint in ("token", "revocation", "introspection"):
        values[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] = list(ALGORITHMS)
    more = {**_request_objects(provider), **_encryption(), **_session_management(provider)}
    return {**values, **more}


def _session_management(provider: ProviderContext) -> dict[str, str]:
    """Return ``check_session_iframe`` where it is on (Session Management 1.0, 3.3)."""
    on = provider.features.session_management
    return {"check_session_iframe": provider.url(endpoints.CHECK_SESSION)} if on else {}


def _request_objects(provider: ProviderContext) -> dict[str, list[str]]:
    """Return the request object members; encryption only with a key for it (OIDC Discovery 3)."""
    values = {"request_object_signing_alg_values_supported": request_signing_algorithms(provider)}
    if algorithms := provider.keys.encryption_algorithms():
        values["request_object_encryption_alg_values_supported"] = list(algorithms)
        values["request_object_encryption_enc_values_supported"] = list(CONTENT)
    return values


def request_signing_algorithms(provider: ProviderContext) -> list[str]:
    """Return the algorithms for signing request objects; ``none`` only where it is on."""
    return [*ALGORITHMS, *([UNSIGNED] if provider.features.unsigned_request_objects else [])]


def _encryption() -> dict[str, list[str]]:
    """Return the algorithms that encrypt ID tokens and userinfo to a client's key."""
    values: dict[str, list[str]] = {}
    for what in ("id_token", "userinfo"):
        values[f"{what}_encryption_alg_values_supported"] = list(KEY_MANAGEMENT)
        values[f"{what}_encryption_enc_values_supported"] = list(CONTENT)
    return values


def prepare(content: Mapping[str, Any], max_age: int) -> Document:
    """Return the JSON bytes of ``content`` with their ETag."""
    text = json.dumps(content, separators=(",", ":")).encode()
    return Document(text, sha256(text).hexdigest()[:32], max_age)
