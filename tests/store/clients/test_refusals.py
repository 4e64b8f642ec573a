"""The clients' logs as rows."""

from datetime import timedelta

import pytest

from idp.domain.clients.refusal_reasons import Reason
from tests.factories import refusal
from tests.fakes import NOON


def lines(database, client_id="portal"):
    with database.begin(read_only=True) as work:
        return work.refusals.of_client(client_id)


def test_a_line_is_read_as_it_was_written(database):
    line = refusal(details={"received": "https://portal.example/"}, is_proven=True)
    database.write_refusals([line])
    assert lines(database) == [line]


def test_the_latest_is_the_last(database):
    database.write_refusals([refusal(at=2), refusal(at=1, reason=Reason.PKCE_MISSING)])
    assert [one.reason for one in lines(database)] == [Reason.PKCE_MISSING, Reason.SECRET_WRONG]


def test_equal_ones_are_counted_in_one_row(database):
    database.write_refusals([refusal(at=1, count=2), refusal(at=5, count=3)])
    (line,) = lines(database)
    assert (line.count, line.first_at, line.last_at) == (
        5,
        NOON + timedelta(seconds=1),
        NOON + timedelta(seconds=5),
    )


def test_another_one_of_the_same_place_replaces_it(database):
    first = refusal(details={"named": "0"}, count=7)
    numbers = map(str, range(1, 200))
    other = next(
        one
        for one in (refusal(at=1, details={"named": n}) for n in numbers)
        if one.slot == first.slot
    )
    database.write_refusals([first, other])
    assert lines(database) == [other]


@pytest.mark.parametrize(
    "change", [{"endpoint": "revoke"}, {"reason": Reason.PKCE_MISSING}, {"client_id": "other"}]
)
def test_each_kind_has_a_row_of_its_own(database, change):
    database.write_refusals([refusal(), refusal(**change)])
    assert len([*lines(database), *lines(database, "other")]) == 2


def test_what_is_old_is_forgotten_in_batches(database):
    reasons = list(Reason)[:5]
    database.write_refusals([refusal(at=n, reason=reasons[n]) for n in range(5)])
    with database.begin() as work:
        assert work.refusals.forget_before(NOON + timedelta(seconds=4), limit=3) == 3
        assert work.refusals.forget_before(NOON + timedelta(seconds=4), limit=3) == 1
    assert [one.reason for one in lines(database)] == [reasons[4]]
