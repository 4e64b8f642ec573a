"""The form of a one-time code, and what its page says about the code.

Times are computed by the server's clock at each load of the page.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from idp.deps import deps
from idp.domain.sign_in.one_time_code import CodeStanding
from idp.web.forms.fields import Secret
from idp.web.forms.page_form import PageForm
from idp.web.http.languages import mark

CODE = mark("کد تأیید")
FRESH = timedelta(seconds=20)
"""How long a code counts as sent just now; later the page names the time."""


class CodeForm(PageForm):
    """The code that came by SMS."""

    code = Secret(CODE)


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What templates show of a code.

    ``asked_at``: when the code that is good was asked for; None without one, and ``is_fresh`` is
    then False. ``minutes_left``: how long it is good, at least 1. ``again_in``: seconds until
    another can be sent. ``closed_until``: until when the owner's counter refuses, if it does.
    """

    asked_at: datetime | None
    is_fresh: bool
    minutes_left: int
    again_in: int
    closed_until: datetime | None


def code_words(code: CodeStanding) -> CodeWords:
    """Return what a page shows of ``code`` now."""
    now = deps().clock()
    left = code.ends_at - now if code.ends_at else timedelta(0)
    return CodeWords(
        asked_at=code.asked_at,
        is_fresh=code.asked_at is not None and now - code.asked_at < FRESH,
        minutes_left=max(1, ceil(left / timedelta(minutes=1))),
        again_in=max(0, ceil((code.again_at - now).total_seconds())),
        closed_until=code.again_at if code.is_spent else None,
    )
