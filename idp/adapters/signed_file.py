"""A file of the hub for the hub alone: what somebody else wrote is not read."""

import hmac
from hashlib import sha256
from pathlib import Path

from idp.private_files import private_file

SIGNATURE = sha256().digest_size


class SignedFile:
    """Bytes that the hub writes and reads again, with their HMAC-SHA-256 before them."""

    def __init__(self, file: Path, key: bytes) -> None:
        self._file = file
        self._key = key

    def read(self) -> bytes:
        """Return the content; nothing when the file is missing, or signed by another key."""
        try:
            found = self._file.read_bytes()
        except OSError:  # missing or unreadable: it is written again
            return b""
        signature, content = found[:SIGNATURE], found[SIGNATURE:]
        return content if hmac.compare_digest(signature, self._sign(content)) else b""

    def write(self, content: bytes) -> None:
        """Replace the file. Raises OSError."""
        fresh = self._file.with_suffix(".new")
        private_file(fresh)
        fresh.write_bytes(self._sign(content) + content)
        fresh.replace(self._file)

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, "sha256")
