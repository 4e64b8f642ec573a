from contextlib import suppress
from datetime import timedelta

from idp.domain.authorization.release import Release
from idp.store.clients.releases import MOST_NOTED, NotedReleases
from tests.fakes import NOON


class Broken(Exception):
    pass


LATER = NOON + timedelta(hours=1)
NAMES = ("name", "sub")


def test_a_release_is_one_row_however_often_it_is_noted(database):
    with database.begin() as work:
        for at in (NOON, LATER):
            work.releases.note("account-1", "portal", NAMES, at)
        assert work.releases.of_account("account-1") == [
            Release(
                account_id="account-1",
                client_id="portal",
                claims=NAMES,
                first_at=NOON,
                last_at=LATER,
            )
        ]


def test_a_late_writer_does_not_set_the_time_back(database):
    with database.begin() as work:
        for at in (LATER, NOON):
            work.releases.note("account-1", "portal", NAMES, at)
        assert work.releases.of_account("account-1")[0].last_at == LATER


def test_another_set_of_claims_is_another_row_and_the_latest_comes_first(database):
    with database.begin() as work:
        work.releases.note("account-1", "portal", NAMES, NOON)
        work.releases.note("account-1", "portal", ("sub",), LATER)
        work.releases.note("account-2", "portal", NAMES, LATER)
        assert [one.claims for one in work.releases.of_account("account-1")] == [("sub",), NAMES]


def test_a_release_is_noted_for_an_hour_in_any_order_of_its_names(database):
    with database.begin() as work:
        assert not work.releases.is_noted("account-1", "portal", NAMES, NOON)
        work.releases.note("account-1", "portal", NAMES, NOON)
        assert work.releases.is_noted("account-1", "portal", NAMES[::-1], NOON)
        assert not work.releases.is_noted("account-1", "portal", NAMES, LATER)
        assert not work.releases.is_noted("account-1", "other", NAMES, NOON)


def test_a_release_that_was_rolled_back_is_not_remembered(database):
    with suppress(Broken), database.begin() as work:
        work.releases.note("account-1", "portal", NAMES, NOON)
        raise Broken
    with database.begin() as work:
        assert not work.releases.is_noted("account-1", "portal", NAMES, NOON)


def test_a_release_is_written_again_an_hour_after_it_was_remembered(database):
    for at in (NOON, LATER):
        with database.begin() as work:
            work.releases.note("account-1", "portal", NAMES, at)
    with database.begin() as work:
        assert work.releases.of_account("account-1")[0].last_at == LATER


def test_a_process_remembers_the_latest_releases_only(database):
    noted = NotedReleases()
    for number in range(MOST_NOTED + 1):
        noted.remember({(str(number), "portal", "digest"): NOON})

    assert not noted.has(("0", "portal", "digest"), NOON)
    assert noted.has((str(MOST_NOTED), "portal", "digest"), NOON)
