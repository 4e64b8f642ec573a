"""What a portal got, told as one."""

from datetime import timedelta

from idp.domain.authorization.release import Release, all_in_one
from tests.fakes import NOON


def release(*claims: str, hours: int) -> Release:
    at = NOON + timedelta(hours=hours)
    return Release(
        account_id="account-1",
        client_id="portal",
        claims=claims,
        first_at=at,
        last_at=at + timedelta(hours=1),
    )


def test_claims_of_all_sets_are_one_set_in_the_order_of_release():
    later, earlier = release("sub", "email", hours=2), release("sub", "name", hours=1)
    told = all_in_one([later, earlier])
    assert told is not None
    assert told.claims == ("sub", "name", "email")


def test_the_times_are_the_first_and_the_last_of_all_sets():
    told = all_in_one([release("sub", hours=5), release("name", hours=1)])
    assert told is not None
    assert (told.first_at, told.last_at) == (
        NOON + timedelta(hours=1),
        NOON + timedelta(hours=6),
    )


def test_no_release_is_none():
    assert all_in_one([]) is None
