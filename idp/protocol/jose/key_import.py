"""Keys of the key store, imported and judged, and newly generated ones."""

import json
from dataclasses import replace
from functools import lru_cache

from joserfc.jwk import ECKey, OKPKey, RSAKey

from idp.ports import KeyStoreError, SigningDevice, SigningKeyFile
from idp.protocol.jose.jwe import KEY_MANAGEMENT
from idp.protocol.jose.jws import CURVES, KEY_TYPES, PublicKey, SigningKey

RSA_BITS = 2048
ENCRYPTION_CURVE = "P-256"
MOST_IMPORTED = 32
"""Keys that a process keeps imported: a folder has a few of each algorithm."""

RETIRED = "retired"
IN_DEVICE = "in_device"
"""A member of the stored JWK, beside the public half."""


def in_device(file: SigningKeyFile) -> bool:
    """Return whether the private half of the key is in a device."""
    return IN_DEVICE in file.jwk


def import_key(file: SigningKeyFile, device: SigningDevice | None = None) -> SigningKey:
    """Return the key of a file, ready to sign with; of a retired signer the public half only.

    Raises:
        KeyStoreError: unknown algorithm, another kind of key, a wrong curve, an RSA key of less
            than 2048 bits, no private half, or one in a device that the settings do not name.
    """
    is_retired = file.state == RETIRED and file.alg in KEY_TYPES
    jwk = {name: value for name, value in file.jwk.items() if name != IN_DEVICE}
    is_public = is_retired or in_device(file)
    key = _imported(file.kid, file.alg, json.dumps(jwk, sort_keys=True), is_public)
    if is_retired or not in_device(file):
        return key
    if device is None:
        raise KeyStoreError(f"key {file.kid} is in a PKCS#11 token: set keys.pkcs11")
    return replace(key, device=device)


def generate(alg: str) -> PublicKey:
    """Return a new private key for ``alg``, one of ``KEY_ALGORITHMS``."""
    if alg in {"ES256", "ECDH-ES"}:
        return ECKey.generate_key(ENCRYPTION_CURVE)
    if alg == "EdDSA":
        return OKPKey.generate_key("Ed25519")
    return RSAKey.generate_key(RSA_BITS)


@lru_cache(maxsize=MOST_IMPORTED)
def _imported(kid: str, alg: str, jwk: str, is_public: bool) -> SigningKey:  # noqa: FBT001
    """Return the key of a file; once a process, for OpenSSL checks an RSA key for 50 ms."""
    kind = {**KEY_TYPES, **KEY_MANAGEMENT}.get(alg)
    if kind is None:
        raise KeyStoreError(f"key {kid} has the unknown algorithm {alg!r}")
    try:
        key = kind.import_key(json.loads(jwk))
        if is_public:
            key = kind.import_key(key.as_dict(private=False))
    except (ValueError, TypeError, KeyError) as error:
        raise KeyStoreError(f"key {kid} is no {alg} key") from error
    if problem := _problem(key, alg, is_public):
        raise KeyStoreError(f"key {kid} {problem}: make a new one and remove its file")
    use = "enc" if alg in KEY_MANAGEMENT else "sig"
    public = key.as_dict(private=False, kid=kid, alg=alg, use=use)
    return SigningKey(kid, alg, key, public)


def _problem(key: PublicKey, alg: str, is_public: bool) -> str | None:  # noqa: FBT001
    """Return what makes the key unfit for ``alg`` (RFC 7518 3.3, 3.4), None when it is fit."""
    if isinstance(key, RSAKey):
        bits = key.raw_value.key_size
        if bits < RSA_BITS:
            return f"has {bits} bits, {alg} needs {RSA_BITS}"
    elif (curve := key.curve_name) != CURVES.get(alg, ENCRYPTION_CURVE):
        return f"is on the curve {curve}, {alg} needs {CURVES.get(alg, ENCRYPTION_CURVE)}"
    if not is_public and not key.is_private:
        return "has no private half"
    return None
