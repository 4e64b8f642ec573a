"""A portal that talks to the hub over HTTP, beside the citizen's browser."""

from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.test import TestResponse

from idp.domain.clients.client import ClientSecret
from tests import factories
from tests.fakes import NOON
from tests.web.hub import ORIGIN, Browser, Hub, goes_on_to
from tests.web.sign_in.walk import allow

VERIFIER = "v" * 50
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://portal.example/callback"
GOODBYE = "https://portal.example/goodbye"
SECRET = "a secret of the portal"


def answer_in(answer: TestResponse) -> dict[str, str]:
    """Return what the answer tells the portal: a redirect, or the page that goes on to it."""
    address = answer.location or (goes_on_to(answer) if "Refresh" in answer.headers else "")
    query = parse_qs(urlsplit(address).query)
    return {name: values[0] for name, values in query.items()}


@dataclass
class Portal:
    """Registers itself at the hub, which gets a signing key when it has none."""

    hub: Hub
    client_id: str = "portal"
    scope: str = "openid profile offline_access"

    def __post_init__(self) -> None:
        keys = self.hub.deps.provider._provider.keys
        if not keys.published():
            keys.promote(keys.new("RS256").kid)
        self.change()

    def change(self, **changes: Any) -> None:
        """Register the portal anew, with what is named."""
        digest = self.hub.deps.vault.digest(SECRET, purpose="client_secret")
        wanted = {
            "first_party": True,
            "secrets": (ClientSecret(digest, NOON),),
            "scopes": frozenset({"openid", "profile", "offline_access"}),
            "redirect_uris": (CALLBACK,),
            "post_logout_redirect_uris": (GOODBYE,),
            **changes,
        }
        with self.hub.deps.begin() as work:
            factories.put_client(work, factories.client(self.client_id, **wanted))

    def ask(self, browser: Browser, **request: str) -> TestResponse:
        """Send the browser with a request; no redirect is followed."""
        query = {
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": self.scope,
            "state": "s",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **request,
        }
        return browser.client.get(f"/oauth2/authorize?{urlencode(query)}", base_url=ORIGIN)

    def allow(self, browser: Browser) -> None:
        """Let who is signed in there allow what the portal asks for."""
        allow(browser, answer_in(self.ask(browser))["context"])

    def redeem(self, code: str) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self.post("/oauth2/token", {**form, "code_verifier": VERIFIER})

    def refresh(self, token: str) -> TestResponse:
        return self.post("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token})

    def tokens(self, browser: Browser) -> dict[str, str]:
        """Return the tokens of who is signed in at the browser."""
        told: dict[str, str] = self.redeem(answer_in(self.ask(browser))["code"]).json
        return told

    def userinfo(self, tokens: dict[str, str]) -> TestResponse:
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return self.hub.app.test_client().get("/oauth2/userinfo", base_url=ORIGIN, headers=headers)

    def is_served(self, tokens: dict[str, str]) -> tuple[bool, bool]:
        """Return whether the access token, and the refresh token, are still good."""
        return (
            self.userinfo(tokens).status_code == 200,
            self.refresh(tokens["refresh_token"]).status_code == 200,
        )

    def post(self, path: str, form: dict[str, str]) -> TestResponse:
        basic = b64encode(f"{self.client_id}:{SECRET}".replace(" ", "+").encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        return self.hub.app.test_client().post(path, data=form, base_url=ORIGIN, headers=headers)
