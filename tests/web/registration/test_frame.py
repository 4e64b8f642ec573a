"""What stands around every page, and the pages of the demo."""

from datetime import timedelta

import pytest

from idp.domain.people.mobile import Mobile
from idp.ports import InboxMessage
from idp.web.words import messages
from tests.factories import MOBILE
from tests.web.hub import hidden, words
from tests.web.registration.walk import step_one

PRODUCTION = """
[mail]
inbox = false
[server]
environment = "production"
issuer = "https://account.tamin.ir"
trusted_hosts = ["account.tamin.ir", "127.0.0.1"]
trusted_proxies = 1
[keys]
key_encryption_key = "VeXNjkbcjtS3wnZNKlpNdncG-F2GkAJK1r2jQBvpyMs="
[sms]
gateways = ["magfa"]
[sms.magfa]
url = "https://sms.example"
user = "hub/tamin"
password = "made up"
sender = "3000"
[outbound]
allow_loopback = false
[pages]
inbox = false
movable_clock = false
"""


@pytest.mark.parametrize("path", ["/register", "/register/physicians", "/guide", "/dev/inbox"])
def test_a_page_is_persian_and_right_to_left(hub, path):
    markup = hub.browser().get(path).get_data(as_text=True)
    assert '<html lang="fa" dir="rtl">' in markup
    assert "| سازمان تأمین اجتماعی" in " ".join(markup.split("</title>")[0].split())


@pytest.mark.parametrize("path", ["/register", "/guide", "/dev/inbox", "/nothing"])
def test_a_page_names_no_other_host_and_no_inline_script(hub, path):
    markup = hub.browser().get(path).get_data(as_text=True)
    assert "http://" not in markup
    assert "https://" not in markup
    assert "style=" not in markup
    assert markup.count("<script") == markup.count('<script type="module" src="/static/')


def test_the_footers_link_is_a_setting(make_hub):
    extra = '[pages]\nfooter_url = "https://support.example"\nfooter_label = "پشتیبانی"\n'
    linked = make_hub(extra).browser().get("/guide").get_data(as_text=True)
    assert '<a href="https://support.example">پشتیبانی</a>' in linked
    assert "پشتیبانی" not in words(make_hub().browser().get("/guide"))


def test_the_guides_way_explains_no_code(guide_hub):
    assert "کد تأیید" not in words(guide_hub.browser().get("/register"))


def test_an_unknown_page_says_so_in_persian(hub):
    page = hub.browser().get("/nothing")
    assert page.status_code == 404
    assert "صفحه پیدا نشد" in words(page)


def test_attack_D12_the_thirty_first_registration_of_a_network_is_served_with_work(make_hub):
    hub = make_hub()
    pages = [step_one(hub.browser(), mobile=f"0912{number:07}") for number in range(31)]
    assert {page.status_code for page in pages} == {200}
    assert hidden(pages[-1], "held")


def test_the_inbox_shows_the_newest_message_first(hub):
    inbox = hub.deps.inbox
    for uid, text in ((1, "پیام نخست"), (2, "پیام دوم")):
        inbox.add(InboxMessage(uid=uid, to=Mobile(MOBILE.e164), text=text, at=hub.clock()))
        hub.clock.move(timedelta(minutes=1))
    shown = words(hub.browser().get("/dev/inbox"))
    assert shown.index("پیام دوم") < shown.index("پیام نخست")


def test_the_inbox_loads_itself_again_only_when_asked(hub):
    browser = hub.browser()
    assert "Refresh" not in browser.get("/dev/inbox").headers
    assert browser.get("/dev/inbox?refresh=1").headers["Refresh"] == "3"


def test_the_demos_clock_moves_forward(hub):
    browser = hub.browser()
    for hours in ("1", "46"):
        browser.post("/dev/inbox/clock", {"hours": hours})
    assert hub.deps.clock_shift.seconds() == 47 * 3600


@pytest.mark.parametrize("hours", ["", "48", "-1", "x"])
def test_the_demos_clock_moves_no_other_way(hub, hours):
    assert hub.browser().post("/dev/inbox/clock", {"hours": hours}).status_code == 404


def test_production_has_no_inbox(make_hub):
    assert make_hub(PRODUCTION).browser().get("/dev/inbox").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "\xff", ""])
@pytest.mark.parametrize("path", ["/login", "/register", "/nothing", "/static/hub.css"])
def test_attack_H01_a_host_that_is_none_of_ours_is_400(hub, host, path):
    page = hub.browser().get(path, headers={"Host": host})
    assert page.status_code == 400
    assert page.get_data(as_text=True) == messages.text("http_400")
    assert page.headers["Cache-Control"] == "no-store"


def test_attack_H01_a_machine_of_another_host_gets_json(hub):
    page = hub.browser().get("/oauth2/token", headers={"Host": "evil.example"})
    assert (page.status_code, page.json) == (400, {"error": "invalid_request"})


def test_attack_H01_a_form_to_another_host_is_400(hub):
    page = hub.browser().post("/login", {"username": "x"}, headers={"Host": "evil.example"})
    assert page.status_code == 400
