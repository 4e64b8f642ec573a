"""RP-initiated logout and logout tokens: attacks L01 to L05, X04."""

from dataclasses import replace

import pytest

from idp.domain.clients.client import ClientState, SelfRegistration
from idp.protocol.core.replies import AskReturn, AskSignOut, ErrorPage, Redirect
from idp.protocol.core.requests import ProtocolRequest
from tests import factories
from tests.protocol.hub import FORM, ISSUER, encode, key_pair, read_claims, read_header, sign
from tests.protocol.token.test_token_kinds import Ended

GOODBYE = "https://portal.example/goodbye"


@pytest.fixture
def hint(portal):
    return portal.obtain_tokens()["id_token"]


def ask(hub, **parameters):
    request = ProtocolRequest(method="GET", path="/oauth2/end_session", query=encode(parameters))
    return hub.provider.end_session(request)


def after(hub, reply, session="own"):
    assert isinstance(reply, AskSignOut), reply
    ended = hub.session if session == "own" else session
    return hub.provider.signed_out(reply.sealed, ended)


def test_a_hint_leads_back_to_the_portal(hub, hint):  # RP-Initiated Logout 2, 3
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE, state="a b&c")

    assert after(hub, reply) == Redirect(GOODBYE + "?state=a%20b%26c")


def test_no_state_is_made_up(hub, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply) == Redirect(GOODBYE)


def test_the_same_by_POST(hub, hint):  # RP-Initiated Logout 2
    request = ProtocolRequest(
        method="POST",
        path="/oauth2/end_session",
        body=encode({"id_token_hint": hint, "post_logout_redirect_uri": GOODBYE}),
        content_type=FORM,
    )

    assert after(hub, hub.provider.end_session(request)) == Redirect(GOODBYE)


def test_with_nobody_signed_in_the_hint_is_enough(hub, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply, None) == Redirect(GOODBYE)


@pytest.mark.parametrize("parameters", [{}, {"state": "x"}, {"client_id": "portal"}], ids=str)
def test_attack_L01_a_bare_request_asks_and_ends_here(hub, portal, parameters):
    assert after(hub, ask(hub, **parameters)) is None


def test_attack_L01_an_address_without_a_hint_is_not_gone_to(hub, portal):  # no-id-token-hint
    reply = ask(hub, post_logout_redirect_uri=GOODBYE, client_id="portal")

    assert after(hub, reply) is None


def unhinted(hub, **parameters):
    """Where a citizen goes who was asked after a request without a hint."""
    reply = ask(hub, **{"post_logout_redirect_uri": GOODBYE, "client_id": "portal", **parameters})
    return hub.provider.signed_out(reply.sealed, hub.session, was_asked=True)


def test_after_a_click_a_named_client_has_a_way_back(hub, portal):  # RP-Initiated Logout 2, 3
    assert unhinted(hub, state="s") == AskReturn(Redirect(f"{GOODBYE}?state=s"), portal.client)


@pytest.mark.parametrize(
    "parameters",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": None},
    ],
    ids=str,
)
def test_attack_L02_an_address_of_nobody_is_no_way_back(hub, portal, parameters):
    assert unhinted(hub, **parameters) is None


def test_attack_L02_a_suspended_client_has_no_way_back(hub, portal):
    portal.change(state=ClientState.SUSPENDED)

    assert unhinted(hub) is None


@pytest.mark.parametrize(
    "uri",
    [GOODBYE + "?x=1", GOODBYE + "/", "https://evil.example/", "javascript:alert(1)"],
)
def test_attack_X04_only_registered_addresses_are_gone_to(hub, hint, uri):  # RP-Initiated 3
    assert isinstance(ask(hub, id_token_hint=hint, post_logout_redirect_uri=uri), ErrorPage)


def test_attack_L02_a_hint_of_somebody_else_leads_nowhere(hub, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    somebody = factories.session("session-2", account_id="account-2")

    assert after(hub, reply, somebody) is None


def test_attack_L03_an_expired_hint_is_good(hub, hint):  # RP-Initiated Logout 4
    hub.move(days=30)

    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply) == Redirect(GOODBYE)


def test_attack_L03_a_hint_of_a_retired_key_is_good(hub, hint):
    key = hub.key_store.files["key-RS256"]
    hub.key_store.write(replace(key, state="retired", retired_at=hub.clock()))
    hub.move(seconds=5)

    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply) == Redirect(GOODBYE)


def test_attack_L04_a_hint_of_another_client_is_an_error(hub, hint):  # RP-Initiated Logout 2
    hub.register(client_id="other")

    assert isinstance(ask(hub, id_token_hint=hint, client_id="other"), ErrorPage)


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"aud": ["portal"]}, True),
        ({"aud": ["portal", "other"]}, False),
        ({"aud": 5}, False),
        ({"iss": "https://evil.example"}, False),
        ({"sub": 5}, False),
    ],
    ids=str,
)
def test_attack_L04_a_hint_must_be_right_in_everything(hub, hint, changes, is_good):
    key = hub.at.keys.signer("RS256").key
    changed = sign({**read_claims(hint), **changes}, key, kid="key-RS256", typ="JWT")

    assert isinstance(ask(hub, id_token_hint=changed), AskSignOut) is is_good


