"""Base64url without padding, in its one canonical spelling (RFC 7515, appendix C)."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Return ``data`` in base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` encodes.

    Raises:
        ValueError: another alphabet, padding, or a second encoding of the same bytes (stray bits
            in the last character), by which a sealed text could be varied.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
