"""The use cases that ``idp.app`` built; a view gets them with ``deps()``."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from idp.ports import (
    Clock,
    ClockShift,
    MailInbox,
    MaintenanceSign,
    Randomness,
    SmsInboxReader,
    Vault,
)
from idp.protocol.provider import Provider
from idp.services.account.own_account import OwnAccount
from idp.services.branches.branches import Branches
from idp.services.forms.repeated_forms import RepeatedForms
from idp.services.forms.returned_forms import ReturnedForms
from idp.services.protection.garbage import Garbage
from idp.services.protection.proof_of_work import ProofOfWork
from idp.services.protection.strange_addresses import StrangeAddresses
from idp.services.recovery.recover import Recover
from idp.services.registration.drafts import Drafts
from idp.services.registration.own_copies import OwnCopies
from idp.services.registration.receipts import Receipts
from idp.services.registration.register import Register
from idp.services.registration.track import Track
from idp.services.sign_in.consent import GiveConsent
from idp.services.sign_in.sessions import Sessions
from idp.services.sign_in.sign_in import SignIn
from idp.services.sign_out.sign_out import SignOut
from idp.settings import Settings
from idp.store.unit_of_work import Begin

EXTENSION = "idp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """The services and ports that the views use, wired once by ``idp.app``."""

    settings: Settings
    begin: Begin
    clock: Clock
    randomness: Randomness
    vault: Vault
    proof_of_work: ProofOfWork
    garbage: Garbage
    strange_addresses: StrangeAddresses
    provider: Provider
    register: Register
    track: Track
    receipts: Receipts
    own_copies: OwnCopies
    drafts: Drafts
    returned_forms: ReturnedForms
    repeated_forms: RepeatedForms
    sessions: Sessions
    sign_in: SignIn
    sign_out: SignOut
    recover: Recover
    consent: GiveConsent
    branches: Branches
    maintenance: MaintenanceSign
    own: OwnAccount
    inbox: SmsInboxReader | None = None
    mail_inbox: MailInbox | None = None
    clock_shift: ClockShift | None = None


def deps() -> Deps:
    """Return the use cases of the running app."""
    return cast(Deps, current_app.extensions[EXTENSION])
