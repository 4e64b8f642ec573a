"""The two forms of the registration: fields in, values of the rules out."""

import re
from dataclasses import dataclass

from idp.domain.people.certificate import CertificateNumber, Serial, Series
from idp.domain.people.email_address import EmailAddress
from idp.domain.people.mobile import Mobile, Operator
from idp.domain.people.national_id import NationalId
from idp.domain.people.password import has_persian_letters, password_violations
from idp.domain.people.person import Gender
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.domain.people.places import InvalidPlace, Residence
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.domain.persian.digits import clean_number
from idp.domain.persian.jalali import InvalidDate, JalaliDate
from idp.domain.persian.names import PersonName
from idp.services.registration.steps import StepOneForm, StepTwoForm
from idp.settings import Registration
from idp.web.forms.fields import Submitted
from idp.web.http import languages
from idp.web.http.languages import gettext, mark
from idp.web.words import guide_texts, messages


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a form, and whether it is the physicians' one."""

    browser: str
    address: str
    as_physician: bool = False


@dataclass(frozen=True, slots=True)
class Applicant:
    """What is known before step two is read."""

    national_id: NationalId
    today: JalaliDate
    rules: Registration
    as_physician: bool = False


def read_step_one(form: Submitted, sender: Sender) -> StepOneForm | None:
    """Return step one, or None with the errors noted in ``form``."""
    label = guide_texts.screen
    national_id = form.parse("national_id", label("field.nid"), NationalId.parse)
    operator = form.parse("operator", label("field.operator"), Operator.parse)
    mobile = form.parse("mobile", label("field.mobile"), Mobile.parse)
    if national_id is None or operator is None or mobile is None:
        return None
    return StepOneForm(
        national_id,
        operator,
        mobile,
        sender.browser,
        sender.address,
        as_physician=sender.as_physician,
    )


def read_step_two(form: Submitted, applicant: Applicant) -> StepTwoForm | None:
    """Return step two, or None with the errors of all fields noted in ``form``."""
    label = guide_texts.screen
    family = form.parse("family_name", label("step2.last_name"), PersonName.parse)
    given = form.parse("given_name", label("step2.first_name"), PersonName.parse)
    birth = _birth(form, applicant)
    values = {
        "family_name": family,
        "given_name": given,
        "birth": birth,
        "certificate_number": _certificate_number(form, applicant, birth),
        "serial": form.parse("serial", label("step2.serial"), Serial.parse),
        "series": _series(form),
        "gender": form.parse("gender", label("step2.gender"), Gender.parse),
        "question": form.parse("question", label("step2.question"), SecurityQuestion.parse),
        "answer_key": form.parse("answer", label("step2.answer"), answer_key),
        "residence": _residence(form, applicant.rules),
        "email": _email(form, applicant.rules),
        "password": _password(form, applicant, (given, family)),
        "physician": read_claim(form) if applicant.as_physician else None,
    }
    if not form.is_good:
        form.arrange(*_STEP_TWO)
        return None
    return StepTwoForm(**values)  # type: ignore[arg-type] # every None has noted its error


_STEP_TWO = (
    *("family_name", "given_name", "certificate_number", "serial", "series", "birth", "gender"),
    *("profession", "council_number", "question", "answer", "country", "city", "email"),
    *("password", "password_again"),
)
"""The fields as they stand in the page; the certificate's number cannot be read before the birth
date, which stands below it."""


def read_claim(form: Submitted) -> PhysicianClaim | None:
    """Return the profession that is claimed, or None with the errors noted in ``form``."""
    profession = form.parse("profession", languages.gettext("حرفه"), Profession.parse)
    label = languages.gettext("شماره نظام پزشکی")
    number = form.parse("council_number", label, CouncilNumber.parse)
    if profession is None or number is None:
        return None
    return PhysicianClaim(number, profession)


def _certificate_number(
    form: Submitted, applicant: Applicant, birth: JalaliDate | None
) -> CertificateNumber | None:
    def parse(typed: str) -> CertificateNumber:
        return CertificateNumber.parse(typed, national_id=applicant.national_id, birth=birth)

    return form.parse("certificate_number", guide_texts.screen("step2.cert_no"), parse)


def _series(form: Submitted) -> Series | None:
    label = guide_texts.screen("step2.series")
    letter, letter_number, number = _parts(
        form, "series", label, ("series_letter", "series_letter_number", "series_number")
    )
    if "series" in form.errors:
        return None
    return form.attempt(
        "series", label, lambda: Series.parse(letter, number, letter_number=letter_number)
    )


