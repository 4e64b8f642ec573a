"""What proves a citizen beside the password."""

from typing import Protocol

from idp.domain.messages.sms import SmsName
from idp.domain.people.account import Account
from idp.domain.sign_in.one_time_code import CodeStanding, CodeTry
from idp.store.unit_of_work import UnitOfWork


class SecondFactor(Protocol):
    """One way to prove who has typed the right password: today a code by SMS.

    A proof belongs to a flow (a waiting sign-in, a session to raise) and to an account. Another
    way (a TOTP device, a passkey) implements this and is given to ``SignIn``.
    """

    @property
    def amr(self) -> tuple[str, ...]:
        """What a session says of it beside ``pwd`` (RFC 8176)."""

    def challenge(
        self,
        work: UnitOfWork,
        flow_id: str,
        account: Account,
        *,
        portal: SmsName | None,
        again: bool = False,
    ) -> None:
        """Begin a proof within ``work``: send or keep what it needs; ``portal``: where it leads.

        A challenge of the flow that is still good stays, unless ``again`` asks for another. Within
        the account's own limits only: past them ``standing`` says from when on.
        """

    def standing(self, work: UnitOfWork, flow_id: str, account: Account) -> CodeStanding:
        """Return what the flow's page may say of its challenge."""

    def attempt(self, work: UnitOfWork, flow_id: str, account: Account, typed: str) -> CodeTry:
        """Try what was typed, once within this ``work``; the tries are counted by the flow."""
