"""A way to every page that there is, and to the states of a page that have words of their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from werkzeug.test import TestResponse

from idp.domain.case_state import CaseState
from idp.domain.client import Client
from idp.domain.limits import DAY
from idp.ports import MAIL, Maintenance
from tests import factories
from tests.web.hub import ORIGIN, Browser, hidden
from tests.web.register.walk import STEP_ONE, prove, register, step_one, step_two, to_step_two
from tests.web.signin.walk import (
    CALLBACK,
    add_account,
    add_client,
    answer_recovery,
    ask_recovery,
    context_of,
    enter,
    log_in,
    prove_recovery,
)


class Visit(NamedTuple):
    """A template, the state that it is seen in, and how to get there."""

    template: str
    state: str
    walk: Callable[[Browser], TestResponse]


def name_of(visit: Visit) -> str:
    """Return what tests, pictures and lists call a visit."""
    return f"{visit.template}: {visit.state}" if visit.state else visit.template


WRONG = {
    "family_name": "Ahmadi",
    "given_name": "م",
    "certificate_number": "x",
    "serial": "0",
    "series_letter": "x",
    "series_number": "100",
    "birth_day": "30",
    "birth_month": "12",
    "birth_year": "1404",
    "gender": "x",
    "question": "x",
    "answer": "a",
    "country": "XX",
    "city": "",
    "email": "nobody",
    "password": "abc",
}
"""Of step two; each field with an error of its own."""

VISITS: list[Visit] = []
"""Every page that the hub can show; a new page brings its visit."""


def visit(template: str, state: str = "") -> Callable:
    def note(walk: Callable[[Browser], TestResponse]) -> Callable[[Browser], TestResponse]:
        VISITS.append(Visit(template, state, walk))
        return walk

    return note


def inside(browser: Browser, **client: object) -> Client:
    """Sign the browser in, and let a portal be known to it."""
    add_account(browser.hub)
    portal = add_client(browser.hub, **client)
    enter(browser)
    return portal


def waiting(browser: Browser, path: str, **parameters: str) -> TestResponse:
    """Open a page with a portal's request that waits."""
    return browser.get(path, query_string={"context": context_of(browser, **parameters)})


def authorize(browser: Browser, **changes: str) -> TestResponse:
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "nothing",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        **changes,
    }
    return browser.get("/oauth2/authorize", query_string=query)


@visit("login/login.html")
def the_login_page(browser):
    return browser.get("/login")


@visit("login/login.html", "for a portal")
def the_login_page_of_a_portal(browser):
    add_client(browser.hub)
    return waiting(browser, "/login")


@visit("login/login.html", "empty")
def an_empty_login(browser):
    return browser.post("/login", {})


@visit("login/login.html", "refused")
def a_refused_login(browser):
    return log_in(browser)


@visit("login/code.html")
def the_code_of_a_new_device(browser):
    add_account(browser.hub)
    return log_in(browser)


@visit("login/code.html", "wrong")
def a_wrong_code_of_a_new_device(browser):
    page = the_code_of_a_new_device(browser)
    return browser.post("/login/code", {"pending": hidden(page, "pending"), "code": "abc"})


@visit("login/code.html", "sent again")
def another_code_of_a_new_device(browser):
    page = the_code_of_a_new_device(browser)
    return browser.post("/login/code/again", {"pending": hidden(page, "pending")})


@visit("login/second_step.html")
def the_second_step_of_a_login(browser):
    inside(browser)
    return waiting(browser, "/login/second-step")


@visit("login/second_step.html", "sent")
def the_second_step_sent(browser):
    inside(browser)
    return browser.post("/login/second-step/send", {"context": context_of(browser)})


@visit("login/gone.html")
def a_login_that_is_gone(browser):
    return browser.post("/login/code/again", {"pending": "x"})


@visit("consent/consent.html")
def consent(browser):
    scopes = "openid profile email phone address national_id"
    inside(
        browser,
        scopes=frozenset(scopes.split()),
        policy_uri="https://portal.example/policy",
    )
    claims = '{"id_token": {"gender": null, "email": null}}'
    return waiting(browser, "/consent", scope=scopes, claims=claims)


@visit("account/account.html")
def the_account(browser):
    inside(browser)
    return browser.get("/account")


@visit("account/account.html", "with portals")
def the_account_with_portals(browser):
    inside(browser)
    context = context_of(browser)
    browser.post("/consent", {"context": context, "decision": "accept"}, follow=False)
    return browser.get("/account")


