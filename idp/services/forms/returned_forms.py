"""Refused forms, kept sealed for their browser while their page is shown again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.ports import BrokenSeal, Clock, Ephemeral, Randomness, Vault
from idp.services.forms.kept_aside import KeptAside

PURPOSE = "returned_form"
LIFE = timedelta(hours=2)
LONGEST_IN_ADDRESS = 512
HANDLE = "kept:"
"""Prefix of the name of a form too long for an address; no sealed text contains a colon."""


@dataclass(frozen=True, slots=True)
class ReturnedForm:
    """A refused form: the typed values except secrets, its errors, and the response status.

    ``errors`` are sentences in ``language`` by field; ``codes`` name those that can be repeated in
    any language. ``lead`` is the message above the form, valid until ``until``.
    """

    typed: Mapping[str, str] = field(repr=False)
    errors: Mapping[str, list[str]] = field(repr=False)
    good: list[str]
    codes: list[list[str]]
    language: str
    lead: str
    status: int
    until: float | None = None


class ReturnedForms:
    """Keeps refused forms in the address of their page, long ones in the ephemeral store.

    A flush of that store loses the typed values of the long forms.
    """

    def __init__(
        self, vault: Vault, ephemeral: Ephemeral, clock: Clock, randomness: Randomness
    ) -> None:
        self._vault = vault
        self._kept = KeptAside(vault, ephemeral, "returned_form")
        self._clock = clock
        self._randomness = randomness

    def keep(self, form: ReturnedForm, page: str, browser: str) -> str:
        """Return what the address of ``page`` carries: at most 512 bytes (the page has it too)."""
        plain = {"ends_at": (self._clock() + LIFE).timestamp(), **_as_json(form)}
        sealed = self._vault.seal(
            json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(),
            purpose=PURPOSE,
            bound_to=_bound(page, browser),
        )
        if len(sealed) <= LONGEST_IN_ADDRESS:
            return sealed
        handle = HANDLE + self._randomness.token()
        self._kept.put(handle, sealed, ttl=LIFE)
        return handle

    def find(self, kept: str, page: str, browser: str) -> ReturnedForm | None:
        """Return the form; None when it is of another page or browser, too old, or lost.

        After ``until``, its errors and ``lead`` are left out.
        """
        sealed = self._kept.find(kept) if kept.startswith(HANDLE) else kept
        try:
            plain = self._vault.open(sealed or "", purpose=PURPOSE, bound_to=_bound(page, browser))
        except BrokenSeal:
            return None
        values = json.loads(plain)
        now = self._clock()
        return _read(values, now) if now.timestamp() < values.pop("ends_at") else None


def _bound(page: str, browser: str) -> str:
    return f"{browser}|{page}"


def _as_json(form: ReturnedForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in ReturnedForm.__slots__}


def _read(values: Mapping[str, Any], now: datetime) -> ReturnedForm | None:
    """Return the form; None when another version of the hub kept it without a required field."""
    known = {name: values[name] for name in ReturnedForm.__slots__ if name in values}
    try:
        form = ReturnedForm(**known)
    except TypeError:
        return None
    if form.until is None or now.timestamp() < form.until:
        return form
    return ReturnedForm(form.typed, {}, [], [], form.language, lead="", status=200)
