"""All answers of a registration, as the citizen looks over them before they are sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from idp.domain.people.person import Application
from idp.domain.people.physician import PhysicianClaim
from idp.domain.persian.characters import NBSP
from idp.domain.persian.jalali import MONTHS, JalaliDate
from idp.web.http.languages import digits, gettext, mark
from idp.web.registration.forms import COUNCIL_NUMBER, PROFESSION
from idp.web.words.guide_texts import screen

PERSON, CERTIFICATE = mark("مشخصات فردی"), mark("شناسنامه")
CONTACT, QUESTION = mark("محل سکونت و تماس"), mark("سوال امنیتی")


class Kind(StrEnum):
    """How an answer is shown: in the page's language, in Persian everywhere, or left to right."""

    WORDS = "words"
    PERSIAN = "persian"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Row:
    """An answer with the label of its field; ``number`` is read after the value."""

    label: str
    value: str
    kind: Kind = Kind.WORDS
    number: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that are changed together; ``field`` is the first of their fields on the form."""

    title: str
    field: str
    rows: tuple[Row, ...]


def groups(application: Application, country: str) -> Iterator[Group]:
    """Yield the groups in the order of the form, in the language of the page.

    ``country`` is the name of the country of residence, as the form's list has it. Labels and
    values are those of the form. The answer to the question and the password are none of them.
    """
    yield Group(gettext(PERSON), "family_name", _of_person(application))
    yield Group(gettext(CERTIFICATE), "certificate_number", _of_certificate(application))
    claim = application.physician
    if claim is not None:
        yield Group(gettext(PROFESSION), "profession", _of_claim(claim))
    question = Row(screen("step2.question"), gettext(application.question.text))
    yield Group(gettext(QUESTION), "question", (question,))
    yield Group(gettext(CONTACT), "country", _of_contact(application, country))


def _of_person(application: Application) -> tuple[Row, ...]:
    return (
        Row(screen("step2.last_name"), application.family_name.value, Kind.PERSIAN),
        Row(screen("step2.first_name"), application.given_name.value, Kind.PERSIAN),
        Row(screen("step2.nid"), application.national_id.value, Kind.IDENTIFIER),
        Row(screen("step2.birth"), _day(application.birth)),
        Row(screen("step2.gender"), gettext(application.gender.label)),
    )


def _of_certificate(application: Application) -> tuple[Row, ...]:
    series = application.series
    return (
        Row(screen("step2.cert_no"), application.certificate_number.value, Kind.IDENTIFIER),
        Row(screen("step2.serial"), application.serial.value, Kind.IDENTIFIER),
        Row(screen("step2.series"), series.letter, Kind.PERSIAN, series.number),
    )


def _of_claim(claim: PhysicianClaim) -> tuple[Row, ...]:
    return (
        Row(gettext(PROFESSION), gettext(claim.profession.label)),
        Row(gettext(COUNCIL_NUMBER), claim.number.value, Kind.IDENTIFIER),
    )


def _of_contact(application: Application, country: str) -> tuple[Row, ...]:
    email = application.email
    return (
        Row(screen("step2.country"), country),
        Row(screen("step2.city"), application.residence.city, Kind.PERSIAN),
        *((Row(screen("step2.email"), email.value, Kind.IDENTIFIER),) if email else ()),
        Row(screen("step2.mobile"), application.mobile.national, Kind.IDENTIFIER),
    )


def _day(birth: JalaliDate) -> str:
    return f"{digits(birth.day)}{NBSP}{gettext(MONTHS[birth.month - 1])} {digits(birth.year)}"
