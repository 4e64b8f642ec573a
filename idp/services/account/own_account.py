"""The use cases of the account page, in one value."""

from dataclasses import dataclass

from idp.services.account.change_answer import ChangeAnswer
from idp.services.account.change_mobile import ChangeMobile
from idp.services.account.change_password import ChangePassword
from idp.services.account.change_residence import ChangeResidence
from idp.services.account.close_account import CloseAccount
from idp.services.account.confirm_email import ConfirmEmail
from idp.services.account.own_history import OwnHistory
from idp.services.account.own_record import OwnRecord
from idp.services.account.own_sessions import OwnSessions
from idp.services.sign_in.reauthentication import Reauthentication


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """What signed-in citizens can do to their own accounts."""

    again: Reauthentication
    password: ChangePassword
    sessions: OwnSessions
    email: ConfirmEmail
    mobile: ChangeMobile
    answer: ChangeAnswer
    residence: ChangeResidence
    close: CloseAccount
    history: OwnHistory
    record: OwnRecord
