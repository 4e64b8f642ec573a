"""Where an answer may go: attacks R01 to R15."""

import re

import pytest

from tests.attack.both import at_both
from tests.attack.targets import AUTHORIZE, CALLBACK, TOKEN, parameters_of, told
from tests.protocol.hub import encode
from tests.web.hub import ORIGIN, goes_on_to
from tests.web.sign_in.walk import PASSWORD, USER, add_account, add_client, context_of, log_in

HOST = "https://portal.example"
EVIL = "https://evil.example/"
NATIVE = ["http://127.0.0.1/callback", "http://[::1]/callback"]


def refused(answer):
    """An error page of ours, from which nobody is sent anywhere.

    For the portal's developers it shows the address that is not registered, as text alone.
    """
    text = re.sub(r'<dl class="received">.*?</dl>', "", answer.text, flags=re.S)
    return answer.status_code == 400 and answer.location is None and "evil" not in text


@pytest.mark.parametrize(
    "uri",
    [
        CALLBACK + ".evil.com",
        CALLBACK + "@evil.com",
        f"{HOST}.evil.com/callback",
        f"{HOST}evil.com/callback",
    ],
)
def test_attack_R01_a_prefix_is_not_enough(ours, uri):  # RFC 9700 4.1.3
    assert refused(ours.register().ask(redirect_uri=uri))


@pytest.mark.parametrize(
    "path",
    [
        *("/callback/../evil", "/callback/%2e%2e/evil", "/callback/..%2Fevil"),
        *("/callback/%252e%252e/evil", "/callback/..;/evil", "/callback;x", "//callback"),
        *("/callback/", "/callback.", "/callback%2f", "/./callback", ".:443/callback"),
        *(":443/callback", "./callback"),
    ],
)
def test_attack_R02_a_path_is_not_resolved(ours, path):
    assert refused(ours.register().ask(redirect_uri=HOST + path))


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.example@evil.example/callback",
        "https://portal.example:443@evil.example/callback",
        "https://portal.example\\@evil.example/callback",
        "https://evil.example\\@portal.example/callback",
        "https://user:word@portal.example/callback",
        "http://127.0.0.1:80@evil.example/callback",
    ],
)
def test_attack_R03_a_host_is_not_looked_for_in_the_text(ours, uri):
    assert refused(ours.register(redirect_uris=[CALLBACK]).ask(redirect_uri=uri))


@pytest.mark.parametrize(
    "uri", ["HTTPS://portal.example/callback", "https://Portal.example/callback", CALLBACK.upper()]
)
def test_attack_R04_every_byte_counts(ours, uri):
    assert refused(ours.register().ask(redirect_uri=uri))


@pytest.mark.parametrize("uri", ["https://portalxexample/callback", f"{HOST}/callbac."])
def test_attack_R05_a_dot_is_a_dot(ours, uri):
    assert refused(ours.register().ask(redirect_uri=uri))


@pytest.mark.parametrize("uri", [f"{HOST}/*", "https://*.portal.example/callback", f"{HOST}/.*"])
def test_attack_R05_no_pattern_is_registered(ours, uri):
    assert told(ours.register_by_http(redirect_uris=[uri])) == "invalid_redirect_uri"


ODD = ["?more=1", "?", "&", "#part", "#", "\t", "\n", "\r\n", "\x00", " ", "\u200c", "аллback", "ʼ"]


@pytest.mark.parametrize("tail", ODD, ids=ascii)
def test_attack_R06_nothing_is_added(ours, tail):
    assert refused(ours.register().ask(redirect_uri=CALLBACK + tail))


