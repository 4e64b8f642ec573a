"""The protection of every page: cross-site checks, CSRF tokens, response headers."""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, request
from werkzeug.exceptions import Forbidden

from idp.deps import deps
from idp.web.http import cookies

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD = "csrf_token"
_CSRF_EXEMPT = "_csrf_exempt"
_FOR_PROGRAMS = "_for_programs"
_MASKED = re.compile("[0-9a-f]{128}")

_FIXED = tuple(
    (name.lower(), name, value)
    for name, value in (
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        (
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), otp-credentials=(self)",
        ),
    )
)
"""Headers that are the same for every response: lower-case name, name, value."""
_FIXED_OVER_TLS = (
    *_FIXED,
    (
        "strict-transport-security",
        "Strict-Transport-Security",
        "max-age=63072000; includeSubDomains",
    ),
)


class CookiesNeeded(Forbidden):
    """A form came without the browser cookie: the browser keeps no cookies, or lost this one."""


View = TypeVar("View")


def csrf_exempt(view: View) -> View:
    """Exempt a view that programs or other sites may POST to; it must not act on a cookie."""
    setattr(view, _CSRF_EXEMPT, True)
    return view


def for_programs(view: View) -> View:
    """Mark a view that programs request: it reads no cookie, and no hook of pages runs for it.

    It is exempt from CSRF checks, and answers no page.
    """
    setattr(view, _FOR_PROGRAMS, True)
    return csrf_exempt(view)


def is_for_programs() -> bool:
    """Return whether the view of the request is for programs; without a view it is a page."""
    return has_mark(_FOR_PROGRAMS)


def has_mark(name: str) -> bool:
    """Return whether the view of the request has the attribute."""
    return hasattr(_view(), name)


def csrf_token() -> str:
    """Return the token for this browser's forms: a keyed digest of the browser id, under a mask.

    The mask is new on every page: the length of compressed pages would reveal a constant token
    (BREACH).
    """
    return masked(_csrf_digest(), sha256(deps().randomness.token().encode()).digest())


def masked(digest: str, mask: bytes) -> str:
    """Return ``digest`` (64 hex digits) under ``mask`` (32 bytes), with the mask in front."""
    hidden = bytes(one ^ other for one, other in zip(bytes.fromhex(digest), mask, strict=True))
    return (mask + hidden).hex()


def _unmasked(token: str) -> str:
    """Return the digest of a token; empty for a malformed one."""
    if not _MASKED.fullmatch(token):
        return ""
    both = bytes.fromhex(token)
    return masked(both[32:].hex(), both[:32])[64:]


def _csrf_digest() -> str:
    return _digest_of(cookies.browser_id())


def _digest_of(browser: str) -> str:
    return deps().vault.digest(browser, purpose="csrf")


def refuse_cross_site() -> None:
    """Answer 403 to an unsafe request from another site or without a CSRF token (attack X08)."""
    view = _view()
    if request.method in SAFE_METHODS or view is None or hasattr(view, _CSRF_EXEMPT):
        return
    if not _comes_from_here():
        abort(403)
    if not cookies.every(cookies.BROWSER):
        raise CookiesNeeded
    if not _has_token():
        abort(403)


def is_our_form() -> bool:
    """Return whether the request is a form POST that ``refuse_cross_site`` has checked."""
    view = _view()
    return request.method == "POST" and view is not None and not hasattr(view, _CSRF_EXEMPT)


def _view() -> object:
    return current_app.view_functions.get(request.endpoint or "")


def _comes_from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site not in {None, "same-origin", "none"}:
        return False
    # With `Referrer-Policy: no-referrer` browsers send `Origin: null` from our own forms (Fetch
    # 3.2).
    return request.headers.get("Origin") in {None, "null", deps().settings.server.issuer_origin}


def _has_token() -> bool:
    """Return whether the token fits a browser id; a sibling host may have set other ids."""
    sent = _unmasked(request.form.get(CSRF_FIELD, ""))
    for browser in cookies.browser_ids():
        if hmac.compare_digest(sent, _digest_of(browser)):
            cookies.settle_browser(browser)
            return True
    return False


def let_forms_lead_anywhere() -> None:
    """Leave ``form-action`` out of this page's CSP; the page must then hold no form of the hub.

    Chromium applies ``form-action`` to all redirects after a form's POST (CSP3 6.4.2, and
    w3c/webappsec-csp#8), and the portal may redirect that POST to another origin or an app.
    """
    g.forms_lead_anywhere = True


def forms_lead_anywhere() -> bool:
    """Return whether this page's form posts to a portal; then it may hold no form of the hub."""
    return bool(g.get("forms_lead_anywhere"))


def allow_frame(uri: str) -> None:
    """Add the portal's origin to ``frame-src`` of this page."""
    parts = urlsplit(uri)
    g.frame_sources = (*g.get("frame_sources", ()), f"{parts.scheme}://{parts.netloc}")


def allow_framing(origins: Sequence[str]) -> None:
    """Set ``frame-ancestors`` of this page to these origins, and no other (attack X06)."""
    g.frame_ancestors = " ".join(origins)


def add_headers(response: Response) -> Response:
    """Add the security headers; static files keep their own ``Cache-Control``."""
    headers = response.headers
    present = set(headers.keys(lower=True))
    if g.get("frame_ancestors"):  # X-Frame-Options cannot name origins
        present.add("x-frame-options")
    if "content-security-policy" not in present:
        headers.add("Content-Security-Policy", _content_security_policy())
    wanted = _FIXED_OVER_TLS if cookies.is_secure() else _FIXED
    headers.extend([(name, value) for known, name, value in wanted if known not in present])
    if request.endpoint != "static" and not _is_public(response):
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie")
    return response


def _is_public(response: Response) -> bool:
    return "Cache-Control" in response.headers and response.cache_control.public


def _content_security_policy() -> str:
    forms = "" if forms_lead_anywhere() else "form-action 'self'; "
    sources = " ".join(dict.fromkeys(g.get("frame_sources", ())))
    frames = f"frame-src {sources}; " if sources else ""
    ancestors = g.get("frame_ancestors") or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        f"connect-src 'self'; {frames}{forms}base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )
