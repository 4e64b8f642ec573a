"""argon2id with a pepper; the parallel hashes of all the machine's processes are bounded (D11)."""

import hmac
from collections.abc import Callable, Collection, Sequence
from hashlib import sha256

import structlog

from idp.adapters.argon2id import Argon2id, Cost
from idp.adapters.host_semaphore import HostSemaphore, NoSlot
from idp.ports import HashCosts, HashingBusy, HashLane

LONGEST_BYTES = 1024
MEMORY_KIB = 19 * 1024
TIME_COST = 2
SHORTEST_PEPPER_BYTES = 32

log = structlog.get_logger(__name__)


class Argon2Hashing:
    """The port ``PasswordHashing``.

    A stored hash is ``<pepper id>:<argon2id string>``. argon2 gets HMAC-SHA-256(pepper, text), 32
    bytes for every text: nothing is truncated, and NUL or a megabyte are no special cases.

    Source: OWASP Password Storage (argon2id 19 MiB, t=2, p=1); NIST SP 800-63B-4 (keyed, kept
    apart).
    """

    def __init__(
        self,
        peppers: Sequence[tuple[str, bytes]],
        slots: HostSemaphore,
        *,
        memory_kib: int = MEMORY_KIB,
        time_cost: int = TIME_COST,
        stored_costs: Callable[[], HashCosts] = HashCosts,
    ) -> None:
        """Take ``peppers`` as (id, at least 32 bytes), newest first: the first hashes, all verify.

        ``stored_costs`` returns the argon2 costs of the stored hashes: each verification computes
        one hash of each cost, so that its time reveals neither the account nor whether it exists.

        Raises:
            ValueError: no pepper, a short one, or an id that is empty or has a colon.
        """
        _check_peppers(peppers)
        self._peppers = dict(peppers)
        self._newest = peppers[0][0]
        self._slots = slots
        self._cost = Cost(memory_kib, time_cost)
        self._hasher = Argon2id(self._cost)
        self._stored_costs = stored_costs

    def hash(self, text: str, *, lane: HashLane = HashLane.OWNER) -> str:
        """Return the peppered argon2id string of ``text``.

        Raises:
            ValueError: over 1024 bytes in UTF-8; the forms refuse that before.
            HashingBusy: no slot of this machine became free in time.
        """
        typed = _utf8(text)
        if len(typed) > LONGEST_BYTES:
            raise ValueError("text is over 1024 bytes")
        return f"{self._newest}:{self._run_hash(self._peppered(self._newest, typed), lane)}"

    def verify(self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST) -> bool:
        """Return whether ``text`` is the password that was hashed.

        None (no such account), an unreadable string and a text over 1024 bytes take the same time,
        and return False (attack E11).

        Raises:
            HashingBusy: no slot of this machine became free in time.
        """
        return self._verify(text, hashed, self._stored_costs().of_passwords, lane)

    def verify_answer(
        self, text: str, hashed: str | None, *, lane: HashLane = HashLane.REST
    ) -> bool:
        """Do as ``verify``, for an answer: answers are rehashed later, so have their own costs."""
        return self._verify(text, hashed, self._stored_costs().of_answers, lane)

    def _verify(
        self, text: str, hashed: str | None, costs: Collection[str], lane: HashLane
    ) -> bool:
        pepper_id, _, encoded = (hashed or "").partition(":")
        typed = _utf8(text)
        known = pepper_id in self._peppers and len(typed) <= LONGEST_BYTES
        if not known:
            if hashed is not None and pepper_id not in self._peppers:
                log.warning("stored_hash_unreadable", reason="pepper_unknown")
            pepper_id, encoded = self._newest, ""
        return self._run_verify(encoded, self._peppered(pepper_id, typed), costs, lane)

    def needs_rehash(self, hashed: str) -> bool:
        """Return whether the hash has an old pepper, or the settings demand a higher cost.

        True for an unreadable hash. Settings with a lower cost rehash nothing: a stored hash is
        never weakened (attack SE16).
        """
        pepper_id, _, encoded = hashed.partition(":")
        if pepper_id != self._newest:
            return True
        stored = Cost.of_string(encoded)
        return stored is None or stored.work < self._cost.work

    def _peppered(self, pepper_id: str, typed: bytes) -> bytes:
        return hmac.new(self._peppers[pepper_id], typed, sha256).digest()

    def _run_hash(self, secret: bytes, lane: HashLane) -> str:
        try:
            with self._slots.one(lane):
                return self._hasher.hash(secret)
        except NoSlot:
            raise HashingBusy from None

    def _run_verify(
        self, encoded: str, secret: bytes, costs: Collection[str], lane: HashLane
    ) -> bool:
        own = _cost_of(encoded)
        stored = {cost for text in costs if (cost := Cost.parse(text))}
        every = sorted({self._cost, *stored, *([own] if own else [])})
        try:
            with self._slots.one(lane):
                # One of each cost, for every account, even when the first one matches.
                found = [
                    self._hasher.verify(encoded if cost == own else cost.string_of_nobody(), secret)
                    for cost in every
                ]
        except NoSlot:
            raise HashingBusy from None
        return any(found)


def _cost_of(encoded: str) -> Cost | None:
    """Return the cost of verifying; None for an unreadable hash."""
    if not encoded:
        return None
    cost = Cost.of_string(encoded)
    if cost is None:
        log.warning("stored_hash_unreadable", reason="not_argon2")
    return cost


def _check_peppers(peppers: Sequence[tuple[str, bytes]]) -> None:
    if not peppers:
        raise ValueError("a pepper is needed")
    if any(len(pepper) < SHORTEST_PEPPER_BYTES for _, pepper in peppers):
        raise ValueError(f"a pepper must have at least {SHORTEST_PEPPER_BYTES} bytes")
    if any(not pepper_id or ":" in pepper_id for pepper_id, _ in peppers):
        raise ValueError("the id of a pepper may not be empty or contain a colon")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
