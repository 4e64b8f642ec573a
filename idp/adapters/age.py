"""Files of age, version 1: encrypted to a public key, authenticated chunk by chunk to the end.

Whoever writes a backup cannot read it: the private key may lie elsewhere. The tool ``age`` opens
the files without the hub. Only recipients of the kind X25519 are written and read.

Source: https://c2sp.org/age; decision 0013.
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.adapters import bech32
from idp.ports import BrokenBackup

PUBLIC, PRIVATE = "age", "age-secret-key-"
CHUNK = 64 * 1024
_TAG = 16
_NONCE = 16
_FIRST_LINE = b"age-encryption.org/v1"
_LONGEST_HEADER = 64 * 1024
_WRAP = b"age-encryption.org/v1/X25519"


class KeyPair(NamedTuple):
    """A new pair of keys, as age writes them."""

    private: str
    public: str


def new_keys() -> KeyPair:
    """Return a new pair of keys."""
    private = X25519PrivateKey.generate()
    return KeyPair(
        bech32.encode(PRIVATE, private.private_bytes_raw()).upper(),
        bech32.encode(PUBLIC, private.public_key().public_bytes_raw()),
    )


def public_key(text: str) -> bytes:
    """Return the bytes of ``age1…``. Raises ValueError."""
    return _key(text, PUBLIC)


def private_key(text: str) -> bytes:
    """Return the bytes of the key in a file of ``age-keygen``, with its comments.

    Raises ValueError: there is none, several, or a wrong letter; no text shows the key.
    """
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1:
        raise ValueError("must hold one line with a private key (AGE-SECRET-KEY-1…)")
    return _key(keys[0], PRIVATE)


def encrypted(plain: Iterable[bytes], public: bytes) -> Iterator[bytes]:
    """Yield the file of ``plain``, which comes in pieces of any size, for the holder of a key."""
    file_key, nonce = os.urandom(16), os.urandom(_NONCE)
    yield _header(file_key, public)
    yield nonce
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    for number, (chunk, is_last) in enumerate(_chunks(plain)):
        yield cipher.encrypt(_nonce(number, is_last=is_last), chunk, None)


def decrypted(file: BinaryIO, private: bytes) -> Iterator[bytes]:
    """Yield what was encrypted, chunk by chunk; each is authentic and in its place.

    Raises BrokenBackup: another key, a changed or missing byte, or no end. What was yielded before
    is authentic, and perhaps not all: act when the iterator has ended.
    """
    file_key = _opened(file, private)
    cipher = ChaCha20Poly1305(_derived(file_key, _exactly(file, _NONCE), b"payload"))
    for number, (chunk, is_last) in enumerate(_chunks(_pieces(file), CHUNK + _TAG)):
        try:
            plain = cipher.decrypt(_nonce(number, is_last=is_last), chunk, None)
        except InvalidTag:
            raise BrokenBackup("it was changed or cut off after it was written") from None
        if is_last and number and not plain:
            raise BrokenBackup("its last chunk is empty")
        yield plain


def _header(file_key: bytes, public: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    share = mine.public_key().public_bytes_raw()
    shared = mine.exchange(X25519PublicKey.from_public_bytes(public))
    wrapped = _wrapping(shared, share + public).encrypt(bytes(12), file_key, None)
    lines = [_FIRST_LINE, b"-> X25519 " + _base64(share), _base64(wrapped), b"---"]
    unsigned = b"\n".join(lines)
    return unsigned + b" " + _base64(_mac(file_key, unsigned)) + b"\n"


def _opened(file: BinaryIO, private: bytes) -> bytes:
    """Read the header and return the key of the file."""
    lines = list(_header_lines(file))
    own = X25519PrivateKey.from_private_bytes(private)
    last, before = lines[-1], lines[:-1]
    for place, line in enumerate(before):
        if line.startswith(b"-> X25519 "):
            file_key = _unwrapped(own, line.split(b" ")[2], before[place + 1 : place + 2])
            if file_key is not None:
                unsigned = b"\n".join([*before, b"---"])
                if not hmac.compare_digest(_mac(file_key, unsigned), _bytes(last[4:])):
                    raise BrokenBackup("its header was changed")
                return file_key
    raise BrokenBackup("it was not encrypted for this key")


def _header_lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of the header, with the one that begins with ``---``."""
    line, size = b"", 0
    while not line.startswith(b"---"):
        whole = file.readline(_LONGEST_HEADER)
        is_first, line, size = size == 0, whole.removesuffix(b"\n"), size + len(whole)
        if line == whole or size > _LONGEST_HEADER or (is_first and line != _FIRST_LINE):
            raise BrokenBackup("it is no file of age")
        yield line


def _unwrapped(own: X25519PrivateKey, share: bytes, body: list[bytes]) -> bytes | None:
    theirs, mine = _bytes(share), own.public_key().public_bytes_raw()
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
        return _wrapping(shared, theirs + mine).decrypt(bytes(12), _bytes(b"".join(body)), None)
    except (InvalidTag, ValueError):
        return None


def _wrapping(shared: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(_derived(shared, salt, _WRAP))


def _mac(file_key: bytes, unsigned: bytes) -> bytes:
    return hmac.new(_derived(file_key, b"", b"header"), unsigned, sha256).digest()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _chunks(pieces: Iterable[bytes], size: int = CHUNK) -> Iterator[tuple[bytes, bool]]:
    """Yield chunks of ``size``, the last one shorter or whole, each with whether it is the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK + _TAG):
        yield piece


def _exactly(file: BinaryIO, length: int) -> bytes:
    found = file.read(length)
    if len(found) != length:
        raise BrokenBackup("it was cut off")
    return found


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _base64(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _bytes(text: bytes) -> bytes:
    try:
        data = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise BrokenBackup("its header cannot be read") from None
    if _base64(data) != text:  # spare bits of the last letter
        raise BrokenBackup("its header was changed")
    return data


def _key(text: str, wanted: str) -> bytes:
    prefix, key = bech32.decode(text)
    if prefix != wanted or len(key) != 32:
        raise ValueError(f"is no key of age that begins with {wanted}1")
    return key
