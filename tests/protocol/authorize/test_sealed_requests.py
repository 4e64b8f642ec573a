"""A request waits, sealed, for a page or for cookies, and is looked at again afterwards."""

from idp.protocol.core.replies import ErrorPage, Resume
from idp.protocol.core.requests import ProtocolRequest
from tests.protocol.hub import BROWSER, FORM, encode, error_of, response_of


def test_a_page_leads_back_to_the_portal(hub, portal):  # D3
    sealed = portal.authorize(session=None).sealed

    assert "code" in response_of(hub.provider.resume(sealed, BROWSER, hub.session))


def test_attack_SE02_a_sealed_request_is_bound_to_its_browser(hub, portal):
    sealed = portal.authorize(session=None).sealed

    reply = hub.provider.resume(sealed, "another-browser", hub.session)

    assert reply == ErrorPage("context_lost")


def test_a_sealed_request_is_good_for_two_hours(hub, portal):
    sealed = portal.authorize(session=None).sealed
    hub.move(hours=2)

    assert hub.provider.resume(sealed, BROWSER, hub.session) == ErrorPage("context_lost")


def test_a_changed_seal_does_not_open(hub, portal):
    sealed = portal.authorize(session=None).sealed

    assert hub.provider.resume(sealed[:-1] + "x", BROWSER, None) == ErrorPage("context_lost")


def test_a_long_request_travels_as_a_handle(hub, portal):
    reply = portal.authorize(session=None, state="s" * 5000)

    assert reply.sealed.startswith("row:")
    answer = response_of(hub.provider.resume(reply.sealed, BROWSER, hub.session))
    assert answer["state"] == "s" * 5000


def test_an_unknown_handle_opens_nothing(hub):
    assert hub.provider.resume("row:x", BROWSER, None) == ErrorPage("context_lost")


def test_attack_OP8_the_client_is_looked_at_again_after_a_page(hub, portal):
    sealed = portal.authorize(session=None).sealed
    portal.change(redirect_uris=("https://portal.example/new",))

    reply = hub.provider.resume(sealed, BROWSER, hub.session)

    assert reply == ErrorPage("redirect_uri_not_registered")


def test_scopes_are_looked_at_again_after_a_page(hub, portal):
    sealed = portal.authorize(session=None).sealed
    portal.change(scopes=frozenset({"openid"}))

    code = response_of(hub.provider.resume(sealed, BROWSER, hub.session))["code"]
    assert portal.redeem(code).body["scope"] == "openid"


def test_scopes_are_looked_at_again_when_the_code_is_redeemed(portal):
    code = portal.obtain_code()
    portal.change(scopes=frozenset({"openid"}))

    assert portal.redeem(code).body["scope"] == "openid"


def test_saying_no_is_told_to_the_portal(hub):  # RFC 6749 4.1.2.1
    sealed = hub.register(first_party=False).authorize().sealed

    answer = response_of(hub.provider.deny(sealed, BROWSER))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "the-state"


def posted(hub, portal, **changes):
    request = ProtocolRequest(
        method="POST",
        path="/oauth2/authorize",
        body=encode(portal.request(**changes)),
        content_type=FORM,
    )
    return hub.provider.authorize_posted(request)


def test_a_posted_request_goes_on_where_cookies_come(hub, portal):  # OIDC Core 3.1.2.1, D4
    reply = posted(hub, portal)

    assert isinstance(reply, Resume)
    answer = hub.provider.resume_posted(reply.sealed, BROWSER, hub.session)
    assert "code" in response_of(answer)


def test_a_posted_request_is_checked_at_once(hub, portal):
    assert error_of(posted(hub, portal, scope="phone")) == "invalid_scope"


def test_a_posted_request_waits_for_minutes_only(hub, portal):
    sealed = posted(hub, portal).sealed
    hub.move(minutes=5)

    assert hub.provider.resume_posted(sealed, BROWSER, None) == ErrorPage("context_lost")


def test_a_posted_seal_is_no_seal_of_a_page(hub, portal):
    sealed = posted(hub, portal).sealed

    assert hub.provider.resume(sealed, BROWSER, hub.session) == ErrorPage("context_lost")
