"""All personas of the demonstration end as their file says, with the embedded registry."""

from datetime import timedelta

import pytest

from idp import resources
from idp.adapters.registries.embedded import (
    EmbeddedCivilRegistry,
    EmbeddedInsuranceFile,
    EmbeddedMobileOwnership,
)
from idp.domain.mobile import Mobile
from idp.jobs.build import build_crew
from idp.ports import RegistryRecord
from tests.services.cases.laboratory import PERSONAS, Laboratory, persona_of

SUBMITTED = [name for name, row in PERSONAS.items() if row["expect"] != "refused"]
BEFORE_THE_DEADLINE = timedelta(hours=47)


class Embedded:
    """The three embedded registries as one."""

    def __init__(self, people):
        self.lookup = EmbeddedCivilRegistry(people).lookup
        self.check = EmbeddedMobileOwnership(people).check
        self.roles = EmbeddedInsuranceFile(people).roles


@pytest.fixture
def lab(sqlite_url):
    laboratory = Laboratory(sqlite_url)
    people = laboratory.database.registry_people()
    people.load({persona_of(name)[0].national_id: record_of(name) for name in SUBMITTED})
    laboratory.registries = Embedded(people)
    laboratory.crew = build_crew(
        laboratory.worker_ports(), laboratory.use_cases(), poll=timedelta(seconds=1)
    )
    yield laboratory
    laboratory.close()


def record_of(name):
    row = PERSONAS[name]
    return RegistryRecord(
        person=persona_of(name)[1],
        mobile=Mobile(row["mobile"]),
        civil=row["answers"]["civil"],
        phone=row["answers"]["phone"],
        insured=row["insured"],
    )


@pytest.mark.parametrize("name", SUBMITTED)
def test_a_persona_ends_as_expected(lab, name):
    case = lab.submit(persona_of(name)[0])

    lab.work_for(BEFORE_THE_DEADLINE)

    assert lab.case(case).state == PERSONAS[name]["expect"]


@pytest.mark.parametrize("name", SUBMITTED)
def test_a_persona_gets_the_expected_message(lab, name):
    application, _ = persona_of(name)
    lab.submit(application)

    lab.work_for(BEFORE_THE_DEADLINE)

    assert lab.texts_to(application.mobile) == [resources.sms_text(PERSONAS[name]["sms"])]


def test_the_role_insured_is_the_insurance_files(lab):
    for name in ("ok_male", "ok_leap_birth"):
        lab.submit(persona_of(name)[0])

    lab.work()

    roles = [lab.account(persona_of(n)[0].national_id).roles for n in ("ok_male", "ok_leap_birth")]
    assert roles == [("insured",), ()]
