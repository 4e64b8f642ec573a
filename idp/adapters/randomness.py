"""Unpredictable values from the operating system's generator."""

import secrets
from uuid import uuid4

from idp.domain.errors import Invalid
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId

TOKEN_BYTES = 32
LOWEST_TRACKING_NUMBER = 10**9


class SystemRandomness:
    """The port ``Randomness`` on the operating system's cryptographic generator."""

    def token(self) -> str:
        """Return 256 random bits, base64url without padding, 43 characters.

        None begins with a hyphen: a command would read an option (attack OP14). It costs 0.02 bits.
        """
        while True:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            if not token.startswith("-"):
                return token

    def code(self) -> str:
        """Return six random decimal digits, with leading zeros."""
        return f"{secrets.randbelow(10**6):06d}"

    def identifier(self) -> str:
        """Return a random UUID (version 4) as text."""
        return str(uuid4())

    def tracking_number(self) -> str:
        """Return ten random decimal digits, the first not zero; no national ID and no mobile.

        So a citizen's number is never mistaken for a tracking number.
        """
        while True:
            number = str(LOWEST_TRACKING_NUMBER + secrets.randbelow(9 * LOWEST_TRACKING_NUMBER))
            if not (_is(NationalId, number) or _is(Mobile, number)):
                return number


def _is(kind: type[NationalId | Mobile], text: str) -> bool:
    try:
        kind.parse(text)
    except Invalid:
        return False
    return True
