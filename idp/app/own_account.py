"""The use cases of the account page, wired."""

from dataclasses import dataclass

from idp.app.outside import Outside
from idp.services.account.change_answer import ChangeAnswer
from idp.services.account.change_mobile import ChangeMobile
from idp.services.account.change_password import ChangePassword
from idp.services.account.change_residence import ChangeResidence
from idp.services.account.close_account import CloseAccount
from idp.services.account.confirm_email import ConfirmEmail
from idp.services.account.own_account import OwnAccount
from idp.services.account.own_history import OwnHistory
from idp.services.account.own_record import OwnRecord
from idp.services.account.own_sessions import OwnSessions
from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.protection.password_tries import PasswordTries
from idp.services.protection.rate_limits import RateLimits
from idp.services.sign_in.consent import GiveConsent
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.reauthentication import Reauthentication
from idp.services.sign_in.sessions import Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedUseCases:
    """The use cases that the account page shares with other pages."""

    sessions: Sessions
    devices: KnownDevices
    tries: PasswordTries
    codes: OneTimeCodes
    limits: RateLimits


def own_account(outside: Outside, shared: SharedUseCases) -> OwnAccount:
    """Return the use cases of a signed-in citizen."""
    again = _again(outside, shared)
    sessions = _sessions(outside, shared)
    changes = shared.limits.data_changes_of_account
    consent = GiveConsent(kernel=outside.kernel)
    return OwnAccount(
        again=again,
        password=_password(outside, shared, again),
        sessions=sessions,
        email=_email(outside, shared),
        mobile=_mobile(outside, shared),
        answer=ChangeAnswer(kernel=outside.kernel, changes=changes),
        residence=ChangeResidence(kernel=outside.kernel, changes=changes),
        close=CloseAccount(kernel=outside.kernel, again=again),
        history=OwnHistory(outside.begin),
        record=OwnRecord(kernel=outside.kernel, sessions=sessions, consent=consent),
    )


def _again(outside: Outside, shared: SharedUseCases) -> Reauthentication:
    return Reauthentication(
        kernel=outside.kernel, sessions=shared.sessions, tries=shared.tries, devices=shared.devices
    )


def _password(outside: Outside, shared: SharedUseCases, again: Reauthentication) -> ChangePassword:
    return ChangePassword(
        kernel=outside.kernel, sessions=shared.sessions, devices=shared.devices, again=again
    )


def _sessions(outside: Outside, shared: SharedUseCases) -> OwnSessions:
    return OwnSessions(
        kernel=outside.kernel,
        sessions=shared.sessions,
        devices=shared.devices,
        limits=shared.sessions.limits,
    )


def _email(outside: Outside, shared: SharedUseCases) -> ConfirmEmail:
    return ConfirmEmail(
        kernel=outside.kernel,
        mail=outside.settings.mail.is_on,
        links=shared.limits.email_links_of_account,
    )


def _mobile(outside: Outside, shared: SharedUseCases) -> ChangeMobile:
    return ChangeMobile(
        kernel=outside.kernel,
        codes=shared.codes,
        changes=shared.limits.mobile_changes_of_account,
    )
