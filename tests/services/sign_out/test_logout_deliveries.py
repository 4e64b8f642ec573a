"""What administrators see of back-channel logout: every state, no person, and trying again."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from idp.domain.clients.client import Client
from idp.domain.messages.delivery import DeliveryState
from idp.ports import KeyStoreError
from idp.services.sign_out.logout_deliveries import LogoutDeliveries
from tests import factories
from tests.services.sign_out.test_portals_are_told import HOUR, end, sign_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def seen(any_lab):
    return LogoutDeliveries(kernel=any_lab.kernel)


def given_up(lab, number=1, portals=("history",)):
    lab.portals.status = 500
    end(lab, sign_in(lab, number, portals))
    lab.work_at_each_due_job(HOUR * 1.3)


def test_before_the_worker_comes_it_waits(any_lab, seen):
    end(any_lab, sign_in(any_lab))
    [one] = seen.list()
    assert (one.client_id, one.state, one.tries) == ("history", DeliveryState.WAITING, 0)
    assert one.next_try == any_lab.clock()


def test_what_a_portal_took_is_delivered(any_lab, seen):
    end(any_lab, sign_in(any_lab))
    any_lab.work()
    [one] = seen.list()
    assert (one.state, one.tries, one.last_error) == (DeliveryState.DELIVERED, 1, None)
    assert (one.next_try, one.ended_at) == (None, any_lab.clock())


def test_a_failure_says_why_and_when_it_is_tried_again(any_lab, seen):
    any_lab.portals.status = 500
    end(any_lab, sign_in(any_lab))
    any_lab.work()
    [one] = seen.list()
    assert (one.state, one.tries, one.last_error) == (DeliveryState.FAILED, 1, "status_500")
    assert MINUTE / 2 < one.next_try - any_lab.clock() < MINUTE * 2


def test_six_failures_are_given_up(any_lab, seen):  # fault F30
    given_up(any_lab)
    [one] = seen.list()
    assert (one.state, one.tries, one.next_try) == (DeliveryState.GIVEN_UP, 6, None)


def test_a_portal_without_an_address_got_nothing(any_lab, seen):
    session = sign_in(any_lab)
    with any_lab.begin() as work:
        factories.put_client(work, Client(client_id="history", name="x"))
    end(any_lab, session)
    any_lab.work()
    [one] = seen.list()
    assert (one.state, one.last_error) == (DeliveryState.NOT_SENT, None)


def test_keys_that_cannot_sign_are_not_the_portals_failure(any_lab, seen):
    def refuse(ended, at):
        raise KeyStoreError

    end(any_lab, sign_in(any_lab))
    notify = replace(any_lab.use_cases().back_channel_logout, make_logout_token=refuse)
    with any_lab.begin() as work:
        job = work.outbox.claim("w", any_lab.clock(), lease=MINUTE, kinds=("backchannel_logout",))
    notify.run(job)
    [one] = seen.list()
    assert (one.state, one.last_error) == (DeliveryState.WAITING, "cannot_sign")


def test_one_that_is_being_sent_is_tried_again_when_its_worker_dies(any_lab, seen):
    end(any_lab, sign_in(any_lab))
    with any_lab.begin() as work:
        work.outbox.claim("w", any_lab.clock(), lease=MINUTE, kinds=("backchannel_logout",))
    [one] = seen.list()
    assert (one.state, one.next_try) == (DeliveryState.WAITING, any_lab.clock() + MINUTE)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["a.b", "a_b", "history"]),
        ({"client_id": "a_b"}, ["a_b"]),
        ({"client_id": "b"}, []),
        ({"state": DeliveryState.DELIVERED}, ["a.b", "a_b"]),
        ({"state": DeliveryState.GIVEN_UP}, ["history"]),
        ({"client_id": "a_b", "state": DeliveryState.GIVEN_UP}, []),
        ({"limit": 1}, ["a_b"]),
    ],
    ids=str,
)
def test_it_is_filtered_by_client_and_state(any_lab, seen, wanted, found):
    given_up(any_lab)
    any_lab.portals.status = 200
    end(any_lab, sign_in(any_lab, 2, portals=("a.b", "a_b")))
    any_lab.work()
    assert sorted(one.client_id for one in seen.list(**wanted)) == found


def test_nothing_personal_is_in_a_delivery(any_lab, seen):
    given_up(any_lab)
    [one] = seen.list()
    assert not {"account-1", "session-1"} & {str(value) for value in asdict(one).values()}
    assert "session" not in repr(one)


def test_other_jobs_are_not_listed(any_lab, seen, person_of_any_lab):
    any_lab.submit(person_of_any_lab)
    assert seen.list() == []


def test_a_portal_that_is_back_can_be_told_again(any_lab, seen):
    given_up(any_lab)
    any_lab.portals.status = 200
    assert seen.retry("history", "o-17") == 1
    any_lab.work()
    [one] = seen.list()
    assert (one.state, one.tries) == (DeliveryState.DELIVERED, 1)


def test_trying_again_leaves_other_portals_alone(any_lab, seen):
    given_up(any_lab, portals=("a", "b"))
    seen.retry("a", "o-17")
    states = {one.client_id: one.state for one in seen.list()}
    assert states == {"a": DeliveryState.WAITING, "b": DeliveryState.GIVEN_UP}


def test_trying_again_is_audited(any_lab, seen):
    given_up(any_lab)
    seen.retry("history", "o-17")
    [entry] = any_lab.audit("history")
    assert (entry.actor, entry.action) == ("o-17", "logout.retried")
    assert entry.details == {"deliveries": "1"}


def test_many_are_tried_again_batch_by_batch(any_lab):
    for number in range(3):
        given_up(any_lab, number)
    by_two = LogoutDeliveries(kernel=any_lab.kernel, batch=2)
    assert by_two.retry("history", "o-17") == 3
