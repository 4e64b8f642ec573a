"""How a client wants its tokens signed and encrypted (OIDC Registration 2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SIGNING_ALGS = ("RS256", "PS256", "ES256", "EdDSA")
ENCRYPTION_ALGS = ("RSA-OAEP-256", "ECDH-ES")
ENCRYPTION_ENCS = ("A256GCM", "A128CBC-HS256")
DEFAULT_ENC = "A128CBC-HS256"
"""The ``enc`` of a client that names an ``alg`` without one (OIDC Registration 2)."""

UNSIGNED = "none"
"""For request objects only, where the hub's settings allow it, too."""

ENCRYPTED = ("id_token_encrypted_response", "userinfo_encrypted_response")
"""What the hub encrypts to the client's key; request objects are encrypted to the hub's."""
_BOTH_WAYS = (*ENCRYPTED, "request_object_encryption")
CHOICES: Mapping[str, Sequence[str]] = {
    "token_endpoint_auth_signing_alg": SIGNING_ALGS,
    "id_token_signed_response_alg": SIGNING_ALGS,
    "userinfo_signed_response_alg": SIGNING_ALGS,
    "request_object_signing_alg": (*SIGNING_ALGS, UNSIGNED),
    **{f"{what}_alg": ENCRYPTION_ALGS for what in _BOTH_WAYS},
    **{f"{what}_enc": ENCRYPTION_ENCS for what in _BOTH_WAYS},
}
"""The members of a client file that name algorithms, and the values that each accepts."""


def encryption_problems(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each encryption member that cannot work, and why."""
    for what in _BOTH_WAYS:
        if f"{what}_enc" in metadata and f"{what}_alg" not in metadata:
            yield f"{what}_enc", f"needs {what}_alg (OIDC Registration 2)"
    for what in ENCRYPTED:
        if f"{what}_alg" in metadata and not metadata.keys() & {"jwks", "jwks_uri"}:
            yield f"{what}_alg", "needs jwks or jwks_uri, with a key to encrypt to"
