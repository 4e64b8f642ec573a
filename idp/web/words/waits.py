"""How long somebody has to wait, in words."""

from datetime import datetime, timedelta
from math import ceil

from idp.web.http.languages import digits, gettext, mark, ngettext, when

FROM = mark("از {moment}")
MINUTE = 60
HOUR = 60 * MINUTE


def in_words(wait: timedelta, now: datetime) -> str:
    """Return after how many seconds or minutes something is possible; past an hour, from when on.

    Rounded up: whoever comes back at the time that is told is not refused again.
    """
    seconds = max(1, ceil(wait.total_seconds()))
    if seconds < MINUTE:
        return ngettext("{n} ثانیه دیگر", "{n} ثانیه دیگر", seconds).format(n=digits(seconds))
    if seconds < HOUR:
        minutes = ceil(seconds / MINUTE)
        return ngettext("{n} دقیقه دیگر", "{n} دقیقه دیگر", minutes).format(n=digits(minutes))
    whole = now + timedelta(seconds=seconds + MINUTE - 1)
    return gettext(FROM).format(moment=when(whole))
