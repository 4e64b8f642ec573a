"""Redis refused, half-open or cut: a citizen signs in all the same (faults F05, F07)."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from idp.adapters.redis_ephemeral import RedisEphemeral
from tests.simulators.line import Line
from tests.web.sign_in.walk import add_account, enter


def refused(line: Line) -> None:
    line.close()


def half_open(line: Line) -> None:
    line.frozen.set()


def cut(line: Line) -> None:
    line.cut_replies = True


@pytest.fixture
def line(redis_url) -> Iterator[Line]:
    """The line to Redis."""
    made = Line(urlsplit(redis_url).port or 6379)
    yield made
    made.frozen.clear()
    made.close()


@pytest.fixture
def hub(make_hub, migrated_sqlite_url, redis_url, line):
    """The hub with a real Redis, which has answered before."""
    url = redis_url.replace(f":{urlsplit(redis_url).port}", f":{line.port}")
    ephemeral = RedisEphemeral(url)
    ephemeral.find("anything")
    made = make_hub(url=migrated_sqlite_url, ephemeral=ephemeral)
    add_account(made)
    return made


@pytest.mark.parametrize("harm", [refused, half_open, cut])
def test_a_citizen_signs_in_all_the_same(hub, line, harm):
    harm(line)
    browser = hub.browser()
    enter(browser)
    assert browser.get("/account").request.path == "/account"


def test_a_session_outlives_redis(hub, line):
    browser = hub.browser()
    enter(browser)
    cut(line)
    assert browser.get("/account").request.path == "/account"
