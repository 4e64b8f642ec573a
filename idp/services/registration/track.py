"""Tracking a request («پیگیری درخواست»): tracking number and mobile, proven by a code to it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.domain.people.mobile import Mobile
from idp.domain.protection.rate_limits import EverybodysKey
from idp.domain.registration.case import Case
from idp.domain.registration.tracking_number import TrackingNumber
from idp.domain.sign_in.one_time_code import CODE_LIFE, CodePurpose, CodeStanding, CodeTry
from idp.ports import BrokenSeal
from idp.services.kernel import Kernel
from idp.services.messages.code_limits import CodeAsker
from idp.services.messages.one_time_codes import CodeFor, OneTimeCodes
from idp.services.protection.password_tries import Visitor
from idp.store.unit_of_work import UnitOfWork

PURPOSE = "tracking"
TRACKING_LIFE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a citizen typed to see a request: its tracking number, and the mobile given there."""

    number: TrackingNumber
    mobile: Mobile


@dataclass(frozen=True, slots=True)
class TrackingStanding:
    """What the page of the code may say, and the case once a right code was typed."""

    code: CodeStanding
    case: Case | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Shows a case to whoever holds the phone that was typed at its registration.

    Before the code, answers, rows and time are the same for a number that does not exist, for
    another phone and for the right pair; the right pair alone gets the SMS. What was typed is in
    the address of the pages, sealed for the browser; only the code is a row.
    """

    kernel: Kernel
    codes: OneTimeCodes

    def start(self, tracked: Tracked, visitor: Visitor) -> str:
        """Send the code if the pair is a case's, and return the sealed pair for the pages.

        Requests for codes are counted by pair and by network; those that send something, by phone
        too. A stranger who guesses numbers for a phone burns nothing of its owner's.

        Raises WorkNeeded.
        """
        self._send(tracked, visitor, again=False)
        return self._sealed(tracked, visitor.browser)

    def send_again(self, tracked: Tracked, visitor: Visitor) -> None:
        """Send another code if the pair is a case's. Raises WorkNeeded."""
        self._send(tracked, visitor, again=True)

    def prove(self, tracked: Tracked, browser: str, typed_code: str) -> CodeTry:
        """Try the code; a right one proves the phone to this browser."""
        code_for = CodeFor(self._flow_of(tracked, browser), CodePurpose.TRACKING, tracked.mobile)
        return self.codes.check(code_for, typed_code)

    def standing(self, tracked: Tracked, browser: str) -> TrackingStanding:
        """Return what this browser may see: the case for five minutes after a right code."""
        flow_id = self._flow_of(tracked, browser)
        with self.kernel.begin(read_only=True) as work:
            row = work.codes.find(flow_id, CodePurpose.TRACKING)
            code_for = CodeFor(flow_id, CodePurpose.TRACKING, tracked.mobile)
            code = self.codes.standing(work, code_for)
            if row is None or not self._is_lately(row.used_at):
                return TrackingStanding(code)
            case_id = work.cases.find_tracked(tracked.number, tracked.mobile)
            return TrackingStanding(code, work.cases.find(case_id or ""))

    def opened(self, sealed: str, browser: str) -> Tracked | None:
        """Return the pair that ``start`` sealed; None when it is another browser's, or too old."""
        try:
            plain = self.kernel.vault.open(sealed, purpose=PURPOSE, bound_to=browser)
        except BrokenSeal:
            return None
        number, mobile, ends_at = json.loads(plain)
        if self.kernel.clock().timestamp() >= ends_at:
            return None
        return Tracked(TrackingNumber(number), Mobile(mobile))

    def _sealed(self, tracked: Tracked, browser: str) -> str:
        ends_at = (self.kernel.clock() + TRACKING_LIFE).timestamp()
        plain = json.dumps([tracked.number.value, tracked.mobile.e164, ends_at]).encode()
        return self.kernel.vault.seal(plain, purpose=PURPOSE, bound_to=browser)

    def _send(self, tracked: Tracked, visitor: Visitor, *, again: bool) -> None:
        flow_id = self._flow_of(tracked, visitor.browser)
        key = EverybodysKey.of_tracking(tracked.number, tracked.mobile)
        asker = CodeAsker(key, visitor.address, visitor.work)
        self.codes.require_work(flow_id, CodePurpose.TRACKING, asker, again=again)
        with self.kernel.begin() as work:
            if self._has_case(work, tracked):
                to = CodeFor(flow_id, CodePurpose.TRACKING, tracked.mobile)
                self.codes.send(work, to, again=again)
            else:
                nobody = CodeFor(flow_id, CodePurpose.TRACKING, self._nobodys_phone(tracked))
                self.codes.pretend(work, nobody, again=again)

    def _has_case(self, work: UnitOfWork, tracked: Tracked) -> bool:
        return work.cases.find_tracked(tracked.number, tracked.mobile) is not None

    def _flow_of(self, tracked: Tracked, browser: str) -> str:
        pair = (tracked.number.value, tracked.mobile.e164)
        return self.codes.flow_id(CodePurpose.TRACKING, browser, *pair)

    def _nobodys_phone(self, tracked: Tracked) -> Mobile:
        """Return a number that counters can know but no citizen has: +98 94 is no mobile block.

        A request for an unknown pair then counts for no citizen's phone.
        """
        pair = f"{tracked.number.value}|{tracked.mobile.e164}"
        digest = self.kernel.vault.digest(pair, purpose="nobodys_phone")
        return Mobile(f"+9894{int(digest, 16) % 10**8:08d}")

    def _is_lately(self, used_at: datetime | None) -> bool:
        return used_at is not None and self.kernel.clock() < used_at + CODE_LIFE
