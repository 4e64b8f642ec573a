"""What a refused form looked like, kept while its page is shown again: sealed, for its browser."""

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
"""In front of the name of a form that is too long for an address; no sealed text holds a colon."""


@dataclass(frozen=True, slots=True)
class ReturnedForm:
    """A refused form: what was typed but for secrets, what was wrong with it, and the answer.

    ``errors`` are sentences in ``language`` by field; ``codes`` name those that can be told again
    in any language. ``lead`` is the message above the form, true until ``until``.
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
    """Keeps refused forms in the address of their page; long ones beside it, where they may vanish.

    What is lost with them is what was typed, and only when a cache is flushed at that moment.
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
        """Return the form; None for another page's or browser's, an old one, or one that is lost.

        What was true for a while only (``until``) is told no longer after it.
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
    """Return the form; None where another version of the hub kept less of it than is needed."""
    known = {name: values[name] for name in ReturnedForm.__slots__ if name in values}
    try:
        form = ReturnedForm(**known)
    except TypeError:
        return None
    if form.until is None or now.timestamp() < form.until:
        return form
    return ReturnedForm(form.typed, {}, [], [], form.language, lead="", status=200)
