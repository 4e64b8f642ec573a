"""A page of one person's account does nothing for the next one at the same browser: SE19's kind.

The table of forms is held against the routes: a form that is new is in it, or the test fails.
"""

import pytest
from sqlalchemy import create_engine, inspect, text

from tests import factories
from tests.web.hub import ORIGIN
from tests.web.sign_in.walk import NEW_PASSWORD, PASSWORD, context_of, inside_by_password

PASSWORDS = {"old_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
OVERVIEW, SECOND_STEP = "/account?done=", "/login/second-step"
FORMS = {
    "/account/close": ({"confirmation": "بستن حساب", "password": PASSWORD}, OVERVIEW),
    "/account/data/download": ({}, OVERVIEW),
    "/account/email": ({"email": "other@example.org"}, OVERVIEW),
    "/account/email/send": ({}, OVERVIEW),
    "/account/mobile": ({"mobile": "09351234567"}, OVERVIEW),
    "/account/mobile/again": ({"flow": "x"}, OVERVIEW),
    "/account/mobile/code": ({"flow": "x", "code": "123456"}, OVERVIEW),
    "/account/portals/revoke": ({"client_id": "portal"}, OVERVIEW),
    "/account/prove": ({"to": "data", "password": PASSWORD}, OVERVIEW),
    "/account/residence": ({"country": "DE", "city": "", "city_text": "Köln"}, OVERVIEW),
    "/account/security/question": ({"question": "first_school", "answer": "سعدی"}, OVERVIEW),
    "/account/security/devices/forget": ({"device_id": "x"}, OVERVIEW),
    "/account/security/not-me": ({}, OVERVIEW),
    "/account/security/password": (PASSWORDS, OVERVIEW),
    "/account/security/sessions/end": ({"session_id": "x"}, OVERVIEW),
    "/account/security/sessions/end-others": ({}, OVERVIEW),
    "/choose-account": ({"decision": "go_on"}, "/choose-account?"),
    "/consent": ({"decision": "accept"}, "/consent?"),
    "/login/second-step": ({"code": "123456"}, SECOND_STEP),
    "/login/second-step/send": ({}, SECOND_STEP),
    "/logout": ({}, "/logout"),
}
"""Address, what the form carries, and where it leads when it was shown to somebody else."""

OF_NO_ACCOUNT = {
    "/account/email/confirm": "its ticket names the account, whoever is signed in",
    "/dev/inbox/clock": "the demo's clock",
    "/login": "signs in whom it names",
    "/login/code": "of the flow that it carries",
    "/login/code/again": "of the flow that it carries",
    "/recover": "of whom it names",
    "/recover/again": "of the flow that it carries",
    "/recover/code": "of the flow that it carries",
    "/recover/password": "of the flow that it carries",
    "/register": "of whom it names",
    "/register/back": "leaves, and changes nothing",
    "/register/code": "of the flow that it carries",
    "/register/code/resend": "of the flow that it carries",
    "/register/details": "of the flow that it carries",
    "/register/details/keep": "of the flow that it carries",
    "/register/look-over": "of the flow that it carries",
    "/register/more-time": "of the flow that it carries",
    "/register/physicians": "of whom it names",
    "/register/profession": "of the flow that it carries",
    "/track": "of whom it names",
    "/track/again": "of the flow that it carries",
    "/track/code": "of the flow that it carries",
}
WITH_A_REQUEST = {"/choose-account", "/consent"}
PASSING = {"ephemeral", "counters"}


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'shared.sqlite3'}"


@pytest.fixture
def browser(make_hub, url):
    """A browser in which account-1 is signed in."""
    browser = make_hub(url=url).browser()
    inside_by_password(browser)
    return browser


@pytest.fixture
def mark_of_another(browser):
    """What the pages carried that account-2 left open there."""
    return browser.hub.deps.vault.digest("account-2", purpose="account_of_a_form")


@pytest.fixture
def rows(url):
    """Return everything that lasts."""
    engine = create_engine(url)
    tables = set(inspect(engine).get_table_names()) - PASSING

    def read():
        with engine.connect() as connection:
            return {
                table: connection.execute(text(f"SELECT * FROM {table}")).fetchall()
                for table in tables
            }

    return read


def fields_of(browser, path):
    request = {"context": context_of(browser)} if path in WITH_A_REQUEST else {}
    return {**FORMS[path][0], **request}


def forms_of_ours(hub):
    """Return the addresses of all forms that carry the token against forged requests."""
    views = hub.app.view_functions
    return {
        rule.rule
        for rule in hub.app.url_map.iter_rules()
        if "POST" in rule.methods and not hasattr(views[rule.endpoint], "_csrf_exempt")
    }


def test_attack_SE19_every_form_is_in_the_table(hub):
    assert forms_of_ours(hub) == {*FORMS, *OF_NO_ACCOUNT}


@pytest.mark.parametrize("path", FORMS)
def test_attack_SE19_a_form_of_another_account_changes_nothing(
    browser, mark_of_another, rows, path
):
    form = fields_of(browser, path)
    before = rows()

    browser.post(path, {**form, "account": mark_of_another}, follow=False)

    assert rows() == before


@pytest.mark.parametrize("path", FORMS)
def test_attack_SE19_and_leads_to_a_page_of_who_is_there_now(browser, mark_of_another, path):
    form = {**fields_of(browser, path), "account": mark_of_another}

    answer = browser.client.post(
        path, data={**form, "csrf_token": browser.csrf_token()}, base_url=ORIGIN
    )

    assert (answer.status_code, answer.location.startswith(FORMS[path][1])) == (303, True)


@pytest.mark.parametrize("path", FORMS)
def test_attack_SE19_nor_does_a_form_that_names_nobody(browser, rows, path):
    form = fields_of(browser, path)
    before = rows()

    browser.post(path, {**form, "account": None}, follow=False)

    assert rows() == before


@pytest.mark.parametrize("path", FORMS)
def test_the_same_form_of_who_is_there_is_taken(browser, mark_of_another, rows, path):
    """So the tests above would notice a form that did something."""
    form = fields_of(browser, path)
    refused = browser.post(path, {**form, "account": mark_of_another}, follow=False)
    before = rows()

    taken = browser.post(path, form, follow=False)

    assert (taken.status_code, taken.location, rows()) != (303, refused.location, before)


@pytest.mark.parametrize("path", ["/account/email", "/account/security", "/logout"])
def test_attack_SE19_the_forms_of_a_page_name_its_account(browser, path):
    shown = browser.get(path).text

    assert shown.count('name="account"') == shown.count('name="csrf_token"') > 0
    assert shown.count(browser.account_mark()) == shown.count('name="account"')


def test_attack_SE19_the_overview_says_why(browser, mark_of_another):
    page = browser.post("/account/email/send", {"account": mark_of_another})

    assert "این صفحه برای حساب دیگری باز شده بود و تغییری انجام نشد" in page.text
    assert factories.NATIONAL_ID.masked() in page.text


def test_attack_SE19_a_portal_s_sign_out_asks_who_is_there(browser, mark_of_another):
    form = {"request": "sealed", "ui_locales": "en", "account": mark_of_another}

    answer = browser.post("/logout", form, follow=False)

    assert answer.location == "/logout/confirm?request=sealed&ui_locales=en"