@pytest.mark.parametrize("uri", [CALLBACK + '"', "https://pörtal.example/callback"])
@at_both(hub="page 400", naive="500")
def test_attack_R06_odd_characters_are_no_failure_of_ours(target, expected, uri):
    assert told(target.register().ask(redirect_uri=uri)) == expected


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51004/callback", "http://[::1]:8/callback"])
def test_attack_R07_a_native_client_chooses_the_port(ours, uri):  # RFC 8252 7.3
    native = ours.register(application_type="native", redirect_uris=NATIVE, sector="portal")

    assert native.ask(redirect_uri=uri).location.startswith(f"{uri}?code=")


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51004/other",
        "http://127.0.0.1:51004/callback/",
        "http://127.0.0.1:51004/callback?x=1",
        "http://127.0.0.2:51004/callback",
        "http://localhost:51004/callback",
        "http://localhost.evil:51004/callback",
        "http://127.0.0.1.evil.example:51004/callback",
        "http://127.0.0.1:51004@evil.example/callback",
        "http://127.0.0.1:99999999/callback",
        "http://127.0.0.1:0x10/callback",
        "https://127.0.0.1:51004/callback",
        "http://127.0.0.1:0/callback",
        "http://portal.example:51004/callback",
        "https://portal.example:51004/callback",
    ],
)
def test_attack_R07_nothing_but_the_port_is_free(ours, uri):
    addresses = [CALLBACK, *NATIVE]
    native = ours.register(application_type="native", redirect_uris=addresses, sector="portal")

    assert refused(native.ask(redirect_uri=uri))


def test_attack_R07_a_web_client_chooses_no_port(ours):
    portal = ours.register(redirect_uris=[f"{HOST}:444/callback"])

    assert refused(portal.ask(redirect_uri=f"{HOST}:445/callback"))


@pytest.mark.parametrize("given", [None, ""], ids=["absent", "empty"])
@at_both(hub="page 400", naive="code")
def test_attack_R08_no_address_is_chosen_for_a_portal(target, expected, given):
    """OIDC Core 3.1.2.1: redirect_uri is REQUIRED."""
    portal = target.register(redirect_uris=[CALLBACK, f"{HOST}/second"])

    assert told(portal.ask(redirect_uri=given)) == expected


