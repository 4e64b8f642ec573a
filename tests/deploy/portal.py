"""A portal of the deployment: its request, and what it gets for the code."""

from urllib.parse import parse_qs, urlencode, urlsplit

from tests.deploy.deployment import CALLBACK, Deployment
from tests.e2e.citizens import Citizen

CLIENT_ID = "my-portal"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-1"
CHALLENGE = "rsY6D1aOlgOxhJGX70Xp4LaThpl6vK0iJycy-AdWEKs"


def tokens_of(
    hub: Deployment, citizen: Citizen, secret: str, scope: str = "openid profile"
) -> dict[str, str]:
    """Let the citizen sign in at the portal; return the tokens that it gets."""
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": scope,
        "state": "s",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    citizen.sign_in(f"{hub.hub}/oauth2/authorize?{urlencode(asked)}")
    form = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(citizen.walk.session.portal_got).query)["code"][0],
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": CLIENT_ID,
        "client_secret": secret,
    }
    answer = citizen.walk.session.post(f"{hub.hub}/oauth2/token", data=form, timeout=20)
    return dict(answer.json())
