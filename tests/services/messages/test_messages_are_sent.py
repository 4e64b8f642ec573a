"""SMS: at least once with one id, never late codes, a second gateway when the first is away."""

from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from structlog.testing import capture_logs

from idp.domain.messages.sms import SmsName
from idp.domain.people.mobile import Mobile
from idp.domain.sign_in.one_time_code import CODE_LIFE, CodePurpose
from idp.ports import Job, SmsMessage, SmsResult
from idp.services.messages import messages
from idp.services.messages.messages import Notice, notice_job
from idp.services.messages.one_time_codes import CodeFor
from tests.services.laboratory import Gateway

PHONE = Mobile("+989121234567")


def put_notice(lab, name="1"):
    job = notice_job(
        Notice.ACTIVATED, PHONE, messages.Event(subject="case", name=name, at=lab.clock())
    )
    with lab.begin() as work:
        return work.outbox.put(job)


def send_code(lab):
    with lab.begin() as work:
        assert lab.codes.send(work, CodeFor("flow", CodePurpose.REGISTRATION, PHONE))


def test_a_message_goes_out_with_its_job_id(lab):
    uid = put_notice(lab)

    lab.work()

    assert [sent[0] for sent in lab.gateway.sent] == [uid]


def test_one_event_is_one_message(lab):
    put_notice(lab)

    assert put_notice(lab) is None


def test_a_gateway_that_is_away_gets_the_same_id_later(lab):
    uid = put_notice(lab)
    lab.gateway.result = SmsResult.TRANSIENT
    lab.work()
    lab.gateway.result = SmsResult.ACCEPTED

    lab.work_for(timedelta(minutes=1), step=timedelta(seconds=10))

    assert [sent[0] for sent in lab.gateway.sent] == [uid]


def test_a_gateway_that_is_away_for_a_day_loses_nothing(lab):
    put_notice(lab)
    lab.gateway.result = SmsResult.TRANSIENT
    lab.work_for(timedelta(days=1))
    lab.gateway.result = SmsResult.ACCEPTED

    lab.work_for(timedelta(minutes=30))

    assert len(lab.gateway.sent) == 1


def test_a_message_waits_seven_days_at_most(lab):  # a text about a person may not lie around
    put_notice(lab)
    lab.gateway.result = SmsResult.TRANSIENT
    lab.work_for(timedelta(days=7), step=timedelta(hours=6))
    lab.gateway.result = SmsResult.ACCEPTED

    lab.work_for(timedelta(hours=1))

    assert lab.gateway.sent == []


def test_a_refused_message_is_buried_with_an_alarm(lab):
    put_notice(lab)
    lab.gateway.result = SmsResult.REJECTED

    with capture_logs() as logs:
        lab.work()

    assert [line["alarm"] for line in logs if "alarm" in line] == ["sms_dead_letter"]
    with lab.begin(read_only=True) as work:
        assert [job.kind for job in work.outbox.dead()] == ["sms"]


def test_the_second_gateway_takes_over_with_the_same_id(lab):
    second = Gateway()
    lab.gateways.append(second)
    lab.gateway.result = SmsResult.TRANSIENT
    uid = put_notice(lab)

    lab.work()

    assert [sent[0] for sent in second.sent] == [uid]


def test_the_second_gateway_is_not_asked_while_the_first_works(lab):
    second = Gateway()
    lab.gateways.append(second)
    put_notice(lab)

    lab.work()

    assert second.sent == []


def test_a_text_that_the_first_gateway_refuses_goes_to_the_second(lab):  # fault F18
    second = Gateway()
    lab.gateways.append(second)
    lab.gateway.result, lab.gateway.reason = SmsResult.REJECTED, "text"
    uid = put_notice(lab)

    lab.work()

    assert [sent[0] for sent in second.sent] == [uid]


def test_a_number_that_is_refused_is_refused_by_all(lab):
    second = Gateway()
    lab.gateways.append(second)
    lab.gateway.result, lab.gateway.reason = SmsResult.REJECTED, "recipient_opted_out"
    put_notice(lab)

    lab.work()

    assert second.sent == []


