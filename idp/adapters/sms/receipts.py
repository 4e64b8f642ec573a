"""Receipts and answers, shared by the SMS gateways."""

from collections.abc import Mapping
from typing import Any

import structlog

from idp.adapters.http_exchange import Reply
from idp.adapters.strict_json import NotJson, parse_object
from idp.ports import SmsReceipt, SmsResult

UNKNOWN = "unknown"
"""The reason after a cut connection: the gateway may or may not have the message."""

LONGEST_ANSWER = 64 * 1024

log = structlog.get_logger(__name__)


def transient(reason: str) -> SmsReceipt:
    """Return a receipt for a message that may succeed later, or by another gateway."""
    return SmsReceipt(SmsResult.TRANSIENT, reason=reason)


def rejected(reason: str) -> SmsReceipt:
    """Return a receipt for a message that this gateway will never accept."""
    return SmsReceipt(SmsResult.REJECTED, reason=reason)


def accepted(reference: int) -> SmsReceipt:
    """Return a receipt with the gateway's own id."""
    return SmsReceipt(SmsResult.ACCEPTED, str(reference))


def logged(gateway: str, uid: int, receipt: SmsReceipt) -> SmsReceipt:
    """Log the message's result by ids and codes, and return the receipt."""
    log.info(
        "sms_handed_over",
        gateway=gateway,
        uid=uid,
        result=receipt.result.value,
        reference=receipt.reference,
        reason=receipt.reason,
    )
    return receipt


def answer_of(reply: Reply) -> Mapping[str, Any] | None:
    """Return the JSON object of ``reply``, or None."""
    try:
        return parse_object(reply.body)
    except NotJson:
        return None


def whole(answer: Mapping[str, Any], name: str) -> int | None:
    """Return the integer ``name``, or None."""
    value = answer.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def only_one(answer: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the only object of the list ``name``, or None: one message was sent."""
    value = answer.get(name)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping):
        return value[0]
    return None
