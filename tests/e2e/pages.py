"""What a person does in a browser: small steps, each on one page, found as people find things."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.demo import Demo
from tests.e2e.people import ANSWER, Person

_SELECTS = {
    *("operator", "series_letter", "birth_day", "birth_month", "gender", "question"),
    *("country", "city", "profession"),
}


@dataclass
class Visitor:
    """Somebody in front of a browser and of the demo."""

    page: Page
    demo: Demo
    screenshots: Path | None = None
    scripts: bool = True

    def look(self, name: str) -> None:
        """Keep a picture of the page, narrow and wide, when pictures are wanted."""
        if self.screenshots is None:
            return
        for width, height in ((360, 780), (1280, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            path = self.screenshots / f"{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size({"width": 360, "height": 780})

    def heading(self, words: str) -> None:
        """Hold that the page's heading is this."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def fits(self) -> None:
        """Hold that nothing sticks out to the side of a phone's screen, styles and all.

        Whoever asks has seen something of the page before: else it may still be the last one.
        """
        if self.scripts:
            self.page.wait_for_load_state("load")
            wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{self.page.url} is {wide} px too wide"

    def press(self, name: str) -> None:
        """Press the button of the page's content with this name."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        """Follow the link with this name."""
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def fill(self, fields: dict[str, str]) -> None:
        """Type into the fields and choose from the lists."""
        for name, value in fields.items():
            control = self.page.locator(f'main [name="{name}"]')
            if name in _SELECTS:
                control.select_option(value)
            else:
                control.fill(value)

    def register(self, person: Person, *, with_code: bool = True) -> None:
        """Go through both steps of the registration, from the login page."""
        self.heading("ورود به سیستم")
        self.look("login")
        self.fits()
        self.follow("ثبت نام")
        self.step_one(person)
        if with_code:
            self.heading("تأیید شماره تلفن همراه")
            self.look("register-code")
            self.fits()
            code = self.demo.code(person.mobile, for_what="ثبت نام")
            self.fill({"code": code})
            self.press("تأیید و ادامه")
        self.step_two(person)

    def register_as_physician(self, person: Person) -> None:
        """Go through both steps of the physicians' registration, from the login page."""
        self.heading("ورود به سیستم")
        self.follow("ثبت نام پزشکان")
        self.prove_as_physician(person)
        self.heading("ثبت نام پزشکان - گام دوم")
        self.fill(person.step_two() | person.claim)
        self.look("physicians-step-two")
        self.fits()
        self.demo.secrets |= {person.password, ANSWER, person.claim["council_number"]}
        self.press("ثبت نام")
        self.look_over()

    def prove_as_physician(self, person: Person) -> None:
        """Fill in and send step one of the physicians, and prove the phone."""
        self.heading("ثبت نام پزشکان - گام اول")
        self.look("physicians-step-one")
        self.fits()
        self.fill(person.step_one())
        self.demo.secrets |= {person.national_id, person.mobile[1:]}
        self.press("ثبت نام")
        self.fill({"code": self.demo.code(person.mobile, for_what="ثبت نام")})
        self.press("تأیید و ادامه")

    def step_one(self, person: Person) -> None:
        """Fill in and send step one."""
        self.heading("ثبت نام - گام اول")
        self.look("register-step-one")
        self.fits()
        self.fill(person.step_one())
        self.demo.secrets |= {person.national_id, person.mobile[1:]}
        self.press("ثبت نام")

    def look_over(self) -> None:
        """Look over all answers, and send them."""
        self.heading("بازبینی اطلاعات")
        self.look("register-look-over")
        self.fits()
        self.press("تأیید و ارسال")

    def step_two(self, person: Person, *, by_the_guide: bool = False) -> None:
        """Fill in and send step two."""
        self.heading("ثبت نام - گام دوم")
        self.fill(person.step_two())
        self.look("register-step-two")
        self.fits()
        self.demo.secrets |= {person.password, ANSWER}
        self.press("ثبت نام")
        if not by_the_guide:
            self.look_over()

    def sign_in(self, person: Person, password: str = "") -> None:
        """Sign in on the login page, as far as the password goes: the own one by default."""
        password = password or person.password
        self.heading("ورود به سیستم")
        self.demo.secrets |= {person.national_id, password}
        self.fill({"username": person.national_id, "password": password})
        self.press("ورود")

    def prove_the_device(self, person: Person) -> None:
        """Take the code of a new device from the phone."""
        self.heading("کد ورود")
        self.look("login-code")
        self.fits()
        self.fill({"code": self.demo.code(person.mobile, for_what="ورود")})
        self.press("ورود")

    def recover(self, person: Person, new_password: str, *, with_code: bool = True) -> None:
        """Set a new password, from the login page."""
        self.follow("بازیابی گذرواژه")
        self.heading("بازیابی گذرواژه")
        self.look("recover-start")
        self.fits()
        self.fill({"username": person.national_id})
        self.press("ادامه")
        if with_code:
            expect(self.page.locator('main [name="code"]')).to_be_visible()
            self.look("recover-code")
            self.fits()
            self.fill({"code": self.demo.code(person.mobile, for_what="بازیابی")})
            self.press("ادامه")
        expect(self.page.get_by_text("رنگ مورد علاقه شما چیست؟")).to_be_visible()
        self.look("recover-password")
        self.fits()
        self.demo.secrets |= {new_password, ANSWER}
        self.fill({"answer": ANSWER, "password": new_password, "password_again": new_password})
        self.press("ثبت")
        expect(self.page.get_by_text("گذرواژه شما تغییر یافت")).to_be_visible()
        self.look("recover-done")

    def sees(self, words: str) -> None:
        """Hold that the page says this."""
        expect(self.page.locator("body")).to_contain_text(words)

    def stands_at(self, address: str) -> None:
        """Hold that the browser stands at this address, whatever its query."""
        expect(self.page).to_have_url(re.compile(re.escape(address) + r"(\?.*)?$"))
