"""What is alive until a moment: sessions, grants, refresh tokens, secrets, consents."""

from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientSecret
from idp.domain.sign_in.session import SessionLimits
from tests import factories
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
LIMITS = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))
AROUND = [(-SECOND, True), (timedelta(0), False), (SECOND, False)]


@pytest.mark.parametrize(("after", "alive"), AROUND)
def test_a_session_that_is_not_used_dies(after, alive):  # ASVS 7.3.1
    assert factories.session().is_alive(NOON + LIMITS.idle + after, LIMITS) is alive


@pytest.mark.parametrize(("after", "alive"), AROUND)
def test_a_session_that_is_used_dies_at_last(after, alive):  # ASVS 7.3.2
    now = NOON + LIMITS.absolute + after

    assert factories.session(last_seen_at=now).is_alive(now, LIMITS) is alive


def test_an_ended_session_is_dead():
    assert not factories.session(ended_at=NOON).is_alive(NOON, LIMITS)


@pytest.mark.parametrize(("after", "alive"), AROUND)
def test_a_grant_lives_until_its_end(after, alive):
    assert factories.grant(expires_at=NOON).is_live(NOON + after) is alive


def test_a_revoked_grant_is_dead():
    assert not factories.grant(revoked_at=NOON).is_live(NOON)


@pytest.mark.parametrize(
    ("since_use", "in_grace"),
    [
        (-timedelta(minutes=1), False),
        (SECOND - timedelta(minutes=1), True),
        (timedelta(0), True),
        (timedelta(seconds=9), True),
        (timedelta(seconds=10), False),
        (timedelta(days=1), False),
    ],
)
def test_attack_C19_a_used_refresh_token_has_ten_seconds_of_grace(since_use, in_grace):
    assert factories.refresh_token(used_at=NOON).is_in_grace(NOON + since_use) is in_grace


def test_an_unused_refresh_token_is_not_in_grace():
    assert factories.refresh_token().is_in_grace(NOON) is False


@pytest.mark.parametrize(("after", "alive"), AROUND)
def test_a_secret_lives_until_its_end(after, alive):
    assert ClientSecret("digest", NOON, NOON).is_live(NOON + after) is alive


def test_a_secret_without_an_end_lives():
    assert ClientSecret("digest", NOON).is_live(NOON + timedelta(days=9999)) is True
