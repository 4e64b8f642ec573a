"""The citizens of the town: who they are, and the ways that they go."""

import random
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from idp.domain.people.account import Credentials
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import answer_key
from tests import factories
from tests.crowd.town import Town, Walk
from tests.crowd.visitor import Visitor, flow_of, path_of
from tests.fakes import NOON
from tests.web.hub import Browser, hidden
from tests.web.registration.walk import STEP_TWO
from tests.web.sign_in.walk import ANSWER, add_account

TYPING = 20.0
"""Seconds for a form, or until an SMS was read and typed."""
ASKS_AGAIN = 120.0
"""Seconds until somebody who got no code asks for another."""
PREFIXES = ("910", "911", "912", "913", "914", "915", "916", "917", "918", "919")
ODD_POWERS = (1.0, 1.0, 0.5, 0.25)
"""Mid-range phones, and older ones."""
Steps = Generator[float, None, bool]


class Wish(StrEnum):
    """What a citizen comes for."""

    KNOWN = "sign in on a known device"
    NEW = "sign in on a new device"
    REGISTER = "register"
    RECOVER_KNOWN = "recover on a known device"
    RECOVER_NEW = "recover on a new device"


SHARES = {
    Wish.KNOWN: 0.30,
    Wish.NEW: 0.25,
    Wish.REGISTER: 0.25,
    Wish.RECOVER_KNOWN: 0.10,
    Wish.RECOVER_NEW: 0.10,
}
OF_KNOWN_DEVICES = frozenset({Wish.KNOWN, Wish.RECOVER_KNOWN})
MUST_ARRIVE = frozenset({Wish.KNOWN, Wish.NEW, Wish.RECOVER_KNOWN})
"""A known device, or the right password and phone: no stranger keeps them out."""


@dataclass
class Citizen:
    """One citizen; ``number`` makes ID, phone and password."""

    number: int
    wish: Wish
    visitor: Visitor
    errs: bool
    """Types a wrong password, or a wrong code, first."""
    arrived_at: float | None = None
    begun_at: float = 0.0
    asked_code_at: datetime = NOON
    national_id: NationalId = field(init=False)
    mobile: Mobile = field(init=False)

    def __post_init__(self) -> None:
        self.national_id = NationalId(factories.with_check_digit(f"{31_000_001 + self.number:09}"))
        prefix = PREFIXES[self.number % len(PREFIXES)]
        self.mobile = Mobile(f"+98{prefix}{2_000_000 + self.number:07}")

    @property
    def password(self) -> str:
        return f"Bagh{self.number:05}sabz"

    @property
    def has_script(self) -> bool:
        return self.visitor.power > 0

    def go(self) -> Walk:
        """Go the way to its end."""
        self.begun_at = self.visitor.town.second
        ways = {Wish.REGISTER: self._register, Wish.KNOWN: self.sign_in, Wish.NEW: self.sign_in}
        if (yield from ways.get(self.wish, self._recover)()):
            self.arrived_at = self.visitor.town.second

    def sign_in(self) -> Steps:
        """Sign in, with a code where one is asked."""
        form = {"username": self.national_id.value, "password": self.password}
        if self.errs:
            yield from self.visitor.post("/login", {**form, "password": "Wrong" + self.password})
            yield TYPING
        self._asks_now()
        answer = yield from self.visitor.post("/login", form)
        if path_of(answer) == "/login/code":
            answer = yield from self._code("/login/code", "/login/code/again", flow_of(answer))
        return path_of(answer) == "/account"

    def _register(self) -> Steps:
        self._asks_now()
        step_one = {
            "national_id": self.national_id.value,
            "operator": "mci",
            "mobile": self.mobile.national,
        }
        answer = yield from self.visitor.post("/register", step_one)
        flow = flow_of(answer)
        answer = yield from self._code("/register/code", "/register/code/resend", flow)
        yield 9 * TYPING
        own = {"password": self.password, "password_again": self.password}
        own["email"] = f"c{self.number}@example.ir"
        form = {"flow": flow_of(answer), **STEP_TWO, **own}
        answer = yield from self.visitor.post("/register/details", form)
        if path_of(answer) != "/register/look-over":
            return False
        ready = hidden(self.visitor.browser.get(answer.location), "ready")
        yield TYPING
        form = {"flow": flow_of(answer), "ready": ready}
        answer = yield from self.visitor.post("/register/look-over", form)
        return path_of(answer) == "/register/submitted"

    def _recover(self) -> Steps:
        self._asks_now()
        answer = yield from self.visitor.post("/recover", {"username": self.national_id.value})
        flow = flow_of(answer)
        answer = yield from self._code("/recover/code", "/recover/again", flow)
        yield 2 * TYPING
        new = f"Nou{self.password}"
        form = {"flow": flow, "answer": ANSWER, "password": new, "password_again": new}
        answer = yield from self.visitor.post("/recover/password", form)
        return path_of(answer) == "/recover/done"

    def _code(self, path: str, again: str, flow: str) -> "CodeSteps":
        """Type every code that came, the newest first; ask for another while none is right."""
        tried: set[str] = set()
        while True:
            yield TYPING
            for code in [one for one in self._codes() if one not in tried]:
                tried.add(code)
                answer = yield from self.visitor.post(path, {"flow": flow, "code": code})
                if answer.status_code == 303:
                    return answer
                yield TYPING
            yield ASKS_AGAIN
            yield from self.visitor.post(again, {"flow": flow})

    def _codes(self) -> list[str]:
        letters = self.visitor.town.letters[self.mobile.e164]
        return [one.code for one in reversed(letters) if one.code and one.at >= self.asked_code_at]

    def _asks_now(self) -> None:
        self.asked_code_at = self.visitor.town.hub.clock()


