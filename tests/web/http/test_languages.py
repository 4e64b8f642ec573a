"""Which language a page is in, and how it is changed."""

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from idp.web.http import languages
from idp.web.words import guide_texts
from tests.web.hub import ORIGIN, Browser, hidden, words
from tests.web.registration.walk import to_step_two
from tests.web.sign_in.walk import USER, add_account, add_client, context_of, enter, log_in

ENGLISH = {"Accept-Language": "en-US,en;q=0.9"}


def language_of(page) -> tuple[str, str]:
    found = re.search(r'<html lang="(\w+)" dir="(\w+)">', page.text)
    assert found
    return found[1], found[2]


def switch(page) -> str:
    """The link to the other language, whole; empty where there is none."""
    found = re.search(r'<a class="switch.*?</a>', page.text, re.DOTALL)
    return found[0].replace("&amp;", "&") if found else ""


def switched(browser: Browser, to: str = "en") -> Browser:
    browser.get(f"/login?language={to}")
    return browser


def waiting_login(browser: Browser, ui_locales: str):
    add_client(browser.hub)
    return browser.get(
        "/login", query_string={"context": context_of(browser, ui_locales=ui_locales)}
    )


def test_a_page_is_in_persian_from_right_to_left(hub):
    assert language_of(hub.browser().get("/login")) == ("fa", "rtl")


def test_the_switch_is_remembered(hub):
    browser = switched(hub.browser())
    assert language_of(browser.get("/register")) == ("en", "ltr")


def test_the_switch_leads_back(hub):
    browser = switched(switched(hub.browser()), "fa")
    assert language_of(browser.get("/register")) == ("fa", "rtl")


@pytest.mark.parametrize("wish", ["en", "en-GB fa", "en_US", "de en fa"])
def test_a_portals_wish_for_english_is_heard(hub, wish):
    assert language_of(waiting_login(hub.browser(), wish))[0] == "en"


@pytest.mark.parametrize("wish", ["fa en", "fa-IR", "de fr"])
def test_any_other_wish_of_a_portal_leaves_persian(hub, wish):
    assert language_of(waiting_login(hub.browser(), wish))[0] == "fa"


def test_the_portals_wish_holds_for_the_lists_of_a_page_too(hub):
    add_client(hub)
    browser = hub.browser()
    flow = hidden(to_step_two(browser), "flow")
    query = {"flow": flow, "context": context_of(browser, ui_locales="en")}
    page = browser.get("/register/details", query_string=query)
    assert language_of(page)[0] == "en"
    assert "Farvardin" in words(page)


def test_what_the_citizen_chose_beats_the_portals_wish(hub):
    browser = switched(hub.browser(), "fa")
    assert language_of(waiting_login(browser, "en"))[0] == "fa"


def test_the_portals_wish_holds_where_its_request_is_refused(hub):
    page = hub.browser().get("/oauth2/authorize?client_id=nobody&ui_locales=en")
    assert language_of(page)[0] == "en"


def test_the_portals_wish_holds_on_the_way_back_to_it(hub):  # OIDC Core 3.1.2.1
    browser = hub.browser()
    add_account(hub)
    add_client(hub, first_party=True)
    enter(browser)
    context = context_of(browser, ui_locales="en", response_mode="form_post")
    page = browser.get("/oauth2/authorize/resume", query_string={"context": context})
    assert "Back to the portal" in words(page)


def test_a_portals_wish_holds_for_the_question_of_signing_out(hub):  # RP-Initiated Logout 2
    browser = hub.browser()
    add_account(hub)
    enter(browser)
    page = browser.get("/oauth2/end_session?ui_locales=en")
    assert "Do you want to sign out of your account?" in words(page)
    form = {"request": hidden(page, "request"), "ui_locales": hidden(page, "ui_locales")}
    assert "You have signed out" in words(browser.post("/logout", form))


def test_a_language_that_pages_lack_changes_nothing(hub):
    browser = switched(switched(hub.browser()), "de")
    assert language_of(browser.get("/login"))[0] == "en"


def test_a_forged_cookie_changes_nothing(hub):
    browser = hub.browser()
    browser.client.set_cookie("hub_language", "xx", domain="127.0.0.1")
    assert language_of(browser.get("/login"))[0] == "fa"


def test_a_browser_in_english_alone_gets_persian_with_a_switch_that_stands_out(hub):
    page = hub.browser().get("/login", headers=ENGLISH)
    assert (language_of(page)[0], "stands-out" in switch(page)) == ("fa", True)


@pytest.mark.parametrize("accepted", ["fa,en;q=0.5", "de", "", "en;q=0, de"])
def test_for_any_other_browser_the_switch_is_quiet(hub, accepted):
    page = hub.browser().get("/login", headers={"Accept-Language": accepted})
    assert "stands-out" not in switch(page)


def test_persian_that_a_browser_refuses_does_not_count(hub):
    page = hub.browser().get("/login", headers={"Accept-Language": "en, fa;q=0"})
    assert "stands-out" in switch(page)


def test_on_a_page_in_english_the_switch_is_quiet(hub):
    page = switched(hub.browser()).get("/login", headers=ENGLISH)
    assert "stands-out" not in switch(page)


@pytest.mark.parametrize(
    ("now", "attributes", "name"),
    [
        ("fa", {'lang="en"', 'hreflang="en"', 'dir="ltr"'}, "English"),
        ("en", {'lang="fa"', 'hreflang="fa"', 'dir="rtl"'}, "فارسی"),
    ],
)
def test_the_switch_is_named_in_its_own_language(hub, now, attributes, name):
    link = switch(switched(hub.browser(), now).get("/login"))
    assert {one for one in attributes if one not in link} == set()
    assert link.endswith(f">{name}</a>")


