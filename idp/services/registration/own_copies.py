"""The browser's own copy of what was submitted: sealed for it, and kept nowhere else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from idp.domain.registration.step_one import StepOne
from idp.ports import BrokenSeal, Clock, Vault

PURPOSE = "own_copy"
LIFE = timedelta(days=7)
LONGEST = 3500
"""Bytes of a sealed copy at most: a cookie holds 4096, with its name and attributes."""


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """What a citizen typed for a case, without passwords and answer.

    After a mismatch the hub has erased it; the citizen may correct it instead of typing it again.
    """

    case_id: str
    national_id: str = field(repr=False)
    mobile: str = field(repr=False)
    operator: str
    as_physician: bool
    typed: Mapping[str, str] = field(repr=False)

    def is_of(self, record: StepOne) -> bool:
        """Return whether the record of step one has the same national ID and mobile."""
        pair = record.national_id.value, record.mobile.national
        return pair == (self.national_id, self.mobile)


class OwnCopies:
    """Seals copies for the browser that submitted; no other browser's opens."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    def seal(self, record: StepOne, case_id: str, typed: Mapping[str, str]) -> str | None:
        """Return the copy for the record's browser; None when it is too long to be kept."""
        copy = OwnCopy(
            case_id=case_id,
            national_id=record.national_id.value,
            mobile=record.mobile.national,
            operator=record.operator,
            as_physician=record.as_physician,
            typed=dict(typed),
        )
        ends_at = (self._clock() + LIFE).timestamp()
        plain = json.dumps([ends_at, asdict(copy)], ensure_ascii=False, separators=(",", ":"))
        sealed = self._vault.seal(plain.encode(), purpose=PURPOSE, bound_to=record.browser)
        return sealed if len(sealed) <= LONGEST else None

    def opened(self, received: Iterable[str], browser: str) -> OwnCopy | None:
        """Return the copy of ``browser``.

        None when none of the texts is one, and when it is too old. There may be several texts: a
        sibling host may have set another cookie of the name (attack X15).
        """
        for sealed in received:
            try:
                plain = self._vault.open(sealed, purpose=PURPOSE, bound_to=browser)
            except BrokenSeal:
                continue
            ends_at, values = json.loads(plain)
            if self._clock().timestamp() < ends_at:
                return OwnCopy(**values)
        return None
