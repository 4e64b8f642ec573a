"""Registration and keys as the dynamic provider test plan uses them (modules of oidcc-*)."""

import json
from base64 import urlsafe_b64encode

import pytest

from idp.protocol.core.features import WhoRegisters
from tests import factories
from tests.domain.clients.test_png import PICTURE
from tests.fakes import NOON
from tests.protocol.hub import (
    ASSERTION_TYPE,
    CALLBACK,
    ISSUER,
    Portal,
    basic,
    key_pair,
    read_header,
    response_of,
    sign,
)

JWKS_URI = "https://portal.example/jwks"
REQUEST_URI = "https://portal.example/request#fragment"
WITHOUT_PKCE = {"code_challenge": None, "code_challenge_method": None}
ALL = "openid profile email address phone offline_access"


@pytest.fixture
def hub(hub):
    """As config/conformance.toml switches it."""
    hub.switch_on(
        implicit=True,
        hybrid=True,
        unsigned_request_objects=True,
        without_pkce=True,
        registration=WhoRegisters.ANYBODY,
        suite=True,
    )
    return hub


class SuiteClient:
    """A client as the suite registers one: its keys by value, no PKCE."""

    def __init__(self, hub, **metadata):
        self.hub = hub
        key = key_pair("RSA").as_dict(private=False)
        key.pop("kid", None)
        whole = {
            "client_name": "the suite",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "jwks": {"keys": [key]},
            "contacts": ["certification@oidf.org"],
            **metadata,
        }
        self.reply = hub.register_itself({k: v for k, v in whole.items() if v is not None})
        self.told = self.reply.body
        if self.reply.status == 201:
            self.portal = Portal(hub, self.stored)
            consent(hub, self.portal.client_id)

    @property
    def stored(self):
        with self.hub.at.begin(read_only=True) as work:
            return work.clients.find(self.told["client_id"])

    def authorize(self, **changes):
        whole = {"scope": "openid", **WITHOUT_PKCE, **changes}
        return response_of(self.portal.authorize(**whole))

    def redeem(self, code, **form):
        whole = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **form}
        secret = self.told.get("client_secret")
        headers = {"authorization": basic(self.told["client_id"], secret)} if secret else {}
        return self.portal.token(headers, **whole)


def unsigned(claims):
    parts = [json.dumps(one).encode() for one in ({"alg": "none"}, claims)]
    return ".".join([*(urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts), ""])


def consent(hub, client_id):
    given = factories.consent(client_id=client_id, scopes=frozenset(ALL.split()))
    with hub.at.begin() as work:
        work.consents.save(given)


def assertion(client_id, audience, key, number="1", kid=None):
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "jti": f"jti-{number}"}
    now = int(NOON.timestamp())
    return sign({**claims, "iat": now, "exp": now + 60}, key, kid=kid)


def test_every_dynamic_module_registers_and_signs_in(hub):  # oidcc-server
    client = SuiteClient(hub)

    assert client.reply.status == 201
    assert client.told["client_secret_expires_at"] == 0
    assert client.told["registration_client_uri"].startswith(f"{ISSUER}/")
    assert client.redeem(client.authorize()["code"]).status == 200


def test_unregistering_answers_204(hub):  # UnregisterDynamicallyRegisteredClient
    told = SuiteClient(hub).told
    token = told["registration_access_token"]

    assert hub.manage("DELETE", told["client_id"], token).status == 204


def test_redirect_uri_regfrag(hub):  # oidcc-redirect-uri-regfrag
    reply = SuiteClient(hub, redirect_uris=[f"{CALLBACK}#foobar=hello"]).reply

    assert (reply.status, reply.body["error"]) == (400, "invalid_redirect_uri")


def test_registration_logo_policy_and_tos_uri(hub):
    # oidcc-registration-logo-uri, oidcc-registration-policy-uri, oidcc-registration-tos-uri
    logo = "https://portal.example/images/openid.png"
    hub.web.pages[logo] = PICTURE
    papers = {"policy_uri": "https://portal.example/login.html", "tos_uri": "https://openid.net"}
    client = SuiteClient(hub, logo_uri=logo, **papers)

    assert client.told["logo_uri"] == logo
    assert client.stored.logo_version
    assert (client.stored.policy_uri, client.stored.tos_uri) == tuple(papers.values())


