"""The port of the second factor: what proves a citizen besides the password."""

from typing import Protocol

from idp.domain.messages.sms import SmsName
from idp.domain.people.account import Account
from idp.domain.sign_in.one_time_code import CodeStanding, CodeTry
from idp.store.unit_of_work import UnitOfWork


class SecondFactor(Protocol):
    """A second factor after the right password: today a code by SMS.

    A proof belongs to a flow (a pending sign-in, a session at its second step) and to an account.
    Another factor (TOTP, a passkey) implements this protocol and is passed to ``SignIn``.
    """

    @property
    def amr(self) -> tuple[str, ...]:
        """The ``amr`` values that the factor adds to ``pwd`` (RFC 8176)."""

    def challenge(
        self,
        work: UnitOfWork,
        flow_id: str,
        account: Account,
        *,
        portal: SmsName | None,
        again: bool = False,
    ) -> None:
        """Start a challenge within ``work``; ``portal`` is the portal that the citizen signs in to.

        A valid challenge of the flow is kept, unless ``again`` requests another. Past the account's
        own limits nothing is sent, and ``standing`` says when the next one is possible.
        """

    def standing(self, work: UnitOfWork, flow_id: str, account: Account) -> CodeStanding:
        """Return what the flow's page may say of its challenge."""

    def attempt(self, work: UnitOfWork, flow_id: str, account: Account, typed: str) -> CodeTry:
        """Try what was typed, once within this ``work``; the tries are counted by the flow."""
