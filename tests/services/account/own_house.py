"""The house of sign-in with the use cases of the account page."""

from typing import Any

from idp.domain.sign_in.session import Session
from idp.services.account.change_mobile import ChangeMobile
from idp.services.account.change_password import ChangePassword
from idp.services.account.close_account import CloseAccount
from idp.services.account.confirm_email import ConfirmEmail
from idp.services.account.own_history import OwnHistory
from idp.services.account.own_record import OwnRecord
from idp.services.account.own_sessions import OwnSessions
from idp.services.sign_in.reauthentication import Reauthentication
from idp.services.sign_in.sign_in import CodeNeeded, Entered
from tests.services.house import LIMITS, PASSWORD, USER, House, attempt


class OwnHouse(House):
    """What the pages have, without the pages."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        shared: dict[str, Any] = {
            "kernel": self.kernel,
            "sessions": self.sessions,
            "devices": self.devices,
        }
        self.again = Reauthentication(**shared, tries=self.tries)
        self.own_sessions = OwnSessions(**shared, limits=LIMITS)
        self.email = ConfirmEmail(kernel=self.kernel, mail=True)
        self.mobile = ChangeMobile(kernel=self.kernel, codes=self.codes)
        self.close = CloseAccount(kernel=self.kernel, again=self.again)
        self.history = OwnHistory(self.begin)
        self.record = OwnRecord(
            kernel=self.kernel, sessions=self.own_sessions, consent=self.consent
        )
        self.password = ChangePassword(**shared, again=self.again)

    def enter(self, **who: Any) -> Entered:
        """Sign in with a code, whatever the device; a minute later, for codes are rare."""
        self.later(minutes=1)
        done = self.sign_in.with_password(USER, PASSWORD, attempt(**who))
        if isinstance(done, CodeNeeded):
            done = self.sign_in.with_code(done.pending_id, self.code(), attempt(**who))
        assert isinstance(done, Entered)
        return done

    def actions(self) -> list[str]:
        """What the audit says of the account, oldest first."""
        with self.begin(read_only=True) as work:
            return [entry.action for entry in work.audit.tail(subject="account-1")]

    def session(self, token: str) -> Session | None:
        return self.sessions.find_live(token)
