"""Several gateways as one: the next is tried when one cannot take the message."""

from collections.abc import Callable, Sequence

import structlog

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.sms.receipts import RECIPIENT, transient
from idp.domain.mobile import Mobile
from idp.ports import SmsGateway, SmsReceipt, SmsResult

log = structlog.get_logger(__name__)


class Failover:
    """The port ``SmsGateway`` over others, in order.

    What a gateway took, or rejected because of the recipient, is the end. Everything else is handed
    to the next one, a message of unknown fate too: a citizen rather gets a text twice than never.
    """

    def __init__(
        self,
        gateways: Sequence[SmsGateway],
        *,
        new_breaker: Callable[[], CircuitBreaker] = CircuitBreaker,
    ) -> None:
        """Each gateway gets a breaker, so that a dead one costs no time-out a message."""
        self._gateways = [(gateway, new_breaker()) for gateway in gateways]

    def send(self, uid: int, to: Mobile, text: str) -> SmsReceipt:
        """Return the receipt of who decided; transient while any of them may recover."""
        receipts = []
        for place, (gateway, breaker) in enumerate(self._gateways):
            if not breaker.lets_through():
                receipts.append(transient("breaker_open"))
                continue
            receipt = gateway.send(uid, to, text)
            _note(breaker, receipt)
            if _is_final(receipt):
                return receipt
            log.warning("sms_gateway_passed_over", place=place, uid=uid, reason=receipt.reason)
            receipts.append(receipt)
        hopeful = [one for one in receipts if one.result is SmsResult.TRANSIENT]
        return (hopeful or receipts)[0]


def _note(breaker: CircuitBreaker, receipt: SmsReceipt) -> None:
    if receipt.result is SmsResult.TRANSIENT:
        breaker.failed()
    else:
        breaker.succeeded()


def _is_final(receipt: SmsReceipt) -> bool:
    by_recipient = (receipt.reason or "").startswith(RECIPIENT)
    return receipt.result is SmsResult.ACCEPTED or (
        receipt.result is SmsResult.REJECTED and by_recipient
    )
