"""The database's state as Prometheus reads it."""

from datetime import timedelta

from idp.adapters.state_families import StateFamilies
from idp.ports import DatabaseHealth, DatabaseState, DueJobs
from tests.fakes import NOON, FixedClock


def state(**changes: object) -> DatabaseState:
    health = {"revision": "0004", "is_current": True, "oldest_case": None, "oldest_job": None}
    fields: dict[str, object] = {
        "health": DatabaseHealth(**{**health, **changes}),
        "open_cases": {"received": 2},
        "overdue_cases": 1,
        "due_jobs": [DueJobs(kind="sms", count=3, oldest=NOON - timedelta(seconds=30))],
        "dead_jobs": {"mail": 4},
    }
    return DatabaseState(**fields)


def samples(found: DatabaseState | None, redis: bool | None = None) -> dict[str, float]:
    asked = None if redis is None else lambda: redis
    families = StateFamilies(lambda: found, FixedClock(), asked, lambda: 5)
    return {
        ",".join([sample.name, *sample.labels.values()]): sample.value
        for family in families()
        for sample in family.samples
        if sample.name != "idp_build_info"
    }


def test_the_state_is_shown():
    assert samples(state(oldest_case=NOON - timedelta(hours=1))) == {
        "idp_database_up": 1,
        "idp_password_hash_queue": 5,
        "idp_cases_oldest_undecided_age_seconds": 3600,
        "idp_cases_overdue": 1,
        "idp_cases_open,received": 2,
        "idp_outbox_due_jobs,sms": 3,
        "idp_outbox_oldest_due_age_seconds,sms": 30,
        "idp_outbox_dead_letters,mail": 4,
    }


def test_without_an_undecided_case_the_age_is_zero():
    assert samples(state())["idp_cases_oldest_undecided_age_seconds"] == 0


def test_a_database_that_does_not_answer_is_down_and_nothing_is_made_up():
    assert samples(None) == {"idp_database_up": 0, "idp_password_hash_queue": 5}


def test_redis_is_up_or_down():
    assert (samples(None, True)["idp_redis_up"], samples(None, False)["idp_redis_up"]) == (1, 0)
