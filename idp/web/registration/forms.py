"""The forms of the registration, whose fields parse into value types of the domain."""

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Protocol

from werkzeug.datastructures import MultiDict
from wtforms.validators import StopValidation

from idp.domain.errors import Invalid
from idp.domain.people.certificate import (
    CertificateNumber,
    InvalidSeries,
    Serial,
    Series,
    parse_letter_part,
    parse_series_number,
)
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.password import password_violations
from idp.domain.people.person import Details, Gender
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.people.places import IRAN, OTHER_CITY, InvalidPlace, Residence, city_named
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.domain.persian.digits import bare_number
from idp.domain.persian.jalali import InvalidDate, JalaliDate
from idp.domain.persian.names import PersonName
from idp.settings import Registration
from idp.web.forms.fields import Hidden, Parsed, Parts, Text, Value, is_in
from idp.web.forms.new_password import NewPasswordField, PasswordAgainField
from idp.web.forms.page_form import PageForm
from idp.web.http.languages import gettext, mark
from idp.web.registration.countries import not_offered
from idp.web.words import messages
from idp.web.words.guide_texts import source


@dataclass(frozen=True, slots=True)
class Applicant:
    """What the checks of step two need beside the form itself."""

    national_id: NationalId
    today: JalaliDate
    rules: Registration
    as_physician: bool = False


class StepOneForm(PageForm):
    """Step one: national ID, operator and mobile."""

    national_id = Parsed(source("field.nid"), NationalId.parse)
    operator = Parsed(source("field.operator"), Operator.parse)
    mobile = Parsed(source("field.mobile"), Mobile.parse)


class CertificateField(Value[CertificateNumber]):
    """The number of the birth certificate; its rule depends on the birth date below it."""

    def make(self, form: "StepTwoForm") -> CertificateNumber:
        """Return the number, checked against the national ID and a valid birth date."""
        return CertificateNumber.parse(
            self.text, national_id=form.applicant.national_id, birth=form.birth.date_of(form)
        )


class SeriesField(Parts[Series]):
    """The series of the birth certificate."""

    names = ("series_letter", "series_letter_number", "series_number")

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Refuse each wrong part, both at once where both are wrong."""
        Text.pre_validate(self, form)
        letter, letter_number, number = self.texts.values()
        errors = [
            *_errors_of(parse_letter_part, letter, letter_number),
            *_errors_of(parse_series_number, number),
        ]
        for error in {error.code: error for error in errors}.values():
            self.refuse(messages.of_field(error, self.words))
        if errors:
            raise StopValidation
        super().pre_validate(form)

    def make(self, form: "StepTwoForm") -> Series:
        """Return the series."""
        letter, letter_number, number = self.texts.values()
        return Series.parse(letter, number, letter_number=letter_number)


def _errors_of(parse: Callable[..., str], *texts: str) -> list[InvalidSeries]:
    """Return the error of a part of the series; nothing for a right one."""
    try:
        parse(*texts)
    except InvalidSeries as error:
        return [error]
    return []


class BirthField(Parts[JalaliDate]):
    """The day of birth."""

    names = ("birth_month", "birth_day", "birth_year")
    _NAMED = (
        (mark("ماه تولد"), "choice"),
        (mark("روز تولد"), "choice"),
        (mark("سال تولد"), "N05"),
    )
    """The parts in the order of the guide's picture: label, and message code of a missing one."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Refuse each missing part when some but not all are missing; else parse the date."""
        numbers = self._numbers()
        if self.is_possible and any(numbers) and not all(numbers):
            for (part, code), number in zip(self._NAMED, numbers, strict=True):
                if not number:
                    self.refuse(messages.text(code, field=gettext(part)))
            raise StopValidation
        super().pre_validate(form)

    def make(self, form: "StepTwoForm") -> JalaliDate:
        """Return the date. Raise InvalidDate for a malformed one and for an age out of bounds."""
        numbers = self._numbers()
        if not all(numbers):
            raise InvalidDate("empty")
        month, day, year = numbers
        if not re.fullmatch("[0-9]{4}", year):
            raise InvalidDate("year")
        if not all(re.fullmatch("[0-9]{1,2}", number) for number in (month, day)):
            raise InvalidDate("date")
        birth = JalaliDate.of(int(year), int(month), int(day))
        rules = form.applicant.rules
        birth.check_age(form.applicant.today, minimum=rules.min_age, maximum=rules.max_age)
        return birth

    def date_of(self, form: "StepTwoForm") -> JalaliDate | None:
        """Return the date for a field that is checked before this one; None for an invalid date."""
        try:
            return self.make(form) if self.is_possible else None
        except Invalid:
            return None

    def named(self, sentence: str) -> str:
        """Return the sentence with the label in front, unless it names the field or a part."""
        is_of_part = any(is_in(gettext(part), sentence) for part, _ in self._NAMED)
        return sentence if is_of_part else super().named(sentence)

    def _numbers(self) -> list[str]:
        return [bare_number(text) for text in self.texts.values()]


class _Resident(Protocol):
    """A form with a country and a city, and the countries that it does not offer."""

    country: Text
    not_offered: Container[str]


