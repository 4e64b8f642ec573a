"""The npm package openid-client, unmodified, uses each profile of a hub over TLS."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, Key, RSAKey

from tests.e2e.conversation import talk
from tests.e2e.landing import landing
from tests.e2e.suite import Suite

pytestmark = pytest.mark.slow


def browser_of(suite: Suite) -> Callable[[str], str]:
    """Return a browser of its own: an address goes in, what arrives at the portal comes out."""

    def open_in_the_browser(address: str) -> str:
        walk = suite.sign_in(suite.walk(), address)
        if walk.here.startswith(suite.issuer):
            form = next(form for form in walk.page.forms if form.action.endswith("/callback"))
            return json.dumps({"address": form.action, "form": form.values})
        return json.dumps({"address": walk.here})

    return open_in_the_browser


def completes(suite: Suite, folder: Path, profile: str, *keys: Key, **metadata: Any) -> list[str]:
    """Register a portal for the profile and return what it completed."""
    with landing() as address:
        client_id = f"npm-{profile.replace(' ', '-').replace('_', '-').lower()}"
        registered: dict[str, Any] = {
            "redirect_uris": [f"{address}/callback"],
            "scope": ["openid", "profile"],
            **metadata,
        }
        if keys:
            registered["jwks"] = {"keys": [key.as_dict(private=False) for key in keys]}
        secret = suite.register(client_id, **registered)
        portal = {
            "metadata": {"client_id": client_id, **registered},
            "secret": secret,
            "keys": {key.as_dict()["use"]: key.as_dict(private=True) for key in keys},
        }
        (folder / "portal.json").write_text(json.dumps(portal), "utf-8")
        arguments = [suite.issuer, profile, str(folder / "portal.json")]
        return talk(
            "openid_client_profiles.mjs", arguments, {"OPEN": browser_of(suite)}, **suite.trust
        )


def test_the_hybrid_flow_gives_it_a_code_and_an_id_token(suite: Suite, tmp_path: Path):
    said = completes(
        suite,
        tmp_path,
        "hybrid",
        grant_types=["authorization_code", "implicit"],
        response_types=["code id_token"],
    )
    assert said == ["tokens", "userinfo"]


def test_the_answer_comes_to_it_as_a_posted_form(suite: Suite, tmp_path: Path):
    assert completes(suite, tmp_path, "form_post") == ["tokens", "userinfo"]


def test_its_signed_request_object_is_taken_by_value(suite: Suite, tmp_path: Path):
    key = ECKey.generate_key("P-256", {"kid": "k1", "use": "sig", "alg": "ES256"})
    said = completes(suite, tmp_path, "request object", key, request_object_signing_alg="ES256")
    assert said == ["tokens", "userinfo"]


@pytest.mark.parametrize("enc", ["A256GCM", "A128CBC-HS256"])
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "ECDH-ES"])
def test_it_decrypts_the_id_token(suite: Suite, tmp_path: Path, alg: str, enc: str):
    about = {"kid": "k2", "use": "enc", "alg": alg}
    is_rsa = alg == "RSA-OAEP-256"
    key = RSAKey.generate_key(2048, about) if is_rsa else ECKey.generate_key("P-256", about)
    said = completes(
        suite,
        tmp_path,
        f"encrypted {alg} {enc}",
        key,
        id_token_encrypted_response_alg=alg,
        id_token_encrypted_response_enc=enc,
    )
    assert said == ["tokens", "decryption", "userinfo"]
