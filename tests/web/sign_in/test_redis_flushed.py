"""A flush of Redis lets nobody in and resets nothing that guards an account or a phone (D2)."""

import pytest
import redis

from idp.adapters.redis_ephemeral import RedisEphemeral
from tests.web.sign_in.walk import add_account, enter


@pytest.fixture
def hub(make_hub, migrated_postgres_url, redis_url):
    """The hub on PostgreSQL, with a real Redis for what may vanish."""
    made = make_hub(url=migrated_postgres_url, ephemeral=RedisEphemeral(redis_url, seconds=5))
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


def test_a_flush_signs_nobody_out(hub, flush):  # F04, F06
    browser = hub.browser()
    enter(browser)
    flush()

    assert browser.get("/account").request.path == "/account"
