"""argon2id hashes in the PHC string format, computed by libsodium."""

import re
from typing import NamedTuple, Self

from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from idp.settings.sections import MOST_MEMORY_KIB, MOST_TIME_COST

BYTES_PER_KIB = 1024
LEAST_MEMORY_KIB = 8
_COST = re.compile(r"m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,9}),p=1")
# 16 bytes of salt and 32 of hash in base64 without padding. libsodium refuses other last letters
# before it computes, which would make such a string cheaper than nobody's.
_SALT = "[A-Za-z0-9+/]{21}[AQgw]"
_DIGEST = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]"
_STRING = re.compile(rf"\$argon2id\$v=19\$([a-z0-9=,]+)\${_SALT}\${_DIGEST}")


class Cost(NamedTuple):
    """Memory in KiB and passes of one hash; ``p`` is always 1."""

    memory_kib: int
    time_cost: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the cost of ``m=…,t=…,p=1``; None for any other text, or outside the bounds.

        A stored cost is the memory that verifying takes, so it is bounded as the settings are.
        """
        found = _COST.fullmatch(text)
        if not found:
            return None
        cost = cls(int(found[1]), int(found[2]))
        is_bounded = (
            LEAST_MEMORY_KIB <= cost.memory_kib <= MOST_MEMORY_KIB
            and cost.time_cost <= MOST_TIME_COST
        )
        return cost if is_bounded else None

    @classmethod
    def of_string(cls, encoded: str) -> Self | None:
        """Return the cost of verifying the string; None when it is no readable argon2id string."""
        found = _STRING.fullmatch(encoded)
        return cls.parse(found[1]) if found else None

    @property
    def work(self) -> int:
        """The blocks that are filled, by which two costs compare."""
        return self.memory_kib * self.time_cost

    def string_of_nobody(self) -> str:
        """Return a string of this cost that no secret matches."""
        salt, digest = "A" * 22, "A" * 43
        return f"$argon2id$v=19$m={self.memory_kib},t={self.time_cost},p=1${salt}${digest}"


class Argon2id:
    """Hashes and verifies; both release the interpreter's lock while they compute."""

    def __init__(self, cost: Cost) -> None:
        """``cost`` is that of new hashes."""
        self._cost = cost

    def hash(self, secret: bytes) -> str:
        """Return the string of ``secret`` with a new salt.

        Raises nacl.exceptions.RuntimeError when the memory cannot be had.
        """
        memory = self._cost.memory_kib * BYTES_PER_KIB
        return argon2id.str(secret, opslimit=self._cost.time_cost, memlimit=memory).decode("ascii")

    def verify(self, encoded: str, secret: bytes) -> bool:
        """Return whether the string, which ``Cost.of_string`` has read, is that of ``secret``."""
        try:
            return argon2id.verify(encoded.encode("ascii"), secret)
        except InvalidkeyError:
            return False
