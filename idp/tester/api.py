"""An API under test (resource server): a real access token for it, and what it answers."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from idp.protocol.core import endpoints
from idp.tester.addresses import with_query
from idp.tester.citizen import Citizen, Request
from idp.tester.verdict import Undecidable

CALLER = "idp-tester"
CALLBACK = "http://127.0.0.1:9/callback"
"""Nobody listens there: the citizen's browser stops before it."""
VERIFIER = "v" * 64
REFUSED = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered to a request; ``challenge`` is its ``WWW-Authenticate``."""

    status: int
    challenge: str

    @property
    def let_through(self) -> bool:
        """Return whether the request had its effect."""
        return self.status < 400

    @property
    def is_refusal(self) -> bool:
        """Return whether the request was refused, and the API is well."""
        return self.status in REFUSED


@dataclass(frozen=True, slots=True)
class Api:
    """The operation that is asked for, and the API's name (``aud`` of its tokens)."""

    address: str
    audience: str
    ask: Callable[[str, str | None], Answer]
    """Sends a GET with the token as a bearer, or without one. Raises PortalAway."""

    def __call__(self, token: str | None) -> Answer:
        """Return the answer to a request with the token."""
        return self.ask(self.address, token)


def caller_of(audience: str) -> dict[str, Any]:
    """Return the client file of the portal that the tester plays: it may call the API."""
    return {
        "client_id": CALLER,
        "client_name": CALLER,
        "first_party": True,
        "token_endpoint_auth_method": "none",
        "redirect_uris": [CALLBACK],
        "scope": ["openid"],
        "access_token_audience": [audience],
    }


def obtain(citizen: Citizen, audience: str) -> str:
    """Sign the citizen in and return an access token for the API, as the real hub issues it.

    Raises Undecidable when the hub issues none.
    """
    asked = {
        "client_id": CALLER,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "s",
        "code_challenge": _encode(hashlib.sha256(VERIFIER.encode()).digest()),
        "code_challenge_method": "S256",
        "resource": audience,
    }
    request = Request(with_query(citizen.hub + endpoints.AUTHORIZE, asked), asked)
    response = citizen.answer(request)
    form = {
        "grant_type": "authorization_code",
        "client_id": CALLER,
        "redirect_uri": CALLBACK,
        "code": response.params.get("code", ""),
        "code_verifier": VERIFIER,
    }
    page = citizen.browser.post(citizen.hub + endpoints.TOKEN, form)
    if page.status != 200:
        raise Undecidable(f"the hub {page.says} in place of a token: {page.text[:200]}")
    return str(json.loads(unescape(page.text))["access_token"])


def _encode(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode("ascii")
