import re
from datetime import timedelta

import pytest

from idp.domain.people.email_address import EmailAddress
from idp.ports import MAIL, InboxMail
from tests.web.hub import hidden, path_of, words
from tests.web.sign_in.walk import add_account, enter

PAGE = "/account/email"
ORIGIN = "http://127.0.0.1:8000"
SEND, SEND_AGAIN = "ارسال لینک تأیید", "ارسال دوباره لینک تأیید"


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
    told = words(inside.get(answer.location))
    assert "آدرس ایمیل شما ثبت شد. لینک تأیید به آن ارسال می‌شود." in told
    stranger = inside.hub.browser()
    page = stranger.get(link_of(inside.hub))
    assert "N***@example.ir" in words(page)
    assert not is_confirmed(inside.hub)
    done = stranger.post(f"{PAGE}/confirm", {"ticket": hidden(page, "ticket")})
    assert "آدرس ایمیل تأیید شد" in words(done)
    assert "به N***@example.ir هم ارسال می‌شود" in words(done)
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
    assert SEND not in shown


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
    assert SEND_AGAIN not in words(pages[5])


def test_the_button_says_again_once_a_link_was_sent(inside):
    assert SEND in words(inside.get(PAGE))
    assert SEND_AGAIN in words(inside.post(PAGE, {"email": "new@example.ir"}))


def test_past_the_days_limit_a_new_address_is_saved_and_no_link_is_promised(inside):
    for _ in range(5):
        inside.post(f"{PAGE}/send", {})
    shown = words(inside.post(PAGE, {"email": "new@example.ir"}))
    assert "آدرس ایمیل شما ثبت شد، اما لینک تأیید به آن ارسال نشد." in shown


def test_the_same_address_again_is_told_as_no_change(inside):
    inside.post(PAGE, {"email": "new@example.ir"})
    shown = words(inside.post(PAGE, {"email": "new@example.ir"}))
    assert "این آدرس قبلاً ثبت شده است و تغییری انجام نشد." in shown


def test_the_page_of_a_confirmed_address_speaks_of_it_without_an_if(inside):
    inside.post(f"{PAGE}/send", {})
    told = "این تغییر به آدرس فعلی هم اطلاع داده می‌شود."
    assert told not in words(inside.get(PAGE))
    ticket = hidden(inside.get(link_of(inside.hub)), "ticket")
    inside.post(f"{PAGE}/confirm", {"ticket": ticket})
    assert told in words(inside.get(PAGE))


def test_the_longest_address_is_confirmed_like_any_other(inside):
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".ir"
    inside.post(PAGE, {"email": longest})
    ticket = hidden(inside.get(link_of(inside.hub)), "ticket")
    done = inside.post(f"{PAGE}/confirm", {"ticket": ticket})
    assert f"a***@{longest.partition('@')[2]}" in words(done)
