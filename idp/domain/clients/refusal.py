"""Refusals of a client's requests: the lines of the client's own log, for its developers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from idp.domain.clients.refusal_reasons import EXPLANATIONS, Reason

KEEP_REFUSALS = timedelta(days=7)
LONGEST_TEXT = 200
SLOTS = 8
"""Lines of one kind that differ in their details; the others of a kind replace each other."""

NOT_SHOWN = "..."
_LONG_NUMBER = re.compile(r"[0-9]{7,}")
_LONG_WORD = re.compile(r"[A-Za-z0-9_~+=-]{41,}")
_MAILBOX = re.compile(r"[^ /?&=:]*@")
_ODD = re.compile(r"[^\x20-\x7e]")
_VALUE = re.compile(r"=[^&]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One kind of refusal, and how often it happened from ``first_at`` to ``last_at``.

    ``error`` is what the client was told. ``reason`` and ``details`` are for its developers alone:
    texts of the client file, and cleaned parts of the request.
    ``is_proven``: the client had authenticated, so that no stranger caused the refusal.
    """

    client_id: str
    endpoint: str
    error: str
    reason: Reason
    first_at: datetime
    last_at: datetime
    details: Mapping[str, str] = field(default_factory=dict)
    count: int = 1
    is_proven: bool = False

    @property
    def says(self) -> str:
        """The reason in one sentence."""
        return self._filled(EXPLANATIONS[self.reason].says)

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self._filled(EXPLANATIONS[self.reason].advice)

    @property
    def fingerprint(self) -> str:
        """What tells lines of one kind apart, whatever the order of the details."""
        told = [self.error, *(f"{name}={value}" for name, value in sorted(self.details.items()))]
        return sha256("\n".join(told).encode()).hexdigest()

    @property
    def slot(self) -> int:
        """The place among the lines of the kind: a fixed number of them bounds the log."""
        return int(self.fingerprint[:8], 16) % SLOTS

    def with_more(self, later: "Refusal") -> "Refusal":
        """Return the line after another refusal in its place: counted when it is the same."""
        if later.fingerprint != self.fingerprint:
            return later
        return replace(self, count=self.count + later.count, last_at=later.last_at)

    def _filled(self, text: str) -> str:
        return text.format_map(_Filled(client=self.client_id, **self.details))


class _Filled(dict[str, str]):
    """Details for a sentence; one that a line of an earlier version lacks is left open."""

    def __missing__(self, name: str) -> str:
        return NOT_SHOWN


def shown_text(text: str) -> str:
    """Return at most 200 characters of ASCII that can be kept and printed.

    Long numbers, long words and mailboxes become ``...``: they could be personal, or a secret.
    """
    for pattern in (_LONG_WORD, _LONG_NUMBER, _MAILBOX):
        text = pattern.sub(NOT_SHOWN, text)
    return _ODD.sub("?", text)[:LONGEST_TEXT]


def shown_address(uri: str) -> str:
    """Return an address that a request named, for comparing: without the values of its query."""
    before, mark, query = uri.partition("#")[0].partition("?")
    values = _VALUE.sub("=" + NOT_SHOWN, query)
    return shown_text(f"{before}{mark}{values}")
