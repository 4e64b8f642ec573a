"""The same form twice: a double click, Enter twice, a proxy that repeats. One effect, one answer.

The token of a form is new on every page, so two requests with the same token and the same fields
are one press of a button that came twice.
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
    """Where a form led, and the cookies that came with it."""

    status: int
    location: str = field(repr=False)
    cookies: list[str] = field(repr=False)


class RepeatedForms:
    """Remembers, for half a minute, which form came and where it led.

    The same press alone opens it: nobody else can make its key.

    What is remembered may vanish; the use cases themselves do nothing twice.
    """

    def __init__(
        self, vault: Vault, ephemeral: Ephemeral, pause: Callable[[timedelta], object]
    ) -> None:
        self._vault = vault
        self._ephemeral = ephemeral
        self._answers = KeptAside(vault, ephemeral, "form_answer")
        self._pause = pause

    def key(self, browser: str, path: str, body: bytes) -> str:
        """Return what one press of a button in one browser is known by."""
        pressed = "|".join((browser, path, body.decode("latin-1")))
        return self._vault.digest(pressed, purpose=PURPOSE)

    def answer_of_first(self, key: str) -> FormAnswer | None:
        """Return where the first request of this press led; None when this is the first.

        While the first is being answered this one waits, five seconds at most; when nothing came
        of the first, this one takes its place.
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
        """Keep where the form led, for its repetition; the form took effect, kept or not."""
        plain = json.dumps([answer.status, answer.location, answer.cookies])
        with suppress(DatabaseUnavailable):
            self._answers.put(key, plain, ttl=MEMORY)

    def forget(self, key: str) -> None:
        """Let the form come again: nothing came of it, perhaps because the database is away."""
        with suppress(DatabaseUnavailable):
            self._ephemeral.forget(self._row(key))

    def _find(self, key: str) -> FormAnswer | None:
        plain = self._answers.find(key)
        return None if plain is None else FormAnswer(*json.loads(plain))

    def _row(self, key: str) -> str:
        """Return what the store knows the press by: the answer is opened by the key itself."""
        return "form:" + self._answers.row(key)
