"""What a client gets of the scopes that it asks for; what is left out is noted in the log."""

import re
from collections.abc import Callable, Iterable, Sequence

import structlog

from idp.domain.clients.client import Client
from idp.domain.clients.scopes import KNOWN_SCOPES, OFFLINE_ACCESS
from idp.protocol.core.refusal_notes import about, leaves_out

_SAYABLE = re.compile(r"[A-Za-z][A-Za-z_.:/-]{0,39}")
"""A word of the request that the log may repeat: without digits, it is no number of anybody's."""

MOST_TOLD = 10
Why = Callable[[str], str]

log = structlog.get_logger(__name__)


def of_citizens(client: Client, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the asked scopes that are in ``scope`` of the client's file, each once, in order.

    Unknown scopes are ignored, others beyond the file are left out; the token response says which
    ones were granted.

    Source: RFC 6749 3.3, OIDC Core 3.1.2.1; attack C15.
    """
    wanted = tuple(dict.fromkeys(asked))
    kept = tuple(scope for scope in wanted if scope in client.scopes)
    note_left_out(client, [scope for scope in wanted if scope not in kept], _why_not_a_citizens)
    return kept


def of_service(client: Client, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the asked scopes that are in ``service_scope`` of the client's file."""
    wanted = tuple(dict.fromkeys(asked))
    kept = tuple(scope for scope in wanted if scope in client.service_scopes)
    left = [scope for scope in wanted if scope not in kept]
    note_left_out(client, left, lambda _: "is not in service_scope of the client's file")
    return kept


def note_offline_access(client: Client) -> None:
    """Note that ``offline_access`` is ignored: no refresh token can follow (OIDC Core 11)."""
    why = "needs response_type code, and refresh_token in grant_types of the client's file"
    note_left_out(client, [OFFLINE_ACCESS], lambda _: why)


def note_left_out(client: Client, left: Sequence[str], why: Why) -> None:
    """Log one line for the client with a sentence for each scope; none when nothing is left out."""
    if not left:
        return
    told = [f"scope {_said(scope)} {why(scope)}" for scope in left[:MOST_TOLD]]
    said = "; ".join(told)
    log.info("scopes_left_out", client=client.client_id, reason=said, count=len(left))
    about(client.client_id)
    leaves_out(said)


def _why_not_a_citizens(scope: str) -> str:
    return "is not in the client's file" if scope in KNOWN_SCOPES else "is not known to the hub"


def _said(scope: str) -> str:
    return scope if _SAYABLE.fullmatch(scope) else "(not repeated)"
