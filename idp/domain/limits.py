"""Every number that limits an action, in one place."""

from datetime import timedelta
from enum import StrEnum

from idp.domain.rate_limits import Limit

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)


class NetworkAction(StrEnum):
    """What is counted by network (address, IPv6 by /64); these counters may vanish."""

    SMS_SENT = "sms_sent"
    CODE_TRIED = "code_tried"
    REGISTRATION = "registration"
    RECOVERY = "recovery"


NETWORK_LIMITS = {
    NetworkAction.SMS_SENT: Limit(30, HOUR),
    NetworkAction.CODE_TRIED: Limit(100, HOUR),
    NetworkAction.REGISTRATION: Limit(20, HOUR),
    NetworkAction.RECOVERY: Limit(20, HOUR),
}

WORK_FROM = {NetworkAction.REGISTRATION: 20}
"""So many actions by network go by themselves; those after them bring a proof of work."""
SMS_AGAIN = Limit(1, MINUTE)
"""Per phone and purpose: who registers and signs in at once is owed both codes."""
SMS_PER_PHONE = (Limit(5, HOUR), Limit(10, DAY))
CONVERSION_SAMPLE = 200
"""Codes that anybody can have sent, before few right answers mean anything."""
POOR_CONVERSION = 4
"""Poor: fewer than one in four came back right, in this hour and the one before."""
BRAKED_TO = 10
"""While the conversion is poor an hour has a tenth of its budget."""
CODE_TRIES_PER_PHONE = Limit(20, DAY)
RECOVERY_ANSWERS = Limit(5, MONTH)
MOBILE_CHANGES = Limit(5, DAY)
"""Changes of the mobile that an account may begin."""
EMAIL_LINKS = Limit(5, DAY)
"""Links that confirm an e-mail address, per account."""
