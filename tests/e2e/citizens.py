"""Citizens who walk by plain HTTP, where no browser needs to be looked at."""

from dataclasses import dataclass, field

from tests.e2e.demo import Demo
from tests.e2e.people import ANSWER, Person
from tests.e2e.walk import Walk


@dataclass
class Citizen:
    """A person with a browser without a screen, and with their phone in hand."""

    demo: Demo
    person: Person
    walk: Walk = field(default_factory=Walk)

    def __post_init__(self) -> None:
        own = self.person
        self.demo.secrets |= {own.national_id, own.mobile[1:], own.password, ANSWER}

    def begin(self) -> None:
        """Send step one."""
        self.walk.open(f"{self.demo.hub}/register").submit(self.person.step_one())
        assert self.walk.path == "/register/code", self.walk.text

    def prove(self) -> None:
        """Prove the phone."""
        self.walk.submit({"code": self.demo.code(self.person.mobile, for_what="ثبت نام")})
        assert self.walk.path == "/register/details", self.walk.text

    def submit(self) -> None:
        """Send step two."""
        self.walk.submit(self.person.step_two())
        assert self.walk.path == "/register/look-over", self.walk.text
        self.walk.submit({})
        assert self.walk.path == "/register/submitted", self.walk.text

    def register(self) -> None:
        """Register and wait for the result."""
        self.begin()
        self.prove()
        self.submit()
        self.demo.text(self.person.mobile, "حساب کاربری شما فعال گردید")

    def take_another_browser(self) -> None:
        """Go on in a browser that the hub has never seen."""
        self.walk = Walk()

    def enter(self, password: str = "") -> None:
        """Type user name and password, the own one by default, on the login page in front of us."""
        typed = password or self.person.password
        self.walk.submit({"username": self.person.national_id, "password": typed})

    def prove_device(self) -> None:
        """Type the code of a new device."""
        self.walk.submit({"code": self.demo.code(self.person.mobile, for_what="ورود")})

    def sign_in(self, address: str) -> None:
        """Open an address that asks who comes, and sign in as far as it is asked for."""
        self.walk.open(address)
        if self.walk.path == "/login":
            self.enter()
        if "کد ورود" in self.walk.text:
            self.prove_device()