@visit("logout/ask.html")
def the_question_of_signing_out(browser):
    inside(browser)
    session = browser.hub.deps.sessions.find_live(browser.cookie("hub_session"))
    with browser.hub.deps.begin() as work:
        work.sessions.visit(session.id, "portal", browser.hub.clock())
    return browser.get("/logout")


@visit("logout/signed_out.html")
def signed_out(browser):
    the_question_of_signing_out(browser)
    return browser.post("/logout", {})


@visit("recover/start.html")
def the_recovery(browser):
    return browser.get("/recover")


@visit("recover/start.html", "with a wrong national ID")
def a_wrong_recovery(browser):
    return browser.post("/recover", {"username": "123"})


@visit("recover/code.html")
def the_code_of_a_recovery(browser):
    add_account(browser.hub)
    return ask_recovery(browser)


@visit("recover/code.html", "wrong")
def a_wrong_code_of_a_recovery(browser):
    return prove_recovery(browser, the_code_of_a_recovery(browser), "abc")


@visit("recover/code.html", "sent again")
def another_code_of_a_recovery(browser):
    page = the_code_of_a_recovery(browser)
    return browser.post("/recover/again", {"recovery": hidden(page, "recovery")})


@visit("recover/password.html")
def the_question(browser):
    return prove_recovery(browser, the_code_of_a_recovery(browser))


@visit("recover/password.html", "wrong")
def a_wrong_answer(browser):
    return answer_recovery(browser, the_question(browser), answer="qermez", password_again="x")


@visit("recover/password.html", "empty")
def no_answer(browser):
    empty = {"answer": "", "password": "", "password_again": ""}
    return answer_recovery(browser, the_question(browser), **empty)


@visit("recover/done.html")
def a_new_password(browser):
    return answer_recovery(browser, the_question(browser))


@visit("recover/branch.html")
def too_many_answers(browser):
    page = the_question(browser)
    for _ in range(5):
        answer_recovery(browser, page, answer="قرمز")
    return answer_recovery(browser, page)


@visit("register/step_one.html")
def the_first_step(browser):
    return browser.get("/register")


@visit("register/step_one.html", "wrong")
def a_wrong_first_step(browser):
    return step_one(browser, national_id="1234567890", operator="", mobile="0912")


@visit("register/step_one.html", "an account exists")
def a_first_step_of_a_known_citizen(browser):
    add_account(browser.hub)
    return to_step_two(browser)


@visit("register/code.html")
def the_code_of_step_one(browser):
    return step_one(browser)


@visit("register/code.html", "of another operator")
def the_code_with_a_hint(browser):
    return step_one(browser, operator="irancell")


@visit("register/code.html", "wrong")
def a_wrong_code_of_step_one(browser):
    return prove(browser, step_one(browser), "000000")


@visit("register/code.html", "sent again")
def another_code_of_step_one(browser):
    page = step_one(browser)
    return browser.post("/register/code/resend", {"flow": hidden(page, "flow")})


@visit("register/step_two.html")
def the_second_form(browser):
    return to_step_two(browser)


@visit("register/step_two.html", "empty")
def an_empty_second_form(browser):
    page = to_step_two(browser)
    return browser.post("/register/details", {"flow": hidden(page, "flow")})


@visit("register/step_two.html", "wrong")
def a_wrong_second_form(browser):
    return step_two(browser, to_step_two(browser), **WRONG)


@visit("register/step_two.html", "on a busy machine")
def a_second_form_on_a_busy_machine(browser):
    page = to_step_two(browser)
    browser.hub.hashing.is_busy = True
    return step_two(browser, page, answer="abi")


@visit("register/submitted.html")
def submitted(browser):
    return register(browser)


@visit("register/submitted.html", "for a portal")
def submitted_for_a_portal(browser):
    add_client(browser.hub)
    context = context_of(browser)
    page = step_one(browser, context=context)
    form = {"flow": hidden(page, "flow"), "code": browser.hub.take_code(), "context": context}
    return step_two(browser, browser.post("/register/code", form), context=context)


@visit("register/branch.html")
def a_case_for_the_branch(browser):
    with browser.hub.deps.begin() as work:
        work.cases.add(factories.case(state=CaseState.BRANCH))
    return to_step_two(browser)


@visit("register/limited.html")
def one_registration_too_many(browser):
    deps = browser.hub.deps
    page = to_step_two(browser)
    pair = f"{factories.NATIONAL_ID.value}|{factories.MOBILE.e164}"
    key = deps.vault.digest(pair, purpose="registration_limit")
    limit, now = deps.settings.registration.per_day, browser.hub.clock()
    with deps.begin() as work:
        for _ in range(limit):
            work.counters.take(f"registration:1:{key}", limit=limit, per=DAY, now=now)
    return step_two(browser, page)


