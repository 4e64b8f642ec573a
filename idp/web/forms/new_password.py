"""The two fields of a new password; forms call them ``password`` and ``password_again``."""

from collections.abc import Sequence
from typing import Any

from idp.domain.people.password import has_persian_letters, password_violations
from idp.web.forms.fields import Secret
from idp.web.http.languages import mark
from idp.web.words import messages

NEW_PASSWORD, REPEATED = mark("گذرواژه جدید"), mark("تکرار گذرواژه جدید")


class NewPasswordField(Secret):
    """A new password, checked against the rules for passwords."""

    def pre_validate(self, form: Any) -> None:
        """Note every rule that the password breaks, together with the form's other errors."""
        super().pre_validate(form)
        self.refuse_weak(self.violations(form))

    def violations(self, form: Any) -> Sequence[str]:
        """Return the broken rules; the use case checks those about names and national ID."""
        return password_violations(self.text, given="", family="", national_id="")

    def refuse_weak(self, violations: Sequence[str]) -> None:
        """Note what is wrong with the password, each sentence once.

        For Persian letters it is only the guide's sentence about the EN keyboard.
        """
        if violations and has_persian_letters(self.text):
            violations = ("keyboard",)
        codes = ("password.too_long" if code == "too_long" else code for code in violations)
        for code in {messages.text(code): code for code in codes}.values():
            self.tell(code)


class PasswordAgainField(Secret):
    """The new password once more."""

    def pre_validate(self, form: Any) -> None:
        """Refuse a repetition that differs from the password."""
        super().pre_validate(form)
        if form.password.text and self.text != form.password.text:
            self.stop("N14")
