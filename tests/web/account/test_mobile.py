from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.mobile_change import ChangeState
from tests import factories
from tests.web.hub import hidden, words

PAGE = "/account/mobile"
NEW = "09127919289"


@pytest.fixture
def later(inside):
    """The code of the sign-in is a while ago, the password is not."""
    inside.hub.clock.move(timedelta(minutes=2))
    return inside


def code_form(browser, page, code=None):
    code = browser.hub.take_code() if code is None else code
    return {"flow": hidden(page, "flow"), "proven": hidden(page, "proven"), "code": code}


def latest(browser):
    with browser.hub.deps.begin(read_only=True) as work:
        return work.mobile_changes.latest("account-1")


def test_both_numbers_prove_themselves_and_the_registry_is_asked(later):
    page = later.post(PAGE, {"mobile": "۰۹۱۲ ۷۹۱ ۹۲۸۹"})
    assert "گام ۱ از ۲" in words(page)
    page = later.post(f"{PAGE}/code", code_form(later, page))
    assert "گام ۲ از ۲" in words(page)
    answer = later.post(f"{PAGE}/code", code_form(later, page), follow=False)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "در حال بررسی" in words(later.get(PAGE))
    assert "در حال بررسی" in words(later.get("/account"))
    assert latest(later).mobile == factories.OTHER_MOBILE


def test_sending_again_on_an_old_page_leads_to_the_change_of_now(later):
    old = later.post(PAGE, {"mobile": NEW})
    new = later.post(f"{PAGE}/code", code_form(later, old))
    later.post(f"{PAGE}/code", code_form(later, new))
    later.hub.clock.move(timedelta(minutes=2))
    again = later.post(f"{PAGE}/again", {"flow": hidden(old, "flow")}, follow=False)
    assert (again.status_code, again.location, later.hub.take_sms()) == (303, PAGE, [])


def test_no_number_stands_in_the_page_that_goes_on(later):
    page = later.post(PAGE, {"mobile": NEW})
    assert "9127919289" not in page.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "الزامی است"),
        ("123", "باید ۱۱ رقم باشد"),
        ("09129129929", "همان شماره فعلی"),
        ("x" * 301, "بیش از اندازه طولانی"),
        ("0912\x00", "کاراکتر غیرمجاز"),
    ],
)
def test_a_bad_number_is_refused(later, typed, says):
    page = later.post(PAGE, {"mobile": typed}, follow=False)
    assert page.status_code == 422
    assert says in words(page)


@pytest.mark.parametrize("code", ["", "wrong", "x" * 301])
def test_a_bad_code_is_refused(later, code):
    page = later.post(PAGE, {"mobile": NEW})
    again = later.post(f"{PAGE}/code", code_form(later, page, code), follow=False)
    assert again.status_code == 422
    assert hidden(again, "flow") == hidden(page, "flow")


def test_the_code_is_sent_again(later):
    page = later.post(PAGE, {"mobile": NEW})
    later.hub.clock.move(timedelta(minutes=2))
    again = later.post(f"{PAGE}/again", {"flow": hidden(page, "flow")})
    assert "پیامک شد" in words(again)


@pytest.mark.parametrize("step", ["code", "again"])
def test_a_made_up_change_is_refused(later, step):
    form = {"flow": "made up", "code": "123456"}
    assert later.post(f"{PAGE}/{step}", form).status_code == 410


@pytest.mark.parametrize("path", ["/code", "/again"])
def test_a_reload_begins_again(later, path):
    assert later.get(f"{PAGE}{path}").request.path in {PAGE, f"{PAGE}/code"}


def test_while_a_change_waits_no_other_begins(later):
    with later.hub.deps.begin() as work:
        work.mobile_changes.add(factories.mobile_change())
    answer = later.post(PAGE, {"mobile": NEW}, follow=False)
    assert (answer.status_code, answer.location) == (303, PAGE)


@pytest.mark.parametrize(
    ("state", "reason", "says"),
    [
        (ChangeState.CHANGED, "phone_match", "تغییر یافت"),
        (ChangeState.REFUSED, "phone_mismatch", "نزدیکترین شعبه"),
    ],
)
def test_the_page_tells_what_became_of_it(later, state, reason, says):
    change = factories.mobile_change()
    with later.hub.deps.begin() as work:
        work.mobile_changes.add(change)
        work.mobile_changes.save(change.decided(state, reason, at=later.hub.clock()))
    assert says in words(later.get(PAGE))


def test_the_hold_of_the_recovery_stands_on_the_account_page(later):
    with later.hub.deps.begin() as work:
        account = work.accounts.find("account-1")
        until = later.hub.clock() + timedelta(hours=72)
        work.accounts.save(replace(account, recovery_held_until=until))
    assert "بازیابی گذرواژه با کد تا ۴ فروردین" in words(later.get("/account"))


def test_a_stale_sign_in_begins_no_change(later):
    later.hub.clock.move(timedelta(minutes=6))
    page = later.post(PAGE, {"mobile": NEW}, follow=False)
    assert "تأیید دوباره با گذرواژه" in words(page)
    assert later.hub.take_sms() == []


def test_a_code_that_comes_slowly_is_still_taken(later):
    page = later.post(PAGE, {"mobile": NEW})
    code = later.hub.take_code()
    page = later.post(f"{PAGE}/code", code_form(later, page, code))
    later.hub.clock.move(timedelta(minutes=4))
    page = later.post(f"{PAGE}/again", {"flow": hidden(page, "flow")})
    later.post(f"{PAGE}/code", code_form(later, page))
    assert "در حال بررسی" in words(later.get("/account"))
