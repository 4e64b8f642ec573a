"""SMS gateways: both statuses, cut lines, breaker (faults F18, F19)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp import settings
from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.sms.guarded import Guarded
from idp.adapters.sms.inbox import InboxGateway
from idp.adapters.sms.kavenegar import Kavenegar
from idp.adapters.sms.magfa import Magfa
from idp.domain.people.mobile import Mobile
from idp.ports import InboxMessage, SmsReceipt, SmsResult
from tests.adapters.conftest import Logged
from tests.simulators.http import Answer, Fault, Handler, Simulator
from tests.simulators.registries import changed
from tests.simulators.sms import API_KEY, PASSWORD, SENDER, USER, KavenegarHandler, MagfaHandler

Simulate = Callable[[Handler], Simulator]
TO = Mobile("+989129129929")
TEXT = "کد ورود: 482913"
NOW = datetime(2026, 3, 21, tzinfo=UTC)
ACCEPTED, REJECTED, TRANSIENT = SmsResult.ACCEPTED, SmsResult.REJECTED, SmsResult.TRANSIENT


def magfa(simulator: Simulator, **changes: Any) -> Magfa:
    account = {
        "url": f"{simulator.url}/v2",
        "user": USER,
        "password": PASSWORD,
        "sender": SENDER,
        "timeout_seconds": simulator.patience.total_seconds(),
    }
    return Magfa(settings.Magfa.model_validate({**account, **changes}))


def kavenegar(simulator: Simulator, **changes: Any) -> Kavenegar:
    account = {
        "url": f"{simulator.url}/v1",
        "api_key": API_KEY,
        "sender": SENDER,
        "timeout_seconds": simulator.patience.total_seconds(),
    }
    return Kavenegar(settings.Kavenegar.model_validate({**account, **changes}))


def test_magfa_takes_a_message(simulate: Simulate) -> None:
    handler = MagfaHandler()

    receipt = magfa(simulate(handler)).send(17, TO, TEXT, again=False)

    assert receipt == SmsReceipt(ACCEPTED, "1017")
    assert handler.taken == [(17, "989129129929", TEXT)]


@pytest.mark.parametrize(
    ("status", "result", "reason"),
    [
        *((1, REJECTED, "recipient"), (27, REJECTED, "recipient_blacklisted")),
        *((33, REJECTED, "recipient_opted_out"), (35, REJECTED, "text")),
        *((2, TRANSIENT, "sender"), (14, TRANSIENT, "credit"), (15, TRANSIENT, "server")),
        *((18, TRANSIENT, "account"), (29, TRANSIENT, "network_address")),
        *((34, TRANSIENT, "no_information"), (105, TRANSIENT, "status_105")),
    ],
)
def test_magfas_refusals_are_told_apart(
    simulate: Simulate, status: int, result: SmsResult, reason: str
) -> None:
    whole = magfa(simulate(MagfaHandler(status=status))).send(17, TO, TEXT, again=False)
    message = magfa(simulate(MagfaHandler(message_status=status))).send(17, TO, TEXT, again=False)

    assert whole == message == SmsReceipt(result, reason=reason)


def test_wrong_credentials_of_magfa_are_transient(simulate: Simulate) -> None:
    receipt = magfa(simulate(MagfaHandler()), password="other").send(17, TO, TEXT, again=False)

    assert receipt == SmsReceipt(TRANSIENT, reason="account")


CUT = ["cut", "slow", "drip_headers", "html", "empty", "truncated", "short", "500"]


@pytest.mark.parametrize("fault", CUT)
def test_magfa_is_asked_after_a_cut_line(simulate: Simulate, fault: str) -> None:  # F19
    handler = MagfaHandler()
    simulator = simulate(handler)
    simulator.script(fault)

    receipt = magfa(simulator).send(17, TO, TEXT, again=False)

    assert receipt == SmsReceipt(ACCEPTED, "1017")
    assert len(handler.taken) == 1


@pytest.mark.parametrize(
    "fault",
    [
        changed("messages", to=[]),
        changed("messages", to=None),
        changed("messages", 0, "status", to="0"),
        changed("messages", 0, "status", to=KeyError),
        changed("messages", 0, "id", to=KeyError),
        changed("status", to=None),
        changed("status", to=False),
    ],
)
def test_magfa_is_asked_after_an_odd_answer(simulate: Simulate, fault: Fault) -> None:
    simulator = simulate(MagfaHandler())
    simulator.script(fault)

    assert magfa(simulator).send(17, TO, TEXT, again=False) == SmsReceipt(ACCEPTED, "1017")


def test_a_message_that_magfa_did_not_get_is_transient(simulate: Simulate) -> None:
    simulator = simulate(MagfaHandler())
    lost = {"status": 0, "mid": -1}
    simulator.script("cut", _says(lost))

    assert magfa(simulator).send(17, TO, TEXT, again=False) == SmsReceipt(
        TRANSIENT, reason="not_taken"
    )


def _says(said: dict[str, int]) -> Fault:
    import json  # noqa: PLC0415

    return lambda _: Answer(200, json.dumps(said).encode())


@pytest.mark.parametrize("fault", ["cut", "html", _says({"status": 18, "mid": -1}), _says({})])
def test_magfas_silence_about_a_cut_message_is_unknown(
    simulate: Simulate, fault: str | Fault
) -> None:
    simulator = simulate(MagfaHandler())
    simulator.script("cut", fault)

    assert magfa(simulator).send(17, TO, TEXT, again=False) == SmsReceipt(
        TRANSIENT, reason="unknown"
    )


def test_a_message_of_unknown_fate_is_never_resent_blindly(simulate: Simulate) -> None:  # F19
    handler = MagfaHandler()
    simulator = simulate(handler)
    simulator.script("cut", "cut")
    magfa(simulator).send(17, TO, TEXT, again=False)

    assert magfa(simulator).send(17, TO, TEXT, again=True) == SmsReceipt(ACCEPTED, "1017")
    assert len(handler.taken) == 1


@pytest.mark.parametrize("fault", ["cut", "html", "500"])
def test_magfa_is_sent_nothing_again_while_it_does_not_say_what_it_has(
    simulate: Simulate, fault: str
) -> None:  # F19
    handler = MagfaHandler()
    simulator = simulate(handler)
    simulator.script(fault)

    receipt = magfa(simulator).send(17, TO, TEXT, again=True)

    assert receipt == SmsReceipt(TRANSIENT, reason="unknown")
    assert handler.taken == []


def test_a_message_that_never_arrived_is_sent_again(simulate: Simulate) -> None:
    handler = MagfaHandler()
    simulator = simulate(handler)
    simulator.script(lambda _: _forget(handler), "ok", "ok", "ok")
    gateway = magfa(simulator)
    gateway.send(17, TO, TEXT, again=False)
    gateway.send(17, TO, TEXT, again=True)

    assert len(handler.taken) == 1


def _forget(handler: MagfaHandler) -> Answer:
    handler.taken.clear()
    return Answer(silent=True)


def test_magfa_down_is_transient_and_not_unknown(simulate: Simulate) -> None:  # F18
    simulator = simulate(MagfaHandler())
    simulator.go_down()

    assert magfa(simulator).send(17, TO, TEXT, again=False) == SmsReceipt(
        TRANSIENT, reason="unreachable"
    )


def test_kavenegar_takes_a_message(simulate: Simulate) -> None:
    handler = KavenegarHandler()

    receipt = kavenegar(simulate(handler)).send(17, TO, TEXT, again=False)

    assert receipt == SmsReceipt(ACCEPTED, "2017")
    assert handler.taken == {17: ("09129129929", TEXT)}


@pytest.mark.parametrize(
    ("status", "result", "reason"),
    [
        *((411, REJECTED, "recipient"), (413, REJECTED, "text"), (400, REJECTED, "parameters")),
        *((403, TRANSIENT, "account"), (407, TRANSIENT, "network_address")),
        *((412, TRANSIENT, "sender"), (418, TRANSIENT, "credit"), (429, TRANSIENT, "rate")),
        (599, TRANSIENT, "status_599"),
    ],
)
def test_kavenegars_refusals_are_told_apart(
    simulate: Simulate, status: int, result: SmsResult, reason: str
) -> None:
    receipt = kavenegar(simulate(KavenegarHandler(status=status))).send(17, TO, TEXT, again=False)

    assert receipt == SmsReceipt(result, reason=reason)


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        (5, SmsReceipt(ACCEPTED, "2017")),
        (10, SmsReceipt(ACCEPTED, "2017")),
        (6, SmsReceipt(REJECTED, reason="entry_6")),
        (11, SmsReceipt(REJECTED, reason="entry_11")),
        (13, SmsReceipt(REJECTED, reason="entry_13")),
        (100, SmsReceipt(TRANSIENT, reason="entry_100")),
        (14, SmsReceipt(REJECTED, reason="recipient_blocked")),
    ],
)
def test_kavenegars_entry_has_the_last_word(
    simulate: Simulate, status: int, receipt: SmsReceipt
) -> None:
    gateway = kavenegar(simulate(KavenegarHandler(entry_status=status)))

    assert gateway.send(17, TO, TEXT, again=False) == receipt


@pytest.mark.parametrize(
    "fault",
    [
        *CUT,
        changed("entries", to=[]),
        changed("entries", to=None),
        changed("entries", 0, "messageid", to="17"),
        changed("entries", 0, "status", to=KeyError),
        changed("return", to=None),
        changed("return", "status", to="200"),
    ],
)
def test_kavenegar_cut_or_odd_is_unknown(simulate: Simulate, fault: str | Fault) -> None:
    simulator = simulate(KavenegarHandler())
    simulator.script(fault)

    assert kavenegar(simulator).send(17, TO, TEXT, again=False) == SmsReceipt(
        TRANSIENT, reason="unknown"
    )


def test_kavenegar_joins_a_message_that_is_sent_again(simulate: Simulate) -> None:  # F19
    handler = KavenegarHandler()
    simulator = simulate(handler)
    simulator.script("cut")
    kavenegar(simulator).send(17, TO, TEXT, again=False)

    assert kavenegar(simulator).send(17, TO, TEXT, again=True) == SmsReceipt(ACCEPTED, "2017")
    assert list(handler.taken) == [17]


@pytest.mark.parametrize("fault", ["ok", *CUT])
def test_neither_text_nor_phone_nor_key_gets_into_the_log(
    simulate: Simulate, logged: Logged, fault: str
) -> None:
    first, second = simulate(MagfaHandler()), simulate(KavenegarHandler())
    first.script(fault)
    second.script(fault)
    magfa(first).send(17, TO, TEXT, again=False)
    kavenegar(second).send(17, TO, TEXT, again=False)

    for secret in ("482913", "9129129929", PASSWORD, API_KEY, "5A6B"):
        assert secret not in str(logged)
    assert [entry["uid"] for entry in logged] == [17, 17]


def test_accounts_do_not_print_their_secrets() -> None:
    accounts = str(
        (
            settings.Magfa(url="", user=USER, password=PASSWORD, sender="", timeout_seconds=5),
            settings.Kavenegar(url="", api_key=API_KEY, sender="", timeout_seconds=5),
        )
    )

    assert PASSWORD not in accounts
    assert API_KEY not in accounts


class Gateway:
    def __init__(self, *receipts: SmsReceipt) -> None:
        self._receipts = list(receipts)
        self.sent: list[int] = []

    def send(self, uid: int, to: Mobile, text: str, *, again: bool) -> SmsReceipt:
        self.sent.append(uid)
        return self._receipts.pop(0)


TAKEN = SmsReceipt(ACCEPTED, "1")
CUT = SmsReceipt(TRANSIENT, reason="unknown")


def guarded(gateway: Gateway) -> Guarded:
    return Guarded(gateway, CircuitBreaker(failures=1, rest=timedelta(hours=1)), "magfa")


@pytest.mark.parametrize("receipt", [TAKEN, CUT, SmsReceipt(REJECTED, reason="text")])
def test_a_guarded_gateway_answers_as_it_does_alone(receipt: SmsReceipt) -> None:
    assert guarded(Gateway(receipt)).send(17, TO, TEXT, again=False) == receipt


def test_a_dead_gateway_costs_no_time_out_a_message() -> None:
    dead = Gateway(CUT)
    gateway = guarded(dead)
    gateway.send(17, TO, TEXT, again=False)

    assert gateway.send(18, TO, TEXT, again=False) == SmsReceipt(TRANSIENT, reason="breaker_open")
    assert dead.sent == [17]


def test_a_gateway_that_refuses_is_alive() -> None:
    gateway = guarded(Gateway(SmsReceipt(REJECTED, reason="text"), TAKEN))
    gateway.send(17, TO, TEXT, again=False)

    assert gateway.send(18, TO, TEXT, again=False) == TAKEN


class Inbox:
    def __init__(self) -> None:
        self.messages: list[InboxMessage] = []

    def add(self, message: InboxMessage) -> None:
        self.messages.append(message)

    def list(self, limit: int = 50) -> Sequence[InboxMessage]:
        return self.messages[:limit]


def test_the_development_gateway_puts_messages_into_the_inbox() -> None:
    inbox = Inbox()

    receipt = InboxGateway(inbox, lambda: NOW).send(17, TO, TEXT, again=False)

    assert receipt.result is ACCEPTED
    assert inbox.messages == [InboxMessage(uid=17, to=TO, text=TEXT, at=NOW)]
