"""Where things stand in the two forms, as the guide's pictures have them."""

from tests.factories import account
from tests.web.forms_of_pages import ids_of
from tests.web.hub import words
from tests.web.registration.walk import prove, step_one, step_two, to_step_two

EXISTS = "حساب کاربری شما قبلاً ایجاد شده است."


def stand(text, *marks):
    """Return whether the marks stand in the text, one below the other."""
    places = [text.find(mark) for mark in marks]
    return -1 not in places and places == sorted(places)


def test_the_error_of_step_one_stands_between_notices_and_fields(hub):
    page = step_one(hub.browser(), mobile="").text

    assert stand(page, "<h1", 'class="notices"', 'id="summary"', 'id="national_id"')


def test_the_errors_of_step_two_stand_between_notices_and_fields(hub):
    browser = hub.browser()
    page = step_two(browser, to_step_two(browser), serial="").text

    assert stand(page, "<h1", 'class="notices"', 'id="summary"', 'id="family_name"')


def test_a_browser_without_scripts_goes_to_the_errors(hub):
    page = step_one(hub.browser(), mobile="").text

    assert 'tabindex="-1" autofocus id="summary"' in page


def test_the_birth_date_is_asked_as_in_the_picture(hub):
    ids = ids_of(to_step_two(hub.browser()).text)

    assert [one for one in ids if one.startswith("birth_")] == [
        *("birth_month", "birth_day", "birth_year")
    ]


def test_the_rules_of_a_password_stand_above_it(hub):
    page = to_step_two(hub.browser()).text

    assert stand(page, 'id="password-rules"', 'id="password"', 'id="password_again"')


def test_who_has_an_account_finds_the_ways_on_right_below_that_sentence(hub):
    with hub.deps.begin() as work:
        assert work.accounts.add(account())
    browser = hub.browser()
    page = prove(browser, step_one(browser))
    ways = page.text.partition('id="summary"')[2].partition("<form")[0]

    assert EXISTS in words(page)
    assert stand(ways, 'href="/login', 'href="/recover')


def test_nobody_else_is_led_away_from_the_form(hub):
    page = step_one(hub.browser(), mobile="").text

    assert "/recover" not in page.partition('id="summary"')[2].partition("<form")[0]
