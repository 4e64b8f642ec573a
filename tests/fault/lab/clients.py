"""Clients that load the hub, and write down what they were told before they go on."""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from idp.app.use_cases import share
from tests.fault.lab import operations
from tests.fault.lab.ledger import Ledger
from tests.fault.lab.operations import Failure, Seen, do
from tests.fault.lab.people import newcomer
from tests.fault.lab.site import Lab
from tests.performance.hub import CLIENT
from tests.performance.scenarios import Person, Provider, discover
from tests.performance.visitor import Steps, Unexpected, Visitor

T = TypeVar("T")
ACTIONS = ("renew",) * 5 + ("sign_on",) * 3 + ("revoke", "sign_out", "change_password")
PAUSE = 0.05
GRACE = 8.0
"""Seconds in which a refresh token may be sent again (10, less what a busy machine takes)."""
FAILURES = (Unexpected, OSError, LookupError)


@dataclass
class Client:
    """One thread of load."""

    site: Lab
    provider: Provider
    ledger: Ledger
    randomness: random.Random
    who: str
    pause: float = PAUSE
    """Seconds between two operations, on average."""
    seen: Seen = field(default_factory=Seen)
    errors: int = 0
    acked: int = 0

    def run(self, over: threading.Event) -> None:
        """Do one operation after the other until told to stop."""
        while not over.wait(self.pause * self.randomness.uniform(0.5, 1.5)):
            self.act()

    def act(self) -> None:
        """Do one operation."""
        raise NotImplementedError

    def begin(self, ledger: Ledger) -> None:
        """Write to another ledger from now on, and count anew."""
        self.ledger, self.seen = ledger, Seen()
        self.errors = self.acked = 0

    def attempt(self, number: int, op: str, steps: Callable[[], Steps[T]]) -> T | None:
        """Do the steps; note a failure and return None."""
        try:
            return do(self.provider.portal.issuer, steps(), self.seen)
        except FAILURES as error:
            self.errors += 1
            self.ledger.note(number, op, self.who, "failed", why=str(error)[:200])
            return None

    def ack(self, number: int, op: str, **facts: str) -> None:
        """Note that the operation was acknowledged."""
        self.acked += 1
        self.ledger.note(number, op, self.who, "acked", **facts)


@dataclass
class Citizen(Client):
    """Signs in, goes to portals, renews, revokes, signs out, changes the password."""

    person: Person = field(default_factory=lambda: Person("", ""))
    candidates: list[str] = field(default_factory=list)
    """Passwords of which one is right, while a change is unsure."""

    def act(self) -> None:
        """Sign in where there are no tokens; else do anything."""
        if not self.person.tokens:
            self.sign_in()
            return
        getattr(self, self.randomness.choice(ACTIONS))()

    def begin(self, ledger: Ledger) -> None:
        """Sign in anew, too: the judge has replayed codes, which ended what they gave."""
        super().begin(ledger)
        self._forget()

    def sign_in(self) -> None:
        """Sign in; where a change of the password was unsure, by either."""
        number = self.ledger.begin("sign_in", self.who)
        for password in self.candidates or [self.person.password]:
            self.person = replace(self.person, password=password, tokens={})
            if self._steps(number, "sign_in", operations.sign_in):
                self.candidates = []
                return

    def sign_on(self) -> None:
        """Get tokens by the session; it must still be there unless something failed."""
        number = self.ledger.begin("sign_on", self.who)
        tokens = self.person.tokens
        if not self._steps(number, "sign_on", operations.sign_on):
            self.person.tokens = tokens

    def renew(self) -> None:
        """Exchange the refresh token, again within the grace where the answer was lost."""
        number, before = self.ledger.begin("renew", self.who), time.monotonic()
        while time.monotonic() - before < GRACE:
            try:
                do(self._issuer, operations.renew(self.provider, self.person), self.seen)
            except FAILURES as error:
                self._fail(number, "renew", error)
                if "invalid_grant" in str(error):
                    break
                time.sleep(0.2)
            else:
                self._ack_tokens(number, "renew")
                return
        self._forget()

    def revoke(self) -> None:
        """Revoke, until it is acknowledged."""
        self._until_done("revoke", operations.revoke, token=self.person.tokens["refresh_token"])
        self._forget()

    def sign_out(self) -> None:
        """Sign out, until it is acknowledged."""
        cookies = json.dumps([[*key, value] for key, value in self.person.browser.cookies.items()])
        self._until_done("sign_out", operations.sign_out, cookies=cookies)
        self._forget()

    def change_password(self) -> None:
        """Change the password; where that is unsure, sign in by either afterwards."""
        new = f"Bahar#{self.randomness.randrange(16**6):06x}7x"
        number = self.ledger.begin("change_password", self.who)
        steps = operations.change_password(self.provider, self.person, new)
        try:
            do(self._issuer, steps, self.seen)
        except FAILURES as error:
            self._fail(number, "change_password", error)
            self.candidates = [self.person.password, new]
        else:
            self.ack(number, "change_password", password=new)
            self.person.password = new
        self._forget()

    @property
    def _issuer(self) -> str:
        return self.provider.portal.issuer

    def _fail(self, number: int, op: str, error: Exception) -> None:
        self.errors += 1
        self.ledger.note(number, op, self.who, "failed", why=str(error)[:200])

    def _steps(
        self, number: int, op: str, steps: Callable[[Provider, Person], Steps[None]]
    ) -> bool:
        try:
            do(self._issuer, steps(self.provider, self.person), self.seen)
        except FAILURES as error:
            self._fail(number, op, error)
            return False
        self._ack_tokens(number, op)
        return True

    def _ack_tokens(self, number: int, op: str) -> None:
        self.ack(number, op, refresh_token=self.person.tokens.get("refresh_token", ""))

    def _until_done(
        self, op: str, steps: Callable[[Provider, Person], Steps[None]], **facts: str
    ) -> None:
        number, until = self.ledger.begin(op, self.who, **facts), time.monotonic() + 30
        while time.monotonic() < until:
            try:
                do(self._issuer, steps(self.provider, self.person), self.seen)
            except FAILURES as error:
                self._fail(number, op, error)
                time.sleep(0.2)
            else:
                self.ack(number, op, **facts)
                return

    def _forget(self) -> None:
        """Go on as nobody, in a browser of no session."""
        self.person = replace(self.person, tokens={}, browser=Visitor(""))


