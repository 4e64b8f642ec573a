"""Visitors without an address are counted for `idp check`, and alarm the log now and then."""

from datetime import timedelta

from structlog.testing import capture_logs

from idp.services.protection.strange_addresses import StrangeAddresses


def test_they_are_counted_for_a_day(database, clock):
    strange = StrangeAddresses(database.ephemeral(clock))
    for _ in range(3):
        strange.note()
    assert strange.seen() == 3
    clock.move(timedelta(days=1))
    assert strange.seen() == 0


def test_the_alarm_sounds_once_in_ten_minutes(database, clock):
    strange = StrangeAddresses(database.ephemeral(clock))
    with capture_logs() as lines:
        for _ in range(3):
            strange.note()
        clock.move(timedelta(minutes=10))
        strange.note()
    assert [line["alarm"] for line in lines] == ["invalid_forwarded_for"] * 2
