"""Unpredictable values from the operating system's generator."""

import secrets
from uuid import uuid4

TOKEN_BYTES = 32
LOWEST_TRACKING_NUMBER = 10**9


class SystemChance:
    """The port ``Chance`` on the operating system's cryptographic generator."""

    def token(self) -> str:
        """Return 256 random bits, base64url without padding, 43 characters."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    def code(self) -> str:
        """Return six random decimal digits, zeros in front kept."""
        return f"{secrets.randbelow(10**6):06d}"

    def identifier(self) -> str:
        """Return a random UUID (version 4) as text."""
        return str(uuid4())

    def tracking_number(self) -> str:
        """Return ten random decimal digits, the first not zero."""
        return str(LOWEST_TRACKING_NUMBER + secrets.randbelow(9 * LOWEST_TRACKING_NUMBER))