@dataclass
class Registrar(Client):
    """Newcomers who register, one after the other; one who failed begins anew."""

    numbers: Iterator[int] = field(default_factory=lambda: iter(()))

    def act(self) -> None:
        """Let the next newcomer register, in at most three tries."""
        person = newcomer(next(self.numbers))
        number = self.ledger.begin("register", self.who, national_id=person.national_id)
        for _ in range(3):
            known = len(self.site.texts(person.mobile))
            browser = Visitor(self.provider.portal.issuer)

            def take(known: int = known) -> str:
                return self.site.take_code(person.mobile, known)

            tracking = self.attempt(
                number,
                "register",
                lambda browser=browser, take=take: operations.register(
                    self.provider, person, take, browser
                ),
            )
            if tracking:
                facts = {"tracking": tracking, "national_id": person.national_id}
                self.ack(number, "register", **facts, mobile=person.mobile)
                return
            time.sleep(1)


@dataclass
class Administrator(Client):
    """Registers portals: an act with its line of the audit."""

    numbers: Iterator[int] = field(default_factory=lambda: iter(()))

    def act(self) -> None:
        """Register one."""
        client_id = f"lab-{next(self.numbers)}"
        number = self.ledger.begin("admin", self.who, client_id=client_id)
        try:
            share(self.site.outside).clients.register(
                {"client_id": client_id, **CLIENT}, officer="lab"
            )
        except Exception as error:  # noqa: BLE001 - whatever a command would end with
            self.errors += 1
            self.ledger.note(number, "admin", self.who, "failed", why=repr(error)[:200])
        else:
            self.ack(number, "admin", client_id=client_id)
        time.sleep(0.3)


@dataclass
class Reader(Client):
    """Opens what needs no session: documents of the protocol, and pages."""

    paths: Sequence[str] = ()

    def act(self) -> None:
        """Open one."""
        path = self.randomness.choice(self.paths)
        number = self.ledger.begin("read", self.who, path=path)
        if self.attempt(number, "read", lambda: operations.read(self.provider, path)):
            self.ack(number, "read", path=path)


@dataclass
class Load:
    """All clients of one run."""

    clients: list[Client]

    def begin(self, ledger: Ledger) -> None:
        """Write to another ledger from now on, and count anew."""
        for client in self.clients:
            client.begin(ledger)

    @property
    def errors(self) -> int:
        """How many tries failed."""
        return sum(client.errors for client in self.clients)

    @property
    def acked(self) -> int:
        """How many operations were acknowledged."""
        return sum(client.acked for client in self.clients)

    @property
    def unkind(self) -> list[str]:
        """Return the answers of 500 and more that were no 503 with ``Retry-After``."""
        return [one for client in self.clients for one in client.seen.unkind]

    @property
    def failures(self) -> list[Failure]:
        """Return the requests that were not served, in their order."""
        return sorted(one for client in self.clients for one in client.seen.failures)

    @property
    def slowest(self) -> float:
        """Return the seconds of the answer that took longest."""
        return max(client.seen.slowest for client in self.clients)

    @property
    def used_codes(self) -> list[str]:
        """Return the codes that gave tokens."""
        return [c for client in self.clients for c, status in client.seen.codes if status == 200]


def load_of(site: Lab, ledger: Ledger, seed: str, numbers: Iterator[int]) -> Load:
    """Return citizens, two registrars and an administrator for this site."""
    provider = site.provider
    provider = provider.at(do(site.issuer, discover(provider.portal), Seen()))
    provider = replace(provider, scope=provider.offline_scope)

    def common(who: str) -> dict[str, object]:
        randomness = random.Random(f"{seed} {who}")
        return {
            "site": site,
            "provider": provider,
            "ledger": ledger,
            "randomness": randomness,
            "who": who,
        }

    people = [
        Citizen(**common(f"citizen-{n}"), person=site.house.citizen(n))  # type: ignore[arg-type]
        for n in range(site.size.citizens)
    ]
    others: list[Client] = [
        Registrar(**common("registrar"), numbers=numbers),  # type: ignore[arg-type]
        Administrator(**common("administrator"), numbers=numbers),  # type: ignore[arg-type]
    ]
    return Load([*people, *others])


@contextmanager
def running(load: Load) -> Iterator[None]:
    """Run every client in a thread of its own while the block runs."""
    over = threading.Event()
    threads = [threading.Thread(target=client.run, args=[over]) for client in load.clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
