"""What happens in a citizen's browser: attacks X01 to X13."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests import factories
from tests.attack.both import at_both
from tests.attack.targets import AUTHORIZE, CALLBACK, END_SESSION, GOODBYE, told
from tests.protocol.hub import encode, read_claims
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import (
    add_account,
    add_client,
    context_of,
    log_in,
)

HYBRID = "[openid]\nhybrid = true\n"
BREAKS_OUT = '"><script>alert(1)</script>'
EVIL = {"Origin": "https://evil.example"}


@pytest.fixture
def inside(make_hub):
    """A signed-in browser at a hub with a portal that asks for consent."""
    hub = make_hub(guide=True)
    add_account(hub)
    add_client(hub, name="سوابق بیمه")
    browser = hub.browser()
    log_in(browser)
    return browser


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "javascript://x/%0aalert(1)", "data:,x"])
def test_attack_X01_no_form_leads_to_a_script(ours, uri):
    page = ours.register().ask(redirect_uri=uri, response_mode="form_post")

    assert told(page) == "page 400"
    assert f'action="{uri[:10]}' not in page.text


def test_attack_X01_nor_to_an_app(ours):
    """A private-use scheme may be redirected to; what a form there does, the app decides."""
    uri = "ir.example.app:/callback"
    app = ours.register(application_type="native", redirect_uris=[uri], sector="app")

    answer = app.ask(response_mode="form_post")

    assert told(answer) == "invalid_request"
    assert answer.location.startswith(f"{uri}?error=")


@pytest.mark.parametrize("settings", [HYBRID])
@at_both(hub=BREAKS_OUT, naive="%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
def test_attack_X02_a_form_carries_the_state_unchanged(target, expected):
    """Form Post Response Mode 2: HTML escapes, and nothing else."""
    grants = ["authorization_code", "implicit"]
    portal = target.register(response_types=["code id_token"], grant_types=grants)

    page = portal.ask(response_type="code id_token", response_mode="form_post", state=BREAKS_OUT)

    assert html.unescape(re.search(r'name="state"\s+value="([^"]*)"', page.text)[1]) == expected


def test_attack_X02_the_one_form_goes_to_the_portal(ours):
    page = ours.register().ask(response_mode="form_post", state=BREAKS_OUT)

    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert re.findall(r"<form[^>]*action=\"([^\"]*)\"", page.text) == [CALLBACK]


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "nonce", "x"])
def test_attack_X03_an_error_page_quotes_nothing(ours, name):
    changes = {"redirect_uri": "https://evil.example/", name: BREAKS_OUT}

    page = ours.register().ask(**changes)

    # But the address that is not registered, as text, for the portal's developers.
    received = re.compile(r'<dl class="received">.*?</dl>', re.S)
    [text] = received.findall(page.text) or [""]
    assert page.status_code == 400
    assert "<script" not in text
    assert name == "redirect_uri" or "alert(1)" not in text
    assert not re.search("alert\\(1|evil\\.example", received.sub("", page.text))


@pytest.mark.parametrize("path", ["/login", "/logout/done", "/oauth2/authorize/resume", "/nowhere"])
@pytest.mark.parametrize("name", ["error", "error_description", "error_hint", "message", "context"])
def test_attack_X03_nobody_writes_our_pages_by_an_address(ours, path, name):
    page = ours.get(path, **{name: BREAKS_OUT})

    assert "alert(1)" not in page.text


LEADS_AWAY = [
    "javascript:alert(1)",
    "https://evil.example/",
    GOODBYE + "?x=1",
    GOODBYE + "/",
    "//e",
]


@pytest.mark.parametrize("uri", LEADS_AWAY)
def test_attack_X04_signing_out_leads_to_registered_addresses(ours, uri):
    hint = ours.register().obtain_tokens()["id_token"]
    asked = encode({"id_token_hint": hint, "post_logout_redirect_uri": uri}).decode()

    page = ours.citizen.get(f"{END_SESSION}?{asked}", base_url=ORIGIN)

    assert (told(page), page.location) == ("page 400", None)


def test_attack_X04_without_a_hint_it_leads_nowhere(ours):
    ours.register()
    asked = encode({"client_id": "portal", "post_logout_redirect_uri": GOODBYE}).decode()

    page = ours.stranger.get(f"{END_SESSION}?{asked}", base_url=ORIGIN, follow_redirects=True)

    assert page.status_code == 200
    assert GOODBYE not in page.text


def consent_page(browser):
    return browser.get("/consent", query_string={"context": context_of(browser)})


def test_attack_X05_the_name_of_a_portal_is_only_text(inside):
    add_client(inside.hub, name=BREAKS_OUT)

    page = consent_page(inside)

    assert html.escape("<script>alert(1)") in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/account", "/account/data", "/account/data/print"])
def test_attack_X05_the_name_of_a_citizen_is_only_text(inside, path):
    person = factories.person(given_name=BREAKS_OUT, family_name=BREAKS_OUT)
    with inside.hub.deps.begin() as work:
        account = work.accounts.find("account-1")
        work.accounts.save(replace(account, person=person))

    assert "<script>alert" not in inside.get(path).text


def test_attack_X05_a_picture_can_do_nothing_where_it_is_opened(inside):
    version = "0123456789abcdef"
    add_client(inside.hub, logo=b"<svg onload='alert(1)'/>", logo_version=version)

    answer = inside.get(f"/portals/portal/logo-{version}.png")

    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def pages(browser):
    """Return every page that an address alone leads to, signed in, and the consent page."""
    paths = [
        rule.rule
        for rule in browser.hub.app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments
    ]
    found = {path: browser.client.get(path, base_url=ORIGIN) for path in sorted(paths)}
    log_in(browser)
    found["/consent?context"] = consent_page(browser)
    shown = {path: page for path, page in found.items() if page.mimetype == "text/html"}
    assert len(shown) > 20
    return shown


def test_attack_X06_no_page_is_framed(inside):  # RFC 9700 4.16
    for path, page in pages(inside).items():
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"], path
        assert page.headers["X-Frame-Options"] == "DENY", path


WATCHED = "[openid]\nsession_management = true\n"
FRAME = "/oauth2/check_session"


@pytest.mark.parametrize("settings", [WATCHED])
def test_attack_X06_the_one_frame_is_for_portals_that_watch(ours):
    ours.register(session_management=True)
    ours.register("other", redirect_uris=["https://other.example/callback"])

    policy = ours.get(FRAME).headers["Content-Security-Policy"]

    assert policy.endswith("frame-ancestors https://portal.example")


@pytest.mark.parametrize("settings", [WATCHED])
def test_attack_X06_and_where_none_watches_for_nobody(ours):
    ours.register()

    assert ours.get(FRAME).headers["X-Frame-Options"] == "DENY"


def buttons(page):
    kinds = ("consent-accept", "consent-deny")
    return {kind: re.search(f"<button[^>]*{kind}[^>]*>", page.text)[0] for kind in kinds}


@pytest.mark.parametrize("attribute", [" id=", " name=", " autofocus", " accesskey="])
def test_attack_X07_no_button_can_be_named_or_focused_from_elsewhere(inside, attribute):
    assert attribute not in "".join(buttons(consent_page(inside)).values())


def test_attack_X07_the_button_that_allows_waits_half_a_second(inside):
    style = Path(inside.hub.app.static_folder, "hub.css").read_text("utf-8")

    assert "not-yet" in buttons(consent_page(inside))["consent-accept"]
    assert "animation: not-yet 0.5s" in style
    assert re.search(r"@keyframes not-yet \{[^}]*visibility: hidden;", style)


FOR_OTHERS = {
    *("authorize_posted", "token", "userinfo", "introspect", "revoke", "register"),
    *("manage_registration", "end_session"),
}
"""Machines and other sites post here; none acts on a cookie."""
NO_ACT = "register.check"
"""Answers from the request alone: it reads no cookie, and changes nothing."""


def form_paths(hub):
    """Return the address of every form of ours."""
    exempt = {NO_ACT, *(f"oauth.{name}" for name in FOR_OTHERS)}
    return sorted(
        {
            rule.rule
            for rule in hub.app.url_map.iter_rules()
            if "POST" in rule.methods and not rule.arguments and rule.endpoint not in exempt
        }
    )


@pytest.mark.parametrize(
    "headers",
    [{}, EVIL, {"Origin": "null.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["no token", "origin", "odd origin", "another site"],
)
def test_attack_X08_no_form_is_taken_from_elsewhere(inside, headers):  # ASVS 3.5.1
    token = inside.csrf_token()
    form = {"csrf_token": token} if headers else {}
    paths = form_paths(inside.hub)
    assert {"/login", "/logout", "/consent", "/recover", "/register"} < set(paths)

    for path in paths:
        page = inside.client.post(path, data=form, base_url=ORIGIN, headers=headers)
        assert page.status_code == 403, path


def test_attack_X08_a_token_of_another_browser_is_refused(inside):
    foreign = inside.hub.browser().csrf_token()

    assert inside.post("/login", {"csrf_token": foreign}).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "0" * 128, "0" * 64, "é" * 128, "F" * 128])
def test_attack_X08_what_is_no_token_of_ours_is_refused(inside, token):
    assert inside.post("/login", {"csrf_token": token}).status_code == 403


OPEN = {
    *("/oauth2/token", "/oauth2/revoke", "/oauth2/userinfo", "/oauth2/jwks", "/auth/server/token"),
    *("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"),
}


@pytest.mark.parametrize("settings", ["[compatibility]\nold_paths = true\n"])
@pytest.mark.parametrize("path", sorted(OPEN))
def test_attack_X09_scripts_read_machine_endpoints_without_cookies(ours, path):
    answer = ours.stranger.options(path, base_url=ORIGIN, headers=EVIL)

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_attack_X09_scripts_read_nothing_else(inside):
    for rule in inside.hub.app.url_map.iter_rules():
        if rule.rule in OPEN or rule.arguments:
            continue
        for method in ("options", "get"):
            answer = getattr(inside.client, method)(rule.rule, base_url=ORIGIN, headers=EVIL)
            assert "Access-Control-Allow-Origin" not in answer.headers, rule.rule


def account_with(hub, cookies):
    """Ask for the account page with this Cookie header; return where it leads."""
    client = hub.app.test_client(use_cookies=False)
    return client.get("/account", base_url=ORIGIN, headers={"Cookie": cookies}).location


@pytest.mark.parametrize(
    "cookies",
    [
        "=hub_session={0}",
        "==hub_session={0}",
        "x_hub_session={0}",
        "hub_session ={0}",
        "HUB_SESSION={0}",
        '"hub_session={0}"',
    ],
)
def test_attack_X10_a_planted_cookie_is_no_session(inside, cookies):
    token = inside.cookie("hub_session")
    assert account_with(inside.hub, f"hub_session={token}") is None

    assert account_with(inside.hub, cookies.format(token)) == "/login"


def test_attack_X10_no_subdomain_can_plant_one(make_hub):
    """RFC 6265bis 4.1.3.2: `__Host-` cookies are Secure, of this host, of every path."""
    hub = make_hub('[server]\nissuer = "https://127.0.0.1"\n', guide=True)
    page = hub.app.test_client().get("/login", base_url="https://127.0.0.1")

    (cookie,) = page.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-browser=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_attack_X11_no_page_is_kept(inside):
    for path, page in pages(inside).items():
        assert page.headers["Cache-Control"] == "no-store", path
        assert "Cookie" in page.headers["Vary"], path


def test_attack_X11_no_answer_about_a_citizen_is_kept(ours):
    portal = ours.register()
    tokens = portal.redeem(portal.obtain_code())
    told_of = ours.userinfo(tokens.json["access_token"])
    refused = portal.redeem("x")

    for answer in (tokens, told_of, refused, portal.ask()):
        assert "no-store" in answer.headers["Cache-Control"]


def test_attack_X12_no_page_says_where_it_stands(inside):  # RFC 9700 4.2.4
    for path, page in pages(inside).items():
        assert page.headers["Referrer-Policy"] == "no-referrer", path


def test_attack_X12_no_page_loads_from_elsewhere(inside):
    loads = re.compile(
        r'<(?:script|img|iframe|source)[^>]*\ssrc="([^"]+)"|<link[^>]*href="([^"]+)"'
    )
    for path, page in pages(inside).items():
        sources = ["".join(found) for found in loads.findall(page.text)]
        assert sources or page.location, path
        assert [one for one in sources if not re.match(r"/(?!/)|data:", one)] == [], path


def test_attack_X12_nothing_secret_stands_in_the_address_of_a_page(ours):
    portal = ours.register(first_party=False)
    asked = portal.ask()
    query = encode(portal.request()).decode()
    by_stranger = ours.stranger.get(f"{AUTHORIZE}?{query}", base_url=ORIGIN)

    for answer in (asked, by_stranger):
        assert answer.location.startswith(("/consent?context=", "/login?context="))
        assert "the-nonce" not in answer.location


WORDS = {"changed", "unchanged", "error"}


@pytest.mark.parametrize("settings", [WATCHED])
def test_attack_X13_the_frame_knows_three_words(ours):  # Session Management 3.2
    ours.register(session_management=True)
    script = Path(ours.app.static_folder, "js/check_session.js").read_text("utf-8")

    assert set(re.findall(r'(?:return|\?|:) "(\w+)"', script)) == WORDS
    assert script.count("postMessage(") == 1
    assert "event.source.postMessage(says, event.origin)" in script


@pytest.mark.parametrize("settings", [WATCHED])
def test_attack_X13_the_frame_holds_nothing_of_anybody(ours):
    portal = ours.register(session_management=True)
    sid = read_claims(portal.obtain_tokens()["id_token"])["sid"]

    frame = ours.citizen.get(FRAME, base_url=ORIGIN)

    assert sid not in frame.text
    assert "Set-Cookie" not in frame.headers


def test_attack_X13_there_is_none_unless_asked_for(ours):
    assert ours.get(FRAME).status_code == 404
