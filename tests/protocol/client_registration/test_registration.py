"""Clients register themselves (RFC 7591, OIDC Registration 1.0)."""

import json
import re
from dataclasses import replace

import pytest

from idp.protocol.core import endpoints
from idp.protocol.core.features import WhoRegisters
from tests import factories
from tests.domain.clients.test_png import PICTURE
from tests.protocol.hub import (
    CALLBACK,
    FORM,
    ISSUER,
    VERIFIER,
    Portal,
    basic,
    json_request,
    key_pair,
)

REDIRECTS = {"redirect_uris": [CALLBACK]}
SECTOR = "https://sector.example/list.json"
LOGO = "https://portal.example/logo.png"


@pytest.fixture
def hub(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY)
    return hub


def registered(hub, **metadata):
    reply = hub.register_itself({**REDIRECTS, **metadata})
    assert reply.status == 201, reply.body
    return reply.body


def refused(hub, **metadata):
    reply = hub.register_itself({**REDIRECTS, **metadata})
    assert reply.status == 400, reply.body
    return reply.body["error"]


def find(hub, client_id):
    with hub.at.begin(read_only=True) as work:
        return work.clients.find(client_id)


def consented(hub, portal):
    given = factories.consent(client_id=portal.client_id, scopes=frozenset({"openid"}))
    with hub.at.begin() as work:
        work.consents.save(given)


def left_of(hub):
    with hub.at.begin(read_only=True) as work:
        return [one.uses_left for one in work.invitations.list()]


def test_a_registered_client_signs_somebody_in(hub):  # RFC 7591 3.2.1
    told = registered(hub)
    portal = Portal(hub, find(hub, told["client_id"]))
    consented(hub, portal)
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    form |= {"code": portal.obtain_code(scope="openid"), "code_verifier": VERIFIER}

    reply = portal.token({"authorization": basic(portal.client_id, told["client_secret"])}, **form)

    assert reply.body["id_token"]


def test_the_answer_says_everything_that_is_registered(hub):  # RFC 7591 3.2.1
    told = registered(hub, client_name="سامانه", contacts=["it@portal.example"])

    assert told["client_name"] == "سامانه"
    assert told["contacts"] == ["it@portal.example"]
    assert told["redirect_uris"] == [CALLBACK]


def test_what_is_left_out_gets_its_default(hub):  # RFC 7591 2, OIDC Registration 2
    told = registered(hub)

    assert told["token_endpoint_auth_method"] == "client_secret_basic"
    assert told["response_types"] == ["code"]
    assert told["grant_types"] == ["authorization_code"]
    assert told["application_type"] == "web"
    assert told["id_token_signed_response_alg"] == "RS256"


def test_a_secret_comes_with_its_end(hub):  # RFC 7591 3.2.1
    assert registered(hub)["client_secret_expires_at"] == 0


def test_a_public_client_gets_no_secret(hub):
    told = registered(hub, token_endpoint_auth_method="none")

    assert not {"client_secret", "client_secret_expires_at"} & told.keys()


def test_the_answer_is_kept_nowhere(hub):  # RFC 7591 3.2.1
    assert hub.register_itself(REDIRECTS).headers["Cache-Control"] == "no-store"


def test_a_client_gets_openid_alone(hub):
    told = registered(hub, scope="openid profile national_id")

    assert told["scope"] == "openid"
    assert find(hub, told["client_id"]).scopes == {"openid"}


def test_a_suites_client_gets_the_standard_scopes(hub):
    hub.switch_on(registration=WhoRegisters.ANYBODY, suite=True)

    assert registered(hub)["scope"] == "address email offline_access openid phone profile"
    assert registered(hub, scope="openid email national_id")["scope"] == "email openid"


@pytest.mark.parametrize(
    "member",
    [
        {"first_party": True},
        {"auth_audience_token_endpoint": True},
        {"require_pkce": False},
        {"sector": "insurance.example"},
        {"introspection_audience": ["https://api.example"]},
        {"client_id": "insurance-records"},
        {"something_of_tomorrow": {"deep": [1]}},
    ],
)
def test_a_member_that_is_no_clients_to_say_is_ignored(hub, member):  # RFC 7591 2
    told = registered(hub, **member)
    plain = find(hub, registered(hub)["client_id"])
    client = find(hub, told["client_id"])

    assert not member.keys() & (told.keys() - {"client_id"})
    assert told["client_id"] != "insurance-records"
    assert (client.first_party, client.sector, client.require_pkce) == (
        plain.first_party,
        plain.sector,
        plain.require_pkce,
    )


