"""Receipts: with one, a browser finds the case that it submitted, or that it tracked."""

import json
from dataclasses import dataclass
from datetime import timedelta

from idp.domain.registration.case import Case
from idp.domain.registration.case_state import CaseState
from idp.ports import BrokenSeal, Clock, Vault
from idp.services.registration.own_copies import OwnCopy
from idp.store.unit_of_work import Begin

PURPOSE = "registration_receipt"
TRACKED_FOR = timedelta(hours=2)
"""How long a browser sees a case that it tracked: it may be anybody's, in a café say."""


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that a browser may see. ``phone_proven``: somebody proved its phone in a browser.

    Then the page may say what the phone was told by SMS. Where the rules follow the guide to the
    letter, nobody does before the request is tracked.
    """

    case: Case
    phone_proven: bool
    is_tracked: bool


class Receipts:
    """A receipt is a case id sealed for one browser; it contains no personal value.

    A browser that submitted the case finds it as long as its row exists: 90 days beyond the erasure
    of its data. One that tracked it finds it for ``TRACKED_FOR``.
    """

    def __init__(self, begin: Begin, vault: Vault, clock: Clock) -> None:
        self._begin = begin
        self._vault = vault
        self._clock = clock

    def give(self, case: Case, browser: str) -> str:
        """Return the receipt by which ``find`` returns the case to the browser that submitted."""
        return self._seal([case.id], browser)

    def give_tracked(self, case: Case, browser: str) -> str:
        """Return the receipt of a browser in which a code just proved the phone of the case."""
        until = (self._clock() + TRACKED_FOR).timestamp()
        return self._seal([case.id, until], browser)

    def find(self, receipt: str, browser: str) -> FoundCase | None:
        """Return the case as it is now.

        None for another browser's receipt, one that is too old, and a deleted case.
        """
        try:
            plain = self._vault.open(receipt, purpose=PURPOSE, bound_to=browser)
        except BrokenSeal:
            return None
        case_id, *until = json.loads(plain)
        if until and self._clock().timestamp() >= until[0]:
            return None
        with self._begin(read_only=True) as work:
            case = work.cases.find(case_id)
        if case is None:
            return None
        return FoundCase(case, case.phone_proven or bool(until), is_tracked=bool(until))

    def state_of(self, copy: OwnCopy) -> CaseState | None:
        """Return the state of the case that a browser's own copy is of; None when it is deleted."""
        with self._begin(read_only=True) as work:
            case = work.cases.find(copy.case_id)
        return case.state if case else None

    def _seal(self, values: list[object], browser: str) -> str:
        return self._vault.seal(json.dumps(values).encode(), purpose=PURPOSE, bound_to=browser)
