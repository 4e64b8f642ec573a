"""The form of a one-time code, and what its page says about the code.

Times are computed by the server's clock at each load of the page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import request

from idp.deps import deps
from idp.domain.persian.jalali import TEHRAN
from idp.domain.sign_in.one_time_code import CodeStanding
from idp.web.forms.fields import Secret
from idp.web.forms.page_form import PageForm
from idp.web.http.languages import mark

CODE = mark("کد تأیید")
FRESH = timedelta(seconds=20)
"""How long a code counts as sent just now; later the page names the time."""
AGAIN: dict[str, Any] = {"again": "1"}
"""The query of a code's page after the code was asked for again."""


class CodeForm(PageForm):
    """The code that came by SMS."""

    code = Secret(CODE)


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What templates show of a code.

    ``asked_at``: when the code that is good was asked for; None without one, and ``is_fresh`` is
    then False. ``is_again``: fresh, and asked for again. ``minutes_left``: how long it is good, at
    least 1. ``again_in``: seconds until another can be sent. ``closed_until``: until when the
    owner's counter refuses, if it does; ``is_closed_today``: that is a time of today.
    """

    asked_at: datetime | None
    is_fresh: bool
    minutes_left: int
    again_in: int
    is_again: bool = False
    closed_until: datetime | None = None
    is_closed_today: bool = False


def code_words(code: CodeStanding) -> CodeWords:
    """Return what a page shows of ``code`` now."""
    now = deps().clock()
    left = code.ends_at - now if code.ends_at else timedelta(0)
    is_fresh = code.asked_at is not None and now - code.asked_at < FRESH
    return CodeWords(
        asked_at=code.asked_at,
        is_fresh=is_fresh,
        is_again=is_fresh and all(request.args.get(name) for name in AGAIN),
        minutes_left=max(1, ceil(left / timedelta(minutes=1))),
        again_in=max(0, ceil((code.again_at - now).total_seconds())),
        closed_until=code.again_at if code.is_spent else None,
        is_closed_today=code.again_at.astimezone(TEHRAN).date() == now.astimezone(TEHRAN).date(),
    )


def replaced(before: CodeStanding | None, after: CodeStanding | None) -> dict[str, Any]:
    """Return ``AGAIN`` when a code of the owner took the place of one that was good, else nothing.

    Only for codes that nobody else can ask for: it tells whether one was sent.
    """
    was_good = before is not None and before.asked_at is not None
    is_another = after is not None and before is not None and after.asked_at != before.asked_at
    return AGAIN if was_good and is_another else {}
