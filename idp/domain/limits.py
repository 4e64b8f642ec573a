"""Every number that limits an action, in one place."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` actions within ``per``."""

    count: int
    per: timedelta


class NetworkAction(StrEnum):
    """What is counted by network (address, IPv6 by /64); these counters may vanish."""

    PASSWORD = "password"  # noqa: S105 (a word)
    SMS_SENT = "sms_sent"
    CODE_TRIED = "code_tried"
    REGISTRATION = "registration"
    RECOVERY = "recovery"
    CLIENT_AUTH = "client_auth"
    CLIENT_REGISTRATION = "client_registration"
    AUTHORIZE = "authorize"


NETWORK_LIMITS = {
    NetworkAction.PASSWORD: Limit(300, 5 * MINUTE),
    NetworkAction.SMS_SENT: Limit(30, HOUR),
    NetworkAction.CODE_TRIED: Limit(100, HOUR),
    NetworkAction.REGISTRATION: Limit(20, HOUR),
    NetworkAction.RECOVERY: Limit(20, HOUR),
    NetworkAction.CLIENT_AUTH: Limit(60, MINUTE),
    NetworkAction.CLIENT_REGISTRATION: Limit(20, HOUR),
    NetworkAction.AUTHORIZE: Limit(120, MINUTE),
}

WORK_FROM = {NetworkAction.PASSWORD: 20, NetworkAction.REGISTRATION: 20}
"""So many actions by network go by themselves; those after them bring a proof of work."""
PASSWORD_WORK_FROM = 20
"""The same for one account over all networks."""
PASSWORD_RATE_ABOVE_NORMAL = 30
"""Password tries a second over all accounts and networks, above the last hour's mean."""

SPRAYED_ACCOUNTS = Limit(20, HOUR)
"""Accounts at which one password may be tried before each try with it brings a proof of work."""
SPRAYED_ACCOUNTS_BY_NETWORK = Limit(5, HOUR)
"""The same within one network: a household that shares a password stays below."""

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
CLIENT_AUTH_FAILURES = Limit(20, MINUTE)

PASSWORD_FREE_TRIES = 5
PASSWORD_FIRST_WAIT = timedelta(seconds=2)
PASSWORD_LONGEST_WAIT = 15 * MINUTE
PASSWORD_MEMORY = DAY


def network_of(address: str) -> str:
    """Return the network that an address is counted by: itself for IPv4, its /64 for IPv6.

    Anything that is no address is counted as one network of its own, ``unknown``.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
