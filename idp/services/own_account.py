"""What a signed-in citizen may do to the own account, in one value for the pages."""

from dataclasses import dataclass

from idp.services.change_mobile import ChangeMobile
from idp.services.change_password import ChangePassword
from idp.services.close_account import CloseAccount
from idp.services.confirm_email import ConfirmEmail
from idp.services.own_history import OwnHistory
from idp.services.own_record import OwnRecord
from idp.services.own_sessions import OwnSessions
from idp.services.password_again import PasswordAgain


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """The use cases of the account page."""

    again: PasswordAgain
    password: ChangePassword
    sessions: OwnSessions
    email: ConfirmEmail
    mobile: ChangeMobile
    close: CloseAccount
    history: OwnHistory
    record: OwnRecord
