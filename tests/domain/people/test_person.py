import json
from dataclasses import fields

import pytest

from idp.domain.people.person import Application, Gender, InvalidGender, Person, RegistryBirth
from idp.domain.persian.jalali import JalaliDate
from tests.personas import PERSONAS, application, person

RECORDED = [name for name, persona in PERSONAS.items() if persona["registry"]]


@pytest.mark.parametrize("name", RECORDED)
def test_a_person_survives_json(name):
    stored = json.dumps(person(name).to_json())

    assert Person.from_json(json.loads(stored)) == person(name)


@pytest.mark.parametrize("name", PERSONAS)
def test_an_application_survives_json(name):
    stored = json.dumps(application(name).to_json())

    assert Application.from_json(json.loads(stored)) == application(name)


def test_what_is_missing_survives_json():
    sparse = person(gender=None, series=None, serial=None, certificate_number=None)
    without_email = application(email=None)

    assert Person.from_json(json.loads(json.dumps(sparse.to_json()))) == sparse
    assert Application.from_json(json.loads(json.dumps(without_email.to_json()))) == without_email


@pytest.mark.parametrize("value", [person(), application()], ids=["person", "application"])
def test_every_field_is_stored(value):
    assert set(value.to_json()) == {field.name for field in fields(value)}


@pytest.mark.parametrize("value", [person(), application(), person().birth], ids=type)
def test_no_repr_tells_personal_data(value):
    assert not any(word in repr(value) for word in ("احمدی", "9994863177", "1360, 5", "9129129929"))


@pytest.mark.parametrize(
    ("birth", "is_same"),
    [
        ((1360, 5, 12), True),
        ((1360, 5, 13), False),
        ((1360, 6, 12), False),
        ((1361, 5, 12), False),
        ((1360, 0, 0), True),
        ((1361, 0, 0), False),
        ((1360, 5, 0), True),
        ((1360, 6, 0), False),
    ],
)
def test_only_what_the_registry_knows_of_a_birth_is_compared(birth, is_same):
    assert RegistryBirth(*birth).is_same_as(JalaliDate(1360, 5, 12)) is is_same


def test_the_genders_have_the_words_of_the_card():
    assert [Gender.parse(value).label for value in ("male", "female")] == ["مرد", "زن"]


@pytest.mark.parametrize(("text", "code"), [("", "empty"), ("مرد", "unknown")])
def test_a_gender_that_was_not_offered_is_refused(text, code):
    with pytest.raises(InvalidGender) as refusal:
        Gender.parse(text)

    assert refusal.value.code == code
