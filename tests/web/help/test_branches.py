"""The page that finds a branch: by a form without scripts, by an address that can be shared."""

import pytest

from tests.web.help.branch_rows import put_branches
from tests.web.hub import words


@pytest.fixture
def browser(hub):
    put_branches(hub)
    return hub.browser()


def search(browser, **query):
    return browser.get("/branches", query_string=query)


def test_a_branch_is_told_with_all_that_is_known_of_it(browser):
    shown = words(search(browser, province="یزد", city="یزد"))
    told = "شعبه یک یزد بلوار امام، کوچه ۵ تلفن: 035-36220000 ساعت کار: شنبه تا چهارشنبه ۷ تا ۱۴"
    assert told in shown
    assert "شعبه میبد" not in shown


def test_a_tap_calls_the_branch(browser):
    page = search(browser, province="یزد", city="یزد").text
    assert '<a href="tel:03536220000" dir="ltr">035-36220000</a>' in page


def test_a_province_shows_its_branches_city_by_city(browser):
    shown = words(search(browser, province="یزد"))
    assert "۳ شعبه یزد شعبه یک یزد" in shown
    assert shown.index("شعبه دو یزد") < shown.index("شعبه میبد")
    assert "شعبه قم" not in shown


@pytest.mark.parametrize("city", ["قم", "qom", "Ghom", " قم "])
def test_a_city_alone_is_enough(browser, city):
    assert "شعبه قم خیابان ساحلی" in words(search(browser, city=city))


def test_a_city_without_a_branch_leads_to_those_of_its_province(browser):
    shown = words(search(browser, province="یزد", city="بافق"))
    assert "شعبه‌ای در این شهر پیدا نشد در «بافق» شعبه‌ای در فهرست نیست." in shown
    assert "شعبه‌های دیگر همین استان:" in shown
    assert "۳ شعبه" not in shown
    assert "شعبه یک یزد" in shown


def test_a_city_that_nobody_knows_says_what_to_do(browser):
    shown = words(search(browser, city="لندن"))
    assert "شعبه‌ای پیدا نشد" in shown
    assert "استان را از فهرست انتخاب کنید" in shown


def test_a_province_without_a_branch_says_what_to_do(browser):
    assert "استان همسایه را ببینید" in words(search(browser, province="تهران"))


def test_without_a_question_there_is_the_form_alone(browser):
    shown = words(search(browser))
    assert "یافتن شعبه" in shown
    assert "شعبه قم" not in shown


def test_what_was_asked_stays_in_the_form(browser):
    page = search(browser, province="یزد", city="میبد")
    assert 'value="یزد" selected' in page.text
    assert 'value="میبد"' in page.text


def test_the_other_language_keeps_the_question(browser):
    page = browser.get("/branches?province=یزد&city=یزد&language=en")
    assert page.request.args.to_dict() == {"province": "یزد", "city": "یزد"}


def test_no_cookie_is_needed_and_no_session_asked(browser):
    answer = browser.client.get("/branches?city=قم", base_url="http://127.0.0.1:8000")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"province": "توران"},
        {"city": "x" * 5000},
        {"city": "<script>alert(1)</script>"},
        {"city": "\u202e\x00\ufffd"},
        {"city": "'; DROP TABLE branches; --"},
        {"province": "%"},
    ],
)
def test_any_address_is_a_page(browser, query):
    page = search(browser, **query)
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_a_list_that_was_not_imported_is_no_dead_end(make_hub):
    hub = make_hub('[brand]\nsupport = "تلفن پشتیبانی: ۰۲۱-۱۲۳۴"\n')
    shown = words(hub.browser().get("/branches?city=قم"))
    assert "فهرست شعبه‌ها هنوز در این سامانه ثبت نشده است." in shown
    assert shown.count("تلفن پشتیبانی: ۰۲۱-۱۲۳۴") == 2  # in the page, and in its foot
    assert "آدرس آن را از پشتیبانی سازمان بپرسید: تلفن پشتیبانی" in shown
    assert "شعبه‌ای پیدا نشد" not in shown


def test_without_a_list_and_a_line_nobody_is_sent_to_ask(hub):
    shown = words(hub.browser().get("/branches"))
    assert "به شعبه شهر خود مراجعه کنید." in shown
    assert "بپرسید" not in shown


def test_a_new_list_is_shown_at_once(hub):
    browser = hub.browser()
    assert "شعبه قم" not in words(search(browser, city="قم"))
    put_branches(hub)
    assert "شعبه قم" in words(search(browser, city="قم"))
