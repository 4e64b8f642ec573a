"""After a restore nothing that was used, ended or revoked since the backup is good again (F28)."""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.messages.delivery import BACKCHANNEL_LOGOUT
from idp.domain.people.email_address import EmailAddress
from idp.ports import Job, MailMessage, SmsMessage
from idp.services.messages.messages import SMS, SMS_CODE
from idp.services.upkeep.after_restore import AfterRestore, EndAllSessions
from idp.store.backup.mass_ending import MassEnding, Notices
from idp.store.sql.transactions import opened
from tests.factories import (
    MOBILE,
    client,
    consent,
    grant,
    invitation,
    known_device,
    mobile_change,
    one_time_code,
    pending_sign_in,
    recovery,
    refresh_token,
    session,
    step_one,
)
from tests.store.rows import sealed_messages

LEASE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Steps:
    """Notes how much of each step was done."""

    def __init__(self):
        self.done = defaultdict(int)

    @contextmanager
    def step(self, name, total=None):
        def advance(amount):
            self.done[name] += amount

        yield advance


@pytest.fixture
def lab(any_lab):
    """A hub with a session, and what hangs on it."""
    now = any_lab.clock()
    with any_lab.begin() as work:
        work.sessions.add(session(created_at=now, last_seen_at=now), "token")
        work.grants.add(grant(created_at=now, expires_at=now + 90 * DAY, offline=True))
        work.grants.add_refresh(refresh_token(created_at=now, expires_at=now + 14 * DAY))
        work.devices.save(known_device(expires_at=now + 30 * DAY))
        work.pending_sign_ins.put(pending_sign_in(expires_at=now + DAY))
        work.recoveries.put(recovery(expires_at=now + DAY))
        work.step_ones.put(step_one(expires_at=now + DAY))
        work.codes.put(one_time_code(good_until=now + DAY), is_sent=True)
        work.contexts.put("handle", "sealed", now + DAY)
        work.invitations.add(invitation(expires_at=now + DAY))
        work.consents.save(consent(given_at=now))
        work.mobile_changes.add(mobile_change(asked_at=now))
        work.clients.add(client())
    return any_lab


@pytest.fixture
def ending(migrated_url):
    with opened(migrated_url) as transactions:
        yield MassEnding(transactions)


def restore(lab, ending, fenced=()):
    after = AfterRestore(kernel=lab.kernel, ending=ending, fenced=dict(fenced))
    return after.run(Steps(), {"backup": "yesterday"})


def test_a_session_has_ended_and_its_grant_is_revoked(lab, ending):
    restore(lab, ending)
    with lab.begin() as work:
        assert work.sessions.find("session-1").ended_at == lab.clock()
        assert work.grants.find("grant-1").revoked_at == lab.clock()


def test_a_refresh_token_is_unknown(lab, ending):
    restore(lab, ending)
    with lab.begin() as work:
        assert work.grants.find_refresh("refresh-1") is None


def test_flows_under_way_have_ended(lab, ending):
    ended = restore(lab, ending)
    for table in ("known_devices", "pending_sign_ins", "recoveries", "step_ones", "codes"):
        assert (table, ended[table]) == (table, 1)
    assert ended["contexts"] == 1


def test_invitations_and_consents_are_given_anew(lab, ending):
    restore(lab, ending)
    with lab.begin() as work:
        assert [one.uses_left for one in work.invitations.list()] == [0]
        assert work.consents.find("account-1", "portal").revoked_at == lab.clock()


def test_a_change_of_a_mobile_begins_anew(lab, ending):
    restore(lab, ending)
    with lab.begin() as work:
        change = work.mobile_changes.latest("account-1")
    assert (change.state, change.reason, change.mobile) == ("refused", "restored", None)


def test_tokens_of_services_from_before_are_dead(lab, ending):
    restore(lab, ending)
    with lab.begin() as work:
        assert work.clients.find("portal").service_tokens_since == lab.clock()


