"""Magfa HTTP v2.

Source: the service's own description of ``send``, ``mid`` and their status codes.
"""

import base64
import json

from idp import settings
from idp.adapters.http_exchange import NEVER_SENT, Exchange, ExchangeFailed, Reply, Request
from idp.adapters.sms.receipts import (
    LONGEST_ANSWER,
    UNKNOWN,
    accepted,
    answer_of,
    logged,
    only_one,
    rejected,
    transient,
    whole,
)
from idp.domain.people.mobile import Mobile
from idp.ports import ABOUT_RECIPIENT, SmsReceipt

NAME = "magfa"
OK, NOT_KNOWN = 0, -1
AUTOMATIC_ENCODING = 0
NOT_TAKEN = "not_taken"
REJECTIONS = {
    1: ABOUT_RECIPIENT,
    27: "recipient_blacklisted",
    33: "recipient_opted_out",
    35: "text",
}
OURS_OR_PASSING = {
    2: "sender",
    14: "credit",
    15: "server",
    18: "account",
    19: "account",
    23: "server",
    29: "network_address",
    34: "no_information",
}


class Magfa:
    """The port ``SmsGateway`` for Magfa.

    Magfa does not join two messages of one uid, so none is resent blindly: after a cut connection,
    Magfa is asked for the uid at once, and again before every later try, in any process.
    ``account.url`` is without the operation, ``account.user`` is ``USER/DOMAIN``.
    """

    def __init__(self, account: settings.Magfa) -> None:
        self._account = account
        self._exchange = Exchange(seconds=account.timeout_seconds, longest_body=LONGEST_ANSWER)

    def send(self, uid: int, to: Mobile, text: str, *, again: bool) -> SmsReceipt:
        """Send the message; ``transient`` with ``unknown`` when the gateway may have it."""
        if again:
            receipt = self._asked(uid)
            if receipt.reason != NOT_TAKEN:
                return logged(NAME, uid, receipt)
        return logged(NAME, uid, self._sent(uid, to, text))

    def _sent(self, uid: int, to: Mobile, text: str) -> SmsReceipt:
        message = {
            "senders": [self._account.sender],
            "recipients": [to.e164.removeprefix("+")],
            "messages": [text],
            "encodings": [AUTOMATIC_ENCODING],
            "uids": [uid],
        }
        try:
            reply = self._call("POST", "send", json.dumps(message).encode())
        except ExchangeFailed as failure:
            return transient(failure.code) if failure.code in NEVER_SENT else self._asked(uid)
        return _receipt(reply) or self._asked(uid)

    def _asked(self, uid: int) -> SmsReceipt:
        try:
            answer = answer_of(self._call("GET", f"mid/{uid}", None))
        except ExchangeFailed:
            return transient(UNKNOWN)
        if answer is None or whole(answer, "status") != OK:
            return transient(UNKNOWN)
        reference = whole(answer, "mid")
        if reference == NOT_KNOWN:
            # Not sent again at once: the cut request may still arrive there.
            return transient(NOT_TAKEN)
        if reference is None or reference < 0:
            return transient(UNKNOWN)
        return accepted(reference)

    def _call(self, method: str, operation: str, body: bytes | None) -> Reply:
        pair = f"{self._account.user}:{self._account.password.get_secret_value()}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}",
            "Accept": "application/json",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._exchange(f"{self._account.url}/{operation}", Request(method, headers, body))


def _receipt(reply: Reply) -> SmsReceipt | None:
    """Return the receipt by the statuses of request and message; None if unreadable."""
    answer = answer_of(reply)
    status = None if answer is None else whole(answer, "status")
    if answer is None or status is None:
        return transient("account") if reply.status in {401, 403} else None
    if status != OK:
        return _refusal(status)
    message = only_one(answer, "messages")
    status = None if message is None else whole(message, "status")
    if message is None or status is None:
        return None
    if status != OK:
        return _refusal(status)
    reference = whole(message, "id")
    return None if reference is None else accepted(reference)


def _refusal(status: int) -> SmsReceipt:
    if status in REJECTIONS:
        return rejected(REJECTIONS[status])
    return transient(OURS_OR_PASSING.get(status, f"status_{status}"))