CodeSteps = Generator[float, None, "object"]


def settle(town: Town, how_many: int, address: str, rng: random.Random) -> list[Citizen]:
    """Return the citizens behind one address; who has an account has it, and known devices."""
    wishes = [wish for wish, share in SHARES.items() for _ in range(round(share * how_many))]
    rng.shuffle(wishes)
    citizens = []
    for number, wish in enumerate(wishes):
        power = 0.0 if rng.random() < 0.05 else rng.choice(ODD_POWERS)
        visitor = Visitor(town, town.browser(address), f"citizen-{number}", power)
        citizens.append(Citizen(number, wish, visitor, errs=rng.random() < 0.1))
    for citizen in citizens:
        if citizen.wish is not Wish.REGISTER:
            move_in(citizen)
    return citizens


def move_in(citizen: Citizen, **changes: object) -> None:
    """Give the citizen an account, and its device at home when it is known."""
    town, hub = citizen.visitor.town, citizen.visitor.town.hub
    password_hash = hub.hashing.hash(citizen.password)
    answer_hash = hub.hashing.hash(answer_key(ANSWER))
    add_account(
        hub,
        account_id=f"account-{citizen.number}",
        national_id=citizen.national_id,
        mobile=citizen.mobile,
        credentials=Credentials(password_hash, answer_hash, factories.QUESTION, NOON),
        **changes,
    )
    if citizen.wish in OF_KNOWN_DEVICES:
        at_home(citizen, town, citizen.visitor.browser)


def at_home(citizen: Citizen, town: Town, browser: Browser) -> None:
    """Make the browser known: sign in with it from an address of the citizen's own."""
    away = browser.client.environ_base["REMOTE_ADDR"]
    browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8:{citizen.number:x}::1"
    visitor = replace(citizen.visitor, browser=browser, name="at home")
    for seconds in replace(citizen, visitor=visitor, errs=False).sign_in():
        town.hub.clock.move(timedelta(seconds=seconds))  # a ticket matures, a code can go again
    browser.client.environ_base["REMOTE_ADDR"] = away