def test_a_single_use_right_of_before_is_refused_until_it_has_expired(lab, ending):
    restore(lab, ending, {"jti": timedelta(minutes=5)})
    with lab.begin() as work:
        soon, later = lab.clock() + timedelta(minutes=5), lab.clock() + timedelta(minutes=6)
        assert not work.single_use.take("jti", "of before", expires_at=soon)
        assert work.single_use.take("jti", "of after", expires_at=later)
        assert work.single_use.take("other", "of before", expires_at=soon)


def test_a_fence_is_moved_by_a_second_restore(lab, ending):
    restore(lab, ending, {"jti": timedelta(minutes=5)})
    restore(lab, ending, {"jti": timedelta(minutes=9)})
    with lab.begin() as work:
        soon = lab.clock() + timedelta(minutes=8)
        assert not work.single_use.take("jti", "of before", expires_at=soon)


def test_a_fence_is_forgotten_when_it_is_over(lab, ending):
    restore(lab, ending, {"jti": timedelta(minutes=5)})
    with lab.begin() as work:
        assert work.single_use.forget_expired(lab.clock() + timedelta(minutes=5)) == 1


def sms(lab, unique, kind=SMS):
    message = SmsMessage(to=MOBILE, text="متن", message_id="notice")
    return Job(kind=kind, subject="s", unique=unique, run_at=lab.clock(), sms=message)


def test_a_waiting_text_asks_the_gateway_first(lab, ending):
    with lab.begin() as work:
        work.outbox.put(sms(lab, "notice"))
    restore(lab, ending)
    with lab.begin() as work:
        job = work.outbox.claim("worker", lab.clock(), lease=LEASE, kinds=(SMS,))
    assert job.was_begun_before


def test_a_text_that_a_worker_held_is_free_again(lab, ending):
    with lab.begin() as work:
        work.outbox.put(sms(lab, "notice"))
        work.outbox.claim("worker", lab.clock(), lease=LEASE, kinds=(SMS,))
    restore(lab, ending)
    with lab.begin() as work:
        assert work.outbox.claim("other", lab.clock(), lease=LEASE, kinds=(SMS,))


def test_a_code_that_waits_is_never_sent(lab, ending):
    with lab.begin() as work:
        work.outbox.put(sms(lab, "code", SMS_CODE))
    restore(lab, ending)
    with lab.begin() as work:
        assert work.outbox.claim("worker", lab.clock(), lease=LEASE, kinds=(SMS_CODE,)) is None


def test_a_mail_that_waits_is_parked_without_its_text(lab, ending):
    mail = MailMessage(
        to=EmailAddress("owner@example.ir"),
        subject="s",
        text="متن",
        message_id="mail",
        expires_at=lab.clock() + DAY,
    )
    with lab.begin() as work:
        job = Job(kind="mail", subject="s", unique="m", run_at=lab.clock(), mail=mail)
        work.outbox.put(job)
    restore(lab, ending)
    with lab.begin() as work:
        assert [dead.reason for dead in work.outbox.dead()] == ["restored"]
        assert sealed_messages(work) == [None]


@pytest.mark.parametrize("times", [1, 2])
def test_the_number_of_a_later_message_is_none_that_a_gateway_has_seen(lab, ending, times):
    for _ in range(times):
        restore(lab, ending)
    with lab.begin() as work:
        assert work.outbox.put(sms(lab, "later")) > times * 1_000_000_000


def test_the_audit_says_that_the_database_was_restored(lab, ending):
    restore(lab, ending)
    with lab.begin(read_only=True) as work:
        (entry,) = work.audit.tail(1)
        assert all(link.fits for link in work.audit.links())
    assert (entry.action, entry.details["backup"]) == ("restored", "yesterday")


def test_more_than_a_batch_is_ended_in_several_transactions(lab, ending, monkeypatch):
    monkeypatch.setattr("idp.store.backup.mass_ending.ROWS_AT_ONCE", 2)
    with lab.begin() as work:
        for number in range(2, 7):
            work.sessions.add(session(f"session-{number}"), f"token-{number}")
    batches = [rows for table, rows in ending.end_sessions(lab.clock()) if table == "sessions"]
    assert batches == [2, 2, 2, 0]


