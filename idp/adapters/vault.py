"""The vault: AES-256-GCM for values that are read again, HMAC for those only looked up (D13)."""

import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.adapters import base64url
from idp.ports import BrokenSeal

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
SEPARATOR = "."


class AesVault:
    """The port ``Vault``.

    A sealed text is ``<key id>.<base64url of nonce, ciphertext and tag>``. Every purpose has keys
    of its own (HKDF), so a text sealed for one purpose cannot be opened for another, and the limit
    of 2^32 seals a key with random nonces (NIST SP 800-38D, 8.3) applies per purpose.
    """

    def __init__(
        self,
        keys: Sequence[tuple[str, bytes]],
        index_key: bytes,
        lookup_keys: Sequence[bytes] = (),
    ) -> None:
        """Take ``keys`` as (id, 32 bytes), newest first: the first seals, all open.

        ``index_key`` (32 bytes) makes the digests and is never replaced: the ``sub`` of citizens
        depends on it. Personal values are looked up by ``lookup_keys``, newest first, or by the
        index key when there are none.

        Raises:
            ValueError: no key, a key of another length, a repeated id, or an id with a dot.
        """
        _check_keys(keys, [index_key, *lookup_keys])
        self._keys = dict(keys)
        self._newest = keys[0][0]
        self._index_key = index_key
        self._lookup_keys = [*lookup_keys] or [index_key]
        self._cipher = lru_cache(maxsize=256)(self._make_cipher)
        self._digest_key = lru_cache(maxsize=256)(_make_digest_key)

    def seal(self, plain: bytes, *, purpose: str, bound_to: str = "") -> str:
        """Return ``plain`` sealed by the newest key, bound to ``purpose`` and ``bound_to``."""
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._cipher(self._newest, purpose)
        sealed = cipher.encrypt(nonce, plain, _authenticated(purpose, bound_to))
        return self._newest + SEPARATOR + base64url.encode(nonce + sealed)

    def open(self, sealed: str, *, purpose: str, bound_to: str = "") -> bytes:
        """Return the sealed bytes.

        Raises:
            BrokenSeal: not sealed by the hub, another purpose or binding, or changed; no text
            raises anything else.
        """
        key_id, separator, body = sealed.partition(SEPARATOR)
        if not separator or key_id not in self._keys:
            _break("the key is not known")
        try:
            data = base64url.decode(body)
        except ValueError:
            _break("the text is not base64url")
        if len(data) < NONCE_BYTES + TAG_BYTES:
            _break("the text is too short")
        nonce, ciphertext = data[:NONCE_BYTES], data[NONCE_BYTES:]
        cipher = self._cipher(key_id, purpose)
        try:
            return cipher.decrypt(nonce, ciphertext, _authenticated(purpose, bound_to))
        except InvalidTag:
            _break("the seal does not match")

    def digest(self, value: str, *, purpose: str) -> str:
        """Return HMAC-SHA-256 of ``value`` in hex, under a key of this ``purpose``."""
        return self._digest(self._index_key, value, purpose)

    def lookups(self, value: str, *, purpose: str) -> Sequence[str]:
        """Return the digests by every look-up key, the newest first."""
        return [self._digest(key, value, purpose) for key in self._lookup_keys]

    def is_newest(self, sealed: str) -> bool:
        """Return whether the newest key sealed the text."""
        return sealed.partition(SEPARATOR)[0] == self._newest

    def _digest(self, key: bytes, value: str, purpose: str) -> str:
        return hmac.new(self._digest_key(key, purpose), _utf8(value), sha256).hexdigest()

    def _make_cipher(self, key_id: str, purpose: str) -> AESGCM:
        return AESGCM(_derive(self._keys[key_id], b"seal:" + _utf8(purpose)))


def _make_digest_key(key: bytes, purpose: str) -> bytes:
    return _derive(key, b"digest:" + _utf8(purpose))


def _break(reason: str) -> NoReturn:
    # Without the cause: its text could hold parts of what was sealed.
    raise BrokenSeal(reason) from None


def _check_keys(keys: Sequence[tuple[str, bytes]], others: Sequence[bytes]) -> None:
    if not keys:
        raise ValueError("at least one sealing key is needed")
    if any(len(key) != KEY_BYTES for key in (*others, *(key for _, key in keys))):
        raise ValueError(f"every key must have {KEY_BYTES} bytes")
    ids = [key_id for key_id, _ in keys]
    if len(set(ids)) != len(ids) or any(SEPARATOR in key_id or not key_id for key_id in ids):
        raise ValueError("ids of sealing keys must differ and may not be empty or contain a dot")


def _authenticated(purpose: str, bound_to: str) -> bytes:
    """Return both, with the length in front: ("a", "bc") and ("ab", "c") differ."""
    named = _utf8(purpose)
    return len(named).to_bytes(4, "big") + named + _utf8(bound_to)


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)


def _utf8(text: str) -> bytes:
    # JSON can hold lone surrogates; they must not cause a UnicodeEncodeError.
    return text.encode("utf-8", "surrogatepass")
