"""The pages of the own account, in all their states."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from werkzeug.test import TestResponse

from idp.domain.people.mobile_change import ChangeState
from idp.domain.people.physician import CouncilNumber, DatedClaim, PhysicianClaim, Profession
from idp.ports import MAIL
from tests import factories
from tests.web.hub import ORIGIN, Browser, address, hidden
from tests.web.sign_in.walk import (
    PASSWORD,
    allow,
    context_of,
    enter,
)
from tests.web.visits import Visits, inside

visits = Visits()

ACCOUNT_PAGES = {
    "account/close.html": "/account/close",
    "account/data.html": "/account/data",
    "account/print.html": "/account/data/print",
    "account/email.html": "/account/email",
    "account/email_gone.html": "/account/email/confirm?ticket=x",
    "account/history.html": "/account/history",
    "account/mobile.html": "/account/mobile",
    "account/not_me.html": "/account/security/not-me",
    "account/password.html": "/account/security/password",
    "account/portals.html": "/account/portals",
    "account/prove.html": "/account/prove?to=security",
    "account/security.html": "/account/security",
}


def _of_account(path: str) -> Callable[[Browser], TestResponse]:
    def walk(browser: Browser) -> TestResponse:
        inside(browser)
        return browser.get(path)

    return walk


for _template, _path in ACCOUNT_PAGES.items():
    visits.of(_template)(_of_account(_path))


FIREFOX = "Mozilla/5.0 (Android 13; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"
LONG = {
    "given_name": "سیده فاطمه زهرا سادات",
    "family_name": "میرزا محمد علی حسینی شاهرودی نژاد اصل",
}
MOBILE = "09127919289"


def later(browser: Browser, **changes: object) -> Browser:
    """Sign the browser in; the minute after which another code may be sent has passed."""
    inside(browser, **changes)
    browser.hub.clock.move(timedelta(minutes=2))
    return browser


def change_account(browser: Browser, **changes: object) -> None:
    with browser.hub.deps.begin() as work:
        account = work.accounts.find("account-1")
        assert account is not None
        work.accounts.save(replace(account, **changes))


def elsewhere(browser: Browser) -> Browser:
    """Sign the same citizen in on a phone too."""
    other = browser.hub.browser()
    other.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    enter(other)
    return browser


def visit_a_portal(browser: Browser) -> None:
    with browser.hub.deps.begin() as work:
        claims = ("sub", "name", "email", "https://account.tamin.ir/claims/national_id")
        work.releases.note("account-1", "portal", claims, browser.hub.clock())


def start_at_the_portal(browser: Browser) -> None:
    """Let the portal say where it begins a sign-in."""
    with browser.hub.deps.begin() as work:
        portal = work.clients.find("portal")
        factories.put_client(
            work, replace(portal, initiate_login_uri="https://portal.example/start?a=1")
        )


@visits.of("account/account.html", "with a long name and a notice")
def the_account_of_a_long_name(browser):
    inside(browser)
    account = factories.account()
    until = browser.hub.clock() + timedelta(hours=72)
    change_account(browser, person=replace(account.person, **LONG), recovery_held_until=until)
    return browser.get("/account")


@visits.of("account/account.html", "after a form of another account")
def the_account_of_who_signed_in_since(browser):
    inside(browser)
    form = {"account": "another", "password": "Wrong1234"}
    return browser.post("/account/security/password", form)


@visits.of("account/password.html", "wrong")
def a_wrong_change_of_the_password(browser):
    inside(browser)
    form = {"old_password": "Wrong1234", "password": "abc", "password_again": "x"}
    return browser.post("/account/security/password", form)


@visits.of("account/prove.html", "wrong")
def a_wrong_proof(browser):
    inside(browser)
    return browser.post("/account/prove", {"to": "security", "password": "Wrong1234"})


@visits.of("account/close.html", "wrong")
def a_wrong_closing(browser):
    inside(browser)
    return browser.post("/account/close", {"confirmation": "x", "password": "Wrong1234"})


@visits.of("account/security.html", "on two devices")
def two_devices(browser):
    return elsewhere(later(browser)).get("/account/security")


@visits.of("account/security.html", "after an act")
def a_session_that_was_ended(browser):
    page = elsewhere(later(browser)).get("/account/security")
    return browser.post(
        "/account/security/sessions/end", {"session_id": hidden(page, "session_id")}
    )


@visits.of("account/closed.html")
def a_closed_account(browser):
    inside(browser)
    sentence = {"fa": "بستن حساب", "en": "Close account"}[browser.cookie("hub_language") or "fa"]
    return browser.post("/account/close", {"confirmation": sentence, "password": PASSWORD})


@visits.of("account/portals.html", "with what they got")
def portals_with_releases(browser):
    inside(browser)
    visit_a_portal(browser)
    start_at_the_portal(browser)
    context = context_of(browser)
    allow(browser, context)
    return browser.get("/account/portals")


@visits.of("account/print.html", "with all there is")
def the_whole_record(browser):
    elsewhere(later(browser))
    visit_a_portal(browser)
    return browser.get("/account/data/print")


@visits.of("account/history.html", "past its end")
def an_empty_page_of_the_history(browser):
    inside(browser)
    return browser.get("/account/history?page=9")


@visits.of("account/email.html", "wrong")
def a_wrong_address(browser):
    inside(browser)
    return browser.post("/account/email", {"email": "nobody"})


@visits.of("account/email.html", "not confirmed")
def an_address_without_its_confirmation(browser):
    inside(browser)
    return browser.post("/account/email", {"email": "a.very.long.name.of.somebody@post.example.ir"})


@visits.of("account/email.html", "no more links today")
def an_address_that_got_its_links(browser):
    inside(browser)
    for _ in range(5):
        browser.post("/account/email/send", {})
    return browser.get("/account/email")


@visits.of("account/email.html", "saved without a link")
def an_address_without_a_link(browser):
    an_address_that_got_its_links(browser)
    return browser.post("/account/email", {"email": "new@example.ir"})


@visits.of("account/email.html", "with a confirmed address")
def a_confirmed_address(browser):
    inside(browser)
    change_account(browser, email_confirmed_at=browser.hub.clock())
    return browser.get("/account/email")


@visits.of("account/data.html", "of a physician")
def the_data_of_a_physician(browser):
    inside(browser)
    other = PhysicianClaim(CouncilNumber("4451"), Profession.MIDWIFE)
    being_checked = DatedClaim(other, browser.hub.clock())
    change_account(browser, physician=factories.PROVEN, claim=being_checked)
    return browser.get("/account/data")


@visits.of("account/email_confirm.html")
def an_address_to_confirm(browser):
    inside(browser)
    browser.post("/account/email", {"email": "new@example.ir"})
    return browser.get(link_in_the_mail(browser))


def link_in_the_mail(browser: Browser) -> str:
    with browser.hub.deps.begin() as work:
        job = work.outbox.claim("test", browser.hub.clock(), lease=timedelta(days=1), kinds=(MAIL,))
    link = next(word for word in job.mail.text.split() if word.startswith(ORIGIN))
    return link.removeprefix(ORIGIN)


@visits.of("account/email_confirmed.html")
def who_has_confirmed_an_address(browser):
    ticket = hidden(an_address_to_confirm(browser), "ticket")
    return browser.post("/account/email/confirm", {"ticket": ticket})


@visits.of("account/mobile.html", "wrong")
def a_wrong_number(browser):
    return later(browser).post("/account/mobile", {"mobile": "123"})


@visits.of("account/mobile.html", "being checked")
def a_number_that_is_checked(browser):
    inside(browser)
    with browser.hub.deps.begin() as work:
        work.mobile_changes.add(factories.mobile_change())
    return browser.get("/account/mobile")


def decided(browser: Browser, state: ChangeState, reason: str) -> TestResponse:
    inside(browser)
    change = factories.mobile_change()
    with browser.hub.deps.begin() as work:
        work.mobile_changes.add(change)
        work.mobile_changes.save(change.decided(state, reason, at=browser.hub.clock()))
    return browser.get("/account/mobile")


@visits.of("account/mobile.html", "changed")
def a_changed_number(browser):
    return decided(browser, ChangeState.CHANGED, "phone_match")


@visits.of("account/mobile.html", "refused")
def a_refused_number(browser):
    return decided(browser, ChangeState.REFUSED, "phone_mismatch")


@visits.of("account/mobile_code.html")
def a_code_of_the_old_number(browser):
    return later(browser).post("/account/mobile", {"mobile": MOBILE})


@visits.of("account/mobile_code.html", "wrong")
def a_wrong_code_of_the_old_number(browser):
    page = a_code_of_the_old_number(browser)
    form = {"flow": hidden(page, "flow"), "proven": "none", "code": "abc"}
    return browser.post("/account/mobile/code", form)


@visits.of("account/mobile_code.html", "sent again")
def another_code_of_the_old_number(browser):
    page = a_code_of_the_old_number(browser)
    browser.hub.clock.move(timedelta(minutes=1))
    return browser.post("/account/mobile/again", {"flow": hidden(page, "flow")})


@visits.of("account/mobile_code.html", "still good")
def a_code_of_the_old_number_that_is_still_good(browser):
    page = a_code_of_the_old_number(browser)
    browser.hub.clock.move(timedelta(minutes=1))
    return browser.get(address(page))


@visits.of("account/mobile_code.html", "none good")
def a_code_of_the_old_number_that_is_old(browser):
    page = a_code_of_the_old_number(browser)
    browser.hub.clock.move(timedelta(minutes=5))
    return browser.get(address(page))


@visits.of("account/mobile_code.html", "of the new number")
def a_code_of_the_new_number(browser):
    page = a_code_of_the_old_number(browser)
    form = {"flow": hidden(page, "flow"), "proven": "none", "code": browser.hub.take_code()}
    return browser.post("/account/mobile/code", form)


@visits.of("account/mobile_gone.html")
def a_change_that_is_gone(browser):
    inside(browser)
    return browser.post("/account/mobile/again", {"flow": "x", "proven": "x"})


@visits.of("account/question.html")
def another_question(browser):
    inside(browser)
    return browser.get("/account/security/question")


@visits.of("account/question.html", "wrong")
def a_wrong_question(browser):
    inside(browser)
    return browser.post("/account/security/question", {"question": "", "answer": "x"})


@visits.of("account/residence.html")
def another_residence(browser):
    inside(browser)
    return browser.get("/account/residence")


@visits.of("account/residence.html", "wrong")
def a_wrong_residence(browser):
    inside(browser)
    return browser.post("/account/residence", {"country": "", "city": "", "city_text": ""})


@visits.of("account/data.html", "with a new residence")
def a_new_residence(browser):
    inside(browser)
    return browser.post("/account/residence", {"country": "DE", "city": "", "city_text": "Köln"})
