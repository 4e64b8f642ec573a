"""Every form that is no step of the registration: what no browser of ours sends is a clear 4xx."""

import io

import pytest

from tests.web.hub import Browser, Hub
from tests.web.sign_in.walk import add_account, add_client, context_of, log_in

KINDS = {
    "empty": "",
    "10 kB": "x" * 10_000,
    "NUL": "a\x00b",
    "lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe",
    "RTL override": "a\u202eb",
    "emoji": "\U0001f600",
    "markup": "<script>alert(1)</script>",
    "wrong type": "[]",
    "repeated": ["a", "b"],
}
FORMS = {
    "/consent": ("context", "decision"),
    "/choose-account": ("context", "decision"),
    "/account/portals/revoke": ("client_id",),
    "/account/security/sessions/end": ("session_id",),
    "/account/security/devices/forget": ("device_id",),
    "/login/second-step": ("context", "code"),
    "/login/second-step/send": ("context",),
    "/register/back": ("context",),
    "/dev/inbox/clock": ("hours",),
}
OPTIONAL = {("/login/second-step/send", "context"), ("/register/back", "context")}
"""Left out where no portal waits; the form is whole without them."""
BAD_FIELDS = [
    (path, name, kind)
    for path, names in FORMS.items()
    for name in names
    for kind in KINDS
    if kind != "empty" or (path, name) not in OPTIONAL
]


@pytest.fixture
def inside(guide_hub: Hub) -> Browser:
    add_account(guide_hub)
    add_client(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    return browser


def whole_form(browser: Browser) -> dict[str, object]:
    return {
        "context": context_of(browser),
        "decision": "accept",
        "client_id": "portal",
        "code": "123456",
        "hours": "1",
    }


@pytest.mark.parametrize(("path", "name", "kind"), BAD_FIELDS)
def test_a_bad_field_is_refused(inside, path, name, kind):
    page = inside.post(path, {**whole_form(inside), name: KINDS[kind]}, follow=False)
    assert 400 <= page.status_code < 500
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", [*FORMS, "/login", "/recover", "/register", "/logout"])
def test_a_bad_token_is_refused_and_nobody_is_signed_out(inside, path, kind):
    page = inside.post(path, {**whole_form(inside), "csrf_token": KINDS[kind]}, follow=False)
    assert page.status_code in {400, 403}
    assert inside.hub.deps.sessions.find_live(inside.cookie("hub_session")) is not None


@pytest.mark.parametrize("path", ["/login", "/recover", "/register", "/logout"])
def test_a_field_that_is_sent_twice_is_400(inside, path):
    assert inside.post(path, {"request": ["a", "b"]}, follow=False).status_code == 400


@pytest.mark.parametrize(
    ("path", "name"),
    [("/register", "national_id"), ("/login", "username"), ("/recover", "username")],
)
def test_a_file_is_no_text(hub, path, name):
    page = hub.browser().post(path, {name: (io.BytesIO(b"9994863177"), "id.txt")})
    assert page.status_code == 422


@pytest.mark.parametrize("path", ["/register", "/login", "/recover", "/consent", "/logout"])
def test_json_is_no_form(hub, path):
    page = hub.browser().post(path, '{"national_id": 1}', content_type="application/json")
    assert page.status_code == 403
