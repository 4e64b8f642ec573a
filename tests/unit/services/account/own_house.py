"""The house of sign-in with the use cases of the account page."""

from typing import Any

from idp.domain.sign_in.session import Session
from idp.services.account.change_mobile import ChangeMobile, ChangeMobileTools
from idp.services.account.change_password import ChangePassword, ChangePasswordTools
from idp.services.account.close_account import CloseAccount
from idp.services.account.confirm_email import ConfirmEmail, EmailTools
from idp.services.account.own_history import OwnHistory
from idp.services.account.own_record import OwnRecord
from idp.services.account.own_sessions import OwnSessions, OwnSessionsTools
from idp.services.sign_in.reauthentication import Reauthentication, ReauthenticationTools
from idp.services.sign_in.sign_in import CodeNeeded, Entered
from tests.unit.services.signin.house import LIMITS, PASSWORD, USER, House, attempt


class OwnHouse(House):
    """What the pages have, without the pages."""

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        shared: dict[str, Any] = {
            "begin": self.begin,
            "clock": self.clock,
            "hashing": self.hashing,
            "sessions": self.sessions,
            "devices": self.devices,
        }
        self.again = Reauthentication(ReauthenticationTools(**shared, tries=self.tries))
        self.own_sessions = OwnSessions(
            OwnSessionsTools(
                begin=self.begin,
                clock=self.clock,
                sessions=self.sessions,
                devices=self.devices,
                limits=LIMITS,
            )
        )
        self.email = ConfirmEmail(
            EmailTools(
                begin=self.begin,
                clock=self.clock,
                randomness=self.randomness,
                vault=self.vault,
                issuer="https://account.tamin.ir",
                mail=True,
            )
        )
        self.mobile = ChangeMobile(
            ChangeMobileTools(
                begin=self.begin,
                clock=self.clock,
                randomness=self.randomness,
                vault=self.vault,
                codes=self.codes,
            )
        )
        self.close = CloseAccount(
            begin=self.begin,
            clock=self.clock,
            again=self.again,
            issuer="https://account.tamin.ir",
        )
        self.history = OwnHistory(self.begin)
        self.record = OwnRecord(self.begin, self.clock, self.own_sessions, self.consent)
        self.password = ChangePassword(
            ChangePasswordTools(**shared, again=self.again, issuer="https://account.tamin.ir")
        )

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