WRONG = [
    {"client_id": "nobody"},
    {"client_id": None},
    {"response_type": "nonsense"},
    {"response_type": None},
    {"response_type": 'code"'},
    {"prompt": "nonsense"},
    {"scope": "nonsense"},
    {"max_age": "x"},
    {"response_mode": "form_post"},
    {"request": "x"},
    {"claims": "{"},
    {"id_token_hint": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_attack_R09_nothing_is_redirected_before_the_address_is_known(ours, wrong):
    assert refused(ours.register().ask(redirect_uri=EVIL, **wrong))


@pytest.fixture
def strangers(ours):
    """A portal that is not the organisation's own."""
    return ours.register(first_party=False, client_name="سامانه <b>دیگر</b>")


FORCED = {"scope": "nothing", "response_type": "x", "max_age": "x", "claims": "{"}


@pytest.mark.parametrize("parameter", FORCED)
def test_attack_R10_a_strangers_error_asks_before_it_leaves(strangers, parameter):
    """RFC 9700 4.11.2."""
    page = strangers.ask(**{parameter: FORCED[parameter]})

    assert (page.status_code, page.location) == (200, None)
    assert "سامانه &lt;b&gt;دیگر&lt;/b&gt;" in page.text
    assert '<bdi dir="ltr">portal.example</bdi>' in page.text
    assert f'href="{CALLBACK}?error=' in page.text


def test_attack_R10_a_form_waits_for_the_button(strangers):
    page = strangers.ask(scope="nothing", response_mode="form_post")

    assert '<input type="hidden" name="error" value="invalid_scope">' in page.text
    assert "form_post.js" not in page.text
    assert "csrf_token" not in page.text  # the form may lead anywhere, so none of ours is beside it


@pytest.fixture
def visitor(make_hub):
    """A browser at a hub where a password is enough."""
    hub = make_hub(guide=True)
    add_account(hub)
    add_client(hub, first_party=True)
    return hub.browser()


ELSEWHERE = ["//evil.example", "/\\evil.example", "/%09/evil", "https:evil.example", "javascript:x"]


@pytest.mark.parametrize(
    ("name", "target"),
    list(zip(["next", "return_to", "redirect", "url", "continue"], ELSEWHERE, strict=True)),
)
def test_attack_R11_there_is_no_next(visitor, name, target):
    form = {"username": USER, "password": PASSWORD, name: target}

    answer = visitor.post(f"/login?{encode({name: target}).decode()}", form, follow=False)

    assert answer.location == "/account"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_attack_R11_the_waiting_request_is_no_address(visitor, target):
    answer = log_in(visitor, context=target)

    assert (answer.status_code, answer.location) == (400, None)


@pytest.mark.parametrize("name", ["redirect_uri", "client_id"])
def test_attack_R12_a_parameter_comes_once(ours, name):  # RFC 6749 3.1
    query = encode(ours.register().request()).decode()

    assert refused(ours.ask(f"{query}&{name}=1&{name}=1"))


@pytest.mark.parametrize("name", ["state", "scope", "nonce"])
def test_attack_R12_the_client_is_told_of_another_that_comes_twice(ours, name):  # RFC 6749 3.1
    query = encode(ours.register().request()).decode()

    assert told(ours.ask(f"{query}&{name}=1&{name}=1")) == "invalid_request"


def test_attack_R12_query_and_body_are_never_mixed(ours):
    query = encode(ours.register().request()).decode()

    assert refused(ours.post(f"{AUTHORIZE}?{query}", {"redirect_uri": EVIL}))


@pytest.mark.parametrize("name", ["code", "grant_type", "redirect_uri", "client_id"])
def test_attack_R12_at_the_token_endpoint_too(ours, name):  # RFC 6749 3.2
    portal = ours.register()
    headers, _ = portal.credentials()
    form = encode({"grant_type": "authorization_code", "code": portal.obtain_code()}).decode()

    assert told(ours.post(TOKEN, f"{form}&{name}=1&{name}=1", headers)) == "invalid_request"


@pytest.mark.parametrize("uri", [f"{HOST}/second", CALLBACK + "/", None, EVIL])
def test_attack_R13_the_address_is_the_one_of_the_request(ours, uri):  # RFC 6749 4.1.3
    portal = ours.register(redirect_uris=[CALLBACK, f"{HOST}/second"])

    assert told(portal.redeem(portal.obtain_code(), redirect_uri=uri)) == "invalid_grant"


def test_attack_R13_another_address_burns_the_code(ours):
    portal = ours.register()
    code = portal.obtain_code()
    portal.redeem(code, redirect_uri=EVIL)

    assert told(portal.redeem(code)) == "invalid_grant"


@pytest.mark.parametrize(
    "uri",
    [
        "http://portal.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "myapp:/callback",
        "javascript://portal.example/%0aalert(1)",
        "data:text/html,x",
        "ftp://portal.example/callback",
        "https://user@portal.example/callback",
        "https:///callback",
        "/callback",
    ],
)
@pytest.mark.parametrize("kind", ["web", "native"])
def test_attack_R14_only_safe_addresses_are_registered(ours, uri, kind):  # RFC 9700 2.6
    answer = ours.register_by_http(redirect_uris=[uri], application_type=kind)

    assert told(answer) == "invalid_redirect_uri"


def test_attack_R15_no_password_is_sent_on(visitor):  # RFC 9700 4.12
    """307 and 308 would repeat the form at the portal; a page of its own ends what it began."""
    after_login = log_in(visitor, context=context_of(visitor))
    leaving = visitor.client.get(after_login.location, base_url=ORIGIN)

    assert [after_login.status_code, leaving.status_code] == [303, 200]
    assert "code" in parameters_of(goes_on_to(leaving))


def test_attack_R15_a_posted_request_goes_on_by_303(ours):
    assert ours.post(AUTHORIZE, ours.register().request()).status_code == 303