def test_the_switch_keeps_what_the_address_carries(hub):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    link = switch(browser.get("/login", query_string={"context": context, "flow": "a b"}))
    assert f'href="/login?context={quote(context)}&flow=a+b&language=en"' in link


def test_switching_leads_to_the_same_address_without_the_choice(hub):
    answer = hub.browser().client.get("/register?flow=a+b&flow=c&language=en", base_url=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/register?flow=a+b&flow=c")


def test_a_refused_form_comes_back_in_the_other_language(hub):
    browser = hub.browser()
    page = log_in(browser, password="Wrong1234x")
    address = re.findall(r'href="([^"]*)"', switch(page))[0]
    again = browser.get(address)
    assert (again.status_code, language_of(again)[0]) == (422, "en")
    assert USER in words(again)


def test_a_page_that_came_by_post_has_no_switch(hub):
    page = hub.browser().post("/login", {"csrf_token": "made up"}, follow=False)
    assert (page.status_code, switch(page)) == (403, "")


def test_a_page_that_does_not_exist_has_no_switch(hub):
    assert switch(hub.browser().get("/nowhere")) == ""


def test_an_answer_to_a_portal_has_no_switch(hub):
    assert switch(hub.browser().get("/oauth2/authorize?client_id=nobody")) == ""


@pytest.mark.parametrize(
    "query",
    [
        "_scheme=javascript&_external=1",
        "_external=1&_scheme=https&_anchor=x",
        "_method=POST",
        "endpoint=login.show",
        "next=//evil.example",
    ],
)
def test_no_query_makes_the_switch_lead_elsewhere(hub, query):
    browser = hub.browser()
    page = browser.get(f"/login?{query}")
    assert 'href="/login?' in switch(page)
    answer = browser.client.get(f"/login?{query}&language=en", base_url=ORIGIN)
    assert answer.headers["Location"].startswith("/login?")


def test_a_forged_host_does_not_make_the_switch_lead_elsewhere(hub):
    answer = hub.browser().client.get("/login?language=en", base_url="http://evil.example")
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


@pytest.mark.parametrize(
    "path", ["/oauth2/authorize", "/oauth2/authorize/resume", "/oauth2/jwks", "/oauth2/userinfo"]
)
def test_an_endpoint_of_the_protocol_takes_no_choice_of_language(hub, path):
    answer = hub.browser().client.get(f"{path}?language=en", base_url=ORIGIN)
    assert answer.headers.get("Location") is None
    assert "hub_language" not in str(answer.headers)


@pytest.mark.parametrize(
    ("source", "english", "persian"),
    [
        ("{{ 1365 | digits }}", "1365", "۱۳۶۵"),
        ('{{ "نام" | translated }}', "Given name", "نام"),
        ('{{ _("نام") }}', "Given name", "نام"),
        ("{% trans %}نام{% endtrans %}", "Given name", "نام"),
    ],
)
def test_a_template_that_was_read_for_one_language_serves_the_other(hub, source, english, persian):
    template = hub.app.jinja_env.from_string(source)
    with hub.app.test_request_context("/?ui_locales=en"):
        assert template.render() == english
    with hub.app.test_request_context("/"):
        assert template.render() == persian


def test_times_are_jalali_in_persian(hub):
    assert "۱ فروردین ۱۴۰۵ ساعت ۱۵:۳۰" in words(hub.browser().get("/dev/inbox"))


def test_times_are_gregorian_in_english(hub):
    page = switched(hub.browser()).get("/dev/inbox")
    assert "21 March 2026, 15:30" in words(page)


def test_countries_in_english_are_named_and_ordered_in_english(hub):
    page = to_step_two(switched(hub.browser())).text
    names = re.findall(r'<option value="[A-Z]{2}"\s*>([^<]+)', page.partition('name="country"')[2])
    assert names[:4] == ["Iran", "Afghanistan", "Åland Islands", "Albania"]


def test_cities_keep_their_persian_names_and_say_so(hub):
    page = to_step_two(switched(hub.browser())).text
    assert re.search(r'<optgroup label="East Azerbaijan">\s*<option lang="fa">تبریز</option>', page)


def test_the_english_form_says_in_which_letters_names_are_wanted(hub):
    page = to_step_two(switched(hub.browser()))
    assert words(page).count("In Persian letters, as on your birth certificate.") == 2


def test_the_persian_form_need_not_say_it(hub):
    assert "با حروف فارسی، مطابق شناسنامه." not in words(to_step_two(hub.browser()))


def test_no_line_ends_between_a_number_and_its_unit(hub):
    assert languages.gettext("ظرف ۴۸ ساعت") == "ظرف ۴۸\u00a0ساعت"
    assert "\u00a0" in languages.ngettext("{n} ثانیه دیگر", "{n} ثانیه دیگر", 2)


def test_no_line_ends_within_a_day_or_before_an_hour(hub):
    moment = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
    assert languages.when(moment) == "۱\u00a0فروردین ۱۴۰۵ ساعت\u00a0۱۵:۳۰"
    with hub.app.test_request_context(headers={"Cookie": "hub_language=en"}):
        assert languages.when(moment) == "21\u00a0March 2026, 15:30"


def test_the_guides_words_keep_their_blanks():
    assert "\u00a0" not in guide_texts.screen("pending.1")
