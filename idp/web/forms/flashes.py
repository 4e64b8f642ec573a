"""Flashes: what a form has just done, told on the page to which it redirects.

The act stands in the page's address, sealed, so that the page can be reloaded. A link without a
seal of the hub tells nothing: no attacker can make the page say what is not so.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import request, url_for

from idp.deps import deps
from idp.ports import BrokenSeal

FIELD = "done"
LIFE = timedelta(minutes=30)
LONGEST = 600
"""An act may name an e-mail address; the longest one is 254 characters, sealed 450."""
_PURPOSE = "flash"


def leads_to(endpoint: str, act: str, *, of: str, **query: str) -> str:
    """Return the address of the page that tells of ``act`` to ``of``: an account or a browser."""
    told = f"{act} {deps().clock().timestamp()}"
    sealed = deps().vault.seal(told.encode(), purpose=_PURPOSE, bound_to=of)
    values: dict[str, Any] = {**query, FIELD: sealed}
    return url_for(endpoint, **values)


def told(*, of: str, within: timedelta | None = LIFE) -> str:
    """Return the act that led ``of`` to this page; nothing when it is longer ago than ``within``.

    ``within=None`` sets no limit, for acts that stay true.
    """
    sealed = request.args.get(FIELD, "")[:LONGEST]
    try:
        plain = deps().vault.open(sealed, purpose=_PURPOSE, bound_to=of).decode()
    except BrokenSeal:
        return ""
    act, _, at = plain.partition(" ")
    until = None if within is None else datetime.fromtimestamp(float(at), UTC) + within
    return act if until is None or deps().clock() < until else ""
