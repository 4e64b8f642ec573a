"""What has run out goes away by the clock: no table grows by what strangers try (attack D05)."""

from datetime import timedelta

HOUR = timedelta(hours=1)


def test_counters_that_count_no_more_are_forgotten(any_lab):
    with any_lab.begin() as work:
        work.counters.take("password:somebody", limit=5, per=HOUR, now=any_lab.clock())
    any_lab.work_for(2 * HOUR)

    with any_lab.begin() as work:
        assert work.counters.forget_expired(any_lab.clock()) == 0


def test_a_counter_that_still_counts_stays(any_lab):
    with any_lab.begin() as work:
        work.counters.take("password:somebody", limit=1, per=3 * HOUR, now=any_lab.clock())
    any_lab.work_for(2 * HOUR)

    with any_lab.begin() as work:
        taken = work.counters.take("password:somebody", limit=1, per=3 * HOUR, now=any_lab.clock())
    assert not taken.allowed


def test_counters_by_network_that_have_expired_are_forgotten(any_lab):
    any_lab.ephemeral.hit("net:password:192.0.2.1", window=HOUR)
    any_lab.work_for(2 * HOUR)

    assert any_lab.ephemeral.forget_expired() == 0