class ResidenceField(Parts[Residence]):
    """The city, from the list or by its name; with the field ``country`` it is the residence."""

    names = ("city", "city_text")

    @property
    def chosen(self) -> str:
        """Return the option of the list that was chosen, empty for none of them."""
        return city_named(self.texts["city"])

    def pre_validate(self, form: _Resident) -> None:
        """Parse the residence; beside a wrong country, a missing city is an error of its own."""
        Text.pre_validate(self, form)
        if form.country.errors:
            raise StopValidation
        try:
            self.data = self.make(form)
        except InvalidPlace as error:
            if not error.code.startswith("country"):
                form.country.approve()
                if error.code == "city_empty":
                    self.stop(self._code_of_missing(form.country.text))
                raise StopValidation(messages.of_field(error, self.words)) from None
            form.country.refuse(messages.of_field(error, form.country.words))
            if not any(self.texts.values()):
                self.tell(self._code_of_missing(""))
            return
        form.country.approve()
        self.approve()

    def _code_of_missing(self, country: str) -> str:
        """Return the message code of a missing city: of the list, or of the box beside it."""
        is_typed = self.texts["city"] == OTHER_CITY or country not in {"", IRAN}
        return "city.empty" if is_typed else "choice"

    def make(self, form: _Resident) -> Residence:
        """Return the residence."""
        typed = self.texts.values()
        return Residence.parse(form.country.text, *typed, not_offered=form.not_offered)


class ResidenceForm(PageForm):
    """Country and city alone, for who has an account."""

    country = Text(source("step2.country"))
    city = ResidenceField(source("step2.city"))

    def __init__(
        self, formdata: MultiDict[str, str] | None = None, *, not_offered: Container[str]
    ) -> None:
        self.not_offered = not_offered
        super().__init__(formdata)


class EmailField(Parsed[EmailAddress | None]):
    """The e-mail address, which may be empty unless ``registration.email_required`` is set."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Accept an empty address where none is required; else parse it."""
        if self.text.strip() or not self.is_possible or form.applicant.rules.email_required:
            super().pre_validate(form)


class OwnPasswordField(NewPasswordField):
    """The password, which must not contain the owner's names or national ID."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Skip the rules when the repetition is an impossible text (``Text.is_possible``)."""
        if form.password_again.is_possible:
            super().pre_validate(form)
        else:
            Text.pre_validate(self, form)

    def violations(self, form: "StepTwoForm") -> Sequence[str]:
        """Return the broken rules, those about names and national ID too."""
        return password_violations(
            self.text,
            given=_name_in(form.given_name),
            family=_name_in(form.family_name),
            national_id=form.applicant.national_id,
        )


class OwnPasswordAgainField(PasswordAgainField):
    """The password once more; it does not match an empty password either."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Compare with the password, unless that is an impossible text."""
        if not form.password.is_possible:
            Text.pre_validate(self, form)
            return
        super().pre_validate(form)
        if not form.password.text:
            self.tell("N14")


def _name_in(field: Parsed[PersonName]) -> PersonName | str:
    """Return the parsed name, or the typed text when it is not valid."""
    return field.text if field.errors else field.data


PROFESSION, COUNCIL_NUMBER = mark("حرفه"), mark("شماره نظام پزشکی")


class ProfessionForm(PageForm):
    """The profession that the owner of an account claims."""

    profession = Parsed(PROFESSION, Profession.parse)
    council_number = Parsed(COUNCIL_NUMBER, CouncilNumber.parse)

    def claim(self) -> PhysicianClaim:
        """Return the claim; the form must be valid."""
        return PhysicianClaim(self.council_number.data, self.profession.data)


class LookedOverForm(PageForm):
    """Sends what the citizen has looked over."""

    ready = Hidden()
    """Names what was shown (``ReadyCase.id``)."""


class StepTwoForm(ProfessionForm):
    """Step two; profession and council number on the physicians' page only."""

    family_name = Parsed(source("step2.last_name"), PersonName.parse)
    given_name = Parsed(source("step2.first_name"), PersonName.parse)
    certificate_number = CertificateField(source("step2.cert_no"))
    serial = Parsed(source("step2.serial"), Serial.parse)
    series = SeriesField(source("step2.series"))
    birth = BirthField(source("step2.birth"))
    gender = Parsed(source("step2.gender"), Gender.parse)
    profession = Parsed(PROFESSION, Profession.parse)
    council_number = Parsed(COUNCIL_NUMBER, CouncilNumber.parse)
    question = Parsed(source("step2.question"), SecurityQuestion.parse)
    answer = Parsed(source("step2.answer"), answer_key)
    country = Text(source("step2.country"))
    city = ResidenceField(source("step2.city"))
    email = EmailField(source("step2.email"), EmailAddress.parse)
    password = OwnPasswordField(source("step2.password"))
    password_again = OwnPasswordAgainField(source("step2.password2"))

    def __init__(
        self, formdata: MultiDict[str, str] | None = None, *, applicant: Applicant
    ) -> None:
        self.applicant = applicant
        self.not_offered = not_offered(applicant.rules)
        super().__init__(formdata)
        if not applicant.as_physician:
            del self.profession, self.council_number

    def details(self) -> Details:
        """Return the details; the form must be valid."""
        return Details(
            family_name=self.family_name.data,
            given_name=self.given_name.data,
            certificate_number=self.certificate_number.data,
            serial=self.serial.data,
            series=self.series.data,
            birth=self.birth.data,
            gender=self.gender.data,
            question=self.question.data,
            residence=self.city.data,
            email=self.email.data,
            physician=self.claim() if self.applicant.as_physician else None,
        )
