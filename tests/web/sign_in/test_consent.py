import json
import re

import pytest

from idp.domain.clients.client import SelfRegistration
from idp.domain.clients.scopes import KNOWN_SCOPES
from idp.protocol.core.claims import REQUESTABLE
from tests import factories
from tests.web.hub import goes_on_to, words
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, allow, context_of, log_in

ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def inside(guide_hub):
    add_account(guide_hub)
    add_client(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    return browser


def test_the_page_names_the_portal_and_what_it_gets(inside):
    page = inside.get("/consent", query_string={"context": context_of(inside)})
    shown = words(page)
    assert "سوابق بیمه" in shown
    assert "نام، نام خانوادگی، تاریخ تولد و جنسیت" in shown


UNREVIEWED = "سازمان تأمین اجتماعی این سامانه را بررسی نکرده است. آدرس آن: portal.example"


@pytest.mark.parametrize("path", ["/consent", "/login"])
@pytest.mark.parametrize(
    ("registration", "warned"),
    [(None, False), (SelfRegistration(()), True), (SelfRegistration((), None, True), False)],
    ids=["by a file", "by itself", "reviewed"],
)
def test_attack_OP4_the_address_of_an_unreviewed_portal_is_named(
    inside, path, registration, warned
):
    add_client(inside.hub, registration=registration)
    visitor = inside if path == "/consent" else inside.hub.browser()
    page = visitor.get(path, query_string={"context": context_of(visitor)})
    assert (UNREVIEWED in words(page)) is warned


@pytest.mark.parametrize("path", ["/consent", "/login", "/choose-account"])
def test_attack_OP4_the_warning_stands_out_right_below_the_name_of_the_portal(inside, path):
    add_client(inside.hub, registration=SelfRegistration(()))
    visitor = inside.hub.browser() if path == "/login" else inside
    asked = {"prompt": "create"} if path == "/choose-account" else {}
    page = visitor.get(path, query_string={"context": context_of(visitor, **asked)})
    assert re.search(
        r"سوابق بیمه</strong>[^<]*(?:</span>\s*)?</p>\s*<div class=\"summary care\">", page.text
    )


def test_what_a_scope_says_is_not_said_again_for_a_claim(inside):
    claims = '{"id_token": {"gender": null, "name": null}}'
    query = {"context": context_of(inside, scope="openid profile", claims=claims)}
    page = inside.get("/consent", query_string=query).text
    assert page.count("جنسیت") == 1


def test_a_yes_is_remembered_and_the_request_goes_on(inside):
    context = context_of(inside)
    answer = allow(inside, context)
    assert answer.location.startswith("/oauth2/authorize/resume?context=")
    with inside.hub.deps.begin(read_only=True) as work:
        assert work.consents.find("account-1", "portal").scopes == {"openid", "profile"}


def test_a_no_is_told_to_the_portal_and_not_remembered(inside):
    context = context_of(inside)
    answer = allow(inside, context, "deny")
    page = inside.get(answer.location)
    assert goes_on_to(page).startswith(f"{CALLBACK}?error=access_denied")
    with inside.hub.deps.begin(read_only=True) as work:
        assert work.consents.find("account-1", "portal") is None


@pytest.mark.parametrize("decision", ["", "maybe", ["accept", "deny"], "x" * 10_000])
def test_a_decision_that_is_none_is_refused(inside, decision):
    page = inside.post("/consent", {"context": context_of(inside), "decision": decision})
    assert page.status_code == 400


def test_without_a_request_there_is_nothing_to_consent_to(inside):
    assert inside.get("/consent").status_code == 400
    assert inside.post("/consent", {"decision": "accept"}).status_code == 400


def test_attack_SE02_a_request_of_another_browser_does_not_open(inside):
    foreign = context_of(inside.hub.browser())
    page = inside.post("/consent", {"context": foreign, "decision": "accept"})
    assert page.status_code == 400
    assert "این صفحه در مرورگر دیگری باز شده است" in words(page)


@pytest.mark.parametrize("method", ["get", "post"])
def test_attack_SE07_without_a_session_the_login_comes_first(hub, method):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    if method == "get":
        answer = browser.client.get("/consent", base_url=ORIGIN, query_string={"context": context})
    else:
        answer = browser.post("/consent", {"context": context, "decision": "accept"}, follow=False)
    assert answer.location.startswith("/login?context=")


def test_every_claim_that_can_be_asked_for_has_words(inside):
    claims = json.dumps({"userinfo": dict.fromkeys(sorted(REQUESTABLE))})
    client = factories.client(scopes=frozenset(KNOWN_SCOPES))
    with inside.hub.deps.begin() as work:
        factories.put_client(work, client)
    context = context_of(inside, claims=claims)
    page = inside.get("/consent", query_string={"context": context})
    assert page.status_code == 200
    assert "تاریخ تولد شمسی" in words(page)


def test_every_scope_has_words(inside):
    client = factories.client(scopes=frozenset(KNOWN_SCOPES))
    with inside.hub.deps.begin() as work:
        factories.put_client(work, client)
    context = context_of(inside, scope=" ".join(KNOWN_SCOPES))
    assert inside.get("/consent", query_string={"context": context}).status_code == 200
