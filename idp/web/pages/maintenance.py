"""The maintenance page; it needs no database."""

from datetime import timedelta
from math import ceil

from flask import g, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.ports import Maintenance
from idp.web.http.machines import is_for_machines

OPEN = frozenset(
    {
        "help.show",
        "static",
        "health.alive",
        "oauth.discovery",
        "oauth.jwks",
        "branding.colours",
        "branding.mark",
    }
)
"""Endpoints that stay open: the page's own files, health, and documents that portals cache."""
SOON = timedelta(minutes=1)
"""The least ``Retry-After``, and the one for an unknown end."""


def refuse() -> ResponseReturnValue | None:
    """Answer 503 with ``Retry-After`` during maintenance (before each request)."""
    maintenance = deps().maintenance.now()
    if maintenance is None or request.endpoint in OPEN:
        return None
    headers = {"Retry-After": str(ceil(_wait(maintenance).total_seconds()))}
    if is_for_machines(request.path):
        return jsonify(error="temporarily_unavailable"), 503, headers
    return page(maintenance), 503, headers


def page(maintenance: Maintenance, *, is_kept: bool = False) -> str:
    """Return the maintenance page in the language of this request.

    ``is_kept``: the proxy serves it while no request reaches the hub. It does not know then whether
    a form was sent, which a link to the same address would lose, and nothing else answers.
    """
    g.asks_no_database = True
    until = maintenance.until
    is_known = until is not None and until > deps().clock()
    return render_template(
        "maintenance.html",
        until=until if is_known else None,
        can_try_again=request.method == "GET" and not is_kept,
        has_help=not is_kept,
    )


def _wait(maintenance: Maintenance) -> timedelta:
    if maintenance.until is None:
        return SOON
    return max(SOON, maintenance.until - deps().clock())
