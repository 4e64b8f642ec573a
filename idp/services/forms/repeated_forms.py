"""Repeated forms: a double click, Enter twice, a retrying proxy. One effect, one response.

The token of a form is new on every page, so two requests with the same token and the same fields
are one submission that arrived twice.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from idp.ports import DatabaseUnavailable, Ephemeral, Vault
from idp.services.forms.kept_aside import KeptAside

PURPOSE = "repeated_form"
MEMORY = timedelta(seconds=30)
LONGEST_WAIT = timedelta(seconds=5)
LOOK_EVERY = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """The response to a form: status, ``Location`` and cookies."""

    status: int
    location: str = field(repr=False)
    cookies: list[str] = field(repr=False)


class RepeatedForms:
    """Remembers forms and their responses for 30 seconds.

    Only the same submission opens the response: its key cannot be made without the whole request.

    The ephemeral store may lose it; the use cases themselves do nothing twice.
    """

    def __init__(
        self, vault: Vault, ephemeral: Ephemeral, pause: Callable[[timedelta], object]
    ) -> None:
        self._vault = vault
        self._ephemeral = ephemeral
        self._answers = KeptAside(vault, ephemeral, "form_answer")
        self._pause = pause

    def key(self, browser: str, path: str, body: bytes) -> str:
        """Return the key of one submission of one browser."""
        pressed = "|".join((browser, path, body.decode("latin-1")))
        return self._vault.digest(pressed, purpose=PURPOSE)

    def answer_of_first(self, key: str) -> FormAnswer | None:
        """Return the response to the first request of this submission; None for the first itself.

        While the first is processed this request waits, then returns None after 5 seconds. If the
        first had no effect (``forget``), this one takes its place.
        """
        waited = timedelta(0)
        while not self._ephemeral.add(self._row(key), ttl=MEMORY):
            answer = self._find(key)
            if answer is not None or waited >= LONGEST_WAIT:
                return answer
            self._pause(LOOK_EVERY)
            waited += LOOK_EVERY
        return None

    def remember(self, key: str, answer: FormAnswer) -> None:
        """Keep the response for a repetition; not while the database is unavailable."""
        plain = json.dumps([answer.status, answer.location, answer.cookies])
        with suppress(DatabaseUnavailable):
            self._answers.put(key, plain, ttl=MEMORY)

    def forget(self, key: str) -> None:
        """Allow the form again: it had no effect, perhaps because the database is unavailable."""
        with suppress(DatabaseUnavailable):
            self._ephemeral.forget(self._row(key))

    def _find(self, key: str) -> FormAnswer | None:
        plain = self._answers.find(key)
        return None if plain is None else FormAnswer(*json.loads(plain))

    def _row(self, key: str) -> str:
        """Return the store's key of the submission; the response opens by ``key`` itself."""
        return "form:" + self._answers.row(key)