@visit("register/gone.html")
def a_registration_that_is_gone(browser):
    return browser.get("/register/details")


@visit("register/step_one.html", "of a physician")
def physicians(browser):
    return browser.get("/register/physicians")


@visit("register/physicians.html")
def physicians_elsewhere(browser):
    vars(browser.hub.deps.settings.registration)["physicians"] = False
    return browser.get("/register/physicians")


def as_physician(browser):
    return prove(browser, browser.post("/register/physicians", STEP_ONE))


@visit("register/step_two.html", "of a physician")
def step_two_of_a_physician(browser):
    return as_physician(browser)


@visit("register/profession.html")
def a_profession_to_add(browser):
    add_account(browser.hub)
    return as_physician(browser)


@visit("register/profession_pending.html")
def a_profession_that_is_checked(browser):
    page = a_profession_to_add(browser)
    claim = {"profession": "midwife", "council_number": "4451"}
    return browser.post("/register/profession", {"flow": hidden(page, "flow"), **claim})


@visit("guide/guide.html")
def the_guide(browser):
    return browser.get("/guide")


@visit("inbox/inbox.html")
def the_inbox(browser):
    return browser.get("/dev/inbox")


@visit("inbox/inbox.html", "refreshing")
def the_inbox_that_refreshes(browser):
    return browser.get("/dev/inbox?refresh=1")


@visit("styleguide/styleguide.html")
def the_components(browser):
    return browser.get("/styleguide")


@visit("maintenance.html")
def closed_for_upkeep(browser):
    browser.hub.deps.maintenance.hang_out(Maintenance(browser.hub.clock() + timedelta(hours=1)))
    return browser.get("/login")


@visit("maintenance.html", "without an end")
def closed_for_nobody_knows_how_long(browser):
    browser.hub.deps.maintenance.hang_out(Maintenance(None))
    return browser.get("/login")


@visit("working.html")
def work_to_do(browser):
    for number in range(20):
        log_in(browser, username=f"{number:010}")
    return log_in(browser)


@visit("working_gone.html")
def work_that_is_gone(browser):
    return browser.post("/login", {"held": "x", "altcha": ""})


@visit("oauth/form_post.html")
def an_answer_by_post(browser):
    add_client(browser.hub, first_party=True)
    return authorize(browser, response_mode="form_post")


@visit("oauth/ask_return.html")
def an_error_of_a_stranger(browser):
    add_client(browser.hub)
    return authorize(browser)


@visit("error.html", "of a portal")
def an_unknown_portal(browser):
    return authorize(browser, client_id="nobody")


@visit("error.html", "of a portal's request")
def a_request_that_nobody_can_read(browser):
    return authorize(browser, state="\x00")


@visit("error.html", "not found")
def nothing(browser):
    return browser.get("/nowhere")


@visit("error.html", "of ours")
def a_fault_of_ours(browser):
    browser.hub.app.view_functions["guide.show"] = lambda: 1 / 0
    return browser.get("/guide")


@visit("error.html", "a form from elsewhere")
def a_form_from_elsewhere(browser):
    return browser.client.post("/login", data={}, base_url=ORIGIN)


ACCOUNT_PAGES = {
    "account/close.html": "/account/close",
    "account/closed.html": "/account/close/closed",
    "account/data.html": "/account/data",
    "account/print.html": "/account/data/print",
    "account/email.html": "/account/email",
    "account/email_gone.html": "/account/email/confirm?ticket=x",
    "account/email_confirmed.html": "/account/email/confirmed",
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
    visit(_template)(_of_account(_path))


@visit("account/email_confirm.html")
def an_address_to_confirm(browser):
    inside(browser)
    browser.post("/account/email", {"email": "new@example.ir"})
    with browser.hub.deps.begin() as work:
        job = work.outbox.claim("test", browser.hub.clock(), lease=DAY, kinds=(MAIL,))
    link = next(word for word in job.mail.text.split() if word.startswith(ORIGIN))
    return browser.get(link.removeprefix(ORIGIN))


@visit("account/mobile_code.html")
def a_code_for_the_number(browser):
    inside(browser)
    browser.hub.clock.move(timedelta(minutes=2))
    return browser.post("/account/mobile", {"mobile": "09127919289"})


@visit("account/mobile_gone.html")
def a_change_that_is_gone(browser):
    inside(browser)
    return browser.post("/account/mobile/again", {"flow": "x", "proven": "x"})
