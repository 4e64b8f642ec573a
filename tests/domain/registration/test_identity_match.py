import pytest

from idp.domain.people.certificate import Serial, Series
from idp.domain.people.national_id import NationalId
from idp.domain.people.person import Gender, RegistryBirth
from idp.domain.persian.jalali import JalaliDate
from idp.domain.persian.names import PersonName
from idp.domain.registration.identity_match import (
    ALL_CAPABILITIES,
    capabilities_of,
    compare_identity,
)
from tests.personas import application, person

NOTHING_MORE = frozenset[str]()


def reasons(submitted, registered, capabilities=ALL_CAPABILITIES):
    result = compare_identity(submitted, registered, capabilities)
    assert result.matched is (not result.reasons)
    return result.reasons


@pytest.mark.parametrize(
    "name",
    ["ok_male", "ok_female_post1368", "ok_sayyid", "ok_leap_birth", "mobile_of_other", "physician"],
)
def test_who_types_what_the_registry_has_is_the_person(name):
    assert compare_identity(application(name), person(name), ALL_CAPABILITIES).matched


def test_spaces_and_titles_make_no_difference():
    typed = application("ok_sayyid", given_name=PersonName.parse("حسین"))

    assert compare_identity(typed, person("ok_sayyid"), ALL_CAPABILITIES).matched


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"family_name": PersonName.parse("کریمی")}, "family_name"),
        ({"family_name": PersonName.parse("احمدی نژد")}, "family_name_near"),
        ({"given_name": PersonName.parse("محمد")}, "given_name"),
        ({"given_name": PersonName.parse("محمدرذا")}, "given_name_near"),
        ({"birth": JalaliDate(1360, 5, 13)}, "birth"),
        ({"gender": Gender.FEMALE}, "gender"),
        ({"serial": Serial("123457")}, "serial"),
        ({"series": Series("ب", "12")}, "series"),
        ({"series": Series("الف", "13")}, "series"),
        ({"national_id": NationalId("9999872001")}, "national_id"),
    ],
)
def test_any_difference_fails_with_its_reason(changes, reason):
    assert reasons(application(**changes), person()) == (reason,)


def test_every_difference_is_recorded():
    typed = application(gender=Gender.FEMALE, serial=Serial("000001"))

    assert reasons(typed, person(alive=False)) == ("deceased", "gender", "serial")


@pytest.mark.parametrize("known", ["0", "9999872001", "09999872001"])
def test_zero_and_the_national_id_are_one_certificate_number(known):
    registered = person("ok_female_post1368", certificate_number=known)

    assert reasons(application("ok_female_post1368"), registered) == ()


@pytest.mark.parametrize("known", ["1355", "0", "", "?", "²", None])
def test_another_certificate_number_is_a_difference(known):
    assert reasons(application(), person(certificate_number=known)) == ("certificate_number",)


def test_serials_compare_as_integers():
    registered = person("ok_female_post1368", serial="1234")

    assert reasons(application("ok_female_post1368"), registered) == ()


@pytest.mark.parametrize("changes", [{"serial": None}, {"series": None}, {"gender": None}])
def test_what_the_registry_should_know_and_does_not_is_a_difference(changes):
    assert reasons(application(), person(**changes)) == tuple(changes)


def test_fields_beyond_the_capabilities_are_left_out():
    bare = person(gender=None, certificate_number=None, serial=None, series=None)

    assert reasons(application(), bare, NOTHING_MORE) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"given_name": "رضا"},
        {"family_name": "کریمی"},
        {"birth": RegistryBirth(1361, 0, 0)},
        {"alive": False},
    ],
)
def test_names_birth_and_life_are_always_compared(changes):
    assert not compare_identity(application(), person(**changes), NOTHING_MORE).matched


@pytest.mark.parametrize("field", sorted(ALL_CAPABILITIES))
def test_a_registry_can_do_without_what_it_does_not_fill(field):
    assert capabilities_of(person(**{field: None})) == ALL_CAPABILITIES - {field}


def test_a_registry_that_fills_everything_can_do_everything():
    assert capabilities_of(person()) == ALL_CAPABILITIES
