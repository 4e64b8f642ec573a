"""A flush of Redis lets nobody in and resets nothing that guards an account or a phone (D2)."""

import pytest
import redis

from idp.adapters.redis_ephemeral import RedisEphemeral
from idp.web import messages
from tests.web.hub import hidden, words
from tests.web.signin.walk import PASSWORD, add_account, enter, log_in


@pytest.fixture
def hub(make_hub, postgres_url, redis_url):
    """The hub on PostgreSQL, with a real Redis for what may vanish."""
    made = make_hub(url=postgres_url, ephemeral=RedisEphemeral(redis_url, seconds=5))
    add_account(made)
    return made


@pytest.fixture
def flush(redis_url):
    """Empties the hub's Redis, which held something."""

    def act():
        with redis.Redis.from_url(redis_url) as client:
            assert client.dbsize()
            client.flushdb()

    return act


def code_of(browser, pending, code):
    return browser.post("/login/code", {"pending": pending, "code": code}, follow=False)


def test_attack_O09_a_flush_gives_no_more_tries_of_a_code(hub, flush):
    browser = hub.browser()
    pending = hidden(log_in(browser), "pending")
    code = hub.take_code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(4):
        code_of(browser, pending, wrong)
    flush()
    code_of(browser, pending, wrong)

    assert code_of(browser, pending, code).status_code == 422


def test_attack_O09_a_flush_sends_no_second_code(hub, flush):
    browser = hub.browser()
    pending = hidden(log_in(browser), "pending")
    hub.take_sms()
    flush()

    browser.post("/login/code/again", {"pending": pending})

    assert hub.take_sms() == []


def test_attack_O09_a_flush_gives_no_more_tries_of_a_password(hub, flush):
    browser = hub.browser()
    for _ in range(5):
        log_in(browser, password="Wrong1234")
    flush()

    page = log_in(browser, password=PASSWORD)

    assert page.status_code == 429
    assert messages.text("N07") in words(page)


def test_a_flush_signs_nobody_out(hub, flush):  # F04, F06
    browser = hub.browser()
    enter(browser)
    flush()

    assert browser.get("/account").request.path == "/account"
