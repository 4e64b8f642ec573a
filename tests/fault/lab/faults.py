"""The faults that one machine can produce, and where the others of the list are tested."""

import signal
from dataclasses import dataclass, replace

from tests.fault.lab import strikes
from tests.fault.lab.proxy import Mode, Point
from tests.fault.lab.strikes import Strike
from tests.simulators.http import Answer


@dataclass(frozen=True)
class Fault:
    """One row of the report."""

    id: str
    title: str
    strike: Strike
    errors_allowed: bool = True
    """False: no client may see a failure."""
    small_disk: bool = False
    """Needs PostgreSQL on a disk that can be filled."""


FAULTS = (
    Fault("F01", "web process killed before COMMIT", strikes.kill_web_at(Point.BEFORE_COMMIT)),
    Fault("F01", "web process killed after COMMIT", strikes.kill_web_at(Point.AFTER_COMMIT)),
    Fault("F01", "web process killed at any moment", strikes.kill_web_at(None)),
    Fault("F02", "web processes and workers replaced", strikes.reload_web, errors_allowed=False),
    Fault("F03", "a web process hangs until its parent replaces it", strikes.stop_a_web_process),
    Fault("F04", "Redis killed and started six times", strikes.restart_redis, errors_allowed=False),
    Fault("F05", "Redis stopped", strikes.without_redis, errors_allowed=False),
    Fault("F06", "Redis emptied twenty times", strikes.flush_redis, errors_allowed=False),
    Fault(
        "F07",
        "Redis answers after a second",
        strikes.redis_wire(Mode.SLOW, 1.0),
        errors_allowed=False,
    ),
    Fault("F07", "Redis half-open", strikes.redis_wire(Mode.HOLD), errors_allowed=False),
    Fault(
        "F07",
        "Redis cut in the middle of a reply",
        strikes.redis_wire(Mode.CUT),
        errors_allowed=False,
    ),
    Fault("F08", "Redis full", strikes.fill_redis, errors_allowed=False),
    Fault("F09", "PostgreSQL restarted (fast)", strikes.restart_postgres(signal.SIGINT)),
    Fault("F09", "PostgreSQL restarted (immediate)", strikes.restart_postgres(signal.SIGQUIT)),
    Fault("F09", "PostgreSQL's postmaster killed", strikes.restart_postgres(signal.SIGKILL)),
    Fault("F09", "three backends killed", strikes.kill_backends),
    Fault("F11", "the database becomes read-only", strikes.read_only_database),
    Fault("F12", "the accounts are locked", strikes.locked_table),
    Fault("F12", "no connection is left", strikes.no_connection_left),
    Fault(
        "F15",
        "the registries are down",
        strikes.neighbour("civil", lambda _, __: Answer(503, b"{}")),
    ),
    Fault(
        "F16",
        "the registries answer after ten seconds",
        strikes.neighbour("civil", lambda _, answer: replace(answer, wait=10.0)),
    ),
    Fault("F17", "the registries answer garbage", strikes.neighbour("civil", strikes.odd_answer)),
    Fault("F18", "the SMS gateway is down", strikes.gateway_down),
    Fault(
        "F19",
        "the SMS gateway takes messages and cuts",
        strikes.neighbour("gateway", strikes.cut_sometimes),
    ),
    Fault("F21", "PostgreSQL's disk is full", strikes.fill_disk, small_disk=True),
    Fault("F25", "workers killed among jobs", strikes.kill_workers),
    Fault(
        "F26", "sixteen times the same refresh and form", strikes.duplicates, errors_allowed=False
    ),
    Fault("F29", "PostgreSQL cannot be reached, Redis can", strikes.database_wire(Mode.REFUSE)),
    Fault("F29", "PostgreSQL half-open", strikes.database_wire(Mode.HOLD)),
    Fault("F29", "Redis cannot be reached", strikes.redis_wire(Mode.REFUSE), errors_allowed=False),
    Fault("F31", "a herd comes back after a restart of PostgreSQL", strikes.herd),
    Fault("F33", "jobs that nobody can run", strikes.poison_jobs, errors_allowed=False),
)

ELSEWHERE = {
    "F02": "tests/deploy/test_deployment.py::test_a_reload_under_load_answers_every_request",
    "F06": "tests/web/sign_in/test_redis_flushed.py::test_a_flush_signs_nobody_out",
    "F07": "tests/adapters/test_redis_ephemeral.py::test_a_late_reply_answers_nobody_else",
    "F10": "tests/fault/test_postgres_away.py"
    "::test_a_failover_with_a_synchronous_standby_loses_nothing_acknowledged",
    "F12": "tests/fault/test_postgres_away.py"
    "::test_a_locked_row_of_one_citizen_keeps_no_other_waiting",
    "F13": "tests/fault/test_deadlocks.py"
    "::test_a_case_whose_decision_met_a_deadlock_is_decided_once",
    "F14": "tests/fault/test_deadlocks.py"
    "::test_a_statement_that_waits_too_long_takes_its_whole_transaction_back",
    "F15": "tests/services/registration/test_silent_registries.py",
    "F18": "tests/services/messages/test_messages_are_sent.py"
    "::test_a_code_is_never_sent_after_its_expiry",
    "F19": "tests/adapters/test_sms.py::test_magfa_is_asked_after_a_cut_line",
    "F20": "tests/web/pages/test_clock_astray.py",
    "F22": "tests/adapters/test_key_store.py",
    "F23": "tests/protocol/jose/test_key_rotation.py",
    "F24": "tests/store/upkeep/test_reseal.py",
    "F25": "tests/fault/test_many_workers.py"
    "::test_each_of_a_thousand_jobs_takes_effect_once_whoever_is_killed",
    "F26": "tests/protocol/test_races.py",
    "F27": "tests/fault/test_old_and_new_version.py"
    "::test_a_session_and_its_tokens_are_good_at_both_versions",
    "F28": "tests/fault/test_restore.py",
    "F30": "tests/web/sign_out/test_back_channel_logout.py",
    "F32": "tests/deploy/test_deployment.py::test_attack_D16_half_sent_requests_end_at_the_proxy",
    "F33": "tests/fault/test_worker_faults.py::test_a_poison_row_is_parked_after_five_tries",
    "F34": "tests/cli/test_system.py"
    "::test_broken_settings_are_named_key_by_key_and_no_value_is_shown",
}
"""By the fault's id: a test of its own, with what no load shows: clocks, limits, single answers."""