_BIRTH_PARTS = {
    "birth_month": (mark("ماه تولد"), "choice"),
    "birth_day": (mark("روز تولد"), "choice"),
    "birth_year": (mark("سال تولد"), "N05"),
}
"""In the order of the guide's picture: their names, and the words for one that is missing."""


def _birth(form: Submitted, applicant: Applicant) -> JalaliDate | None:
    label = guide_texts.screen("step2.birth")
    parts = _parts(form, "birth", label, tuple(_BIRTH_PARTS))
    if "birth" in form.errors:
        return None
    numbers = [clean_number(part) for part in parts]
    if any(numbers) and not all(numbers):
        for (part, code), number in zip(_BIRTH_PARTS.values(), numbers, strict=True):
            if not number:
                form.refuse("birth", messages.text(code, field=gettext(part)))
        return None
    return form.attempt("birth", label, lambda: _date(numbers, applicant))


def _date(numbers: list[str], applicant: Applicant) -> JalaliDate:
    if not all(numbers):
        raise InvalidDate("empty")
    month, day, year = numbers
    if not re.fullmatch("[0-9]{4}", year):
        raise InvalidDate("year")
    if not all(re.fullmatch("[0-9]{1,2}", number) for number in (month, day)):
        raise InvalidDate("date")
    birth = JalaliDate.of(int(year), int(month), int(day))
    rules = applicant.rules
    birth.check_age(applicant.today, minimum=rules.min_age, maximum=rules.max_age)
    return birth


def _parts(form: Submitted, group: str, label: str, names: tuple[str, ...]) -> list[str]:
    """Return the texts of a group of controls; an impossible one is an error of the group."""
    texts = [form.text(name, label) for name in names]
    for name in names:
        for sentence in form.errors.pop(name, []):
            form.refuse(group, sentence)
    return texts


def _residence(form: Submitted, rules: Registration) -> Residence | None:
    country = form.text("country", guide_texts.screen("step2.country"))
    city, city_text = _parts(form, "city", guide_texts.screen("step2.city"), ("city", "city_text"))
    if not {"country", "city"}.isdisjoint(form.errors):
        return None
    try:
        residence = Residence.parse(
            country, city, city_text, not_offered=rules.countries_not_offered
        )
    except InvalidPlace as error:
        _refuse_place(form, error, is_city_given=bool(city or city_text))
        return None
    form.approve("country")
    form.approve("city")
    return residence


def _refuse_place(form: Submitted, error: InvalidPlace, *, is_city_given: bool) -> None:
    """Note the error at its field; a country says nothing yet of a city that is missing too."""
    name = "country" if error.code.startswith("country") else "city"
    form.refuse(name, messages.of_field(error, guide_texts.screen(f"step2.{name}")))
    if name == "city":
        form.approve("country")
    elif not is_city_given:
        form.refuse("city", messages.text("city.empty", field=guide_texts.screen("step2.city")))


def _email(form: Submitted, rules: Registration) -> EmailAddress | None:
    label = guide_texts.screen("step2.email")
    if not rules.email_required and not form.text("email", label).strip():
        return None
    return form.parse("email", label, EmailAddress.parse)


def _password(
    form: Submitted, applicant: Applicant, names: tuple[PersonName | None, PersonName | None]
) -> str:
    """Return the password; nothing of it is ever shown again, so it gets no mark."""
    given, family = (name or form.value(field) for name, field in zip(names, _NAMES, strict=True))
    typed = form.text("password", guide_texts.screen("step2.password"))
    repeated = form.text("password_again", guide_texts.screen("step2.password2"))
    if not {"password", "password_again"}.isdisjoint(form.errors):
        return ""
    for sentence in password_sentences(
        typed,
        password_violations(typed, given=given, family=family, national_id=applicant.national_id),
    ):
        form.refuse("password", sentence)
    if not repeated:
        label = guide_texts.screen("step2.password2")
        form.refuse("password_again", messages.text("N05", field=label))
    elif typed != repeated:
        form.refuse("password_again", messages.text("N14"))
    return typed


_NAMES = ("given_name", "family_name")


def password_sentences(typed: str, violations: tuple[str, ...]) -> list[str]:
    """Return what is wrong with a new password, each sentence once.

    An empty one is only missing; letters of the Persian keyboard are answered with the guide's
    sentence about the EN keyboard.
    """
    if not typed:
        return [messages.text("N05", field=guide_texts.screen("step2.password"))]
    if has_persian_letters(typed):
        return [messages.text("keyboard")]
    codes = ("password.too_long" if code == "too_long" else code for code in violations)
    return list(dict.fromkeys(messages.text(code) for code in codes))
