"""The protocol's endpoints over HTTP: cookies, headers, redirects."""

import re
from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from idp.domain.clients.client import ClientSecret
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.fakes import NOON
from tests.web.hub import ORIGIN, Hub

VERIFIER = "v" * 50
CALLBACK = "https://portal.example/callback"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = {"Authorization": "Basic " + b64encode(b"portal:secret").decode()}
AUTHORIZE, TOKEN = "/oauth2/authorize", "/oauth2/token"


@pytest.fixture
def web(hub: Hub) -> FlaskClient:
    """A browser without a session, at a hub with a signing key and a first-party portal."""
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    digest = hub.deps.vault.digest("secret", purpose="client_secret")
    with hub.deps.begin() as work:
        factories.put_client(
            work,
            factories.client(
                first_party=True,
                secrets=(ClientSecret(digest, NOON),),
                post_logout_redirect_uris=("https://portal.example/goodbye",),
            ),
        )
        work.accounts.add(factories.account())
    return hub.app.test_client()


@pytest.fixture
def signed_in(hub: Hub, web: FlaskClient) -> FlaskClient:
    """The same browser, with a session."""
    with hub.deps.begin() as work:
        proof = Proof(hub.clock(), factories.ACR_PASSWORD, ("pwd",))
        opened = hub.deps.sessions.open(work, factories.account(), proof)
    web.set_cookie("hub_session", opened.token, domain="127.0.0.1")
    return web


def request(**changes):
    return {
        "client_id": "portal",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "the state+",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }


def get(web, path=AUTHORIZE, headers=None, **query):
    return web.get(path, query_string=urlencode(query), base_url=ORIGIN, headers=headers)


def post(web, path, form, headers=None):
    return web.post(path, data=form, base_url=ORIGIN, headers=headers)


def follow(web, answer):
    return web.get(answer.location, base_url=ORIGIN)


def answer_in(location):
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def tokens_of(web):
    code = answer_in(get(web, **request()).location)["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return post(web, TOKEN, form, BASIC)


def test_with_a_session_one_request_leads_back(signed_in):  # D4
    answer = get(signed_in, **request())

    assert answer.status_code == 303
    assert answer.location.startswith(CALLBACK + "?code=")
    assert answer_in(answer.location)["state"] == "the state+"


def test_a_stranger_is_sent_to_the_login_page(web):
    answer = get(web, **request())

    assert urlsplit(answer.location).path == "/login"
    assert follow(web, answer).status_code == 200


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"prompt": "create"}, "/register"),
        ({"prompt": "login"}, "/login"),
    ],
)
def test_each_step_has_its_page(web, query, path):
    answer = get(web, **request(**query))

    assert urlsplit(answer.location).path == path
    assert follow(web, answer).status_code == 200


def test_a_second_step_and_a_consent_have_their_pages(hub, signed_in):
    stronger = get(signed_in, **request(acr_values=factories.ACR_PASSWORD + "-otp"))
    with hub.deps.begin() as work:
        factories.put_client(work, factories.client("third", name="دیگری"))
    consent = get(signed_in, **request(client_id="third"))

    assert urlsplit(stronger.location).path == "/login/second-step"
    assert urlsplit(consent.location).path == "/consent"
    assert follow(signed_in, consent).status_code == 200


def test_a_post_sets_no_cookie_and_reads_none(signed_in):  # D4
    answer = post(signed_in, AUTHORIZE, request(), {"Origin": "https://portal.example"})

    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert follow(signed_in, answer).location.startswith(CALLBACK + "?code=")


def test_a_lost_request_says_so(web):
    page = get(web, "/oauth2/authorize/resume", context="x")

    assert page.status_code == 400
    assert "مهلت این صفحه" in page.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "nobody"}, "شناخته‌شده نیست"),
        ({"redirect_uri": "https://evil.example/"}, "ثبت نشده است"),
        ({"redirect_uri": ""}, "به کجا بازگردید"),
        ({"client_id": "\x00"}, "درست نیست یا منقضی شده است"),
    ],
    ids=str,
)
def test_attack_X03_errors_before_the_address_is_known_are_pages(web, changes, words):
    page = get(web, **request(**changes))

    assert page.status_code == 400
    assert words in page.text
    assert not re.search(r'(href|src|action|url)="?[^">]*evil\.example', page.text)


def test_unknown_parameters_that_are_no_text_are_ignored(web):  # RFC 6749 3.1
    good = urlencode(request())
    unknown = "x=%ff%00&opt[]=1&opt[]=2&%=%&x=%e2%80%8c"

    by_get = web.get(f"{AUTHORIZE}?{good}&{unknown}", base_url=ORIGIN)
    by_post = web.post(
        AUTHORIZE,
        data=f"{good}&{unknown}",
        base_url=ORIGIN,
        content_type="application/x-www-form-urlencoded",
    )

    assert urlsplit(by_get.location).path == "/login"
    assert urlsplit(by_post.location).path == "/oauth2/authorize/resume"


