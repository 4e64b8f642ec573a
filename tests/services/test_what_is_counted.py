"""Use cases count what happened, under words that name nobody."""

from contextlib import suppress
from datetime import timedelta

import pytest

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.sms.guarded import Guarded
from idp.domain.clients.client import Client
from idp.domain.messages.delivery import NO_ADDRESS
from idp.domain.people.mobile import Mobile
from idp.ports import HashingBusy, SmsReceipt, SmsResult
from idp.services.protection.owners_counters import TooMany
from idp.services.sign_out.end_sessions import end_one_session
from idp.telemetry.catalogue import (
    CASE_SECONDS,
    CASES_DECIDED,
    JOBS,
    LOGOUT_DELIVERIES,
    PROOF_OF_WORK,
    SIGN_INS,
    SMS_MESSAGES,
    SMS_PARTS,
)
from tests import factories
from tests.counted import counting
from tests.services.house import PASSWORD, USER, attempt, enter
from tests.services.protection.test_proof_of_work import Desk
from tests.services.sign_out.test_portals_are_told import HOUR, sign_in

MANY = 100
"""More wrong passwords on a known device than are free."""


def test_a_sign_in_on_a_new_device_is_two_steps(house):
    with counting() as counted:
        enter(house)
    assert counted.of(SIGN_INS) == {("password", "code_needed"): 1, ("code", "signed_in"): 1}


def test_a_wrong_password_is_counted_as_wrong(house):
    with counting() as counted:
        house.sign_in.with_password(USER, "Wrong12345", attempt())
    assert counted.of(SIGN_INS) == {("password", "wrong"): 1}


def test_a_refused_try_is_counted_by_its_reason(house):
    device = enter(house).device
    with counting() as counted, suppress(TooMany):
        for _ in range(MANY):
            house.sign_in.with_password(USER, "Wrong12345", attempt(device=device))
    assert counted.of(SIGN_INS)["password", "too_many"] == 1


def test_a_full_queue_is_counted(house, monkeypatch):
    def busy(*_args, **_kwargs):
        raise HashingBusy

    monkeypatch.setattr(type(house.kernel.hashing), "verify", busy)
    with counting() as counted, pytest.raises(HashingBusy):
        house.sign_in.with_password(USER, PASSWORD, attempt())
    assert counted.of(SIGN_INS) == {("password", "hashing_busy"): 1}


def test_a_decided_case_is_counted_by_its_outcome(lab, person):
    with counting() as counted:
        lab.submit(person)
        lab.work_for(timedelta(minutes=5))
    assert counted.of(CASES_DECIDED) == {("activated",): 1}
    [(labels, seconds)] = counted.observed[CASE_SECONDS]
    assert labels == ()
    assert seconds < 300
    assert counted.of(JOBS)["check_case", "ran"] == 1


@pytest.mark.parametrize(("status", "outcome"), [(200, "delivered"), (500, "failed")])
def test_a_delivery_is_counted_by_its_portal(lab, status, outcome):
    lab.portals.status = status
    session = sign_in(lab)
    with counting() as counted:
        with lab.begin() as work:
            end_one_session(work, session, lab.clock(), "signed_out")
        lab.work()
    assert counted.of(LOGOUT_DELIVERIES) == {("history", outcome): 1}


def test_a_delivery_that_never_arrives_is_given_up(lab):
    lab.portals.status = 500
    session = sign_in(lab)
    with counting() as counted:
        with lab.begin() as work:
            end_one_session(work, session, lab.clock(), "signed_out")
        lab.work_at_each_due_job(HOUR * 1.3)
    assert counted.of(LOGOUT_DELIVERIES) == {
        ("history", "failed"): 5,
        ("history", "given_up"): 1,
    }


def test_a_portal_without_an_address_is_counted(lab):
    session = sign_in(lab)
    with lab.begin() as work:
        end_one_session(work, session, lab.clock(), "signed_out")
        factories.put_client(work, Client(client_id="history", name="history"))
    with counting() as counted:
        lab.work()
    assert counted.of(LOGOUT_DELIVERIES) == {("history", NO_ADDRESS): 1}


class Gateway:
    def send(self, uid, to, text, *, again):
        return SmsReceipt(SmsResult.TRANSIENT, reason="unknown")


def test_messages_are_counted_by_gateway_with_their_segments():
    gateway = Guarded(Gateway(), CircuitBreaker(failures=1, rest=HOUR), "magfa")
    with counting() as counted:
        for _ in range(2):
            gateway.send(1, Mobile("+989121234567"), "س" * 71, again=False)
    assert counted.of(SMS_MESSAGES) == {("magfa", "transient"): 1, ("magfa", "breaker_open"): 1}
    assert counted.of(SMS_PARTS) == {("magfa", "transient"): 2}


def test_held_forms_are_counted_when_asked_and_when_done(house):
    desk = Desk(house)
    with counting() as counted:
        desk.bring(desk.hold())
    assert counted.of(PROOF_OF_WORK) == {("work", "asked"): 1, ("work", "done"): 1}