def test_null_counts_as_left_out(hub):  # RFC 7592 2.2
    assert registered(hub, jwks_uri=None)["token_endpoint_auth_method"] == "client_secret_basic"


def test_a_client_without_a_name_is_called_by_its_host(hub):
    assert registered(hub)["client_name"] == "portal.example"


@pytest.mark.parametrize(
    "uris",
    [
        ["https://portal.example/callback#part"],
        ["http://portal.example/callback"],
        ["javascript://portal.example/%0aalert(1)"],
        ["https://*.example/callback"],
        [],
        "https://portal.example/callback",
    ],
)
def test_attack_R05_a_bad_redirect_is_refused_by_its_own_code(hub, uris):  # RFC 7591 3.2.2
    assert refused(hub, redirect_uris=uris) == "invalid_redirect_uri"


@pytest.mark.parametrize(
    "metadata",
    [
        {"response_types": ["id_token"]},
        {"grant_types": ["password"]},
        {"scope": ["openid"]},
        {"require_auth_time": "yes"},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"id_token_signed_response_alg": "none"},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": 1, "y": {}}]}},
        {"jwks": {"keys": [{"kty": "EC"}]}, "jwks_uri": "https://portal.example/jwks"},
        {"jwks_uri": "http://portal.example/jwks"},
        {"initiate_login_uri": "http://portal.example/start"},
        {"policy_uri": "javascript:alert(1)"},
        {"backchannel_logout_uri": "https://other.example/out"},
        {"client_name": "a\u202eb"},
        {"client_name": "\ud800"},
        {"contacts": ["x"] * 101},
        {"default_max_age": -1},
        {"software_id": "x", "tos_uri": 5},
    ],
)
def test_metadata_that_cannot_be_is_refused(hub, metadata):  # RFC 7591 3.2.2
    assert refused(hub, **metadata) == "invalid_client_metadata"


def test_a_private_key_is_refused(hub):  # RFC 7591 2
    private = key_pair("ES256").as_dict(private=True)

    assert refused(hub, jwks={"keys": [private]}) == "invalid_client_metadata"


def test_a_key_off_its_curve_is_refused(hub):
    off = key_pair("ES256").as_dict(private=False) | {"y": "A" * 43}

    assert refused(hub, jwks={"keys": [off]}) == "invalid_client_metadata"


def test_a_key_may_lack_its_kid(hub):
    public = key_pair("RSA").as_dict(private=False)
    public.pop("kid", None)

    assert registered(hub, jwks={"keys": [public]})["jwks"] == {"keys": [public]}


def test_a_software_statement_is_refused_clearly(hub):  # RFC 7591 3.2.2
    assert refused(hub, software_statement="e30.e30.") == "unapproved_software_statement"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"redirect_uris": NaN}', b"\xff", b"[" * 70_000, b" " * 65_537]
)
def test_a_body_that_is_no_metadata_is_refused(hub, body):
    reply = hub.register_itself(body)

    assert (reply.status, reply.body["error"]) == (400, "invalid_client_metadata")


def test_a_form_is_refused(hub):
    request = json_request("POST", endpoints.REGISTER, REDIRECTS, None)
    reply = hub.provider.register(replace(request, content_type=FORM))

    assert reply.body["error"] == "invalid_client_metadata"


def test_a_description_holds_no_quotes(hub):  # RFC 6749 5.2
    reply = hub.register_itself({"redirect_uris": ['https://portal.example/"\\سلام#']})

    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", reply.body["error_description"])


def test_a_sector_list_that_names_every_redirect_makes_the_sector(hub):  # OIDC Core 8.1
    hub.web.pages[SECTOR] = json.dumps([CALLBACK, "https://other.example/cb"]).encode()
    told = registered(
        hub, redirect_uris=[CALLBACK, "https://other.example/cb"], sector_identifier_uri=SECTOR
    )

    assert find(hub, told["client_id"]).sector == "sector.example"


@pytest.mark.parametrize("listed", [b"[]", b"{}", b"[", b'["https://portal.example/other"]', None])
def test_attack_S05_a_sector_list_without_the_redirect_is_refused(hub, listed):
    if listed is not None:
        hub.web.pages[SECTOR] = listed

    assert refused(hub, sector_identifier_uri=SECTOR) == "invalid_client_metadata"


TWO = [CALLBACK, "https://other.example/cb"]


