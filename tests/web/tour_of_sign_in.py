"""The pages of sign-in, consent, sign-out and recovery, in all their states."""

from datetime import timedelta

from idp.domain.clients.client import SelfRegistration
from idp.protocol.jose.jws import sign
from idp.protocol.token.tokens import ID_TOKEN_TYPE
from tests import factories
from tests.architecture.sources import ROOT
from tests.web.hub import ORIGIN, address, hidden
from tests.web.sign_in.walk import (
    add_account,
    add_client,
    answer_recovery,
    ask_recovery,
    context_of,
    inside_by_password,
    log_in,
    prove_recovery,
)
from tests.web.visits import Visits, inside, waiting

visits = Visits()

LOGO = ROOT / "clients" / "insurance-records.png"
A_MINUTE, LIFE_OF_A_CODE = timedelta(minutes=1), timedelta(minutes=5)
LIFE_OF_A_REQUEST = timedelta(hours=2)


@visits.of("login/login.html")
def the_login_page(browser):
    return browser.get("/login")


@visits.of("login/login.html", "for a portal")
def the_login_page_of_a_portal(browser):
    add_client(browser.hub, logo=LOGO.read_bytes(), logo_version="0123456789abcdef")
    return waiting(browser, "/login")


@visits.of("login/login.html", "for a portal with logo, papers and a long name")
def the_login_page_of_a_portal_with_a_logo(browser):
    name = "سامانه جامع درمان غیرمستقیم و اسناد پزشکی بیمه‌شدگان تأمین اجتماعی"
    papers = {f"{kind}_uri": f"https://portal.example/{kind}" for kind in ("policy", "tos")}
    logo = {"logo": LOGO.read_bytes(), "logo_version": "0123456789abcdef"}
    add_client(browser.hub, name=name, registration=SelfRegistration(()), **logo, **papers)
    return waiting(browser, "/login")


@visits.of("login/login.html", "empty")
def an_empty_login(browser):
    return browser.post("/login", {})


@visits.of("login/login.html", "refused")
def a_refused_login(browser):
    return log_in(browser)


@visits.of("login/code.html")
def the_code_of_a_new_device(browser):
    add_account(browser.hub)
    return log_in(browser)


@visits.of("login/code.html", "wrong")
def a_wrong_code_of_a_new_device(browser):
    page = the_code_of_a_new_device(browser)
    return browser.post("/login/code", {"flow": hidden(page, "flow"), "code": "abc"})


def again(browser, page, path="/login/code/again"):
    return browser.post(path, {"flow": hidden(page, "flow")})


@visits.of("login/code.html", "sent again")
def another_code_of_a_new_device(browser):
    page = the_code_of_a_new_device(browser)
    browser.hub.clock.move(A_MINUTE)
    return again(browser, page)