def test_attack_J01_a_hint_of_a_stranger_is_an_error(hub, hint):
    forged = sign(read_claims(hint), key_pair("RSA", 9), kid="key-RS256", typ="JWT")

    assert isinstance(ask(hub, id_token_hint=forged), ErrorPage)


def test_a_wish_is_good_for_an_hour(hub, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    hub.move(hours=1)

    assert after(hub, reply) is None


@pytest.mark.parametrize("sealed", ["", "x", "k1.AAAA"])
def test_a_made_up_wish_leads_nowhere(hub, sealed):
    assert hub.provider.signed_out(sealed, None) is None


def test_an_address_that_was_taken_back_is_not_gone_to(hub, portal, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    portal.change(post_logout_redirect_uris=())

    assert after(hub, reply) is None


def test_attack_L05_a_logout_token_says_what_it_must(hub, portal, hint):  # Back-Channel 2.4
    token = hub.provider.logout_token(Ended(portal.client), hub.clock())

    claims = read_claims(token)
    assert read_header(token)["typ"] == "logout+jwt"
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (claims["iss"], claims["aud"]) == (ISSUER, "portal")
    assert claims["exp"] - claims["iat"] == 120


def test_a_logout_token_names_person_and_session_as_the_id_token_did(hub, portal, hint):
    claims = read_claims(hub.provider.logout_token(Ended(portal.client), hub.clock()))

    told = read_claims(hint)
    assert (claims["sub"], claims["sid"]) == (told["sub"], told["sid"])


def asks(hub, reply, session="own"):
    return hub.provider.must_ask_sign_out(
        reply.sealed, hub.session if session == "own" else session
    )


def test_a_hint_of_this_session_signs_out_at_once(hub, hint):
    assert not asks(hub, ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE))


@pytest.mark.parametrize("parameters", [{}, {"state": "x"}, {"client_id": "portal"}], ids=str)
def test_attack_L01_without_a_hint_somebody_is_asked(hub, portal, parameters):
    assert asks(hub, ask(hub, **parameters))


def test_a_hint_without_an_address_to_go_to_asks(hub, hint):
    assert asks(hub, ask(hub, id_token_hint=hint))


def test_attack_L08_a_hint_of_another_session_asks(hub, hint):
    later = hub.sign_in("session-2")

    assert asks(hub, ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE), later)


def test_attack_L08_a_hint_older_than_a_session_can_be_asks(hub, hint):
    hub.move(hours=12, seconds=1)

    assert asks(hub, ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE))


def test_attack_L08_a_hint_that_names_no_session_asks(hub, hint):
    claims = {name: value for name, value in read_claims(hint).items() if name != "sid"}
    key = hub.at.keys.signer("RS256").key
    unnamed = sign(claims, key, kid="key-RS256", typ="JWT")

    assert asks(hub, ask(hub, id_token_hint=unnamed, post_logout_redirect_uri=GOODBYE))


def test_whoever_was_asked_goes_back_with_an_old_hint_too(hub, hint):
    later = hub.sign_in("session-2")
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply, later) == Redirect(GOODBYE)


def test_attack_L07_a_portal_that_nobody_reviewed_asks(hub, portal, hint):
    portal.change(registration=SelfRegistration(()))

    assert asks(hub, ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE))


@pytest.mark.parametrize("session", ["own", None], ids=["signed in", "nobody"])
def test_attack_L07_nobody_is_sent_to_it(hub, portal, hint, session):
    portal.change(registration=SelfRegistration(()))
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert after(hub, reply, session) == AskReturn(Redirect(GOODBYE), portal.client)


def test_a_portal_that_an_administrator_reviewed_is_as_any_other(hub, portal, hint):
    portal.change(registration=SelfRegistration((), is_reviewed=True))
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert not asks(hub, reply)
    assert after(hub, reply) == Redirect(GOODBYE)


def test_a_suites_own_clients_come_back_at_once(hub, portal, hint):
    portal.change(registration=SelfRegistration(()))
    hub.switch_on(suite=True)
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)

    assert not asks(hub, reply)
    assert after(hub, reply) == Redirect(GOODBYE)


def test_nobody_is_sent_to_a_suspended_portal(hub, portal, hint):
    reply = ask(hub, id_token_hint=hint, post_logout_redirect_uri=GOODBYE)
    portal.change(state=ClientState.SUSPENDED)

    assert asks(hub, reply)
    assert after(hub, reply) is None