def test_who_asks_for_pairwise_with_two_hosts_needs_a_sector_list(hub):  # OIDC Core 8.1
    asked = {"redirect_uris": TWO, "subject_type": "pairwise"}

    assert refused(hub, **asked) == "invalid_client_metadata"


@pytest.mark.parametrize("asked", [{}, {"subject_type": "public"}], ids=str)
def test_attack_J22_others_with_two_hosts_share_their_subjects_with_nobody(hub, asked):
    told = registered(hub, redirect_uris=TWO, **asked)  # OIDC Core 8.1, RFC 7591 2

    client = find(hub, told["client_id"])
    assert (client.sector, client.subject_type) == (f"client:{client.client_id}", "pairwise")


def test_a_logo_is_fetched_once_and_kept(hub):
    hub.web.pages[LOGO] = PICTURE
    told = registered(hub, logo_uri=LOGO)

    with hub.at.begin(read_only=True) as work:
        assert work.clients.find_logo(told["client_id"]) == PICTURE
    assert hub.web.asked == [LOGO]


@pytest.mark.parametrize("content", [b"<svg/>", b"", None])
def test_attack_S06_a_logo_that_is_no_picture_is_refused(hub, content):
    if content is not None:
        hub.web.pages[LOGO] = content

    assert refused(hub, logo_uri=LOGO) == "invalid_client_metadata"


def test_attack_S02_a_refusal_does_not_tell_what_the_fetcher_saw(hub):
    reply = hub.register_itself({**REDIRECTS, "logo_uri": LOGO})

    assert "FetchRefused" not in str(reply.body)
    assert LOGO not in str(reply.body)


def test_a_client_may_name_where_a_login_begins(hub):  # OIDC Core 4
    start = "https://portal.example/start"

    assert registered(hub, initiate_login_uri=start)["initiate_login_uri"] == start


class TestInvitations:
    @pytest.fixture
    def hub(self, hub):
        hub.switch_on(registration=WhoRegisters.INVITED)
        return hub

    def test_nobody_comes_without_one(self, hub):  # RFC 6750 3: no error without a token
        reply = hub.register_itself(REDIRECTS)

        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="registration"'

    def test_its_token_lets_one_client_in(self, hub):
        token = hub.invite()

        assert hub.register_itself(REDIRECTS, token).status == 201
        assert hub.register_itself(REDIRECTS, token).status == 401

    def test_a_client_says_by_which_it_came(self, hub):
        token = hub.invite()
        told = hub.register_itself(REDIRECTS, token).body

        with hub.at.begin(read_only=True) as work:
            (invitation,) = work.invitations.list()
        assert find(hub, told["client_id"]).registration.invitation == invitation.id

    def test_a_refused_registration_uses_nothing_up(self, hub):
        token = hub.invite()

        assert hub.register_itself({"redirect_uris": []}, token).status == 400
        assert left_of(hub) == [1]

    def test_it_ends(self, hub):
        token = hub.invite()
        hub.move(days=7)

        assert hub.register_itself(REDIRECTS, token).body == {"error": "invalid_token"}

    @pytest.mark.parametrize("token", ["x" * 43, "سلام", 'a"b'])
    def test_another_token_is_refused(self, hub, token):
        assert hub.register_itself(REDIRECTS, token).body == {"error": "invalid_token"}

    def test_attack_S02_nothing_is_fetched_for_who_is_not_invited(self, hub):
        hub.register_itself({**REDIRECTS, "logo_uri": LOGO}, "x" * 43)

        assert hub.web.asked == []

    def test_no_other_token_of_ours_is_one(self, hub, portal):
        tokens = portal.obtain_offline()

        for token in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
            assert hub.register_itself(REDIRECTS, token).status == 401

    def test_a_wrong_token_is_refused_where_anybody_may_come(self, hub):
        hub.switch_on(registration=WhoRegisters.ANYBODY)

        assert hub.register_itself(REDIRECTS, "x" * 43).status == 401


def test_registration_that_is_off_takes_nobody(hub):
    token = hub.invite()
    hub.switch_on()

    reply = hub.register_itself(REDIRECTS, token)
    assert (reply.status, reply.body["error"]) == (403, "access_denied")


@pytest.mark.parametrize("who", WhoRegisters)
def test_discovery_names_the_endpoint_where_somebody_may_register(hub, who):
    hub.switch_on(registration=who)
    document = json.loads(hub.provider.discovery().content)

    named = document.get("registration_endpoint") == f"{ISSUER}/oauth2/register"
    assert named == (who is not WhoRegisters.NOBODY)
