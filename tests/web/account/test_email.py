import re
from datetime import timedelta

import pytest

from idp.domain.people.email_address import EmailAddress
from idp.ports import MAIL, InboxMail
from tests.web.hub import hidden, path_of, words
from tests.web.sign_in.walk import add_account, enter

PAGE = "/account/email"
ORIGIN = "http://127.0.0.1:8000"


def link_of(hub):
    with hub.deps.begin() as work:
        while job := work.outbox.claim(
            "test", hub.clock(), lease=timedelta(minutes=1), kinds=(MAIL,)
        ):
            text = job.mail.text
            work.outbox.finish(job, hub.clock())
    return re.search(rf"{ORIGIN}(\S+)", text)[1]


def is_confirmed(hub):
    with hub.deps.begin(read_only=True) as work:
        return work.accounts.find("account-1").email_confirmed_at is not None


def test_an_address_is_changed_and_confirmed_by_its_link(inside):
    answer = inside.post(PAGE, {"email": "New@Example.ir"}, follow=False)
    assert (answer.status_code, path_of(answer)) == (303, PAGE)
    assert "آدرس ایمیل شما ثبت شد" in words(inside.get(answer.location))
    stranger = inside.hub.browser()
    page = stranger.get(link_of(inside.hub))
    assert not is_confirmed(inside.hub)
    done = stranger.post(f"{PAGE}/confirm", {"ticket": hidden(page, "ticket")})
    assert "آدرس ایمیل تأیید شد" in words(done)
    assert is_confirmed(inside.hub)
    assert "تأیید شده در" in words(inside.get(PAGE))


def test_a_used_link_says_so_and_leads_on(inside):
    inside.post(f"{PAGE}/send", {})
    link = link_of(inside.hub)
    ticket = hidden(inside.get(link), "ticket")
    pages = [inside.post(f"{PAGE}/confirm", {"ticket": ticket}) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 400]
    assert "این لینک دیگر معتبر نیست" in words(inside.get(link))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "الزامی است"),
        ("no address", "آدرس ایمیل معتبر نیست"),
        ("شما@example.ir", "صفحه کلید"),
        ("a@b.ir\r\nBcc: x@y.ir", "آدرس ایمیل معتبر نیست"),
        ("a" * 301, "بیش از اندازه طولانی"),
    ],
)
def test_a_bad_address_is_refused(inside, typed, says):
    page = inside.post(PAGE, {"email": typed}, follow=False)
    assert page.status_code == 422
    assert says in words(page)


@pytest.mark.parametrize("ticket", ["", "x", "é", "x" * 5000])
def test_a_bad_ticket_is_refused(inside, ticket):
    page = inside.get(f"{PAGE}/confirm", query_string={"ticket": ticket})
    assert page.status_code == 400
    assert inside.post(f"{PAGE}/confirm", {"ticket": ticket}).status_code == 400


def test_a_stale_sign_in_sends_nothing(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    answer = inside.post(f"{PAGE}/send", {}, follow=False)
    assert answer.location == "/account/prove?to=email"


def test_a_stale_sign_in_changes_nothing(inside):
    inside.hub.clock.move(timedelta(minutes=6))
    page = inside.post(PAGE, {"email": "new@example.ir"}, follow=False)
    assert "تأیید دوباره با گذرواژه" in words(page)
    assert "new@example.ir" not in words(inside.get(PAGE))


def test_without_a_mail_server_the_page_says_so(make_hub):
    hub = make_hub("[mail]\ninbox = false\n")
    add_account(hub)
    browser = hub.browser()
    enter(browser)
    shown = words(browser.get(PAGE))
    assert "تأیید آدرس ایمیل در این سامانه فعال نیست" in shown
    assert "ارسال لینک تأیید" not in shown


def test_the_inbox_page_shows_mails(inside):
    inside.hub.deps.mail_inbox.add(
        InboxMail(
            uid=1,
            to=EmailAddress("a@b.ir"),
            subject="موضوع نامه",
            text="سلام",
            at=inside.hub.clock(),
        )
    )
    assert "موضوع نامه" in words(inside.get("/dev/inbox"))


def test_past_the_days_limit_the_page_promises_no_link_and_says_when_the_next_one_goes(inside):
    """A page says that something was sent only when it was."""
    pages = [inside.post(f"{PAGE}/send", {}) for _ in range(6)]
    assert "درخواست شما ثبت شد" in words(pages[4])
    assert "درخواست شما ثبت شد" not in words(pages[5])
    assert "لینک بعدی را از" in words(pages[5])
    assert "ارسال لینک تأیید" not in words(pages[5])
