"""What a screen reader is told: the names and states of the accessibility tree, in order."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from werkzeug.test import TestResponse

from tests.web import tour_of_account, tour_of_registration, tour_of_sign_in
from tests.web.frame.stage import Stage, staged
from tests.web.hub import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture
def stage(chromium, hub) -> Iterator[Stage]:
    with staged(chromium, hub.browser(), viewport={"width": 360, "height": 780}) as opened:
        yield opened


@pytest.fixture
def unread(stage: Stage):
    """Return what of the wanted nodes is not read in their order on the page of a walk."""

    def find(walk: Callable[[Browser], TestResponse], *wanted: str) -> list[str]:
        tree = stage.show(walk(stage.citizen)).locator("body").aria_snapshot().splitlines()
        nodes = iter(line.strip().removeprefix("- ") for line in tree)
        return [one for one in wanted if not any(node.startswith(one) for node in nodes)]

    return find


def test_the_login_page(unread):
    assert (
        unread(
            tour_of_sign_in.the_login_page,
            'link "رفتن به محتوا"',
            "main",
            'heading "ورود به سیستم" [level=1]',
            'textbox "نام کاربری"',
            'textbox "گذرواژه"',
            'button "صفحه کلید مجازی"',
            'button "نمایش گذرواژه"',
            'button "ورود"',
            'link "ثبت نام"',
            'link "بازیابی گذرواژه"',
        )
        == []
    )


def test_errors_come_before_the_fields_that_they_lead_to(unread):
    assert (
        unread(
            tour_of_sign_in.an_empty_login,
            "alert",
            'link "وارد کردن نام کاربری الزامی است."',
            'link "وارد کردن گذرواژه الزامی است."',
            'textbox "نام کاربری" [invalid]',
            'textbox "گذرواژه" [invalid]',
        )
        == []
    )


def test_the_steps_come_before_the_code(unread):
    assert (
        unread(
            tour_of_registration.the_code_of_step_one,
            'list "مراحل ثبت نام"',
            "listitem: گام اول",
            "listitem: تأیید تلفن همراه",
            "listitem: گام دوم",
            "listitem: نتیجه",
            'heading "تأیید شماره تلفن همراه" [level=1]',
            'textbox "کد تأیید"',
            'button "تأیید و ادامه"',
        )
        == []
    )


def test_a_birth_date_is_a_group_of_three_fields(unread):
    assert (
        unread(
            tour_of_registration.the_second_form,
            'group "تاریخ تولد (شمسی)"',
            'combobox "ماه"',
            'combobox "روز"',
            'textbox "سال"',
        )
        == []
    )


def test_the_account_page_says_where_one_is(unread, stage):
    assert (
        unread(
            tour_of_account.two_devices,
            'navigation "بخش‌های حساب کاربری"',
            'link "نمای کلی"',
            'link "امنیت"',
            'link "سامانه‌ها"',
            'button "پایان دادن به ورود با فایرفاکس روی اندروید"',
            'button "حذف دستگاه',
        )
        == []
    )
    expect(stage.page.locator('[aria-current="page"]')).to_have_accessible_name("امنیت")


def test_the_page_of_consent_says_who_asks_for_what(unread):
    assert (
        unread(
            tour_of_sign_in.consent,
            'heading "اجازه دسترسی" [level=1]',
            "listitem: شناسه‌ای مخصوص این سامانه",
            "listitem: نام، نام خانوادگی، تاریخ تولد و جنسیت",
            'button "اجازه نمی‌دهم"',
        )
        == []
    )


def test_the_clock_of_the_48_hours_has_words(unread):
    assert unread(tour_of_registration.submitted, 'progressbar "زمان گذشته از ۴۸ ساعت"') == []
