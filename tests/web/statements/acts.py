"""What the guide says happens: checks that do it."""

import re
from urllib.parse import parse_qs, urlsplit

from idp.domain.persian.digits import to_ascii
from tests.factories import QUESTION, account
from tests.web.hub import path_of, words
from tests.web.registration import walk as registration
from tests.web.sign_in import walk as sign_in
from tests.web.statements import reading
from tests.web.statements.reading import TEXTS
from tests.web.statements.ways import Way

AUTHORIZE = {
    "response_type": "code",
    "redirect_uri": sign_in.CALLBACK,
    "scope": "openid",
    "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
MONTHS = 12
DAYS = 31
REGISTERED = TEXTS["pending.1"]


def authorize(way: Way, client_id: str):
    """Ask for a sign-in as a portal does; follow the hub's own redirects."""
    page = way.browser.client.get(
        "/oauth2/authorize",
        query_string={**AUTHORIZE, "client_id": client_id},
        base_url="http://127.0.0.1:8000",
    )
    while page.status_code in {302, 303} and not page.location.startswith(sign_in.CALLBACK):
        page = way.browser.client.get(page.location, base_url="http://127.0.0.1:8000")
    return page


def every_page_names_the_organisation(way: Way) -> None:
    pages = ("guide", "login", "step one", "step two", "submitted", "recovery", "question")
    assert [one for one in pages if TEXTS["org.name"] not in reading.masthead(way.page(one))] == []


def a_portal_leads_to_the_hub(way: Way) -> None:
    sign_in.add_client(way.hub, first_party=True)
    page = authorize(way, "portal")
    assert reading.title(page) == TEXTS["login.title"]


def one_account_opens_every_portal(way: Way) -> None:
    sign_in.add_account(way.hub)
    way.sign_in(sign_in.PASSWORD)
    for portal in ("portal", "second"):
        sign_in.add_client(way.hub, client_id=portal, first_party=True)
        assert "code" in parse_qs(urlsplit(authorize(way, portal).location).query)


def step_two_follows_at_once(way: Way) -> None:
    assert reading.title(way.page("behind step one")) == TEXTS["step2.title"]


def the_code_follows_then_step_two(way: Way) -> None:
    assert way.page("behind step one").request.path == "/register/code"
    assert reading.title(way.page("step two")) == TEXTS["step2.title"]


def who_has_an_account_is_told_at_once(way: Way) -> None:
    with way.hub.deps.begin() as work:
        work.accounts.add(account())
    page = registration.step_one(way.browser)
    assert reading.title(page) == TEXTS["step1.title"]
    assert TEXTS["error.step1.duplicate"] in reading.summary(page)


def who_has_an_account_is_told_behind_the_code(way: Way) -> None:
    with way.hub.deps.begin() as work:
        work.accounts.add(account())
    first = registration.step_one(way.browser)
    assert TEXTS["error.step1.duplicate"] not in words(first)
    page = registration.prove(way.browser, first)
    assert reading.title(page) == TEXTS["step1.title"]
    assert TEXTS["error.step1.duplicate"] in reading.summary(page)


def months_have_names_and_days_are_a_list(way: Way) -> None:
    page = way.page("step two")
    months, days = (reading.options(page, f"birth_{part}")[1:] for part in ("month", "day"))
    assert (months[0], len(months)) == (TEXTS["step2.birth.value"], MONTHS)
    assert [int(to_ascii(day)) for day in days] == list(range(1, DAYS + 1))


def the_month_is_before_the_day(way: Way) -> None:
    page = way.page("step two")
    assert reading.place(page, "birth_month") < reading.place(page, "birth_day")
    assert reading.options(page, "birth_month")[1] == TEXTS["step2.birth.value"]
    assert int(to_ascii(reading.options(page, "birth_day")[1])) == 1


def no_operator_is_chosen_beforehand(way: Way) -> None:
    page = way.page("step one")
    assert TEXTS["field.operator.mci"] in reading.options(page, "operator")
    assert "selected" not in page.text


def the_foot_has_no_slip_of_the_scan(way: Way) -> None:
    foot = reading.foot(way.page("step one"))
    assert [slip for slip in ("خدمات مشتریان", "خدمات ماشین") if slip in foot] == []


def right_fields_are_marked(way: Way) -> None:
    page = way.page("step two, refused")
    right = ("family_name", "given_name", "national_id", "certificate_number", "series")
    right = (*right, "birth", "gender", "answer")
    assert [field for field in right if not reading.is_marked_right(page, field)] == []
    assert not reading.is_marked_right(page, "serial")


def nobody_is_active_meanwhile(way: Way) -> None:
    way.submitted()
    page = sign_in.log_in(way.browser, password=registration.PASSWORD)
    assert page.status_code == 422
    assert way.browser.cookie("hub_session") is None


def the_result_comes_by_sms(way: Way) -> None:
    way.submitted()
    assert way.decided().to == account().mobile


def after_a_mismatch_one_may_register_again(way: Way) -> None:
    way.submitted()
    assert way.decided(name_fits=False).message_id == "mismatch"
    assert reading.title(way.after_step_one(way.hub.browser())) == TEXTS["step2.title"]


def after_a_mismatch_the_page_no_longer_says_registered(way: Way) -> None:
    page = way.submitted()
    assert REGISTERED in words(page)
    way.decided(name_fits=False)
    again = way.browser.get(page.request.full_path)
    assert REGISTERED not in words(again)


def the_keyboard_is_named_beside_phone_and_address(way: Way) -> None:
    assert reading.hint(way.page("step one"), "mobile") == TEXTS["pw.keyboard"]
    assert reading.hint(way.page("step two"), "email") == TEXTS["pw.keyboard"]


def both_boxes_have_their_english_name(way: Way) -> None:
    page = way.page("login")
    assert reading.value(page, "username", "placeholder") == TEXTS["login.username.en"]
    assert reading.value(page, "password", "placeholder") == TEXTS["login.password.en"]


def four_links_stand_in_order(way: Way) -> None:
    kinds = ("register", "guide", "physicians", "recover")
    shown = [name for name, _ in reading.links(way.page("login"), "links")]
    assert shown[:4] == [TEXTS[f"login.link.{kind}"] for kind in kinds]


def there_is_an_on_screen_keyboard(way: Way) -> None:
    page = way.page("login")
    assert reading.value(page, "password", "data-keyboard") == "صفحه کلید مجازی"
    script = re.search(r'src="([^"]*js/keyboard\.js[^"]*)"', page.text)
    assert script
    with way.browser.get(script[1]) as answer:
        assert answer.status_code == 200


def physicians_have_a_page(way: Way) -> None:
    page = way.page("physicians")
    assert page.status_code == 200
    assert reading.title(page).startswith(TEXTS["login.link.physicians"])


def who_is_activated_can_sign_in(way: Way) -> None:
    way.submitted()
    assert way.decided().message_id == "activated"
    answer = way.sign_in(registration.PASSWORD, way.hub.browser())
    assert path_of(answer) == "/account"


def signing_out_ends_the_session_at_portals_too(way: Way) -> None:
    sign_in.inside_by_password(way.browser)
    way.browser.get("/account")
    token = way.browser.cookie("hub_session")
    session = way.hub.deps.sessions.find_live(token)
    with way.hub.deps.begin() as work:
        work.sessions.visit(session.id, "portal", way.hub.clock())
    page = way.browser.post("/logout", {})
    assert way.hub.deps.sessions.find_live(token) is None
    assert "سوابق بیمه" in reading.main(page)


def recovery_begins_at_the_login_page(way: Way) -> None:
    name, path = reading.links(way.page("login"), "links")[3]
    assert name == TEXTS["login.link.recover"]
    assert reading.title(way.browser.get(path)) == TEXTS["recover.title"]


def recovery_takes_the_national_id(way: Way) -> None:
    assert reading.label(way.page("recovery"), "username") == TEXTS["recover.username"]
    assert QUESTION.text in words(way.page("question"))


def the_question_follows_at_once(way: Way) -> None:
    sign_in.add_account(way.hub)
    assert QUESTION.text in words(sign_in.ask_recovery(way.browser))


def the_question_follows_the_code(way: Way) -> None:
    sign_in.add_account(way.hub)
    page = sign_in.ask_recovery(way.browser)
    assert QUESTION.text not in words(page)
    assert QUESTION.text in words(sign_in.prove_recovery(way.browser, page))


def the_question_takes_answer_and_password(way: Way) -> None:
    page = way.page("question")
    assert QUESTION.text in words(page)
    assert reading.label(page, "answer").startswith(TEXTS["step2.answer"])
    assert reading.element(page, "password")
    assert TEXTS["recover.submit"] in reading.buttons(page)


def a_wrong_answer_is_refused(way: Way) -> None:
    page = sign_in.answer_recovery(way.browser, way.recovery(), answer="سبز")
    assert page.status_code == 422
    assert way.sign_in(sign_in.PASSWORD, way.hub.browser()).status_code == 303


def the_new_password_works(way: Way) -> None:
    sign_in.answer_recovery(way.browser, way.recovery())
    way.hub.take_sms()
    answer = way.sign_in(sign_in.NEW_PASSWORD, way.hub.browser())
    assert path_of(answer) == "/account"


def the_guide_tells_how_to_recover(way: Way) -> None:
    told = reading.main(way.page("guide"))
    assert TEXTS["recover.flow" if way.guide else "recover.flow.code"] in told
