"""The counter of security answers in recoveries: by national ID, for all browsers."""

from idp.domain.people.national_id import NationalId
from idp.ports import Vault

_PURPOSE = "recovery_answers"


def answers_key(vault: Vault, national_id: NationalId) -> str:
    """Return the counter's key; recovery counts by it, and the desk clears it."""
    return f"{_PURPOSE}:{vault.digest(national_id.value, purpose=_PURPOSE)}"
