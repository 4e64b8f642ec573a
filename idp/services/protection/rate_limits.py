"""The rate limits by name, built once a process from the settings' section ``limits``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from idp.domain.protection.rate_limits import Limit
from idp.services.protection.garbage import Garbage
from idp.services.protection.owners_counters import OwnersCounter, OwnersTries
from idp.services.protection.shared_marks import LastingMark, SharedMark, VanishingMark


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """Owner's counters, which may refuse, and shared marks, which cannot.

    Counters take an ``OwnersKey``, marks an ``EverybodysKey``.
    """

    passwords_on_known_device: OwnersTries
    codes_of_account: OwnersCounter
    mobile_changes_of_account: OwnersCounter
    data_changes_of_account: OwnersCounter
    email_links_of_account: OwnersCounter
    recovery_answers: Limit
    registrations: OwnersCounter

    wrong_passwords_by_account: LastingMark
    wrong_passwords_by_network: VanishingMark
    registrations_by_network: SharedMark
    codes_by_network: SharedMark
    codes_by_phone: SharedMark

    code_again_after: timedelta
    """How soon one flow may ask for another code."""
    codes_to_phone: Sequence[Limit]
    """Codes that anybody can request for one phone; past these none is sent, without an error."""
    known_phones: int
    """Factor of ``codes_to_phone`` for a phone that answered a code within 30 days."""

    garbage: Garbage
