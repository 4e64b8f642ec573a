"""Refusals become lines, in the client's log and in the hub's.

Every answer of every endpoint passes ``RefusalLog.watch``, which reads the error from the answer:
no refusal can be forgotten. ``refusal_notes`` adds what the client is not told.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar
from urllib.parse import parse_qsl

import structlog

from idp.domain.clients.metadata import CLIENT_ID
from idp.domain.clients.refusal import Refusal, shown_text
from idp.domain.clients.refusal_reasons import EXPLANATIONS, Reason
from idp.ports import Clock, DatabaseUnavailable
from idp.protocol.core.refusal_notes import Notes, taking_notes
from idp.protocol.core.refusal_pace import Pace
from idp.protocol.core.refused_replies import Told, outcome_of, reason_for, told_by
from idp.protocol.core.replies import Reply
from idp.protocol.core.request_parameters import FORM_TYPE, MAX_BYTES
from idp.protocol.core.requests import ProtocolRequest
from idp.store.clients.client_cache import ClientCache
from idp.telemetry.catalogue import PROTOCOL_REQUESTS

WriteRefusals = Callable[[Sequence[Refusal]], None]
NEAR = 0.8
"""How similar an id must be to a registered one, by ``difflib``, to be a slip of it."""

NO_ERROR = "none"
"""The error of a line about a request that was answered."""

LONGEST_NAMED = 32
MOST_FIELDS = 200
"""Of a body in which a client id is looked for."""
SAYS = "{says}"
Answer = TypeVar("Answer", bound=Reply)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Refused:
    """A refused request: what was sent, told and noted."""

    endpoint: str
    request: ProtocolRequest | None
    told: Told
    notes: Notes


class RefusalLog:
    """Writes the lines of refused requests."""

    def __init__(self, clients: ClientCache, clock: Clock, write: WriteRefusals) -> None:
        self._clients = clients
        self._clock = clock
        self._write = write
        self._pace = Pace()

    def watch(
        self, endpoint: str, request: ProtocolRequest | None, answer: Callable[[], Answer]
    ) -> Answer:
        """Return the answer; a refusal leaves its lines, and what was left out of a grant another.

        A database that is away loses them.
        """
        with taking_notes() as notes:
            reply = answer()
        told = told_by(reply)
        PROTOCOL_REQUESTS.add(endpoint, notes.client_id, outcome_of(reply))
        with suppress(DatabaseUnavailable):
            if told is not None:
                self._note(_Refused(endpoint, request, told, notes))
            elif notes.left_out:
                left_out = Told(NO_ERROR, notes.left_out)
                self._write_line(
                    _Refused(endpoint, request, left_out, notes), Reason.SCOPE_LEFT_OUT
                )
        return reply

    def _note(self, refused: _Refused) -> None:
        reason = refused.notes.reason or reason_for(refused.told)
        client_id, named = self._client_of(refused, reason)
        log.info(
            "request_refused",
            endpoint=refused.endpoint,
            client=client_id or named,
            error=refused.told.error,
            reason=reason.value,
        )
        if client_id:
            self._write_line(refused, reason, client_id, named)

    def _write_line(
        self, refused: _Refused, reason: Reason, client_id: str = "", named: str = ""
    ) -> None:
        line = self._line(refused, client_id or refused.notes.client_id, reason, named)
        due = self._pace.take(line)
        if due:
            self._write(due)

    def _line(self, refused: _Refused, client_id: str, reason: Reason, named: str) -> Refusal:
        now, notes = self._clock(), refused.notes
        details = {**notes.details}
        if SAYS in EXPLANATIONS[reason].says and SAYS.strip("{}") not in details:
            details["says"] = shown_text(refused.told.description).rstrip(".")
        if reason is Reason.CLIENT_UNKNOWN:
            details["named"] = named
        return Refusal(
            client_id=client_id,
            endpoint=refused.endpoint,
            error=refused.told.error,
            reason=reason,
            first_at=now,
            last_at=now,
            details=details,
            is_proven=notes.is_proven,
        )

    def _client_of(self, refused: _Refused, reason: Reason) -> tuple[str, str]:
        """Return the id of the client whose log gets the line, and what the request named.

        Of an unknown id that is the client with a similar one: the log of an id that nobody has
        would be a table that strangers fill. The hub's log has every unknown id.
        """
        if refused.notes.client_id:
            return refused.notes.client_id, refused.notes.client_id
        claimed = refused.notes.details.get("named") or _claimed_client_id(refused.request)
        if not CLIENT_ID.fullmatch(claimed):
            return "", ""
        may_look, named = self._pace.may_look(self._clock()), _harmless(claimed)
        if reason is Reason.CLIENT_UNKNOWN:
            return self._near(named) if named and may_look else "", named
        return (claimed, claimed) if may_look and self._clients.find(claimed) else ("", named)

    def _near(self, named: str) -> str:
        ids = [client.client_id for client in self._clients.all()]
        return next(iter(get_close_matches(named, ids, n=1, cutoff=NEAR)), "")


def _harmless(claimed: str) -> str:
    """Return an unknown id as it may stand in a log; empty where it could be a secret."""
    is_short = len(claimed) <= LONGEST_NAMED
    return claimed if is_short and shown_text(claimed) == claimed else ""


def _claimed_client_id(request: ProtocolRequest | None) -> str:
    """Return ``client_id`` of a request whose parameters were refused as a whole."""
    if request is None:
        return ""
    raw = request.body if request.media_type == FORM_TYPE else request.query
    if len(raw) > MAX_BYTES:
        return ""
    with suppress(ValueError):
        pairs = parse_qsl(raw.decode("ascii", "replace"), max_num_fields=MOST_FIELDS)
        return next((value for name, value in pairs if name == "client_id"), "")
    return ""