@pytest.mark.parametrize("dead_first", [True, False])
def test_a_message_waits_while_one_gateway_may_recover(lab, dead_first):
    refusing = Gateway(result=SmsResult.REJECTED, reason="text")
    away = Gateway(result=SmsResult.TRANSIENT, reason="credit")
    lab.gateways[:] = [away, refusing] if dead_first else [refusing, away]
    put_notice(lab)

    lab.work()

    with lab.begin(read_only=True) as work:
        assert (work.outbox.waiting("sms"), list(work.outbox.dead())) == (1, [])


def test_a_code_is_sent(lab):
    send_code(lab)

    lab.work()

    assert lab.gateway.sent[0][2].startswith("تأمین اجتماعی\nکد ثبت نام ")


def test_a_code_does_not_wait_behind_a_notice(lab):  # fault F18
    code_sent, notice_may_go, stop = Event(), Event(), Event()

    class StuckWithANotice(Gateway):
        def send(self, *message, again):
            (code_sent.set if "\nکد " in message[2] else lambda: notice_may_go.wait(30))()
            return super().send(*message, again=again)

    lab.gateways[:] = [StuckWithANotice()]
    put_notice(lab)
    send_code(lab)

    threads = lab.crew.start(stop)
    try:
        assert code_sent.wait(20)
    finally:
        notice_may_go.set()
        stop.set()
        for thread in threads:
            thread.join(20)


def test_a_code_message_ends_with_the_line_that_binds_it_to_the_host(lab):
    send_code(lab)

    lab.work()

    last = lab.gateway.sent[0][2].splitlines()[-1]
    assert last.startswith("@account.tamin.ir #")


def test_a_code_is_never_sent_after_its_expiry(lab):  # fault F18
    send_code(lab)
    lab.clock.move(CODE_LIFE)

    lab.work()

    assert lab.gateway.sent == []


def test_a_code_that_would_arrive_dead_is_not_sent(lab):  # fault F18
    send_code(lab)
    lab.clock.move(CODE_LIFE - timedelta(seconds=5))

    lab.work()

    assert lab.gateway.sent == []


def test_a_code_that_expires_on_the_way_to_the_second_gateway_is_not_sent(lab):
    class Slow(Gateway):
        def send(self, *message, again):
            lab.clock.move(CODE_LIFE)
            return super().send(*message, again=again)

    slow, second = Slow(result=SmsResult.TRANSIENT), Gateway()
    lab.gateways[:] = [slow, second]
    send_code(lab)

    lab.work()

    assert second.sent == []


def test_a_code_for_a_phone_that_nobody_has_is_no_alarm(lab):  # it was never to be sent
    with lab.begin() as work:
        assert lab.codes.pretend(work, CodeFor("flow", CodePurpose.RECOVERY, PHONE))

    with capture_logs() as logs:
        lab.work()

    assert (lab.gateway.sent, logs) == ([], [])


def test_a_code_that_no_gateway_took_in_its_time_is_an_alarm(lab):
    send_code(lab)
    lab.clock.move(CODE_LIFE)

    with capture_logs() as logs:
        lab.work()

    assert [(line["alarm"], line["reason"]) for line in logs] == [("sms_dead_letter", "expired")]


def test_a_code_overtakes_notices(lab):
    for number in range(5):
        put_notice(lab, str(number))
    send_code(lab)

    lab.work()

    assert "\nکد ثبت نام " in lab.gateway.sent[0][2]


@pytest.mark.parametrize("purpose", CodePurpose)
def test_every_purpose_has_its_text(lab, purpose):
    with lab.begin() as work:
        assert lab.codes.send(
            work, CodeFor("flow", purpose, PHONE), portal=SmsName.cut("سوابق بیمه")
        )

    lab.work()

    assert len(lab.gateway.sent) == 1


def test_a_job_without_a_message_is_buried(lab):
    with lab.begin() as work:
        work.outbox.put(Job(kind="sms", subject="x", unique="x", run_at=lab.clock()))

    lab.work()

    with lab.begin(read_only=True) as work:
        assert [job.reason for job in work.outbox.dead()] == ["no_message"]


def test_a_text_is_sent_as_it_stands_in_the_outbox(lab):
    sms = SmsMessage(to=PHONE, text="متن", message_id="x")
    with lab.begin() as work:
        work.outbox.put(
            replace(Job(kind="sms", subject="x", unique="x", run_at=lab.clock()), sms=sms)
        )

    lab.work()

    assert lab.texts_to(PHONE) == ["متن"]
