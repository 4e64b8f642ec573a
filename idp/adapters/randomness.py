"""Unpredictable values from the operating system's generator."""

import secrets
from uuid import uuid4

from idp.domain.registration.tracking_number import check_digit, is_of_person

TOKEN_BYTES = 32
LOWEST_OF_NINE_DIGITS = 10**8


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
        """Return nine random decimal digits, the first not zero, and their check digit.

        It is no national ID and no mobile: a citizen's number is never mistaken for it.
        """
        while True:
            nine = str(LOWEST_OF_NINE_DIGITS + secrets.randbelow(9 * LOWEST_OF_NINE_DIGITS))
            number = nine + check_digit(nine)
            if not is_of_person(number):
                return number
