"""The forms of the registration: what the rules make of each field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from wtforms.validators import StopValidation

from idp.domain.errors import Invalid
from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.password import password_violations
from idp.domain.people.person import Details, Gender
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.people.places import InvalidPlace, Residence
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.domain.persian.digits import clean_number
from idp.domain.persian.jalali import InvalidDate, JalaliDate
from idp.domain.persian.names import PersonName
from idp.settings import Registration
from idp.web.forms.fields import Parsed, Parts, Text, Value, is_in
from idp.web.forms.new_password import NewPasswordField, PasswordAgainField
from idp.web.forms.page_form import PageForm
from idp.web.http.languages import gettext, mark
from idp.web.words import messages
from idp.web.words.guide_texts import source


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known before step two is read."""

    national_id: NationalId
    today: JalaliDate
    rules: Registration
    as_physician: bool = False


class StepOneForm(PageForm):
    """Who registers, and the phone."""

    national_id = Parsed(source("field.nid"), NationalId.parse)
    operator = Parsed(source("field.operator"), Operator.parse)
    mobile = Parsed(source("field.mobile"), Mobile.parse)


class CertificateField(Value[CertificateNumber]):
    """The number of the birth certificate, which the birth date below it decides."""

    def make(self, form: "StepTwoForm") -> CertificateNumber:
        """Return the number as the citizen's own, for the day of birth as far as it is one."""
        return CertificateNumber.parse(
            self.text, national_id=form.applicant.national_id, birth=form.birth.date_of(form)
        )


class SeriesField(Parts[Series]):
    """The series of the birth certificate."""

    names = ("series_letter", "series_letter_number", "series_number")

    def make(self, form: "StepTwoForm") -> Series:
        """Return the series."""
        letter, letter_number, number = self.texts.values()
        return Series.parse(letter, number, letter_number=letter_number)


class BirthField(Parts[JalaliDate]):
    """The day of birth."""

    names = ("birth_month", "birth_day", "birth_year")
    _NAMED = (
        (mark("ماه تولد"), "choice"),
        (mark("روز تولد"), "choice"),
        (mark("سال تولد"), "N05"),
    )
    """In the order of the guide's picture: their names, and the words for one that is missing."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Name the parts that are missing, where not all are; else read the date."""
        numbers = self._numbers()
        if self.is_possible and any(numbers) and not all(numbers):
            for (part, code), number in zip(self._NAMED, numbers, strict=True):
                if not number:
                    self.refuse(messages.text(code, field=gettext(part)))
            raise StopValidation
        super().pre_validate(form)

    def make(self, form: "StepTwoForm") -> JalaliDate:
        """Return the date, of somebody old enough and not too old."""
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
        """Return the date for a field above this one, which is checked before; None for none."""
        try:
            return self.make(form) if self.is_possible else None
        except Invalid:
            return None

    def named(self, sentence: str) -> str:
        """Return the sentence as it is where it names a part."""
        is_of_part = any(is_in(gettext(part), sentence) for part, _ in self._NAMED)
        return sentence if is_of_part else super().named(sentence)

    def _numbers(self) -> list[str]:
        return [clean_number(text) for text in self.texts.values()]


class ResidenceField(Parts[Residence]):
    """The city, from the list or by its name; with the country above it the residence."""

    names = ("city", "city_text")

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Refuse the country or the city; a wrong country says nothing yet of a missing city."""
        Text.pre_validate(self, form)
        if form.country.errors:
            raise StopValidation
        try:
            self.data = self.make(form)
        except InvalidPlace as error:
            if not error.code.startswith("country"):
                form.country.approve()
                raise StopValidation(messages.of_field(error, self.words)) from None
            form.country.refuse(messages.of_field(error, form.country.words))
            if not any(self.texts.values()):
                self.tell("city.empty")
            return
        form.country.approve()
        self.approve()

    def make(self, form: "StepTwoForm") -> Residence:
        """Return the residence."""
        return Residence.parse(
            form.country.text,
            *self.texts.values(),
            not_offered=form.applicant.rules.countries_not_offered,
        )


class EmailField(Parsed[EmailAddress | None]):
    """The address, which some deployments do not require."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Let it be empty where it may."""
        if self.text.strip() or not self.is_possible or form.applicant.rules.email_required:
            super().pre_validate(form)


class OwnPasswordField(NewPasswordField):
    """The password, which must not hold what the form says of its owner."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Check no rule where the repetition cannot be read."""
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
    """The password once more, which is no repetition of nothing."""

    def pre_validate(self, form: "StepTwoForm") -> None:
        """Compare with a password that can be read."""
        if not form.password.is_possible:
            Text.pre_validate(self, form)
            return
        super().pre_validate(form)
        if not form.password.text:
            self.tell("N14")


def _name_in(field: Parsed[PersonName]) -> PersonName | str:
    """Return the name, or what was typed instead of one."""
    return field.text if field.errors else field.data


PROFESSION, COUNCIL_NUMBER = mark("حرفه"), mark("شماره نظام پزشکی")


class ProfessionForm(PageForm):
    """The profession that the owner of an account claims."""

    profession = Parsed(PROFESSION, Profession.parse)
    council_number = Parsed(COUNCIL_NUMBER, CouncilNumber.parse)

    def claim(self) -> PhysicianClaim:
        """Return the claim of a form that is right."""
        return PhysicianClaim(self.council_number.data, self.profession.data)


class StepTwoForm(ProfessionForm):
    """Who the applicant is; the profession on the physicians' way only."""

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
        super().__init__(formdata)
        if not applicant.as_physician:
            del self.profession, self.council_number

    def details(self) -> Details:
        """Return the details, of a form that is right."""
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
