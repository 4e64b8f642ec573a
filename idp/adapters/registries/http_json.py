"""Registry checks by JSON over HTTP: deadline, retries, circuit breaker, strict answers."""

import base64
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.http_exchange import Exchange, ExchangeFailed, Request
from idp.adapters.strict_json import NotJson, parse_object
from idp.telemetry.catalogue import REGISTRY_REQUESTS

LONGEST_ANSWER = 64 * 1024
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
WORTH_ANOTHER_TRY = frozenset({"timeout", "network", "unreachable", "unresolved", "server_error"})
_REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_LIKE_AN_ID = re.compile(r"\+?[0-9]{8,14}")
T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpEndpoint:
    """A registry's service: full URL, credentials, time-out and number of tries.

    ``timeout`` bounds one whole call, from the name look-up to the last byte.
    """

    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    provider_code: str = ""
    timeout: timedelta = timedelta(seconds=5)
    tries: int = 3

    def authorization(self) -> dict[str, str]:
        """Return the ``Authorization`` header: Bearer with a token, else Basic, else none."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
            return {"Authorization": f"Basic {pair}"}
        return {}


class NotUnderstood(Exception):
    """An answer that cannot be used; ``code`` is the reason, and quotes nothing of the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    """An answer's meaning, and the provider's own id of the call for the log."""

    meaning: T
    reference: str | None = None


class JsonService:
    """One service behind one endpoint. Logs outcomes and references, never the payload."""

    def __init__(
        self,
        name: str,
        endpoint: HttpEndpoint,
        *,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``name`` is the service's name in the log."""
        self.endpoint = endpoint
        self._name = name
        self._breaker = breaker or CircuitBreaker()
        self._exchange = Exchange(
            seconds=endpoint.timeout.total_seconds(), longest_body=LONGEST_ANSWER
        )
        self._retrying = Retrying(
            stop=stop_after_attempt(endpoint.tries),
            wait=wait_exponential(FIRST_WAIT, max=LONGEST_WAIT) + wait_random(0, FIRST_WAIT),
            retry=retry_if_exception(_is_worth_another_try),
            sleep=sleep,
            reraise=True,
        )

    def ask(
        self,
        question: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], Understood[T]],
        *,
        headers: Mapping[str, str],
        otherwise: T,
    ) -> T:
        """Return what ``read`` makes of the answer to ``question``, or ``otherwise``.

        ``read`` raises NotUnderstood for an answer that cannot be used. ``ask`` raises nothing.
        """
        try:
            understood = read(self._answer(question, headers))
        except (ExchangeFailed, NotUnderstood) as failure:
            REGISTRY_REQUESTS.add(self._name, "unavailable")
            log.warning("registry_unavailable", service=self._name, reason=failure.code)
            return otherwise
        REGISTRY_REQUESTS.add(self._name, "ok")
        reference = _printable(understood.reference)
        log.info("registry_answered", service=self._name, reference=reference)
        return understood.meaning

    def _answer(self, question: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        if not self._breaker.lets_through():
            raise NotUnderstood("breaker_open")
        try:
            answer = self._retrying(self._post, json.dumps(question).encode(), headers)
        except (ExchangeFailed, NotUnderstood):
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _post(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        reply = self._exchange(self.endpoint.url, Request("POST", sent, body))
        if reply.status >= 500 or reply.status == 429:
            raise NotUnderstood("server_error")
        if reply.status != 200:
            raise NotUnderstood(f"status_{reply.status}")
        try:
            return parse_object(reply.body)
        except NotJson as error:
            raise NotUnderstood(str(error)) from None


def _is_worth_another_try(failure: BaseException) -> bool:
    return isinstance(failure, ExchangeFailed | NotUnderstood) and failure.code in WORTH_ANOTHER_TRY


def _printable(reference: str | None) -> str | None:
    """Return the reference; None if it may be a national ID or a mobile, by a broken service."""
    if reference is None or not _REFERENCE.fullmatch(reference):
        return None
    return None if _LIKE_AN_ID.fullmatch(reference) else reference
