"""While the sign of maintenance hangs out, people read when to come back, and programs are told."""

import re
from datetime import timedelta

import pytest

from idp.ports import DatabaseUnavailable, Maintenance
from idp.services.sign_in.sessions import Sessions
from idp.web.pages.kept_pages import kept_pages
from tests.web.hub import Hub, words
from tests.web.registration.walk import prove, step_one, step_two


def close(hub: Hub, **until: float) -> None:
    moment = hub.clock() + timedelta(**until) if until else None
    hub.deps.maintenance.hang_out(Maintenance(moment))


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/account", "/oauth2/authorize"])
def test_a_page_is_closed(hub, path):
    close(hub)
    page = hub.browser().get(path)
    assert page.status_code == 503
    assert "سامانه در حال به‌روزرسانی است" in words(page)


def test_it_says_until_when(hub):
    close(hub, hours=1)
    assert "۱ فروردین ۱۴۰۵ ساعت ۱۶:۳۰" in words(hub.browser().get("/login"))


def test_an_end_that_has_passed_is_not_said(hub):
    close(hub, hours=1)
    hub.clock.move(timedelta(hours=2))
    assert "زمان پایان آن هنوز مشخص نیست" in words(hub.browser().get("/login"))


def test_a_page_is_tried_again_by_a_link_and_a_form_by_the_browser(hub):
    browser = hub.browser()
    page = browser.get("/register")
    close(hub)
    again = '<a class="button quiet" href="">'
    assert again in browser.get("/register").text
    assert again not in step_one(browser).text
    assert page.status_code == 200


def test_nothing_leads_back_to_the_closed_hub(hub):
    close(hub)
    foot = hub.browser().get("/login").text.partition("<footer")[2]
    assert re.findall('href="([^"]*)"', foot) == ["/help"]


def test_the_page_that_the_proxy_keeps_leads_nowhere(hub):
    kept = dict(kept_pages(hub.app))["maintenance.fa.html"].decode()
    assert "زمان پایان آن هنوز مشخص نیست" in kept
    assert "<a " not in kept.partition("<main")[2]


@pytest.mark.parametrize(("until", "seconds"), [({"hours": 1}, "3600"), ({}, "60")])
def test_retry_after_says_when_to_come_back(hub, until, seconds):
    close(hub, **until)
    assert hub.browser().get("/login").headers["Retry-After"] == seconds


def test_a_program_is_told_in_the_terms_of_oauth(hub):
    close(hub)
    answer = hub.browser().client.post("/oauth2/token", data={})
    assert answer.status_code == 503
    assert answer.json == {"error": "temporarily_unavailable"}


@pytest.mark.parametrize(
    "path",
    ["/alive", "/static/hub.css", "/oauth2/jwks", "/.well-known/openid-configuration"],
)
def test_what_portals_keep_and_pages_are_made_of_goes_on(hub, path):
    keys = hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    close(hub)
    assert hub.browser().get(path, buffered=True).status_code == 200


def test_the_page_asks_no_database(hub, monkeypatch):
    def away(*_args, **_kwargs):
        raise DatabaseUnavailable

    browser = hub.browser()
    browser.client.set_cookie("hub_session", "t" * 43, domain="127.0.0.1")
    close(hub)
    monkeypatch.setattr(Sessions, "find_live", away)
    assert "سامانه در حال به‌روزرسانی است" in words(browser.get("/login"))


def test_a_form_that_met_the_closed_hub_goes_on_when_it_is_sent_again(hub):
    browser = hub.browser()
    page = prove(browser, step_one(browser))
    close(hub)
    assert step_two(browser, page).status_code == 503
    hub.deps.maintenance.take_in()
    assert "شماره پیگیری" in words(step_two(browser, page))
