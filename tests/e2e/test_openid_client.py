"""The npm package openid-client, unmodified, is a portal of the running hub."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from tests.e2e.citizens import Citizen
from tests.e2e.conversation import talk
from tests.e2e.demo import Demo
from tests.e2e.landing import landing
from tests.e2e.people import person
from tests.e2e.toml import toml_of

pytestmark = pytest.mark.slow

STEPS = [
    *("discovery", "code and PKCE", "userinfo", "refresh", "introspection", "revocation"),
    "logout",
]


@pytest.mark.parametrize(
    ("method", "persona"),
    [("client_secret_basic", "physician"), ("private_key_jwt", "ok_sayyid")],
)
def test_openid_client_completes_everything(demo: Demo, tmp_path: Path, method: str, persona: str):
    citizen = Citizen(demo, person(persona))
    citizen.register()
    with landing() as address:
        portal = registered(demo, tmp_path, method, address)
        assert conversation(demo, citizen, portal) == STEPS


def registered(demo: Demo, folder: Path, method: str, address: str) -> Path:
    """Register the portal with ``idp clients register``; return what its process needs to know."""
    client_id = f"npm-{method.replace('_', '-')}"
    metadata: dict[str, Any] = {
        "client_id": client_id,
        "client_name": "openid-client",
        "first_party": True,
        "redirect_uris": [f"{address}/callback"],
        "post_logout_redirect_uris": [f"{address}/goodbye"],
        "token_endpoint_auth_method": method,
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": ["openid", "profile", "national_id", "offline_access"],
    }
    private_key = None
    if method == "private_key_jwt":
        key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
        private_key = key.as_dict(private=True)
        metadata["jwks"] = {"keys": [key.as_dict(private=False)]}
        metadata["token_endpoint_auth_signing_alg"] = "ES256"
    file = folder / f"{client_id}.toml"
    file.write_text(toml_of(metadata), "utf-8")
    done = json.loads(demo.idp("clients", "register", str(file), "--json"))
    secret = done[0]["client_secret"]
    demo.secrets |= {secret} if secret else set()
    known = folder / "portal.json"
    known.write_text(
        json.dumps({"metadata": metadata, "secret": secret, "privateKey": private_key}), "utf-8"
    )
    return known


def conversation(demo: Demo, citizen: Citizen, portal: Path) -> list[str]:
    """Be the portal's browser until it has finished; return what it completed."""

    def open_in_the_browser(address: str) -> str:
        citizen.sign_in(address)
        return citizen.walk.here

    def keep(secrets: str) -> None:
        demo.secrets.update(json.loads(secrets))

    answers = {"OPEN": open_in_the_browser, "SECRETS": keep}
    return talk("openid_client.mjs", [demo.hub, str(portal)], answers)
