"""Kavenegar v1. The API key is part of the path, so the URL is a secret.

Source: the service's own description of ``sms/send`` and its status codes.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

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

NAME = "kavenegar"
OK = 200
ON_ITS_WAY = frozenset({1, 2, 4, 5, 10})
BLOCKED_BY_RECIPIENT = 14
ENDED = frozenset({6, 11, 13})
"""Failed, undelivered, cancelled: sent again, ``localid`` would return the same record."""
REJECTIONS = {400: "parameters", 411: ABOUT_RECIPIENT, 413: "text", 422: "text", 424: "template"}
OURS_OR_PASSING = {
    401: "account",
    403: "account",
    407: "network_address",
    409: "server",
    412: "sender",
    414: "too_many",
    416: "network_address",
    418: "credit",
    429: "rate",
    451: "rate",
}


class Kavenegar:
    """The port ``SmsGateway`` for Kavenegar.

    With ``localid``, a second sending of one uid returns the first one's record, so a message with
    an unknown result may be sent again, by any process. ``account.url`` is without the key.
    """

    def __init__(self, account: settings.Kavenegar) -> None:
        self._account = account
        self._exchange = Exchange(seconds=account.timeout_seconds, longest_body=LONGEST_ANSWER)

    def send(
        self,
        uid: int,
        to: Mobile,
        text: str,
        *,
        again: bool,  # noqa: ARG002 (``localid`` joins two messages of one uid)
    ) -> SmsReceipt:
        """Send the message; ``transient`` with ``unknown`` when the gateway may have it."""
        return logged(NAME, uid, self._sent(uid, to, text))

    def _sent(self, uid: int, to: Mobile, text: str) -> SmsReceipt:
        form = {
            "receptor": to.national,
            "message": text,
            "sender": self._account.sender,
            "localid": str(uid),
        }
        try:
            return _receipt(self._post("sms/send.json", form))
        except ExchangeFailed as failure:
            return transient(failure.code if failure.code in NEVER_SENT else UNKNOWN)

    def _post(self, operation: str, form: Mapping[str, str]) -> Reply:
        # The URL stays in this function: errors and logs of the exchange hold no URL.
        key = quote(self._account.api_key.get_secret_value(), safe="")
        url = f"{self._account.url}/{key}/{operation}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._exchange(url, Request("POST", headers, urlencode(form).encode()))


def _receipt(reply: Reply) -> SmsReceipt:
    answer = answer_of(reply)
    status = _status(answer)
    if answer is None or status is None:
        return transient(UNKNOWN)
    if status in REJECTIONS:
        return rejected(REJECTIONS[status])
    if status != OK:
        return transient(OURS_OR_PASSING.get(status, f"status_{status}"))
    entry = only_one(answer, "entries")
    return transient(UNKNOWN) if entry is None else _entry_receipt(entry)


def _status(answer: Mapping[str, Any] | None) -> int | None:
    returned = None if answer is None else answer.get("return")
    return whole(returned, "status") if isinstance(returned, Mapping) else None


def _entry_receipt(entry: Mapping[str, Any]) -> SmsReceipt:
    status, reference = whole(entry, "status"), whole(entry, "messageid")
    if status is None or reference is None:
        return transient(UNKNOWN)
    if status in ON_ITS_WAY:
        return accepted(reference)
    if status == BLOCKED_BY_RECIPIENT:
        return rejected("recipient_blocked")
    if status in ENDED:
        return rejected(f"entry_{status}")
    return transient(f"entry_{status}")
