"""Text that a log or a database does not bear, at both servers: attacks I01 and I03."""

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest

from idp.adapters.logs import configure_logs
from tests.attack.both import at_both
from tests.attack.log_lines import logging_as
from tests.attack.targets import INTROSPECT, REVOKE, TOKEN, AtHub, Target

# No secret behind it: then the library says that it failed before it looks for the client.
FORGED = "Basic " + b64encode(b"portal\r\nFORGED:").decode()
NUL = "a\x00b"


def as_documented() -> None:
    """Log as the documentation of Authlib shows it, to see what the library does."""
    logging.basicConfig(level=logging.DEBUG, force=True)
    logging.getLogger("authlib").setLevel(logging.DEBUG)


@pytest.fixture
def log_lines(target: Target) -> Iterator[Callable[[], list[str]]]:
    """What the server writes, as the lines that a collector reads."""
    with logging_as(configure_logs if isinstance(target, AtHub) else as_documented) as written:
        yield lambda: written.getvalue().splitlines()


@at_both(hub=[], naive=['FORGED via "client_secret_basic" failed'])
def test_attack_I01_nobody_writes_a_line_of_the_log(target, expected, log_lines):
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    target.post(TOKEN, form, {"Authorization": FORGED})

    assert [line for line in log_lines() if line.startswith("FORGED")] == expected


@pytest.fixture
def database_url(postgres_url: str) -> str:
    """PostgreSQL, which keeps no NUL; SQLite does."""
    return postgres_url


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda portal: portal.ask(client_id=NUL), id="client_id"),
        pytest.param(lambda portal: portal.ask(nonce=NUL), id="nonce"),
        pytest.param(lambda portal: portal.redeem(NUL), id="code"),
        pytest.param(lambda portal: portal.refresh(NUL), id="refresh_token"),
        pytest.param(lambda portal: portal.send(REVOKE, {"token": NUL}), id="revoked token"),
        pytest.param(lambda portal: portal.send(INTROSPECT, {"token": NUL}), id="token"),
        pytest.param(
            lambda portal: portal.target.register_by_http(client_name="\ud800"),
            id="lone surrogate in a registration",
        ),
    ],
)
@at_both(hub=False, naive=True)
def test_attack_I03_a_text_that_cannot_be_kept_breaks_the_server(target, expected, send):
    answer = send(target.register())

    assert (answer.status_code >= 500) is expected
