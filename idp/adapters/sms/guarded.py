"""A gateway behind a circuit breaker: while it fails, messages do not wait for time-outs."""

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.sms.receipts import transient
from idp.domain.messages.sms import sms_parts
from idp.domain.people.mobile import Mobile
from idp.ports import SmsGateway, SmsReceipt, SmsResult
from idp.telemetry.catalogue import SMS_MESSAGES, SMS_PARTS


class Guarded:
    """The port ``SmsGateway`` around another; the use case chooses which gateway is next."""

    def __init__(self, gateway: SmsGateway, breaker: CircuitBreaker, name: str) -> None:
        """``name``: of the gateway in the settings, by which its messages are counted."""
        self._name = name
        self._gateway = gateway
        self._breaker = breaker

    def send(self, uid: int, to: Mobile, text: str, *, again: bool) -> SmsReceipt:
        """Return the gateway's receipt, or ``transient`` at once while the breaker is open."""
        if not self._breaker.lets_through():
            SMS_MESSAGES.add(self._name, "breaker_open")
            return transient("breaker_open")
        receipt = self._gateway.send(uid, to, text, again=again)
        if receipt.result is SmsResult.TRANSIENT:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        SMS_MESSAGES.add(self._name, receipt.result.value)
        SMS_PARTS.add(self._name, receipt.result.value, by=sms_parts(text).parts)
        return receipt
