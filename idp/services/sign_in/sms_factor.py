"""The second factor of all citizens: a code by SMS to the account's phone."""

from idp.domain.messages.sms import SmsName
from idp.domain.people.account import Account
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.one_time_code import CodePurpose, CodeStanding, CodeTry
from idp.services.messages.one_time_codes import CodeFor, OneTimeCodes
from idp.store.unit_of_work import UnitOfWork


class SmsFactor:
    """The port ``SecondFactor``.

    Source: RFC 8176 2 (``otp``, ``sms``); NIST SP 800-63B-4 3.1.3.3 calls it restricted.
    """

    amr = ("otp", "sms")

    def __init__(self, codes: OneTimeCodes) -> None:
        self._codes = codes

    def challenge(
        self,
        work: UnitOfWork,
        flow_id: str,
        account: Account,
        *,
        portal: SmsName | None,
        again: bool = False,
    ) -> None:
        """Send a code within the account's own limits; keep a valid one of the flow."""
        self._codes.send(work, _code_for(flow_id, account), portal=portal, again=again)

    def standing(self, work: UnitOfWork, flow_id: str, account: Account) -> CodeStanding:
        """Return what the flow's page may say of its code."""
        return self._codes.standing(work, _code_for(flow_id, account))

    def attempt(self, work: UnitOfWork, flow_id: str, account: Account, typed: str) -> CodeTry:
        """Try the code that was typed."""
        return self._codes.attempt(work, _code_for(flow_id, account), typed)


def _code_for(flow_id: str, account: Account) -> CodeFor:
    return CodeFor(
        flow_id,
        CodePurpose.SIGN_IN,
        account.mobile,
        account_id=account.id,
        owner=OwnersKey.of_account(account),
    )
