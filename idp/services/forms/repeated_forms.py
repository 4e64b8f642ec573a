"""Repeated forms: a double click, Enter twice, a retrying proxy. One effect, one response.

The token of a form is new on every page, so two requests with the same token and the same fields
are one submission that arrived twice.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from idp.ports import DatabaseUnavailable, Ephemeral, Forget, Once, Step, Vault
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


class FormRepeated(Exception):
    """The form was answered before, with ``answer``; nothing was done."""

    def __init__(self, answer: FormAnswer) -> None:
        super().__init__()
        self.answer = answer


class RepeatedForms:
    """Remembers forms and their responses for 30 seconds.

    Only the same submission opens the response: its key cannot be made without the whole request.

    The ephemeral store may lose it; the use cases themselves do nothing twice.

    A form asks that store twice at least: whether it is the first, and to keep its response. A use
    case whose own steps go there has them travel along, by ``first`` and ``at_the_end``.
    """

    def __init__(
        self, vault: Vault, ephemeral: Ephemeral, pause: Callable[[timedelta], object]
    ) -> None:
        self._vault = vault
        self._ephemeral = ephemeral
        self._answers = KeptAside(vault, ephemeral, "form_answer")
        self._pause = pause
        self._steps: ContextVar[list[Step] | None] = ContextVar("steps_of_form", default=None)

    def key(self, browser: str, path: str, body: bytes) -> str:
        """Return the key of one submission of one browser."""
        pressed = "|".join((browser, path, body.decode("latin-1")))
        return self._vault.digest(pressed, purpose=PURPOSE)

    def answer_of_first(self, key: str) -> FormAnswer | None:
        """Return the response to the first request of this submission; None for the first itself.

        See ``first``.
        """
        try:
            self.first(key)
        except FormRepeated as repeated:
            return repeated.answer
        return None

    def first(self, key: str, steps: Sequence[Step] = ()) -> Sequence[int]:
        """Take the steps for the first request of a submission; return the count of each.

        While the first is processed, a repetition waits; after 5 seconds it takes the first's
        place, and at once if the first had no effect (``forget``). An empty key is no submission.

        Raises FormRepeated: the first was answered, and the steps are not taken.
        """
        waited = timedelta(0)
        while key and waited < LONGEST_WAIT:
            is_first, *counts = self._ephemeral.together([Once(self._row(key), MEMORY), *steps])
            if is_first:
                return counts
            answer = self._find(key)
            if answer is not None:
                raise FormRepeated(answer)
            self._pause(LOOK_EVERY)
            waited += LOOK_EVERY
        return self._ephemeral.together(steps)

    def begin(self) -> None:
        """Let the steps of ``at_the_end`` wait for ``remember`` or ``forget``, in this thread."""
        self._steps.set([])

    def at_the_end(self, steps: Sequence[Step]) -> None:
        """Take steps that nobody waits for with the last round trip of the form, or now."""
        waiting = self._steps.get()
        if waiting is None:
            self._ephemeral.together(steps)
        else:
            waiting.extend(steps)

    def remember(self, key: str, answer: FormAnswer) -> None:
        """Keep the response for a repetition; not while the database is unavailable."""
        plain = json.dumps([answer.status, answer.location, answer.cookies])
        self._end(self._answers.putting(key, plain, ttl=MEMORY))

    def forget(self, key: str) -> None:
        """Allow the form again: it had no effect, perhaps because the database is unavailable."""
        self._end(Forget(self._row(key)))

    def _end(self, last: Step) -> None:
        waiting = self._steps.get() or []
        self._steps.set(None)
        with suppress(DatabaseUnavailable):
            self._ephemeral.together([*waiting, last])

    def _find(self, key: str) -> FormAnswer | None:
        plain = self._answers.find(key)
        return None if plain is None else FormAnswer(*json.loads(plain))

    def _row(self, key: str) -> str:
        """Return the store's key of the submission; the response opens by ``key`` itself."""
        return "form:" + self._answers.row(key)