def test_all_sessions_can_be_ended_by_one_command(lab, ending):
    steps = Steps()
    everybody = EndAllSessions(kernel=lab.kernel, ending=ending)

    assert everybody.run(steps, officer="o-17", reason="leak")["sessions"] == 1

    with lab.begin() as work:
        assert work.sessions.find("session-1").ended_at == lab.clock()
        assert work.consents.find("account-1", "portal").revoked_at is None
        (entry,) = work.audit.tail(1)
    assert (entry.actor, entry.action) == ("o-17", "sessions.all_ended")
    assert entry.details == {"reason": "leak", "sessions": "1", "logout_tokens": "0"}


@pytest.fixture
def everybody(lab, ending):
    """Ends all sessions, of which three have visited portals; ``deaf`` has no logout address."""
    heard = "https://portal.example/logout"
    with lab.begin() as work:
        work.clients.add(client("told", backchannel_logout_uri=heard))
        work.clients.add(client("deaf"))
        for number in (2, 3):
            work.sessions.add(session(f"session-{number}"), f"token-{number}")
        for number in (1, 2, 3):
            work.sessions.visit(f"session-{number}", "told", lab.clock())
            work.sessions.visit(f"session-{number}", "deaf", lab.clock())
    return EndAllSessions(kernel=lab.kernel, ending=ending)


def notices(lab):
    """Return the jobs of all logout tokens that are due now."""
    with lab.begin() as work:
        waiting = [BACKCHANNEL_LOGOUT]
        claims = (work.outbox.claim("w", lab.clock(), lease=LEASE, kinds=waiting) for _ in range(9))
        return [job for job in claims if job is not None]


def test_portals_get_no_logout_tokens_unless_a_pace_is_given(lab, everybody):
    everybody.run(Steps(), officer="o-17", reason="leak")
    assert notices(lab) == []


def test_each_portal_with_a_logout_address_gets_a_token_for_each_session(lab, everybody):
    ended = everybody.run(Steps(), officer="o-17", reason="leak", notices_a_second=10)
    assert ended["jobs"] == 3
    assert [job.payload for job in notices(lab)] == [
        {"client_id": "told", "account_id": "account-1", "session_id": f"session-{number}"}
        for number in (1, 2, 3)
    ]


def test_sessions_whose_portals_are_told_end_in_smaller_transactions(
    lab, ending, everybody, monkeypatch
):
    monkeypatch.setattr("idp.store.backup.mass_ending.TELLING_SESSIONS_AT_ONCE", 2)
    ended = ending.end_sessions(lab.clock(), Notices(clients=["told"], a_second=10))
    assert [rows for table, rows in ended if table == "sessions"] == [2, 1]


def test_logout_tokens_fall_due_at_the_pace_that_is_given(lab, everybody, monkeypatch):
    monkeypatch.setattr("idp.store.backup.mass_ending.TELLING_SESSIONS_AT_ONCE", 1)
    everybody.run(Steps(), officer="o-17", reason="leak", notices_a_second=1)
    counts = []
    for _ in range(3):
        counts.append(len(notices(lab)))
        lab.clock.move(timedelta(seconds=1))
    assert counts == [1, 1, 1]


def test_a_session_that_had_ended_tells_nobody_again(lab, everybody):
    with lab.begin() as work:
        work.sessions.end("session-2", lab.clock() - DAY)
    ended = everybody.run(Steps(), officer="o-17", reason="leak", notices_a_second=10)
    assert ended["jobs"] == 2


def test_the_audit_counts_the_logout_tokens(lab, everybody):
    everybody.run(Steps(), officer="o-17", reason="leak", notices_a_second=10)
    with lab.begin(read_only=True) as work:
        (entry,) = work.audit.tail(1)
    assert entry.details["logout_tokens"] == "3"


def test_a_session_that_began_later_lives(lab, ending):
    ended = EndAllSessions(kernel=lab.kernel, ending=ending)
    ended.run(Steps(), officer="o-17", reason="leak")
    with lab.begin() as work:
        work.sessions.add(replace(session("session-2"), created_at=lab.clock()), "token-2")
        assert work.sessions.find("session-2").ended_at is None
