"""The use cases of the account page, wired."""

from idp.app.outside import Outside
from idp.services.change_password import ChangePassword, ChangePasswordTools
from idp.services.confirm_email import ConfirmEmail, EmailTools
from idp.services.consent import GiveConsent
from idp.services.known_devices import KnownDevices
from idp.services.own_account import OwnAccount
from idp.services.own_history import OwnHistory
from idp.services.own_record import OwnRecord
from idp.services.own_sessions import OwnSessions, OwnSessionsTools
from idp.services.password_again import PasswordAgain, PasswordAgainTools
from idp.services.password_tries import PasswordTries
from idp.services.sessions import Sessions


def own_account(
    outside: Outside, sessions: Sessions, devices: KnownDevices, tries: PasswordTries
) -> OwnAccount:
    """Return what a signed-in citizen may do."""
    again = PasswordAgain(
        PasswordAgainTools(
            begin=outside.begin,
            clock=outside.clock,
            hashing=outside.hashing,
            sessions=sessions,
            tries=tries,
            devices=devices,
        )
    )
    own_sessions = OwnSessions(
        OwnSessionsTools(
            begin=outside.begin,
            clock=outside.clock,
            sessions=sessions,
            devices=devices,
            limits=sessions.limits,
        )
    )
    consent = GiveConsent(outside.begin, outside.clock)
    return OwnAccount(
        again=again,
        password=ChangePassword(
            ChangePasswordTools(
                begin=outside.begin,
                clock=outside.clock,
                hashing=outside.hashing,
                sessions=sessions,
                devices=devices,
                again=again,
                issuer=outside.settings.server.issuer,
            )
        ),
        sessions=own_sessions,
        email=ConfirmEmail(
            EmailTools(
                begin=outside.begin,
                clock=outside.clock,
                chance=outside.chance,
                vault=outside.vault,
                issuer=outside.settings.server.issuer,
                mail=outside.settings.mail.is_on,
            )
        ),
        history=OwnHistory(outside.begin),
        record=OwnRecord(outside.begin, outside.clock, own_sessions, consent),
    )
