"""The record of step one, and what step two adds to it until the case is submitted."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Application


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadyCase:
    """Step two as it will be submitted: the citizen looks it over first.

    Password and answer are hashed already. ``id`` tells this one from a later one of another tab.
    """

    id: str
    application: Application
    password_hash: str
    answer_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOne:
    """The server-side record of step one; lives two hours.

    ``browser`` binds the record to the browser that submitted it. ``proven_at`` is set by the right
    one-time code, or at once when ``registration.phone_proof`` is off. ``as_physician``: the
    citizen began on the physicians' page. ``typed`` is what step two holds so far, without
    passwords and answer, and ``typed_at`` when it was kept last.
    """

    id: str
    browser: str = field(repr=False)
    national_id: NationalId
    mobile: Mobile
    operator: str
    expires_at: datetime
    as_physician: bool = False
    proven_at: datetime | None = None
    case_id: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict, repr=False)
    typed_at: datetime | None = None
    ready: ReadyCase | None = None

    def is_of(self, browser: str, now: datetime) -> bool:
        """Return whether the record belongs to ``browser`` and is not expired."""
        return now < self.expires_at and hmac.compare_digest(self.browser, browser)

    def with_typed(self, typed: Mapping[str, str], *, at: datetime) -> Self:
        """Return the record with what step two holds now.

        A text that differs from the last one ends what was ready: the citizen looks over, and
        sends, what the form says.
        """
        if typed == self.typed:
            return self
        return replace(self, typed=dict(typed), typed_at=at, ready=None)

    def submitted(self, case_id: str) -> Self:
        """Return the record of a submitted case, without what was typed."""
        return replace(self, case_id=case_id, typed={}, typed_at=None, ready=None)
