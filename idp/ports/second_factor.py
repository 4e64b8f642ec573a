"""What proves a citizen beside the password."""

from typing import Protocol

from idp.domain.account import Account
from idp.domain.sms import SmsName
from idp.ports.work import Work


class SecondFactor(Protocol):
    """One way to prove who has typed the right password: today a code by SMS.

    A proof belongs to a flow (a waiting sign-in, a session to raise) and to an account. Another
    way (a TOTP device, a passkey) implements this and is given to ``SignIn``.
    """

    @property
    def amr(self) -> tuple[str, ...]:
        """What a session says of it beside ``pwd`` (RFC 8176)."""

    def challenge(
        self, work: Work, flow_id: str, account: Account, *, portal: SmsName | None
    ) -> None:
        """Begin a proof within ``work``: send or keep what it needs; ``portal``: where it leads.

        An earlier challenge of the flow may end. Within its limits only: past them nothing is sent,
        and nobody is told.
        """

    def count_try(self, account: Account) -> None:
        """Count a try, in a transaction of its own, before ``is_right``.

        Raises:
            TooMany: past the account's limit.
        """

    def is_right(self, work: Work, flow_id: str, account: Account, typed: str) -> bool:
        """Tell whether ``typed`` proves it; what is right is so once, within this ``work``."""
