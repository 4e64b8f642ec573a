"""Back-channel logout notices: retried for an hour, then listed (fault F30)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.clients.client import Client
from idp.domain.messages.delivery import BACKCHANNEL_LOGOUT, DeliveryState
from idp.domain.sign_in.session import ACR_PASSWORD, Session
from idp.jobs.worker import Handler, Worker
from idp.ports import ClockSkew, FetchRefused, KeyStoreError
from idp.services.sign_out.back_channel_logout import LEASE, TRIES, ImmediateBackChannelLogout
from idp.services.sign_out.end_sessions import end_one_session, end_sessions
from idp.services.sign_out.sign_out import SignOut
from tests import factories

HOUR = timedelta(hours=1)
URI = "https://p.example/logout"


def sign_in(lab, number=1, portals=("history",)):
    now = lab.clock()
    session = Session(
        id=f"session-{number}",
        account_id="account-1",
        auth_time=now,
        password_at=now,
        acr=ACR_PASSWORD,
        amr=("pwd",),
        epoch=0,
        created_at=now,
        last_seen_at=now,
    )
    with lab.begin() as work:
        work.sessions.add(session, f"cookie-{number}")
        for portal in portals:
            told = Client(client_id=portal, name=portal, backchannel_logout_uri=URI)
            factories.put_client(work, told)
            work.sessions.visit(session.id, portal, now)
    return session


def end(lab, session):
    with lab.begin() as work:
        return end_one_session(work, session, lab.clock(), "signed_out")


def dead(lab):
    with lab.begin(read_only=True) as work:
        given_up = work.deliveries.list(client_id=None, state=DeliveryState.GIVEN_UP, limit=9)
    return [(one.client_id, one.last_error) for one in reversed(given_up)]


def test_every_portal_of_the_session_is_told(lab):
    end(lab, sign_in(lab, portals=("a", "b")))

    lab.work()

    assert sorted(token for _, token in lab.portals.posted) == ["a:session-1", "b:session-1"]


class Killed:
    """A process that dies after its transaction and before its first call."""

    def run(self, calls, within):
        """Nothing is called."""


def test_a_sign_out_whose_process_dies_is_told_by_the_worker(lab):  # fault F01
    tell = ImmediateBackChannelLogout(
        thread_pool=Killed(), notify=lab.use_cases().back_channel_logout.run
    )
    SignOut(kernel=lab.kernel, tell=tell).sign_out(sign_in(lab))
    lab.work()
    assert lab.portals.posted == []

    lab.work_for(LEASE, step=timedelta(seconds=10))

    assert [token for _, token in lab.portals.posted] == ["history:session-1"]


def test_ending_twice_tells_once(lab):
    session = sign_in(lab)
    end(lab, session)

    assert end(lab, session) is False
    lab.work()
    assert len(lab.portals.posted) == 1


def test_only_portals_that_learnt_of_the_session_are_told(lab):
    first = sign_in(lab, 1, portals=("a",))
    sign_in(lab, 2, portals=("b",))

    end(lab, first)
    lab.work()

    assert [token for _, token in lab.portals.posted] == ["a:session-1"]


def test_all_but_this_session_can_be_ended(lab):
    kept = sign_in(lab, 1)
    sign_in(lab, 2)

    with lab.begin() as work:
        count = end_sessions(
            work, "account-1", lab.clock(), reason="password", except_session=kept.id
        )

    assert count == 1
    with lab.begin(read_only=True) as work:
        assert work.sessions.find(kept.id).ended_at is None


def test_a_portal_that_fails_is_asked_five_more_times_within_an_hour(lab):
    lab.portals.status = 500
    end(lab, sign_in(lab))

    lab.work_at_each_due_job(HOUR * 1.3)

    assert len(lab.portals.posted) == 6


def test_a_portal_that_never_answers_is_listed(lab):
    lab.portals.status = 500
    end(lab, sign_in(lab))

    lab.work_at_each_due_job(HOUR * 1.3)

    assert dead(lab) == [("history", "status_500")]


def test_a_portal_that_comes_back_is_told(lab):
    lab.portals.status = 503
    end(lab, sign_in(lab))
    lab.work()
    lab.portals.status = 204

    lab.work_for(timedelta(minutes=2), step=timedelta(seconds=30))
    lab.work_for(HOUR)

    assert len(lab.portals.posted) == 2
    assert dead(lab) == []


def test_a_portal_that_cannot_be_reached_is_asked_again(lab):
    def refuse(url, form):
        raise FetchRefused

    lab.portals.post_form = refuse
    end(lab, sign_in(lab))

    lab.work()

    with lab.begin(read_only=True) as work:
        assert work.outbox.waiting("backchannel_logout") == 1


@pytest.mark.parametrize("error", [ClockSkew, KeyStoreError])
def test_a_portal_is_told_as_soon_as_something_can_be_signed(lab, error):  # F20
    def refuse(ended, at):
        raise error

    notify = replace(lab.use_cases().back_channel_logout, make_logout_token=refuse)
    worker = Worker("w", lab.worker_ports(), {BACKCHANNEL_LOGOUT: Handler(notify.run, tries=TRIES)})
    end(lab, sign_in(lab))
    for _ in range(90):
        worker.run_due()
        lab.clock.move(timedelta(minutes=1))

    lab.work()

    assert len(lab.portals.posted) == 1


@pytest.mark.parametrize("gone", [True, False])
def test_a_portal_without_an_address_is_left_alone(lab, gone):
    session = sign_in(lab)
    with lab.begin() as work:
        if gone:
            work.clients.remove("history")
        else:
            factories.put_client(work, Client(client_id="history", name="x"))
    end(lab, session)

    lab.work()

    assert lab.portals.posted == []
    with lab.begin(read_only=True) as work:
        assert work.outbox.waiting("backchannel_logout") == 0