def test_a_code_becomes_tokens_and_tokens_tell_who_it_is(signed_in):
    tokens = tokens_of(signed_in)
    told = get(
        signed_in,
        "/oauth2/userinfo",
        headers={"Authorization": f"Bearer {tokens.json['access_token']}"},
    )

    assert tokens.headers["Cache-Control"] == "no-store"  # RFC 6749 5.1
    assert told.json["given_name"] == "محمد رضا"


def test_the_token_endpoint_answers_POST_only(web):
    assert get(web, TOKEN).status_code == 405


def test_a_failed_client_gets_a_challenge(web):  # RFC 6749 5.2
    answer = post(web, TOKEN, {"grant_type": "x", "client_id": "portal"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", ["/oauth2/introspect", "/oauth2/revoke"])
def test_machine_endpoints_need_no_form_token(web, path):
    assert post(web, path, {"token": "x"}, BASIC).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth2/jwks",
    ],
)
def test_documents_are_cached_and_named(web, path):
    first = get(web, path)
    again = get(web, path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"].startswith("public, max-age=")
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/oauth2/jwks"])
def test_documents_are_the_same_for_everybody(signed_in, path):
    """A cache between hub and portals may keep one copy for all."""
    document = get(signed_in, path)

    assert "Vary" not in document.headers
    assert "Set-Cookie" not in document.headers


def test_an_empty_answer_names_no_media_type(web):  # RFC 7009 2.2: libraries look at it
    answer = post(web, "/oauth2/revoke", {"token": "unknown"}, BASIC)

    assert (answer.status_code, answer.data) == (200, b"")
    assert "Content-Type" not in answer.headers


def test_attack_L01_a_bare_address_signs_nobody_out(signed_in):  # RP-Initiated Logout 6
    page = follow(signed_in, get(signed_in, "/oauth2/end_session"))

    assert page.status_code == 200
    assert "code" in answer_in(get(signed_in, **request()).location)


def test_attack_L06_a_hint_of_somebody_ends_nobodys_session_but_ones_own(hub, signed_in):
    hint = tokens_of(signed_in).json["id_token"]
    stranger = hub.app.test_client()
    asked = get(stranger, "/oauth2/end_session", id_token_hint=hint)

    follow(stranger, asked)

    assert "code" in answer_in(get(signed_in, **request()).location)


def test_a_portal_that_asked_gets_the_browser_back_after_its_frame(hub, signed_in):
    hint = tokens_of(signed_in).json["id_token"]
    with hub.deps.begin() as work:
        portal = work.clients.find("portal")
        factories.put_client(
            work, replace(portal, frontchannel_logout_uri="https://portal.example/out")
        )
    goodbye = "https://portal.example/goodbye"
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": goodbye, "state": "s"}
    left = follow(signed_in, get(signed_in, "/oauth2/end_session", **asked))
    page = follow(signed_in, left)
    assert page.headers["Refresh"] == f"2;url={goodbye}?state=s"
    assert f'href="{goodbye}?state=s"' in page.text
    assert 'src="https://portal.example/out?iss=' in page.text


LOGIN_HINT = "0012345679"


@pytest.mark.parametrize("wrong", [{}, {"max_age": "x"}, {"client_id": "nobody"}], ids=str)
def test_the_login_hint_is_in_no_log_and_no_address(web, capfd, caplog, wrong):  # OIDC Core 16
    caplog.set_level("DEBUG")
    with capture_logs() as logs:
        answer = get(web, **request(login_hint=LOGIN_HINT, **wrong))
        if answer.location and "/login" in answer.location:
            assert LOGIN_HINT in follow(web, answer).text

    written = "".join([*capfd.readouterr(), caplog.text, repr(logs), str(answer.location)])
    assert LOGIN_HINT not in written


def test_a_posted_request_ends_like_any_other(signed_in):  # OIDC Core 3.1.2.1, D4
    posted = post(signed_in, AUTHORIZE, request(prompt="none"))

    assert answer_in(follow(signed_in, posted).location).keys() == {"code", "iss", "state"}


def test_a_posted_mistake_is_told_with_issuer_and_state(web):  # RFC 9207 2
    told = answer_in(post(web, AUTHORIZE, request(max_age="x")).location)

    assert (told["error"], told["iss"], told["state"]) == (
        "invalid_request",
        "http://127.0.0.1:8000",
        "the state+",
    )


def test_a_wish_to_sign_out_by_post_reads_no_cookie(signed_in):  # RP-Initiated Logout 2
    answer = post(
        signed_in, "/oauth2/end_session", {"state": "x"}, {"Origin": "https://portal.example"}
    )

    assert urlsplit(answer.location).path.startswith("/logout")
    assert "Set-Cookie" not in answer.headers


def test_attack_D05_a_network_asks_so_often_a_minute(make_hub):
    hub = make_hub("[protection]\nnetwork_limits = true\n")
    web = hub.app.test_client()
    statuses = [get(web, client_id="nobody").status_code for _ in range(121)]

    assert statuses == [400] * 120 + [429]


def test_attack_H01_the_host_header_changes_nothing(signed_in):
    answer = signed_in.get(
        "/.well-known/openid-configuration",
        base_url=ORIGIN,
        headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
    )

    assert answer.json["issuer"] == ORIGIN
