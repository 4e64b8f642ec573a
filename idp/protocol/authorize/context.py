"""Authorization contexts: pending requests, sealed instead of stored (D3)."""

import hmac
import json
import re
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.later_versions import known_members
from idp.ports import BrokenSeal
from idp.protocol.core.errors import ContextLost, Shown
from idp.protocol.core.provider_context import ProviderContext

PURPOSE = "authorization_context"
POSTED_PURPOSE = "posted_authorization_request"
POSTED_LIFE = timedelta(minutes=5)
MARK_PURPOSE = "context_browser"
HANDLE_PURPOSE = "context_handle"
MAX_IN_URL = 4096
MAX_SEALED = 12 * 1024
TOO_LONG = "more than 12 KiB, which needs PAR (RFC 9126); this hub offers none"
_LISTS = ("scopes", "acr_values", "essential_acr", "subject_hints", "ui_locales", "resources")
_NAMES = tuple(field.name for field in fields(AuthorizationContext))
ROW = "row:"
"""Prefix of the handle of a context that is too long for a URL; no sealed text holds a colon."""
_HANDLE = re.compile(ROW + r"([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A context with its lifetime, and the purpose and browser that its seal is bound to."""

    context: AuthorizationContext
    life: timedelta
    purpose: str
    browser: str

    @property
    def expires_at(self) -> datetime:
        """When the context expires."""
        return self.context.arrived_at + self.life

    def named(self) -> str:
        """Return what identifies the request: everything but the time of its arrival."""
        request = {**_to_json(self.context), "arrived_at": None}
        return json.dumps([self.purpose, self.browser, request], sort_keys=True)


class Contexts:
    """Seals and opens authorization contexts, bound to the browser's cookie (attack SE02)."""

    def __init__(self, provider: ProviderContext) -> None:
        self._provider = provider

    def seal(self, context: AuthorizationContext, browser: str) -> str:
        """Return the sealed context, valid for two hours; over 4 KiB, the handle of a row.

        A request that a browser repeats has one row (attack D14); an unchanged context is not
        written again.

        Raises Shown: the request is longer than a row may be.
        """
        return self._fit(_Kept(context, self._provider.lifetimes.context, PURPOSE, browser))

    def open(self, sealed: str, browser: str) -> AuthorizationContext:
        """Return the context. Raises ContextLost: expired, another browser's, or unknown."""
        return self._open(sealed, PURPOSE, browser)

    def seal_posted(self, context: AuthorizationContext) -> str:
        """Return a POSTed request, sealed for the redirect that reads the first cookie (D4).

        It is bound to no browser, because no cookie was read: like a link, anybody can follow it.
        """
        return self._fit(_Kept(context, POSTED_LIFE, POSTED_PURPOSE, ""))

    def open_posted(self, sealed: str) -> AuthorizationContext:
        """Return the POSTed request. Raises ContextLost."""
        return self._open(sealed, POSTED_PURPOSE, "")

    def _seal(self, kept: "_Kept") -> str:
        plain = {
            "expires_at": kept.expires_at.timestamp(),
            "browser": self._mark_of(kept.browser),
            "context": _to_json(kept.context),
        }
        return self._provider.vault.seal(
            json.dumps(plain, separators=(",", ":")).encode(), purpose=kept.purpose
        )

    def _mark_of(self, browser: str) -> str:
        """Return the digest that binds a seal to a browser; the id itself is the cookie."""
        return self._provider.vault.digest(browser, purpose=MARK_PURPOSE)

    def _open(self, sealed: str, purpose: str, browser: str) -> AuthorizationContext:
        if handle := _HANDLE.fullmatch(sealed):
            sealed = self._find_row(handle[1])
        try:
            plain = json.loads(self._provider.vault.open(sealed, purpose=purpose))
        except BrokenSeal:
            raise ContextLost from None
        context = _from_json(plain["context"])
        is_own = hmac.compare_digest(plain["browser"], self._mark_of(browser))
        is_over = self._provider.clock().timestamp() >= plain["expires_at"]
        if is_over or not is_own:
            raise ContextLost(context.client_id, is_elsewhere=not is_over)
        return context

    def _fit(self, kept: "_Kept") -> str:
        sealed = self._seal(kept)
        if len(sealed) <= MAX_IN_URL:
            return sealed
        if len(sealed) > MAX_SEALED:
            raise Shown("invalid_request", detail=TOO_LONG)
        handle = self._provider.vault.digest(kept.named(), purpose=HANDLE_PURPOSE)
        if not self._holds(handle, kept):
            with self._provider.begin() as work:
                work.contexts.put(handle, sealed, kept.expires_at)
        return ROW + handle

    def _holds(self, handle: str, kept: "_Kept") -> bool:
        try:
            return self._open(ROW + handle, kept.purpose, kept.browser) == kept.context
        except Shown:
            return False

    def _find_row(self, handle: str) -> str:
        with self._provider.begin(read_only=True) as work:
            return work.contexts.find(handle, self._provider.clock()) or ""


def _to_json(context: AuthorizationContext) -> dict[str, Any]:
    return {
        **{name: getattr(context, name) for name in _NAMES},
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
    return AuthorizationContext(**known_members(AuthorizationContext, changed))
