"""A message whose fate one process does not know is not sent again blindly by another (F19)."""

import os
import signal
from datetime import timedelta

from idp import settings
from idp.adapters.sms.kavenegar import Kavenegar
from idp.adapters.sms.magfa import Magfa
from idp.domain.people.mobile import Mobile
from idp.services.messages.messages import Event, Notice, notice_job
from tests.services.laboratory import LEASE, Laboratory
from tests.simulators.http import simulated
from tests.simulators.sms import API_KEY, PASSWORD, SENDER, USER, KavenegarHandler, MagfaHandler

PHONE = Mobile("+989129129929")


def magfa(simulator):
    account = settings.Magfa(
        url=f"{simulator.url}/v2",
        user=USER,
        password=PASSWORD,
        sender=SENDER,
        timeout_seconds=simulator.patience.total_seconds(),
    )
    return Magfa(account)


def kavenegar(simulator):
    account = settings.Kavenegar(
        url=f"{simulator.url}/v1",
        api_key=API_KEY,
        sender=SENDER,
        timeout_seconds=simulator.patience.total_seconds(),
    )
    return Kavenegar(account)


class DiesAfterSending:
    """A gateway whose process is killed once the message has been taken, before that is written."""

    def __init__(self, gateway):
        self.gateway = gateway

    def send(self, *message, again):
        self.gateway.send(*message, again=again)
        os.kill(os.getpid(), signal.SIGKILL)


def work_in_another_process(lab, url, gateway):
    """Let a worker of its own process, which remembers nothing of another one, do what is due."""
    lab.database.close()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        inner = Laboratory(url)
        inner.clock.now = lab.clock.now
        inner.gateways[:] = [gateway]
        inner.work()
    finally:
        os._exit(0)


def put_notice(lab):
    event = Event(subject="case", name="1", at=lab.clock())
    with lab.begin() as work:
        return work.outbox.put(notice_job(Notice.ACTIVATED, PHONE, event))


def is_done(lab):
    with lab.begin(read_only=True) as work:
        return (work.outbox.waiting("sms"), list(work.outbox.dead())) == (0, [])


def test_magfa_is_asked_by_the_next_process_after_a_cut_line(lab, migrated_url):
    handler = MagfaHandler()
    with simulated(handler) as simulator:
        uid = put_notice(lab)
        simulator.script("cut", "cut")
        work_in_another_process(lab, migrated_url, magfa(simulator))
        lab.clock.move(timedelta(minutes=1))
        work_in_another_process(lab, migrated_url, magfa(simulator))

    assert [taken[0] for taken in handler.taken] == [uid]
    assert [one.path for one in simulator.received] == ["/v2/send", *2 * [f"/v2/mid/{uid}"]]
    assert is_done(lab)


def test_magfa_is_asked_by_the_next_process_after_a_kill_between_send_and_mark(lab, migrated_url):
    handler = MagfaHandler()
    with simulated(handler) as simulator:
        uid = put_notice(lab)
        work_in_another_process(lab, migrated_url, DiesAfterSending(magfa(simulator)))
        lab.clock.move(LEASE)
        work_in_another_process(lab, migrated_url, magfa(simulator))

    assert [taken[0] for taken in handler.taken] == [uid]
    assert is_done(lab)


def test_a_message_that_magfa_never_got_is_sent_by_the_next_process(lab, migrated_url):
    handler = MagfaHandler()
    with simulated(handler) as simulator:
        uid = put_notice(lab)
        simulator.script("cut", "cut")
        work_in_another_process(lab, migrated_url, magfa(simulator))
        handler.taken.clear()
        lab.clock.move(timedelta(minutes=1))
        work_in_another_process(lab, migrated_url, magfa(simulator))

    assert [taken[0] for taken in handler.taken] == [uid]
    assert is_done(lab)


def test_kavenegar_joins_what_the_next_process_sends_again(lab, migrated_url):
    handler = KavenegarHandler()
    with simulated(handler) as simulator:
        uid = put_notice(lab)
        simulator.script("cut")
        work_in_another_process(lab, migrated_url, kavenegar(simulator))
        lab.clock.move(timedelta(minutes=1))
        work_in_another_process(lab, migrated_url, kavenegar(simulator))

    assert list(handler.taken) == [uid]
    assert len(simulator.received) == 2
    assert is_done(lab)