def test_registration_jwks_uri(hub):  # oidcc-registration-jwks-uri
    key = key_pair("RSA", 1)
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [key.as_dict(private=False)]}).encode()
    client = SuiteClient(
        hub, jwks=None, jwks_uri=JWKS_URI, token_endpoint_auth_method="private_key_jwt"
    )
    shown = assertion(client.told["client_id"], f"{ISSUER}/oauth2/token", key)

    reply = client.redeem(
        client.authorize()["code"], client_assertion=shown, client_assertion_type=ASSERTION_TYPE
    )
    assert reply.status == 200


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/oauth2/token"])
def test_client_assertion_names_issuer_or_token_endpoint(hub, audience):
    # oidcc-ensure-client-assertion-with-iss-aud-succeeds; the key by value lacks its kid
    client = SuiteClient(hub, token_endpoint_auth_method="private_key_jwt")
    shown = assertion(client.told["client_id"], audience, key_pair("RSA"), kid="not-registered")

    reply = client.redeem(
        client.authorize()["code"], client_assertion=shown, client_assertion_type=ASSERTION_TYPE
    )
    assert reply.status == 200


def test_registration_sector_uri(hub):  # oidcc-registration-sector-uri
    address = "https://sector.example/sector.json"
    hub.web.pages[address] = json.dumps([CALLBACK]).encode()
    client = SuiteClient(hub, sector_identifier_uri=address)

    assert client.reply.status == 201
    assert client.stored.sector == "sector.example"


def test_registration_sector_bad(hub):  # oidcc-registration-sector-bad
    address = "https://sector.example/sector.json"
    hub.web.pages[address] = json.dumps(["https://portal.example/other"]).encode()
    reply = SuiteClient(hub, sector_identifier_uri=address).reply

    assert (reply.status, reply.body["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize("asked", [None, "RS256"])
def test_idtoken_signature_and_rs256(hub, asked):
    # oidcc-idtoken-signature, oidcc-idtoken-rs256
    client = SuiteClient(hub, id_token_signed_response_alg=asked)
    id_token = client.redeem(client.authorize()["code"]).body["id_token"]
    header = read_header(id_token)

    assert header["alg"] == "RS256"
    assert header["kid"] in [key["kid"] for key in hub.provider_keys()]


def test_idtoken_unsigned_is_not_offered(hub):  # oidcc-idtoken-unsigned: skipped by discovery
    metadata = json.loads(hub.provider.discovery().content)

    assert "none" not in metadata["id_token_signing_alg_values_supported"]


def test_3rd_party_init_login(hub):  # oidcc-3rd_party-init-login
    start = "https://portal.example/initiate_login_uri"
    told = SuiteClient(hub, initiate_login_uri=start).told
    read = hub.manage("GET", told["client_id"], told["registration_access_token"])

    assert told["initiate_login_uri"] == start
    assert (read.status, read.body["initiate_login_uri"]) == (200, start)


def test_3rd_party_init_login_nohttps(hub):  # oidcc-3rd_party-init-login-nohttps
    reply = SuiteClient(hub, initiate_login_uri="http://portal.example/initiate").reply

    assert (reply.status, reply.body["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize("alg", ["none", "RS256"])
def test_request_uri(hub, alg):
    # oidcc-request-uri-unsigned, oidcc-request-uri-signed-rs256
    client = SuiteClient(hub, request_uris=[REQUEST_URI])
    named = {"scope": "openid", "state": "inside", "iss": client.told["client_id"], "aud": ISSUER}
    inside = {**client.portal.request(**named, **WITHOUT_PKCE)}
    given = {name: value for name, value in inside.items() if value is not None}
    text = unsigned(given) if alg == "none" else sign(given, key_pair("RSA"))
    hub.web.pages[REQUEST_URI.partition("#")[0]] = text.encode()

    answer = client.authorize(request_uri=REQUEST_URI, state="outside")
    assert answer["code"]
    assert answer["state"] == "inside"


def test_server_rotate_keys(hub):  # oidcc-server-rotate-keys
    before = {key["kid"] for key in hub.provider_keys()}
    hub.at.keys.new("RS256")
    after = {key["kid"] for key in hub.provider_keys()}

    assert before < after


def test_refresh_token_rp_key_rotation(hub):  # oidcc-refresh-token-rp-key-rotation
    first, second = key_pair("RSA", 1), key_pair("RSA", 2)
    publish(hub, first, "first")
    client = SuiteClient(
        hub, jwks=None, jwks_uri=JWKS_URI, token_endpoint_auth_method="private_key_jwt"
    )
    client_id = client.told["client_id"]
    shown = {"client_assertion_type": ASSERTION_TYPE}
    shown["client_assertion"] = assertion(client_id, ISSUER, first, "1", kid="first")
    code = client.authorize(scope="openid offline_access", prompt="none")["code"]
    refresh_token = client.redeem(code, **shown).body["refresh_token"]

    publish(hub, second, "second")
    shown["client_assertion"] = assertion(client_id, ISSUER, second, "2", kid="second")
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}

    assert client.portal.token({}, **form, **shown).status == 200


def publish(hub, key, kid):
    public = key.as_dict(private=False) | {"kid": kid}
    hub.web.pages[JWKS_URI] = json.dumps({"keys": [public]}).encode()
