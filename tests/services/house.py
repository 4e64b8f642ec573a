"""The use cases over a real store, with a moved clock and plain hashing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from idp.adapters.randomness import SystemRandomness
from idp.adapters.vault import AesVault
from idp.domain.messages.sms import SmsName
from idp.domain.people.account import Account, Credentials
from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import answer_key
from idp.domain.protection.rate_limits import NO_WORK, Limit, Mark, TurnPrice, WorkDone
from idp.domain.sign_in.session import Session, SessionLimits
from idp.ports import AuditEntry, Backoff, ClaimedJob
from idp.services.account.change_answer import ChangeAnswer
from idp.services.account.change_mobile import ChangeMobile
from idp.services.account.change_password import ChangePassword
from idp.services.account.change_residence import ChangeResidence
from idp.services.account.close_account import CloseAccount
from idp.services.account.confirm_email import ConfirmEmail
from idp.services.account.own_history import OwnHistory
from idp.services.account.own_record import OwnRecord
from idp.services.account.own_sessions import OwnSessions
from idp.services.forms.repeated_forms import RepeatedForms
from idp.services.messages.code_limits import CodeLimits
from idp.services.messages.one_time_codes import OneTimeCodes
from idp.services.messages.sms_budget import SmsBudget
from idp.services.protection.owners_counters import OwnersCounter, OwnersTries
from idp.services.protection.password_rush import PasswordRush
from idp.services.protection.password_spray import PasswordSpray, SprayLimits
from idp.services.protection.password_tries import PasswordTries, Visitor
from idp.services.protection.shared_marks import (
    LastingMark,
    LastingTally,
    VanishingMark,
    VanishingTally,
)
from idp.services.protection.turns import FirstOfNetwork, Turns
from idp.services.recovery.recover import Recover
from idp.services.sign_in.consent import GiveConsent
from idp.services.sign_in.entering import Attempt, Entered
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.reauthentication import Reauthentication
from idp.services.sign_in.second_factor import SecondFactor
from idp.services.sign_in.sessions import Sessions
from idp.services.sign_in.sign_in import CodeNeeded, SignIn
from idp.services.sign_in.sms_factor import SmsFactor
from idp.services.sign_out.back_channel_logout import ImmediateBackChannelLogout
from idp.services.sign_out.sign_out import SignOut
from idp.store.database import Database
from tests import factories, fakes
from tests.codes import budget_size, code_limits
from tests.fakes import NOON, FixedClock, PlainHashing

PASSWORD = "Sabz1234xyz"
NEW_PASSWORD = "Abi5678klm"
ANSWER = "آبی روشن"
LIMITS = SessionLimits(idle=timedelta(minutes=30), absolute=timedelta(hours=12))
DEVICE_LIFE = timedelta(days=30)
DAY = timedelta(days=1)
ON_KNOWN_DEVICE = Backoff(
    free=10, first=timedelta(seconds=2), longest=timedelta(minutes=15), memory=DAY
)
BY_ACCOUNT = Mark(work_from=5, per=DAY, harder_every=10, hardest=4)
BY_NETWORK = Mark(work_from=60, per=timedelta(minutes=5), harder_every=60, hardest=4)
SPRAY = SprayLimits(over_all=20, by_network=5)
RUSH, TURNS_FROM = 30, 100
TURN_PRICE = TurnPrice(base=4, hardest=10, doubles_every=timedelta(minutes=1))
FIRST_EVERY = timedelta(minutes=15)
"""As in config/default.toml."""


class OneByOne:
    """Runs every call, one after the other."""

    def run(self, calls: Sequence[Callable[[], None]], within: timedelta) -> None:
        for call in calls:
            call()


class House:
    """What the pages have, without the pages. ``url``: of a database that is migrated."""

    def __init__(
        self,
        url: str,
        *,
        codes_on: bool = True,
        asks_for_work: bool = False,
        second_factor: SecondFactor | None = None,
        start: datetime = NOON,
    ) -> None:
        self.clock = FixedClock(start)
        self.randomness = SystemRandomness()
        self.vault = AesVault([("k1", bytes(32))], bytes(32))
        self.database = Database(url, self.vault, pool_size=20, pool_wait=timedelta(seconds=10))
        self.hashing = PlainHashing()
        self.begin = self.database.begin
        self.kernel = fakes.kernel(
            self.begin,
            self.clock,
            randomness=self.randomness,
            vault=self.vault,
            hashing=self.hashing,
        )
        self.sessions = Sessions(kernel=self.kernel, limits=LIMITS)
        self.devices = KnownDevices(kernel=self.kernel, life=DEVICE_LIFE)
        self.tries = self._make_tries(asks_for_work=asks_for_work)
        self.budget = SmsBudget(self.clock, budget_size(50, 50))
        self.codes = OneTimeCodes(
            kernel=self.kernel,
            limits=self._code_limits(asks_for_work=asks_for_work),
            host="account.tamin.ir",
        )
        self._make_use_cases(second_factor, codes_on=codes_on)
        self._make_own_use_cases()
        self.told: list[ClaimedJob] = []
        tell = ImmediateBackChannelLogout(thread_pool=OneByOne(), notify=self.notify)
        self.sign_out = SignOut(kernel=self.kernel, tell=tell)

    def _code_limits(self, *, asks_for_work: bool) -> CodeLimits:
        tally = LastingTally(self.begin, self.clock) if asks_for_work else None
        return code_limits(self.clock, self.vault, self.budget, tally)

    def _make_tries(self, *, asks_for_work: bool) -> PasswordTries:
        self.ephemeral = ephemeral = self.database.ephemeral(self.clock)
        rows, vanishing = LastingTally(self.begin, self.clock), VanishingTally(ephemeral)
        self.rush = PasswordRush(self.clock, above_normal=RUSH if asks_for_work else None)
        self.by_account = LastingMark(
            "password", BY_ACCOUNT, rows, self.vault, asks_for_work=asks_for_work
        )
        self.by_network = VanishingMark(
            "password", BY_NETWORK, vanishing, self.vault, asks_for_work=asks_for_work
        )
        return PasswordTries(
            begin=self.begin,
            forms=RepeatedForms(self.vault, ephemeral, lambda _: None),
            of_owner=OwnersTries("password", ON_KNOWN_DEVICE, self.clock, self.vault),
            by_account=self.by_account,
            by_network=self.by_network,
            spray=PasswordSpray(self.vault, SPRAY, asks_for_work=asks_for_work),
            rush=self.rush,
            turns=Turns(
                TURN_PRICE if asks_for_work else None,
                FirstOfNetwork(FIRST_EVERY, TURN_PRICE, ephemeral, self.clock, self.vault),
                ephemeral,
                self.clock,
                self.vault,
            ),
            turns_from=TURNS_FROM,
        )

    def _make_use_cases(self, second_factor: SecondFactor | None, *, codes_on: bool) -> None:
        self.sign_in = SignIn(
            kernel=self.kernel,
            devices=self.devices,
            second_factor=second_factor or SmsFactor(self.codes),
            sessions=self.sessions,
            tries=self.tries,
            new_device_code=codes_on,
        )
        self.recover = Recover(
            kernel=self.kernel,
            devices=self.devices,
            codes=self.codes,
            answers=Limit(5, timedelta(days=30)),
            sms_code=codes_on,
        )
        self.consent = GiveConsent(kernel=self.kernel)

    def _make_own_use_cases(self) -> None:
        shared: dict[str, Any] = {
            "kernel": self.kernel,
            "sessions": self.sessions,
            "devices": self.devices,
        }
        self.again = Reauthentication(**shared, tries=self.tries)
        self.own_sessions = OwnSessions(**shared, limits=LIMITS)
        self.email = ConfirmEmail(
            kernel=self.kernel, mail=True, links=self.five_a_day("email_link")
        )
        self.mobile = ChangeMobile(
            kernel=self.kernel, codes=self.codes, changes=self.five_a_day("mobile_change")
        )
        changes = self.five_a_day("data_change")
        self.answer = ChangeAnswer(kernel=self.kernel, changes=changes)
        self.residence = ChangeResidence(kernel=self.kernel, changes=changes)
        self.close_account = CloseAccount(kernel=self.kernel, again=self.again)
        self.history = OwnHistory(self.begin)
        self.record = OwnRecord(
            kernel=self.kernel, sessions=self.own_sessions, consent=self.consent
        )
        self.password = ChangePassword(**shared, again=self.again)

    def five_a_day(self, name: str) -> OwnersCounter:
        return OwnersCounter(name, (Limit(5, DAY),), self.clock, self.vault)

    def close(self) -> None:
        self.database.close()

    def notify(self, job: ClaimedJob) -> None:
        """A portal that takes every notice at once."""
        self.told.append(job)
        with self.begin() as work:
            work.outbox.finish(job, self.clock())

    def add_account(self, **changes: object) -> Account:
        credentials = Credentials(
            f"1:{PASSWORD}", f"1:{answer_key(ANSWER)}", factories.QUESTION, NOON
        )
        account = factories.account(**{"credentials": credentials, **changes})
        with self.begin() as work:
            assert work.accounts.add(account)
        return account

    def account(self, account_id: str = "account-1") -> Account:
        with self.begin(read_only=True) as work:
            account = work.accounts.find(account_id)
        assert account is not None
        return account

    def change(self, **changes: object) -> None:
        with self.begin() as work:
            work.accounts.save(replace(self.account(), **changes))

    def jobs(self) -> list[ClaimedJob]:
        """All jobs that are due, taken and done."""
        taken = []
        with self.begin() as work:
            while job := work.outbox.claim("test", self.clock(), lease=timedelta(minutes=1)):
                taken.append(job)
                work.outbox.finish(job, self.clock())
        return taken

    def texts(self) -> list[str]:
        return [job.sms.text for job in self.jobs() if job.sms]

    def code(self) -> str:
        """The code of the newest message."""
        found = [re.search("#([0-9]{6})", text) for text in self.texts()]
        codes = [match.group(1) for match in found if match]
        return codes[-1]

    def enter(self, **who: Any) -> Entered:
        """Sign in with a code, whatever the device; a minute later, for codes are rare."""
        self.later(minutes=1)
        done = self.sign_in.with_password(USER, PASSWORD, attempt(**who))
        if isinstance(done, CodeNeeded):
            done = self.sign_in.with_code(done.pending_id, self.code(), attempt(**who))
        assert isinstance(done, Entered)
        return done

    def session(self, token: str) -> Session | None:
        return self.sessions.find_live(token)

    def audit(self, subject: str) -> Sequence[AuditEntry]:
        with self.begin(read_only=True) as work:
            return work.audit.tail(subject=subject)

    def actions(self, subject: str = "account-1") -> list[str]:
        """What the audit says of an account or a case, oldest first."""
        return [entry.action for entry in self.audit(subject)]

    def later(self, **span: float) -> datetime:
        self.clock.move(timedelta(**span))
        return self.clock()


def visitor(
    browser: str = "browser-1",
    address: str = "5.1.1.1",
    device: str | None = None,
    work: WorkDone = NO_WORK,
) -> Visitor:
    return Visitor(browser=browser, address=address, device=device, work=work)


def attempt(session: object = None, **who: Any) -> Attempt:
    return Attempt(visitor(**who), session, SmsName.cut("سوابق بیمه"))


USER = factories.NATIONAL_ID.value
UNKNOWN = NationalId("9993348155")


def enter(house: House, **who: str | None) -> Entered:
    """A sign-in on a new device, with its code."""
    needed = house.sign_in.with_password(USER, PASSWORD, attempt(**who))
    assert isinstance(needed, CodeNeeded)
    entered = house.sign_in.with_code(needed.pending_id, house.code(), attempt(**who))
    assert isinstance(entered, Entered)
    return entered


def grow_epoch(house: House) -> None:
    """End what was begun before: sessions, devices, waiting sign-ins."""
    house.change(epoch=house.account().epoch + 1)
