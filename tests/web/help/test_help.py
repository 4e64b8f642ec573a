"""The help page: from every page in one step, each question in two."""

import re
from datetime import timedelta

import pytest

from idp.ports import Maintenance
from tests.web.hub import words

QUESTIONS = (
    *("request", "branch", "no-email", "no-certificate", "new-phone", "no-phone", "no-sms"),
    *("forgotten", "answer", "somebody-else", "parent"),
)


@pytest.mark.parametrize("path", ["/login", "/register", "/recover", "/guide", "/nowhere"])
def test_help_and_branches_are_one_step_from_every_page(hub, path):
    page = hub.browser().get(path)
    assert 'href="/help"' in page.text
    assert 'href="/branches"' in page.text


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_one_step_from_the_top_of_the_page(hub, question):
    page = hub.browser().get("/help").text
    assert f'href="#{question}"' in page
    assert f'id="{question}"' in page


def test_every_link_into_the_page_has_its_place(hub):
    page = hub.browser().get("/help").text
    assert set(re.findall('href="#([a-z-]+)"', page)) == {*QUESTIONS, "content"}


def test_who_has_no_e_mail_reads_that_none_is_needed(make_hub):
    hub = make_hub("[registration]\nemail_required = false\n")
    assert "آدرس ایمیل لازم نیست." in words(hub.browser().get("/help"))


def test_who_has_no_e_mail_reads_how_to_get_one_where_it_is_needed(hub):
    assert "در یک سرویس رایگان آدرسی به نام خود بسازید" in words(hub.browser().get("/help"))


def test_who_has_forgotten_the_password_reads_that_a_code_is_needed(hub, guide_hub):
    asked = "کدی که به تلفن همراه شما پیامک می‌شود و پاسخ سوال امنیتی لازم است"
    assert asked in words(hub.browser().get("/help"))
    assert asked not in words(guide_hub.browser().get("/help"))


def test_the_support_line_stands_in_the_page(make_hub):
    hub = make_hub('[brand]\nsupport = "تلفن پشتیبانی: ۰۲۱-۱۲۳۴"\n')
    assert words(hub.browser().get("/help")).count("تلفن پشتیبانی: ۰۲۱-۱۲۳۴") == 2


def test_the_organisations_own_page_is_linked(make_hub):
    hub = make_hub('[pages]\nfooter_url = "https://support.example"\n')
    assert hub.browser().get("/help").text.count('href="https://support.example"') == 2


def test_help_is_open_during_maintenance(hub):
    hub.deps.maintenance.hang_out(Maintenance(hub.clock() + timedelta(hours=1)))
    page = hub.browser().get("/help")
    assert page.status_code == 200
    assert 'href="/help"' in hub.browser().get("/login").text
