"""The form of a one-time code, and what its page says of it.

That is in the time of the server, however often the page is loaded.
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
"""So long a code counts as sent just now; after that the page names the time."""


class CodeForm(PageForm):
    """The code that came by SMS."""

    code = Secret(CODE)


@dataclass(frozen=True, slots=True)
class CodeWords:
    """What templates print.

    ``asked_at``: when the code went that is good; None where none is, and then ``is_fresh`` is
    False. ``minutes_left``: how long it is good, at least 1. ``again_in``: seconds until another
    can be had. ``closed_until``: set when the owner's own count is used up until then.
    """

    asked_at: datetime | None
    is_fresh: bool
    minutes_left: int
    again_in: int
    closed_until: datetime | None


def code_words(code: CodeStanding) -> CodeWords:
    """Return what a page says of ``code`` now."""
    now = deps().clock()
    left = code.ends_at - now if code.ends_at else timedelta(0)
    return CodeWords(
        asked_at=code.asked_at,
        is_fresh=code.asked_at is not None and now - code.asked_at < FRESH,
        minutes_left=max(1, ceil(left / timedelta(minutes=1))),
        again_in=max(0, ceil((code.again_at - now).total_seconds())),
        closed_until=code.again_at if code.is_spent else None,
    )