@visits.of("login/code.html", "still good")
def a_code_of_a_new_device_that_is_still_good(browser):
    page = the_code_of_a_new_device(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.get(address(page))


@visits.of("login/code.html", "none good")
def a_code_of_a_new_device_that_is_old(browser):
    page = the_code_of_a_new_device(browser)
    browser.hub.clock.move(LIFE_OF_A_CODE)
    return browser.get(address(page))


@visits.of("login/code.html", "tried out")
def a_code_of_a_new_device_that_is_tried_out(browser):
    page = the_code_of_a_new_device(browser)
    form = {"flow": hidden(page, "flow"), "code": "000000"}
    return [browser.post("/login/code", form) for _ in range(5)][-1]


@visits.of("login/code.html", "of a physician")
def the_code_of_a_physician(browser):
    roles = ("insured", "physician")
    add_account(browser.hub, physician=factories.PROVEN, roles=roles)
    return log_in(browser)


@visits.of("login/code.html", "spent")
def no_more_codes_of_a_new_device(browser):
    page = the_code_of_a_new_device(browser)
    for _ in range(10):
        browser.hub.clock.move(A_MINUTE)
        page = again(browser, log_in(browser))
    return page


@visits.of("login/second_step.html")
def the_second_step_of_a_login(browser):
    inside_by_password(browser)
    return waiting(browser, "/login/second-step")


@visits.of("login/second_step.html", "sent")
def the_second_step_sent(browser):
    inside_by_password(browser)
    return browser.post("/login/second-step/send", {"context": context_of(browser)})


@visits.of("login/second_step.html", "sent again")
def another_second_step(browser):
    page = the_second_step_sent(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.post("/login/second-step/send", {"context": hidden(page, "context")})


@visits.of("login/second_step.html", "still good")
def a_second_step_that_is_still_good(browser):
    page = the_second_step_sent(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.get(address(page))


@visits.of("login/second_step.html", "wrong")
def a_wrong_second_step(browser):
    page = the_second_step_sent(browser)
    form = {"context": hidden(page, "context"), "code": "abc"}
    return browser.post("/login/second-step", form)


@visits.of("login/second_step.html", "spent")
def no_more_second_steps(browser):
    page = the_second_step_sent(browser)
    context = hidden(page, "context")
    for _ in range(10):
        browser.hub.clock.move(A_MINUTE)
        page = browser.post("/login/second-step/send", {"context": context})
    return page


@visits.of("login/gone.html")
def a_login_that_is_gone(browser):
    return browser.post("/login/code/again", {"flow": "x"})


@visits.of("login/gone.html", "of a portal")
def a_portals_login_that_is_gone(browser):
    add_client(browser.hub)
    page = waiting(browser, "/login")
    browser.hub.clock.move(LIFE_OF_A_REQUEST)
    return browser.get(address(page))


@visits.of("consent/consent.html")
def consent(browser):
    scopes = "openid profile email phone address national_id"
    inside(
        browser,
        scopes=frozenset(scopes.split()),
        policy_uri="https://portal.example/policy",
        registration=SelfRegistration(()),
    )
    claims = '{"id_token": {"gender": null, "email": null}}'
    return waiting(browser, "/consent", scope=scopes, claims=claims)


@visits.of("consent/consent.html", "of another account")
def consent_of_another_account(browser):
    inside(browser)
    form = {"context": context_of(browser), "decision": "accept", "account": "another"}
    return browser.post("/consent", form)


@visits.of("login/choose_account.html")
def who_goes_on(browser):
    inside(browser)
    return waiting(browser, "/choose-account", prompt="create")


@visits.of("logout/ask.html")
def the_question_of_signing_out(browser):
    inside(browser)
    session = browser.hub.deps.sessions.find_live(browser.cookie("hub_session"))
    with browser.hub.deps.begin() as work:
        work.sessions.visit(session.id, "portal", browser.hub.clock())
    return browser.get("/logout")


@visits.of("logout/signed_out.html")
def signed_out(browser):
    the_question_of_signing_out(browser)
    return browser.post("/logout", {})


@visits.of("logout/signed_out.html", "of a portal that nobody reviewed")
def signed_out_of_a_strangers_portal(browser):
    add_client(
        browser.hub,
        registration=SelfRegistration(()),
        post_logout_redirect_uris=("https://portal.example/goodbye",),
    )
    keys = browser.hub.deps.provider._provider.keys
    keys.promote(keys.new("ES256").kid)
    claims = {"sub": "s", "exp": 0, "iat": 0, "auth_time": 0, "aud": "portal", "iss": ORIGIN}
    hint = sign(claims, keys.signer("ES256"), typ=ID_TOKEN_TYPE)
    wish = {"id_token_hint": hint, "post_logout_redirect_uri": "https://portal.example/goodbye"}
    return browser.get("/oauth2/end_session", query_string=wish)


@visits.of("recover/start.html")
def the_recovery(browser):
    return browser.get("/recover")


@visits.of("recover/start.html", "with a wrong national ID")
def a_wrong_recovery(browser):
    return browser.post("/recover", {"username": "123"})


@visits.of("recover/code.html")
def the_code_of_a_recovery(browser):
    add_account(browser.hub)
    return ask_recovery(browser)


@visits.of("recover/code.html", "wrong")
def a_wrong_code_of_a_recovery(browser):
    return prove_recovery(browser, the_code_of_a_recovery(browser), "abc")


@visits.of("recover/code.html", "sent again")
def another_code_of_a_recovery(browser):
    page = the_code_of_a_recovery(browser)
    browser.hub.clock.move(A_MINUTE)
    return again(browser, page, "/recover/again")


@visits.of("recover/code.html", "still good")
def a_code_of_a_recovery_that_is_still_good(browser):
    page = the_code_of_a_recovery(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.get(address(page))


@visits.of("recover/code.html", "none good")
def a_code_of_a_recovery_that_is_old(browser):
    page = the_code_of_a_recovery(browser)
    browser.hub.clock.move(LIFE_OF_A_CODE)
    return browser.get(address(page))


@visits.of("recover/password.html")
def the_question(browser):
    return prove_recovery(browser, the_code_of_a_recovery(browser))


@visits.of("recover/password.html", "wrong")
def a_wrong_answer(browser):
    return answer_recovery(browser, the_question(browser), answer="qermez", password_again="x")


@visits.of("recover/password.html", "another answer")
def another_answer(browser):
    return answer_recovery(browser, the_question(browser), answer="qermez")


@visits.of("recover/password.html", "empty")
def no_answer(browser):
    empty = {"answer": "", "password": "", "password_again": ""}
    return answer_recovery(browser, the_question(browser), **empty)


@visits.of("recover/done.html")
def a_new_password(browser):
    return answer_recovery(browser, the_question(browser))


@visits.of("recover/branch.html")
def too_many_answers(browser):
    page = the_question(browser)
    for _ in range(5):
        answer_recovery(browser, page, answer="قرمز")
    return answer_recovery(browser, page)
