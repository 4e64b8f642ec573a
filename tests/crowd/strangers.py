"""Strangers, who spend all that they can on the citizens' accounts, phones and network."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.crowd.citizens import Citizen
from tests.crowd.town import Walk
from tests.crowd.visitor import Visitor, flow_of

THINKS = (20.0, 60.0)
"""Seconds between two acts of a stranger."""
PHONE, COMPUTER = 1.0, 8.0
"""Seconds of a mid-range phone that a stranger's machine computes a second."""
PREY = 10
"""Half of the acts hit every tenth citizen."""
POWERS = (COMPUTER,) + 9 * (PHONE,)


@dataclass
class Stranger:
    """Somebody who acts against one citizen after the other, chosen at random."""

    visitor: Visitor
    victims: Sequence[Citizen]
    rng: random.Random

    def go(self) -> Walk:
        """Act for ever."""
        acts = (self._guess, self._recover, self._register, self._leave_lying)
        while True:
            yield from self.rng.choice(acts)(self._victim())
            yield self.rng.uniform(*THINKS)

    def _victim(self) -> Citizen:
        """Return one of a tenth of the citizens, each second time; else anybody."""
        of = self.victims[::PREY] if self.rng.random() < 0.5 else self.victims
        return self.rng.choice(of)

    def _guess(self, victim: Citizen) -> Walk:
        form = {
            "username": victim.national_id.value,
            "password": f"guess{self.rng.randrange(10**6)}",
        }
        yield from self.visitor.post("/login", form)

    def _recover(self, victim: Citizen) -> Walk:
        answer = yield from self.visitor.post("/recover", {"username": victim.national_id.value})
        yield from self._type_codes("/recover/code", flow_of(answer))

    def _register(self, victim: Citizen) -> Walk:
        form = {
            "national_id": victim.national_id.value,
            "operator": "mci",
            "mobile": victim.mobile.national,
        }
        answer = yield from self.visitor.post("/register", form)
        yield from self._type_codes("/register/code", flow_of(answer))

    def _type_codes(self, path: str, flow: str) -> Walk:
        code = f"{self.rng.randrange(10**6):06}"
        yield from self.visitor.post(path, {"flow": flow, "code": code})

    def _leave_lying(self, victim: Citizen) -> Walk:
        """Send a form and leave its ticket lying in the queue of the network."""
        self.visitor.send("/recover", {"username": victim.national_id.value})
        yield 0.0
