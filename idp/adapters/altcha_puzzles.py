"""Proofs of work in ALTCHA's second form: find the counter whose derived key has a given prefix."""

import json
import secrets

import altcha

ALGORITHM = "PBKDF2/SHA-256"
"""Every browser computes it natively, about as fast as an attacker does."""
ROUNDS = 2000
LEAST_COUNTER, COUNTERS = 250, 500
"""On average 500 derivations of 2000 rounds; making the puzzle takes one, checking it none."""
LONGEST_SOLUTION = 4096


class AltchaPuzzles:
    """The port ``Puzzles``. Nothing is stored: a puzzle carries the hub's signature.

    A puzzle has no expiry of its own; the caller knows how long its subject is valid.
    """

    def __init__(self, *, signing_secret: str, solution_secret: str) -> None:
        """Take two secrets that differ, at least 32 characters each."""
        self._signing_secret = signing_secret
        self._solution_secret = solution_secret

    def make(self, subject: str, difficulty: int) -> str:
        """Return a signed puzzle as JSON; each step of ``difficulty`` doubles the derivations."""
        challenge = altcha.create_challenge(
            ALGORITHM,
            ROUNDS,
            counter=(LEAST_COUNTER + secrets.randbelow(COUNTERS)) << difficulty,
            data={"subject": subject},
            hmac_secret=self._signing_secret,
            hmac_key_secret=self._solution_secret,
        )
        return json.dumps(challenge.to_dict())

    def is_solved(self, subject: str, solution: str) -> bool:
        """Return whether ``solution`` is right, by signatures alone; any text may be passed."""
        if not solution or len(solution) > LONGEST_SOLUTION or not solution.isascii():
            return False
        result = altcha.verify_solution(
            solution, self._signing_secret, hmac_key_secret=self._solution_secret
        )
        if not result.verified:
            return False
        return altcha.Payload.from_base64(solution).challenge.parameters.data == {
            "subject": subject
        }
