"""The secret keys of the settings: 32 random bytes each, and no two alike."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from itertools import pairwise

from pydantic import SecretStr

from idp.settings.sections import Settings

KEY_BYTES = 32
FEWEST_VALUES = 19
"""32 random bytes have fewer different values, or steps between them, once in 2 * 10^11 keys."""
TEXT = frozenset(range(0x20, 0x7F))
FIRST_PEPPER = "1"
"""The id of ``secrets.password_pepper``."""


def key_bytes(secret: SecretStr) -> bytes:
    """Return the bytes of a key.

    Raises:
        ValueError: it is not base64url, or has another length; the text says which.
    """
    text = secret.get_secret_value()
    if not set(text.rstrip("=")) <= _ALPHABET:  # the decoder would skip other characters
        raise ValueError("is not base64url")
    try:
        key = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise ValueError("is not base64url") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"must have {KEY_BYTES} bytes")
    return key


_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def key_problems(settings: Settings) -> Iterator[str]:
    """Yield each malformed key with its problem; no value is shown."""
    for name, secret in _named(settings):
        try:
            key_bytes(secret)
        except ValueError as error:
            yield f"{name}: {error}"


def weak_keys(settings: Settings) -> Iterator[str]:
    """Yield the keys that no random generator made, and those that are used twice.

    A passphrase, an example, zeros or a pattern can be guessed, and protects nothing.
    """
    seen: dict[bytes, str] = {}
    for name, secret in _named(settings):
        try:
            key = key_bytes(secret)
        except ValueError:
            continue  # key_problems yields it
        if is_made_up(key):
            yield f"{name}: is no random key; `idp secrets` prints fresh ones"
        other = seen.setdefault(key, name)
        if other != name and not _may_be_one(other, name):
            yield f"{name}: is the same key as {other}"


def is_made_up(key: bytes) -> bool:
    """Return whether 32 bytes were written by hand rather than randomly drawn."""
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    return set(key) <= TEXT or min(len(set(key)), len(steps)) < FEWEST_VALUES


def _may_be_one(one: str, other: str) -> bool:
    """Return whether both may be one key: index and look-up key, or pepper ``1`` in the list."""
    both = {_kind(one), _kind(other)}
    return both in (
        {"secrets.index_key", "secrets.lookup_keys"},
        {"secrets.password_pepper", "secrets.password_peppers"},
    )


def _kind(name: str) -> str:
    return name.partition("[")[0]


def _named(settings: Settings) -> Sequence[tuple[str, SecretStr]]:
    secrets, kek = settings.secrets, settings.keys.key_encryption_key
    lists = [
        (f"secrets.{name}[{key.id}]", key.key)
        for name in ("sealing_keys", "lookup_keys", "password_peppers")
        for key in getattr(secrets, name)
    ]
    return [
        ("secrets.index_key", secrets.index_key),
        ("secrets.password_pepper", secrets.password_pepper),
        *lists,
        *([("keys.key_encryption_key", kek)] if kek.get_secret_value() else []),
    ]
