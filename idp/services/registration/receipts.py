"""Receipts: with one, a browser finds the case that it submitted."""

from idp.domain.registration.case import Case
from idp.ports import (
    BrokenSeal,
    Vault,
)
from idp.store.unit_of_work import Begin

PURPOSE = "registration_receipt"


class Receipts:
    """A receipt is a case id sealed for one browser; it contains no personal value.

    It is valid as long as the row of the case exists: 90 days beyond the erasure of its data.
    """

    def __init__(self, begin: Begin, vault: Vault) -> None:
        self._begin = begin
        self._vault = vault

    def give(self, case: Case, browser: str) -> str:
        """Return the receipt that ``find`` takes from this browser."""
        return self._vault.seal(case.id.encode(), purpose=PURPOSE, bound_to=browser)

    def find(self, receipt: str, browser: str) -> Case | None:
        """Return the case as it is now; None for another browser's receipt, or a deleted case."""
        try:
            case_id = self._vault.open(receipt, purpose=PURPOSE, bound_to=browser).decode()
        except BrokenSeal:
            return None
        with self._begin(read_only=True) as work:
            return work.cases.find(case_id)
