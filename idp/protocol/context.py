"""Requests under way, sealed instead of stored (D3)."""

import json
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from idp.domain.interaction import AuthorizationContext
from idp.ports import BrokenSeal
from idp.protocol.errors import Shown
from idp.protocol.surroundings import Surroundings

PURPOSE = "authorization_context"
POSTED_PURPOSE = "posted_authorization_request"
POSTED_LIFE = timedelta(minutes=5)
MAX_IN_URL = 4096
_LISTS = ("scopes", "acr_values", "essential_acr", "subject_hints", "ui_locales", "resources")
ROW = "row:"
"""In front of the handle of a context that is too long for a URL; no sealed text holds a colon."""
_HANDLE = re.compile(ROW + r"([A-Za-z0-9_-]{43})")


class Contexts:
    """Seals and opens authorization contexts, bound to the browser's cookie (attack SE02)."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._at = surroundings

    def seal(self, context: AuthorizationContext, browser: str) -> str:
        """Return the sealed context, good for two hours; over 4 KiB the handle of a row."""
        expires_at = context.arrived_at + self._at.lifetimes.context
        return self._fit(self._seal(context, expires_at, PURPOSE, browser), expires_at)

    def open(self, sealed: str, browser: str) -> AuthorizationContext:
        """Return the context. Raises Shown: too old, another browser's, or never ours."""
        return self._open(sealed, PURPOSE, browser)

    def seal_posted(self, context: AuthorizationContext) -> str:
        """Return a POSTed request, sealed for the redirect that reads the first cookie (D4).

        Bound to no browser, for none is known yet: like a link, anybody can follow it.
        """
        expires_at = context.arrived_at + POSTED_LIFE
        return self._fit(self._seal(context, expires_at, POSTED_PURPOSE, ""), expires_at)

    def open_posted(self, sealed: str) -> AuthorizationContext:
        """Return the POSTed request. Raises Shown ``context_lost``."""
        return self._open(sealed, POSTED_PURPOSE, "")

    def _seal(
        self, context: AuthorizationContext, expires_at: datetime, purpose: str, browser: str
    ) -> str:
        plain = {"expires_at": expires_at.timestamp(), "context": _to_json(context)}
        return self._at.vault.seal(
            json.dumps(plain, separators=(",", ":")).encode(), purpose=purpose, bound_to=browser
        )

    def _open(self, sealed: str, purpose: str, browser: str) -> AuthorizationContext:
        if handle := _HANDLE.fullmatch(sealed):
            sealed = self._find_row(handle[1])
        try:
            plain = json.loads(self._at.vault.open(sealed, purpose=purpose, bound_to=browser))
        except BrokenSeal:
            raise Shown("context_lost") from None
        if self._at.clock().timestamp() >= plain["expires_at"]:
            raise Shown("context_lost")
        return _from_json(plain["context"])

    def _fit(self, sealed: str, expires_at: datetime) -> str:
        if len(sealed) <= MAX_IN_URL:
            return sealed
        handle = self._at.chance.token()
        with self._at.begin() as work:
            work.contexts.put(handle, sealed, expires_at)
        return ROW + handle

    def _find_row(self, handle: str) -> str:
        with self._at.begin(read_only=True) as work:
            return work.contexts.find(handle, self._at.clock()) or ""


def _to_json(context: AuthorizationContext) -> dict[str, Any]:
    values = asdict(context)
    return {
        **values,
        "arrived_at": context.arrived_at.isoformat(),
        "prompt": sorted(context.prompt),
    }


def _from_json(values: dict[str, Any]) -> AuthorizationContext:
    changed = {
        **values,
        **{name: tuple(values[name]) for name in _LISTS},
        "arrived_at": datetime.fromisoformat(values["arrived_at"]),
        "prompt": frozenset(values["prompt"]),
    }
    return AuthorizationContext(**changed)
