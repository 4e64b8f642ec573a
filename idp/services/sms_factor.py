"""The second factor of everybody: a code by SMS to the account's phone."""

from idp.domain.account import Account
from idp.domain.one_time_code import CodePurpose, CodeTry
from idp.domain.sms import SmsName
from idp.ports import Work
from idp.services.one_time_codes import CodeFor, OneTimeCodes


class SmsFactor:
    """The port ``SecondFactor``.

    Source: RFC 8176 2 (``otp``, ``sms``); NIST SP 800-63B-4 3.1.3.3 calls it restricted.
    """

    amr = ("otp", "sms")

    def __init__(self, codes: OneTimeCodes) -> None:
        self._codes = codes

    def challenge(
        self, work: Work, flow_id: str, account: Account, *, portal: SmsName | None
    ) -> None:
        """Send a code within the phone's budget; the one before it is dead (attack O04)."""
        self._codes.send(work, _code_for(flow_id, account), portal=portal)

    def count_try(self, account: Account) -> None:
        """Count a try of the phone. Raises TooMany past 20 a day."""
        self._codes.count_try(account.mobile)

    def is_right(self, work: Work, flow_id: str, account: Account, typed: str) -> bool:
        """Try the code that was typed."""
        return self._codes.attempt(work, _code_for(flow_id, account), typed) is CodeTry.RIGHT


def _code_for(flow_id: str, account: Account) -> CodeFor:
    return CodeFor(flow_id, CodePurpose.SIGN_IN, account.mobile, account.id)
