"""What an endpoint knows about its refusal, beside what the client is told (RFC 6749 5.2).

The code that refuses notes it where it refuses: a reason passed up by exceptions would pass
Authlib, whose errors have no place for it, and could end in an answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from idp.domain.clients.addresses import host_of
from idp.domain.clients.client import OWN_MACHINE
from idp.domain.clients.refusal import shown_address
from idp.domain.clients.refusal_reasons import Reason
from idp.telemetry.request_context import note_client


@dataclass(slots=True)
class Notes:
    """Notes on the request that this thread answers; empty until somebody notes something."""

    client_id: str = ""
    is_proven: bool = False
    reason: Reason | None = None
    details: dict[str, str] = field(default_factory=dict)
    left_out: str = ""


_NOTES: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def taking_notes() -> Iterator[Notes]:
    """Yield the notes of one request; those that are made outside of a request are dropped."""
    notes = Notes()
    before = _NOTES.set(notes)
    try:
        yield notes
    finally:
        _NOTES.reset(before)


def about(client_id: str, *, proven: bool = False) -> None:
    """Note whose request it is; the first client counts.

    ``client_id`` is registered. ``proven``: the client has authenticated, or shown a token of its
    own, so that strangers cannot cause what follows.
    """
    note_client(client_id)
    notes = _NOTES.get()
    if notes is None or notes.client_id not in {"", client_id}:
        return
    notes.client_id = client_id
    notes.is_proven |= proven


def because(reason: Reason, **details: str) -> None:
    """Note why the request is refused; the first reason counts, for it is the nearest.

    ``details`` are words of the client's file, fixed texts, or cleaned parts of the request
    (``idp.domain.clients.refusal``): never a secret, a token or anything personal.
    """
    notes = _NOTES.get()
    if notes is not None and notes.reason is None:
        notes.reason, notes.details = reason, details


def leaves_out(says: str) -> None:
    """Note what a request that is answered does not get; ``says`` is fit for a log."""
    notes = _NOTES.get()
    if notes is not None:
        notes.left_out = says


def note_unregistered(uri: str, member: str = "redirect_uris") -> None:
    """Note an address that the client's file does not list, cut and without its values."""
    is_own = host_of(uri) in OWN_MACHINE
    reason = Reason.REDIRECT_URI_OF_DEVELOPER if is_own else Reason.REDIRECT_URI_NOT_REGISTERED
    because(reason, received=shown_address(uri), member=member)
