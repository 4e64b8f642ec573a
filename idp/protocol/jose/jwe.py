"""Encrypted tokens: the one place that encrypts and decrypts compact JWE (RFC 7516)."""

from collections.abc import Callable, Mapping

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.protocol.jose.jws import MAX_TOKEN, BadToken, PublicKey, read_header

KEY_MANAGEMENT: Mapping[str, type[PublicKey]] = {"RSA-OAEP-256": RSAKey, "ECDH-ES": ECKey}
CONTENT = ("A256GCM", "A128CBC-HS256")
NEVER = frozenset({"crit", "zip"})
"""Header members that are refused: extensions, and compression (RFC 8725 3.6)."""

FindDecrypter = Callable[[str | None, str], PublicKey | None]
"""Finds a private key by ``kid`` (None when the token names none) and ``alg``."""


def is_encrypted(token: str) -> bool:
    """Return whether the text has the five parts of a compact JWE."""
    return token.count(".") == 4


def encrypt(text: str, key: PublicKey, header: Mapping[str, str]) -> str:
    """Return ``text`` encrypted to ``key`` by ``alg`` and ``enc`` of the header."""
    registry = jwe.JWERegistry(algorithms=[header["alg"], header["enc"]])
    return jwe.encrypt_compact(dict(header), text.encode(), key, registry=registry)


def decrypt(token: str, find_key: FindDecrypter) -> str:
    """Return the decrypted text. Raises BadToken for every failure (RFC 7516 11.5)."""
    if len(token) > MAX_TOKEN or not token.isascii():
        raise BadToken("size")
    header = read_header(token)
    alg, enc, kid = header.get("alg"), header.get("enc"), header.get("kid")
    if not isinstance(alg, str) or not isinstance(enc, str) or NEVER & header.keys():
        raise BadToken("algorithm")
    if alg not in KEY_MANAGEMENT or enc not in CONTENT:
        raise BadToken("algorithm")
    key = find_key(kid if isinstance(kid, str) else None, alg)
    if key is None:
        raise BadToken("key")
    registry = jwe.JWERegistry(algorithms=[alg, enc], strict_check_header=False)
    try:
        plain = jwe.decrypt_compact(token, key, registry=registry).plaintext or b""
        return plain.decode("ascii")
    except (JoseError, ValueError, TypeError):
        raise BadToken("encryption") from None
